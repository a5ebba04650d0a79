// Whenever the power fails, what is left boots the old state or the new one, fsck.fat has nothing
// to mend but clusters that nobody owns, and the next commit works. Attacked by cutting at every
// write and sync, and letting every unsynced sector survive or not, by itself: all combinations
// where they are few, classes of them where they are many. `npm run powercut` tries many more.

import { afterAll, expect, test } from 'vitest';
import { fsckFat, missingOf, newFolder } from '../support/fat-tools.ts';
import { seeds } from '../support/prng.ts';
import { hostScenes } from './host-scenes.ts';
import { scenes } from './scenes.ts';
import { trial } from './trial.ts';

const { folder, remove } = newFolder();
afterAll(remove);

const hasFsck = missingOf(['fsck.fat']).length === 0;
const fsck = hasFsck ? (bytes: Uint8Array) => fsckFat(folder, bytes) : null;
const LIMITS = { exhaustive: 64, byChance: 4, bootEvery: 10, fsckEvery: 60, nextEvery: 60 };
/** Of whole hosts: each thing that the banks may hold is booted once anyway. */
const HOST_LIMITS = { exhaustive: 32, byChance: 2, bootEvery: 100, fsckEvery: 80, nextEvery: 200 };
const [seed = 1] = seeds(1);

for (const scene of [...(await scenes()), ...(await hostScenes())]) {
  test(`${scene.name}: a power cut leaves old or new (SEED=${seed})`, async () => {
    const limits = scene.hosts === undefined ? LIMITS : HOST_LIMITS;
    const tally = await trial(scene, { ...limits, seed, fsck });
    expect(tally.outcomes).toBeGreaterThan(3);
  });
}
