/**
 * The least that an index of a tar can be in JavaScript: a walk over the headers into one hash of
 * numbers, which finds an entry by its path.
 *
 *   slot   0     1     2     3
 *        [ · ] [ 7 ] [ · ] [ 0 ]  …      which entry, by the hash of its path; · is none
 *   entry  hash, where its header lies, how long its content is
 *
 * Names stay in the archive. Nothing is checked, there are no directories to list and no links, and
 * of two entries with one path the later one hides the earlier.
 */

import { BLOCK_BYTES } from '../../src/format/tar-header.ts';

const NAME_BYTES = 100;
const PREFIX_OFFSET = 345;
const PREFIX_BYTES = 155;
const SIZE_OFFSET = 124;
const SIZE_DIGITS = 11;
const SLASH = 0x2f;
const FNV_PRIME = 0x01000193;
const FNV_BASIS = 0x811c9dc5 | 0;
const COLUMNS = 3;

/** Where the content of an entry lies. */
export interface Place {
  readonly start: number;
  readonly size: number;
}

/** The index of one ustar archive. */
export class TarTable {
  readonly #tar: Uint8Array;
  #slots = new Int32Array(2048);
  #entries = new Float64Array(1024 * COLUMNS);
  #count = 0;

  constructor(tar: Uint8Array) {
    this.#tar = tar;
    for (let at = 0; tar[at] !== 0; ) {
      let size = 0;
      for (let index = 0; index < SIZE_DIGITS; index++) {
        size = size * 8 + tar[at + SIZE_OFFSET + index]! - 0x30;
      }
      this.#add(at, size);
      at += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    }
  }

  /** Where the content of `path` lies, which starts with `/`; null where there is none. */
  find(path: string): Place | null {
    const name = Buffer.from(path.slice(1), 'latin1');
    const hash = hashOf(FNV_BASIS, name, 0, name.length);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const row = (this.#slots[slot]! - 1) * COLUMNS;
      const header = this.#entries[row + 1]!;
      if (this.#entries[row] !== hash || !this.#isNamed(header, name)) continue;
      return { start: header + BLOCK_BYTES, size: this.#entries[row + 2]! };
    }
    return null;
  }

  #add(header: number, size: number): void {
    if ((this.#count + 1) * 2 > this.#slots.length) this.#widen();
    const hash = this.#hashAt(header);
    const row = this.#count * COLUMNS;
    this.#entries[row] = hash;
    this.#entries[row + 1] = header;
    this.#entries[row + 2] = size;
    this.#count += 1;
    this.#place(hash, this.#count);
  }

  #place(hash: number, which: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) {
      const row = (this.#slots[slot]! - 1) * COLUMNS;
      if (this.#entries[row] === hash && this.#isSame(row, (which - 1) * COLUMNS)) break;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = which;
  }

  #widen(): void {
    const entries = new Float64Array(this.#entries.length * 2);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let which = 1; which <= this.#count; which++) {
      this.#place(entries[(which - 1) * COLUMNS]!, which);
    }
  }

  #hashAt(header: number): number {
    const tar = this.#tar;
    let hash = FNV_BASIS;
    if (tar[header + PREFIX_OFFSET] !== 0) {
      hash = hashOf(hash, tar, header + PREFIX_OFFSET, header + PREFIX_OFFSET + PREFIX_BYTES);
      hash = Math.imul(hash ^ SLASH, FNV_PRIME);
    }
    return hashOf(hash, tar, header, header + NAME_BYTES);
  }

  #isSame(left: number, right: number): boolean {
    const [older, newer] = [this.#entries[left + 1]!, this.#entries[right + 1]!];
    for (let at = 0; at < NAME_BYTES; at++) {
      if (this.#tar[older + at] !== this.#tar[newer + at]) return false;
      if (this.#tar[older + at] === 0) break;
    }
    for (let at = PREFIX_OFFSET; at < PREFIX_OFFSET + PREFIX_BYTES; at++) {
      if (this.#tar[older + at] !== this.#tar[newer + at]) return false;
      if (this.#tar[older + at] === 0) break;
    }
    return true;
  }

  #isNamed(header: number, name: Uint8Array): boolean {
    const tar = this.#tar;
    let at = 0;
    if (tar[header + PREFIX_OFFSET] !== 0) {
      while (at < PREFIX_BYTES && tar[header + PREFIX_OFFSET + at] !== 0) {
        if (tar[header + PREFIX_OFFSET + at] !== name[at]) return false;
        at += 1;
      }
      if (name[at] !== SLASH) return false;
      at += 1;
    }
    for (let index = 0; at < name.length; index++, at++) {
      if (tar[header + index] !== name[at]) return false;
    }
    return true;
  }
}

/** FNV-1a over `bytes` from `start` to `end`, or to the first zero before it. */
function hashOf(seed: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = seed;
  for (let at = start; at < end && bytes[at] !== 0; at++) {
    hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
  }
  return hash;
}
