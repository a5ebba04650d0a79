/**
 * The rows of directory entries: six numbers each, those not in use in a list of their own.
 *
 *   directory · child · name offset · name length · next · previous
 *
 * Not here: what they mean (dirents.ts).
 */

import { Chunks, FLAT, shrinkCountOf } from './chunks.ts';

/** No entry. */
export const NONE = -1;

/** Numbers of a row, and which is what. */
export const STRIDE = 6;
export const DIRECTORY = 0;
export const CHILD = 1;
export const NAME_OFFSET = 2;
export const NAME_LENGTH = 3;
export const NEXT = 4;
export const PREVIOUS = 5;

/** `directory` of a row that is free; its NEXT is then the next free row. */
const FREE = -2;

/** Flat rows as plain memory. */
export interface RowsMemory {
  readonly numbers: Int32Array;
  readonly count: number;
  readonly freeRow: number;
}

/** Rows of entries. */
export class EntryRows {
  chunks: Chunks;
  /** One more than the highest row that was ever used. */
  count = 0;
  #freeRow = NONE;
  #usedCount = 0;
  /** With how few rows in use it is worth looking whether the last ones can go. */
  #shrinkCount = 0;

  constructor(shift: number) {
    this.chunks = new Chunks(Int32Array, STRIDE, shift);
  }

  /** The rows that `memory` is. */
  static of({ numbers, count, freeRow }: RowsMemory): EntryRows {
    const rows = new EntryRows(FLAT);
    rows.chunks = Chunks.flat(numbers, STRIDE);
    rows.count = count;
    rows.#freeRow = freeRow;
    rows.#usedCount = count;
    return rows;
  }

  /** The memory of these rows, which must be flat. */
  memory(): RowsMemory {
    return { numbers: this.chunks.whole, count: this.count, freeRow: this.#freeRow };
  }

  at(row: number, field: number): number {
    const { arrays, shift, mask } = this.chunks;
    return arrays[row >>> shift]![(row & mask) * STRIDE + field]!;
  }

  set(row: number, field: number, value: number): void {
    this.chunks.own(row)[(row & this.chunks.mask) * STRIDE + field] = value;
  }

  isFree(row: number): boolean {
    return this.at(row, DIRECTORY) === FREE;
  }

  /** A row that is not in use; what is in it is of no meaning. */
  take(): number {
    this.#usedCount += 1;
    const row = this.#freeRow;
    if (row !== NONE) {
      this.#freeRow = this.at(row, NEXT);
      return row;
    }
    this.chunks.reserve(this.count + 1);
    this.#shrinkCount = shrinkCountOf(this.count);
    this.count += 1;
    return this.count - 1;
  }

  free(row: number): void {
    this.set(row, DIRECTORY, FREE);
    this.set(row, NEXT, this.#freeRow);
    this.#freeRow = row;
    this.#usedCount -= 1;
    if (this.#usedCount <= this.#shrinkCount) this.#shrink();
  }

  /** Gives back rows behind the last one in use, where that is most of them. */
  #shrink(): void {
    this.#shrinkCount = this.#usedCount - (this.#usedCount >> 5);
    let end = this.count;
    while (end > 0 && this.isFree(end - 1)) end -= 1;
    if (end * 2 > this.count) return;
    this.chunks.cut(end);
    this.count = end;
    this.#freeRow = NONE;
    for (let row = end - 1; row >= 0; row--) {
      if (!this.isFree(row)) continue;
      this.set(row, NEXT, this.#freeRow);
      this.#freeRow = row;
    }
  }

  /**
   * Calls `visit` for the row of every entry, of those that name one of `children` if there are
   * any; rows of directories that are no entries, and chunks that `other` shares, are passed over.
   */
  each(
    other: EntryRows | null,
    children: ReadonlySet<number> | null,
    visit: (row: number) => void,
  ): void {
    const { arrays, shift } = this.chunks;
    // Most rows are passed over by one look at a small table of marks.
    const marks = new Uint8Array(2 ** Math.ceil(Math.log2((children?.size ?? 0) * 16 + 64)));
    const mask = marks.length - 1;
    if (children === null) marks.fill(1);
    else for (const child of children) marks[child & mask] = 1;
    for (let index = 0; index < arrays.length; index++) {
      const rows = arrays[index]!;
      if (rows === other?.chunks.arrays[index]) continue;
      const first = index * 2 ** shift;
      const end = Math.min(rows.length, (this.count - first) * STRIDE);
      for (let at = 0; at < end; at += STRIDE) {
        const child = rows[at + CHILD]!;
        if (marks[child & mask] === 0 || children?.has(child) === false) continue;
        const isEntry = rows[at + DIRECTORY] !== FREE && rows[at + NAME_LENGTH] !== 0;
        if (isEntry) visit(first + at / STRIDE);
      }
    }
  }

  /** The same rows as a table that changes on its own: what neither writes to is shared. */
  fork(): EntryRows {
    const copy = new EntryRows(this.chunks.shift);
    copy.chunks = this.chunks.fork();
    copy.count = this.count;
    copy.#freeRow = this.#freeRow;
    copy.#usedCount = this.#usedCount;
    copy.#shrinkCount = this.#shrinkCount;
    return copy;
  }
}
