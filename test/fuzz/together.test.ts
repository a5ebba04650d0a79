// The same by two users and root by turns, and with calls that answer later.

import { laterCampaign } from './fs-campaign.ts';
import { campaignTest, identityTest, SEED } from './fs-suite.ts';

/** Of what several do by turns: root and a user have runs of their own. */
const TOGETHER_RUNS = 1000;
const LATER_RUNS = 1000;

identityTest('two users and root', TOGETHER_RUNS);

campaignTest(
  'go so when they are answered later, by callbacks and promises',
  LATER_RUNS,
  (folder) => laterCampaign(folder, LATER_RUNS, SEED),
);
