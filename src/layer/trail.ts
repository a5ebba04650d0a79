/**
 * The way to the directory that the entry before lay in.
 *
 *   usr/lib/part-1/unit-7/file-4      the entry before
 *   usr/lib/part-1/unit-8/file-5      this one: goes on from `usr/lib/part-1/`
 *
 * Archives list what lies together one after the other, so most paths need no lookup but that of
 * their name. What an entry covers lies below the directory that its trail leads to, so a trail
 * never leads through a directory that gave way.
 */

import { roomFor } from '../store/columns.ts';

/** Directories entered on the way to one entry, with where in its path each ends. */
export class Trail {
  readonly #root: number;
  #bytes = new Uint8Array(64);
  /** How many bytes of the path lead into each directory, its slash included. */
  readonly #ends: number[] = [];
  readonly #rows: number[] = [];

  /** Leads nowhere at first: to `root`. */
  constructor(root: number) {
    this.#root = root;
  }

  /** The directory it leads to. */
  get row(): number {
    return this.#rows.length === 0 ? this.#root : this.#rows[this.#rows.length - 1]!;
  }

  /**
   * Goes back to the last directory that `bytes[start, end)` leads through too; returns how many
   * bytes of that path lead there.
   */
  resume(bytes: Uint8Array, start: number, end: number): number {
    const ends = this.#ends;
    if (ends.length === 0) return 0;
    const own = this.#bytes;
    const length = Math.min(end - start, ends[ends.length - 1]!);
    let common = 0;
    while (common < length && own[common] === bytes[start + common]) common += 1;
    while (ends.length > 0 && ends[ends.length - 1]! > common) {
      ends.pop();
      this.#rows.pop();
    }
    return ends.length === 0 ? 0 : ends[ends.length - 1]!;
  }

  /** Goes down into `row`: `bytes[start, end)` is the whole way there, its slash included. */
  enter(row: number, bytes: Uint8Array, start: number, end: number): void {
    const from = this.#ends.length === 0 ? 0 : this.#ends[this.#ends.length - 1]!;
    this.#bytes = roomFor(this.#bytes, end - start);
    for (let at = from; at < end - start; at++) this.#bytes[at] = bytes[start + at]!;
    this.#ends.push(end - start);
    this.#rows.push(row);
  }

  /** Forgets the way. */
  clear(): void {
    this.#ends.length = 0;
    this.#rows.length = 0;
  }
}
