/**
 * The campaigns as tests: each in a file of its own, so that they run side by side.
 */

import fs from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { campaign, freshFolder, IDENTITIES, isJudge, type Verdict } from './fs-campaign.ts';

/** Where the sequences start: SEED=n runs others. */
export const SEED = Number(process.env['SEED'] ?? 20);

const PATIENCE_MS = 300_000;

/** Registers a test, called `title`, of what `run` finds below a folder of its own. */
export function campaignTest(
  title: string,
  runs: number,
  run: (folder: string) => Verdict | Promise<Verdict>,
): void {
  if (!isJudge) process.stderr.write('skipped: who is to be other users must be root on Linux\n');
  describe.runIf(isJudge)(`sequences of calls from seed ${SEED} on`, () => {
    const folder = freshFolder();
    afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

    test(
      title,
      async () => {
        const verdict = await run(folder);
        process.stderr.write(`${verdict.runs} sequences from seed ${SEED} on ${title}\n`);
        expect(verdict.failure).toBeNull();
        expect(verdict.runs).toBe(runs);
      },
      PATIENCE_MS,
    );
  });
}

/** The same of `runs` sequences by those whom `who` names. */
export function identityTest(who: keyof typeof IDENTITIES, runs: number): void {
  const title = `go on ours as they go on the kernel, made by ${who}`;
  campaignTest(title, runs, (folder) => campaign(folder, IDENTITIES[who]!, runs, SEED));
}
