/**
 * Where the rows of a table are found by their hash: open addressing, linear probing.
 *
 *   slots     pairs of (hash, row + 1), 0 where free; a power of two of them, two thirds full at
 *             the most; slot s is at (s & mask) * 2 of its chunk (chunks.ts)
 *
 * Taking a row out closes the gap at once, so no tombstones pile up.
 *
 * Not here: what a row is, and whether two rows of one hash are the same (dirents.ts looks).
 */

import { Chunks, FLAT } from './chunks.ts';

const STRIDE = 2;
const FIRST_SLOTS = 16;
/** So few slots are not worth making fewer. */
const SHRUNK_MIN_SLOTS = 2048;

/** Flat slots as plain memory. */
export interface SlotsMemory {
  readonly pairs: Int32Array;
  readonly usedCount: number;
}

/** Rows by hash. */
export class Slots {
  /** For whoever looks for a row: the chunks, and one less than the slots there are. */
  chunks: Chunks;
  mask = FIRST_SLOTS - 1;
  #usedCount = 0;

  constructor(shift: number, count = FIRST_SLOTS) {
    this.chunks = new Chunks(Int32Array, STRIDE, shift);
    this.chunks.reserve(count);
    this.mask = count - 1;
  }

  /** The slots that `memory` is. */
  static of({ pairs, usedCount }: SlotsMemory): Slots {
    const slots = new Slots(FLAT);
    slots.chunks = Chunks.flat(pairs, STRIDE);
    slots.mask = pairs.length / STRIDE - 1;
    slots.#usedCount = usedCount;
    return slots;
  }

  /** The memory of these slots, which must be flat. */
  memory(): SlotsMemory {
    return { pairs: this.chunks.whole, usedCount: this.#usedCount };
  }

  /** Puts `row` under `hash`; returns how many steps from its place that was. */
  add(hash: number, row: number): number {
    this.reserve(1);
    this.#usedCount += 1;
    return this.#fill(hash, row);
  }

  /** Makes room for `more` rows. */
  reserve(more: number): void {
    const count = this.#usedCount + more;
    if (count * 3 <= (this.mask + 1) * 2) return;
    let slots = (this.mask + 1) * 2;
    while (count * 3 > slots * 2) slots *= 2;
    this.#resize(slots);
  }

  /** Takes out `row`, which is under `hash`, and moves back those that probed past it. */
  remove(hash: number, row: number): void {
    const { mask } = this;
    let hole = hash & mask;
    while (this.#rowAt(hole) !== row) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const moved = this.#rowAt(slot);
      if (moved < 0) break;
      const wanted = this.#hashAt(slot) & mask;
      // It may move back only if the hole lies between where it wants to be and where it is.
      if (((slot - wanted) & mask) < ((slot - hole) & mask)) continue;
      this.#set(hole, this.#hashAt(slot), moved);
      hole = slot;
    }
    this.#set(hole, 0, -1);
    this.#usedCount -= 1;
    if (mask >= SHRUNK_MIN_SLOTS && this.#usedCount * 8 < mask) this.#resize((mask + 1) / 2);
  }

  /** The same rows as a table that changes on its own: what neither writes to is shared. */
  fork(): Slots {
    const copy = new Slots(this.chunks.shift);
    copy.chunks = this.chunks.fork();
    copy.mask = this.mask;
    copy.#usedCount = this.#usedCount;
    return copy;
  }

  /** Slots that the dearest lookup goes through. */
  longestProbe(): number {
    let longest = 0;
    for (let slot = 0; slot <= this.mask; slot++) {
      if (this.#rowAt(slot) < 0) continue;
      longest = Math.max(longest, (slot - this.#hashAt(slot)) & this.mask);
    }
    return longest;
  }

  #fill(hash: number, row: number): number {
    const { arrays, shift, mask: chunkMask } = this.chunks;
    const { mask } = this;
    const wanted = hash & mask;
    let slot = wanted;
    while (arrays[slot >>> shift]![(slot & chunkMask) * STRIDE + 1] !== 0) {
      slot = (slot + 1) & mask;
    }
    this.#set(slot, hash, row);
    return (slot - wanted) & mask;
  }

  #resize(count: number): void {
    const old = this.chunks;
    this.chunks = new Chunks(Int32Array, STRIDE, old.shift);
    this.chunks.reserve(count);
    this.mask = count - 1;
    for (const slots of old.arrays) {
      for (let at = 0; at < slots.length; at += STRIDE) {
        if (slots[at + 1] !== 0) this.#fill(slots[at]!, slots[at + 1]! - 1);
      }
    }
    old.release();
  }

  #hashAt(slot: number): number {
    const { arrays, shift, mask } = this.chunks;
    return arrays[slot >>> shift]![(slot & mask) * STRIDE]!;
  }

  /** The row at `slot`, or -1 where it is free. */
  #rowAt(slot: number): number {
    const { arrays, shift, mask } = this.chunks;
    return arrays[slot >>> shift]![(slot & mask) * STRIDE + 1]! - 1;
  }

  #set(slot: number, hash: number, row: number): void {
    const at = (slot & this.chunks.mask) * STRIDE;
    const slots = this.chunks.own(slot);
    slots[at] = hash;
    slots[at + 1] = row + 1;
  }
}
