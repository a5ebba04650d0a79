/**
 * The bomb is honest: its inner gzip is sound, and is as large as it says.
 */

import { crc32, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bomb, crcOfZeros, gzipOfZeros } from '../../images/make/bomb.ts';
import { u32 } from '../../src/base/bytes.ts';
import { committed } from './built.ts';

test('a reckoned sum over zeros is the sum over zeros', () => {
  // crc32 came with Node 20.15, so every Node that is supported has it.
  for (const count of [0, 1, 2, 3, 511, 512, 1 << 20]) {
    expect(crcOfZeros(count), `${count}`).toBe(crc32(new Uint8Array(count)));
  }
});

test('a gzip of zeros decodes to as many zeros as were asked for, and few more', () => {
  for (const size of [1, 5000, 3 << 20]) {
    const zeros = gunzipSync(gzipOfZeros(size));
    expect(zeros.length).toBeGreaterThanOrEqual(size);
    expect(zeros.length).toBeLessThan(size + 3000);
    expect(zeros.every((byte) => byte === 0)).toBe(true);
  }
});

test('a small bomb goes off through both its layers', () => {
  expect(gunzipSync(gunzipSync(bomb(8 << 20))).length).toBeGreaterThanOrEqual(8 << 20);
});

test('the committed bomb has 12 kB at most and says it holds 10 GiB', () => {
  const bytes = committed('evil/bomb.tgz');
  expect(bytes.length).toBeLessThanOrEqual(12_000);
  const inner = new Uint8Array(gunzipSync(bytes));
  expect(inner.length).toBeGreaterThan((10 * 2 ** 30) / 1032);
  const claimed = u32(inner, inner.length - 4);
  expect(claimed - ((10 * 2 ** 30) % 2 ** 32)).toBeLessThan(3000);
});
