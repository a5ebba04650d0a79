/**
 * CRC-64 as xz has it (ECMA-182, reflected), in halves of 32 bits.
 */

import { putU32 } from '../base/bytes.ts';

const POLYNOMIAL_HIGH = 0xc96c5795;
const POLYNOMIAL_LOW = 0xd7870f42;

const { high: HIGH, low: LOW } = tables();

/** CRC-64 of `bytes`, as xz stores it: eight bytes, lowest first. */
export function crc64(bytes: Uint8Array): Uint8Array {
  let high = -1;
  let low = -1;
  for (let at = 0; at < bytes.length; at++) {
    const index = (low ^ bytes[at]!) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ LOW[index]!;
    high = (high >>> 8) ^ HIGH[index]!;
  }
  const sum = new Uint8Array(8);
  putU32(sum, 0, ~low);
  putU32(sum, 4, ~high);
  return sum;
}

function tables(): { readonly high: Int32Array; readonly low: Int32Array } {
  const high = new Int32Array(256);
  const low = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let [upper, lower] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const mask = -(lower & 1);
      lower = ((lower >>> 1) | (upper << 31)) ^ (POLYNOMIAL_LOW & mask);
      upper = (upper >>> 1) ^ (POLYNOMIAL_HIGH & mask);
    }
    high[byte] = upper;
    low[byte] = lower;
  }
  return { high, low };
}
