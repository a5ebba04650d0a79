// What a gzip decodes to as a Source. Attacked by counting: what a read decodes, and what is kept.

import { beforeAll, describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { checkBinding, parseSeekIndex, type SeekIndex } from '../../src/codec/seek-index.ts';
import { SeekSource } from '../../src/codec/seek-source.ts';
import { countingSource } from '../format/counting-source.ts';
import { gzipsOf, indexFor, mixedTar } from '../support/gzips.ts';

const PLAIN = mixedTar();
const STORED = gzipsOf(PLAIN)['blocks of a few hundred symbols']!;
const CACHE_BYTES = 150_000;
let index: SeekIndex;

beforeAll(async () => {
  const bytes = await indexFor(STORED, portableCodec, 30_000);
  index = parseSeekIndex(bytes, portableCodec, 1 << 30, 'made.seek');
});

function opened(stored = STORED, cacheBytes = CACHE_BYTES) {
  const file = countingSource(bytesSource(stored, 'made.tgz'));
  checkBinding(index, file, portableCodec);
  const source = new SeekSource(file, index, portableCodec, cacheBytes);
  file.readBytes = 0;
  const read = (offset: number, length: number) => {
    const target = new Uint8Array(length);
    source.readInto(target, offset);
    return target;
  };
  return { file, source, read };
}

test('binding it to its archive reads 24 KiB, however large that is', () => {
  const file = countingSource(bytesSource(STORED, 'made.tgz'));
  checkBinding(index, file, portableCodec);
  expect(file.readBytes).toBe(2 * 4096 + 64 * 256);
});

test('a read decodes the spans that it is in, reads their stored bytes alone, and once', () => {
  const { file, source, read } = opened();
  const [, span] = index.spans;
  expect(read(span!.offset + 5, 100)).toEqual(PLAIN.slice(span!.offset + 5, span!.offset + 105));
  expect(source.decodedCount).toBe(1);
  expect(file.readBytes).toBe(span!.storedEnd - span!.storedOffset);
  read(span!.offset, span!.size);
  expect(source.decodedCount).toBe(1);
  read(span!.offset + span!.size - 1, 2);
  expect(source.decodedCount).toBe(2);
});

test('front to back in small pieces, each span is decoded once', () => {
  const { source, read } = opened();
  for (let at = 0; at < PLAIN.length; at += 1000) read(at, Math.min(1000, PLAIN.length - at));
  expect(source.decodedCount).toBe(index.spans.length);
});

test('what was used last is kept, and what was used longest ago goes', () => {
  const room = index.spans.slice(0, 4).reduce((sum, { size }) => sum + size, 0);
  const { source, read } = opened(STORED, room);
  const decoded = (span: number) => {
    const count = source.decodedCount;
    read(index.spans[span]!.offset, 1);
    return source.decodedCount - count;
  };
  expect([0, 1, 2, 3, 0].map(decoded)).toEqual([1, 1, 1, 1, 0]);
  expect(index.spans[4]!.size).toBeLessThan(index.spans[1]!.size + index.spans[2]!.size);
  expect([4, 0, 4, 1].map(decoded)).toEqual([1, 0, 0, 1]);
});

test('a read of more than may be kept leaves what is kept alone', () => {
  const { source, read } = opened();
  read(index.spans[1]!.offset, 1);
  expect(read(0, PLAIN.length)).toEqual(PLAIN);
  const count = source.decodedCount;
  read(index.spans[1]!.offset, 1);
  expect(source.decodedCount).toBe(count);
});

test('with nothing to be kept, every read is right', () => {
  const { read } = opened(STORED, 0);
  for (const offset of [0, 1000, 77_777, PLAIN.length - 50]) {
    expect(read(offset, 50)).toEqual(PLAIN.slice(offset, offset + 50));
  }
});

describe('an archive that is not the one of the index', () => {
  test.each([
    ['is shorter', STORED.slice(0, -1)],
    ['goes on', concatBytes([STORED, STORED])],
    ['differs at its head', changed(4)],
    ['differs at its tail', changed(STORED.length - 3)],
    ['differs where a sample is', changed(Math.floor(STORED.length / 65) * 30 + 60)],
  ])('that %s is refused at once', (_how, stored) => {
    expect(() => opened(stored)).toThrow('the seek index is of another archive');
  });

  test('is refused where a span is read that differs, and serves elsewhere', () => {
    const sampled = Math.floor((STORED.length / 65) * 30);
    const stored = changed(sampled + 300);
    const { read } = opened(stored);
    const bad = index.spans.findIndex(({ storedEnd }) => storedEnd > sampled + 301);
    expect(read(0, 10)).toEqual(PLAIN.slice(0, 10));
    const { offset, storedOffset } = index.spans[bad]!;
    const places = [index.spans[bad - 1]!.storedOffset, storedOffset];
    try {
      read(offset, 10);
      read(index.spans[bad - 1]!.offset, 10);
      expect.unreachable('a span that differs was read');
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptError);
      expect((error as CorruptError).archive).toBe('made.tgz');
      expect(places).toContain((error as CorruptError).offset);
    }
  });
});

test('a read behind the end is refused, and one of nothing is none', () => {
  const { source, read } = opened();
  expect(() => read(PLAIN.length - 1, 2)).toThrow(CorruptError);
  expect(read(PLAIN.length, 0).length).toBe(0);
  expect(source.resident(0, 10)).toBeNull();
  expect(source.decodedCount).toBe(0);
});

function changed(at: number): Uint8Array {
  const copy = STORED.slice();
  copy[at]! ^= 1;
  return copy;
}
