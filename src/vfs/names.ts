/**
 * The verbs that change names: mkdir, symlink, create, link, unlink, rmdir, rename.
 *
 * Each has three steps: look and refuse as POSIX does, pay for all of it at once, change. The third
 * cannot fail. Names that start with `.#` are ESXi's branch markers: nobody may make or remove one.
 *
 * Not here: open files (handles.ts) but for the one question whether an inode has any; file data.
 */

import { NO_BYTES } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { LINKS_MAX_COUNT, NAME_MAX_BYTES } from '../base/limits.ts';
import {
  isDirectory,
  isSymlink,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
  S_ISGID,
  S_ISVTX,
  SETGID_EXECUTE,
} from '../base/mode.ts';
import { nameCost } from '../layer/delta.ts';
import { NONE } from '../store/dirents.ts';
import { CTIME, MTIME, NLINK } from '../store/inodes.ts';
import { NO_ROOM, type Room } from './costs.ts';
import type { Credentials } from './credentials.ts';
import type { Feed } from './feed.ts';
import { W_OK, X_OK } from './flags.ts';
import { type Ino, isOriginal, MARK, NO_INO } from './ino.ts';
import type { Live } from './live.ts';
import type { Missing, Spot } from './resolve.ts';

/** What of its mode mkdir(2) heeds. */
const MKDIR_BITS = 0o777 | S_ISVTX;
/** What the owner of a directory needs to make names in it. */
const OWNER_NAMES = (W_OK | X_OK) << 6;

/** What the verbs on names need to know of open files, and tell of what they did. */
export interface OpenFiles {
  readonly feed: Feed | null;
  isOpen(ino: Ino): boolean;
  moved(ino: Ino, from: Spot, to: Spot): void;
  orphan(directory: Ino): void;
}

/** The verbs that change names, as `who` may. */
export class Names {
  readonly #live: Live;
  readonly #open: OpenFiles;
  readonly #who: Credentials;

  constructor(live: Live, open: OpenFiles, who: Credentials) {
    this.#live = live;
    this.#open = open;
    this.#who = who;
  }

  /** Makes the directory at `spot`. Throws EEXIST, EPERM, ENOSPC. */
  mkdir(spot: Spot, mode: number, room = NO_ROOM): Ino {
    checkLength(spot);
    if (spot.ino !== NO_INO) throw new VisorError('EEXIST');
    return this.#add(spot, S_IFDIR | (mode & MKDIR_BITS & ~this.#who.umask), NO_BYTES, room);
  }

  /**
   * Makes the directory at `missing.spot`, and in it one after the other those that are named, or
   * none of them. Throws EPERM, ENOSPC.
   */
  mkdirs({ spot, names }: Missing, mode: number): void {
    const isShut = (mode & ~this.#who.umask & OWNER_NAMES) !== OWNER_NAMES;
    if (isShut && names.length > 0 && !this.#who.isRoot) throw new VisorError('EACCES');
    let bytes = 0;
    for (const name of names) {
      this.#checkName(name);
      bytes += nameCost(name.length);
    }
    let at = this.mkdir(spot, mode, { bytes, inodes: names.length });
    for (const name of names) {
      const spot: Spot = {
        directory: at,
        ino: NO_INO,
        name,
        entry: NONE,
        end: 'name',
        wantsDirectory: true,
      };
      at = this.mkdir(spot, mode);
    }
  }

  /** Makes an empty file at `spot`. Throws EEXIST, EISDIR for a trailing slash, EPERM, ENOSPC. */
  create(spot: Spot, mode: number, room = NO_ROOM): Ino {
    if (spot.ino !== NO_INO) throw new VisorError('EEXIST');
    if (spot.wantsDirectory) throw new VisorError('EISDIR');
    const permissions = this.#who.permitted(this.#kept(spot, mode));
    return this.#add(spot, S_IFREG | permissions, NO_BYTES, room);
  }

  /** Makes a symbolic link to `target` at `spot`. Throws EEXIST, ENOENT, EPERM, ENOSPC. */
  symlink(spot: Spot, target: Uint8Array): Ino {
    checkLength(spot);
    if (spot.ino !== NO_INO) throw new VisorError('EEXIST');
    if (spot.wantsDirectory) throw new VisorError('ENOENT');
    return this.#add(spot, S_IFLNK | 0o777, target, NO_ROOM);
  }

  /**
   * Gives `ino` one more name at `spot`. Throws EPERM for directories, EEXIST, EXDEV, EMLINK,
   * ENOSPC.
   */
  link(ino: Ino, from: Ino, spot: Spot): void {
    const live = this.#live;
    checkLength(spot);
    if (spot.ino !== NO_INO) throw new VisorError('EEXIST');
    if (spot.wantsDirectory) throw new VisorError('ENOENT');
    if (!this.#who.mayLink(live, ino)) throw new VisorError('EPERM');
    this.#who.checkNames(live, spot.directory);
    if (isDirectory(live.mode(ino)) || isOriginal(ino)) throw new VisorError('EPERM');
    this.#checkName(spot.name);
    const ramdisk = live.ramdiskOf(spot.directory);
    if (live.ramdiskOf(from) !== ramdisk) throw new VisorError('EXDEV');
    if (live.nlink(ino) >= LINKS_MAX_COUNT) throw new VisorError('EMLINK');
    const { directory, name, entry } = spot;
    live.pay(ramdisk, costOf(spot), live.branchCost(directory) + live.branchCost(ino), spot);
    const row = live.branch(ino, ramdisk);
    live.setName(directory, name, entry, ino);
    live.delta.inodes.add(row, NLINK, 1);
    live.touch(row, CTIME, CTIME);
    // A link that changed is to be followed anew, so that it is noted (atime.ts).
    if (isSymlink(live.mode(ino))) live.restamp();
    this.#changed(directory, ramdisk);
    this.#open.feed?.made(ino, spot);
  }

  /**
   * Takes the name at `spot` away. Throws EISDIR for directories, ENOTDIR, EPERM, ENOSPC for the
   * whiteout.
   */
  unlink(spot: Spot): void {
    const live = this.#live;
    const { directory, name, entry, ino } = spot;
    if (spot.end !== 'name') throw new VisorError('EISDIR');
    checkLength(spot);
    if (ino === NO_INO) throw new VisorError('ENOENT');
    const mode = live.mode(ino);
    if (spot.wantsDirectory) throw new VisorError(isDirectory(mode) ? 'EISDIR' : 'ENOTDIR');
    this.#checkRemoval(directory, ino);
    if (isDirectory(mode)) throw new VisorError('EISDIR');
    this.#checkName(name);
    const ramdisk = live.ramdiskOf(directory);
    const below = this.#below(spot);
    const bytes = below === NO_INO ? 0 : costOf(spot);
    live.pay(ramdisk, bytes, live.branchCost(directory) + this.#lossCost(ino), spot);
    this.#changed(directory, ramdisk);
    live.clearName(directory, name, entry, below);
    if (isSymlink(mode)) live.restamp();
    const isGone = this.#lose(ino, ramdisk);
    this.#open.feed?.removed(ino, spot, isGone);
  }

  /**
   * Removes the directory at `spot`, and says whether: not where it is not empty. Throws ENOTDIR,
   * EBUSY, EINVAL, ENOTEMPTY for `..`, ENOSPC for the whiteout.
   */
  rmdir(spot: Spot): boolean {
    const live = this.#live;
    const { directory, name, entry, ino } = spot;
    if (spot.end === 'dot') throw new VisorError('EINVAL');
    if (spot.end === 'dotdot') throw new VisorError('ENOTEMPTY');
    if (spot.end === 'root') throw new VisorError('EBUSY');
    checkLength(spot);
    if (ino === NO_INO) throw new VisorError('ENOENT');
    this.#checkRemoval(directory, ino);
    if (!isDirectory(live.mode(ino))) throw new VisorError('ENOTDIR');
    if (live.ramdiskAt(ino) >= 0) throw new VisorError('EBUSY');
    if (!live.isEmpty(ino)) return false;
    const ramdisk = live.ramdiskOf(directory);
    const below = this.#below(spot);
    const bytes = below === NO_INO ? 0 : costOf(spot);
    live.pay(ramdisk, bytes, live.branchCost(directory) + this.#directoryLossCost(ino), spot);
    const row = this.#changed(directory, ramdisk);
    live.clearName(directory, name, entry, below);
    live.restamp();
    live.delta.inodes.add(row, NLINK, -1);
    const isGone = this.#loseDirectory(ino, ramdisk);
    this.#open.feed?.removed(ino, spot, isGone);
    return true;
  }

  /**
   * Renames what is at `source` to `target`, over what is there. `target` is resolved after
   * `source`.
   *
   * Throws ENOENT, EXDEV across ramdisks, EINVAL into itself, ENOTDIR, EISDIR, ENOTEMPTY, EBUSY for
   * a directory that a ramdisk covers, EPERM, ENOSPC.
   */
  rename(source: Spot, target: Spot): void {
    const live = this.#live;
    if (source.end !== 'name' || target.end !== 'name') throw new VisorError('EBUSY');
    checkLength(source);
    const { ino } = source;
    if (ino === NO_INO) throw new VisorError('ENOENT');
    checkLength(target);
    const isDir = isDirectory(live.mode(ino));
    if (isDir && live.isWithin(target.directory, ino)) throw new VisorError('EINVAL');
    if ((source.wantsDirectory || target.wantsDirectory) && !isDir) throw new VisorError('ENOTDIR');
    this.#checkName(source.name);
    this.#checkName(target.name);
    const ramdisk = live.ramdiskOf(source.directory);
    if (live.ramdiskOf(target.directory) !== ramdisk) throw new VisorError('EXDEV');
    if (live.ramdiskAt(ino) >= 0) throw new VisorError('EBUSY');
    const over = target.ino;
    if (over === ino) return;
    if (over !== NO_INO && live.isWithin(source.directory, over)) throw new VisorError('ENOTEMPTY');
    this.#checkRemoval(source.directory, ino);
    if (over === NO_INO) this.#who.checkNames(live, target.directory);
    else this.#checkRemoval(target.directory, over);
    if (over !== NO_INO) this.#checkReplaced(over, isDir);
    // Its `..` will lead elsewhere.
    const moves = isDir && source.directory !== target.directory;
    if (moves) this.#who.check(live, ino, W_OK);
    if (over !== NO_INO && isDir && !live.isEmpty(over)) throw new VisorError('ENOTEMPTY');
    const below = this.#below(source);
    const bytes = costOf(target) + (below === NO_INO ? 0 : costOf(source));
    live.pay(ramdisk, bytes, this.#renameInodes(source, target), target);
    const leads = this.#leadsOn(ino) || (over !== NO_INO && this.#leadsOn(over));
    const older = this.#changed(source.directory, ramdisk);
    const newer = this.#changed(target.directory, ramdisk);
    live.touch(live.branch(ino, ramdisk), CTIME, CTIME);
    let isGone = over !== NO_INO && isDir && this.#loseDirectory(over, ramdisk);
    live.setName(target.directory, target.name, target.entry, ino);
    if (isDir && this.#below(target) !== NO_INO) live.makeOpaque(ino);
    live.clearName(source.directory, source.name, source.entry, below);
    if (leads) live.restamp();
    if (over !== NO_INO && !isDir) isGone = this.#lose(over, ramdisk);
    if (isDir) live.delta.inodes.add(older, NLINK, -1);
    if (isDir && over === NO_INO) live.delta.inodes.add(newer, NLINK, 1);
    this.#open.moved(ino, source, target);
    this.#open.feed?.moved(ino, source, target, over, isGone);
  }

  /** Whether a path may go on through `ino`. */
  #leadsOn(ino: Ino): boolean {
    const mode = this.#live.mode(ino);
    return isDirectory(mode) || isSymlink(mode);
  }

  #checkReplaced(over: Ino, isDir: boolean): void {
    const live = this.#live;
    const overDir = isDirectory(live.mode(over));
    if (isDir && !overDir) throw new VisorError('ENOTDIR');
    if (!isDir && overDir) throw new VisorError('EISDIR');
    if (overDir && live.ramdiskAt(over) >= 0) throw new VisorError('EBUSY');
  }

  #renameInodes(source: Spot, target: Spot): number {
    const live = this.#live;
    const directories = new Set([source.directory, target.directory]);
    let inodes = live.branchCost(source.ino);
    for (const directory of directories) inodes += live.branchCost(directory);
    if (target.ino === NO_INO) return inodes;
    const isDir = isDirectory(live.mode(target.ino));
    return inodes + (isDir ? this.#directoryLossCost(target.ino) : this.#lossCost(target.ino));
  }

  #add(spot: Spot, mode: number, target: Uint8Array, room: Room): Ino {
    const live = this.#live;
    const { directory, name, entry } = spot;
    this.#who.checkNames(live, directory);
    this.#checkName(name);
    const ramdisk = live.ramdiskOf(directory);
    const bytes = costOf(spot) + target.length;
    const inodes = live.branchCost(directory) + 1;
    live.pay(ramdisk, bytes, inodes, spot, room);
    const row = this.#changed(directory, ramdisk);
    const ino = this.#make(directory, mode, ramdisk);
    live.setName(directory, name, entry, ino);
    if (isDirectory(mode)) {
      live.delta.inodes.add(row, NLINK, 1);
      if (this.#below(spot) !== NO_INO) live.makeOpaque(ino);
    } else if (isSymlink(mode)) this.#leadTo(ino, target);
    this.#open.feed?.made(ino, spot);
    return ino;
  }

  #leadTo(link: Ino, target: Uint8Array): void {
    const { inodes } = this.#live.delta;
    const row = this.#live.rowOf(link);
    inodes.target.set(row, target.slice());
    inodes.setSize(row, target.length);
  }

  /** A new inode, owned by who acts; in a setgid directory its group is that of the directory. */
  #make(directory: Ino, mode: number, ramdisk: number): Ino {
    const live = this.#live;
    const { uid, gid } = this.#who;
    if ((live.mode(directory) & S_ISGID) === 0) return live.make(mode, uid, gid, ramdisk);
    const inherited = isDirectory(mode) ? mode | S_ISGID : mode;
    return live.make(inherited, uid, live.gid(directory), ramdisk);
  }

  /**
   * `mode` for a file at `spot`, without S_ISGID where it would let whoever acts have the group of
   * a setgid directory that he is not in.
   */
  #kept({ directory }: Spot, mode: number): number {
    if ((mode & SETGID_EXECUTE) !== SETGID_EXECUTE) return mode;
    const live = this.#live;
    const isForeign =
      (live.mode(directory) & S_ISGID) !== 0 && !this.#who.isIn(live.gid(directory));
    return isForeign ? mode & ~S_ISGID : mode;
  }

  /** Throws EACCES or, in a sticky directory, EPERM where the name of `ino` may not be removed. */
  #checkRemoval(directory: Ino, ino: Ino): void {
    const who = this.#who;
    const live = this.#live;
    if (who.isRoot) return;
    who.checkNames(live, directory);
    const isSticky = (live.mode(directory) & S_ISVTX) !== 0;
    if (isSticky && !who.owns(live, ino) && !who.owns(live, directory)) {
      throw new VisorError('EPERM');
    }
  }

  /** What the image has of the name at `spot`. */
  #below({ directory, name }: Spot): Ino {
    return this.#live.below(directory, name, 0, name.length);
  }

  /** Branches `directory`, in which a name changes, and sets its times. */
  #changed(directory: Ino, ramdisk: number): number {
    const row = this.#live.branch(directory, ramdisk);
    this.#live.touch(row, MTIME, CTIME);
    return row;
  }

  /**
   * Inodes that losing one name of `ino` costs: a branch to count its names, where others or open
   * files are left.
   */
  #lossCost(ino: Ino): number {
    const stays = this.#live.nlink(ino) > 1 || this.#open.isOpen(ino);
    return stays ? this.#live.branchCost(ino) : 0;
  }

  /** Takes one name from the count of `ino`; whether nothing of it is left. */
  #lose(ino: Ino, ramdisk: number): boolean {
    const live = this.#live;
    const isOpen = this.#open.isOpen(ino);
    if (live.nlink(ino) > 1 || isOpen) live.branch(ino, ramdisk);
    const row = live.rowOf(ino);
    if (row === 0) return true;
    live.delta.inodes.add(row, NLINK, -1);
    const isGone = live.delta.inodes.nlink(row) === 0 && !isOpen;
    if (isGone) live.drop(row);
    else live.touch(row, CTIME, CTIME);
    return isGone;
  }

  /** Inodes that losing the directory `ino` costs: a branch for whoever has it open to change. */
  #directoryLossCost(ino: Ino): number {
    return this.#open.isOpen(ino) ? this.#live.branchCost(ino) : 0;
  }

  /** Takes its name from the directory `ino`; whether nothing of it is left. */
  #loseDirectory(ino: Ino, ramdisk: number): boolean {
    const live = this.#live;
    const isOpen = this.#open.isOpen(ino);
    this.#open.orphan(ino);
    const row = isOpen ? live.branch(ino, ramdisk) : live.rowOf(ino);
    if (row === 0) return true;
    live.delta.dropWhiteouts(ino, row);
    live.delta.dirents.setHome(ino, NONE);
    if (isOpen) live.delta.inodes.set(row, NLINK, 0);
    else live.drop(row);
    return !isOpen;
  }

  #checkName(name: Uint8Array): void {
    if (name[0] === MARK.charCodeAt(0) && name[1] === MARK.charCodeAt(1))
      throw new VisorError('EPERM');
  }
}

/** Refuses a name that is too long: where the kernel looks it up, which is not first of all. */
function checkLength({ name }: Spot): void {
  if (name.length > NAME_MAX_BYTES) throw new VisorError('ENAMETOOLONG');
}

/** Bytes that a name at `spot`, or a whiteout, costs: none where the delta has the name already. */
function costOf({ entry, name }: Spot): number {
  return entry === NONE ? nameCost(name.length) : 0;
}
