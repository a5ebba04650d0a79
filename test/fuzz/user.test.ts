// The same by a user: what he may, and what he may not.

import { campaignTest } from './fs-suite.ts';

campaignTest('a user', 2000);
