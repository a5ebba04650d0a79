// A seek index behind its archive: every gunzip reads the archive as before, and the index comes
// back byte for byte at every length where a piece could end.

import { execFileSync } from 'node:child_process';
import zlib from 'node:zlib';
import { ungzip } from 'pako';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { appendableIndex, indexBehind } from '../../src/codec/appended-index.ts';
import { openTardisk } from '../../src/layer/open.ts';
import { seekIndexOf } from '../../src/layer/tardisk.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { gzipsOf, indexFor, mixedTar } from '../support/gzips.ts';
import { prng } from '../support/prng.ts';

const PLAIN = mixedTar();
const STORED = gzipsOf(PLAIN)['gzip -6']!;
const behind = (bytes: Uint8Array) => indexBehind(bytesSource(bytes, 'made.tgz'));

test.each([1, 65_530, 65_531, 65_532, 131_062, 200_000])('%i bytes come back', (length) => {
  const index = prng(length).bytes(length);
  const whole = concatBytes([STORED, appendableIndex(index)]);
  expect(Buffer.compare(behind(whole)!.index, index)).toBe(0);
  expect(behind(whole)!.archiveSize).toBe(STORED.length);
  expect(Buffer.compare(zlib.gunzipSync(whole), PLAIN)).toBe(0);
  expect(Buffer.compare(ungzip(whole), PLAIN)).toBe(0);
});

test('gzip reads it and finds no fault', () => {
  const whole = concatBytes([STORED, appendableIndex(prng(1).bytes(100_000))]);
  execFileSync('gzip', ['-t'], { input: whole, stdio: ['pipe', 'pipe', 'pipe'] });
  const plain = execFileSync('gzip', ['-dc'], { input: whole, maxBuffer: 1 << 30 });
  expect(Buffer.compare(plain, PLAIN)).toBe(0);
});

test('it is found without being asked for, and what is decoded is what is read', async () => {
  const index = await indexFor(STORED, nativeCodec, 30_000);
  const whole = concatBytes([STORED, appendableIndex(index)]);
  const disk = await openTardisk(bytesSource(whole, 'made.tgz'), nativeCodec);
  expect(seekIndexOf(disk)).toEqual(index);
  expect(disk.storedBytes).toBe(whole.length);
});

describe('nothing is taken for an index', () => {
  test.each([
    ['an archive without one', STORED],
    ['one that something follows', concatBytes([STORED, appendableIndex(PLAIN), STORED])],
    ['less than an end', STORED.subarray(0, 20)],
  ])('that is %s', (_what, bytes) => {
    expect(behind(bytes)).toBeNull();
  });

  test('that is longer than what is ahead of it', () => {
    const whole = appendableIndex(prng(1).bytes(1000));
    expect(() => behind(whole.slice(5))).toThrow('a seek index of 1000 bytes is ahead of its end');
  });

  test('whose pieces are not where they should be', () => {
    const whole = concatBytes([STORED, appendableIndex(prng(1).bytes(1000))]);
    whole[STORED.length + 12]! ^= 1;
    expect(() => behind(whole)).toThrow('a piece of its seek index should be here');
  });

  test('of another archive', async () => {
    const index = await indexFor(gzipsOf(PLAIN)['gzip -9']!, nativeCodec, 30_000);
    const whole = concatBytes([STORED, appendableIndex(index)]);
    const opening = openTardisk(bytesSource(whole, 'made.tgz'), nativeCodec);
    await expect(opening).rejects.toThrow('the seek index is of another archive');
  });
});
