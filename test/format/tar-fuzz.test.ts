/**
 * Thousands of damaged archives. Whatever is done to a valid one, reading it ends in records or in
 * a CorruptError: never in another error, never in more time or memory than its size accounts for.
 *
 * The sums of headers are made right again after half of the damage; else nothing behind the sum
 * would ever be reached. What this does not reach is damage to compressed bytes (codec/).
 */

import { expect, test } from 'vitest';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource, type Source } from '../../src/base/source.ts';
import { arMembers, encodeAr } from '../../src/format/ar.ts';
import { encodeLongName } from '../../src/format/tar-header.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';
import { countingSource } from './counting-source.ts';
import { body, END, header, pax, paxRecord, summed, tar } from './tar-blocks.ts';

const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;
const all = (...parts: readonly Uint8Array[]): Uint8Array =>
  tar(...parts).resident(0, tar(...parts).size)!;

const MAP = body('2\n0\n100\n300\n50\n');
const SPARSE = ['major=1', 'minor=0', 'realsize=1000', 'name=holes'].map((record) => {
  const [key, value] = record.split('=') as [string, string];
  return paxRecord(`GNU.sparse.${key}`, value);
});

const VALID: Readonly<Record<string, Uint8Array>> = {
  ustar: all(
    header({ typeflag: '5', path: 'etc/' }),
    header({ path: 'etc/a', size: 700 }),
    body('x'.repeat(700)),
    header({ typeflag: '2', path: 'etc/b', target: 'a' }),
    header({ typeflag: '3', path: 'dev', deviceMajor: 1, deviceMinor: 3 }),
    END,
  ),
  gnu: all(
    encodeLongName('gnu', 'L', 'long/'.repeat(50)),
    encodeLongName('gnu', 'K', 'far/'.repeat(50)),
    header({ flavour: 'gnu', typeflag: '2' }),
    header(
      { flavour: 'gnu', typeflag: 'S', size: 150 },
      [386, [0, 100, 300, 50].map(octal).join('')],
      [482, '\x01'],
      [483, octal(1000)],
    ),
    body(octal(1000) + octal(0)),
    body('x'.repeat(150)),
    END,
  ),
  pax: all(
    pax(paxRecord('uname', 'all') + paxRecord('comment', 'none'), 'g'),
    pax(paxRecord('path', 'päth') + paxRecord('size', '5') + paxRecord('mtime', '1.5')),
    header(),
    body('hello'),
    pax(SPARSE.join('')),
    header({ size: MAP.length + 150 }),
    MAP,
    body('x'.repeat(150)),
    END,
  ),
  visor: all(
    header({ flavour: 'visor', typeflag: '5', path: 'etc/' }),
    header({ flavour: 'visor', path: 'etc/a', size: 600, dataOffset: 4096 }),
    header({ flavour: 'visor', typeflag: '7', path: 'b', size: 9, dataOffset: 8192 }),
    header({ flavour: 'visor', path: 'inline', size: 3 }),
    body('abc'),
    new Uint8Array(1536),
    new Uint8Array(4105),
  ),
  ar: encodeAr([
    { name: 'descriptor.xml', bytes: MAP.slice(0, 99) },
    { name: '#1/4', bytes: MAP },
    { name: '//', bytes: MAP },
    { name: '/0', bytes: MAP },
  ]),
};

/** Bytes that mean something somewhere. */
const LOADED = [0, 0x20, 0x0a, 0x2f, 0x30, 0x37, 0x39, 0x3d, 0x4c, 0x53, 0x67, 0x78, 0x80, 0xff];

function damaged(valid: Uint8Array, random: Prng): Uint8Array {
  let bytes = valid.slice();
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(bytes.length);
    const block = at - (at % 512);
    const wounds: readonly (() => void)[] = [
      () => bytes.fill(random.pick(LOADED), at, at + 1 + random.below(12)),
      () => bytes.set(random.bytes(Math.min(8, bytes.length - at)), at),
      () => bytes.copyWithin(block, random.below(bytes.length), random.below(bytes.length)),
      () => bytes.copyWithin(at, random.below(bytes.length), random.below(bytes.length)),
      () => {
        bytes[block + random.pick([124, 156, 257, 482, 496])] = random.pick(LOADED);
      },
    ];
    random.pick(wounds)();
    if (random.below(8) === 0) bytes = bytes.slice(0, 1 + random.below(bytes.length));
  }
  if (random.below(2) === 0) {
    for (let at = 0; at + 512 <= bytes.length; at += 512) {
      const block = bytes.subarray(at, at + 512);
      // Only what looked like a header before: file data has no NUL before a blank here.
      if (block[154] === 0 || block[155] === 0x20) bytes.set(summed(block), at);
    }
  }
  return bytes;
}

/** Reads all of `source`, or says that it was refused. Any other error comes through. */
function survivors(read: (source: Source) => readonly unknown[], source: Source): string {
  try {
    return JSON.stringify(read(source));
  } catch (error) {
    if (error instanceof CorruptError) return error.message;
    throw error;
  }
}

for (const [format, valid] of Object.entries(VALID)) {
  const read: (source: Source) => readonly unknown[] = format === 'ar' ? arMembers : tarEntries;

  test(`a valid ${format} is read`, () => {
    expect(read(bytesSource(valid, format)).length).toBeGreaterThan(1);
  });

  for (const seed of seeds(5)) {
    test(`200 damaged ${format}s are read or refused (SEED=${seed})`, () => {
      const random = prng(seed);
      for (let step = 0; step < 200; step++) {
        const source = bytesSource(damaged(valid, random), format);
        const counting = countingSource(source);
        expect(survivors(read, counting), `step ${step}`).toBe(survivors(read, source));
        // Nothing is read twice, but for a header whose long data may hold it as well.
        expect(counting.readBytes, `step ${step}`).toBeLessThanOrEqual(2 * source.size + 512);
      }
    });
  }
}
