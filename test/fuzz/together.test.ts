// The same by two users and root by turns.

import { campaignTest } from './fs-suite.ts';

/** Root and a user have runs of their own. */
const TOGETHER_RUNS = 1000;

campaignTest('two users and root', TOGETHER_RUNS);
