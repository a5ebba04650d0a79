/**
 * XXH64 with a seed of 0, of which zstd keeps the low half.
 *
 * Four lanes take eight bytes each in turn, in halves of 32 bits: numbers of 64 bits would be made
 * and thrown away for each. What is done once, or for the last 31 bytes, has them.
 */

import { u32 } from '../base/bytes.ts';

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

const PRIME_1_HIGH = 0x9e3779b1;
const PRIME_1_LOW = 0x85ebca87;
const PRIME_2_HIGH = 0xc2b2ae3d;
const PRIME_2_LOW = 0x27d4eb4f;

const LANE_BYTES = 8;
const STRIPE_BYTES = 4 * LANE_BYTES;

const whole = (value: bigint): bigint => BigInt.asUintN(64, value);
const turned = (value: bigint, bits: bigint): bigint =>
  whole(value << bits) | (value >> (64n - bits));
const rounded = (lane: bigint, value: bigint): bigint =>
  whole(turned(whole(lane + value * PRIME_2), 31n) * PRIME_1);

/** The low 32 bits of the XXH64 of `bytes`. */
export function xxh64Low(bytes: Uint8Array): number {
  const { length } = bytes;
  const striped = length - (length % STRIPE_BYTES);
  let sum = PRIME_5;
  if (striped > 0) {
    const lanes = lanesOf(bytes, striped);
    const turns = [1n, 7n, 12n, 18n];
    sum = whole(lanes.reduce((all, lane, index) => all + turned(lane, turns[index]!), 0n));
    for (const lane of lanes) sum = whole((sum ^ rounded(0n, lane)) * PRIME_1 + PRIME_4);
  }
  sum = whole(sum + BigInt(length));
  let at = striped;
  for (; at + LANE_BYTES <= length; at += LANE_BYTES) {
    const value = (BigInt(u32(bytes, at + 4)) << 32n) | BigInt(u32(bytes, at));
    sum = whole(turned(sum ^ rounded(0n, value), 27n) * PRIME_1 + PRIME_4);
  }
  if (at + 4 <= length) {
    sum = whole(turned(sum ^ whole(BigInt(u32(bytes, at)) * PRIME_1), 23n) * PRIME_2 + PRIME_3);
    at += 4;
  }
  for (; at < length; at++) {
    sum = whole(turned(sum ^ whole(BigInt(bytes[at]!) * PRIME_5), 11n) * PRIME_1);
  }
  sum = whole((sum ^ (sum >> 33n)) * PRIME_2);
  sum = whole((sum ^ (sum >> 29n)) * PRIME_3);
  return Number(BigInt.asUintN(32, sum ^ (sum >> 32n)));
}

/** The four lanes after the first `end` bytes, a multiple of 32. */
function lanesOf(bytes: Uint8Array, end: number): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  return [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1].map((seed, index) => {
    let high = Number(BigInt.asIntN(32, seed >> 32n));
    let low = Number(BigInt.asIntN(32, seed));
    for (let at = index * LANE_BYTES; at < end; at += STRIPE_BYTES) {
      const inputLow = view.getInt32(at, true);
      const inputHigh = view.getInt32(at + 4, true);
      // lane + input * PRIME_2
      const addedLow = Math.imul(inputLow, PRIME_2_LOW);
      const addedHigh =
        (highOf(inputLow, PRIME_2_LOW) +
          Math.imul(inputLow, PRIME_2_HIGH) +
          Math.imul(inputHigh, PRIME_2_LOW)) |
        0;
      const sumLow = (low + addedLow) | 0;
      const carry = sumLow >>> 0 < low >>> 0 ? 1 : 0;
      const sumHigh = (high + addedHigh + carry) | 0;
      // turned by 31, and times PRIME_1
      const turnedLow = (sumLow << 31) | (sumHigh >>> 1);
      const turnedHigh = (sumHigh << 31) | (sumLow >>> 1);
      low = Math.imul(turnedLow, PRIME_1_LOW);
      high =
        (highOf(turnedLow, PRIME_1_LOW) +
          Math.imul(turnedLow, PRIME_1_HIGH) +
          Math.imul(turnedHigh, PRIME_1_LOW)) |
        0;
    }
    return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  });
}

/** The high 32 bits of the product of two numbers of 32 bits without a sign. */
function highOf(one: number, other: number): number {
  const low = one & 0xffff;
  const high = one >>> 16;
  const otherLow = other & 0xffff;
  const otherHigh = other >>> 16;
  // Neither sum reaches 2^32, so nothing is lost to the sign.
  const middle = (Math.imul(high, otherLow) + (Math.imul(low, otherLow) >>> 16)) | 0;
  const cross = (Math.imul(low, otherHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(high, otherHigh) + (middle >>> 16) + (cross >>> 16)) | 0;
}
