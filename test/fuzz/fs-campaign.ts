/**
 * Campaigns of random sequences against the kernel: how they are set up, run and told of.
 */

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { Identity } from '../../src/node.ts';
import { anySequence, LONG, type Sequence } from './fs-calls.ts';
import { type Difference, difference } from './fs-run.ts';
import { beSelf, isJudge, kernelSide, ourSide, SELF } from './fs-sides.ts';

const TMPFS = '/dev/shm';
const SLASH = Buffer.from('/');

/** So deep that no path leads out of what is made and removed. */
const DEPTH = '1/2/3/4/5/6/7/8';

const OTHERS: Readonly<Record<string, readonly Identity[]>> = {
  'a user': [{ uid: 1000, groups: [1000, 2000], umask: 0o027 }],
  'two users and root': [{ uid: 1000, groups: [2000] }, { uid: 1001 }, SELF],
};

/** Who makes the calls of a campaign; nobody but who runs it, where he may not be others. */
export const IDENTITIES: Readonly<Record<string, readonly Identity[]>> = isJudge
  ? { root: [SELF], ...OTHERS }
  : { 'who runs it': [SELF] };

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

/** Who makes how many sequences from which seed on, and whether times are compared. */
export interface Plan {
  readonly users: readonly Identity[];
  readonly runs: number;
  readonly seed: number;
  readonly isTimed: boolean;
}

/** What fast-check shrinks: that a sequence went another way, which its message tells. */
class Divergence extends Error {}

/**
 * Plays `sequence` by `users` on both sides, with the scene below the folder `top`, which is
 * removed afterwards: the first difference. The names of deviations it meets are added to `met`.
 */
export async function played(
  top: string,
  users: readonly Identity[],
  sequence: Sequence,
  isTimed: boolean,
  met: Set<string>,
): Promise<Difference | null> {
  const root = path.join(top, DEPTH);
  const kernel = kernelSide(root, users, isTimed);
  try {
    const ours = ourSide(root, users, sequence.isImaged, isTimed);
    return await difference(kernel, ours, sequence, met);
  } finally {
    kernel.asSelf(() => remove(top));
  }
}

/** Runs the sequences of `plan` below `folder`. */
export async function campaign(folder: string, plan: Plan): Promise<Verdict> {
  const { users, runs, seed, isTimed } = plan;
  const usualUmask = process.umask();
  const usualGroups = process.getgroups?.() ?? [];
  const usualLimit = Error.stackTraceLimit;
  // Most of the time would go into stacks of errors that nobody looks at.
  Error.stackTraceLimit = 0;
  let count = 0;
  const play = async (sequence: Sequence): Promise<void> => {
    count += 1;
    const top = path.join(folder, String(count));
    const found = await played(top, users, sequence, isTimed, new Set());
    if (found !== null) throw new Divergence(report(sequence, found));
  };
  try {
    // access(2) asks for the real user, who stays root: permissions.test.ts looks at it.
    const isReal = users.every(({ uid = 0 }) => uid === SELF.uid);
    const without = isReal ? [] : ['access', 'exists', 'cp'];
    // Files of an image alone do not say when they were read.
    const isImaged = isTimed ? fc.constant(false) : fc.boolean();
    const property = fc.asyncProperty(anySequence(users.length, without, isImaged), play);
    const { failed, errorInstance, numRuns } = await fc.check(property, { numRuns: runs, seed });
    if (failed && !(errorInstance instanceof Divergence)) throw errorInstance;
    return { runs: numRuns, seed, failure: failed ? (errorInstance as Error).message : null };
  } finally {
    Error.stackTraceLimit = usualLimit;
    beSelf();
    process.umask(usualUmask);
    if (isJudge) process.setgroups!(usualGroups);
  }
}

/** Removes `folder`, also what nobody may enter: its owner may allow it. */
function remove(folder: string): void {
  if (!isJudge) unlock(Buffer.from(folder));
  try {
    // Again where a call that was answered early still works on it.
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // What cp copied into itself is too deep for node, but not for rm(1).
    execFileSync('rm', ['-rf', folder]);
  }
}

function unlock(folder: Buffer): void {
  if (!fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  fs.chmodSync(folder, 0o700);
  const names = fs.readdirSync(folder, 'buffer');
  for (const name of names) unlock(Buffer.concat([folder, SLASH, name]));
}

function report({ flavour, isImaged }: Sequence, at: Difference): string {
  const [kernel, ours] = [linesOf(at.kernel), linesOf(at.ours)];
  return [
    `${flavour}, ${isImaged ? 'over an image' : 'on what was written'}; at = (of) => root + of:`,
    ...at.lines,
    `differs: ${at.at}`,
    ...kernel.filter((line) => !ours.includes(line)).map((line) => `  kernel  ${line}`),
    ...ours.filter((line) => !kernel.includes(line)).map((line) => `  ours    ${line}`),
  ]
    .join('\n')
    .replaceAll(LONG, '<255 n>');
}

function linesOf(of: unknown): string[] {
  const all = Array.isArray(of) ? of : [of];
  return all.map((one) =>
    JSON.stringify(one, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value)),
  );
}
