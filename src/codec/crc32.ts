/**
 * CRC-32 as gzip has it, for runtimes that have none of their own: eight bytes at a time.
 */

const POLYNOMIAL = 0xedb88320;
const SLICES = 8;

/** Table n says what a byte does to the sum when n bytes follow it. */
const TABLES = tables();

/** CRC-32 of `bytes`, continued from `before`, which is that of what comes ahead of them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const table = TABLES;
  const { length } = bytes;
  let sum = ~before;
  let at = 0;
  for (const stop = length - (length % SLICES); at < stop; at += SLICES) {
    sum ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    sum =
      table[0x700 | (sum & 0xff)]! ^
      table[0x600 | ((sum >>> 8) & 0xff)]! ^
      table[0x500 | ((sum >>> 16) & 0xff)]! ^
      table[0x400 | (sum >>> 24)]! ^
      table[0x300 | bytes[at + 4]!]! ^
      table[0x200 | bytes[at + 5]!]! ^
      table[0x100 | bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < length; at++) sum = (sum >>> 8) ^ table[(sum ^ bytes[at]!) & 0xff]!;
  return ~sum >>> 0;
}

function tables(): Int32Array {
  const all = new Int32Array(SLICES << 8);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (POLYNOMIAL & -(sum & 1));
    all[byte] = sum;
  }
  for (let at = 256; at < all.length; at++) {
    const one = all[at - 256]!;
    all[at] = (one >>> 8) ^ all[one & 0xff]!;
  }
  return all;
}
