// Seek indexes: what is written is read, and what lies is refused before anything is decoded. Each
// evil index has a right sum, so that the number that lies is what is caught.

import { beforeAll, describe, expect, test } from 'vitest';
import { putU32 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { parseSeekIndex, sampleSum } from '../../src/codec/seek-index.ts';
import { gzipsOf, indexFor, mixedTar } from '../support/gzips.ts';
import { thrownBy } from '../support/thrown.ts';

const PLAIN = mixedTar();
const STORED = gzipsOf(PLAIN)['blocks of a few hundred symbols']!;
const LIMIT = 1 << 30;
let good: Uint8Array;

beforeAll(async () => {
  good = await indexFor(STORED, portableCodec, 30_000);
});

const parse = (bytes: Uint8Array, limit = LIMIT) =>
  parseSeekIndex(bytes, portableCodec, limit, 'made.seek');

/** The good index after `spoil`, with its sum set right. */
function spoiled(spoil: (bytes: Uint8Array) => unknown): Uint8Array {
  const copy = good.slice();
  const made = spoil(copy);
  const bytes = made instanceof Uint8Array ? made : copy;
  putU32(bytes, 12, crc32(bytes.subarray(16)));
  return bytes;
}

test('an index says what it was made from', () => {
  const index = parse(good);
  const { storedSize, size, spans } = index;
  expect([storedSize, size]).toEqual([STORED.length, PLAIN.length]);
  expect(index.sampleSum).toBe(sampleSum(bytesSource(STORED, 'x'), STORED.length, portableCodec));
  expect(spans.length).toBeGreaterThan(5);
  expect(spans.reduce((sum, span) => sum + span.size, 0)).toBe(PLAIN.length);
  expect(spans.at(-1)!.storedEnd).toBe(STORED.length);
});

test('the same archive gives the same index', async () => {
  expect(await indexFor(STORED, portableCodec, 30_000)).toEqual(good);
});

describe('an index is refused', () => {
  const SPAN_1 = 48 + 28;
  test.each<[string, (bytes: Uint8Array) => unknown, string]>([
    ['that is none', () => new Uint8Array(48), 'is no seek index'],
    ['that is cut in its header', (bytes) => bytes.slice(0, 47), 'is no seek index'],
    ['of another version', (bytes) => putU32(bytes, 8, 2), 'of version 2; known is 1'],
    ['cut short', (bytes) => bytes.slice(0, -1), 'ends elsewhere'],
    ['with bytes behind it', (bytes) => Uint8Array.from([...bytes, 0]), 'ends elsewhere'],
    ['of more than may be decoded', (bytes) => putU32(bytes, 28, 1), 'the limit is'],
    ['without a span', (bytes) => putU32(bytes, 36, 0), 'claims 0 spans'],
    ['of more spans than it has', (bytes) => putU32(bytes, 36, 2 ** 31), 'claims 2147483648 spans'],
    ['of more spans than are held', () => manySpans(2 ** 16 + 1), 'claims 65537 spans'],
    ['whose first span is not at 0', (bytes) => putU32(bytes, 48 + 8, 5), 'no span starts at 0'],
    ['whose first bit is not at 0', (bytes) => putU32(bytes, 48, 5), 'no span starts at 0'],
    ['whose spans do not rise', (bytes) => putU32(bytes, SPAN_1 + 8, 0), 'does not rise'],
    ['whose stored bytes do not rise', (bytes) => putU32(bytes, SPAN_1, 0), 'does not rise'],
    ['that goes behind the archive', (bytes) => putU32(bytes, SPAN_1 + 4, 9), 'does not rise'],
    ['that goes behind what is decoded', (bytes) => putU32(bytes, SPAN_1 + 12, 9), 'rise'],
    [
      'of a size that its stored bytes cannot have',
      (bytes) => putU32(bytes, 24, 900 << 20),
      'is the limit',
    ],
    [
      'of a bit that is none',
      (bytes) => bytes.fill(9, SPAN_1 + 24, SPAN_1 + 25).length,
      'starts at bit 9',
    ],
    ['of a window behind the end', (bytes) => putU32(bytes, SPAN_1 + 20, 2 ** 30), 'a window'],
    ['of another skeleton', (bytes) => putU32(bytes, 40, 1), 'ends elsewhere'],
  ])('%s', (_what, spoil, claim) => {
    const error = thrownBy(() => parse(spoiled(spoil)));
    expect(error).toBeInstanceOf(CorruptError);
    expect((error as CorruptError).message).toContain(claim);
    expect((error as CorruptError).archive).toBe('made.seek');
  });

  test('of another sum, whichever byte it was', () => {
    for (let at = 12; at < good.length; at += 97) {
      const bytes = good.slice();
      bytes[at]! ^= 4;
      expect(() => parse(bytes), `${at}`).toThrow('another sum than it says');
    }
  });

  test('of more than the limit for this archive', () => {
    expect(() => parse(good, PLAIN.length - 1)).toThrow('decoded bytes; the limit is');
    expect(parse(good, PLAIN.length).size).toBe(PLAIN.length);
  });
});

/** The index of an archive of `count` members, of one byte each. */
function manySpans(count: number): Uint8Array {
  const bytes = new Uint8Array(48 + count * 28);
  bytes.set(good.subarray(0, 16));
  const numbers = [count, 0, count, 0, 0, count, 0, 0];
  for (const [index, number] of numbers.entries()) putU32(bytes, 16 + index * 4, number);
  for (let index = 0, at = 48; index < count; index++, at += 28) {
    putU32(bytes, at, index);
    putU32(bytes, at + 8, index);
    bytes[at + 24] = 8;
  }
  return bytes;
}
