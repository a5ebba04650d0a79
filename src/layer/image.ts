/**
 * An image: an ordered stack of tardisks merged into one tree, immutable, shared by any number of
 * VisorFs.
 *
 *   tardisk 2   hostd     /bin/hostd   /etc/vmware/hostd/…            later covers earlier,
 *   tardisk 1   tools     /bin/tool    /etc/motd                      directories merge,
 *   tardisk 0   base.v00  /bin/…  /etc/motd  /etc/vmware/esx.conf     any other name hides
 *   ─────────────────────────────────────────────────────────
 *   image       one table: (directory, name) to inode; inode to (tardisk, row)
 *
 * The union is paid for here, once: a lookup is one probe however many tardisks are stacked.
 *
 * Inode numbers are a promise: they stay the same in every image that `with` and `without` derive
 * from this one. A directory is the same inode as long as its path is, a file as long as its
 * tardisk is mounted. So what was written over an image (vfs/) names image inodes and survives a
 * mount or an unmount below it.
 *
 * A name covered by a file covers all that is below it, also from tardisks further down.
 *
 * Not here: anything writable, paths with more than one name in them.
 */

import { VisorError } from '../base/errors.ts';
import { isDirectory, S_IFDIR } from '../base/mode.ts';
import { roomFor } from '../store/columns.ts';
import { Dirents, NONE } from '../store/dirents.ts';
import { ROOT_ROW, type Tardisk } from './tardisk.ts';

/** The inode of `/` in every image. */
export const ROOT_INO = ROOT_ROW;

/** Image inodes stay below this; what was written counts from here (vfs/ino.ts). */
export const IMAGE_INO_END = 2 ** 30;

const NO_SLOT = 0xffff;

/** A stack of tardisks merged into one tree. */
export class Image {
  /** (directory inode, name) to inode. Not to be changed. */
  readonly dirents: Dirents;
  readonly #stack: readonly Tardisk[];
  /** One for each tardisk that any image of this line held; null after it was unmounted. */
  readonly #slots: readonly (Tardisk | null)[];
  /** Row r of a slot is inode `base + r`, but for directories that were there before. */
  readonly #bases: readonly number[];
  readonly #slot: Uint16Array;
  readonly #row: Int32Array;
  readonly #nlink: Uint32Array;
  readonly #hasLinks: boolean;

  private constructor(parts: Parts) {
    this.dirents = parts.dirents;
    this.#stack = parts.stack;
    this.#slots = parts.slots;
    this.#bases = parts.bases;
    this.#slot = parts.slot;
    this.#row = parts.row;
    const { nlink, hasLinks } = countLinks(parts);
    this.#nlink = nlink;
    this.#hasLinks = hasLinks;
  }

  /** The image of `tardisks`, the first at the bottom. None give an empty root. */
  static of(...tardisks: readonly Tardisk[]): Image {
    const parts = emptyParts();
    for (const tardisk of tardisks) stackUp(parts, tardisk, null);
    return new Image(parts);
  }

  /** The tardisks, the bottom one first. */
  get tardisks(): readonly Tardisk[] {
    return this.#stack;
  }

  /** This image with `tardisk` on top. Throws EBUSY where it is in the stack already. */
  with(tardisk: Tardisk): Image {
    const parts: Parts = {
      dirents: this.dirents.fork(),
      stack: [...this.#stack],
      slots: [...this.#slots],
      bases: [...this.#bases],
      slot: this.#slot.slice(),
      row: this.#row.slice(),
    };
    stackUp(parts, tardisk, this);
    return new Image(parts);
  }

  /** This image without `tardisk`: what it covered shows again. */
  without(tardisk: Tardisk): Image {
    const parts: Parts = {
      ...emptyParts(),
      slots: this.#slots.map((kept) => (kept === tardisk ? null : kept)),
      bases: [...this.#bases],
      slot: this.#slot.slice(),
      row: this.#row.slice(),
    };
    for (const kept of this.#stack) if (kept !== tardisk) stackUp(parts, kept, this);
    return new Image(parts);
  }

  /** Whether some name leads to `ino`. */
  has(ino: number): boolean {
    return ino < this.#nlink.length && this.#nlink[ino] !== 0;
  }

  /**
   * The tardisk that `ino` comes from, also where another covers it by now; null after it was
   * unmounted, and for a root that no archive describes.
   */
  tardiskOf(ino: number): Tardisk | null {
    return this.#slots[this.#slot[ino] ?? NO_SLOT] ?? null;
  }

  /** The row of `ino` in its tardisk. */
  rowOf(ino: number): number {
    return this.#row[ino]!;
  }

  /** Type and permission bits of `ino`. */
  mode(ino: number): number {
    return this.tardiskOf(ino)?.mode[this.#row[ino]!] ?? S_IFDIR | 0o755;
  }

  /** Names of `ino`; of a directory, 2 and one for each directory in it. */
  nlink(ino: number): number {
    return this.#nlink[ino]!;
  }

  /** Whether some file has several names. */
  get hasLinks(): boolean {
    return this.#hasLinks;
  }

  /** Bytes in `ino`. */
  size(ino: number): number {
    return this.#slots[this.#slot[ino]!]?.size[this.#row[ino]!] ?? 0;
  }

  /** Whether `ino` is a directory of this image. */
  isDirectory(ino: number): boolean {
    return this.has(ino) && isDirectory(this.mode(ino));
  }

  /** Memory of the merged tables, in bytes, beside what the tardisks have. */
  get indexBytes(): number {
    return (
      this.dirents.byteSize + this.#slot.byteLength + this.#row.byteLength + this.#nlink.byteLength
    );
  }
}

interface Parts {
  dirents: Dirents;
  readonly stack: Tardisk[];
  readonly slots: (Tardisk | null)[];
  readonly bases: number[];
  slot: Uint16Array;
  row: Int32Array;
}

function emptyParts(): Parts {
  return {
    dirents: new Dirents(),
    stack: [],
    slots: [],
    bases: [],
    slot: new Uint16Array(ROOT_INO + 1).fill(NO_SLOT),
    row: new Int32Array(ROOT_INO + 1),
  };
}

/**
 * Puts `tardisk` on top. Directories keep the inode they have in `previous`, of which `parts` is
 * made.
 */
function stackUp(parts: Parts, tardisk: Tardisk, previous: Image | null): void {
  if (parts.stack.includes(tardisk)) throw new VisorError('EBUSY');
  const slot = slotFor(parts, tardisk);
  const base = parts.bases[slot]!;
  parts.stack.push(tardisk);
  if (parts.stack.length === 1 && previous === null) {
    adopt(parts, tardisk);
    return;
  }
  const bottom = parts.stack[0]!;
  if (parts.dirents === bottom.dirents) parts.dirents = bottom.dirents.fork();
  if (!tardisk.isImplied(ROOT_ROW)) assign(parts, ROOT_INO, slot, ROOT_ROW);
  const pending: [row: number, ino: number][] = [[ROOT_ROW, ROOT_INO]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [directoryRow, directory] = next;
    const from = tardisk.dirents;
    for (let entry = from.first(directoryRow); entry !== NONE; entry = from.next(entry)) {
      const row = from.child(entry);
      const name = from.nameBytes(entry);
      if (!isDirectory(tardisk.mode[row]!)) {
        putOther(parts, directory, name, base + row);
        assign(parts, base + row, slot, row);
        continue;
      }
      const merged = mergedInto(parts, directory, name);
      const ino = merged ?? putDirectory(parts, directory, name, base + row, previous);
      // A number of `previous` comes with what described it there, which a file may cover by now.
      if (merged === null || !tardisk.isImplied(row)) assign(parts, ino, slot, row);
      pending.push([row, ino]);
    }
  }
}

/** An image of one tardisk is that tardisk's own table: rows are inodes, nothing is copied. */
function adopt(parts: Parts, tardisk: Tardisk): void {
  parts.dirents = tardisk.dirents;
  parts.slot.fill(0, ROOT_INO);
  for (let ino = ROOT_INO; ino < parts.row.length; ino++) parts.row[ino] = ino;
}

/**
 * The slot of `tardisk`: the one it had before in this line of images, or a new one behind the
 * last.
 */
function slotFor(parts: Parts, tardisk: Tardisk): number {
  const known = parts.slots.indexOf(tardisk);
  if (known >= 0) return known;
  const slot = parts.slots.length;
  const base = parts.slot.length - ROOT_ROW - 1;
  const end = base + tardisk.rowCount;
  // Slots are not used again: what was written names inodes by them.
  if (slot === NO_SLOT || end > IMAGE_INO_END) throw new VisorError('ENOMEM');
  parts.slots.push(tardisk);
  parts.bases.push(base);
  const before = parts.slot.length;
  parts.slot = roomForExactly(parts.slot, end).fill(NO_SLOT, before);
  parts.row = roomForExactly(parts.row, end);
  return slot;
}

function roomForExactly<C extends Uint16Array | Int32Array>(column: C, length: number): C {
  return roomFor(column, length).subarray(0, length) as C;
}

function assign(parts: Parts, ino: number, slot: number, row: number): void {
  parts.slot[ino] = slot;
  parts.row[ino] = row;
}

/** The directory called `name` that is there already, or null. */
function mergedInto(parts: Parts, directory: number, name: Uint8Array): number | null {
  const found = parts.dirents.find(directory, name, 0, name.length);
  const ino = found === NONE ? NONE : parts.dirents.child(found);
  return found !== NONE && isDirectory(modeIn(parts, ino)) ? ino : null;
}

/** Adds a directory, over a name that is none: by the number it has in `previous`, or `fresh`. */
function putDirectory(
  parts: Parts,
  directory: number,
  name: Uint8Array,
  fresh: number,
  previous: Image | null,
): number {
  const { dirents } = parts;
  const found = dirents.find(directory, name, 0, name.length);
  if (found !== NONE) dirents.remove(found);
  const before = previous?.dirents.find(directory, name, 0, name.length) ?? NONE;
  const known = before === NONE ? NONE : previous!.dirents.child(before);
  const ino = known !== NONE && previous!.isDirectory(known) ? known : fresh;
  dirents.setHome(ino, dirents.add(directory, name, 0, name.length, ino));
  return ino;
}

/** Adds what is no directory, over whatever has its name. */
function putOther(parts: Parts, directory: number, name: Uint8Array, ino: number): void {
  const { dirents } = parts;
  const found = dirents.find(directory, name, 0, name.length);
  if (found !== NONE) cover(parts, found);
  dirents.add(directory, name, 0, name.length, ino);
}

/** Takes out a name that something covers, and with a directory all that is below it. */
function cover(parts: Parts, entry: number): void {
  const { dirents } = parts;
  const ino = dirents.child(entry);
  if (isDirectory(modeIn(parts, ino))) {
    for (let below = dirents.first(ino); below !== NONE; below = dirents.first(ino)) {
      cover(parts, below);
    }
    dirents.setHome(ino, NONE);
  }
  dirents.remove(entry);
  // Another name of the same file may be left: `countLinks` finds out.
}

function modeIn(parts: Parts, ino: number): number {
  return parts.slots[parts.slot[ino]!]?.mode[parts.row[ino]!] ?? S_IFDIR;
}

/** Counts the names of everything; what has none is not there. */
function countLinks(parts: Parts): { nlink: Uint32Array; hasLinks: boolean } {
  const nlink = new Uint32Array(parts.slot.length);
  const pending = [ROOT_INO];
  let hasLinks = false;
  nlink[ROOT_INO] = 2;
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const { dirents } = parts;
    for (let entry = dirents.first(directory); entry !== NONE; entry = dirents.next(entry)) {
      const ino = dirents.child(entry);
      if (isDirectory(modeIn(parts, ino))) {
        nlink[ino] = 2;
        nlink[directory]! += 1;
        pending.push(ino);
      } else {
        hasLinks ||= nlink[ino]! > 0;
        nlink[ino]! += 1;
      }
    }
  }
  return { nlink, hasLinks };
}
