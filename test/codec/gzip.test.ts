/**
 * Attacks both gzip codecs with each other and with node:zlib: what one packs the other unpacks,
 * and streams that are cut, bent, followed by zeros or rubbish, of several members, empty or bombs
 * end alike in both. No limit may be passed by more than a chunk, whatever the trailer claims.
 */

import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, putU32 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { type Codec, gunzipHint, isGzip } from '../../src/codec/codec.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { prng, seeds } from '../support/prng.ts';

const CODECS: readonly [string, Codec][] = [
  ['portable', portableCodec],
  ['native', nativeCodec],
];
const LIMIT = 64 << 20;

const packed = (bytes: Uint8Array): Uint8Array => Uint8Array.from(zlib.gzipSync(bytes));

/** What `codec` makes of `stored`: the bytes, or the claim it refuses with. */
async function outcome(codec: Codec, stored: Uint8Array, limit = LIMIT) {
  try {
    const bytes = await codec.gunzip(stored, limit, 'x.gz');
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    return Buffer.from(bytes).toString('latin1');
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    expect(error.archive).toBe('x.gz');
    return { claim: error.claim };
  }
}

const wave = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * index) >> 5);
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

describe.each(CODECS)('%s', (_name, codec) => {
  test.each([0, 1, 100, 65_535, 65_536, 65_537, 3_000_000])('unpacks %d bytes', async (length) => {
    const bytes = wave(length);
    expect(await outcome(codec, packed(bytes))).toBe(Buffer.from(bytes).toString('latin1'));
  });

  test.each([0, 1, 70_000])('packs %d bytes so that zlib unpacks them', async (length) => {
    const member = await codec.gzip(wave(length));
    expect(Uint8Array.from(zlib.gunzipSync(member))).toEqual(wave(length));
    expect(isGzip(member)).toBe(true);
    expect([...member.subarray(3, 8), member[9]], 'no name, no time, no system').toEqual([
      0, 0, 0, 0, 0, 255,
    ]);
    expect(await codec.gzip(wave(length))).toEqual(member);
  });

  test('joins members, also empty ones', async () => {
    const members = ['one', '', 'two', wave(70_000)].map((piece) =>
      packed(typeof piece === 'string' ? ascii(piece) : piece),
    );
    const want = Buffer.concat([ascii('onetwo'), wave(70_000)]).toString('latin1');
    expect(await outcome(codec, concatBytes(members))).toBe(want);
  });

  test('takes zeros behind the last member, as tapes and boot images have them', async () => {
    for (const count of [1, 7, 511, 512, 5000]) {
      const stored = concatBytes([packed(ascii('data')), new Uint8Array(count)]);
      expect(await outcome(codec, stored), `${count} zeros`).toBe('data');
    }
  });

  test('stops a bomb at the limit, whatever its trailer claims', async () => {
    const bomb = packed(new Uint8Array(8 << 20));
    for (const claim of [0, 1, 8 << 20, 0xffffffff]) {
      putU32(bomb, bomb.length - 4, claim);
      const limit = 1 << 20;
      expect(await outcome(codec, bomb, limit)).toMatchObject({
        claim: expect.stringContaining(`more than ${limit} bytes`),
      });
    }
  });

  test('lets through what is exactly as long as the limit, and not a byte more', async () => {
    const stored = packed(wave(200_000));
    expect(await outcome(codec, stored, 200_000)).toHaveLength(200_000);
    expect(await outcome(codec, stored, 199_999)).toHaveProperty('claim');
  });

  test('says of a stream cut anywhere that it is cut short', async () => {
    const stored = packed(wave(300));
    const want = { claim: 'the gzip stream is cut short' };
    for (let length = 3; length < stored.length; length++) {
      expect(await outcome(codec, stored.subarray(0, length)), `at ${length}`).toEqual(want);
    }
    const two = concatBytes([stored, stored]);
    for (let length = stored.length + 3; length < two.length; length++) {
      expect(await outcome(codec, two.subarray(0, length)), `2nd at ${length}`).toEqual(want);
    }
  });

  test('refuses a wrong sum and a wrong size', async () => {
    for (const back of [8, 5, 4, 1]) {
      const stored = packed(wave(300));
      stored[stored.length - back]! ^= 1;
      expect(await outcome(codec, stored), `${back} from the end`).toHaveProperty('claim');
    }
  });

  test.each(['', 'no gzip at all', '\x1f\x8b', '\x1f\x8b\x08\xff'])('refuses %j', async (bytes) => {
    expect(await outcome(codec, ascii(bytes))).toHaveProperty('claim');
  });
});

for (const seed of seeds(10)) {
  test(`a bent stream ends alike in both (SEED=${seed})`, async () => {
    const random = prng(seed);
    for (let round = 0; round < 40; round++) {
      const pieces = Array.from({ length: 1 + random.below(2) }, () =>
        packed(random.below(2) === 0 ? wave(random.below(500)) : random.bytes(random.below(200))),
      );
      if (random.below(4) === 0) pieces.push(random.bytes(1 + random.below(30)));
      const stored = concatBytes(pieces);
      if (random.below(3) > 0) stored[random.below(stored.length)]! ^= 1 << random.below(8);
      const [portable, native] = [
        await outcome(portableCodec, stored),
        await outcome(nativeCodec, stored),
      ];
      const isBad = typeof native !== 'string';
      expect(isBad ? typeof portable : portable).toBe(isBad ? 'object' : native);
    }
  });
}

test('a hint believes the trailer only as far as deflate and the limit go', () => {
  const stored = packed(wave(1000));
  expect(gunzipHint(stored, LIMIT)).toBe(1000);
  putU32(stored, stored.length - 4, 0xffffffff);
  expect(gunzipHint(stored, LIMIT)).toBe(stored.length * 1032);
  expect(gunzipHint(stored, 99)).toBe(99);
  expect(gunzipHint(new Uint8Array(17), LIMIT)).toBe(0);
});
