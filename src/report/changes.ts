/**
 * What differs from the image: files added, modified and deleted.
 *
 * A directory counts as modified only where its mode or owner is another, not because something in
 * it changed. A file that was branched and has the old content again still counts as modified.
 */

import { compareBytes, utf8 } from '../base/bytes.ts';
import { isDirectory } from '../base/mode.ts';
import { WHITEOUT } from '../layer/delta.ts';
import { NONE } from '../store/dirents.ts';
import { type Ino, isMade, NO_INO } from '../vfs/ino.ts';
import type { Tree } from '../vfs/tree.ts';

/** One difference from the image. */
export interface Change {
  readonly path: string;
  readonly change: 'added' | 'modified' | 'deleted';
}

/** How `tree` differs from its image, sorted by path. */
export function changesOf(tree: Tree): Change[] {
  const changes: Change[] = [];
  const { live } = tree;
  const { dirents } = live.delta;
  const pending: [Ino, string][] = [[tree.lookup('/'), '']];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [directory, path] = next;
    for (let entry = dirents.first(directory); entry !== NONE; entry = dirents.next(entry)) {
      const name = dirents.nameBytes(entry);
      const isBelow = live.below(directory, name, 0, name.length) !== NO_INO;
      const isGone = dirents.child(entry) === WHITEOUT && isBelow;
      if (isGone) changes.push({ path: `${path}/${dirents.name(entry)}`, change: 'deleted' });
    }
    live.list(directory, (table, entry, ino) => {
      const below = `${path}/${table.name(entry)}`;
      const name = table.nameBytes(entry);
      const original = live.below(directory, name, 0, name.length);
      const change = changeOf(tree, ino, original);
      if (change !== null) changes.push({ path: below, change });
      if (isDirectory(live.mode(ino))) pending.push([ino, below]);
    });
  }
  return changes.sort((one, other) => compareBytes(utf8(one.path), utf8(other.path)));
}

function changeOf(tree: Tree, ino: Ino, original: Ino): Change['change'] | null {
  const { live } = tree;
  if (original === NO_INO) return 'added';
  if (live.rowOf(ino) === 0 && ino === original) return null;
  const merges = live.lower(ino) === original;
  if (!isDirectory(live.mode(ino)) || (isMade(ino) && !merges)) return 'modified';
  const now = live.attributes(ino);
  const { image } = live;
  const tardisk = image.tardiskOf(original);
  const row = image.rowOf(original);
  const isSame =
    now.mode === image.mode(original) &&
    now.uid === (tardisk?.uid[row] ?? 0) &&
    now.gid === (tardisk?.gid[row] ?? 0);
  return isSame ? null : 'modified';
}
