/**
 * `cp`: copies a file, a link, or a directory with all that is in it.
 *
 * The walk is written once, as a generator that stops where it must ask the caller's `filter` and
 * goes on with the answer. Whoever drives it decides what an answer may be: cpSync takes what the
 * filter returns, the other flavours wait for what it promises. Without a filter it never stops.
 *
 *   check    may `source` go to `target`? asked of every pair on the way
 *   copy     what `source` is decides how: directory, file, link; or the refusal of its kind
 *
 * What the verbs below it refuse is told as they tell it. As with `rm`, what was copied stays where
 * a later copy fails. Two of node's differences between its flavours are kept, as they show in the
 * errors: `Manner` says which.
 *
 * Paths are text in node, which throws at Buffers; here bytes are taken as the text they spell.
 */

import {
  isDirectory,
  isSymlink,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../base/mode.ts';
import { fault, received } from './argument-errors.ts';
import type { Verb } from './flavours.ts';
import type { Footing } from './footing.ts';
import { directoryOf, isWithin, joinedPath, resolvedPath } from './path-text.ts';
import { at, isRefusal, shownPath } from './refusals.ts';
import type { Stats } from './stats.ts';
import { type SystemErrorCode, systemError } from './system-errors.ts';

/** The options of cp, once checked. */
interface CopyOptions {
  readonly dereference: boolean;
  readonly errorOnExist: boolean;
  readonly filter: ((source: string, target: string) => unknown) | undefined;
  readonly force: boolean;
  readonly mode: number;
  readonly preserveTimestamps: boolean;
  readonly recursive: boolean;
  readonly verbatimSymlinks: boolean;
}

const FLAGS = {
  dereference: false,
  errorOnExist: false,
  force: true,
  preserveTimestamps: false,
  recursive: false,
  verbatimSymlinks: false,
};

/** Where node's cpSync and its other flavours differ, beside the filter. */
interface Manner {
  /** The errno of a directory that may not be gone into. */
  readonly directoryErrno: number;
  /** Whether whatever is wrong with the parent of the target means that it is to be made. */
  readonly isParentMadeAnyhow: boolean;
  /** Which of two links must lead to a directory for the one not to be put over the other. */
  readonly linkAsked: 'source' | 'target';
}

const SYNCHRONOUS: Manner = {
  directoryErrno: 22,
  isParentMadeAnyhow: true,
  linkAsked: 'target',
};
const LATER: Manner = { directoryErrno: 21, isParentMadeAnyhow: false, linkAsked: 'source' };

/** A copy that gives what the filter said, and takes what is to be made of it. */
type Copying = Generator<unknown, void, unknown>;

/** cp as `cpSync`, and as what the other flavours promise. */
export interface CopyVerbs {
  readonly cpSync: (from: unknown, to: unknown, options?: unknown) => void;
  /** Throws where the call is wrong; the copy that it returns is to be driven. */
  readonly begun: (from: unknown, to: unknown, options?: unknown) => () => Promise<void>;
}

/** cp over the verbs that `verb` finds by name. */
export function copyVerbs({ tree, check }: Footing, verb: (name: string) => Verb): CopyVerbs {
  const stat = (path: string, given?: object) => verb('stat')(path, given) as Stats | undefined;
  const lstat = (path: string, given?: object) => verb('lstat')(path, given) as Stats | undefined;

  function optionsOf(given: unknown): CopyOptions {
    const named = { ...FLAGS, ...check.fields(given) } as Record<string, unknown>;
    for (const name of ['dereference', 'errorOnExist', 'force', 'preserveTimestamps']) {
      check.boolean(named[name], `options.${name}`);
    }
    for (const name of ['recursive', 'verbatimSymlinks']) {
      check.boolean(named[name], `options.${name}`);
    }
    const mode = check.integer(named['mode'] ?? 0, 'mode', 0, 7);
    if (named['dereference'] === true && named['verbatimSymlinks'] === true) {
      const message = 'Option "dereference" cannot be used in combination with option "verbatim';
      throw fault(TypeError, 'ERR_INCOMPATIBLE_OPTION_PAIR', `${message}Symlinks"`);
    }
    const filter = named['filter'];
    if (filter !== undefined && typeof filter !== 'function') {
      throw check.wrongType('options.filter', 'of type function', filter);
    }
    return { ...named, mode } as unknown as CopyOptions;
  }

  /** A copy of `from` to `to` that has not begun. Throws where the call is wrong. */
  function copying(from: unknown, to: unknown, given: unknown, manner: Manner): Copying {
    const options = optionsOf(given);
    const source = shownPath(check.path(from, 'src'));
    const target = shownPath(check.path(to, 'dest'));
    return new Copier(options, manner).all(source, target);
  }

  class Copier {
    readonly #options: CopyOptions;
    readonly #manner: Manner;
    readonly #look: typeof stat;

    constructor(options: CopyOptions, manner: Manner) {
      this.#options = options;
      this.#manner = manner;
      this.#look = options.dereference ? stat : lstat;
    }

    *all(source: string, target: string): Copying {
      if (!(yield* this.#isWanted(source, target))) return;
      const old = this.#check(source, target);
      this.#checkAbove(source, target);
      this.#makeParent(directoryOf(target));
      yield* this.#copy(source, target, old);
    }

    *#isWanted(source: string, target: string): Generator<unknown, boolean, unknown> {
      const { filter } = this.#options;
      return filter === undefined || Boolean(yield filter(source, target));
    }

    /** What is at `target`. Throws where `source` may not go there. */
    #check(source: string, target: string): Stats | undefined {
      const stats = this.#look(source)!;
      const old = this.#look(target, { throwIfNoEntry: false });
      const isDir = stats.isDirectory();
      if (old !== undefined) {
        if (old.ino === stats.ino) throw invalid(target, 'src and dest cannot be the same');
        if (isDir && !old.isDirectory()) {
          const message = `cannot overwrite non-directory ${target} with directory ${source}`;
          throw refused('ERR_FS_CP_DIR_TO_NON_DIR', 'EISDIR', target, message);
        }
        if (!isDir && old.isDirectory()) {
          const message = `cannot overwrite directory ${target} with non-directory ${source}`;
          throw refused('ERR_FS_CP_NON_DIR_TO_DIR', 'ENOTDIR', target, message);
        }
      }
      if (isDir && isWithin(source, target)) throw intoItself(target, source, target);
      return old;
    }

    /** Throws where a directory above `target` is `source`, whichever way its path leads there. */
    #checkAbove(source: string, target: string): void {
      const { ino } = this.#look(source)!;
      const end = resolvedPath(directoryOf(source));
      let below = target;
      for (;;) {
        const above = resolvedPath(directoryOf(below));
        if (above === end || above === '/') return;
        const stats = stat(above, { throwIfNoEntry: false });
        if (stats === undefined) return;
        if (stats.ino === ino) throw intoItself(below, source, below);
        below = above;
      }
    }

    #makeParent(parent: string): void {
      const isThere = this.#manner.isParentMadeAnyhow
        ? verb('exists')(parent)
        : stat(parent, { throwIfNoEntry: false }) !== undefined;
      if (!isThere) verb('mkdir')(parent, { recursive: true });
    }

    *#copy(source: string, target: string, old: Stats | undefined): Copying {
      const { mode } = this.#look(source)!;
      if (isDirectory(mode)) yield* this.#copyDirectory(source, target, mode, old === undefined);
      else if (isSymlink(mode)) this.#copyLink(source, target, old !== undefined);
      else if (BYTES.includes(mode & S_IFMT)) this.#copyFile(source, target, mode, old);
      else throw uncopied(mode, target);
    }

    *#copyDirectory(source: string, target: string, mode: number, isNew: boolean): Copying {
      if (!this.#options.recursive) {
        const message = `${source} is a directory (not copied)`;
        const errno = this.#manner.directoryErrno;
        throw systemError('ERR_FS_EISDIR', 'EISDIR', 'cp', source, message, errno);
      }
      if (isNew) verb('mkdir')(target);
      for (const name of namesIn(source)) {
        const [one, other] = [joinedPath(source, name), joinedPath(target, name)];
        if (!(yield* this.#isWanted(one, other))) continue;
        yield* this.#copy(one, other, this.#check(one, other));
      }
      // Last, as it may be one that forbids to write into it.
      if (isNew) verb('chmod')(target, mode);
    }

    #copyFile(source: string, target: string, mode: number, old: Stats | undefined): void {
      const { force, errorOnExist, preserveTimestamps } = this.#options;
      if (old !== undefined && !force) {
        if (!errorOnExist) return;
        throw refused('ERR_FS_CP_EEXIST', 'EEXIST', target, `${target} already exists`);
      }
      if (old !== undefined) verb('unlink')(target);
      verb('copyFile')(source, target, this.#options.mode);
      if (preserveTimestamps) {
        const { atime, mtime } = stat(source)!;
        verb('utimes')(target, atime, mtime);
      }
      verb('chmod')(target, mode);
    }

    #copyLink(source: string, target: string, isOver: boolean): void {
      const written = verb('readlink')(source) as string;
      const isKept = this.#options.verbatimSymlinks || written.startsWith('/');
      const to = isKept ? written : resolvedPath(directoryOf(source), written);
      if (isOver && isLink(target)) {
        const was = resolvedPath(directoryOf(target), verb('readlink')(target) as string);
        if (isWithin(to, was)) throw intoItself(target, to, was);
        const asked = this.#manner.linkAsked === 'source' ? source : target;
        if (stat(asked)!.isDirectory() && isWithin(was, to)) {
          const message = `cannot overwrite ${was} with ${to}`;
          throw refused('ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY', 'EINVAL', target, message);
        }
        verb('unlink')(target);
      }
      verb('symlink')(to, target);
    }
  }

  /** The names in `directory`; what it says when it cannot be listed, it says as opendir. */
  function namesIn(directory: string): string[] {
    return at(() => tree.names(directory), 'opendir', directory);
  }

  function isLink(path: string): boolean {
    try {
      verb('readlink')(path);
      return true;
    } catch (error) {
      if (isRefusal(error, 'EINVAL')) return false;
      throw error;
    }
  }

  return {
    cpSync(from, to, options) {
      const walk = copying(from, to, options, SYNCHRONOUS);
      for (let step = walk.next(); !step.done; ) step = walk.next(atOnce(step.value));
    },

    begun(from, to, options) {
      const walk = copying(from, to, options, LATER);
      return async () => {
        for (let step = walk.next(); !step.done; ) step = walk.next(await step.value);
      };
    },
  };

  /** The answer of a filter that cannot be waited for. */
  function atOnce(answer: unknown): unknown {
    if (!(answer instanceof Promise)) return answer;
    const was = received(answer, (value) => String(value));
    const message = `Expected boolean to be returned from the "filter" function but got ${was}.`;
    throw fault(TypeError, 'ERR_INVALID_RETURN_VALUE', message);
  }
}

/** What is copied by its bytes. */
const BYTES: readonly number[] = [S_IFREG, S_IFCHR, S_IFBLK];

function refused(
  code: SystemErrorCode,
  reason: 'EEXIST' | 'EISDIR' | 'ENOTDIR' | 'EINVAL',
  path: string,
  message: string,
): Error {
  return systemError(code, reason, 'cp', path, message);
}

function invalid(path: string, message: string): Error {
  return refused('ERR_FS_CP_EINVAL', 'EINVAL', path, message);
}

function intoItself(path: string, source: string, target: string): Error {
  return invalid(path, `cannot copy ${source} to a subdirectory of self ${target}`);
}

/** Why something of the type in `mode` is not copied to `target`. */
function uncopied(mode: number, target: string): Error {
  const type = mode & S_IFMT;
  if (type === S_IFSOCK) {
    return refused('ERR_FS_CP_SOCKET', 'EINVAL', target, `cannot copy a socket file: ${target}`);
  }
  if (type === S_IFIFO) {
    return refused('ERR_FS_CP_FIFO_PIPE', 'EINVAL', target, `cannot copy a FIFO pipe: ${target}`);
  }
  const message = `cannot copy an unknown file type: ${target}`;
  return refused('ERR_FS_CP_UNKNOWN', 'EINVAL', target, message);
}
