// The same with a clock that goes on from call to call: every name has the same four times after
// each, by the call in which they were stamped.

import { campaignTest } from './fs-suite.ts';

/** Few: the kernel's clock is waited for before every call. */
const TIMED_RUNS = 25;

for (const who of ['root', 'a user', 'two users and root']) {
  campaignTest(who, TIMED_RUNS, true);
}
