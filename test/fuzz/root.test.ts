// Random sequences of calls by root, on vfs.fs and on the kernel's tmpfs: the same results, errors
// and trees.

import { identityTest } from './fs-suite.ts';

identityTest('root', 5000);
