/**
 * Starting an inflater amid a byte, which inflaters cannot: empty blocks ahead move it to its bit.
 *
 *   fixed     1 bit of last block, 2 of type (01), 7 of end mark                        10 bits
 *   dynamic   1, 2 (10), 5 + 5 + 4 of counts, 19 × 3 of lengths of lengths, 19 of lengths of codes,
 *             1 of end mark                                                             93 bits
 *
 *   bit          0    1     2    3     4    5    6    7
 *   fixed        0    2     1    3     2    0    3    1       10 n        = 2 n      (mod 8)
 *   dynamic      0    1     0    1     0    1    0    1       93 + 10 n   = 5 + 2 n  (mod 8)
 *
 * Shifting the stream instead would be no way: stored blocks start at whole bytes, of the stream as
 * it was.
 */

import { assert } from '../base/assert.ts';

type Field = readonly [value: number, bits: number];

/** An empty block of fixed codes. */
const FIXED: readonly Field[] = [[2, 10]];

/**
 * An empty block of codes of its own: of the 19 lengths, in deflate's order, 18 and 1 have one bit.
 * 138 and 118 zeros, then the end mark and one distance have one bit each.
 */
const DYNAMIC: readonly Field[] = [
  [0, 1],
  [2, 2],
  [0, 5],
  [0, 5],
  [15, 4],
  ...Array.from({ length: 19 }, (_, index): Field => [index === 2 || index === 17 ? 1 : 0, 3]),
  [1, 1],
  [138 - 11, 7],
  [1, 1],
  [118 - 11, 7],
  [0, 1],
  [0, 1],
  [0, 1],
];

const PREFIXES = Array.from({ length: 8 }, (_, bit) => prefixTo(bit));

/**
 * `stored` without the first `bit` bits of its first byte, as a stream that starts at a whole byte.
 */
export function aligned(stored: Uint8Array, bit: number): Uint8Array {
  if (bit === 0) return stored;
  const prefix = PREFIXES[bit]!;
  const shared = prefix.length - 1;
  const whole = new Uint8Array(shared + stored.length);
  whole.set(prefix);
  whole.set(stored, shared);
  whole[shared] = prefix[shared]! | (stored[0]! & (0xff << bit));
  return whole;
}

function prefixTo(bit: number): Uint8Array {
  const isOdd = bit % 2 === 1;
  const fixedCount = ((bit - (isOdd ? 5 : 0) + 8) % 8) / 2;
  const fields = isOdd ? [...DYNAMIC] : [];
  for (let count = 0; count < fixedCount; count++) fields.push(...FIXED);
  const bits = fields.flatMap(([value, width]) => {
    return Array.from({ length: width }, (_, at) => (value >> at) & 1);
  });
  assert(bits.length % 8 === bit, 'empty blocks lead to the bit that is meant');
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [at, one] of bits.entries()) bytes[at >> 3]! |= one << (at & 7);
  return bytes;
}
