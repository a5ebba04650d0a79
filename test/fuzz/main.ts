/**
 * `npm run fuzz -- fs 600`: campaigns against the kernel for so many seconds, seed after seed.
 *
 * Exit code 1 and the shortest sequence where something differs.
 */

import fs from 'node:fs';
import { campaign, freshFolder, IDENTITIES } from './fs-campaign.ts';

const USAGE = `Compares random sequences of calls on vfs.fs with the kernel's, through node:fs.

  npm run fuzz -- fs 600         for 600 seconds, as root, as a user, as several
  npm run fuzz -- fs 60 1234     from seed 1234 on

Only root on Linux can be other users; anyone else compares as he is.
`;

const RUNS = 1000;
const TIMED_RUNS = 50;

async function main([suite, seconds, seed]: readonly string[]): Promise<number> {
  const [limit, start] = [Number(seconds ?? 600), Number(seed ?? Date.now() % 2 ** 31)];
  const isWrong = suite !== 'fs' || !(limit > 0) || !Number.isInteger(start);
  if (isWrong || process.argv.includes('--help')) {
    process.stdout.write(USAGE);
    return process.argv.includes('--help') ? 0 : 2;
  }
  const folder = freshFolder();
  const end = Date.now() + limit * 1000;
  const counts = new Map<string, number>();
  let running = '';
  process.on('exit', (code) => {
    if (code !== 0 && running !== '') process.stdout.write(`\nmade by ${running}\n`);
    fs.rmSync(folder, { recursive: true, force: true });
  });
  for (let at = start; Date.now() < end; at++) {
    for (const [who, users] of Object.entries(IDENTITIES)) {
      for (const isTimed of [false, true]) {
        const of = isTimed ? `${who}, with times` : who;
        running = `${of}, seed ${at}`;
        const plan = { users, runs: isTimed ? TIMED_RUNS : RUNS, seed: at, isTimed };
        const { runs, failure } = await campaign(folder, plan);
        if (failure !== null) {
          process.stdout.write(`\n${failure}\n`);
          return 1;
        }
        counts.set(of, (counts.get(of) ?? 0) + runs);
        tell(counts, end, at);
        if (Date.now() >= end) break;
      }
    }
  }
  running = '';
  process.stdout.write(`\n${listed(counts)}, seeds from ${start}: no difference\n`);
  return 0;
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([of, count]) => `${of} ${count}`).join('; ');
}

function tell(counts: ReadonlyMap<string, number>, end: number, seed: number): void {
  const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
  const [before, after] = process.stderr.isTTY ? ['\r', ''] : ['', '\n'];
  process.stderr.write(`${before}seed ${seed}: ${listed(counts)}; ${left} s left${after}`);
}

process.exitCode = await main(process.argv.slice(2));
