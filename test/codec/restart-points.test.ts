// Decoding in one pass that finds where to start anew. Attacked with every kind of gzip, by both
// inflaters: each span must decode by itself to what the pass gave, and from nothing but what is
// kept of it. Where zlib cannot be asked for its blocks, pako's answer must be the same.

import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, putU32, sameBytes } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import type { Codec } from '../../src/codec/codec.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { decodedWithPoints } from '../../src/codec/restart-points.ts';
import { nativeBlocks } from '../../src/node/native-blocks.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { gzipsOf, mixedTar } from '../support/gzips.ts';
import { prng } from '../support/prng.ts';
import { thrownBy } from '../support/thrown.ts';

const PLAIN = mixedTar();
const GZIPS = gzipsOf(PLAIN);
const CODECS: readonly [string, Codec][] = [
  ['native zlib', nativeCodec],
  ['pako', portableCodec],
];

const pass = (stored: Uint8Array, codec: Codec, spanBytes: number, limitBytes = 1 << 30) =>
  decodedWithPoints(stored, codec, { limitBytes, archive: 'made.tgz', spanBytes });

/** Where spans start, with the sum of their windows. */
const placesOf = (stored: Uint8Array, codec: Codec, spanBytes: number) =>
  pass(stored, codec, spanBytes).spans!.map(({ window, ...place }) => {
    return { ...place, sum: zlib.crc32(window) };
  });

/** Decodes every span of `stored` by itself, and joins them. */
function rejoined(stored: Uint8Array, codec: Codec, spanBytes: number): Uint8Array {
  const { plain, spans } = pass(stored, codec, spanBytes);
  const pieces = spans!.map(({ storedOffset, bit, offset, window }, index) => {
    const next = spans![index + 1];
    const shared = next?.bit == null || next.bit === 0 ? 0 : 1;
    const end = next === undefined ? stored.length : next.storedOffset + shared;
    const size = (next?.offset ?? plain.length) - offset;
    return codec.inflateFrom({ stored: stored.slice(storedOffset, end), bit, window }, size)!;
  });
  return concatBytes(pieces);
}

describe.each(CODECS)('with %s', (_name, codec) => {
  test.each(Object.keys(GZIPS))('%s: every span decodes by itself', (how) => {
    const stored = GZIPS[how]!;
    expect(sameBytes(pass(stored, codec, 20_000).plain, PLAIN)).toBe(true);
    for (const spanBytes of [15_000, 100_000]) {
      expect(sameBytes(rejoined(stored, codec, spanBytes), PLAIN), `${spanBytes}`).toBe(true);
    }
  });

  test('a stored block behind codes that end in any bits starts where it does', () => {
    // A bit too early one may look like the last of its stream, and the last like any a bit later.
    for (let length = 60_000; length < 60_016; length++) {
      const stored = storedAmid(length, length % 2 === 0);
      const whole = Uint8Array.from(zlib.gunzipSync(stored));
      expect(sameBytes(rejoined(stored, codec, 60_000), whole), `${length}`).toBe(true);
    }
  });

  test('an inflater that makes bytes of any bits is not believed', () => {
    const stored = GZIPS['blocks of a few hundred symbols']!;
    // Once as if the stream said them, once as if they were copied from ahead.
    for (const lie of [() => 7, (window: Uint8Array) => window[5]!]) {
      const liar: Codec = {
        ...codec,
        inflateFrom: (start, size) =>
          codec.inflateFrom(start, size) ?? new Uint8Array(size).fill(lie(start.window)),
      };
      expect(placesOf(stored, liar, 30_000)).toEqual(placesOf(stored, codec, 30_000));
    }
  });

  test('spans are as long as asked for and no longer than a block more', () => {
    const { spans } = pass(GZIPS['blocks of a few hundred symbols']!, codec, 30_000);
    expect(spans!.length).toBeGreaterThan(PLAIN.length / 60_000);
    for (const [index, { offset }] of spans!.slice(1).entries()) {
      expect(offset - spans![index]!.offset).toBeGreaterThanOrEqual(30_000);
    }
  });

  test('spans start at every bit of a byte', () => {
    const { spans } = pass(GZIPS['blocks of a few hundred symbols']!, codec, 1000);
    const bits = new Set(spans!.map(({ bit }) => bit));
    expect([...bits].filter((bit) => bit !== null).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('members are spans without a window, several short ones together', () => {
    const { spans } = pass(GZIPS['a member for each 10,000 bytes']!, codec, 30_000);
    expect(spans!.length).toBe(Math.ceil(PLAIN.length / 30_000));
    for (const { bit, window } of spans!) expect([bit, window.length]).toEqual([null, 0]);
  });

  test('windows hold what is referred to, which packs to less than half of what was there', () => {
    const { plain, spans } = pass(GZIPS['blocks of a few hundred symbols']!, codec, 30_000);
    const packed = (bytes: Uint8Array) => zlib.gzipSync(bytes).length;
    let kept = 0;
    let whole = 0;
    for (const { window, offset } of spans!.filter((span) => span.window.length > 0)) {
      const ahead = plain.subarray(Math.max(0, offset - window.length), offset);
      kept += packed(window);
      whole += packed(ahead);
    }
    expect(whole).toBeGreaterThan(0);
    expect(kept).toBeLessThan(whole / 2);
  });

  test.each([
    ['cut short', (stored: Uint8Array) => stored.subarray(0, -9), 'the gzip stream is cut short'],
    ['cut in its trailer', (stored: Uint8Array) => stored.subarray(0, -3), 'cut short'],
    ['of another sum', (stored: Uint8Array) => flipped(stored, -7), 'incorrect data check'],
    ['of another size', (stored: Uint8Array) => flipped(stored, -2), 'incorrect length check'],
    ['with another member that is none', (stored: Uint8Array) => grown(stored), 'no member starts'],
    ['with unknown flags', (stored: Uint8Array) => flipped(stored, 3, 0xe0), 'no member starts'],
    ['with codes that are none', (stored: Uint8Array) => flipped(stored, 10, 6), 'no such codes'],
    ['nothing but a header', (stored: Uint8Array) => stored.subarray(0, 10), 'cut short'],
    ['a header cut short', (stored: Uint8Array) => flipped(stored.subarray(0, 11), 3, 8), 'short'],
    ['of another header sum', (stored: Uint8Array) => summed(stored, 1), 'header check'],
  ])('a gzip %s is refused', (_how, spoil, claim) => {
    const error = thrownBy(() => pass(spoil(GZIPS['gzip -6']!), codec, 1 << 20));
    expect(error).toBeInstanceOf(CorruptError);
    expect((error as Error).message).toContain(claim);
  });

  test('a header with a sum of its own is read past', () => {
    const { plain } = pass(summed(GZIPS['gzip -6']!, 0), codec, 1 << 20);
    expect(plain).toEqual(PLAIN);
  });

  test('a bomb stops at its limit, one byte below it passes', () => {
    const bomb = zlib.gzipSync(new Uint8Array(1 << 20));
    expect(() => pass(bomb, codec, 1 << 20, (1 << 20) - 1)).toThrow('decodes to more than 1048575');
    expect(pass(bomb, codec, 1 << 20, 1 << 20).plain.length).toBe(1 << 20);
    const two = concatBytes([bomb, bomb]);
    expect(() => pass(two, codec, 1 << 20, (2 << 20) - 1)).toThrow('decodes to more than');
  });

  test('what is longer than a span may be has none', () => {
    const member = zlib.gzipSync(new Uint8Array(70 << 20), { level: 9, memLevel: 9 });
    const zeros = pass(member, codec, 1 << 30);
    expect([zeros.plain.length, zeros.spans]).toEqual([70 << 20, null]);
  });
});

test('zlib and pako find the same points', () => {
  for (const [how, stored] of Object.entries(GZIPS)) {
    const [one, other] = CODECS.map(([, codec]) => placesOf(stored, codec, 40_000));
    expect(one, how).toEqual(other);
  }
});

test('this Node lets us at the blocks of its zlib', () => {
  expect(nativeBlocks(GZIPS['gzip -6']!, 10)).not.toBeNull();
});

/** Text of `length` bytes in codes of its own, a stored block of 40,000 bytes, and more, or not. */
function storedAmid(length: number, isLast: boolean): Uint8Array {
  const [text, rest] = [PLAIN.slice(0, length), PLAIN.slice(length, isLast ? 0 : length + 90_000)];
  const noise = prng(length).bytes(40_000);
  // What flushing writes is an empty stored block; its size is made that of the noise.
  const options = { finishFlush: zlib.constants.Z_SYNC_FLUSH, memLevel: 9 };
  const head = zlib.deflateRawSync(text, options).subarray(0, -4);
  const size = [noise.length & 255, noise.length >> 8];
  const block = Uint8Array.from([...size, ...size.map((byte) => byte ^ 255)]);
  const tail = new Uint8Array(8);
  const whole = concatBytes([text, noise, rest]);
  putU32(tail, 0, zlib.crc32(whole));
  putU32(tail, 4, whole.length);
  const start = Uint8Array.from([31, 139, 8, 0, 0, 0, 0, 0, 0, 255]);
  if (!isLast) return concatBytes([start, head, block, noise, zlib.deflateRawSync(rest), tail]);
  // Which bit says that a block is the last: the one that makes this a stream that ends.
  for (let bit = 0; bit < 16; bit++) {
    const stored = concatBytes([start, head, block, noise, tail]);
    stored[start.length + head.length - 1 - (bit >> 3)]! ^= 1 << (bit & 7);
    if (thrownBy(() => zlib.gunzipSync(stored)) === null) return stored;
  }
  throw new Error('no bit ends the stream');
}

function flipped(stored: Uint8Array, at: number, by = 1): Uint8Array {
  const copy = stored.slice();
  copy[at < 0 ? copy.length + at : at]! ^= by;
  return copy;
}

function grown(stored: Uint8Array): Uint8Array {
  return concatBytes([stored, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])]);
}

/** `stored` with a sum of its header, which is off by `error`. */
function summed(stored: Uint8Array, error: number): Uint8Array {
  const head = flipped(stored.subarray(0, 10), 3, 2);
  const sum = (crc32(head) & 0xffff) ^ error;
  return concatBytes([head, Uint8Array.of(sum, sum >> 8), stored.subarray(10)]);
}
