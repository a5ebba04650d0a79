/**
 * The machine's own tools for disks, which are the judges of ours: sfdisk, mtools and fsck.fat.
 * Where one is not there, tests that need it skip, and say so.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Administrators' tools are not on everybody's path. */
const ENV = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8' };

/** What a tool said, and how it ended. */
export interface Told {
  readonly status: number | null;
  readonly out: string;
}

/** Runs `tool`; what it says to both stdout and stderr is in `out`. */
export function tool(name: string, ...args: readonly string[]): Told {
  const { status, stdout, stderr } = spawnSync(name, args, { env: ENV });
  return { status, out: `${stdout}${stderr}` };
}

/** Which of `tools` is not here; told on stderr. */
export function missingOf(tools: readonly string[]): readonly string[] {
  const missing = tools.filter((name) => {
    const asked = { env: ENV, stdio: 'ignore' } as const;
    return (spawnSync(name, ['--version'], asked).error as { code?: string })?.code === 'ENOENT';
  });
  if (missing.length > 0) process.stderr.write(`skipped: there is no ${missing.join(', ')} here\n`);
  return missing;
}

/** What fsck.fat finds in the bytes of a file system; whoever asks gives it a folder. */
export function fsckFat(
  folder: string,
  bytes: Uint8Array,
): { damage: string[]; lostClusters: number } {
  const file = join(folder, 'fsck.img');
  writeFileSync(file, bytes);
  return fsckOf(file);
}

/** What fsck.fat finds in the file system in `file`. */
export function fsckOf(file: string): { damage: string[]; lostClusters: number } {
  const { status, out } = tool('fsck.fat', '-n', file);
  const lost = /Reclaimed (\d+) unused cluster/.exec(out);
  const said = out.split('\n').filter((line) => {
    const isSummary = /^(fsck\.fat |.*: \d+ files, |\s*$|Leaving filesystem unchanged|Reclaimed )/;
    return !isSummary.test(line) && line !== 'Checking for unused clusters.';
  });
  const isOk = status === 0 || (status === 1 && lost !== null);
  if (!isOk && said.length === 0) said.push(`exit code ${status}`);
  return { damage: said, lostClusters: Number(lost?.[1] ?? 0) };
}

/** A new folder; gone when `remove` is called. */
export function newFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'visorfs-disk-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
