/**
 * `npm run powercut`: all scenes, with all combinations of up to 4,096, and hundreds by chance
 * where there are more; of whole hosts fewer are booted. Says how many cuts and outcomes were
 * tried; exit code 1 where one is wrong.
 *
 *   npm run powercut            seed 1
 *   npm run powercut -- 1234    seed 1234
 */

import { fsckFat, missingOf, newFolder } from '../support/fat-tools.ts';
import { hostScenes } from './host-scenes.ts';
import { scenes } from './scenes.ts';
import { type Tally, trial } from './trial.ts';

const LIMITS = { exhaustive: 4096, byChance: 200, bootEvery: 1, fsckEvery: 5, nextEvery: 1 };
/** Of whole hosts, which are booted four times and installed on for each that is booted. */
const HOST_LIMITS = { ...LIMITS, bootEvery: 2, nextEvery: 20 };

async function main([given = '1']: readonly string[]): Promise<number> {
  const seed = Number(given);
  const { folder, remove } = newFolder();
  process.on('exit', remove);
  const fsck =
    missingOf(['fsck.fat']).length > 0 ? null : (bytes: Uint8Array) => fsckFat(folder, bytes);
  const sum = { cuts: 0, outcomes: 0, booted: 0, fscked: 0 };
  for (const scene of [...(await scenes()), ...(await hostScenes())]) {
    try {
      const limits = scene.hosts === undefined ? LIMITS : HOST_LIMITS;
      const tally = await trial(scene, { ...limits, seed, fsck });
      process.stdout.write(`${scene.name}: ${told(tally)}\n`);
      for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += tally[key];
    } catch (error) {
      process.stdout.write(`seed ${seed}: ${(error as Error).message}\n`);
      return 1;
    }
  }
  process.stdout.write(`all: ${told(sum)}, seed ${seed}\n`);
  return 0;
}

function told({ cuts, outcomes, booted, fscked }: Tally): string {
  return `${cuts} cuts, ${outcomes} outcomes; ${booted} booted, ${fscked} by fsck.fat`;
}

process.exitCode = await main(process.argv.slice(2));
