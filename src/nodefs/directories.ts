/**
 * The verbs that make and remove directories, with all that is in or above them: mkdir, rmdir, rm.
 *
 * `mkdir` with `recursive` leaves nothing behind where it fails midway. `rm` cannot promise that:
 * as in POSIX, what is gone is gone when it meets what it may not remove.
 *
 * Node has `rm` twice: rmSync looks first only where it needs to, the others always do. That shows
 * in which system call it was that failed.
 */

import { concatBytes, text, utf8 } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { isDirectory } from '../base/mode.ts';
import { nameCost } from '../layer/delta.ts';
import type { Room } from '../vfs/costs.ts';
import type { Path } from '../vfs/resolve.ts';
import type { Options } from './arguments.ts';
import type { Footing } from './footing.ts';
import { at, isRefusal, shownPath } from './refusals.ts';
import { isDirectoryError } from './system-errors.ts';

const SLASH_BYTE = 0x2f;
const SLASH = Uint8Array.of(SLASH_BYTE);

interface RemoveOptions {
  readonly recursive: boolean;
  readonly force: boolean;
}

/** What stands for options that are not given; one that is given as undefined is wrong. */
const REMOVAL: Options = { recursive: false, retryDelay: 100, maxRetries: 0, force: false };

/** mkdir, rmdir and rm. */
export function directoryVerbs<B extends Uint8Array>({ tree, check }: Footing<B>) {
  /** Makes `path` and what is missing above it, each noted in `made`. */
  function makeDeep(path: Uint8Array, mode: number, made: Uint8Array[]): void {
    const pending = [path];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const above = next.subarray(0, Math.max(next.lastIndexOf(SLASH_BYTE), 0));
      // Asked before it is tried: errors cost more than directories.
      if (above.length > 0 && next.at(-1) !== SLASH_BYTE && tree.seek(above) === 'ENOENT') {
        pending.push(next, above);
        continue;
      }
      try {
        tree.mkdir(next, mode, roomFor(pending));
        made.push(next);
      } catch (error) {
        if (isRefusal(error, 'ENOENT') && above.length > 0) pending.push(next, above);
        else if (!isRefusal(error, 'EEXIST')) throw error;
        else if (!isDirectory(tree.stat(next).mode)) {
          throw pending.length > 0 ? new VisorError('ENOTDIR') : error;
        }
      }
    }
  }

  function mkdirDeep(path: Path, mode: number): string | undefined {
    const end = at(() => tree.mkdirs(path, mode), 'mkdir', path);
    if (end > 0) return text(bytesOf(path), 0, end);
    const made: Uint8Array[] = [];
    try {
      at(() => makeDeep(bytesOf(path), mode, made), 'mkdir', path);
    } catch (error) {
      for (const directory of made.reverse()) tree.rmdir(directory);
      throw error;
    }
    return made[0] === undefined ? undefined : text(made[0]);
  }

  /** Removes what is at `path`, first what is in it. What is gone already is well. */
  function removeDeep(path: Path): void {
    const ino = tree.seek(path, false);
    if (ino === 'ENOENT') return;
    // A path that cannot be walked is none of a directory, and unlink will say why.
    removeKnown(path, typeof ino === 'number' && isDirectory(tree.live.mode(ino)));
  }

  function removeKnown(path: Path, isDir: boolean): void {
    try {
      if (isDir) removeDirectory(path);
      else removeFile(path);
    } catch (error) {
      // A link that leads nowhere and may not be removed is still there.
      const isThere = error instanceof VisorError && error.syscall === 'scandir';
      if (isThere || !isRefusal(error, 'ENOENT')) throw error;
    }
  }

  function removeFile(path: Path): void {
    try {
      at(() => tree.unlink(path), 'unlink', path);
    } catch (error) {
      if (!isRefusal(error, 'EPERM')) throw error;
      // Node thinks of systems on which that means a directory, and goes on as with one. Unlike
      // node we do not go into what a link leads to.
      if (mayNotRemove(path)) at(() => tree.readdir(path), 'scandir', path);
      throw error;
    }
  }

  function mayNotRemove(path: Path): boolean {
    try {
      return !tree.rmdirIfEmpty(path);
    } catch (error) {
      return isRefusal(error, 'EPERM');
    }
  }

  /** As node does it: what is in the way is removed only after the directory could not be. */
  function removeDirectory(path: Path): void {
    try {
      if (at(() => tree.rmdirIfEmpty(path), 'rmdir', path)) return;
    } catch (error) {
      // Of `..`, what it leads to may be gone once what is in it is.
      if (!isRefusal(error, 'EPERM') && !isRefusal(error, 'ENOTEMPTY')) throw error;
    }
    const above = concatBytes([bytesOf(path), SLASH]);
    for (const { bytes, mode } of at(() => tree.readdir(path), 'scandir', path)) {
      const child = concatBytes([above, bytes]);
      // What may not be looked at is tried as a file.
      const isKnown = isDirectory(mode) && tree.seek(child, false) !== 'EACCES';
      removeKnown(child, isKnown);
    }
    at(() => tree.rmdir(path), 'rmdir', path);
  }

  function removeOptions(given: unknown): RemoveOptions {
    const options = check.fields(given);
    const { recursive, retryDelay, maxRetries, force } = { ...REMOVAL, ...options };
    check.integer(retryDelay, 'options.retryDelay', 0, 2 ** 31 - 1);
    check.integer(maxRetries, 'options.maxRetries', 0, 2 ** 32 - 1);
    return {
      recursive: check.boolean(recursive, 'options.recursive'),
      force: check.boolean(force, 'options.force'),
    };
  }

  /** Throws where `path` is not there, or is a directory that may not be gone into. */
  function look(path: Path, { recursive, force }: RemoveOptions): void {
    try {
      const { mode } = at(() => tree.stat(path, false), 'lstat', path);
      if (isDirectory(mode) && !recursive) throw isDirectoryError(shownPath(path));
    } catch (error) {
      if (!force || !isRefusal(error, 'ENOENT')) throw error;
    }
  }

  /** `rmdir` with `recursive`, as node keeps it; `lookup` is the call that says ENOENT. */
  function rmdirDeep(path: Path, lookup: 'lstat' | 'stat'): void {
    const { mode } = at(() => tree.stat(path, lookup === 'stat'), lookup, path);
    if (isDirectory(mode)) removeDeep(path);
    else at(() => tree.rmdir(path), 'rmdir', path);
  }

  function rmdirWith(lookup: 'lstat' | 'stat') {
    return (file: unknown, given?: unknown): void => {
      const path = check.path(file);
      if (removeOptions(given).recursive) rmdirDeep(path, lookup);
      else at(() => tree.rmdir(path), 'rmdir', path);
    };
  }

  return {
    mkdir(file: unknown, options?: unknown): string | undefined {
      const isMode = typeof options === 'number' || typeof options === 'string';
      const { recursive, mode } = isMode
        ? { mode: options }
        : ((options ?? {}) as Record<string, unknown>);
      const path = check.path(file);
      const isDeep = recursive !== undefined && check.boolean(recursive, 'options.recursive');
      const permissions = check.mode(mode === undefined ? 0o777 : mode);
      if (isDeep) return mkdirDeep(path, permissions);
      at(() => tree.mkdir(path, permissions), 'mkdir', path);
      return undefined;
    },

    rmdir: rmdirWith('lstat'),
    rmdirPromised: rmdirWith('stat'),

    rm(file: unknown, given?: unknown): void {
      const path = check.path(file);
      const options = removeOptions(given);
      if (!options.force || !options.recursive) look(path, options);
      removeDeep(path);
    },

    rmLooking(file: unknown, given?: unknown): void {
      const path = check.path(file);
      const options = removeOptions(given);
      look(path, options);
      removeDeep(path);
    },
  };
}

/**
 * What the directories `paths` will cost, each in the one before it: all of them fit, or none is
 * made.
 */
function roomFor(paths: readonly Uint8Array[]): Room {
  const names = paths.map((path) => path.length - path.lastIndexOf(SLASH_BYTE) - 1);
  const bytes = names.reduce((sum, length) => sum + nameCost(length), 0);
  return { bytes, inodes: paths.length };
}

function bytesOf(path: Path): Uint8Array {
  return typeof path === 'string' ? utf8(path) : path;
}
