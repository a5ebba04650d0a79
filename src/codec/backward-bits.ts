/**
 * Bits that are read from the end of a range of bytes to its start, as zstd has them.
 *
 * The last byte's highest bit that is set marks where they begin; the first to be read lie right
 * below it. In front of the start come zeros, and `left` falls below 0.
 */

/** Bits of one range of bytes, read backwards. */
export class BackwardBits {
  /** Bits that are still to be read; below 0 where more were read than there are. */
  left: number;
  readonly #bytes: Uint8Array;
  readonly #start: number;

  /** The bits from `start` up to `end` of `bytes`; none where no mark is there: `left` is -1. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    const last = end > start ? bytes[end - 1]! : 0;
    this.left = last === 0 ? -1 : (end - start) * 8 - Math.clz32(last << 24) - 1;
  }

  /** The next `count` bits, of which the first is the highest: 31 at the most. */
  read(count: number): number {
    if (count > 16) {
      const high = this.read(count - 16);
      return high * 0x10000 + this.read(16);
    }
    this.left -= count;
    return this.#at(this.left) & ((1 << count) - 1);
  }

  /** The next `count` bits, at most 16, which stay to be read. */
  peek(count: number): number {
    return this.#at(this.left - count) & ((1 << count) - 1);
  }

  /** Bits from the one at `bit` on: at least 16 of them. */
  #at(bit: number): number {
    if (bit < 0) return bit < -31 ? 0 : this.#at(0) << -bit;
    const at = this.#start + (bit >> 3);
    const bytes = this.#bytes;
    return ((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) >>> (bit & 7)) | 0;
  }
}
