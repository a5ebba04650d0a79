/**
 * One number says which file: exact, small, and what `stat` reports as `ino`.
 *
 *   1 … 2^30 - 1      an inode of the image, branched or not: it stays the same when it is branched
 *   2^30 + row        an inode that was made here
 *   -ino              what the image has under a branched sticky file: the `.#name` beside it
 *   0                 nothing
 */

import { IMAGE_INO_END } from '../layer/merge.ts';

/** Which file. */
export type Ino = number;

export const NO_INO: Ino = 0;

/** The inode of `row` of the delta, where it covers no image inode. */
export function inoOfRow(row: number): Ino {
  return IMAGE_INO_END + row;
}

/** Whether `ino` was made here and not by an image. */
export function isMade(ino: Ino): boolean {
  return ino > IMAGE_INO_END;
}

/** The row of an inode that was made here. */
export function rowOfMade(ino: Ino): number {
  return ino - IMAGE_INO_END;
}

/** Whether `ino` is a `.#name`. */
export function isOriginal(ino: Ino): boolean {
  return ino < 0;
}

/** ESXi's branch marker: it stands before the name of a branched sticky file, for its original. */
export const MARK = '.#';

/** Whether `name`, from `start` on, is the marker of another name. */
export function isMarked(name: Uint8Array, start = 0, end = name.length): boolean {
  return end - start > MARK.length && name[start] === 0x2e && name[start + 1] === 0x23;
}
