/**
 * What `stat` reports of an inode, out of the image's rows or out of ours.
 *
 * An archive has one time for a file; all four are that one until the file is branched.
 */

import { PAGE_BYTES } from '../base/limits.ts';
import { isDevice, isDirectory, isRegular } from '../base/mode.ts';
import type { Delta } from '../layer/delta.ts';
import type { Image } from '../layer/image.ts';
import { IMAGE_INO_END } from '../layer/merge.ts';
import { ATIME, BIRTHTIME, CTIME, MTIME } from '../store/inodes.ts';
import type { SideTable } from '../store/side-table.ts';
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

/** The same, to be filled: by one look after the other, where nobody keeps what it shows. */
export type AttributesRecord = { -readonly [K in keyof Attributes]: Attributes[K] };

/** A record of nothing, to be filled. */
export function blankAttributes(): AttributesRecord {
  return {
    ino: 0,
    mode: 0,
    nlink: 0,
    uid: 0,
    gid: 0,
    rdev: 0,
    size: 0,
    blocks: 0,
    atimeSeconds: 0,
    atimeNanoseconds: 0,
    mtimeSeconds: 0,
    mtimeNanoseconds: 0,
    ctimeSeconds: 0,
    ctimeNanoseconds: 0,
    birthtimeSeconds: 0,
    birthtimeNanoseconds: 0,
  };
}

/** What `stat` reports of `ino`. */
export function attributesOf(layers: Layers, ino: Ino): Attributes {
  const attributes = blankAttributes();
  describe(layers, ino, attributes);
  return attributes;
}

/** Fills `into` with what `stat` reports of `ino`. */
export function describe(layers: Layers, ino: Ino, into: AttributesRecord): void {
  const row = isOriginal(ino) ? 0 : layers.rowOf(ino);
  if (row !== 0) {
    describeRow(layers.delta, ino, row, into);
    return;
  }
  describeImage(layers.image, ino, into);
  const nlink = layers.linkCounts.size === 0 ? undefined : layers.linkCounts.get(ino);
  if (nlink !== undefined) into.nlink = nlink;
}

/**
 * Fills `into` with what `stat` reports of `ino`, which is the image's and not branched, or the
 * original of one that is.
 */
function describeImage(image: Image, ino: Ino, into: AttributesRecord): void {
  const of = Math.abs(ino);
  const tardisk = image.tardiskOf(of);
  const row = image.rowOf(of);
  const mode = tardisk === null ? image.mode(of) : tardisk.mode[row]!;
  const isDev = isDevice(mode);
  const size = isDirectory(mode) ? DIRECTORY_BYTES : isDev ? 0 : image.size(of);
  const seconds = tardisk === null ? 0 : tardisk.mtimeSeconds[row]!;
  const nanoseconds = tardisk?.mtimeNanoseconds[row] ?? 0;
  into.ino = isOriginal(ino) ? of + 2 * IMAGE_INO_END : of;
  into.mode = mode;
  into.nlink = image.nlink(of);
  into.uid = tardisk?.uid[row] ?? 0;
  into.gid = tardisk?.gid[row] ?? 0;
  into.rdev = isDev ? tardisk!.place[row]! : 0;
  into.size = size;
  into.blocks = isRegular(mode) ? Math.ceil(size / BLOCK_BYTES) : 0;
  into.atimeSeconds = seconds;
  into.atimeNanoseconds = nanoseconds;
  into.mtimeSeconds = seconds;
  into.mtimeNanoseconds = nanoseconds;
  into.ctimeSeconds = seconds;
  into.ctimeNanoseconds = nanoseconds;
  into.birthtimeSeconds = seconds;
  into.birthtimeNanoseconds = nanoseconds;
}

/** Fills `into` with what `stat` reports of `ino`, whose attributes are in `row` of the delta. */
function describeRow(delta: Delta, ino: Ino, row: number, into: AttributesRecord): void {
  const { inodes } = delta;
  const mode = inodes.mode(row);
  const held = Math.max(delta.data.pageCount(row) * PAGE_BYTES, inodes.below(row));
  into.ino = ino;
  into.mode = mode;
  into.nlink = inodes.nlink(row);
  into.uid = inodes.uid(row);
  into.gid = inodes.gid(row);
  into.rdev = inodes.device.get(row) ?? 0;
  into.size = isDirectory(mode) ? DIRECTORY_BYTES : inodes.size(row);
  into.blocks = Math.ceil(held / BLOCK_BYTES);
  into.atimeSeconds = inodes.seconds(row, ATIME);
  into.atimeNanoseconds = inodes.nanoseconds(row, ATIME);
  into.mtimeSeconds = inodes.seconds(row, MTIME);
  into.mtimeNanoseconds = inodes.nanoseconds(row, MTIME);
  into.ctimeSeconds = inodes.seconds(row, CTIME);
  into.ctimeNanoseconds = inodes.nanoseconds(row, CTIME);
  into.birthtimeSeconds = inodes.seconds(row, BIRTHTIME);
  into.birthtimeNanoseconds = inodes.nanoseconds(row, BIRTHTIME);
}

/** What of a live tree is looked at (live.ts, which cannot be named here: it stands above). */
interface Layers {
  readonly image: Image;
  readonly delta: Delta;
  readonly linkCounts: SideTable<number>;
  rowOf(ino: Ino): number;
}
