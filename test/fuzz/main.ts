/**
 * `npm run fuzz -- fs 600`: campaigns against the kernel for so many seconds, seed after seed.
 *
 * Exit code 1 and the shortest sequence where something differs.
 */

import fs from 'node:fs';
import { campaign, freshFolder, IDENTITIES, isJudge, laterCampaign } from './fs-campaign.ts';

const USAGE = `Compares random sequences of calls on vfs.fs with the kernel's, through node:fs.

  npm run fuzz -- fs 600         for 600 seconds, as root, as a user, as several
  npm run fuzz -- fs 60 1234     from seed 1234 on

Only root on Linux can be other users; anyone else compares as he is.
`;

const RUNS = 1000;

async function main([suite, seconds, seed]: readonly string[]): Promise<number> {
  const [limit, start] = [Number(seconds ?? 600), Number(seed ?? Date.now() % 2 ** 31)];
  const isWrong = suite !== 'fs' || !(limit > 0) || !Number.isInteger(start);
  if (isWrong || process.argv.includes('--help')) {
    process.stdout.write(USAGE);
    return process.argv.includes('--help') ? 0 : 2;
  }
  const all = Object.entries(IDENTITIES).filter(([who]) => isJudge || who === 'root');
  const folder = freshFolder();
  const end = Date.now() + limit * 1000;
  const counts = new Map<string, number>();
  const tell = (who: string, runs: number): void => {
    counts.set(who, (counts.get(who) ?? 0) + runs);
    const parts = [...counts].map(([of, count]) => `${of} ${count}`);
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}${parts.join(', ')}; ${left} s left`);
    if (!process.stderr.isTTY) process.stderr.write('\n');
  };
  try {
    for (let at = start; Date.now() < end; at++) {
      for (const [who, users] of all) {
        const { runs, failure } = campaign(folder, users, RUNS, at);
        if (failure !== null) return found(who, at, failure);
        tell(who, runs);
      }
      const { runs, failure } = await laterCampaign(folder, RUNS / 10, at);
      if (failure !== null) return found('later', at, failure);
      tell('later', runs);
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  process.stderr.write('\n');
  process.stdout.write(`${[...counts].map((one) => one.join(' ')).join(', ')}: no difference\n`);
  return 0;
}

function found(who: string, seed: number, failure: string): number {
  process.stdout.write(`\nmade by ${who}, seed ${seed}:\n${failure}\n`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
