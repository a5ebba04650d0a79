/**
 * Whether the next backup saves what is at one place, and if not, why not.
 *
 * The rule is that of select.ts, asked first; what is told here explains its no and is no second
 * rule.
 */

import { concatBytes, utf8 } from '../base/bytes.ts';
import { isDirectory, isRegular, isSticky, isSymlink } from '../base/mode.ts';
import { ROOT_INO } from '../layer/image.ts';
import { isOriginal, NO_INO } from '../vfs/ino.ts';
import type { Place } from '../vfs/place.ts';
import type { View } from '../vfs/view.ts';
import { directoryAt, reasonFor, type StateReason } from './select.ts';

/**
 * Why something is not state, the first of these that is so:
 *
 *   absent       nothing has that name
 *   marker       it is `.#name`, which shows the original of another file
 *   directory, symlink, special
 *                only regular files are saved
 *   outside      it is not below a state root
 *   new          no archive has a regular file there that it could be a branch of
 *   not-sticky   neither it nor what the archive has there is sticky
 *   unchanged    it is sticky, and nobody wrote to it
 */
export type StateObstacle =
  | 'absent'
  | 'marker'
  | 'directory'
  | 'symlink'
  | 'special'
  | 'outside'
  | 'new'
  | 'not-sticky'
  | 'unchanged';

/** Whether the next backup saves something, and why or why not. */
export type StateVerdict =
  | { readonly isSaved: true; readonly reason: StateReason }
  | { readonly isSaved: false; readonly obstacle: StateObstacle };

/** Whether what is at `place` is state under `roots`, and why or why not. */
export function verdictOn(
  tree: View,
  place: Place,
  roots: readonly string[],
  restored: ReadonlySet<string>,
): StateVerdict {
  const isFile = place.ino !== NO_INO && isRegular(tree.live.mode(place.ino));
  for (const bytes of isFile ? pathsBelow(tree, place, roots) : []) {
    const reason = reasonFor(tree, { ...place, bytes }, restored);
    if (reason !== null) return { isSaved: true, reason };
  }
  return { isSaved: false, obstacle: obstacleOf(tree, place, roots) };
}

/** Why what is at `place`, which is no state, is none. */
function obstacleOf(tree: View, place: Place, roots: readonly string[]): StateObstacle {
  const { live } = tree;
  const { directory, name, ino } = place;
  if (ino === NO_INO) return 'absent';
  if (isOriginal(ino)) return 'marker';
  const mode = live.mode(ino);
  if (isDirectory(mode)) return 'directory';
  if (isSymlink(mode)) return 'symlink';
  if (!isRegular(mode)) return 'special';
  if (pathsBelow(tree, place, roots).length === 0) return 'outside';
  const original = live.below(directory, name, 0, name.length);
  if (original === NO_INO || !isRegular(live.image.mode(original))) return 'new';
  return isSticky(mode) || isSticky(live.image.mode(original)) ? 'unchanged' : 'not-sticky';
}

/** The paths of `place` by way of each of `roots` that it lies below, spelled as they are. */
function pathsBelow(tree: View, { directory, bytes }: Place, roots: readonly string[]) {
  const { live } = tree;
  return roots.flatMap((root) => {
    const top = directoryAt(tree, root);
    if (top === NO_INO || directory === NO_INO || !live.isWithin(directory, top)) return [];
    const above = top === ROOT_INO ? 0 : live.pathOf(top).length;
    return [concatBytes([utf8(root === '/' ? '' : root), bytes.subarray(above)])];
  });
}
