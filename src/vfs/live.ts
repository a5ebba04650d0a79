/**
 * The live tree, one directory at a time: image below, delta on top, seen as one.
 *
 *   lookup(directory, name)   the delta's name (a whiteout hides), else the image's
 *   attributes(ino)           the branch's row, else the image's row
 *   ramdiskOf(directory)      climbs to the nearest directory that a ramdisk covers
 *
 * A directory of the image keeps its inode when it is branched, renamed or moved, so what lies in
 * it stays reachable without a copy: a rename of a directory of any size changes two names.
 *
 * The verbs above (names.ts, content.ts) work in three steps: find out what all of it costs, `pay`
 * for it at once, then change things with what here cannot fail. So a verb that throws has changed
 * nothing.
 *
 * Invariant: a directory in which something was written has a row of its own, whose ramdisk pays
 * for the names in it.
 *
 * Not here: paths, open files, which verb is allowed when.
 */

import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { isDirectory, isRegular, isSticky } from '../base/mode.ts';
import { type Delta, WHITEOUT } from '../layer/delta.ts';
import type { ReadBelow } from '../layer/file-data.ts';
import { type Image, ROOT_INO } from '../layer/image.ts';
import { type Dirents, NONE } from '../store/dirents.ts';
import { ATIME, BIRTHTIME, ORIGIN } from '../store/inodes.ts';
import { SideTable } from '../store/side-table.ts';
import { type Attributes, attributesOf } from './attributes.ts';
import { NO_ROOM } from './costs.ts';
import type { Named } from './feed.ts';
import {
  type Ino,
  inoOfRow,
  isMade,
  isMarked,
  isOriginal,
  MARK,
  NO_INO,
  rowOfMade,
} from './ino.ts';
import { nextStamp } from './prefixes.ts';
import type { RefusalListener, Tracer } from './shapes.ts';

const SLASH = Uint8Array.of(0x2f);

/** Milliseconds since 1970; the fraction counts. */
export type Clock = () => number;

/** Image and delta as one tree of inodes. */
export class Live {
  image: Image;
  delta: Delta;
  /** Directories that show another one of the image than themselves: ours to its (mounts.ts). */
  lowers = new SideTable<Ino>();
  /** The same the other way round. */
  uppers = new SideTable<Ino>();
  /**
   * Names of image files without a row, where what was written hides one of several (recount.ts).
   */
  linkCounts = new SideTable<number>();
  /** Keys of the paths that the last restore put there: they are state (state/). */
  restored: ReadonlySet<string> = new Set();
  /** Under what paths are remembered as leading to directories of this tree (prefixes.ts). */
  stamp = nextStamp();
  /** Calls the verbs of all faces of the tree, as long as somebody traces it (nodefs/trace.ts). */
  tracer: Tracer | null = null;
  /** Who hears of what a full ramdisk refused, and is kept elsewhere: he may know the tree. */
  refused: Set<WeakRef<RefusalListener>> | null = null;
  readonly clock: Clock;

  constructor(image: Image, delta: Delta, clock: Clock) {
    this.image = image;
    this.delta = delta;
    this.clock = clock;
  }

  /** Says that paths which led to a directory may lead elsewhere now. */
  restamp(): void {
    this.stamp = nextStamp();
  }

  /** The row that holds the attributes of `ino`, or 0 where the image does. */
  rowOf(ino: Ino): number {
    return isMade(ino) ? rowOfMade(ino) : this.delta.branchOf(ino);
  }

  /** The inode whose attributes `row` holds. */
  inoOf(row: number): Ino {
    const origin = this.delta.inodes.origin(row);
    return origin !== 0 && this.delta.branchOf(origin) === row ? origin : inoOfRow(row);
  }

  /** Type and permission bits. */
  mode(ino: Ino): number {
    if (isOriginal(ino)) return this.image.mode(-ino);
    const row = this.rowOf(ino);
    return row === 0 ? this.image.mode(ino) : this.delta.inodes.mode(row);
  }

  uid(ino: Ino): number {
    const row = isOriginal(ino) ? 0 : this.rowOf(ino);
    return row === 0 ? this.image.uid(Math.abs(ino)) : this.delta.inodes.uid(row);
  }

  gid(ino: Ino): number {
    const row = isOriginal(ino) ? 0 : this.rowOf(ino);
    return row === 0 ? this.image.gid(Math.abs(ino)) : this.delta.inodes.gid(row);
  }

  /** Bytes in `ino`. */
  size(ino: Ino): number {
    if (isOriginal(ino)) return this.image.size(-ino);
    const row = this.rowOf(ino);
    return row === 0 ? this.image.size(ino) : this.delta.inodes.size(row);
  }

  /** Names that lead to `ino`. */
  nlink(ino: Ino): number {
    const row = this.rowOf(ino);
    if (row !== 0) return this.delta.inodes.nlink(row);
    return this.linkCounts.get(ino) ?? this.image.nlink(Math.abs(ino));
  }

  /** Copies bytes that the image has of `origin`: what shows through a branch. */
  readonly readBelow: ReadBelow = (origin, target, offset) => {
    const tardisk = this.image.tardiskOf(origin);
    if (tardisk === null) throw new VisorError('EIO');
    tardisk.readInto(this.image.rowOf(origin), target, offset);
  };

  /** What `stat` reports of `ino`. */
  attributes(ino: Ino): Attributes {
    return attributesOf(this, ino);
  }

  /** Where the symbolic link `ino` leads. */
  target(ino: Ino): Uint8Array {
    const own = this.delta.inodes.target.get(this.rowOf(ino));
    if (own !== undefined) return own;
    const origin = isMade(ino) ? this.delta.inodes.origin(rowOfMade(ino)) : ino;
    const tardisk = this.image.tardiskOf(origin);
    assert(tardisk !== null, 'a link has a target');
    return tardisk.target(this.image.rowOf(origin));
  }

  /** What the delta has under `name[start, end)` in `directory`, if only a whiteout; else NONE. */
  entryOf(directory: Ino, name: Uint8Array, start: number, end: number): number {
    // Where nothing was written there is no row, and no need to look for a name.
    if (this.rowOf(directory) === 0) return NONE;
    return this.delta.dirents.find(directory, name, start, end);
  }

  /** What `name[start, end)` in `directory` leads to, or NO_INO. */
  lookup(directory: Ino, name: Uint8Array, start: number, end: number): Ino {
    const own = this.entryOf(directory, name, start, end);
    return own === NONE ? this.below(directory, name, start, end) : this.delta.dirents.child(own);
  }

  /** What the image has under `name[start, end)` in `directory`, whatever was written over it. */
  below(directory: Ino, name: Uint8Array, start: number, end: number): Ino {
    const lower = this.lower(directory);
    if (lower === NO_INO) return NO_INO;
    const entry = this.image.dirents.find(lower, name, start, end);
    return entry === NONE ? NO_INO : this.image.dirents.child(entry);
  }

  /** The image directory that shows through `directory`, or NO_INO. */
  lower(directory: Ino): Ino {
    const other = this.lowers.size === 0 ? undefined : this.lowers.get(directory);
    return other ?? (isMade(directory) ? NO_INO : directory);
  }

  /**
   * What `.#name` shows: the original of the sticky file `name`, once that was branched or
   * replaced.
   */
  marker(directory: Ino, name: Uint8Array, start: number, end: number): Ino {
    if (!isMarked(name, start, end)) return NO_INO;
    return this.originalOf(directory, name, start + MARK.length, end);
  }

  /**
   * The original of the sticky file `name[start, end)`, negative, if that was branched or replaced;
   * else NO_INO.
   */
  originalOf(directory: Ino, name: Uint8Array, start: number, end: number): Ino {
    const original = this.below(directory, name, start, end);
    if (original === NO_INO || !isRegular(this.image.mode(original))) return NO_INO;
    const live = this.lookup(directory, name, start, end);
    if (live === NO_INO || !isRegular(this.mode(live))) return NO_INO;
    const isBranched = live !== original || this.rowOf(original) !== 0;
    const wasMarked = isSticky(this.image.mode(original)) || isSticky(this.mode(live));
    return isBranched && wasMarked ? -original : NO_INO;
  }

  /**
   * Calls `visit` for every name in `directory`: the image's in archive order, then those made
   * here.
   */
  list(directory: Ino, visit: (table: Dirents, entry: number, ino: Ino) => void): void {
    const own = this.delta.dirents;
    const lower = this.lower(directory);
    const below = this.image.dirents;
    const isWritten = own.first(directory) !== NONE;
    if (lower !== NO_INO) {
      for (let entry = below.first(lower); entry !== NONE; entry = below.next(entry)) {
        if (isWritten) {
          const name = below.nameBytes(entry);
          if (own.find(directory, name, 0, name.length) !== NONE) continue;
        }
        visit(below, entry, below.child(entry));
      }
    }
    for (let entry = own.first(directory); entry !== NONE; entry = own.next(entry)) {
      const ino = own.child(entry);
      if (ino !== WHITEOUT) visit(own, entry, ino);
    }
  }

  /** Whether no name in `directory` leads anywhere. */
  isEmpty(directory: Ino): boolean {
    const { dirents } = this.delta;
    for (let at = dirents.first(directory); at !== NONE; at = dirents.next(at)) {
      if (dirents.child(at) !== WHITEOUT) return false;
    }
    const lower = this.lower(directory);
    const below = this.image.dirents;
    const first = lower === NO_INO ? NONE : below.first(lower);
    for (let at = first; at !== NONE; at = below.next(at)) {
      const name = below.nameBytes(at);
      if (dirents.find(directory, name, 0, name.length) === NONE) return false;
    }
    return true;
  }

  /** The directory that `directory` is in; of the root, itself. */
  parentOf(directory: Ino): Ino {
    if (directory === ROOT_INO) return ROOT_INO;
    const own = this.delta.dirents.home(directory);
    if (own !== NONE) return this.delta.dirents.directory(own);
    const lower = this.lower(directory);
    const entry = this.image.dirents.home(lower);
    assert(entry !== NONE, 'a directory has a parent');
    const parent = this.image.dirents.directory(entry);
    return this.uppers.get(parent) ?? parent;
  }

  /** The name that `directory` has in its parent, in place. */
  nameOf(directory: Ino): Uint8Array {
    const own = this.delta.dirents.home(directory);
    if (own !== NONE) return this.delta.dirents.nameBytes(own);
    return this.image.dirents.nameBytes(this.image.dirents.home(this.lower(directory)));
  }

  /** The absolute path of `directory`, as bytes. */
  pathOf(directory: Ino): Uint8Array {
    if (directory === ROOT_INO) return SLASH;
    const names: Uint8Array[] = [];
    for (let at = directory; at !== ROOT_INO; at = this.parentOf(at)) {
      names.push(this.nameOf(at), SLASH);
    }
    return concatBytes(names.reverse());
  }

  /** Whether `directory` is `above` or lies below it. */
  isWithin(directory: Ino, above: Ino): boolean {
    for (let at = directory; ; at = this.parentOf(at)) {
      if (at === above) return true;
      if (at === ROOT_INO) return false;
    }
  }

  /** The index of the ramdisk that pays for what is written in `directory`. */
  ramdiskOf(directory: Ino): number {
    if (this.delta.ramdisks.length === 1) return 0;
    for (let at = directory; ; at = this.parentOf(at)) {
      const index = this.ramdiskAt(at);
      if (index >= 0) return index;
      assert(at !== ROOT_INO, 'the root has a ramdisk');
    }
  }

  /** The index of the ramdisk that covers exactly `directory`, or -1. */
  ramdiskAt(directory: Ino): number {
    const { ramdisks } = this.delta;
    for (let index = 0; index < ramdisks.length; index++) {
      if (ramdisks[index]?.root === directory) return index;
    }
    return -1;
  }

  /**
   * Charges `bytes` and `inodes` to the ramdisk of index `ramdisk`, if `room` fits beside them, for
   * the sake of the name `at` where there is one. Throws ENOSPC or ENOMEM.
   */
  pay(ramdisk: number, bytes: number, inodes: number, at?: Named, room = NO_ROOM): void {
    const { ledger } = this.delta.ramdisks[ramdisk]!;
    try {
      if (room !== NO_ROOM) ledger.check(bytes + room.bytes, inodes + room.inodes);
      ledger.charge(bytes, inodes);
    } catch (error) {
      throw this.refusal(error, at);
    }
  }

  /** `error`; whoever listens hears of it where it is a full ramdisk that refused `at`. */
  refusal(error: unknown, at?: Named): unknown {
    const full = error instanceof VisorError ? error.full : undefined;
    if (full && at) for (const one of this.refused ?? []) one.deref()?.(full, at);
    return error;
  }

  /** Inodes that a branch of `ino` costs: none where it has a row. */
  branchCost(ino: Ino): number {
    return this.rowOf(ino) === 0 ? 1 : 0;
  }

  /**
   * The row of `ino`, made where it has none: the attributes branch, data and names stay. Paid for
   * before.
   */
  branch(ino: Ino, ramdisk: number): number {
    const known = this.rowOf(ino);
    if (known !== 0) return known;
    const { inodes } = this.delta;
    const was = this.attributes(ino);
    const row = this.delta.takeRow();
    inodes.describe(row, was.mode, was.uid, was.gid, was.nlink, ramdisk);
    inodes.set(row, ORIGIN, ino);
    inodes.setTimes(row, ATIME, BIRTHTIME, was.mtimeSeconds, was.mtimeNanoseconds);
    if (!isDirectory(was.mode)) inodes.setSize(row, was.size);
    if (isRegular(was.mode)) inodes.setBelow(row, was.size);
    if (was.rdev !== 0) inodes.device.set(row, was.rdev);
    this.delta.setBranch(ino, row);
    return row;
  }

  /** A new inode, paid for before: no name leads to it yet. */
  make(mode: number, uid: number, gid: number, ramdisk: number): Ino {
    const { inodes } = this.delta;
    const row = this.delta.takeRow();
    inodes.describe(row, mode, uid, gid, isDirectory(mode) ? 2 : 1, ramdisk);
    this.touch(row, ATIME, BIRTHTIME);
    return inoOfRow(row);
  }

  /**
   * Makes `name` in `directory` lead to `ino`, over whatever it led to; `entry` is what the delta
   * has of it. Paid for before.
   */
  setName(directory: Ino, name: Uint8Array, entry: number, ino: Ino): void {
    const { dirents } = this.delta;
    if (entry !== NONE) dirents.setChild(entry, ino);
    const own = entry !== NONE ? entry : this.delta.addName(directory, name, ino);
    if (isDirectory(this.mode(ino))) dirents.setHome(ino, own);
  }

  /**
   * Makes `name` in `directory` lead nowhere: by a whiteout where the image has it, as `below`
   * says. `entry` is what the delta has of it. Paid for before.
   */
  clearName(directory: Ino, name: Uint8Array, entry: number, below: Ino): void {
    const { dirents } = this.delta;
    if (entry === NONE) this.delta.addName(directory, name, WHITEOUT);
    else if (below !== NO_INO) dirents.setChild(entry, WHITEOUT);
    else this.delta.dropName(entry, this.rowOf(directory));
  }

  /** Says that the directory `ino`, which has a row, shows nothing of what the image has there. */
  makeOpaque(ino: Ino): void {
    this.delta.inodes.makeOpaque(this.rowOf(ino));
  }

  /** Gives back `row` and all it holds. No name leads to it any more. */
  drop(row: number): void {
    this.unmerge(this.inoOf(row));
    this.delta.drop(row);
  }

  /** Says that `directory` shows no other directory of the image any more. */
  unmerge(directory: Ino): void {
    if (this.lowers.size === 0) return;
    const lower = this.lowers.get(directory);
    if (lower === undefined) return;
    this.lowers.delete(directory);
    this.uppers.delete(lower);
  }

  /** Sets the times from `first` to `last` (ATIME …) of `row` to now. */
  touch(row: number, first: number, last: number): void {
    const now = this.clock();
    const seconds = Math.floor(now / 1000);
    const nanoseconds = Math.floor((now - seconds * 1000) * 1e6);
    this.delta.inodes.setTimes(row, first, last, seconds, nanoseconds);
  }
}
