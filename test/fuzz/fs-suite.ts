/**
 * The campaigns as tests: each in a file of its own, so that they run side by side.
 */

import fs from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { campaign, freshFolder, IDENTITIES } from './fs-campaign.ts';
import { isJudge } from './fs-sides.ts';

/** Where the sequences start: SEED=n runs others. */
const SEED = Number(process.env['SEED'] ?? 20);

const PATIENCE_MS = 300_000;

/**
 * Registers a test of `runs` sequences by those whom `who` names. Where this process cannot be
 * others it is itself in place of root, and the others are skipped.
 */
export function campaignTest(who: keyof typeof IDENTITIES, runs: number, isTimed = false): void {
  const users = isJudge || who !== 'root' ? IDENTITIES[who] : IDENTITIES['who runs it'];
  const isRun = process.platform === 'linux' && users !== undefined;
  if (!isRun) process.stderr.write(`skipped: to be ${who} one must be root on Linux\n`);
  describe.runIf(isRun)(`sequences of calls from seed ${SEED} on`, () => {
    const folder = freshFolder();
    afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

    const title = `go on ours as they go on the kernel, made by ${who}`;
    test(
      isTimed ? `${title}, at the same times` : title,
      async () => {
        const verdict = await campaign(folder, { users: users!, runs, seed: SEED, isTimed });
        process.stderr.write(`${verdict.runs} sequences by ${who} from seed ${SEED} on\n`);
        expect(verdict.failure).toBeNull();
        expect(verdict.runs).toBe(runs);
      },
      PATIENCE_MS,
    );
  });
}
