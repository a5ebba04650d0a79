/**
 * When something was last read, as a mount with `relatime` keeps it: a read is noted where it is
 * the first since the last change, or where the one that is known is a day old.
 *
 * What lies in a tardisk alone has no row to note it in and is on a read-only disk: reading never
 * branches. That somebody read is no change either: `diff` does not see it (store/inodes.ts).
 */

import { ATIME } from '../store/inodes.ts';
import { type Ino, isOriginal } from './ino.ts';
import type { Live } from './live.ts';

const DAY_SECONDS = 24 * 60 * 60;

/**
 * Notes that `ino` is read now, if that is to be noted. Says whether it is known by then to have
 * been read since it was changed, so that another read within the day would not be noted.
 */
export function noteRead(live: Live, ino: Ino): boolean {
  const row = isOriginal(ino) ? 0 : live.rowOf(ino);
  if (row === 0) return true;
  const { inodes } = live.delta;
  if (inodes.isReadLast(row)) {
    const now = Math.floor(live.clock() / 1000);
    if (now - inodes.seconds(row, ATIME) >= DAY_SECONDS) live.touch(row, ATIME, ATIME);
    return true;
  }
  live.touch(row, ATIME, ATIME);
  return inodes.isReadLast(row);
}
