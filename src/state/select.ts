/**
 * Which files are state: what the next backup will save, and why.
 *
 * Under the state roots (/etc unless said), a regular file is state if
 *
 *   sticky      it is a branch of an image file that is or was marked sticky (mode bit 01000)
 *   replaced    it stands where the image has a sticky file, put there by a rename or anew
 *   restored    a restore put it there: saved once, saved again
 *
 * A new file with the sticky bit is not state, as on ESXi: there is nothing that it is a branch of.
 * A file that was deleted drops out.
 *
 * Not here: why something else is none (verdict.ts), which asks this rule first.
 */

import { compareBytes, concatBytes, latin1, text, utf8 } from '../base/bytes.ts';
import { isDirectory, isRegular } from '../base/mode.ts';
import type { Attributes } from '../vfs/attributes.ts';
import { type Ino, NO_INO } from '../vfs/ino.ts';
import type { Place } from '../vfs/place.ts';
import type { View } from '../vfs/view.ts';

const SLASH = Uint8Array.of(0x2f);

/** Why a file is state. */
export type StateReason = 'sticky' | 'replaced' | 'restored';

/** One file that the next backup saves. */
export interface StateFile {
  /** Absolute. */
  readonly path: string;
  readonly reason: StateReason;
  /** Bytes. */
  readonly size: number;
  readonly mode: number;
}

/** A state file, as it is found in the tree. */
export interface FoundFile extends StateFile {
  /** The path as it is: one that is no UTF-8 shows otherwise. */
  readonly bytes: Uint8Array;
  readonly ino: Ino;
  readonly attributes: Attributes;
}

/** What tells one path from another, text or not: its bytes, one character each. */
export function keyOf(path: Uint8Array): string {
  return latin1(path, 0, path.length);
}

/**
 * The state under `roots`, sorted by the bytes of the paths; `restored` are the keys of what was
 * restored.
 */
export function findState(
  tree: View,
  roots: readonly string[],
  restored: ReadonlySet<string>,
): FoundFile[] {
  const found = new Map<string, FoundFile>();
  for (const root of roots) {
    for (const file of filesBelow(tree, root)) {
      const { ino, bytes } = file;
      const reason = reasonFor(tree, file, restored);
      if (reason === null) continue;
      const attributes = tree.live.attributes(ino);
      const { size, mode } = attributes;
      found.set(keyOf(bytes), { path: text(bytes), bytes, reason, size, mode, ino, attributes });
    }
  }
  return [...found.values()].sort((one, other) => compareBytes(one.bytes, other.bytes));
}

/** Why `file`, a regular file below a state root, is state; null where it is none. */
export function reasonFor(
  tree: View,
  file: Place,
  restored: ReadonlySet<string>,
): StateReason | null {
  const { directory, name, ino, bytes } = file;
  if (restored.has(keyOf(bytes))) return 'restored';
  const original = tree.live.originalOf(directory, name, 0, name.length);
  if (original === NO_INO) return null;
  return original === -ino ? 'sticky' : 'replaced';
}

/**
 * Regular files in and below the directory `root`; none where it is no directory. Symbolic links
 * are not followed.
 */
function* filesBelow(tree: View, root: string): Generator<Place> {
  const { live } = tree;
  const top = directoryAt(tree, root);
  if (top === NO_INO) return;
  const pending: [Ino, Uint8Array][] = [[top, utf8(root === '/' ? '' : root)]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [directory, path] = next;
    const files: Place[] = [];
    live.list(directory, (table, entry, ino) => {
      const mode = live.mode(ino);
      const name = table.nameBytes(entry).slice();
      const bytes = concatBytes([path, SLASH, name]);
      if (isDirectory(mode)) pending.push([ino, bytes]);
      if (isRegular(mode)) files.push({ directory, name, ino, bytes });
    });
    yield* files;
  }
}

/** The directory at `path`, NO_INO where there is none. */
export function directoryAt(tree: View, path: string): Ino {
  try {
    const ino = tree.lookup(path);
    return isDirectory(tree.live.mode(ino)) ? ino : NO_INO;
  } catch {
    // A root that is not there holds no state.
    return NO_INO;
  }
}
