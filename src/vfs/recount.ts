/**
 * How many names lead to what was written, counted anew after names came or went by themselves: a
 * tardisk was mounted or unmounted, or a ramdisk was forgotten with its whiteouts.
 *
 * Verbs on names keep count as they go. Of files without a row the image counts the names; where
 * something written hides one of several, `Live.linkCounts` says how many are left.
 */

import { isDirectory } from '../base/mode.ts';
import { ROOT_INO } from '../layer/image.ts';
import { NLINK } from '../store/inodes.ts';
import type { Handles } from './handles.ts';
import type { Ino } from './ino.ts';
import type { Live } from './live.ts';

/**
 * Sets the number of links of every row; a file that no name and no descriptor leads to is given
 * back.
 */
export function recount(live: Live, handles: Handles): void {
  const { inodes } = live.delta;
  let isAnyInDoubt = live.image.hasLinks && inodes.count > 0;
  live.linkCounts.clear();
  for (const row of inodes.used()) {
    if (isDirectory(inodes.mode(row))) {
      if (inodes.nlink(row) !== 0) inodes.set(row, NLINK, 2 + directoriesIn(live, live.inoOf(row)));
    } else isAnyInDoubt ||= isInDoubt(live, row);
  }
  if (isAnyInDoubt) recountFiles(live, handles);
}

/** A file that had one name and has one in the image keeps it: no walk is needed to know that. */
function isInDoubt(live: Live, row: number): boolean {
  const { inodes } = live.delta;
  const origin = inodes.origin(row);
  if (origin === 0) return false;
  return inodes.nlink(row) !== 1 || (live.image.has(origin) && live.image.nlink(origin) !== 1);
}

function recountFiles(live: Live, handles: Handles): void {
  const { inodes } = live.delta;
  const counts = new Map<Ino, number>();
  const pending = [ROOT_INO];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    live.list(at, (_table, _entry, ino) => {
      if (isDirectory(live.mode(ino))) pending.push(ino);
      else counts.set(ino, (counts.get(ino) ?? 0) + 1);
    });
  }
  for (const [ino, count] of counts) {
    if (live.rowOf(ino) === 0 && live.image.nlink(ino) !== count) live.linkCounts.set(ino, count);
  }
  for (const row of [...inodes.used()]) {
    if (isDirectory(inodes.mode(row))) continue;
    inodes.set(row, NLINK, counts.get(live.inoOf(row)) ?? 0);
    if (inodes.nlink(row) === 0 && !handles.isOpen(live.inoOf(row))) live.drop(row);
  }
}

/** How many directories lie in `directory`. */
function directoriesIn(live: Live, directory: Ino): number {
  let count = 0;
  live.list(directory, (_table, _entry, ino) => {
    if (isDirectory(live.mode(ino))) count += 1;
  });
  return count;
}
