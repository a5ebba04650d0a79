/**
 * A search: a walk over all of a tree, which pauses now and then, and stops where it was cancelled.
 */

import type { VisorFs } from '../../index.ts';
import type { EntryRow, Found } from '../protocol.ts';
import { below, entryOf, S_IFMT } from './looks.ts';
import type { Task } from './task.ts';

const FOUND_MAX_COUNT = 500;
const PIECE_BYTES = 1 << 20;
const DIRECTORY = 0o040000;
const REGULAR = 0o100000;

/**
 * What has `text` in its name, in any case of letters; or the files that hold it, as its bytes in
 * UTF-8. Those of one directory are sorted.
 */
export async function found(
  vfs: VisorFs,
  text: string,
  where: 'names' | 'inside',
  task: Task,
): Promise<Found> {
  const wanted = text.toLowerCase();
  const bytes = new TextEncoder().encode(text);
  const entries: EntryRow[] = [];
  const pending = ['/'];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    await task.breathe();
    const inside: string[] = [];
    // Between two breaths it may have been removed.
    const names = typeof vfs.seek(path) === 'number' ? vfs.readdir(path) : [];
    for (const { name, mode } of names) {
      const at = below(path, name);
      if ((mode & S_IFMT) === DIRECTORY) inside.push(at);
      const isFound =
        where === 'names'
          ? name.toLowerCase().includes(wanted)
          : (mode & S_IFMT) === REGULAR && (await holds(vfs, at, bytes, task));
      if (!isFound) continue;
      if (entries.length === FOUND_MAX_COUNT) return { entries, isCut: true };
      entries.push(entryOf(vfs, at, name));
    }
    pending.push(...inside.reverse());
  }
  return { entries, isCut: false };
}

/** Whether the file at `path` holds `wanted`; one that was removed meanwhile holds nothing. */
async function holds(vfs: VisorFs, path: string, wanted: Uint8Array, task: Task): Promise<boolean> {
  task.step(0, 0, `looking into ${path}`);
  await task.breathe();
  if (typeof vfs.seek(path) !== 'number') return false;
  const { fs } = vfs;
  const fd = fs.openSync(path, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    const piece = new Uint8Array(Math.min(size, PIECE_BYTES + wanted.length));
    // Pieces overlap, so that what lies over the seam is found.
    for (let offset = 0; offset + wanted.length <= size; offset += PIECE_BYTES) {
      const count = fs.readSync(fd, piece, 0, Math.min(piece.length, size - offset), offset);
      if (includes(piece.subarray(0, count), wanted)) return true;
      await task.breathe();
    }
    return false;
  } finally {
    fs.closeSync(fd);
  }
}

function includes(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const [first] = wanted;
  for (let at = bytes.indexOf(first!); at >= 0; at = bytes.indexOf(first!, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}
