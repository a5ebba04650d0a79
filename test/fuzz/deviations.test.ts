// Every deviation that a sequence may take, by its example: one that no longer differs is stale.

import fs from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { freshFolder, played } from './fs-campaign.ts';
import { DEVIATIONS } from './fs-deviations.ts';
import { beSelf, isJudge, SELF } from './fs-sides.ts';

describe.runIf(isJudge)('a listed deviation is one', () => {
  const folder = freshFolder();
  afterAll(() => {
    beSelf();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, { example }] of Object.entries(DEVIATIONS)) {
    if (example === undefined) continue;
    test(name, async () => {
      const met = new Set<string>();
      const sequence = { ...example, isImaged: false };
      expect(
        await played(`${folder}/top`, [example.user ?? SELF], sequence, false, met),
      ).toBeNull();
      expect([...met]).toEqual([name]);
    });
  }
});
