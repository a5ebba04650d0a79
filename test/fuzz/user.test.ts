// The same by a user: what he may, and what he may not.

import { identityTest } from './fs-suite.ts';

identityTest('a user', 5000);
