/**
 * What `stat` reports of an inode, out of the image's rows or out of ours.
 *
 * An archive has one time for a file; all four are that one until the file is branched.
 */

import { PAGE_BYTES } from '../base/limits.ts';
import { isDirectory, isRegular, S_IFBLK, S_IFCHR, S_IFMT } from '../base/mode.ts';
import type { Delta } from '../layer/delta.ts';
import type { Image } from '../layer/image.ts';
import { IMAGE_INO_END } from '../layer/merge.ts';
import { ATIME, BIRTHTIME, CTIME, MTIME } from '../store/inodes.ts';
import { type Ino, isOriginal } from './ino.ts';

const BLOCK_BYTES = 512;
const DIRECTORY_BYTES = 4096;

/** What `stat` reports, times in whole seconds and the nanoseconds beyond. */
export interface Attributes {
  readonly ino: Ino;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  /** Bytes of a file, of a link's target; of a directory always 4096. */
  readonly size: number;
  /** Blocks of 512 bytes that are really held. */
  readonly blocks: number;
  readonly atimeSeconds: number;
  readonly atimeNanoseconds: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly ctimeSeconds: number;
  readonly ctimeNanoseconds: number;
  readonly birthtimeSeconds: number;
  readonly birthtimeNanoseconds: number;
}

/**
 * What `stat` reports of `ino`, which is the image's and not branched, or the original of one that
 * is.
 */
export function imageAttributes(image: Image, ino: Ino): Attributes {
  const of = Math.abs(ino);
  const tardisk = image.tardiskOf(of);
  const row = image.rowOf(of);
  const mode = image.mode(of);
  const isDev = isDevice(mode);
  const size = isDirectory(mode) ? DIRECTORY_BYTES : isDev ? 0 : image.size(of);
  const seconds = tardisk?.mtimeSeconds[row] ?? 0;
  const nanoseconds = tardisk?.mtimeNanoseconds[row] ?? 0;
  return {
    ino: isOriginal(ino) ? of + 2 * IMAGE_INO_END : of,
    mode,
    nlink: image.nlink(of),
    uid: tardisk?.uid[row] ?? 0,
    gid: tardisk?.gid[row] ?? 0,
    rdev: isDev ? tardisk!.place[row]! : 0,
    size,
    blocks: isRegular(mode) ? Math.ceil(size / BLOCK_BYTES) : 0,
    atimeSeconds: seconds,
    atimeNanoseconds: nanoseconds,
    mtimeSeconds: seconds,
    mtimeNanoseconds: nanoseconds,
    ctimeSeconds: seconds,
    ctimeNanoseconds: nanoseconds,
    birthtimeSeconds: seconds,
    birthtimeNanoseconds: nanoseconds,
  };
}

/** What `stat` reports of `ino`, whose attributes are in `row` of the delta. */
export function rowAttributes(tree: Layers, ino: Ino, row: number): Attributes {
  const { inodes } = tree.delta;
  const mode = inodes.mode(row);
  const held = Math.max(tree.delta.pageCount(row) * PAGE_BYTES, inodes.below(row));
  return {
    ino,
    mode,
    nlink: inodes.nlink(row),
    uid: inodes.uid(row),
    gid: inodes.gid(row),
    rdev: inodes.device.get(row) ?? 0,
    size: isDirectory(mode) ? DIRECTORY_BYTES : inodes.size(row),
    blocks: Math.ceil(held / BLOCK_BYTES),
    atimeSeconds: inodes.seconds(row, ATIME),
    atimeNanoseconds: inodes.nanoseconds(row, ATIME),
    mtimeSeconds: inodes.seconds(row, MTIME),
    mtimeNanoseconds: inodes.nanoseconds(row, MTIME),
    ctimeSeconds: inodes.seconds(row, CTIME),
    ctimeNanoseconds: inodes.nanoseconds(row, CTIME),
    birthtimeSeconds: inodes.seconds(row, BIRTHTIME),
    birthtimeNanoseconds: inodes.nanoseconds(row, BIRTHTIME),
  };
}

interface Layers {
  readonly image: Image;
  readonly delta: Delta;
}

function isDevice(mode: number): boolean {
  const type = mode & S_IFMT;
  return type === S_IFCHR || type === S_IFBLK;
}
