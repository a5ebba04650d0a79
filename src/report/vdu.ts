/**
 * vdu: what each path takes, and where: in which ramdisk, in which tardisk.
 *
 * What a ramdisk is charged is attributed as it is charged:
 *
 *   a file       its pages, once, under the first of its names
 *   a link       its target
 *   a directory  the names in it that the ramdisk holds, whiteouts among them
 *   an inode     one, to whatever has one
 *
 * Files that are open but have no name left hold memory too; over the whole tree they get a row
 * without a path. So the rows of `/` add up to the ledger, exactly.
 *
 * Not here: columns and rounding (cli/).
 */

import { isDirectory, isRegular } from '../base/mode.ts';
import { nameCost } from '../layer/delta.ts';
import { NONE } from '../store/dirents.ts';
import type { Ino } from '../vfs/ino.ts';
import type { Tree } from '../vfs/tree.ts';

/** What one path takes. */
export interface VduRow {
  /** Absolute; null for a file that has no name any more. */
  readonly path: string | null;
  readonly kind: 'file' | 'directory' | 'other';
  /** The ramdisk that is charged for it; null where none is. */
  readonly ramdisk: string | null;
  /** Bytes and inodes charged to that ramdisk for this very entry. */
  readonly ramdiskBytes: number;
  readonly ramdiskInodes: number;
  /** The tardisk that its data, or part of it, is read from; null where none is. */
  readonly tardisk: string | null;
  /** Bytes of it that are read from there; once, under the first of its names. */
  readonly tardiskBytes: number;
}

/**
 * What lies at `path` and down to `depth` levels below it, parents before children. Throws as
 * `Tree.lookup`.
 */
export function vduOf(tree: Tree, path: string, depth = Infinity): VduRow[] {
  const seen = new Set<Ino>();
  return Array.from(placesOf(tree, path, depth), ([ino, at]) => rowOf(tree, ino, at, seen));
}

/**
 * Each inode at `path` and down to `depth` levels below it, with its path, once for each of its
 * names; of all of `/` also those that are open and have none. Throws as `Tree.lookup`.
 */
export function* placesOf(
  tree: Tree,
  path = '/',
  depth = Infinity,
): Generator<readonly [ino: Ino, path: string | null]> {
  const top = tree.lookup(path, false);
  const clean = path.replace(/\/+$/, '');
  const pending: [Ino, string, number][] = [[top, clean === '' ? '/' : clean, 0]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [ino, at, level] = next;
    yield [ino, at];
    if (level === depth || !isDirectory(tree.live.mode(ino))) continue;
    const below: [Ino, string, number][] = [];
    tree.live.list(ino, (table, entry, child) => {
      below.push([child, `${at === '/' ? '' : at}/${table.name(entry)}`, level + 1]);
    });
    for (const next of below.reverse()) pending.push(next);
  }
  if (clean === '' && depth === Infinity) for (const ino of tree.orphans()) yield [ino, null];
}

function rowOf(tree: Tree, ino: Ino, path: string | null, seen: Set<Ino>): VduRow {
  const { live } = tree;
  const { delta } = live;
  const mode = live.mode(ino);
  const row = ino < 0 ? 0 : live.rowOf(ino);
  const isFirst = !seen.has(ino);
  seen.add(ino);
  const names = isDirectory(mode) ? namesBytes(tree, ino) : 0;
  const charged = row !== 0 && isFirst ? delta.chargedBytes(row) + names : 0;
  const below = row === 0 ? live.size(ino) : delta.inodes.below(row);
  const origin = row === 0 ? ino : delta.inodes.origin(row);
  const isRead = isRegular(mode) && origin !== 0 && below > 0;
  const tardisk = isRead ? live.image.tardiskOf(origin) : null;
  return {
    path,
    kind: isDirectory(mode) ? 'directory' : isRegular(mode) ? 'file' : 'other',
    ramdisk: row === 0 ? null : delta.ledgerOf(row).name,
    ramdiskBytes: charged,
    ramdiskInodes: row !== 0 && isFirst ? 1 : 0,
    tardisk: tardisk?.name ?? null,
    tardiskBytes: tardisk !== null && isFirst ? below : 0,
  };
}

function namesBytes(tree: Tree, directory: Ino): number {
  const { dirents } = tree.live.delta;
  let bytes = 0;
  for (let entry = dirents.first(directory); entry !== NONE; entry = dirents.next(entry)) {
    bytes += nameCost(dirents.nameLength(entry));
  }
  return bytes;
}
