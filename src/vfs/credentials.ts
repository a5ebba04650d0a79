/**
 * Who acts: a user, his groups, his umask and his label, and what POSIX lets him do.
 *
 * As Linux has it: of the three classes of permission bits the first that fits counts alone, owner
 * before group before others; an owner without a bit does not have it through his group. Root, who
 * is user 0, may do anything but execute what nobody may.
 *
 * Not here: which verb needs what (resolve.ts, names.ts, content.ts); capabilities, ACLs.
 */

import { VisorError } from '../base/errors.ts';
import { isDirectory, isRegular, PERMISSIONS, S_ISUID, SETGID_EXECUTE } from '../base/mode.ts';
import { R_OK, W_OK, X_OK } from './flags.ts';
import type { Ino } from './ino.ts';
import type { Live } from './live.ts';

/** Who is to act. */
export interface Identity {
  /** The user: root, who is 0, unless said. */
  readonly uid?: number;
  /** His group, which what he makes belongs to: of the number of the user unless said. */
  readonly gid?: number;
  /** His other groups: none unless said. */
  readonly groups?: readonly number[];
  /** Bits taken from the mode of what he makes: 022 unless said. */
  readonly umask?: number;
  /**
   * What goes by in reports of who made ramdisks grow, as a program has a name: no label unless
   * said. It gives no permission and takes none.
   */
  readonly label?: string | undefined;
}

/** (uid_t) -1 means nobody to the verbs that take one. */
const ID_END = 2 ** 32 - 1;
const UMASK_MAX = 0o777;
const ANY_EXECUTE = 0o111;
/** It is written into logs, a line each. */
const LABEL = /^\P{C}{1,64}$/u;

/** Who acts, and what he may do. */
export class Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly umask: number;
  readonly label: string | undefined;
  /** Whether nothing needs to be asked. */
  readonly isRoot: boolean;
  readonly #groups: ReadonlySet<number>;

  /** Throws RangeError for an id, a umask or a label that is none. */
  constructor({ uid = 0, gid = uid, groups = [], umask = 0o022, label }: Identity = {}) {
    if (label !== undefined && !LABEL.test(label)) {
      throw new RangeError(`${JSON.stringify(label)} is no label: 1 to 64 characters, no controls`);
    }
    for (const id of [uid, gid, ...groups]) checkBelow(ID_END, id, 'user or group');
    checkBelow(UMASK_MAX + 1, umask, 'umask');
    this.uid = uid;
    this.gid = gid;
    this.umask = umask;
    this.label = label;
    this.isRoot = uid === 0;
    this.#groups = new Set([gid, ...groups]);
  }

  /** Whether he may do all of `wanted` (R_OK, W_OK, X_OK) with `ino`. */
  may(live: Live, ino: Ino, wanted: number): boolean {
    if (this.isRoot && (wanted & X_OK) === 0) return true;
    const mode = live.mode(ino);
    if (this.isRoot) return isDirectory(mode) || (mode & ANY_EXECUTE) !== 0;
    const isOwner = live.uid(ino) === this.uid;
    const shift = isOwner ? 6 : this.#groups.has(live.gid(ino)) ? 3 : 0;
    return ((mode >> shift) & wanted) === wanted;
  }

  /** Throws EACCES unless he may do all of `wanted` with `ino`. */
  check(live: Live, ino: Ino, wanted: number): void {
    if (!this.may(live, ino, wanted)) throw new VisorError('EACCES');
  }

  /** Throws EACCES unless he may make and remove names in `directory`. */
  checkNames(live: Live, directory: Ino): void {
    if (!this.isRoot) this.check(live, directory, W_OK | X_OK);
  }

  /** Whether `ino` is his own, or he is root. */
  owns(live: Live, ino: Ino): boolean {
    return this.isRoot || live.uid(ino) === this.uid;
  }

  /** Throws EPERM unless `ino` is his own, or he is root. */
  checkOwns(live: Live, ino: Ino): void {
    if (!this.owns(live, ino)) throw new VisorError('EPERM');
  }

  /**
   * Whether he may give `ino` another name, as distributions have protected_hardlinks: what is not
   * his own only if he could copy it anyway, and if it runs as nobody else.
   */
  mayLink(live: Live, ino: Ino): boolean {
    if (this.owns(live, ino)) return true;
    const mode = live.mode(ino);
    const isSpecial = (mode & S_ISUID) !== 0 || (mode & SETGID_EXECUTE) === SETGID_EXECUTE;
    return isRegular(mode) && !isSpecial && this.may(live, ino, R_OK | W_OK);
  }

  /** Whether he is in the group `gid`, or root: he may give it to what he owns. */
  isIn(gid: number): boolean {
    return this.isRoot || this.#groups.has(gid);
  }

  /** The permission bits of what he makes with `mode`. */
  permitted(mode: number): number {
    return mode & PERMISSIONS & ~this.umask;
  }
}

/** Whoever may do everything: what the program does to a tree as a whole, it does as root. */
export const ROOT = new Credentials();

function checkBelow(end: number, value: number, what: string): void {
  if (Number.isInteger(value) && value >= 0 && value < end) return;
  throw new RangeError(`${value} is no ${what}`);
}
