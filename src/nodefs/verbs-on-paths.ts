/**
 * The verbs on paths, each once: `verb(...)` is what `verbSync` is; flavours.ts derives the rest.
 *
 * Each has two steps: check what was passed, then ask the tree, telling a refusal its place.
 *
 * Not here: whole files (whole-files.ts), rm (directories.ts), listings and realpath (listings.ts).
 */

import { utf8 } from '../base/bytes.ts';
import { located, VisorError } from '../base/errors.ts';
import type { Path } from '../vfs/resolve.ts';
import { fault } from './argument-errors.ts';
import { timeOf } from './arguments.ts';
import type { Footing } from './footing.ts';
import { at, isRefusal, shownPath } from './refusals.ts';
import { bigStatFs, statFs, statsOf } from './stats.ts';

const LINK_KINDS: readonly unknown[] = ['dir', 'file', 'junction'];

/** How often mkdtemp draws a name before it gives up: with 62^6 of them, once is enough. */
const MKDTEMP_TRIES = 100;
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

interface StatOptions {
  readonly bigint?: boolean;
  readonly throwIfNoEntry?: boolean;
}

/** The verbs on paths. */
export function pathVerbs<B extends Uint8Array>({ tree, runtime, check, given }: Footing<B>) {
  function statOf(file: unknown, options: StatOptions | undefined, follow: boolean) {
    const path = check.path(file);
    const found = tree.seek(path, follow);
    if (typeof found === 'number') return statsOf(tree.live, found, options?.bigint === true);
    if (options?.throwIfNoEntry === false && found === 'ENOENT') return undefined;
    throw new VisorError(found, { syscall: follow ? 'stat' : 'lstat', path: shownPath(path) });
  }

  function checkAccess(path: Path, wanted: number): void {
    if (!tree.may(tree.lookup(path), wanted)) throw new VisorError('EACCES');
  }

  /** The name of a directory for mkdtemp: `prefix` and six letters. */
  function drawn(prefix: Uint8Array): Uint8Array {
    const name = new Uint8Array(prefix.length + 6);
    name.set(prefix);
    runtime.random(6).forEach((byte, index) => {
      name[prefix.length + index] = LETTERS.charCodeAt(byte % LETTERS.length);
    });
    return name;
  }

  return {
    access(file: unknown, mode?: unknown): void {
      const path = check.path(file);
      const bits = check.bits(mode);
      at(() => checkAccess(path, bits), 'access', path);
    },

    exists(file: unknown): boolean {
      try {
        return tree.has(check.path(file));
      } catch {
        // Whatever is wrong with it, it is not there: node never throws here.
        return false;
      }
    },

    stat: (file: unknown, options?: StatOptions) => statOf(file, options, true),
    lstat: (file: unknown, options?: StatOptions) => statOf(file, options, false),

    statfs(file: unknown, options?: StatOptions) {
      const path = check.path(file);
      const space = at(() => tree.statfs(path), 'statfs', path);
      return options?.bigint === true ? bigStatFs(space) : statFs(space);
    },

    open(file: unknown, flags?: unknown, mode?: unknown): number {
      const path = check.path(file);
      const bits = check.flags(flags);
      const permissions = check.mode(mode, 0o666);
      return at(() => tree.open(path, bits, permissions), 'open', path);
    },

    mkdtemp(start: unknown, options?: unknown): string | B {
      const { encoding } = check.options(options);
      const prefix = check.path(start, 'prefix');
      const bytes = typeof prefix === 'string' ? utf8(prefix) : prefix;
      const shown = `${shownPath(prefix)}XXXXXX`;
      for (let tries = 1; ; tries++) {
        const path = drawn(bytes);
        try {
          at(() => tree.mkdir(path, 0o700), 'mkdtemp', shown);
          return given(path, encoding || 'utf8');
        } catch (error) {
          if (!isRefusal(error, 'EEXIST') || tries === MKDTEMP_TRIES) throw error;
        }
      }
    },

    readlink(file: unknown, options?: unknown): string | B {
      const { encoding } = check.options(options);
      const path = check.path(file, 'oldPath');
      return given(
        at(() => tree.readlink(path).slice(), 'readlink', path),
        encoding || 'utf8',
      );
    },

    symlink(to: unknown, file: unknown, type?: unknown): void {
      const target = check.path(to, 'target');
      const path = check.path(file);
      if (typeof type === 'string' && !LINK_KINDS.includes(type)) {
        const kinds = 'Symlink type must be one of "dir", "file", or "junction".';
        throw fault(Error, 'ERR_FS_INVALID_SYMLINK_TYPE', `${kinds} Received "${type}"`);
      }
      at(() => tree.symlink(target, path), 'symlink', target, path);
    },

    link(file: unknown, another: unknown): void {
      const existing = check.path(file, 'existingPath');
      const path = check.path(another, 'newPath');
      at(() => tree.link(existing, path), 'link', existing, path);
    },

    unlink(file: unknown): void {
      const path = check.path(file);
      try {
        tree.unlink(path);
      } catch (error) {
        throw located(error, { syscall: 'unlink', path: shownPath(path) });
      }
    },

    rename(older: unknown, newer: unknown): void {
      const source = check.path(older, 'oldPath');
      const target = check.path(newer, 'newPath');
      at(() => tree.rename(source, target), 'rename', source, target);
    },

    truncate(file: unknown, length: unknown = 0): void {
      // Node means ftruncate, whatever the number is.
      if (typeof file === 'number') {
        const size = Math.max(0, check.integer(length, 'len'));
        const fd = check.fd(file);
        at(() => tree.ftruncate(fd, size), 'ftruncate');
        return;
      }
      const path = check.path(file);
      const fd = at(() => tree.open(path, check.flags('r+')), 'open', path);
      try {
        const size = Math.max(0, check.integer(length, 'len'));
        at(() => tree.ftruncate(fd, size), 'ftruncate');
      } finally {
        tree.close(fd);
      }
    },

    chmod(file: unknown, mode: unknown): void {
      const path = check.path(file);
      const permissions = check.mode(mode);
      at(() => tree.chmod(path, permissions), 'chmod', path);
    },

    chown(file: unknown, uid: unknown, gid: unknown): void {
      const path = check.path(file);
      const [user, group] = [check.id(uid, 'uid'), check.id(gid, 'gid')];
      at(() => tree.chown(path, user, group), 'chown', path);
    },

    lchown(file: unknown, uid: unknown, gid: unknown): void {
      const path = check.path(file);
      const [user, group] = [check.id(uid, 'uid'), check.id(gid, 'gid')];
      at(() => tree.chown(path, user, group, false), 'lchown', path);
    },

    utimes(file: unknown, atime: unknown, mtime: unknown): void {
      const path = check.path(file);
      const [accessed, modified] = [check.seconds(atime), check.seconds(mtime)];
      at(() => tree.utimes(path, timeOf(accessed), timeOf(modified)), 'utime', path);
    },

    lutimes(file: unknown, atime: unknown, mtime: unknown): void {
      const path = check.path(file);
      const [accessed, modified] = [check.seconds(atime), check.seconds(mtime)];
      at(() => tree.utimes(path, timeOf(accessed), timeOf(modified), false), 'lutime', path);
    },
  };
}
