// Random sequences of calls on vfs.fs and on the kernel's tmpfs through node:fs, by several
// identities: the same results, errors and trees. SEED=n runs from another seed.

import fs from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { campaign, freshFolder, IDENTITIES } from './fs-campaign.ts';
import { DEVIATIONS } from './fs-deviations.ts';
import { isJudge } from './fs-sides.ts';

const RUNS = 5000;
const SEED = Number(process.env['SEED'] ?? 20);

if (!isJudge) process.stderr.write('skipped: who is to be other users must be root on Linux\n');

describe.runIf(process.platform === 'linux')(`sequences of calls from seed ${SEED} on`, () => {
  const folder = freshFolder();
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  const met = new Map<string, number>();

  test.each(Object.entries(IDENTITIES))(
    'go on ours as they go on the kernel, made by %s',
    async (who, users) => {
      const { runs, failure } = await campaign(folder, { users, runs: RUNS, seed: SEED, met });
      process.stderr.write(`${runs} sequences by ${who} from seed ${SEED} on\n`);
      expect(failure).toBeNull();
      expect(runs).toBe(RUNS);
    },
    300_000,
  );

  test('meet every deviation that is listed', () => {
    expect([...met.keys()].sort()).toEqual(Object.keys(DEVIATIONS).sort());
  });
});
