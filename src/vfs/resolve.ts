/**
 * From a path to a place in the tree, as POSIX resolves it.
 *
 * Paths are bytes. A relative one starts at `/`. Symbolic links are followed on the way, at the end
 * if asked to or if a slash follows; 40 of them are the limit. `..` is the parent of where one is,
 * not of what was written before it, and of the root it is the root.
 *
 * What comes back is one object used again by the next resolution: take out of it what you need.
 */

import { utf8 } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { NAME_MAX_BYTES, PATH_MAX_BYTES, SYMLINKS_MAX_COUNT } from '../base/limits.ts';
import { isDirectory, isSymlink } from '../base/mode.ts';
import { ROOT_INO } from '../layer/image.ts';
import { type Ino, NO_INO } from './ino.ts';
import type { Live } from './live.ts';

const SLASH = 0x2f;
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
  readonly end: PathEnd;
  /** Whether slashes follow the last name: it must be a directory then. */
  readonly wantsDirectory: boolean;
}

/** Resolves paths over one live tree. */
export class Resolver {
  readonly #live: Live;
  readonly #buffer = new Uint8Array(PATH_MAX_BYTES);

  constructor(live: Live) {
    this.#live = live;
  }

  /** The inode at `path`. Throws ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG. */
  ino(path: Path, follow: boolean): Ino {
    const { ino } = this.spot(path, follow);
    if (ino === NO_INO) throw new VisorError('ENOENT');
    return ino;
  }

  /**
   * Where `path` leads; its last name may be missing. Throws as `ino` does for what lies before it.
   *
   * With 'never' the last name itself is meant, whatever it is: verbs that make, move and remove
   * names do not follow it even where a slash does.
   */
  spot(path: Path, follow: boolean | 'never'): Spot {
    let bytes: Uint8Array = this.#buffer;
    let length = this.#load(path);
    let directory = ROOT_INO;
    let end: PathEnd = 'root';
    let links = 0;
    for (let at = 0; ; ) {
      while (at < length && bytes[at] === SLASH) at += 1;
      if (at === length) return settled(directory, end);
      const start = at;
      while (at < length && bytes[at] !== SLASH) at += 1;
      const stop = at;
      if (stop - start > NAME_MAX_BYTES) throw new VisorError('ENAMETOOLONG');
      if (isDots(bytes, start, stop)) {
        end = stop - start === 1 ? 'dot' : 'dotdot';
        if (end === 'dotdot') directory = this.#live.parentOf(directory);
        continue;
      }
      while (at < length && bytes[at] === SLASH) at += 1;
      const isLast = at === length;
      const wantsDirectory = at > stop;
      const ino =
        this.#live.lookup(directory, bytes, start, stop) ||
        this.#live.marker(directory, bytes, start, stop);
      if (ino === NO_INO) {
        if (!isLast) throw new VisorError('ENOENT');
        return { directory, ino, name: bytes.slice(start, stop), end: 'name', wantsDirectory };
      }
      const mode = this.#live.mode(ino);
      const isFollowed = follow === true || (wantsDirectory && follow !== 'never');
      if (isSymlink(mode) && (!isLast || isFollowed)) {
        links += 1;
        if (links > SYMLINKS_MAX_COUNT) throw new VisorError('ELOOP');
        bytes = spliced(this.#live.target(ino), bytes.subarray(stop, length));
        length = bytes.length;
        at = 0;
        if (bytes[0] === SLASH) directory = ROOT_INO;
      } else if (isLast) {
        if (wantsDirectory && follow !== 'never' && !isDirectory(mode)) {
          throw new VisorError('ENOTDIR');
        }
        return { directory, ino, name: bytes.slice(start, stop), end: 'name', wantsDirectory };
      } else {
        if (!isDirectory(mode)) throw new VisorError('ENOTDIR');
        directory = ino;
        end = 'root';
      }
    }
  }

  /** Throws EISDIR for a name with a slash behind it, whatever the name is: open(2) makes no directories. */
  checkCreatable(path: Path): void {
    const last = path.at(-1);
    const isSlash = last === '/' || last === SLASH;
    if (isSlash && this.spot(path, 'never').end === 'name') throw new VisorError('EISDIR');
  }

  #load(path: Path): number {
    if (path.length === 0) throw new VisorError('ENOENT');
    if (path.length >= PATH_MAX_BYTES) throw new VisorError('ENAMETOOLONG');
    const buffer = this.#buffer;
    if (typeof path !== 'string') {
      buffer.set(path);
      return path.length;
    }
    for (let index = 0; index < path.length; index++) {
      const code = path.charCodeAt(index);
      if (code > 0x7f) return this.#loadText(path);
      buffer[index] = code;
    }
    return path.length;
  }

  #loadText(path: string): number {
    const bytes = utf8(path);
    if (bytes.length >= PATH_MAX_BYTES) throw new VisorError('ENAMETOOLONG');
    this.#buffer.set(bytes);
    return bytes.length;
  }
}

const NO_NAME = new Uint8Array(0);

/** A path that ended in `/`, `.` or `..`, or in a directory's name with slashes behind a `.`. */
function settled(directory: Ino, end: PathEnd): Spot {
  return { directory, ino: directory, name: NO_NAME, end, wantsDirectory: true };
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
