// Mounting a gzipped tar by its seek index. Attacked by counting what is read and decoded, with
// indexes and archives of which a byte was flipped, and with indexes of something else: what is
// read is right, or refused.

import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, putU32, sameBytes, text } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { appendableIndex } from '../../src/codec/appended-index.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import type { SeekSource } from '../../src/codec/seek-source.ts';
import { type OpenPlaceOptions, openTardisk } from '../../src/layer/open.ts';
import { skeletonOf } from '../../src/layer/skeleton.ts';
import { seekIndexOf, Tardisk } from '../../src/layer/tardisk.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { countingSource } from '../format/counting-source.ts';
import { gzipsOf, indexFor, mixedTar } from '../support/gzips.ts';
import { prng, seeds } from '../support/prng.ts';

const PLAIN = mixedTar();
const GZIPS = gzipsOf(PLAIN);
const STORED = GZIPS['blocks of a few hundred symbols']!;

/** Every name, attribute and byte of `disk`, in one string. */
function told(disk: Tardisk): string {
  const rows: string[] = [];
  for (let row = 1; row < disk.rowCount; row++) {
    const { mode, uid, gid, size, mtimeSeconds } = disk;
    rows.push([mode[row], uid[row], gid[row], size[row], mtimeSeconds[row]].join(' '));
    if ((mode[row]! & 0o170000) !== 0o100000) continue;
    const content = new Uint8Array(size[row]!);
    disk.readInto(row, content, 0);
    rows.push(String(crc32(content)));
  }
  return rows.join('\n');
}

const WANTED = told(Tardisk.index(bytesSource(PLAIN, 'plain'), 'plain'));

const open = (stored: Uint8Array, options: OpenPlaceOptions, codec = nativeCodec) =>
  openTardisk(bytesSource(stored, 'made.tgz'), codec, options);

describe.each([
  ['native zlib', nativeCodec],
  ['pako', portableCodec],
])('with %s', (_name, codec) => {
  test.each(Object.keys(GZIPS))('%s: by its index it is the same tree', async (how) => {
    const first = await open(GZIPS[how]!, { index: 'make' }, codec);
    expect(told(first)).toBe(WANTED);
    const index = seekIndexOf(first)!;
    const again = await open(GZIPS[how]!, { index }, codec);
    expect(told(again)).toBe(WANTED);
    expect(seekIndexOf(again)).toBe(index);
    expect([again.name, again.storedBytes]).toEqual(['made.tgz', GZIPS[how]!.length]);
  });
});

test('mounting by an index decodes nothing, and reads its samples, its start and end', async () => {
  const index = await indexFor(STORED, nativeCodec, 30_000);
  const file = countingSource(bytesSource(STORED, 'made.tgz'));
  const disk = await openTardisk(file, nativeCodec, { index });
  expect((disk.source as SeekSource).decodedCount).toBe(0);
  expect(file.readBytes).toBe(2 * 4096 + 64 * 256 + 512 + 34);
});

test('without the option, an archive is decoded whole as ever', async () => {
  const disk = await open(STORED, {});
  expect(seekIndexOf(disk)).toBeNull();
  expect(disk.source.resident(0, 10)).not.toBeNull();
});

test.each([
  ['a tar that is not compressed', PLAIN],
  ['gzip in gzip', gzipSync(gzipSync(PLAIN))],
])('of %s no index is made, and it is mounted', async (_what, stored) => {
  const disk = await open(stored, { index: 'make' });
  expect(seekIndexOf(disk)).toBeNull();
  expect(told(disk)).toBe(WANTED);
});

const GOOD = new URL('../../images/good/', import.meta.url);
const TARS = fs.readdirSync(GOOD).filter((name) => name.endsWith('.tar'));

test.each(TARS)('%s: all that its headers say is in the skeleton', async (name) => {
  const plain = Uint8Array.from(fs.readFileSync(new URL(name, GOOD)));
  const disk = await open(gzipSync(plain), { index: 'make' });
  expect((disk.source as SeekSource).decodedCount).toBe(0);
  expect(told(disk)).toBe(told(Tardisk.index(bytesSource(plain, 'plain'), 'plain')));
});

describe('a place for an index', () => {
  const placeOf = (kept: Uint8Array | null) => {
    const place = {
      kept,
      saves: 0,
      load: () => place.kept,
      save(index: Uint8Array) {
        place.kept = index;
        place.saves += 1;
      },
    };
    return place;
  };

  test('is filled once, and serves then', async () => {
    const place = placeOf(null);
    for (let turn = 0; turn < 3; turn++) {
      expect(told(await open(STORED, { index: place }))).toBe(WANTED);
    }
    expect(place.saves).toBe(1);
  });

  test('is filled anew where the index is another one, cut short or none', async () => {
    const other = await indexFor(GZIPS['gzip -9']!, nativeCodec, 30_000);
    const good = await indexFor(STORED, nativeCodec, 30_000);
    for (const stale of [other, good.slice(0, -5), new Uint8Array(10), new Uint8Array(0)]) {
      const place = placeOf(stale);
      expect(told(await open(STORED, { index: place }))).toBe(WANTED);
      expect(place.saves).toBe(1);
    }
  });

  test('is left alone where there is no index to make, or the archive lies', async () => {
    const place = placeOf(null);
    await open(PLAIN, { index: place });
    await expect(open(STORED.slice(0, -1), { index: place })).rejects.toThrow('cut short');
    const notTar = gzipSync(prngText(3000));
    await expect(open(notTar, { index: place })).rejects.toThrow('is no archive');
    expect(place.saves).toBe(0);
  });
});

test('a given index of another archive is refused, of a plain tar too', async () => {
  const index = await indexFor(GZIPS['gzip -9']!, nativeCodec, 30_000);
  await expect(open(STORED, { index })).rejects.toThrow('the seek index is of another archive');
  await expect(open(PLAIN, { index })).rejects.toThrow('the seek index is of another archive');
});

test('an archive that has its index behind it is opened by the same index, given', async () => {
  const index = await indexFor(STORED, nativeCodec, 30_000);
  const stored = concatBytes([STORED, appendableIndex(index)]);
  const given = seekIndexOf(await open(stored, {}))!;
  expect(given).toEqual(index);
  expect(told(await open(stored, { index: given }))).toBe(WANTED);
  const other = await indexFor(GZIPS['gzip -9']!, nativeCodec, 30_000);
  await expect(open(stored, { index: other })).rejects.toThrow('is of another archive');
});

describe('an index whose sum is right and whose skeleton is not', () => {
  test.each<[string, (skeleton: Uint8Array) => unknown, string]>([
    ['has more ranges than bytes', (bytes) => putU32(bytes, 0, 2 ** 30), 'does not fit'],
    ['goes behind the archive', (bytes) => putU32(bytes, 8, 2 ** 31), 'does not fit'],
    ['has no bytes', () => new Uint8Array(0), 'does not fit'],
    ['is no gzip', () => null, 'gzip'],
    ['has a header that lies', (bytes) => bytes.fill(7, bytes.length - 400), 'at 0x'],
  ])('%s', async (_how, spoil, claim) => {
    const index = await withSkeleton(await indexFor(STORED, nativeCodec, 30_000), spoil);
    await expect(open(STORED, { index })).rejects.toThrow(CorruptError);
    await expect(open(STORED, { index })).rejects.toThrow(claim);
  });

  test('has data that is not the archive: it is not read', async () => {
    const data = PLAIN.map((byte, at) => (at > 20_000 && at < 20_100 ? byte ^ 1 : byte));
    const whole = () => skeletonOf([[0, data]]);
    const index = await withSkeleton(await indexFor(STORED, nativeCodec, 30_000), whole);
    expect(told(await open(STORED, { index }))).toBe(WANTED);
  });

  test('has nothing: then headers are read where they are', async () => {
    const empty = () => new Uint8Array(4);
    const index = await withSkeleton(await indexFor(STORED, nativeCodec, 30_000), empty);
    expect(told(await open(STORED, { index }))).toBe(WANTED);
  });
});

test.each(seeds(40))('a flipped bit gives right bytes or CorruptError (SEED=%i)', async (seed) => {
  const chance = prng(seed);
  const stored = STORED.slice();
  const index = (await indexFor(STORED, nativeCodec, 30_000)).slice();
  const isOfIndex = chance.below(2) === 0;
  const flipped = isOfIndex ? index : stored;
  flipped[chance.below(flipped.length)]! ^= 1 << chance.below(8);
  // Half of the indexes are made by somebody who knows how: their sum is right.
  if (isOfIndex && chance.below(2) === 0) putU32(index, 12, crc32(index.subarray(16)));
  try {
    expect(shape(told(await open(stored, { index })))).toBe(shape(WANTED));
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
  }
});

/** What a lying index can change is what a lying archive could: attributes, but never content. */
function shape(rows: string): string {
  return rows
    .split('\n')
    .filter((row) => !row.includes(' '))
    .join('\n');
}

function prngText(length: number): Uint8Array {
  return prng(1)
    .bytes(length)
    .map((byte) => 0x61 + (byte % 26));
}

/** `index` with another skeleton: what `spoil` made of it, or null for bytes that are no gzip. */
async function withSkeleton(
  index: Uint8Array,
  spoil: (skeleton: Uint8Array) => unknown,
): Promise<Uint8Array> {
  const length = new DataView(index.buffer).getUint32(40, true);
  const packed = index.subarray(index.length - length);
  const skeleton = (await nativeCodec.gunzip(packed, 1 << 30, 'skeleton')).slice();
  const made = spoil(skeleton);
  const next = made === null ? new Uint8Array(9) : made instanceof Uint8Array ? made : skeleton;
  const end = made === null ? next : await nativeCodec.gzip(next);
  const bytes = concatBytes([index.subarray(0, index.length - length), end]);
  putU32(bytes, 40, end.length);
  putU32(bytes, 12, crc32(bytes.subarray(16)));
  expect(sameBytes(bytes, index)).toBe(false);
  expect(text(bytes, 0, 8)).toBe('visorfsx');
  return bytes;
}
