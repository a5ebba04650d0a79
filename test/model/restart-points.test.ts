// Random access into gzip against the plain bytes: random reads of every kind of gzip, by both
// inflaters, with caches from nothing to all. Then the same with archives that changed under their
// index: a read gives the right bytes or is refused, and never anything else.

import { describe, expect, test } from 'vitest';
import { compareBytes } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { checkBinding, parseSeekIndex } from '../../src/codec/seek-index.ts';
import { SeekSource } from '../../src/codec/seek-source.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { gzipsOf, indexFor, mixedTar } from '../support/gzips.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';

const READS_COUNT = 40;
const CHANGES_COUNT = 15;

/** Most reads are short, some cross spans, a few are of all there is. */
function drawn(chance: Prng, size: number): [offset: number, length: number] {
  const offset = chance.below(size + 1);
  const most = chance.pick([1, 100, 4096, 50_000, size]);
  return [offset, Math.min(size - offset, chance.below(most + 1))];
}

describe.each([
  ['native zlib', nativeCodec],
  ['pako', portableCodec],
])('with %s', (_name, codec) => {
  test.each(seeds(2))('random reads give what is there (SEED=%i)', async (seed) => {
    const chance = prng(seed);
    const plain = mixedTar(seed);
    for (const [how, stored] of Object.entries(gzipsOf(plain))) {
      const bytes = await indexFor(stored, codec, chance.pick([8000, 30_000, 200_000]));
      const index = parseSeekIndex(bytes, codec, 1 << 30, 'made.seek');
      const cacheBytes = chance.pick([0, 50_000, 1 << 20]);
      const source = new SeekSource(bytesSource(stored, how), index, codec, cacheBytes);
      for (let count = 0; count < READS_COUNT; count++) {
        const [offset, length] = drawn(chance, plain.length);
        const target = new Uint8Array(length);
        source.readInto(target, offset);
        const isSame = compareBytes(target, plain.subarray(offset, offset + length)) === 0;
        expect(isSame, `${how}: ${length} bytes at ${offset}`).toBe(true);
      }
    }
  });

  test.each(seeds(2))('an archive that changed gives no wrong byte (SEED=%i)', async (seed) => {
    const chance = prng(seed);
    const plain = mixedTar(seed);
    let refusedCount = 0;
    for (const [how, stored] of Object.entries(gzipsOf(plain))) {
      const index = parseSeekIndex(await indexFor(stored, codec, 30_000), codec, 1 << 30, 'seek');
      for (let count = 0; count < CHANGES_COUNT; count++) {
        const changed = stored.slice();
        const at = chance.below(stored.length);
        changed[at]! ^= 1 << chance.below(8);
        try {
          checkBinding(index, bytesSource(changed, how), codec);
          const source = new SeekSource(bytesSource(changed, how), index, codec, 0);
          const [offset, length] = drawn(chance, plain.length);
          const target = new Uint8Array(length);
          source.readInto(target, offset);
          const isSame = compareBytes(target, plain.subarray(offset, offset + length)) === 0;
          expect(isSame, `${how}: a bit at ${at}, ${length} bytes at ${offset}`).toBe(true);
        } catch (error) {
          if (!(error instanceof CorruptError)) throw error;
          refusedCount += 1;
        }
      }
    }
    expect(refusedCount).toBeGreaterThan(50);
  });

  test.each(seeds(2))('another archive of the same size is refused (SEED=%i)', async (seed) => {
    const plain = mixedTar(seed);
    const other = mixedTar(seed + 100).slice(0, plain.length);
    const [one, two] = [plain, other].map((bytes) => gzipsOf(bytes)['stored blocks']!) as [
      Uint8Array,
      Uint8Array,
    ];
    const swapped = two.slice(0, one.length);
    // As alike as can be: what the samples see is the old archive's.
    swapped.set(one.subarray(0, 4096));
    swapped.set(one.subarray(-4096), one.length - 4096);
    for (let sample = 1; sample <= 64; sample++) {
      const offset = Math.floor((one.length / 65) * sample);
      swapped.set(one.subarray(offset, offset + 256), offset);
    }
    const index = parseSeekIndex(await indexFor(one, codec, 30_000), codec, 1 << 30, 'seek');
    checkBinding(index, bytesSource(swapped, 'swapped'), codec);
    const source = new SeekSource(bytesSource(swapped, 'swapped'), index, codec, 1 << 20);
    let refusedCount = 0;
    for (const { offset } of index.spans) {
      const target = new Uint8Array(10);
      try {
        source.readInto(target, offset);
        expect(target).toEqual(plain.slice(offset, offset + 10));
      } catch (error) {
        if (!(error instanceof CorruptError)) throw error;
        refusedCount += 1;
      }
    }
    // The others are zeros in both.
    expect(refusedCount).toBeGreaterThan(index.spans.length / 2);
  });
});
