/**
 * Listings and real paths: readdir and realpath.
 *
 * Listings are sorted by the bytes of the names, as libuv sorts them. `recursive` goes breadth
 * first; without types it follows links to directories as node's does, and ELOOP ends a circle.
 *
 * Node has realpath twice: `realpath` walks the path in JavaScript and says of which part it was
 * that lstat or stat failed; `realpath.native`, which is the one of promises, speaks of the whole.
 */

import { text, utf8 } from '../base/bytes.ts';
import { isDirectory, isSymlink } from '../base/mode.ts';
import type { Path } from '../vfs/resolve.ts';
import { Dirent } from './dirent.ts';
import type { Footing } from './footing.ts';
import { joinedPath, resolvedPath } from './path-text.ts';
import { at, shownPath } from './refusals.ts';

/** readdir, and both of node's realpath. */
export function listingVerbs<B extends Uint8Array>({ tree, check, given }: Footing<B>) {
  /** Calls `visit` for every name in `path`: as it was asked for, as text, and its mode. */
  function each(
    path: Path,
    encoding: string,
    visit: (name: string | B, shown: string, mode: number) => void,
  ): void {
    if (encoding === 'utf8') {
      const seen = (name: string, mode: number): void => visit(name, name, mode);
      at(() => tree.eachName(path, seen), 'scandir', path);
      return;
    }
    for (const { bytes, name, mode } of at(() => tree.readdir(path), 'scandir', path)) {
      visit(given(bytes, encoding), name, mode);
    }
  }

  function leadsToDirectory(path: string): boolean {
    try {
      return isDirectory(tree.stat(path).mode);
    } catch {
      // A link that leads nowhere, or in a circle, is listed and not gone into.
      return false;
    }
  }

  function deepNames(path: Path, encoding: string): (string | B)[] {
    const names: (string | B)[] = [];
    const root = shownPath(path);
    const pending = [''];
    // Joined with a name, a path with `..` in it may lead elsewhere than the one that was listed.
    const mayStray = root.includes('..');
    for (const above of pending) {
      const start = above === '' ? '' : `${above}/`;
      each(above === '' ? path : joinedPath(root, above), 'utf8', (_name, shown, mode) => {
        const below = start + shown;
        names.push(encoding === 'utf8' ? below : given(utf8(below), encoding));
        // So may a name that is no text. And what may not be looked at is not gone into.
        const isDoubtful = mayStray || isSymlink(mode) || shown.includes('\ufffd');
        if (!isDoubtful && !isDirectory(mode)) return;
        if (leadsToDirectory(joinedPath(root, below))) pending.push(below);
      });
    }
    return names;
  }

  function deepEntries(path: Path, encoding: string): Dirent<string | B>[] {
    const entries: Dirent<string | B>[] = [];
    const root = shownPath(path);
    const pending = [root];
    for (const above of pending) {
      // Bytes that are no text lead where they lead; what lies below is joined as text, as in node.
      each(above === root ? path : above, encoding, (name, shown, mode) => {
        entries.push(new Dirent(name, mode, above));
        if (isDirectory(mode)) pending.push(joinedPath(above, shown));
      });
    }
    return entries;
  }

  return {
    readdir(file: unknown, options?: unknown): (string | B | Dirent<string | B>)[] {
      const { encoding, withFileTypes, recursive } = check.options(options);
      const path = check.path(file);
      if (recursive !== undefined && recursive !== null) {
        check.boolean(recursive, 'options.recursive');
      }
      const coding = encoding || 'utf8';
      if (recursive) return withFileTypes ? deepEntries(path, coding) : deepNames(path, coding);
      if (!withFileTypes && coding === 'utf8') return at(() => tree.names(path), 'scandir', path);
      const found: (string | B | Dirent<string | B>)[] = [];
      // A path of bytes is handed back as such: node does, whatever its types say.
      const parent = path as string;
      each(path, coding, (name, _shown, mode) => {
        found.push(withFileTypes ? new Dirent(name, mode, parent) : name);
      });
      return found;
    },

    realpath(file: unknown, options?: unknown): string | B {
      const { encoding } = check.options(options);
      let path = resolvedPath(shownPath(check.path(file)));
      for (let end = nextEnd(path, 0); end > 0; end = nextEnd(path, end)) {
        const part = path.slice(0, end);
        const { mode } = at(() => tree.stat(part, false), 'lstat', part);
        if (!isSymlink(mode)) continue;
        at(() => tree.stat(part), 'stat', part);
        const target = text(at(() => tree.readlink(part), 'readlink', part));
        path = resolvedPath(
          part.slice(0, part.lastIndexOf('/') + 1),
          target,
          `.${path.slice(end)}`,
        );
        end = 0;
      }
      return given(utf8(path), encoding || 'utf8');
    },

    realpathNative(file: unknown, options?: unknown): string | B {
      const { encoding } = check.options(options);
      const path = check.path(file);
      return given(
        at(() => tree.realpath(path), 'realpath', path),
        encoding || 'utf8',
      );
    },
  };
}

/** Where the part of `path` that follows `start` ends, or 0 where there is none. */
function nextEnd(path: string, start: number): number {
  if (start === path.length || path === '/') return 0;
  const slash = path.indexOf('/', start + 1);
  return slash < 0 ? path.length : slash;
}
