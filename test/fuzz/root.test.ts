// Random sequences of calls by root, on vfs.fs and on the kernel's tmpfs: the same results, errors
// and trees. A tenth is called with callbacks, a tenth promised.

import { campaignTest } from './fs-suite.ts';

campaignTest('root', 2000);
