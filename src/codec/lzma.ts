/**
 * LZMA: what a stream of bits, each by its chance (range-decoder.ts), says of the bytes.
 *
 *   0              literal   eight bits, by the byte ahead and the position
 *   1 0            match     a length, then a distance
 *   1 1 0 0        short     one byte at the last distance
 *   1 1 0 1        repeat    a length, at the last distance
 *   1 1 1 0        repeat    a length, at the second last; 1 1 1 1 0 and 1 1 1 1 1: third, fourth
 *
 * Twelve states remember what the last few of these were, and choose the chances of the next.
 * The target is the window: nothing is allocated by what a header says, nothing is copied twice. A
 * distance of 2^32 is the mark that ends a stream.
 *
 * Not here: what is around such a stream (lzma2.ts, lzma-alone.ts), and how large it may grow.
 */

import { RangeDecoder } from './range-decoder.ts';

const STATES = 12;
const POSITIONS = 16;
/** From this state on the last was no literal. */
const STATE_COPY = 7;

/** Where each kind of chance starts in the one table. */
const IS_COPY = 0;
const IS_REPEAT = IS_COPY + STATES * POSITIONS;
const IS_OLDER = IS_REPEAT + STATES;
const IS_THIRD = IS_OLDER + STATES;
const IS_FOURTH = IS_THIRD + STATES;
const IS_LONG = IS_FOURTH + STATES;
const SLOTS = IS_LONG + STATES * POSITIONS;
const SLOT_BITS = 6;
const SLOT_TREES = 4;
const SPECIAL = SLOTS + (SLOT_TREES << SLOT_BITS);
const ALIGNED = SPECIAL + 128;
const ALIGNED_BITS = 4;
const MATCH_LENGTHS = ALIGNED + (1 << ALIGNED_BITS);
const LENGTHS_SHORT = 2;
const LENGTHS_MIDDLE = LENGTHS_SHORT + 8 * POSITIONS;
const LENGTHS_LONG = LENGTHS_MIDDLE + 8 * POSITIONS;
const REPEAT_LENGTHS = MATCH_LENGTHS + LENGTHS_LONG + 256;
const LITERALS = REPEAT_LENGTHS + LENGTHS_LONG + 256;
const LITERAL_CHANCES = 0x300;

const LENGTH_LEAST = 2;
/** Distance slots from here on have even bits, and from here on those but the lowest four. */
const SLOT_SPECIAL = 4;
const SLOT_EVEN = 14;
const DISTANCE_END = 2 ** 32;

/** What one byte packs, as (positionBits × 5 + literalPositionBits) × 9 + contextBits. */
export interface LzmaProperties {
  /** High bits of the byte ahead that choose the chances of a literal: at most 8. */
  readonly contextBits: number;
  /** Low bits of the position that do, too: at most 4. */
  readonly literalPositionBits: number;
  /** Low bits of the position that choose other chances: at most 4. */
  readonly positionBits: number;
}

/** The properties in `byte`; null where it packs none. */
export function lzmaProperties(byte: number): LzmaProperties | null {
  const rest = Math.floor(byte / 9);
  const positionBits = Math.floor(rest / 5);
  if (positionBits > 4) return null;
  return { contextBits: byte % 9, literalPositionBits: rest % 5, positionBits };
}

/** What came of decoding: all that was asked for, the end mark, or why there is no more. */
export type LzmaOutcome = 'full' | 'end' | 'cut' | 'broken';

/** An LZMA stream that is decoded piece by piece. */
export class LzmaDecoder {
  /** Where in the target it has come to. */
  offset = 0;
  readonly #bits: RangeDecoder;
  readonly #windowBytes: number;
  /** Where in the target the window starts: no distance leads to before it. */
  #windowOffset = 0;
  #properties: LzmaProperties = { contextBits: 0, literalPositionBits: 0, positionBits: 0 };
  #state = 0;
  /** The last four distances, 1 being the byte ahead; the last one first. */
  readonly #distances = [1, 1, 1, 1];
  /** Bytes of the last copy that did not fit. */
  #pending = 0;

  /** Decodes from `input`; a distance above `windowBytes` is none. */
  constructor(input: Uint8Array, windowBytes: number) {
    this.#bits = new RangeDecoder(input);
    this.#windowBytes = windowBytes;
  }

  /** The next byte of the input to be taken. */
  get inputOffset(): number {
    return this.#bits.offset;
  }

  /** Whether the stream may end here, without a mark. */
  get isAtEnd(): boolean {
    return this.#pending === 0 && this.#bits.isAtEnd;
  }

  /** Forgets what was decoded: the window starts here. */
  resetWindow(): void {
    this.#windowOffset = this.offset;
  }

  /** Forgets what chances and states have become, and decodes by `properties`. */
  reset(properties = this.#properties): void {
    this.#properties = properties;
    const { contextBits, literalPositionBits } = properties;
    this.#bits.reset(LITERALS + (LITERAL_CHANCES << (contextBits + literalPositionBits)));
    this.#state = 0;
    this.#distances.fill(1);
    this.#pending = 0;
  }

  /** Goes on at `offset` of the input; returns false where no stream starts so. */
  start(offset: number): boolean {
    return this.#bits.start(offset);
  }

  /** Takes `bytes` over as they are. */
  store(target: Uint8Array, bytes: Uint8Array): void {
    target.set(bytes, this.offset);
    this.offset += bytes.length;
  }

  /** Decodes into `target` up to `end` of it. */
  decode(target: Uint8Array, end: number): LzmaOutcome {
    const bits = this.#bits;
    const distances = this.#distances;
    const positionMask = (1 << this.#properties.positionBits) - 1;
    this.#copy(target, end, this.#pending);
    while (this.offset < end) {
      if (bits.isCut) return 'cut';
      const state = this.#state;
      const isLate = state >= STATE_COPY;
      const position = (this.offset - this.#windowOffset) & positionMask;
      const ofState = state * POSITIONS + position;
      if (bits.bit(IS_COPY + ofState) === 0) {
        this.#literal(target);
        this.#state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
        continue;
      }
      let length = 1;
      if (bits.bit(IS_REPEAT + state) === 0) {
        length = this.#length(MATCH_LENGTHS, position);
        this.#remember(this.#distance(length), 3);
        if (distances[0] === DISTANCE_END) return bits.isCut ? 'cut' : 'end';
        this.#state = isLate ? 10 : 7;
      } else if (this.#isShort(ofState)) {
        this.#state = isLate ? 11 : 9;
      } else {
        length = this.#length(REPEAT_LENGTHS, position);
        this.#state = isLate ? 11 : 8;
      }
      const isWithin = distances[0]! <= this.offset - this.#windowOffset;
      if (!isWithin || distances[0]! > this.#windowBytes) return 'broken';
      this.#copy(target, end, length);
    }
    return bits.isCut ? 'cut' : 'full';
  }

  /** Copies `length` bytes from the last distance, or as many as there is room for up to `end`. */
  #copy(target: Uint8Array, end: number, length: number): void {
    const stop = Math.min(end, this.offset + length);
    this.#pending = length - (stop - this.offset);
    const distance = this.#distances[0]!;
    for (let at = this.offset; at < stop; at++) target[at] = target[at - distance]!;
    this.offset = stop;
  }

  #literal(target: Uint8Array): void {
    const bits = this.#bits;
    const { contextBits, literalPositionBits } = this.#properties;
    const index = this.offset - this.#windowOffset;
    const ahead = index === 0 ? 0 : target[this.offset - 1]!;
    const positions = index & ((1 << literalPositionBits) - 1);
    const base =
      LITERALS + LITERAL_CHANCES * ((positions << contextBits) + (ahead >> (8 - contextBits)));
    let node = 1;
    if (this.#state >= STATE_COPY) {
      // Right behind a copy, chances are by the byte that would have come had it gone on.
      let other = target[this.offset - this.#distances[0]!]!;
      let isAlike = true;
      while (isAlike && node < 256) {
        other <<= 1;
        const bit = bits.bit(base + 256 + (other & 256) + node);
        node = (node << 1) | bit;
        isAlike = bit === (other >> 8) % 2;
      }
    }
    target[this.offset++] = bits.descend(base, node, 256);
  }

  /** Whether one byte at the last distance is meant; else a distance from before is the last. */
  #isShort(ofState: number): boolean {
    const bits = this.#bits;
    const state = this.#state;
    if (bits.bit(IS_OLDER + state) === 0) return bits.bit(IS_LONG + ofState) === 0;
    let which = 1;
    if (bits.bit(IS_THIRD + state) === 1) which = 2 + bits.bit(IS_FOURTH + state);
    this.#remember(this.#distances[which]!, which);
    return false;
  }

  /** Has `distance` as the last one, and forgets the one at `which`. */
  #remember(distance: number, which: number): void {
    const distances = this.#distances;
    for (let at = which; at > 0; at--) distances[at] = distances[at - 1]!;
    distances[0] = distance;
  }

  #length(base: number, position: number): number {
    const bits = this.#bits;
    if (bits.bit(base) === 0) {
      return LENGTH_LEAST + bits.tree(base + LENGTHS_SHORT + 8 * position, 3);
    }
    if (bits.bit(base + 1) === 0) {
      return LENGTH_LEAST + 8 + bits.tree(base + LENGTHS_MIDDLE + 8 * position, 3);
    }
    return LENGTH_LEAST + 16 + bits.tree(base + LENGTHS_LONG, 8);
  }

  #distance(length: number): number {
    const bits = this.#bits;
    const tree = Math.min(length - LENGTH_LEAST, SLOT_TREES - 1);
    const slot = bits.tree(SLOTS + (tree << SLOT_BITS), SLOT_BITS);
    if (slot < SLOT_SPECIAL) return slot + 1;
    const count = (slot >> 1) - 1;
    const high = ((2 + (slot & 1)) << count) >>> 0;
    if (slot < SLOT_EVEN) return high + bits.reversed(SPECIAL + high - slot, count) + 1;
    const even = bits.even(count - ALIGNED_BITS) * (1 << ALIGNED_BITS);
    return high + even + bits.reversed(ALIGNED, ALIGNED_BITS) + 1;
  }
}
