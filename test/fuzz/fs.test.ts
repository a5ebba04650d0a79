// Random sequences of calls on vfs.fs and on the kernel's tmpfs through node:fs, by several
// identities: the same results, errors and trees. SEED=n runs from another seed.

import fs from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { campaign, freshFolder, IDENTITIES, isJudge, laterCampaign } from './fs-campaign.ts';

const RUNS = 5000;
/** Of what several do by turns: each of them has runs of his own beside. */
const TOGETHER_RUNS = 1000;
const LATER_RUNS = 1000;
const SEED = Number(process.env['SEED'] ?? 20);

if (!isJudge) process.stderr.write('skipped: who is to be other users must be root on Linux\n');

describe.runIf(isJudge)(`sequences of calls from seed ${SEED} on`, () => {
  const folder = freshFolder();
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  test.each(Object.entries(IDENTITIES))(
    'go on ours as they go on the kernel, made by %s',
    (who, users) => {
      const wanted = users.length === 1 ? RUNS : TOGETHER_RUNS;
      const { runs, failure } = campaign(folder, users, wanted, SEED);
      process.stderr.write(`${runs} sequences by ${who} from seed ${SEED} on\n`);
      expect(failure).toBeNull();
      expect(runs).toBe(wanted);
    },
    300_000,
  );

  test('go so when they are answered later, by callbacks and promises', async () => {
    const { runs, failure } = await laterCampaign(folder, LATER_RUNS, SEED);
    process.stderr.write(`${runs} sequences answered later from seed ${SEED} on\n`);
    expect(failure).toBeNull();
  }, 300_000);
});
