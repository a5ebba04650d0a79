/**
 * A path as one directory and one name, also where nothing is there any more.
 *
 * Links, `.` and `..` on the way are followed as far as there are directories; what comes after
 * them is names. So one place has one path, however it was spelled, and that of a deleted file, or
 * of a file in a deleted directory, is where it would be.
 */

import { concatBytes, NO_BYTES, utf8 } from '../base/bytes.ts';
import { isDirectory } from '../base/mode.ts';
import { ROOT_INO } from '../layer/image.ts';
import { type Ino, NO_INO } from './ino.ts';
import type { Path } from './resolve.ts';
import type { View } from './view.ts';

const SLASH = 0x2f;
const SLASH_BYTES = Uint8Array.of(SLASH);

/** Where a path leads, or would. */
export interface Place {
  /** Absolute, without links, `.` and `..`. */
  readonly bytes: Uint8Array;
  /** The directory that holds the name; of the root, itself; NO_INO where that is not there. */
  readonly directory: Ino;
  /** Empty for the root. */
  readonly name: Uint8Array;
  /** What has the name, NO_INO where nothing has. A last link is not followed. */
  readonly ino: Ino;
}

/** The place of `path` in `tree`. Throws what `lookup` throws where a name is `..` of nothing. */
export function placeOf(tree: View, path: Path): Place {
  const { live } = tree;
  const names = namesOf(typeof path === 'string' ? utf8(path) : path);
  for (let count = names.length - 1; count >= 0; count--) {
    const rest = names.slice(count);
    if (rest.some(isDots)) continue;
    const directory = directoryAt(tree, names.slice(0, count));
    if (directory === NO_INO) continue;
    const name = rest[0]!;
    const bytes = concatBytes([pathTo(tree, directory), ...rest.flatMap(slashed)]);
    const isThere = rest.length === 1;
    const found = isThere ? live.lookup(directory, name, 0, name.length) : NO_INO;
    const ino = isThere && found === NO_INO ? live.marker(directory, name, 0, name.length) : found;
    return { bytes, directory: isThere ? directory : NO_INO, name: rest.at(-1)!, ino };
  }
  return placeOfDirectory(tree, tree.lookup(path));
}

/** The names in `path`, `.` and `..` among them. */
export function namesOf(path: Uint8Array): Uint8Array[] {
  const names: Uint8Array[] = [];
  for (let start = 0; start < path.length; ) {
    let end = start;
    while (end < path.length && path[end] !== SLASH) end += 1;
    if (end > start) names.push(path.subarray(start, end));
    start = end + 1;
  }
  return names;
}

function placeOfDirectory(tree: View, ino: Ino): Place {
  const { live } = tree;
  const name = ino === ROOT_INO ? NO_BYTES : live.nameOf(ino).slice();
  return { bytes: live.pathOf(ino), directory: live.parentOf(ino), name, ino };
}

/** `.` or `..`, which lead somewhere only from a directory that is there. */
function isDots(name: Uint8Array): boolean {
  return name.length <= 2 && name.every((byte) => byte === 0x2e);
}

function slashed(name: Uint8Array): Uint8Array[] {
  return [SLASH_BYTES, name];
}

function directoryAt(tree: View, names: readonly Uint8Array[]): Ino {
  const found = tree.seek(concatBytes([SLASH_BYTES, ...names.flatMap(slashed)]));
  return typeof found === 'number' && isDirectory(tree.live.mode(found)) ? found : NO_INO;
}

/** The path of `directory`, of the root nothing, for what is put behind it. */
function pathTo(tree: View, directory: Ino): Uint8Array {
  return directory === ROOT_INO ? NO_BYTES : tree.live.pathOf(directory);
}
