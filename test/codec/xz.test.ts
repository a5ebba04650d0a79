/**
 * Attacks xz with its own tool as the judge: every option that changes what is written, streams and
 * padding behind each other, bytes that are none of it. Whatever is cut or bent must be refused by
 * name; the container's own claims are bent with sums that are right, so nothing else can tell.
 */

import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { CorruptError, ForeignError } from '../../src/base/errors.ts';
import type { Unpacked } from '../../src/codec/codec.ts';
import { crc64 } from '../../src/codec/crc64.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { lzma2Extent } from '../../src/codec/lzma2.ts';
import { unxz } from '../../src/codec/xz.ts';
import { mixedTar } from '../support/gzips.ts';
import { isInstalled, piped, storedLzma2, storedXz, xzStream } from '../support/packed.ts';
import { prng, seeds } from '../support/prng.ts';

const LIMIT = 64 << 20;
const hasXz = isInstalled('xz');
const TEXT = utf8(
  'a file that is said twice: a file that is said twice: a file that is. '.repeat(9),
);

function opened(stored: Uint8Array, limitBytes = LIMIT): Promise<Unpacked> {
  return unxz(stored, limitBytes, 'x.xz', portableCodec);
}

/** What `stored` is refused with, which must name the archive; null where it is taken. */
async function refusal(stored: Uint8Array, limitBytes = LIMIT): Promise<string | null> {
  try {
    await opened(stored, limitBytes);
    return null;
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    expect(error.archive).toBe('x.xz');
    expect(error.offset).toBeLessThanOrEqual(stored.length);
    return error.claim;
  }
}

describe.skipIf(!hasXz)('what xz writes is read', () => {
  const contents: readonly [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['a byte', Uint8Array.of(65)],
    ['text', TEXT],
    ['a tar', mixedTar()],
    ['what does not pack', prng(3).bytes(150_000)],
    ['zeros', new Uint8Array(1 << 20)],
  ];
  const ways = [
    ...['-0', '-6', '-9e', '--check=none', '--check=crc32', '--check=crc64', '--check=sha256'],
    ...['--block-size=64KiB', '-T2', '--lzma2=dict=4KiB', '--lzma2=lc=0,lp=4,pb=0'],
    ...['--lzma2=lc=4,lp=0,pb=4', '--lzma2=mode=fast,mf=hc4,nice=5', '--flush-timeout=1'],
  ];
  test.each(contents)('%s, in every way', async (_what, plain) => {
    for (const way of ways) {
      const stored = piped('xz', ['-c', way], plain);
      const unpacked = await opened(stored);
      expect(Buffer.compare(unpacked.plain, plain), way).toBe(0);
      expect(unpacked.storedBytes, way).toBe(stored.length);
    }
  });

  test('filters ahead of LZMA2 are refused by their names', async () => {
    for (const filter of ['x86', 'delta', 'arm']) {
      const stored = piped('xz', ['-c', `--${filter}`, '--lzma2'], TEXT);
      await expect(opened(stored)).rejects.toBeInstanceOf(ForeignError);
      const name = filter === 'arm' ? 'ARM' : filter;
      expect(await refusal(stored)).toBe(`is xz with the filter ${name}, which is not read`);
    }
  });

  test('every bit of a stream with a check matters', async () => {
    for (const check of ['crc32', 'crc64', 'sha256']) {
      const stored = piped('xz', ['-c', `--check=${check}`], TEXT);
      for (let bit = 6 * 8; bit < stored.length * 8; bit++) {
        const bent = stored.slice();
        bent[bit >> 3]! ^= 1 << (bit & 7);
        expect(await refusal(bent), `${check}, bit ${bit}`).not.toBe(null);
      }
    }
  });

  test('a bomb is refused by what its chunks say, before anything is decoded', async () => {
    const size = 8 << 20;
    const stored = piped('xz', ['-c'], new Uint8Array(size));
    expect(stored.length).toBeLessThan(2000);
    expect(await refusal(stored, size - 1)).toContain(`decodes to more than ${size - 1} bytes`);
    expect((await opened(stored, size)).plain.length).toBe(size);
  });
});

test.each(['by the tool', 'by hand'])('a stream cut anywhere is cut short, %s', async (how) => {
  if (how === 'by the tool' && !hasXz) return;
  const stored = how === 'by the tool' ? piped('xz', ['-c'], TEXT) : storedXz(TEXT);
  for (let length = 6; length < stored.length; length++) {
    expect(await refusal(stored.subarray(0, length)), `at ${length}`).toMatch(
      /cut short|not sound xz/,
    );
  }
});

describe('what is behind a stream', () => {
  const stored = storedXz(TEXT);

  test('is counted and not read, as the signature of *.vxz-psigned is', async () => {
    for (const behind of [prng(1).bytes(284), utf8('x'), new Uint8Array(3), utf8('\xfd7zXZ')]) {
      const unpacked = await opened(concatBytes([stored, behind]));
      expect(unpacked.plain).toEqual(TEXT);
      expect(unpacked.storedBytes).toBe(stored.length);
    }
  });

  test('is another stream, also behind padding of fours', async () => {
    for (const padding of [0, 4, 512]) {
      const both = concatBytes([stored, new Uint8Array(padding), storedXz(utf8('end')), stored]);
      const unpacked = await opened(concatBytes([both, utf8('signed')]));
      expect(unpacked.plain).toEqual(concatBytes([TEXT, utf8('end'), TEXT]));
      expect(unpacked.storedBytes).toBe(both.length);
    }
  });

  test('is refused where it starts as a stream and is none', async () => {
    const cut = concatBytes([stored, stored.subarray(0, stored.length - 1)]);
    expect(await refusal(cut)).toContain('cut short');
  });

  test.skipIf(!hasXz)('is what --single-stream leaves', async () => {
    const both = concatBytes([stored, utf8('signed, sealed')]);
    expect(piped('xz', ['-dc', '--single-stream'], both)).toEqual((await opened(both)).plain);
  });
});

describe('a container with sums that are right lies in vain', () => {
  const coded = storedLzma2(TEXT);
  const size = TEXT.length;

  test('about how much a block decodes to', async () => {
    for (const lie of [size - 1, size + 1, 0, 2 ** 40]) {
      expect(await refusal(xzStream([{ coded, size: lie }]))).toContain('the index is not of');
    }
  });

  test.each([
    ['how long its index is', { indexBytes: 4 }, 'the footer is not of the stream'],
    ['how it is checked', { check: 4 }, 'the footer is not of the stream'],
    ['how long its blocks are', { unpadded: 1 }, 'the index is not of the blocks'],
    ['how many blocks it has', { count: [2] }, 'the index is not of the blocks'],
    ['a number in more bytes than it takes', { count: [0x81, 0] }, 'no number is written so'],
    ['a number above 2^53', { count: new Array(9).fill(0xff) }, 'no number is written so'],
  ])('about %s', async (_what, lies, claim) => {
    expect(await refusal(xzStream([{ coded, size }], lies))).toContain(claim);
  });

  test('about the sizes that a block may have in its header', async () => {
    const right = { coded, size, saysCoded: coded.length, saysDecoded: size };
    expect(await refusal(xzStream([right]))).toBe(null);
    const claim = 'a block has other sizes than it says';
    expect(await refusal(xzStream([{ ...right, saysCoded: size }]))).toContain(claim);
    expect(await refusal(xzStream([{ ...right, saysDecoded: size + 1 }]))).toContain(claim);
  });

  test('about what it decodes to', async () => {
    expect(await refusal(xzStream([{ coded, size, sum: 1 }]))).toContain('another CRC-32');
    expect(await refusal(xzStream([{ coded, size }]))).toBe(null);
  });

  test('about its window: nothing is allocated by it, and there are no larger ones', async () => {
    expect((await opened(xzStream([{ coded, size, window: 40 }]))).plain).toEqual(TEXT);
    const claim = 'has LZMA2 as there is none';
    expect(await refusal(xzStream([{ coded, size, window: 41 }]))).toContain(claim);
  });

  test.each([
    ['a chunk that goes on where nothing was', [2, 0, 0, 65, 0], 'does not start a window'],
    ['a control byte that is none', [3, 0, 0, 65, 0], 'no LZMA2 chunk starts with 3'],
    ['LZMA without properties', [1, 0, 0, 65, 0xa0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0], 'no properties'],
    ['properties that are none', [0xe0, 0, 0, 0, 4, 225, 0, 0, 0, 0, 0, 0], 'there are not'],
    ['lc and lp above 4', [0xe0, 0, 0, 0, 4, 17, 0, 0, 0, 0, 0, 0], 'there are not'],
    ['a range coder that starts with 1', [0xe0, 0, 0, 0, 4, 93, 1, 0, 0, 0, 0, 0], 'not sound'],
    ['more than a chunk of LZMA gives', [0xff, 255, 255, 0, 4, 93, 0, 0, 0, 0, 0, 0], 'not sound'],
    ['a chunk past the end', [1, 255, 255, 65, 0], 'cut short'],
  ])('by %s', async (_what, bytes, claim) => {
    const sizes: Record<string, number> = { '2': 1, '3': 1, '1': bytes[1] === 255 ? 65536 : 2 };
    const said = sizes[bytes[0]!] ?? (bytes[0] === 0xff ? 2 ** 21 : 1);
    const stored = xzStream([{ coded: Uint8Array.from(bytes), size: said }]);
    expect(await refusal(stored)).toContain(claim);
  });

  test('by blocks without end', async () => {
    const none = { coded: Uint8Array.of(0), size: 0 };
    const stored = xzStream(new Array<typeof none>((1 << 17) + 1).fill(none));
    expect(await refusal(stored)).toContain('more than 131072 blocks');
  });
});

/** The LZMA2 that xz makes of `plain`, with its end. */
function lzma2Of(plain: Uint8Array): Uint8Array {
  const stored = piped('xz', ['-c', '--check=none'], plain);
  const start = 12 + (stored[12]! + 1) * 4;
  return stored.slice(start, lzma2Extent(stored, start, '').end);
}

describe.skipIf(!hasXz)('a chunk of LZMA lies in vain', () => {
  const coded = lzma2Of(TEXT);
  const stream = (bytes: Uint8Array, size: number) => xzStream([{ coded: bytes, size }]);

  test('about its length: what is behind its last bit', async () => {
    expect(await refusal(stream(coded, TEXT.length))).toBe(null);
    const longer = concatBytes([coded.subarray(0, -1), new Uint8Array(2)]);
    longer[4]! += 1;
    expect(await refusal(stream(longer, TEXT.length))).toContain('an LZMA2 chunk is not sound');
  });

  test('about its size: the rest of its last copy', async () => {
    const shorter = coded.slice();
    shorter[2]! -= 1;
    expect(await refusal(stream(shorter, TEXT.length - 1))).toContain('chunk is not sound');
  });

  test('by copies from before its window, and from further back than that is long', async () => {
    const noise = prng(8).bytes(150_000);
    const twice = concatBytes([noise, noise]);
    const both = lzma2Of(twice);
    expect(await refusal(stream(both, twice.length))).toBe(null);
    let first = 0;
    while (both[first]! < 0x80) first += 4 + ((both[first + 1]! << 8) | both[first + 2]!);
    expect([both[0], both[first]! & 0xe0], 'stored, then LZMA').toEqual([1, 0xc0]);
    const anew = both.slice();
    anew[first]! |= 0x20;
    expect(await refusal(stream(anew, twice.length))).toContain('chunk is not sound');
    const small = xzStream([{ coded: both, size: twice.length, window: 2 }]);
    expect(await refusal(small)).toContain('chunk is not sound');
  });
});

describe.skipIf(!hasXz)('a mutated stream', () => {
  test.each(seeds(8))('is read right or refused, never believed (SEED=%i)', async (seed) => {
    const chance = prng(seed);
    const plain = mixedTar(seed);
    const stored = piped('xz', ['-c', '-1', '--check=none'], plain);
    for (let round = 0; round < 10; round++) {
      const bent = stored.slice(0, chance.below(4) === 0 ? chance.below(stored.length) : undefined);
      for (let flips = 1 + chance.below(3); flips > 0; flips--) {
        bent[chance.below(bent.length)] = chance.below(256);
      }
      const claim = await refusal(bent, 1 << 20).catch((error: unknown) => error);
      expect(claim === null || typeof claim === 'string', String(claim)).toBe(true);
    }
  });
});

test('CRC-64 is that of ECMA-182, as xz has it', () => {
  const sum = [...crc64(utf8('123456789'))].reverse();
  expect(Buffer.from(sum).toString('hex')).toBe('995dc9bbdf1939fa');
});
