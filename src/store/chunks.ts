/**
 * Tables in chunks that trees share until one of them writes.
 *
 *   rows      row r is `stride` numbers in arrays[r >> shift], from (r & mask) * stride on
 *   fork      copies the list of arrays and counts one more owner of each: O(chunks), no rows
 *   own       an array to write to: itself where it has one owner, else a copy of it
 *
 *   tree A   [ · ][ · ][ a ]            a fork shares every chunk; whoever writes first
 *   tree B   [ · ][ b ][ · ]            gets a copy of that one chunk and of no other
 *
 * A table that never forks has one chunk of any size (`FLAT`): flat memory, which images hand to
 * workers. The last chunk grows by doubling until it is full, so that small tables stay small.
 *
 * Whoever keeps something in its rows that must be counted hears of every chunk that was copied
 * (`copied`) and of every one that its last owner gave back (`dropped`).
 */

import { assert } from '../base/assert.ts';

export type Column = Uint8Array | Int32Array;

/** The shift of a table that is one chunk, however many rows it has. */
export const FLAT = 31;

const FIRST_ROWS = 8;

/** A table of so few rows is not worth making smaller. */
const SHRUNK_MIN_ROWS = 1024;

/** Below how many rows in use a table of `rowCount` rows is to look whether it can be smaller. */
export function shrinkCountOf(rowCount: number): number {
  return rowCount < SHRUNK_MIN_ROWS ? 0 : rowCount >> 3;
}

/** How many tables hold one array. */
interface Share {
  owners: number;
}

/** What happens to chunks that someone counts. */
export interface ChunkWatch<A extends Column> {
  copied(array: A): void;
  dropped(array: A): void;
}

/** A table of rows of `stride` numbers each, all zero until they are set. */
export class Chunks<A extends Column = Int32Array> {
  /** To read from. To write, ask `own`. */
  arrays: A[] = [];
  readonly stride: number;
  readonly shift: number;
  readonly mask: number;
  readonly #make: new (
    length: number,
  ) => A;
  readonly #watch: ChunkWatch<A> | null;
  #shares: Share[] = [];
  /** Rows there is room for. */
  #roomCount = 0;
  #zero: A | null = null;

  constructor(
    make: new (length: number) => A,
    stride: number,
    shift: number,
    watch: ChunkWatch<A> | null = null,
  ) {
    this.#make = make;
    this.stride = stride;
    this.shift = shift;
    this.mask = 0x7fffffff >>> (FLAT - shift);
    this.#watch = watch;
  }

  /** A table of one chunk, `array`. */
  static flat<A extends Column>(array: A, stride: number): Chunks<A> {
    const make = array.constructor as new (length: number) => A;
    const table = new Chunks(make, stride, FLAT);
    table.arrays = [array];
    table.#shares = [{ owners: 1 }];
    table.#measure();
    return table;
  }

  /** The one chunk of a flat table. */
  get whole(): A {
    assert(this.shift === FLAT, 'only a flat table is one piece of memory');
    return this.arrays[0] ?? new this.#make(0);
  }

  /** Memory of the chunks, shared or not, in bytes. */
  get byteSize(): number {
    return [...new Set(this.arrays)].reduce((sum, array) => sum + array.byteLength, 0);
  }

  /** Makes room for `count` rows. */
  reserve(count: number): void {
    if (count > this.#roomCount) this.#grow(count);
  }

  #grow(count: number): void {
    const chunkRows = this.mask + 1;
    const last = this.arrays.length - 1;
    if (last >= 0 && this.arrays[last]!.length < chunkRows * this.stride) {
      const held = this.arrays[last]!.length / this.stride;
      const wanted = Math.max(count - last * chunkRows, held * 2);
      this.#replace(last, this.#resized(this.arrays[last]!, Math.min(chunkRows, wanted)));
    }
    for (let held = this.arrays.length * chunkRows; held < count; held += chunkRows) {
      const rows = this.arrays.length === 0 ? Math.max(FIRST_ROWS, count) : count - held;
      const isLast = rows <= chunkRows;
      this.arrays.push(isLast ? new this.#make(rows * this.stride) : this.#zeros());
      this.#shares.push({ owners: isLast ? 1 : Number.POSITIVE_INFINITY });
    }
    this.#measure();
  }

  #measure(): void {
    const last = this.arrays.length - 1;
    this.#roomCount =
      last < 0 ? 0 : last * (this.mask + 1) + this.arrays[last]!.length / this.stride;
  }

  /** The array of `row`, to write to: a copy of it where another table has it too. */
  own(row: number): A {
    const index = row >>> this.shift;
    return this.#shares[index]!.owners === 1 ? this.arrays[index]! : this.#copy(index);
  }

  /** Whether another table has the array of `row` too. */
  isShared(row: number): boolean {
    return this.#shares[row >>> this.shift]!.owners > 1;
  }

  /** The same rows as a table of its own: both change on their own from here on. */
  fork(watch: ChunkWatch<A> | null = null): Chunks<A> {
    const twin = new Chunks(this.#make, this.stride, this.shift, watch);
    twin.arrays = this.arrays.slice();
    twin.#shares = this.#shares.slice();
    twin.#zero = this.#zero;
    for (const share of this.#shares) share.owners += 1;
    twin.#roomCount = this.#roomCount;
    return twin;
  }

  /** Gives back the chunks that hold no row below `count`. */
  cut(count: number): void {
    const kept = Math.ceil(count / (this.mask + 1));
    for (let index = kept; index < this.arrays.length; index++) this.#giveUp(index);
    this.arrays.length = Math.min(this.arrays.length, kept);
    this.#shares.length = this.arrays.length;
    this.#measure();
  }

  /** Gives every chunk back. The table is empty then. */
  release(): void {
    this.cut(0);
  }

  /**
   * Makes the last chunk just long enough for `count` rows: gives back the room kept for growth, or
   * makes room for what is known to come. A few rows too many are left where they are.
   */
  fit(count: number): void {
    const last = this.arrays.length - 1;
    const spare = this.#roomCount - count;
    if (last < 0) this.reserve(count);
    else if (spare < 0 || spare > count >> 4) this.#refit(count);
  }

  #refit(count: number): void {
    const last = this.arrays.length - 1;
    this.#replace(last, this.#resized(this.arrays[last]!, count - last * (this.mask + 1)));
    this.#measure();
  }

  /** A chunk that nobody wrote to yet: one for all of them. */
  #zeros(): A {
    this.#zero ??= new this.#make((this.mask + 1) * this.stride);
    return this.#zero;
  }

  #copy(index: number): A {
    const copy = this.arrays[index]!.slice() as A;
    this.#replace(index, copy);
    return copy;
  }

  /** Puts `array`, which holds the same rows, in the place of the one at `index`. */
  #replace(index: number, array: A): void {
    const share = this.#shares[index]!;
    this.arrays[index] = array;
    if (share.owners === 1) return;
    share.owners -= 1;
    this.#shares[index] = { owners: 1 };
    this.#watch?.copied(array);
  }

  #giveUp(index: number): void {
    const share = this.#shares[index]!;
    share.owners -= 1;
    if (share.owners === 0) this.#watch?.dropped(this.arrays[index]!);
  }

  #resized(array: A, rows: number): A {
    const resized = new this.#make(rows * this.stride);
    resized.set(resized.length < array.length ? array.subarray(0, resized.length) : array);
    return resized;
  }
}
