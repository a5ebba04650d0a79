/**
 * `npm run fuzz -- fs 600`: campaigns against the kernel for so many seconds, seed after seed.
 * `npm run fuzz -- archive 600`: damaged archives, for so many seconds or so many of them.
 *
 * Exit code 1 and the shortest sequence where something differs, or the seeds of the archives that
 * were not answered.
 */

import fs from 'node:fs';
import { type ArchiveVerdict, archiveCampaign, countOf } from './archive-campaign.ts';
import { campaign, freshFolder, IDENTITIES } from './fs-campaign.ts';

const USAGE = `Two suites.

fs compares random sequences of calls on vfs.fs with the kernel's, through node:fs.

  npm run fuzz -- fs 600             for 600 seconds, as root, as a user, as several
  npm run fuzz -- fs 60 1234         from seed 1234 on

Only root on Linux can be other users; anyone else compares as he is.

archive damages archives of images/ and of the corpus, and reads what is left of them.

  npm run fuzz -- archive 600        for 600 seconds
  npm run fuzz -- archive x200000    200,000 of them
  npm run fuzz -- archive x1 1234    the one of seed 1234
`;

const RUNS = 1000;
const TIMED_RUNS = 50;

/** How long one archive may take, in milliseconds: on a machine that others use as well. */
const PATIENCE_MS = 60_000;
const TELL_MS = 10_000;

async function main([suite, limit = '600', seed]: readonly string[]): Promise<number> {
  const start = Number(seed ?? Date.now() % 2 ** 31);
  const isRight = /^x?[1-9]\d*$/.test(limit) && Number.isInteger(start);
  if (suite === 'fs' && isRight && !limit.startsWith('x')) return fuzzFs(Number(limit), start);
  if (suite === 'archive' && isRight) return fuzzArchives(limit, start);
  process.stdout.write(USAGE);
  return process.argv.includes('--help') ? 0 : 2;
}

async function fuzzArchives(limit: string, from: number): Promise<number> {
  const isCount = limit.startsWith('x');
  const end = isCount ? Number.POSITIVE_INFINITY : Date.now() + Number(limit) * 1000;
  const to = isCount ? from + Number(limit.slice(1)) : Number.MAX_SAFE_INTEGER;
  let toldMs = Date.now();
  let toldCount = 0;
  const verdict = await archiveCampaign({
    worker: new URL('archive-worker.js', import.meta.url),
    patienceMs: PATIENCE_MS,
    from,
    to,
    onCase: (now, seed) => {
      if (Date.now() - toldMs > TELL_MS || now.failures.length > toldCount) {
        toldMs = Date.now();
        for (const failure of now.failures.slice(toldCount)) process.stderr.write(lineOf(failure));
        toldCount = now.failures.length;
        process.stderr.write(`seed ${seed}: ${countOf(now)}, ${now.failures.length} failures\n`);
      }
      return Date.now() >= end;
    },
  });
  process.stdout.write(archiveReport(verdict, from));
  return verdict.failures.length === 0 ? 0 : 1;
}

function archiveReport(verdict: ArchiveVerdict, from: number): string {
  const { read, refused, failures, largestBytes, processBytes } = verdict;
  const kinds = [...new Set([...read.keys(), ...refused.keys()])].sort();
  const lines = kinds.map((kind) => {
    return `  ${kind.padEnd(6)} ${read.get(kind) ?? 0} read, ${refused.get(kind) ?? 0} refused`;
  });
  const mib = [largestBytes, processBytes].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  return [
    ...failures.map((failure) => lineOf(failure).trimEnd()),
    `${countOf(verdict)} damaged archives, seeds from ${from}, ${failures.length} failures`,
    ...lines,
    `  at most ${mib[0]} MiB asked for at once, ${mib[1]} MiB for the whole process`,
    '',
  ].join('\n');
}

function lineOf({ seed, message }: ArchiveVerdict['failures'][number]): string {
  return `seed ${seed}: ${message}\n`;
}

async function fuzzFs(seconds: number, start: number): Promise<number> {
  const folder = freshFolder();
  const end = Date.now() + seconds * 1000;
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
