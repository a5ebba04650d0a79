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
 * An image of one tardisk is that tardisk's own table: rows are inodes, and nothing is copied.
 *
 * Not here: how the union is made (merge.ts), anything writable, paths with more than one name.
 */

import { isDirectory, S_IFDIR } from '../base/mode.ts';
import { Dirents } from '../store/dirents.ts';
import type { DirentsMemory } from '../store/dirents-memory.ts';
import { Merge, NO_SLOT, NOTHING_MOUNTED, type Union, unionOf } from './merge.ts';
import { type Opener, type SharedTardisk, shared, sharedDirents } from './share.ts';
import { ROOT_ROW } from './table.ts';
import { Tardisk } from './tardisk.ts';

/** The inode of `/` in every image. */
export const ROOT_INO = ROOT_ROW;

/** An image in shared memory: for postMessage. What is in it is nobody's business. */
export interface SharedImage {
  readonly slots: readonly (SharedTardisk | null)[];
  /** Null where the only slot is the image. */
  readonly union: SharedUnion | null;
}

type SharedUnion = Omit<Union, 'dirents' | 'slots' | 'stack'> & {
  readonly dirents: DirentsMemory;
  /** By slot. */
  readonly stack: readonly number[];
};

/**
 * A stack of tardisks merged into one tree.
 *
 * @example
 * const base = await openTardisk('images/bank/sb.v00');
 * const image = Image.of(base, await openTardisk('images/bank/hostd.v00')); // the last one on top
 * console.log(image.tardisks.map(({ name }) => name)); // [ 'sb.v00', 'hostd.v00' ]
 * console.log(image.without(base).tardisks.length); // 1
 * const vfs = new VisorFs(image); // one of any number
 */
export class Image {
  /** (directory inode, name) to inode. Not to be changed. */
  readonly dirents: Dirents;
  /** The tardisks, the bottom one first. */
  readonly tardisks: readonly Tardisk[];
  /** The only tardisk there ever was in this line, and no union; else null and a union. */
  readonly #only: Tardisk | null;
  readonly #union: Union;
  readonly #slot: Uint16Array;
  readonly #row: Int32Array;
  readonly #nlink: Uint32Array;
  #shared: SharedImage | null = null;

  private constructor(union: Union, only: Tardisk | null) {
    this.#only = only;
    this.#union = union;
    this.#slot = union.slot;
    this.#row = union.row;
    this.#nlink = union.nlink;
    this.dirents = only?.dirents ?? union.dirents;
    this.tardisks = only === null ? union.stack : [only];
  }

  /** The image of `tardisks`, the first at the bottom. None give an empty root. */
  static of(...tardisks: readonly Tardisk[]): Image {
    const [bottom, ...above] = tardisks;
    if (bottom === undefined) return new Image(NOTHING_MOUNTED, null);
    if (above.length === 0) return new Image(NOTHING_MOUNTED, bottom);
    const merge = new Merge(unionOf(bottom), above, null);
    for (const tardisk of above) merge.put(tardisk);
    return new Image(merge.union(), null);
  }

  /** This image with `tardisk` on top. Throws EBUSY where it is in the stack already. */
  with(tardisk: Tardisk): Image {
    const union = this.#asUnion();
    const merge = new Merge(union, [tardisk], union);
    merge.put(tardisk);
    return new Image(merge.union(), null);
  }

  /** This image without `tardisk`: what it covered shows again. */
  without(tardisk: Tardisk): Image {
    const union = this.#asUnion();
    const slots = union.slots.map((kept) => (kept === tardisk ? null : kept));
    const nlink = new Uint32Array(union.slot.length);
    nlink[ROOT_INO] = 2;
    const { dirents } = NOTHING_MOUNTED;
    const bare = { ...union, dirents, stack: [], slots, nlink, extraNameCount: 0 };
    const left = union.stack.filter((one) => one !== tardisk);
    const merge = new Merge(bare, left, union);
    for (const one of left) merge.put(one);
    return new Image(merge.union(), null);
  }

  /**
   * The image that `share` gave on another thread. What was shared is trusted like this program's
   * own memory. `open` opens archives that lie in files. Throws TypeError where there are such and
   * no `open`, CorruptError where one is of another size by now.
   *
   * @example
   * const image = Image.of(await openTardisk('images/bank/sb.v00'));
   * worker.postMessage(image.share());
   * // in the worker, where it arrives as `data`
   * const vfs = new VisorFs(Image.from(data));
   * console.log(vfs.fs.existsSync('/etc/vmware/esx.conf')); // true
   */
  static from({ slots: all, union }: SharedImage, open?: Opener): Image {
    const slots = all.map((slot) => (slot === null ? null : Tardisk.from(slot, open)));
    if (union === null) return new Image(NOTHING_MOUNTED, slots[0] ?? null);
    const stack = union.stack.map((slot) => slots[slot]!);
    return new Image({ ...union, dirents: Dirents.of(union.dirents), slots, stack }, null);
  }

  /**
   * This image as other threads take it, by postMessage and without another copy. Into shared
   * memory it is copied once: who wants it there only goes on with `Image.from(image.share())`.
   * Throws TypeError where there is no SharedArrayBuffer.
   */
  share(): SharedImage {
    this.#shared ??= this.#only === null ? sharedUnion(this.#union) : sharedOnly(this.#only);
    return this.#shared;
  }

  /** Whether some name leads to `ino`. */
  has(ino: number): boolean {
    if (this.#only !== null) return ino < this.#only.rowCount && this.#only.mode[ino] !== 0;
    return ino < this.#nlink.length && this.#nlink[ino] !== 0;
  }

  /**
   * The tardisk that `ino` comes from, also where another covers it by now; null after it was
   * unmounted, and for a root that no archive describes.
   */
  tardiskOf(ino: number): Tardisk | null {
    const only = this.#only;
    if (only !== null) return ino < only.rowCount ? only : null;
    return this.#union.slots[this.#slot[ino] ?? NO_SLOT] ?? null;
  }

  /** The row of `ino` in its tardisk. */
  rowOf(ino: number): number {
    return this.#only === null ? this.#row[ino]! : ino;
  }

  /** Type and permission bits of `ino`. */
  mode(ino: number): number {
    return this.tardiskOf(ino)?.mode[this.rowOf(ino)] ?? S_IFDIR | 0o755;
  }

  /** Whose `ino` is, root's where it was never packed. */
  uid(ino: number): number {
    return this.tardiskOf(ino)?.uid[this.rowOf(ino)] ?? 0;
  }

  /** The group of `ino`, as `uid`. */
  gid(ino: number): number {
    return this.tardiskOf(ino)?.gid[this.rowOf(ino)] ?? 0;
  }

  /** One more than the highest inode that this image, or one that it was made of, ever had. */
  get inoEnd(): number {
    return this.#only === null ? this.#slot.length : this.#only.rowCount;
  }

  /** Names of `ino`; of a directory, 2 and one for each directory in it. */
  nlink(ino: number): number {
    return this.#only === null ? this.#nlink[ino]! : this.#only.nlink(ino);
  }

  /** Whether some file has several names. */
  get hasLinks(): boolean {
    return (this.#only?.table ?? this.#union).extraNameCount > 0;
  }

  /** Bytes in `ino`. */
  size(ino: number): number {
    return this.tardiskOf(ino)?.size[this.rowOf(ino)] ?? 0;
  }

  /** Whether `ino` is a directory of this image. */
  isDirectory(ino: number): boolean {
    return this.has(ino) && isDirectory(this.mode(ino));
  }

  /** Memory of the merged tables, in bytes, beside what the tardisks have. */
  get indexBytes(): number {
    if (this.#only !== null) return 0;
    const { dirents } = this;
    return dirents.byteSize + this.#slot.byteLength + this.#row.byteLength + this.#nlink.byteLength;
  }

  #asUnion(): Union {
    return this.#only === null ? this.#union : unionOf(this.#only);
  }
}

function sharedOnly(only: Tardisk): SharedImage {
  return { slots: [only.share()], union: null };
}

function sharedUnion(union: Union): SharedImage {
  const { bases, extraNameCount } = union;
  return {
    slots: union.slots.map((tardisk) => tardisk?.share() ?? null),
    union: {
      ...{ bases, extraNameCount },
      dirents: sharedDirents(union.dirents),
      stack: union.stack.map((tardisk) => union.slots.indexOf(tardisk)),
      slot: shared(union.slot),
      row: shared(union.row),
      nlink: shared(union.nlink),
    },
  };
}
