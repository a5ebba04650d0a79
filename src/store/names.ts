/**
 * The bytes of names, one after the other, none across the border of a chunk (chunks.ts).
 *
 * Names are only added; what is not named any more is garbage until whoever keeps the offsets
 * copies what is left into a new heap, which is due when more than half is garbage.
 */

import { text } from '../base/bytes.ts';
import { Chunks, FLAT } from './chunks.ts';
import { hashOf } from './hash.ts';

const SQUEEZE_FLOOR_BYTES = 4096;
const NO_NAME = new Uint8Array(0);

/** A flat heap as plain memory. */
export interface NamesMemory {
  readonly bytes: Uint8Array;
  readonly endOffset: number;
  readonly garbageBytes: number;
}

/** A heap of names. */
export class Names {
  #chunks: Chunks<Uint8Array>;
  #endOffset = 0;
  #garbageBytes = 0;

  constructor(shift: number) {
    this.#chunks = new Chunks(Uint8Array, 1, shift);
  }

  /** The heap that `memory` is. */
  static of({ bytes, endOffset, garbageBytes }: NamesMemory): Names {
    const names = new Names(FLAT);
    names.#chunks = Chunks.flat(bytes, 1);
    names.#endOffset = endOffset;
    names.#garbageBytes = garbageBytes;
    return names;
  }

  /** The memory of this heap, which must be a flat one. */
  memory(): NamesMemory {
    const [endOffset, garbageBytes] = [this.#endOffset, this.#garbageBytes];
    return { bytes: this.#chunks.whole, endOffset, garbageBytes };
  }

  /** Memory of the heap, in bytes. */
  get byteSize(): number {
    return this.#chunks.byteSize;
  }

  /** Whether so much is garbage that copying the rest is worth it. */
  get isMostlyGarbage(): boolean {
    return this.#garbageBytes >= SQUEEZE_FLOOR_BYTES && this.#garbageBytes * 2 >= this.#endOffset;
  }

  /** Makes room for `bytes` more. */
  reserve(bytes: number): void {
    this.#chunks.fit(this.#endOffset + bytes);
  }

  /** Bytes up to the end of the last name. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Adds `name[start, end)`; returns where it is. */
  add(name: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length === 0) return 0;
    const { mask } = this.#chunks;
    const left = mask + 1 - (this.#endOffset & mask);
    if (length > left) {
      this.#garbageBytes += left;
      this.#endOffset += left;
    }
    const offset = this.#endOffset;
    this.#endOffset = offset + length;
    this.#chunks.reserve(this.#endOffset);
    const names = this.#chunks.own(offset);
    const from = offset & mask;
    for (let index = 0; index < length; index++) names[from + index] = name[start + index]!;
    return offset;
  }

  /** Says that `length` bytes are not named any more. */
  forget(length: number): void {
    this.#garbageBytes += length;
  }

  /** Whether the `length` bytes at `offset` are those of `name` from `start` on. */
  is(offset: number, length: number, name: Uint8Array, start: number): boolean {
    if (length === 0) return true;
    const names = this.#chunks.arrays[offset >>> this.#chunks.shift]!;
    const from = offset & this.#chunks.mask;
    for (let index = 0; index < length; index++) {
      if (names[from + index] !== name[start + index]) return false;
    }
    return true;
  }

  /** The hash of the `length` bytes at `offset` as a name in `directory` (hash.ts). */
  hash(seed: number, directory: number, offset: number, length: number): number {
    if (length === 0) return hashOf(seed, directory, NO_NAME, 0, 0);
    const from = offset & this.#chunks.mask;
    const names = this.#chunks.arrays[offset >>> this.#chunks.shift]!;
    return hashOf(seed, directory, names, from, from + length);
  }

  /** The `length` bytes at `offset`, in place: good until the next change. */
  bytes(offset: number, length: number): Uint8Array {
    if (length === 0) return NO_NAME;
    const from = offset & this.#chunks.mask;
    return this.#chunks.arrays[offset >>> this.#chunks.shift]!.subarray(from, from + length);
  }

  /** The `length` bytes at `offset` as text. */
  text(offset: number, length: number): string {
    if (length === 0) return '';
    const from = offset & this.#chunks.mask;
    return text(this.#chunks.arrays[offset >>> this.#chunks.shift]!, from, from + length);
  }

  /** The same names as a heap that changes on its own: what neither writes to is shared. */
  fork(): Names {
    const copy = new Names(this.#chunks.shift);
    copy.#chunks = this.#chunks.fork();
    copy.#endOffset = this.#endOffset;
    copy.#garbageBytes = this.#garbageBytes;
    return copy;
  }

  /** An empty heap of the same kind. */
  emptied(): Names {
    return new Names(this.#chunks.shift);
  }

  /** Gives back what it shares with forks. Nothing may be asked of it then. */
  release(): void {
    this.#chunks.release();
  }

  /** Gives back the room kept for growth: for heaps that will not change any more. */
  trim(): void {
    this.#chunks.fit(this.#endOffset);
  }
}
