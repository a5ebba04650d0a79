/**
 * Laying tardisks over each other, one after the other, into one table.
 *
 *   inode       base of its slot + row, but for directories that were there before
 *   slot, row   which tardisk an inode comes from, and which row of it
 *   nlink       how many names it has: kept as names come and go, so that mounting one more tardisk
 *               costs its own entries and a copy of these columns, and no walk over the tree
 *
 * Not here: what an image promises (image.ts).
 */

import { VisorError } from '../base/errors.ts';
import { isDirectory, S_IFDIR } from '../base/mode.ts';
import { Dirents, NONE } from '../store/dirents.ts';
import { ROOT_ROW } from './table.ts';
import type { Tardisk } from './tardisk.ts';

/** Image inodes stay below this; what was written counts from here (vfs/ino.ts). */
export const IMAGE_INO_END = 2 ** 30;

/** The slot of an inode that no tardisk describes. */
export const NO_SLOT = 0xffff;

/** A stack of tardisks as one tree. */
export interface Union {
  readonly dirents: Dirents;
  readonly stack: readonly Tardisk[];
  /** One for each tardisk that any image of this line held; null after it was unmounted. */
  readonly slots: readonly (Tardisk | null)[];
  /** Row r of a slot is inode `base + r`, but for directories that were there before. */
  readonly bases: readonly number[];
  readonly slot: Uint16Array;
  readonly row: Int32Array;
  readonly nlink: Uint32Array;
  /** Names that files have beyond their first. */
  readonly extraNameCount: number;
}

/** An empty root. */
export const NOTHING_MOUNTED: Union = {
  dirents: new Dirents(),
  stack: [],
  slots: [],
  bases: [],
  slot: new Uint16Array(ROOT_ROW + 1).fill(NO_SLOT),
  row: new Int32Array(ROOT_ROW + 1),
  nlink: new Uint32Array([0, 2]),
  extraNameCount: 0,
};

/** The only tardisk of an image, as a union: its own table, its rows are the inodes. */
export function unionOf(tardisk: Tardisk): Union {
  const { rowCount, table } = tardisk;
  const row = new Int32Array(rowCount);
  const nlink = new Uint32Array(rowCount);
  for (let at = ROOT_ROW; at < rowCount; at++) {
    row[at] = at;
    nlink[at] = tardisk.nlink(at);
  }
  return {
    dirents: tardisk.dirents,
    stack: [tardisk],
    slots: [tardisk],
    bases: [0],
    slot: new Uint16Array(rowCount),
    row,
    nlink,
    extraNameCount: table.extraNameCount,
  };
}

/** A union that changes: a copy of another, onto which tardisks are put. */
export class Merge implements Union {
  readonly dirents: Dirents;
  readonly stack: Tardisk[];
  readonly slots: (Tardisk | null)[];
  readonly bases: number[];
  readonly slot: Uint16Array;
  readonly row: Int32Array;
  readonly nlink: Uint32Array;
  extraNameCount: number;
  /** Whose numbers directories keep; null where there was nothing before. */
  readonly #before: Union | null;
  #inoEnd: number;

  /** A copy of `start` with room for `tardisks`, of which those that it has a slot for keep it. */
  constructor(start: Union, tardisks: readonly Tardisk[], before: Union | null) {
    this.#before = before;
    this.#inoEnd = start.slot.length;
    let length = this.#inoEnd;
    for (const one of tardisks) if (!start.slots.includes(one)) length += rowsBesideRoot(one);
    // Slots are not used again: what was written names inodes by them.
    if (length > IMAGE_INO_END) throw new VisorError('ENOMEM');
    this.dirents = start.dirents.fork();
    const extents = tardisks.map(({ dirents }) => dirents.extent);
    this.dirents.reserve(
      extents.reduce((sum, { count }) => sum + count, 0),
      extents.reduce((sum, { nameBytes }) => sum + nameBytes, 0),
    );
    this.stack = [...start.stack];
    this.slots = [...start.slots];
    this.bases = [...start.bases];
    this.slot = new Uint16Array(length);
    this.row = new Int32Array(length);
    this.nlink = new Uint32Array(length);
    this.slot.set(start.slot);
    this.slot.fill(NO_SLOT, this.#inoEnd);
    this.row.set(start.row);
    this.nlink.set(start.nlink);
    this.extraNameCount = start.extraNameCount;
  }

  /** Puts `tardisk` on top. Throws EBUSY where it is in the stack already. */
  put(tardisk: Tardisk): void {
    if (this.stack.includes(tardisk)) throw new VisorError('EBUSY');
    const slot = this.#slotFor(tardisk);
    const base = this.bases[slot]!;
    this.stack.push(tardisk);
    if (!tardisk.isImplied(ROOT_ROW)) this.#assign(ROOT_ROW, slot, ROOT_ROW);
    const from = tardisk.dirents;
    // Rows and inodes of directories in turn.
    const pending = [ROOT_ROW, ROOT_ROW];
    while (pending.length > 0) {
      const directory = pending.pop()!;
      const directoryRow = pending.pop()!;
      for (let entry = from.first(directoryRow); entry !== NONE; entry = from.next(entry)) {
        const row = from.child(entry);
        const name = from.nameBytes(entry);
        if (!isDirectory(tardisk.mode[row]!)) {
          this.#putOther(directory, name, base + row);
          this.#assign(base + row, slot, row);
          continue;
        }
        const merged = this.#mergedInto(directory, name);
        const ino = merged ?? this.#putDirectory(directory, name, base + row);
        // A number from before comes with what described it there, which a file may cover by now.
        if (merged === null || !tardisk.isImplied(row)) this.#assign(ino, slot, row);
        pending.push(row, ino);
      }
    }
  }

  /** What came of it, without the room kept for growth and what it was made of. */
  union(): Union {
    const { dirents, stack, slots, bases, slot, row, nlink, extraNameCount } = this;
    dirents.trim();
    return { dirents, stack, slots, bases, slot, row, nlink, extraNameCount };
  }

  /** The slot that `tardisk` had before in this line of images, or a new one behind the last. */
  #slotFor(tardisk: Tardisk): number {
    const known = this.slots.indexOf(tardisk);
    if (known >= 0) return known;
    const slot = this.slots.length;
    if (slot === NO_SLOT) throw new VisorError('ENOMEM');
    this.slots.push(tardisk);
    this.bases.push(this.#inoEnd - ROOT_ROW - 1);
    this.#inoEnd += rowsBesideRoot(tardisk);
    return slot;
  }

  #assign(ino: number, slot: number, row: number): void {
    this.slot[ino] = slot;
    this.row[ino] = row;
  }

  /** The directory called `name` that is there already, or null. */
  #mergedInto(directory: number, name: Uint8Array): number | null {
    const found = this.dirents.find(directory, name, 0, name.length);
    const ino = found === NONE ? NONE : this.dirents.child(found);
    return found !== NONE && isDirectory(this.#mode(ino)) ? ino : null;
  }

  /** Adds a directory, over a name that is none: by the number it had before, or `fresh`. */
  #putDirectory(directory: number, name: Uint8Array, fresh: number): number {
    const { dirents } = this;
    const found = dirents.find(directory, name, 0, name.length);
    if (found !== NONE) this.#cover(found);
    const ino = this.#directoryBefore(directory, name) ?? fresh;
    dirents.setHome(ino, dirents.add(directory, name, 0, name.length, ino));
    this.nlink[ino] = 2;
    this.nlink[directory]! += 1;
    return ino;
  }

  #directoryBefore(directory: number, name: Uint8Array): number | null {
    const before = this.#before;
    const entry = before?.dirents.find(directory, name, 0, name.length) ?? NONE;
    if (before === null || entry === NONE) return null;
    const ino = before.dirents.child(entry);
    return isDirectory(modeIn(before, ino)) ? ino : null;
  }

  /** Adds what is no directory, over whatever has its name. */
  #putOther(directory: number, name: Uint8Array, ino: number): void {
    const found = this.dirents.find(directory, name, 0, name.length);
    if (found !== NONE) this.#cover(found);
    this.dirents.add(directory, name, 0, name.length, ino);
    if (this.nlink[ino]! > 0) this.extraNameCount += 1;
    this.nlink[ino]! += 1;
  }

  /** Takes out a name that something covers, and with a directory all that is below it. */
  #cover(entry: number): void {
    const { dirents, nlink } = this;
    const ino = dirents.child(entry);
    if (isDirectory(this.#mode(ino))) {
      for (let below = dirents.first(ino); below !== NONE; below = dirents.first(ino)) {
        this.#cover(below);
      }
      dirents.setHome(ino, NONE);
      nlink[ino] = 0;
      nlink[dirents.directory(entry)]! -= 1;
    } else {
      nlink[ino]! -= 1;
      if (nlink[ino]! > 0) this.extraNameCount -= 1;
    }
    dirents.remove(entry);
  }

  #mode(ino: number): number {
    return modeIn(this, ino);
  }
}

/** The root, and the row 0 that is none, are there once. */
function rowsBesideRoot({ rowCount }: Tardisk): number {
  return rowCount - ROOT_ROW - 1;
}

function modeIn({ slots, slot, row }: Union, ino: number): number {
  return slots[slot[ino]!]?.mode[row[ino]!] ?? S_IFDIR;
}
