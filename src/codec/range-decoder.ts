/**
 * The range decoder of LZMA: bits, each by a chance that what came before it has moved.
 *
 * A chance is 11 bits, of a zero; all start at one half and move by a 32nd of what is left. A byte
 * is taken whenever the range falls below 2^24, so nothing is taken ahead. Behind the end of the
 * input come zeros, and `isCut` tells.
 *
 *   off  len
 *     0    1  0
 *     1    4  the first code, big endian
 *     5       bytes as they are taken
 *
 * Range and code are kept as signed numbers of 32 bits, which V8 keeps in registers and fields
 * without a box.
 */

const CHANCE_BITS = 11;
const CHANCE_HALF = 1 << (CHANCE_BITS - 1);
const MOVE_BITS = 5;
const RANGE_LEAST = 2 ** 24;

/** A range decoder over `input`, and a table of chances. */
export class RangeDecoder {
  /** The next byte to be taken. */
  offset = 0;
  readonly #input: Uint8Array;
  #chances = new Uint16Array(0);
  #range = 0;
  #code = 0;

  constructor(input: Uint8Array) {
    this.#input = input;
  }

  /** Has `count` chances from now on, all of one half. */
  reset(count: number): void {
    if (this.#chances.length !== count) this.#chances = new Uint16Array(count);
    this.#chances.fill(CHANCE_HALF);
  }

  /** Starts at `offset` of the input; returns false where no stream starts so. */
  start(offset: number): boolean {
    const input = this.#input;
    this.#range = -1;
    this.#code = 0;
    for (let index = 1; index < 5; index++) {
      this.#code = (this.#code << 8) | (input[offset + index] ?? 0);
    }
    this.offset = offset + 5;
    return input[offset] === 0;
  }

  /** Whether more was taken than there is. */
  get isCut(): boolean {
    return this.offset > this.#input.length;
  }

  /** Whether a stream may end here. */
  get isAtEnd(): boolean {
    return this.#code === 0;
  }

  /** The next bit, by the chance at `index`. */
  bit(index: number): number {
    const chances = this.#chances;
    const chance = chances[index]!;
    const bound = Math.imul(this.#range >>> CHANCE_BITS, chance);
    let bit = 0;
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      chances[index] = chance + (((1 << CHANCE_BITS) - chance) >> MOVE_BITS);
    } else {
      this.#range = (this.#range - bound) | 0;
      this.#code = (this.#code - bound) | 0;
      chances[index] = chance - (chance >> MOVE_BITS);
      bit = 1;
    }
    if (this.#range >>> 0 < RANGE_LEAST) this.#take();
    return bit;
  }

  /** The next `count` bits, highest first, by a tree of chances from `base` on. */
  tree(base: number, count: number): number {
    return this.descend(base, 1, 1 << count) - (1 << count);
  }

  /** From `node` of such a tree down to where nodes are `leaf` or more. */
  descend(base: number, node: number, leaf: number): number {
    // As `bit`, with all that it moves in registers: most of what is decoded comes by here.
    const chances = this.#chances;
    let range = this.#range;
    let code = this.#code;
    let at = node;
    while (at < leaf) {
      const chance = chances[base + at]!;
      const bound = Math.imul(range >>> CHANCE_BITS, chance);
      if (code >>> 0 < bound >>> 0) {
        range = bound;
        chances[base + at] = chance + (((1 << CHANCE_BITS) - chance) >> MOVE_BITS);
        at <<= 1;
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        chances[base + at] = chance - (chance >> MOVE_BITS);
        at = (at << 1) | 1;
      }
      if (range >>> 0 < RANGE_LEAST) {
        range <<= 8;
        code = (code << 8) | (this.#input[this.offset++] ?? 0);
      }
    }
    this.#range = range;
    this.#code = code;
    return at;
  }

  /** As `tree`, lowest first. */
  reversed(base: number, count: number): number {
    let node = 1;
    let value = 0;
    for (let place = 0; place < count; place++) {
      const bit = this.bit(base + node);
      node = (node << 1) | bit;
      value |= bit << place;
    }
    return value;
  }

  /** The next `count` bits, highest first, each of even chances. */
  even(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      this.#range >>>= 1;
      const isOne = this.#code >>> 0 >= this.#range >>> 0;
      if (isOne) this.#code = (this.#code - this.#range) | 0;
      value = (value << 1) | (isOne ? 1 : 0);
      if (this.#range >>> 0 < RANGE_LEAST) this.#take();
    }
    return value >>> 0;
  }

  #take(): void {
    this.#range <<= 8;
    this.#code = (this.#code << 8) | (this.#input[this.offset] ?? 0);
    this.offset++;
  }
}
