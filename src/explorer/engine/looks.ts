/**
 * What the page shows of a tree: listings, searches, pieces of files, what takes the space, what is
 * kept, what differs. Nothing here changes anything.
 */

import {
  compareTrees,
  lint,
  lintRules,
  modeLetters,
  type TreeDifference,
  type VisorFs,
} from '../../index.ts';
import type {
  Compared,
  EntryRow,
  Kept,
  Linted,
  LintedFinding,
  Listed,
  Piece,
} from '../protocol.ts';
import type { Stack } from './stack.ts';
import type { Task } from './task.ts';

/** At once: a page shows some dozens. */
const LISTED_MAX_COUNT = 1000;
/** More than anybody mends by hand. */
const FINDINGS_MAX_COUNT = 300;
const LEVELS: readonly LintedFinding['level'][] = ['error', 'warning', 'note'];
const DIFFERENCES_MAX_COUNT = 2000;
/** More than a page can show at once. */
const PIECE_MAX_BYTES = 4 << 20;

/** Of a mode: what it is. */
export const S_IFMT = 0o170000;
const KINDS: Readonly<Record<number, EntryRow['kind']>> = {
  [0o100000]: 'file',
  [0o040000]: 'directory',
  [0o120000]: 'symlink',
};

/** `name` in the directory `path`. */
export function below(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}

/** `count` of what is in the directory `path`, from number `from` on. Throws as `readdir`. */
export function listed(vfs: VisorFs, path: string, from: number, count: number): Listed {
  const names = vfs.names(path);
  const some = names.slice(from, from + Math.min(count, LISTED_MAX_COUNT));
  return {
    count: names.length,
    entries: some.map((name) => entryOf(vfs, below(path, name), name)),
  };
}

/** Which number `path` has in its directory; -1 where it is not there. */
export function placeOf(vfs: VisorFs, path: string): number {
  const cut = path.lastIndexOf('/');
  const above = path.slice(0, cut) || '/';
  return vfs.has(above) ? vfs.names(above).indexOf(path.slice(cut + 1)) : -1;
}

/** `path`; in bytes where its last name is not in UTF-8, which no string finds. */
export function pathOf(vfs: VisorFs, path: string): string | Uint8Array {
  if (!path.includes('\ufffd') || vfs.has(path)) return path;
  const cut = path.lastIndexOf('/') + 1;
  const above = path.slice(0, cut);
  if (!vfs.has(above)) return path;
  const entry = vfs.readdir(above).find(({ name }) => name === path.slice(cut));
  if (entry === undefined) return path;
  return Uint8Array.from([...new TextEncoder().encode(above), ...entry.bytes]);
}

/** What is at `path`, which is `name` in its directory. Throws as `lstat`. */
export function entryOf(vfs: VisorFs, path: string, name: string): EntryRow {
  const at = pathOf(vfs, path);
  const { mode, size, mtimeSeconds } = vfs.stat(at, false);
  const why = typeof at === 'string' ? null : vfs.why(at);
  const row = why === null ? vfs.vdu(path, 0)[0] : { ...why, ramdisk: why.ramdisk?.name };
  const kind = KINDS[mode & S_IFMT] ?? 'special';
  return {
    name,
    path,
    kind,
    letters: modeLetters(mode),
    size: kind === 'directory' ? 0 : size,
    mtimeSeconds,
    target: kind === 'symlink' ? new TextDecoder().decode(vfs.readlink(at)) : null,
    tardisk: row?.tardisk ?? null,
    ramdisk: row?.ramdisk ?? null,
  };
}

/** At most `length` bytes of the file at `path` from `offset` on. Throws as `open` and `read`. */
export function pieceOf(vfs: VisorFs, path: string, offset: number, length: number): Piece {
  const { fs } = vfs;
  const fd = fs.openSync(pathOf(vfs, path), 'r');
  try {
    const { size } = fs.fstatSync(fd);
    const wanted = Math.max(0, Math.min(length, size - offset, PIECE_MAX_BYTES));
    const bytes = new Uint8Array(wanted);
    const count = wanted === 0 ? 0 : fs.readSync(fd, bytes, 0, wanted, offset);
    return { bytes: bytes.subarray(0, count), size };
  } finally {
    fs.closeSync(fd);
  }
}

/** What the next backup of `stack` holds, and what differs from its image. */
export function kept({ vfs, host, isEncrypted }: Stack): Kept {
  const noDevice =
    host === null
      ? 'A disk image is made of a bank: open a folder with a boot.cfg, or a disk.'
      : null;
  return { state: vfs.state(), changes: vfs.changes(), isEncrypted, noDevice };
}

/** What lint says of all layers of `stack`, the worst first. */
export async function linted(stack: Stack, task: Task): Promise<Linted> {
  const inputs = (await Promise.all(stack.layers.map((layer) => layer.lintInputs(task)))).flat();
  const rules = await lintRules();
  const reports = await lint(inputs, {
    signal: task.signal,
    onProgress: ({ done, count, what }) => task.step(done, count, `looking at ${what}`),
  });
  const all = reports.flatMap(({ findings }) => findings);
  const byLevel = LEVELS.map((level) => all.filter((finding) => finding.level === level));
  const findings = byLevel.flat().slice(0, FINDINGS_MAX_COUNT);
  const [error = 0, warning = 0, note = 0] = byLevel.map(({ length }) => length);
  return {
    counts: { error, warning, note },
    findings: findings.map((finding) => {
      const { why, mend } = rules[finding.rule];
      return { ...finding, why, mend };
    }),
  };
}

/** How `newer` differs from `older`, which is called `name`. */
export async function compared(
  older: VisorFs,
  newer: VisorFs,
  name: string,
  task: Task,
): Promise<Compared> {
  const differences: TreeDifference[] = [];
  let count = 0;
  let done = 0;
  for (const { path, difference, isDone } of compareTrees(older, newer)) {
    if (isDone) done += 1;
    if (difference !== null) {
      count += 1;
      if (differences.length < DIFFERENCES_MAX_COUNT) differences.push(difference);
    }
    task.step(done, 0, `comparing ${path}`);
    await task.breathe();
  }
  return { older: name, differences, count };
}
