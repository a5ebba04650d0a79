// CRC-32 in plain JavaScript: against zlib's, over every length of tail and from any start.

import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32 } from '../../src/codec/crc32.ts';
import { prng } from '../support/prng.ts';

test('a sum is that of zlib, for every length up to 40 and wherever it is continued', () => {
  const bytes = prng(5).bytes(1000);
  for (let length = 0; length <= 40; length++) {
    const part = bytes.subarray(length, 2 * length);
    expect(crc32(part)).toBe(zlib.crc32(part));
    expect(crc32(bytes, crc32(part))).toBe(zlib.crc32(bytes, zlib.crc32(part)));
  }
});
