/**
 * The verbs on one inode: its data, and the attributes that a caller may set.
 *
 * Reading never branches; that somebody read is noted by whoever knows that it was he (view.ts).
 * Writing branches first. Either all of a write fits into its ramdisk or none of it is done and no
 * branch stays.
 */

import { VisorError } from '../base/errors.ts';
import { WHOLE_FILE_MAX_BYTES } from '../base/limits.ts';
import {
  isDirectory,
  isRegular,
  isSymlink,
  PERMISSIONS,
  S_IFMT,
  S_ISGID,
  S_ISUID,
  S_IXGRP,
} from '../base/mode.ts';
import { ATIME, CTIME, GID, MODE, MTIME, UID } from '../store/inodes.ts';
import type { Credentials } from './credentials.ts';
import * as flag from './flags.ts';
import type { Target } from './handles.ts';
import { type Ino, isMade, isOriginal } from './ino.ts';
import type { Live } from './live.ts';

/** A point in time: whole seconds since 1970, and nanoseconds beyond. */
export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The verbs on one inode, as `who` may. */
export class Content {
  readonly #live: Live;
  readonly #who: Credentials;

  constructor(live: Live, who: Credentials) {
    this.#live = live;
    this.#who = who;
  }

  /** Copies data of `ino` from `offset` on into `target`; returns how many bytes there were. */
  read(ino: Ino, target: Uint8Array, offset: number): number {
    const size = this.#live.size(ino);
    if (offset >= size) return 0;
    const wanted = Math.min(target.length, size - offset);
    const into = wanted === target.length ? target : target.subarray(0, wanted);
    const row = isOriginal(ino) ? 0 : this.#live.rowOf(ino);
    const { delta, readBelow } = this.#live;
    if (row === 0) readBelow(Math.abs(ino), into, offset);
    else delta.data.readInto(row, into, offset, readBelow);
    return wanted;
  }

  /**
   * The data of `ino` in place, or a copy where it does not lie in memory in one piece. Throws
   * EFBIG as `copy`.
   */
  view(ino: Ino): Uint8Array {
    const live = this.#live;
    const row = isOriginal(ino) ? 0 : live.rowOf(ino);
    const size = live.size(ino);
    const isImages =
      row === 0 || (live.delta.inodes.below(row) === size && live.delta.data.pageCount(row) === 0);
    const inPlace =
      isImages && !isMade(ino) ? this.#imageView(Math.abs(ino), size) : live.delta.data.view(row);
    return inPlace ?? this.copy(ino);
  }

  /** A copy of the data of `ino`. Throws EFBIG for more than fits into one array. */
  copy(ino: Ino): Uint8Array {
    const size = this.#live.size(ino);
    if (size > WHOLE_FILE_MAX_BYTES) throw new VisorError('EFBIG');
    const copy = new Uint8Array(size);
    this.read(ino, copy, 0);
    return copy;
  }

  /**
   * Writes `bytes` at `offset`, branching the file into its ramdisk where needed. Throws ENOSPC,
   * EFBIG, EPERM.
   */
  write(target: Target, bytes: Uint8Array, offset: number): void {
    if (bytes.length === 0) return;
    this.#change(target, (row) => {
      this.#live.delta.data.write(row, bytes, offset, this.#live.readBelow);
      this.#written(row);
    });
  }

  /** Sets the size of a file. Throws as `write`. */
  truncate(target: Target, size: number): void {
    this.#change(target, (row) => {
      this.#live.delta.data.truncate(row, size);
      this.#written(row);
    });
  }

  /**
   * Makes `bytes` all that a file holds, and `mode` its permission bits, as if set before: the old
   * data is kept until the new is sure to fit. Throws as `write`, with a mode as `chmod`.
   */
  replace(target: Target, bytes: Uint8Array, mode?: number): void {
    const { ino } = target;
    if (mode !== undefined) this.#who.checkOwns(this.#live, ino);
    this.#change(target, (row) => {
      this.#live.delta.data.replace(row, bytes);
      this.#written(row);
      if (mode === undefined) return;
      const gid = this.#live.gid(ino);
      const dropped = bytes.length === 0 ? this.#foreign(gid) : this.#lost(mode, gid);
      this.#setMode(row, mode & PERMISSIONS & ~dropped);
    });
  }

  /**
   * Sets the permission bits of `ino`, but S_ISGID of a group that who acts is not in. Throws EPERM
   * unless it is his, ENOSPC where a branch does not fit.
   */
  chmod(target: Target, mode: number): void {
    const { ino } = target;
    this.#who.checkOwns(this.#live, ino);
    const dropped = this.#foreign(this.#live.gid(ino));
    this.#change(target, (row) => {
      this.#setMode(row, mode & PERMISSIONS & ~dropped);
      this.#live.touch(row, CTIME, CTIME);
    });
  }

  /**
   * Sets the owner of `ino`; -1 leaves one as it is. What is no directory loses setuid and setgid
   * by it. Throws EPERM unless root acts, or its owner gives it to a group of his, ENOSPC where a
   * branch does not fit.
   */
  chown(target: Target, uid: number, gid: number): void {
    const { ino } = target;
    const live = this.#live;
    // As uid_t the highest number is -1.
    const [givesUser, givesGroup] = [(uid | 0) !== -1, (gid | 0) !== -1];
    const mode = live.mode(ino);
    const dropped = isDirectory(mode) ? 0 : mode & specialOf(mode, this.#foreign(live.gid(ino)));
    if (givesUser && uid !== live.uid(ino) && !this.#who.isRoot) throw new VisorError('EPERM');
    if (givesUser || givesGroup || dropped !== 0) this.#who.checkOwns(live, ino);
    if (givesGroup && gid !== live.gid(ino) && !this.#who.isIn(gid)) throw new VisorError('EPERM');
    this.#change(target, (row) => {
      const { inodes } = live.delta;
      if (givesUser) inodes.set(row, UID, uid);
      if (givesGroup) inodes.set(row, GID, gid);
      if (dropped !== 0) this.#setMode(row, inodes.mode(row) & PERMISSIONS & ~dropped);
      this.#changed(row);
    });
  }

  /**
   * Sets the times of access and modification. Throws EPERM unless it is the file of who acts,
   * ENOSPC where a branch does not fit.
   */
  utimes(target: Target, atime: Time, mtime: Time): void {
    this.#who.checkOwns(this.#live, target.ino);
    this.#change(target, (row) => {
      const { inodes } = this.#live.delta;
      inodes.setTime(row, ATIME, atime.seconds, atime.nanoseconds);
      inodes.setTime(row, MTIME, mtime.seconds, mtime.nanoseconds);
      this.#changed(row);
    });
  }

  /**
   * Refuses to open `ino`, which is there, as open(2) would with `flags`: EEXIST where it must be
   * new, EISDIR, ENOTDIR, ELOOP, EACCES, EPERM for O_NOATIME of who does not own it and for the
   * original of a branch, ENXIO.
   */
  checkOpen(ino: Ino, flags: number, isExclusive: boolean): void {
    if (isExclusive) throw new VisorError('EEXIST');
    const mode = this.#live.mode(ino);
    const isDir = isDirectory(mode);
    if (isDir && (flags & flag.O_CREAT) !== 0) throw new VisorError('EISDIR');
    if (!isDir && (flags & flag.O_DIRECTORY) !== 0) throw new VisorError('ENOTDIR');
    if ((flags & flag.O_PATH) !== 0) return;
    if (isSymlink(mode)) throw new VisorError('ELOOP');
    const wanted = flag.wantedOf(flags);
    const isChanging = (wanted & flag.W_OK) !== 0;
    if (isDir && isChanging) throw new VisorError('EISDIR');
    this.#who.check(this.#live, ino, wanted);
    if ((flags & flag.O_NOATIME) !== 0) this.#who.checkOwns(this.#live, ino);
    if (isOriginal(ino) && isChanging) throw new VisorError('EPERM');
    if (!isDir) this.checkData(ino);
  }

  /**
   * Refuses what has no bytes to read or write: EISDIR for directories, ENXIO for devices, which
   * have no driver here.
   */
  checkData(ino: Ino): void {
    const mode = this.#live.mode(ino);
    if (isDirectory(mode)) throw new VisorError('EISDIR');
    if (!isRegular(mode)) throw new VisorError('ENXIO');
  }

  /** Notes that attributes changed: a link is to be followed anew, as that is noted (atime.ts). */
  #changed(row: number): void {
    this.#live.touch(row, CTIME, CTIME);
    if (isSymlink(this.#live.delta.inodes.mode(row))) this.#live.restamp();
  }

  /** What a write to `row` does beside: times, and who is not root leaves no setuid and setgid. */
  #written(row: number): void {
    const { inodes } = this.#live.delta;
    this.#live.touch(row, MTIME, CTIME);
    if (this.#who.isRoot) return;
    const mode = inodes.mode(row);
    const dropped = this.#lost(mode, inodes.gid(row));
    if ((mode & dropped) !== 0) this.#setMode(row, mode & PERMISSIONS & ~dropped);
  }

  /** Which of setuid and setgid a file of `mode` and the group `gid` loses when it is written. */
  #lost(mode: number, gid: number): number {
    return this.#who.isRoot ? 0 : specialOf(mode, this.#foreign(gid));
  }

  /** S_ISGID where who acts may not give it, not being in the group `gid`. */
  #foreign(gid: number): number {
    return this.#who.isIn(gid) ? 0 : S_ISGID;
  }

  #setMode(row: number, permissions: number): void {
    const { inodes } = this.#live.delta;
    inodes.set(row, MODE, (inodes.mode(row) & S_IFMT) | permissions);
  }

  /** The first `size` bytes that the image has of `ino`: a branch may have been cut. */
  #imageView(ino: Ino, size: number): Uint8Array | null {
    const { image } = this.#live;
    return image.tardiskOf(ino)?.view(image.rowOf(ino))?.subarray(0, size) ?? null;
  }

  /** Runs `change` on the row of `target`; a branch made for it goes again where it throws. */
  #change(target: Target, change: (row: number) => void): void {
    const { ino, ramdisk } = target;
    if (isOriginal(ino)) throw new VisorError('EPERM');
    const live = this.#live;
    const cost = live.branchCost(ino);
    if (cost > 0) live.pay(ramdisk, 0, cost, target);
    const row = live.branch(ino, ramdisk);
    try {
      change(row);
    } catch (error) {
      if (cost > 0) live.drop(row);
      throw live.refusal(error, target);
    }
  }
}

/** Setuid, `foreign`, and setgid where it makes `mode` run as the group: else it may mean locks. */
function specialOf(mode: number, foreign: number): number {
  return S_ISUID | foreign | ((mode & S_IXGRP) !== 0 ? S_ISGID : 0);
}
