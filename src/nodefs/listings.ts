/**
 * Listings and real paths: readdir and realpath.
 *
 * Listings are sorted by the bytes of the names, as libuv sorts them. `recursive` goes breadth
 * first; without types it follows links to directories as node's does, and ELOOP ends a circle.
 *
 * Node has realpath twice: `realpath` walks the path in JavaScript and says of which part it was
 * that lstat or stat failed; `realpath.native`, which is the one of promises, speaks of the whole.
 */

import { compareBytes, text, utf8 } from '../base/bytes.ts';
import { isDirectory, isSymlink } from '../base/mode.ts';
import type { Path } from '../vfs/resolve.ts';
import type { DirectoryEntry } from '../vfs/shapes.ts';
import { Dirent } from './dirent.ts';
import type { Footing } from './footing.ts';
import { joinedPath, resolvedPath } from './path-text.ts';
import { at, shownPath } from './refusals.ts';

/** readdir, and both of node's realpath. */
export function listingVerbs<B extends Uint8Array>({ tree, check, given }: Footing<B>) {
  function sorted(path: Path): DirectoryEntry[] {
    const entries = at(() => tree.readdir(path), 'scandir', path);
    return entries.sort((one, other) => compareBytes(one.bytes, other.bytes));
  }

  function sortedNames(path: Path): string[] {
    const names = at(() => tree.names(path), 'scandir', path);
    // UTF-16 sorts as UTF-8 does, but for characters beyond the first 65536.
    return names.some(hasSurrogates) ? names.sort(compareAsBytes) : names.sort();
  }

  function leadsToDirectory(path: string): boolean {
    try {
      return isDirectory(tree.stat(path).mode);
    } catch {
      // A link that leads nowhere, or in a circle, is listed and not gone into.
      return false;
    }
  }

  function deepNames(root: string, encoding: string): (string | B)[] {
    const names: (string | B)[] = [];
    const pending = [''];
    for (const above of pending) {
      for (const { name } of sorted(above === '' ? root : joinedPath(root, above))) {
        const below = above === '' ? name : `${above}/${name}`;
        names.push(given(utf8(below), encoding));
        if (leadsToDirectory(joinedPath(root, below))) pending.push(below);
      }
    }
    return names;
  }

  function deepEntries(root: string, encoding: string): Dirent<string | B>[] {
    const entries: Dirent<string | B>[] = [];
    const pending = [root];
    for (const above of pending) {
      for (const { name, bytes, mode } of sorted(above)) {
        entries.push(new Dirent(given(bytes, encoding), mode, above));
        if (isDirectory(mode)) pending.push(joinedPath(above, name));
      }
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
      const shown = shownPath(path);
      if (recursive) return withFileTypes ? deepEntries(shown, coding) : deepNames(shown, coding);
      if (!withFileTypes && coding === 'utf8') return sortedNames(path);
      const entries = sorted(path);
      if (!withFileTypes) return entries.map(({ bytes }) => given(bytes, coding));
      // A path of bytes is handed back as such: node does, whatever its types say.
      const parent = path as string;
      return entries.map(({ bytes, mode }) => new Dirent(given(bytes, coding), mode, parent));
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

function hasSurrogates(name: string): boolean {
  return /[\ud800-\udfff]/.test(name);
}

function compareAsBytes(one: string, other: string): number {
  return compareBytes(utf8(one), utf8(other));
}
