/**
 * Who made what was written grow: labels, by page, by inode and by name.
 *
 *   Labels   of a tree and all its forks: names of labels, whose verb is at work, a label a page
 *   Makers   of one tree: a label for each row of its inodes and for each of its names
 *
 * A label is a number here; 0 is nobody's, and so is all that was there before the first label was
 * used: until then there is neither of the two, and a verb asks whether there is and is done. A
 * page is of whoever made its file grow by it, whoever writes to it later; a copy of one that forks
 * shared is of the same. So what is charged is somebody's or nobody's to the byte, and giving it
 * back takes it from whose it was. It costs 2 bytes for a page, 4 for an inode and 4 for a name.
 *
 * Not here: what is charged (layer/delta.ts), and the sums (report/top.ts).
 */

import { LABELS_MAX_COUNT } from '../base/limits.ts';
import { Chunks } from './chunks.ts';
import { roomFor } from './columns.ts';

/** The number of no label. */
export const NO_LABEL = 0;

/** 512 numbers to a chunk: 2 KiB, which the first write to one of them copies after a fork. */
const SHIFT = 9;

/** The labels of a tree and its forks. */
export class Labels {
  /** Whose verb is at work. */
  acting: number = NO_LABEL;
  readonly #names: string[] = [''];
  readonly #numbers = new Map<string, number>();
  #ofPages = new Uint16Array(64);

  /** The number of the label `name`. Throws RangeError where there are too many of them. */
  numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number !== undefined) return number;
    number = this.#names.length;
    if (number > LABELS_MAX_COUNT) throw new RangeError(`${LABELS_MAX_COUNT} labels are the most`);
    this.#names.push(name);
    this.#numbers.set(name, number);
    return number;
  }

  /** The label of `number`; null for nobody's. */
  nameOf(number: number): string | null {
    return number === NO_LABEL ? null : this.#names[number]!;
  }

  /** Memory of the labels of pages, in bytes. */
  get byteSize(): number {
    return this.#ofPages.byteLength;
  }

  /** The label of `page`. */
  ofPage(page: number): number {
    return this.#ofPages[page] ?? NO_LABEL;
  }

  /** Says that `page` is of whoever acts. */
  took(page: number): void {
    this.#setPage(page, this.acting);
  }

  /** Says that `copy` is of whoever has `page`. */
  copied(page: number, copy: number): void {
    this.#setPage(copy, this.ofPage(page));
  }

  #setPage(page: number, label: number): void {
    if (page >= this.#ofPages.length) this.#ofPages = roomFor(this.#ofPages, page + 1);
    this.#ofPages[page] = label;
  }
}

/** Who made the inodes and the names of one tree. */
export class Makers {
  readonly rows: Numbers;
  readonly entries: Numbers;

  /** Nobody's, or, to change on its own, the same as those of `of`. */
  constructor(of?: Makers) {
    this.rows = of?.rows.fork() ?? new Chunks(Int32Array, 1, SHIFT);
    this.entries = of?.entries.fork() ?? new Chunks(Int32Array, 1, SHIFT);
  }

  /** Says that the number at `index` of `table`, one of the two, is `label`. */
  set(table: Numbers, index: number, label: number): void {
    table.reserve(index + 1);
    table.own(index)[index & table.mask] = label;
  }

  /** The label at `index` of `table`. */
  at({ arrays, shift, mask }: Numbers, index: number): number {
    return arrays[index >>> shift]?.[index & mask] ?? NO_LABEL;
  }

  release(): void {
    this.rows.release();
    this.entries.release();
  }
}

type Numbers = Chunks<Int32Array>;
