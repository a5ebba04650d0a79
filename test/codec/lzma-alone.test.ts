/**
 * Attacks LZMA alone, which has no sum: xz's own encoder judges what is read; sizes that lie, ends
 * that are missing, limits, and bytes bent by chance, which may give other bytes but never hang,
 * never pass the limit and never end in anything but a CorruptError.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { concatBytes, putU32, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { compressionOf, unpack } from '../../src/codec/compression.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { unlzma } from '../../src/codec/lzma-alone.ts';
import { mixedTar } from '../support/gzips.ts';
import { isInstalled, piped } from '../support/packed.ts';
import { prng, seeds } from '../support/prng.ts';

const LIMIT = 4 << 20;
const TEXT = utf8('what is said twice is said twice, and more than twice. '.repeat(40));
const hasXz = isInstalled('xz');

const lzma = (plain: Uint8Array, options = 'preset=6'): Uint8Array =>
  piped('xz', ['-c', '--format=lzma', `--lzma1=${options}`], plain);

/** `stored`, which says that it decodes to `size` bytes. */
function saying(stored: Uint8Array, size: number): Uint8Array {
  const said = stored.slice();
  putU32(said, 5, size);
  putU32(said, 9, 0);
  return said;
}

function refusal(stored: Uint8Array, limitBytes = LIMIT): string | null {
  try {
    const { plain, storedBytes } = unlzma(stored, limitBytes, 'x.lzma');
    expect(plain.length).toBeLessThanOrEqual(limitBytes);
    expect(storedBytes).toBeLessThanOrEqual(stored.length);
    return null;
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    expect(error.archive).toBe('x.lzma');
    return error.claim;
  }
}

describe.skipIf(!hasXz)('LZMA alone', () => {
  test.each([
    ['nothing', new Uint8Array(0)],
    ['text', TEXT],
    ['a tar', mixedTar()],
    ['what does not pack', prng(5).bytes(70_000)],
    ['zeros', new Uint8Array(3 << 20)],
  ])('of %s is read, with and without its size', (_what, plain) => {
    for (const options of ['preset=1', 'preset=9', 'lc=0,lp=4,pb=4,dict=4KiB', 'lc=4,pb=0']) {
      const stored = lzma(plain, options);
      expect(compressionOf(stored.subarray(0, 512))).toBe('LZMA');
      for (const one of [stored, saying(stored, plain.length)]) {
        const unpacked = unlzma(one, LIMIT, 'x.lzma');
        expect(Buffer.compare(unpacked.plain, plain), options).toBe(0);
        expect(unpacked.storedBytes).toBe(stored.length);
      }
    }
  });

  test('says where it is cut, whether it says its size or not', () => {
    const stored = lzma(TEXT);
    for (const one of [stored, saying(stored, TEXT.length)]) {
      for (let length = 18; length < stored.length; length++) {
        expect(refusal(one.subarray(0, length)), `at ${length}`).toMatch(/cut short|not sound/);
      }
    }
  });

  test('that ends in zeros is cut where they are not there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'visorfs-lzma-'));
    const names = Array.from({ length: 1200 }, (_, index) => join(folder, `${index}`));
    for (const [index, name] of names.entries()) writeFileSync(name, `${index} and ${index ** 3}`);
    execFileSync('xz', ['--format=lzma', ...names]);
    const all = names.map((name) => new Uint8Array(readFileSync(`${name}.lzma`)));
    rmSync(folder, { recursive: true });
    const ending = all.filter((bytes) => bytes.at(-1) === 0);
    expect(ending.length).toBeGreaterThan(0);
    for (const bytes of ending) {
      expect(refusal(bytes)).toBe(null);
      expect(refusal(bytes.subarray(0, -1))).toContain('cut short');
    }
  });

  test('that ends in other bits than its coder leaves is refused', () => {
    const stored = lzma(TEXT);
    for (const one of [stored, saying(stored, TEXT.length)]) {
      for (let bit = 0; bit < 8; bit++) {
        const bent = one.slice();
        bent[bent.length - 1]! ^= 1 << bit;
        expect(refusal(bent), `bit ${bit}`).toContain('is not sound LZMA');
      }
    }
  });

  test('of another size than it says is refused', () => {
    for (const lie of [0, 1, TEXT.length - 1, TEXT.length + 1, TEXT.length + 100_000]) {
      expect(refusal(saying(lzma(TEXT), lie)), String(lie)).toContain('is not sound LZMA');
    }
  });

  test('decodes up to its limit and not a byte more', () => {
    const stored = lzma(new Uint8Array(1 << 20));
    for (const one of [stored, saying(stored, 1 << 20)]) {
      expect(refusal(one, 1 << 20)).toBe(null);
      expect(refusal(one, (1 << 20) - 1)).toContain('decodes to more than 1048575 bytes');
    }
    expect(refusal(saying(stored, 2 ** 32 - 1))).toContain('decodes to more than');
  });

  test('allocates nothing by the window that it says', () => {
    const stored = lzma(TEXT);
    putU32(stored, 1, 0xffffffff);
    expect(unlzma(stored, LIMIT, 'x.lzma').plain).toEqual(TEXT);
  });

  test('has nothing behind it', async () => {
    const stored = concatBytes([lzma(TEXT), utf8('more')]);
    await expect(unpack(stored, 'LZMA', LIMIT, 'x.lzma', portableCodec)).rejects.toThrow(
      'has 4 bytes behind its LZMA stream that are none of it',
    );
  });

  test.each(seeds(10))('that is bent ends, within its limit (SEED=%i)', (seed) => {
    const chance = prng(seed);
    const stored = lzma(mixedTar(seed), 'preset=0');
    for (let round = 0; round < 10; round++) {
      const bent = stored.slice(0, chance.below(3) === 0 ? 18 + chance.below(5000) : undefined);
      for (let flips = 1 + chance.below(3); flips > 0; flips--) {
        bent[14 + chance.below(Math.min(2000, bent.length - 14))] = chance.below(256);
      }
      refusal(bent, 1 << 20);
    }
  });
});

test.each([
  ['properties of 225', [225, 0, 0, 128, 0]],
  ['a window of 5 MiB', [93, 0, 0, 80, 0]],
  ['a window of 2 KiB', [93, 0, 8, 0, 0]],
])('what starts with %s is none', (_what, head) => {
  const bytes = Uint8Array.from([
    ...head,
    ...new Array<number>(8).fill(255),
    ...new Array(20).fill(0),
  ]);
  expect(compressionOf(bytes)).toBe(null);
  bytes.set([93, 0, 0, 128, 0]);
  expect(compressionOf(bytes)).toBe('LZMA');
  bytes[13] = 1;
  expect(compressionOf(bytes)).toBe(null);
});
