/**
 * Campaigns of random sequences against the kernel: how they are set up, run and told of.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { Identity } from '../../src/node.ts';
import { anyCalls, type Call, written } from './fs-calls.ts';
import { type Difference, difference, differenceLater } from './fs-run.ts';
import { kernelSide, ourSide } from './fs-sides.ts';

const TMPFS = '/dev/shm';

/** Who makes the calls of a campaign. */
export const IDENTITIES: Readonly<Record<string, readonly Identity[]>> = {
  root: [{}],
  'a user': [{ uid: 1000, groups: [2000], umask: 0o027 }],
  'two users and root': [{ uid: 1000, groups: [2000] }, { uid: 1001 }, {}],
};

/** Whether the kernel lets this process be others. */
export const isJudge = process.platform === 'linux' && process.getuid?.() === 0;

/** A folder on a file system in memory, where there is one. */
export function freshFolder(): string {
  const above = fs.existsSync(TMPFS) ? TMPFS : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(above, 'visorfs-fuzz-'));
  fs.chmodSync(folder, 0o755);
  return folder;
}

/** What a campaign came to: how many sequences ran, and the shortest that goes wrong, if any. */
export interface Verdict {
  readonly runs: number;
  readonly seed: number;
  readonly failure: string | null;
}

/**
 * Runs `runs` sequences by `users` from `seed` on, below `folder`, on trees that were written
 * and on trees over an image.
 */
export function campaign(
  folder: string,
  users: readonly Identity[],
  runs: number,
  seed: number,
): Verdict {
  const usualUmask = process.umask();
  const usualGroups = process.getgroups!();
  let count = 0;
  const told = (isImaged: boolean, calls: readonly Call[]): Difference | null => {
    count += 1;
    // So deep that no path leads out of what is made and removed here.
    const top = path.join(folder, String(count));
    const root = path.join(top, '1/2/3/4/5/6/7/8');
    const kernel = kernelSide(fs, root, users);
    const ours = ourSide(root, users, isImaged);
    try {
      return difference(kernel, ours, calls, isImaged);
    } finally {
      kernel.asRoot(() => fs.rmSync(top, { recursive: true, force: true }));
    }
  };
  try {
    // access(2) asks for the real user, who stays root: permissions.test.ts looks at it.
    const isReal = users.every(({ uid = 0 }) => uid === 0);
    const without = isReal ? [] : ['access', 'exists'];
    const anything = anyCalls(users.length, without);
    const property = fc.property(fc.boolean(), anything, (isImaged, calls) => {
      return told(isImaged, calls) === null;
    });
    const { failed, counterexample, numRuns } = fc.check(property, { numRuns: runs, seed });
    const failure = failed ? report(...counterexample!, told(...counterexample!)) : null;
    return { runs: numRuns, seed, failure };
  } finally {
    process.umask(usualUmask);
    if (isJudge) process.setgroups!(usualGroups);
  }
}

/** The same as root with calls that answer later: with callbacks and by promises. */
export async function laterCampaign(folder: string, runs: number, seed: number): Promise<Verdict> {
  let count = 0;
  const told = async (calls: readonly Call[]): Promise<Difference | null> => {
    count += 1;
    const top = path.join(folder, `later-${count}`);
    const root = path.join(top, '1/2/3/4/5/6/7/8');
    const kernel = kernelSide(fs, root, [{}]);
    try {
      return await differenceLater(kernel, ourSide(root, [{}], false), calls);
    } finally {
      fs.rmSync(top, { recursive: true, force: true });
    }
  };
  const anything = anyCalls(1, []);
  const property = fc.asyncProperty(anything, async (calls) => (await told(calls)) === null);
  const { failed, counterexample, numRuns } = await fc.check(property, { numRuns: runs, seed });
  const calls = counterexample?.[0] ?? [];
  const failure = failed ? report(false, calls, await told(calls)) : null;
  return { runs: numRuns, seed, failure };
}

function report(isImaged: boolean, calls: readonly Call[], at: Difference | null): string {
  if (at === null) return 'it went wrong once and not again';
  const [kernel, ours] = [lines(at.kernel), lines(at.ours)];
  return [
    isImaged ? 'over an image' : 'on what was written',
    ...calls.map(written),
    `differs: ${typeof at.step === 'number' ? `call ${at.step + 1}` : at.step}`,
    ...kernel.filter((line) => !ours.includes(line)).map((line) => `  kernel  ${line}`),
    ...ours.filter((line) => !kernel.includes(line)).map((line) => `  ours    ${line}`),
  ]
    .join('\n')
    .replaceAll('n'.repeat(255), '<255 n>');
}

function lines(of: unknown): string[] {
  const all = Array.isArray(of) ? of : [of];
  return all.map((one) =>
    JSON.stringify(one, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value)),
  );
}
