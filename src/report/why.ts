/**
 * why: where what is at one path comes from, what it covers, and what covers whom.
 *
 *   tardisk 2   hostd     /etc/motd            covered by a branch, a new file, a whiteout …
 *   tardisk 1   tools     /etc  (a file)       covers /etc and all below it in the tardisks below
 *   tardisk 0   base.v00  /etc/motd            covered by tools
 *
 * Every tardisk that has the path is asked by itself, so what is covered is told as well as what
 * shows. Each row says the one thing right above that covers it:
 *
 *   shows      it is what one sees
 *   branched   a ramdisk has a branch of it: what was not written to still comes from here
 *   merges     it is one of several directories of that path, of which the topmost says mode and
 *              owner
 *   covered    by a tardisk above, or by what a ramdisk has: an entry, a directory made anew, or a
 *              whiteout; at the path itself, or at a directory on the way to it
 *
 * What was moved here has rows under the path that its tardisk knows it by. What is deleted has
 * rows and no kind; what no tardisk and no ramdisk ever had there is ENOENT.
 *
 * Not here: whether the next backup saves it (state/select.ts), what all paths take (vdu.ts).
 */

import { compareBytes, text } from '../base/bytes.ts';
import { PAGE_BYTES } from '../base/limits.ts';
import { isDirectory, isRegular, isSticky, isSymlink, PERMISSIONS } from '../base/mode.ts';
import { WHITEOUT } from '../layer/delta.ts';
import { ROOT_INO } from '../layer/image.ts';
import { ROOT_ROW } from '../layer/table.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { NONE } from '../store/dirents.ts';
import { type Ino, isMade, isOriginal, NO_INO, rowOfMade } from '../vfs/ino.ts';
import type { Live } from '../vfs/live.ts';
import { namesOf, type Place } from '../vfs/place.ts';
import type { View } from '../vfs/view.ts';

/** What something is. */
export type WhyKind = 'file' | 'directory' | 'symlink' | 'special';

/** What covers a row of a tardisk. */
export interface WhyCover {
  /** The tardisk or ramdisk that it is in. */
  readonly by: string;
  readonly where: 'tardisk' | 'ramdisk';
  /** An entry, a directory that shows nothing of what is below it, or that it was deleted. */
  readonly what: 'entry' | 'directory' | 'whiteout';
  /** Where it is: the path itself, or a directory on the way to it. */
  readonly path: string;
}

/** What one tardisk has at the path. */
export interface WhyRow {
  readonly tardisk: string;
  /** Its place in the stack: 0 is the bottom. */
  readonly index: number;
  /** The path in the tardisk: another one where what shows was moved. */
  readonly path: string;
  readonly kind: WhyKind;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes; of a directory 0. */
  readonly size: number;
  readonly mtimeSeconds: number;
  readonly role: 'shows' | 'branched' | 'merges' | 'covered';
  /** What covers it; null where nothing does. */
  readonly cover: WhyCover | null;
}

/** What a ramdisk holds of it. */
export interface WhyRamdisk {
  readonly name: string;
  /** Whether it is a branch of what a tardisk has, and not made anew. */
  readonly isBranch: boolean;
  /** Pages that it takes, and their bytes. */
  readonly pages: number;
  readonly bytes: number;
  /** Bytes at its start that still come from the tardisk, where no page covers them. */
  readonly tardiskBytes: number;
}

/** Where what is at one path comes from. */
export interface Provenance {
  /** Absolute, without links on the way. */
  readonly path: string;
  /** What is there; null where nothing is any more. */
  readonly kind: WhyKind | null;
  /** Permission bits and bytes of what is there; null where nothing is. */
  readonly mode: number | null;
  readonly size: number | null;
  /** Where a symbolic link leads. */
  readonly target?: string;
  /** Whether it is a sticky file, here or in the tardisk that it is a branch of. */
  readonly isSticky: boolean;
  /** The tardisk that its data, attributes or both come from; null where none has a part in it. */
  readonly tardisk: string | null;
  /** The ramdisk that holds what was written of it; null where nothing was. */
  readonly ramdisk: WhyRamdisk | null;
  /** Of a `.#name`: the path of the file whose original it is. */
  readonly originalOf: string | null;
  /** What hides the path, where nothing is there. */
  readonly hidden: WhyCover | null;
  /** Every tardisk that has the path, the topmost first. */
  readonly rows: readonly WhyRow[];
}

/** Where what is at `place` in `tree` comes from. Throws ENOENT where nothing ever was there. */
export function provenanceOf(tree: View, place: Place): Provenance {
  const { live } = tree;
  const { bytes, ino } = place;
  const told = isOriginal(ino) ? unmarked(bytes) : bytes;
  const path = text(bytes);
  const at = new At(live, told, ino);
  const rows = [...at.rows(), ...movedRows(live, told, ino)];
  const isThere = ino !== NO_INO;
  // Says what is wrong with the path, as every verb does.
  if (!isThere && rows.length === 0) tree.lookup(bytes, false);
  const attributes = isThere ? live.attributes(ino) : null;
  const isLink = isThere && isSymlink(live.mode(ino));
  return {
    path,
    kind: attributes === null ? null : kindOf(attributes.mode),
    mode: attributes === null ? null : attributes.mode & PERMISSIONS,
    size: attributes === null ? null : attributes.size,
    ...(isLink ? { target: text(live.target(ino)) } : {}),
    isSticky: isThere && isStickyAt(live, place),
    tardisk: tardiskOf(live, originOf(live, ino))?.name ?? null,
    ramdisk: ramdiskOf(live, ino),
    originalOf: isOriginal(ino) ? text(told) : null,
    hidden: isThere ? null : (at.hiding() ?? rows[0]?.cover ?? null),
    rows,
  };
}

/** One path, as each tardisk and the live tree have it. */
class At {
  readonly #live: Live;
  readonly #bytes: Uint8Array;
  readonly #names: readonly Uint8Array[];
  readonly #ino: Ino;
  /** Whether `#ino` is what is live there, and not the original under it. */
  readonly #isLive: boolean;

  /** `ino` is what shows at the path `bytes`, or the original of that. */
  constructor(live: Live, bytes: Uint8Array, ino: Ino) {
    this.#live = live;
    this.#bytes = bytes;
    this.#names = namesOf(bytes);
    this.#ino = ino;
    this.#isLive = !isOriginal(ino);
  }

  /** What each tardisk has there, the topmost first. */
  rows(): WhyRow[] {
    const rows: WhyRow[] = [];
    const above: { readonly cover: WhyCover; readonly isDirectory: boolean }[] = [];
    const { tardisks } = this.#live.image;
    for (const [index, tardisk] of [...tardisks.entries()].reverse()) {
      const { row, depth } = this.#find(tardisk);
      const isWhole = depth === this.#names.length;
      if (row === NONE) continue;
      const isOpen = isDirectory(tardisk.mode[row]!);
      if (isWhole) {
        const nearest = above.findLast((one) => !(one.isDirectory && isOpen));
        const cover = nearest?.cover ?? (this.#isSeen(tardisk, row) ? null : this.hiding());
        rows.push(this.#row(tardisk, index, row, cover));
      }
      const path = this.#path(depth);
      const what = isOpen ? 'directory' : 'entry';
      const cover: WhyCover = { by: tardisk.name, where: 'tardisk', what, path };
      above.push({ cover, isDirectory: isOpen });
    }
    return rows;
  }

  /** What a ramdisk has that hides what tardisks have there; null where none does. */
  hiding(): WhyCover | null {
    const live = this.#live;
    const { dirents } = live.delta;
    let directory = ROOT_INO;
    for (const [index, name] of this.#names.entries()) {
      const entry = live.entryOf(directory, name, 0, name.length);
      const child = live.lookup(directory, name, 0, name.length);
      const below = live.below(directory, name, 0, name.length);
      const isOurs = entry !== NONE && dirents.child(entry) !== below;
      const isMerged =
        isOurs && child !== NO_INO && below !== NO_INO && live.lower(child) === below;
      if (isOurs && !isMerged) {
        const isOpen = child !== WHITEOUT && isDirectory(live.mode(child));
        const what = child === WHITEOUT ? 'whiteout' : isOpen ? 'directory' : 'entry';
        const by = live.delta.ledgerOf(live.rowOf(directory)).name;
        return { by, where: 'ramdisk', what, path: this.#path(index + 1) };
      }
      if (child === NO_INO || !isDirectory(live.mode(child))) return null;
      directory = child;
    }
    return null;
  }

  /** The row of the path in `tardisk`, or of what ends the way there, and how deep that is. */
  #find({ dirents, mode }: Tardisk): { readonly row: number; readonly depth: number } {
    let row = ROOT_ROW;
    for (const [depth, name] of this.#names.entries()) {
      if (!isDirectory(mode[row]!)) return { row, depth };
      const entry = dirents.find(row, name, 0, name.length);
      if (entry === NONE) return { row: NONE, depth };
      row = dirents.child(entry);
    }
    return { row, depth: this.#names.length };
  }

  /** Whether `row` of `tardisk`, which no tardisk covers, is what shows, or one of several. */
  #isSeen(tardisk: Tardisk, row: number): boolean {
    const { image } = this.#live;
    const origin = originOf(this.#live, this.#ino);
    if (origin === NO_INO) return false;
    if (tardiskOf(this.#live, origin) === tardisk && image.rowOf(origin) === row) return true;
    return isDirectory(tardisk.mode[row]!) && this.hiding() === null;
  }

  #row(tardisk: Tardisk, index: number, row: number, cover: WhyCover | null): WhyRow {
    const mode = tardisk.mode[row]!;
    const isBranched = this.#isLive && this.#live.rowOf(this.#ino) !== 0;
    const seen = isDirectory(mode) ? 'merges' : isBranched ? 'branched' : 'shows';
    return {
      tardisk: tardisk.name,
      index,
      path: text(this.#bytes),
      kind: kindOf(mode),
      mode: mode & PERMISSIONS,
      size: isDirectory(mode) || kindOf(mode) === 'special' ? 0 : tardisk.size[row]!,
      mtimeSeconds: tardisk.mtimeSeconds[row]!,
      role: cover !== null ? 'covered' : seen,
      cover,
    };
  }

  #path(depth: number): string {
    const names = this.#names.slice(0, depth).map((name) => text(name));
    return `/${names.join('/')}`;
  }
}

/** Rows of what shows at `bytes` but has another path in its tardisk: it was moved here. */
function movedRows(live: Live, bytes: Uint8Array, ino: Ino): WhyRow[] {
  const origin = isOriginal(ino) ? NO_INO : originOf(live, ino);
  if (origin === ROOT_INO || tardiskOf(live, origin) === null) return [];
  const paths = imagePaths(live, origin);
  if (paths.some((path) => compareBytes(path, bytes) === 0)) return [];
  const rows = paths.flatMap((path) => new At(live, path, ino).rows());
  const isMeant = ({ role }: WhyRow): boolean => role !== 'covered';
  return rows.filter(isMeant);
}

/** The paths that the image has for `origin`: several where it has hard links. */
function imagePaths(live: Live, origin: Ino): Uint8Array[] {
  const { dirents } = live.image;
  const paths: Uint8Array[] = [];
  dirents.eachNaming(new Set([origin]), null, (entry) => {
    const names = [dirents.nameBytes(entry).slice()];
    let at = dirents.directory(entry);
    while (at !== ROOT_INO) {
      const home = dirents.home(at);
      if (home === NONE) return;
      names.push(dirents.nameBytes(home).slice());
      at = dirents.directory(home);
    }
    paths.push(joined(names.reverse()));
  });
  return paths;
}

function joined(names: readonly Uint8Array[]): Uint8Array {
  const path = new Uint8Array(names.reduce((sum, { length }) => sum + 1 + length, 0));
  let at = 0;
  for (const name of names) {
    path[at] = 0x2f;
    path.set(name, at + 1);
    at += 1 + name.length;
  }
  return path;
}

/** `.#name` in `bytes` as `name`. */
function unmarked(bytes: Uint8Array): Uint8Array {
  const names = namesOf(bytes);
  return joined([...names.slice(0, -1), names.at(-1)!.subarray(2)]);
}

/** The inode of the image that `ino` is, or is a branch of; NO_INO where it is none. */
function originOf(live: Live, ino: Ino): Ino {
  if (isOriginal(ino)) return -ino;
  return isMade(ino) ? live.delta.inodes.origin(rowOfMade(ino)) : ino;
}

/** The tardisk that the image inode `origin` is of; null where there is none any more. */
function tardiskOf({ image }: Live, origin: Ino): Tardisk | null {
  return origin === NO_INO ? null : image.tardiskOf(origin);
}

function isStickyAt(live: Live, { directory, name, ino }: Place): boolean {
  if (!isRegular(live.mode(ino))) return false;
  const below = directory === NO_INO ? NO_INO : live.below(directory, name, 0, name.length);
  return isSticky(live.mode(ino)) || (below !== NO_INO && isSticky(live.image.mode(below)));
}

function ramdiskOf(live: Live, ino: Ino): WhyRamdisk | null {
  const row = ino === NO_INO || isOriginal(ino) ? 0 : live.rowOf(ino);
  if (row === 0) return null;
  const { delta } = live;
  const isFile = isRegular(live.mode(ino));
  const pages = isFile ? delta.data.pageCount(row) : 0;
  return {
    name: delta.ledgerOf(row).name,
    isBranch: delta.inodes.origin(row) !== 0,
    pages,
    bytes: pages * PAGE_BYTES,
    tardiskBytes: isFile ? delta.inodes.below(row) : 0,
  };
}

function kindOf(mode: number): WhyKind {
  if (isDirectory(mode)) return 'directory';
  if (isSymlink(mode)) return 'symlink';
  return isRegular(mode) ? 'file' : 'special';
}
