/**
 * Attacks zstd with its own tool as the judge, over levels, windows and frames. What is cut, bent
 * or lies about itself must be refused by name, and take no more time or memory than what it
 * decodes to: a block of a few bytes can say that it copies gigabytes.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { concatBytes, putU32, utf8 } from '../../src/base/bytes.ts';
import { CorruptError, ForeignError } from '../../src/base/errors.ts';
import { unpack } from '../../src/codec/compression.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { xxh64Low } from '../../src/codec/xxh64.ts';
import { unzstd } from '../../src/codec/zstd.ts';
import { mixedTar } from '../support/gzips.ts';
import { isInstalled, piped, storedZstd, zstdFrame } from '../support/packed.ts';
import { prng, seeds } from '../support/prng.ts';
import { thrownBy } from '../support/thrown.ts';

const LIMIT = 64 << 20;
const TEXT = utf8('blocks of sequences of copies of literals of blocks of sequences. '.repeat(30));
const hasZstd = isInstalled('zstd');

const folder = mkdtempSync(join(tmpdir(), 'visorfs-zstd-'));
afterAll(() => rmSync(folder, { recursive: true }));

const zstd = (plain: Uint8Array, ...options: string[]): Uint8Array =>
  piped('zstd', ['-qc', ...options], plain);

/** By way of a file, whose size the tool knows. */
function zstdOfFile(plain: Uint8Array, ...options: string[]): Uint8Array {
  const path = join(folder, 'plain');
  writeFileSync(path, plain);
  return piped('zstd', ['-qc', ...options, path], new Uint8Array(0));
}

function refusal(stored: Uint8Array, limitBytes = LIMIT): string | null {
  const error = thrownBy(() => unzstd(stored, limitBytes, 'x.zst'));
  if (error === null) return null;
  expect(error).toBeInstanceOf(CorruptError);
  expect((error as CorruptError).archive).toBe('x.zst');
  expect((error as CorruptError).offset).toBeLessThanOrEqual(stored.length);
  return (error as CorruptError).claim;
}

describe.skipIf(!hasZstd)('what zstd writes is read', () => {
  const ways = ['-1', '-3', '-9', '-18', '--fast=3', '--no-check', '--long=27', '--ultra'];
  test.each([
    ['nothing', new Uint8Array(0)],
    ['a byte', Uint8Array.of(65)],
    ['text', TEXT],
    ['a tar', mixedTar()],
    ['what does not pack', prng(3).bytes(300_000)],
    ['zeros', new Uint8Array(1 << 20)],
    ['two symbols', Uint8Array.from(prng(4).bytes(90_000), (byte) => 65 + (byte & 1))],
  ])('%s, in every way, its size said or not', (_what, plain) => {
    for (const way of ways) {
      const options = way === '--ultra' ? [way, '-22'] : [way];
      for (const stored of [zstd(plain, ...options), zstdOfFile(plain, ...options)]) {
        const unpacked = unzstd(stored, LIMIT, 'x.zst');
        expect(Buffer.compare(unpacked.plain, plain), way).toBe(0);
        expect(unpacked.storedBytes, way).toBe(stored.length);
      }
    }
  });

  test('sums are right for every length, and checked', () => {
    for (let length = 0; length < 100; length++) {
      const stored = zstd(TEXT.subarray(0, length));
      expect(refusal(stored), `${length}`).toBe(null);
      stored[stored.length - 1]! ^= 1;
      expect(refusal(stored), `${length}`).toContain('has another XXH64 than it says');
    }
  });

  test('a dictionary is refused as foreign', () => {
    const samples = Array.from({ length: 300 }, (_, index) => {
      const path = join(folder, `sample-${index}`);
      writeFileSync(path, TEXT.subarray(index, index + 200));
      return path;
    });
    const dictionary = join(folder, 'dictionary');
    piped('zstd', ['-q', '--train', ...samples, '-o', dictionary], new Uint8Array(0));
    const stored = zstd(TEXT, '-D', dictionary);
    expect(thrownBy(() => unzstd(stored, LIMIT, 'x.zst'))).toBeInstanceOf(ForeignError);
    expect(refusal(stored)).toContain('with a dictionary, which is not read');
  });

  test('a frame with a sum gives the same bytes or none, whichever bit is bent', async () => {
    const stored = zstdOfFile(TEXT);
    let taken = 0;
    for (let bit = 4 * 8; bit < stored.length * 8; bit++) {
      const bent = stored.slice();
      bent[bit >> 3]! ^= 1 << (bit & 7);
      const opening = unpack(bent, 'zstd', LIMIT, 'x.zst', portableCodec);
      const plain = await opening.then(({ plain }) => plain).catch(() => null);
      if (plain !== null) expect(plain, `bit ${bit}`).toEqual(TEXT);
      if (plain !== null) taken += 1;
    }
    // Some bits have no meaning: those of the window, and what pads a table.
    expect(taken).toBeLessThan(20);
  });

  test.each(seeds(10))('or, bent by chance, ends within its limit (SEED=%i)', (seed) => {
    const chance = prng(seed);
    const stored = zstd(mixedTar(seed), '--no-check', chance.below(2) === 0 ? '-1' : '-12');
    for (let round = 0; round < 20; round++) {
      const bent = stored.slice(0, chance.below(4) === 0 ? chance.below(stored.length) : undefined);
      for (let flips = 1 + chance.below(3); flips > 0; flips--) {
        bent[4 + chance.below(bent.length)] = chance.below(256);
      }
      refusal(bent, 1 << 20);
    }
  });
});

test('frames follow each other, and some are skipped', () => {
  const skipped = concatBytes([Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0), utf8('abc')]);
  const pieces = [skipped, storedZstd(TEXT), skipped, storedZstd(utf8('end'), { hasSize: false })];
  const { plain, storedBytes } = unzstd(concatBytes(pieces), LIMIT, 'x.zst');
  expect(plain).toEqual(concatBytes([TEXT, utf8('end')]));
  expect(storedBytes).toBe(concatBytes(pieces).length);
});

test('nothing else may be behind them', async () => {
  const stored = concatBytes([storedZstd(TEXT), utf8('more')]);
  await expect(unpack(stored, 'zstd', LIMIT, 'x.zst', portableCodec)).rejects.toThrow(
    'has 4 bytes behind its zstd stream that are none of it',
  );
});

test('a stream cut anywhere is cut short', () => {
  const made = hasZstd ? [zstd(TEXT), zstdOfFile(TEXT)] : [];
  for (const stored of [storedZstd(TEXT), storedZstd(TEXT, { hasSize: false }), ...made]) {
    for (let length = 4; length < stored.length; length++) {
      expect(refusal(stored.subarray(0, length)), `at ${length}`).toContain('cut short');
    }
  }
});

describe('a frame lies in vain', () => {
  const repeated = (count: number) =>
    Array.from({ length: count }, () => ({ kind: 1, size: 128 << 10, slice: Uint8Array.of(7) }));

  test('about its size', () => {
    for (const lie of [0, 1, (3 << 17) - 1]) {
      expect(refusal(zstdFrame(lie, repeated(3))), String(lie)).toContain('more than it says');
    }
    expect(refusal(zstdFrame((3 << 17) + 1, repeated(3)))).toContain('a frame of 393217 bytes has');
    expect(refusal(zstdFrame(3 << 17, repeated(3)))).toBe(null);
  });

  test('about what it decodes to, its size said or not', () => {
    for (const hasSize of [true, false]) {
      const bomb = zstdFrame(1000 << 17, repeated(1000), { hasSize });
      expect(bomb.length).toBeLessThan(5000);
      expect(refusal(bomb), `${hasSize}`).toContain(`decodes to more than ${LIMIT} bytes`);
    }
    expect(refusal(zstdFrame(2 ** 32 - 1, []))).toContain('decodes to more than');
  });

  test('about its window, by which nothing is allocated', () => {
    expect(unzstd(storedZstd(TEXT, { window: 0xff }), LIMIT, 'x.zst').plain).toEqual(TEXT);
  });

  test('about a block longer than the window lets', () => {
    const block = { kind: 1, size: 1025, slice: Uint8Array.of(7) };
    expect(refusal(zstdFrame(1025, [block], { window: 0 }))).toContain('there is no such block');
    expect(refusal(zstdFrame(4, [{ ...block, kind: 3, size: 4 }]))).toContain('no such block');
  });

  test('about copies: 98,047 of 65,539 bytes in a block of 10', () => {
    const slice = Uint8Array.of(1 << 3, 65, 255, 255, 255, 0x54, 0, 0, 52, 1);
    const bomb = { kind: 2, size: slice.length, slice };
    const ahead = { kind: 0, size: 8, slice: utf8('8 bytes!') };
    for (const blocks of [[bomb], [ahead, bomb]]) {
      expect(refusal(zstdFrame(0, blocks, { hasSize: false }))).toContain('sequences of a block');
    }
  });

  test('about a mark in its head that has no meaning', () => {
    const stored = storedZstd(TEXT);
    stored[4]! |= 8;
    expect(refusal(stored)).toContain('is zstd with flags that are not known');
  });

  describe('about one sequence of four literals and a copy of three', () => {
    const block = (...bytes: number[]) => {
      return { kind: 2, size: bytes.length, slice: Uint8Array.from(bytes) };
    };
    const literals = [4 << 3, 97, 98, 99, 100];
    const said = (bytes: number[], size = 7) => zstdFrame(size, [block(...literals, ...bytes)]);

    test('which is sound as it is', () => {
      const stored = said([1, 0x54, 4, 2, 0, 0b100]);
      expect(unzstd(stored, LIMIT, 'x.zst').plain).toEqual(utf8('abcdddd'));
      if (hasZstd) expect(piped('zstd', ['-dqc'], stored)).toEqual(utf8('abcdddd'));
    });

    test.each([
      ['further back than there is anything', [1, 0x54, 4, 3, 0, 0b1000], 'zstd too'],
      ['of a distance of none', [1, 0x54, 0, 1, 0, 0b11], 'zstd too'],
      ['with a bit too many', [1, 0x54, 4, 2, 0, 0b1000], 'zstd too'],
      ['with a bit too few', [1, 0x54, 4, 2, 0, 0b10], 'zstd 1.5.4 does not'],
      ['with modes that are none', [1, 0x55, 4, 2, 0, 0b100], 'zstd 1.5.4 does not'],
      ['with literals of a symbol that is none', [1, 0x54, 36, 2, 0, 0b100], 'zstd too'],
      ['with a copy of a symbol that is none', [1, 0x54, 4, 2, 53, 0b100], 'zstd too'],
    ])('%s', (_what, bytes, refuses) => {
      expect(refusal(said(bytes))).toContain('sequences of a block are not');
      const isRefused = hasZstd && refuses === 'zstd too';
      if (isRefused) expect(() => piped('zstd', ['-dqc'], said(bytes))).toThrow();
    });

    test('past the size that its frame says, or with literals past it', () => {
      const claim = 'sequences of a block are not';
      expect(refusal(said([1, 0x54, 4, 2, 0, 0b100], 6))).toContain(claim);
      expect(refusal(said([0], 3))).toContain(claim);
    });

    test('further back than the window', () => {
      const raw = { kind: 0, size: 1000, slice: prng(2).bytes(1000) };
      const far = block(...literals, 1, 0x54, 4, 10, 0, 0xdf, 5);
      const frame = (window: number) => zstdFrame(2007, [raw, raw, far], { window });
      expect(refusal(frame(8))).toBe(null);
      expect(refusal(frame(0))).toContain('sequences of a block are not');
    });
  });

  test.each([
    ['as they should be', [128, 0xb0, 0b10], null],
    ['with a bit too many', [128, 0xb0, 0b100], 'literals of a block are not'],
    ['with a bit too few', [128, 0xb0, 0b1], 'literals of a block are not'],
    ['of 12 bits', [128, 0xc0, 0b10], 'literals of a block are not'],
    ['that leave no whole code', [129, 0x41, 0b11], 'literals of a block are not'],
    ['past their end', [254, 0xb0, 0b10], 'literals of a block are not'],
    ['of states that are not there', [4, 0x10, 0xf8, 1, 0x80, 4], 'literals of a block are not'],
  ])('about Huffman codes %s', (_what, bytes, claim) => {
    const word = 2 | (1 << 4) | (bytes.length << 14);
    const slice = Uint8Array.of(word & 255, (word >> 8) & 255, word >> 16, ...bytes, 0);
    const refused = refusal(zstdFrame(1, [{ kind: 2, size: slice.length, slice }]));
    if (claim === null) expect(refused).toBe(null);
    else expect(refused).toContain(claim);
  });

  test('about a compressed block of nothing, which zstd itself lets pass', () => {
    const block = { kind: 2, size: 0, slice: new Uint8Array(0) };
    expect(refusal(zstdFrame(0, [block]))).toContain('literals of a block are not');
  });

  test.each([
    ['literals past the end', [31 << 3, 65]],
    ['codes of before where nothing was', [3, 0, 0, 0]],
    ['no count of sequences', [1 << 3, 65]],
    ['bytes behind no sequences', [1 << 3, 65, 0, 0]],
    ['modes that are none', [1 << 3, 65, 1, 3, 1]],
    ['a table of before where nothing was', [1 << 3, 65, 1, 0xfc, 1]],
    ['a symbol that is none', [1 << 3, 65, 1, 0x54, 36, 0, 0, 1]],
    ['no mark where bits begin', [1 << 3, 65, 1, 0x54, 1, 0, 0, 0]],
    ['a copy from before the start', [1 << 3, 65, 1, 0x54, 1, 3, 0, 0x80]],
    ['more literals than there are', [1 << 3, 65, 1, 0x54, 2, 0, 0, 1]],
  ])('about a block with %s', (_what, bytes) => {
    const slice = Uint8Array.from(bytes);
    const stored = zstdFrame(0, [{ kind: 2, size: slice.length, slice }], { hasSize: false });
    expect(refusal(stored)).toMatch(/literals of a block are not|sequences of a block are not/);
    if (hasZstd) expect(() => piped('zstd', ['-dqc'], stored)).toThrow();
  });
});

test('XXH64 is what others have it to be', () => {
  expect(xxh64Low(utf8(''))).toBe(0x51d8e999);
  expect(xxh64Low(utf8('abc'))).toBe(0xad770999);
  const long = new Uint8Array(1000);
  putU32(long, 500, 0xffffffff);
  expect(xxh64Low(long.subarray(1))).not.toBe(xxh64Low(long.subarray(0, 999)));
});
