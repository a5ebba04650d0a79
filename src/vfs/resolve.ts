/**
 * From a path to a place in the tree, as POSIX resolves it.
 *
 * Paths are bytes. A relative one starts at `/`. Symbolic links are followed on the way, at the end
 * if asked to or if a slash follows; 40 of them are the limit. `..` is the parent of where one is,
 * not of what was written before it, and of the root it is the root.
 *
 * The walk itself allocates nothing and throws nothing: what came of it stands in fields, and each
 * verb makes of them what it needs. Where what lies before the last name was walked before, only
 * the last name is looked up (prefixes.ts), so that depth costs nothing. That is for root alone:
 * whoever else walks must be let through each directory, as it is at that time.
 */

import { concatBytes } from '../base/bytes.ts';
import { type ErrnoCode, VisorError } from '../base/errors.ts';
import { NAME_MAX_BYTES, PATH_MAX_BYTES, SYMLINKS_MAX_COUNT } from '../base/limits.ts';
import { isDirectory, isSymlink } from '../base/mode.ts';
import { ROOT_INO } from '../layer/image.ts';
import { NONE } from '../store/dirents.ts';
import { noteRead } from './atime.ts';
import type { Credentials } from './credentials.ts';
import { X_OK } from './flags.ts';
import { type Ino, NO_INO } from './ino.ts';
import type { Live } from './live.ts';
import { Prefixes } from './prefixes.ts';

const SLASH = 0x2f;
const SLASH_BYTES = Uint8Array.of(SLASH);
const DOT = 0x2e;

/** Text, or the exact bytes of a path that is no text. */
export type Path = string | Uint8Array;

/** How the path ended: in a name, or in one of the three that name no entry. */
export type PathEnd = 'name' | 'root' | 'dot' | 'dotdot';

/** Where a path leads. */
export interface Spot {
  /** The directory that holds the last name. */
  readonly directory: Ino;
  /** What the path leads to, or NO_INO where only the last name is missing. */
  readonly ino: Ino;
  /** The last name; empty where `end` is not 'name'. A copy. */
  readonly name: Uint8Array;
  /** What the delta has under that name, if only a whiteout; else NONE. Good until names change. */
  readonly entry: number;
  readonly end: PathEnd;
  /** Whether slashes follow the last name: it must be a directory then. */
  readonly wantsDirectory: boolean;
}

/** What of a path is not there yet. */
export interface Missing {
  readonly spot: Spot;
  readonly names: readonly Uint8Array[];
  readonly end: number;
}

/** The path of the walk at hand. One is enough: a walk ends before another begins. */
const BUFFER = new Uint8Array(PATH_MAX_BYTES);
const ENCODER = new TextEncoder();

/** Directories by path, of all trees; made when the first is remembered. */
let prefixes: Prefixes | null = null;

/** Nothing is to be remembered. */
const NO_PREFIX = -1;

/** Resolves paths over one live tree, as `who` may walk there. */
export class Resolver {
  readonly #live: Live;
  readonly #who: Credentials;
  /** What the last walk went through: the buffer, or a link's target and the rest. */
  #bytes: Uint8Array = BUFFER;
  #directory: Ino = ROOT_INO;
  #ino: Ino = NO_INO;
  #entry = NONE;
  #start = 0;
  #stop = 0;
  #end: PathEnd = 'root';
  #wantsDirectory = false;
  /** Whether the last name is to be made: no directory can be. */
  #isCreating = false;
  /** Where what follows a missing name starts, and where it ends. */
  #rest = 0;
  #length = 0;

  constructor(live: Live, who: Credentials) {
    this.#live = live;
    this.#who = who;
  }

  /** The directory that holds what was found last. */
  get directory(): Ino {
    return this.#directory;
  }

  /** A copy of the last name of what was found last; empty where that was none. */
  name(): Uint8Array {
    return this.#bytes.slice(this.#start, this.#stop);
  }

  /** The inode at `path`. Throws ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG. */
  ino(path: Path, follow: boolean): Ino {
    const found = this.seek(path, follow);
    if (typeof found === 'string') throw new VisorError(found);
    return found;
  }

  /** The inode at `path`, or the reason why there is none. */
  seek(path: Path, follow: boolean): Ino | ErrnoCode {
    const refusal = this.#walk(path, follow);
    if (refusal !== null) return refusal;
    return this.#ino === NO_INO ? 'ENOENT' : this.#ino;
  }

  /** The inode at `path`, or NO_INO where there is none, whatever the reason. */
  find(path: Path, follow: boolean): Ino {
    return this.#walk(path, follow) === null ? this.#ino : NO_INO;
  }

  /**
   * Where `path` leads; its last name may be missing. Throws as `ino` does for what lies before it.
   *
   * With 'never' the last name itself is meant, whatever it is: verbs that make, move and remove
   * names do not follow it even where a slash does. It may be too long then.
   */
  spot(path: Path, follow: boolean | 'never'): Spot {
    const refusal = this.#walk(path, follow);
    if (refusal !== null) throw new VisorError(refusal);
    return this.#spot();
  }

  #spot(): Spot {
    return {
      directory: this.#directory,
      ino: this.#ino,
      name: this.name(),
      entry: this.#entry,
      end: this.#end,
      wantsDirectory: this.#wantsDirectory,
    };
  }

  /**
   * Where the first name of `path` that is missing would be, the names behind it, and how many
   * bytes of `path` lead to it; null where nothing is missing, where what is missing cannot be made
   * name by name (`.`, `..`, a link that leads nowhere), and where `path` cannot be walked.
   */
  missing(path: Path): Missing | null {
    const refusal = this.#walk(path, 'never');
    const isThere = refusal === null && this.#ino !== NO_INO;
    if (isThere || (refusal !== null && refusal !== 'ENOENT')) return null;
    if (this.#bytes !== BUFFER || this.#end !== 'name') return null;
    if (this.#stop - this.#start > NAME_MAX_BYTES) return null;
    const names: Uint8Array[] = [];
    for (let start = this.#rest; start < this.#length; ) {
      let stop = start;
      while (stop < this.#length && BUFFER[stop] !== SLASH) stop += 1;
      if (stop - start > NAME_MAX_BYTES || isDots(BUFFER, start, stop)) return null;
      names.push(BUFFER.slice(start, stop));
      start = stop;
      while (start < this.#length && BUFFER[start] === SLASH) start += 1;
    }
    // Up to the slash before the next name, of several too: so node says what it made first.
    return { spot: this.#spot(), names, end: names.length === 0 ? this.#length : this.#rest - 1 };
  }

  /** The path that `path` has without links, `.` and `..`. Throws as `ino`. */
  realpath(path: Path): Uint8Array {
    const { ino, directory, end, name } = this.spot(path, true);
    if (ino === NO_INO) throw new VisorError('ENOENT');
    if (end !== 'name' || isDirectory(this.#live.mode(ino))) return this.#live.pathOf(ino);
    const above = this.#live.pathOf(directory);
    return concatBytes(above.length === 1 ? [above, name] : [above, SLASH_BYTES, name]);
  }

  /**
   * As `spot`, for open(2) to make a file there. Throws EISDIR for a name with a slash behind it,
   * in `path` or where a link leads: it makes no directories.
   */
  creatable(path: Path, follow: boolean): Spot {
    this.#isCreating = true;
    const refusal = this.#walk(path, follow);
    this.#isCreating = false;
    if (refusal !== null) throw new VisorError(refusal);
    return this.#spot();
  }

  /** Walks down `path` and leaves in the fields where that led; the reason where it led nowhere. */
  #walk(path: Path, follow: boolean | 'never'): ErrnoCode | null {
    const length = load(path);
    if (length <= 0) return length < 0 ? 'ENAMETOOLONG' : 'ENOENT';
    const start = lastName(length);
    this.#bytes = BUFFER;
    this.#directory = ROOT_INO;
    this.#end = 'root';
    this.#wantsDirectory = false;
    const isAlone = start < 2 || start === length;
    if (isAlone || !this.#who.isRoot) return this.#descend(0, length, 0, follow, NO_PREFIX);
    const { stamp } = this.#live;
    const known = prefixes === null ? NO_INO : prefixes.find(stamp, start - 1);
    if (known === NO_INO) return this.#descend(0, length, 0, follow, start);
    this.#directory = known;
    return this.#descend(start, length, prefixes!.links, follow, NO_PREFIX);
  }

  /**
   * Goes on through the bytes from `from` to `until`, from the directory at hand. Where the path is
   * to be remembered up to its last name, that starts at `lastStart`.
   */
  #descend(
    from: number,
    until: number,
    followed: number,
    follow: boolean | 'never',
    lastStart: number,
  ): ErrnoCode | null {
    const live = this.#live;
    const who = this.#who;
    let length = until;
    let links = followed;
    // What is left where the last name starts; links that are followed leave that as it is.
    let leftToKeep = lastStart === NO_PREFIX ? NO_PREFIX : until - lastStart;
    for (let at = from; ; ) {
      while (at < length && this.#bytes[at] === SLASH) at += 1;
      if (at === length) return this.#settle();
      const start = at;
      if (!who.isRoot && !who.may(live, this.#directory, X_OK)) return 'EACCES';
      if (length - start === leftToKeep) {
        prefixes ??= new Prefixes(BUFFER);
        prefixes.keep(live.stamp, lastStart - 1, this.#directory, links);
        leftToKeep = NO_PREFIX;
      }
      while (at < length && this.#bytes[at] !== SLASH) at += 1;
      const stop = at;
      if (isDots(this.#bytes, start, stop)) {
        this.#end = stop - start === 1 ? 'dot' : 'dotdot';
        if (this.#end === 'dotdot') this.#directory = live.parentOf(this.#directory);
        continue;
      }
      while (at < length && this.#bytes[at] === SLASH) at += 1;
      const isLast = at === length;
      if (isLast && at > stop && this.#isCreating) return 'EISDIR';
      if (stop - start > NAME_MAX_BYTES) {
        if (!isLast || follow !== 'never') return 'ENAMETOOLONG';
        // The verb looks it up, and may have something else to say before (names.ts).
        this.#entry = NONE;
        this.#name(NO_INO, start, stop, at > stop);
        this.#rest = length;
        this.#length = length;
        return null;
      }
      const ino = this.#child(start, stop);
      if (ino === NO_INO) {
        this.#name(ino, start, stop, at > stop);
        this.#rest = at;
        this.#length = length;
        return isLast ? null : 'ENOENT';
      }
      const mode = live.mode(ino);
      const isFollowed = follow === true || (at > stop && follow !== 'never');
      if (isSymlink(mode) && (!isLast || isFollowed)) {
        links += 1;
        if (links > SYMLINKS_MAX_COUNT) return 'ELOOP';
        // What is remembered is not followed again: as long as that would be noted, it must be.
        if (!noteRead(live, ino)) leftToKeep = NO_PREFIX;
        this.#bytes = spliced(live.target(ino), this.#bytes.subarray(stop, length));
        length = this.#bytes.length;
        at = 0;
        if (this.#bytes[0] === SLASH) this.#directory = ROOT_INO;
      } else if (isLast) {
        this.#name(ino, start, stop, at > stop);
        return at > stop && follow !== 'never' && !isDirectory(mode) ? 'ENOTDIR' : null;
      } else {
        if (!isDirectory(mode)) return 'ENOTDIR';
        this.#directory = ino;
        this.#end = 'root';
      }
    }
  }

  #child(start: number, stop: number): Ino {
    const live = this.#live;
    const directory = this.#directory;
    const entry = live.entryOf(directory, this.#bytes, start, stop);
    this.#entry = entry;
    const ino =
      entry === NONE
        ? live.below(directory, this.#bytes, start, stop)
        : live.delta.dirents.child(entry);
    return ino === NO_INO ? live.marker(directory, this.#bytes, start, stop) : ino;
  }

  /** The path ended in a name. */
  #name(ino: Ino, start: number, stop: number, wantsDirectory: boolean): void {
    this.#ino = ino;
    this.#start = start;
    this.#stop = stop;
    this.#end = 'name';
    this.#wantsDirectory = wantsDirectory;
  }

  /** The path ended in `/`, `.` or `..`, which is the directory that it led to. */
  #settle(): null {
    this.#ino = this.#directory;
    this.#entry = NONE;
    this.#start = 0;
    this.#stop = 0;
    this.#wantsDirectory = true;
    return null;
  }
}

/** Puts `path` into the buffer; how many bytes it has, or -1 for too many. */
function load(path: Path): number {
  if (path.length >= PATH_MAX_BYTES) return -1;
  if (typeof path !== 'string') {
    BUFFER.set(path);
    return path.length;
  }
  // For more than a few letters this is faster than any loop over them, and text need not be ASCII.
  const { read, written } = ENCODER.encodeInto(path, BUFFER);
  return read === path.length && written < PATH_MAX_BYTES ? written : -1;
}

/** Where the last name of the path of `length` starts; `length` where a slash comes last. */
function lastName(length: number): number {
  let start = length;
  while (start > 0 && BUFFER[start - 1] !== SLASH) start -= 1;
  return start;
}

function isDots(bytes: Uint8Array, start: number, stop: number): boolean {
  if (bytes[start] !== DOT) return false;
  return stop - start === 1 || (stop - start === 2 && bytes[start + 1] === DOT);
}

function spliced(target: Uint8Array, rest: Uint8Array): Uint8Array {
  const path = new Uint8Array(target.length + rest.length);
  path.set(target);
  path.set(rest, target.length);
  return path;
}
