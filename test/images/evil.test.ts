/**
 * Every archive of images/evil is refused: by a CorruptError that names the archive, a place in it
 * and the claim that failed, in the words of its table. Never by another error, never believed, and
 * never after more bytes were decoded than the limit lets.
 */

import { describe, expect, test } from 'vitest';
import { evilArchives } from '../../images/make/images.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { decodedLimitBytes } from '../../src/base/limits.ts';
import { bytesSource } from '../../src/base/source.ts';
import type { Codec } from '../../src/codec/codec.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { openTardisks, openVib } from '../../src/layer/open.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { committed, table } from './built.ts';

const CLAIMS = table('evil/claims.tsv').map(([name, claim, words]) => ({ name, claim, words }));

/** `codec`, and how many bytes it has been let decode to and has decoded to. */
function counting(codec: Codec): {
  readonly codec: Codec;
  decodedBytes: number;
  limitBytes: number;
} {
  const count = {
    decodedBytes: 0,
    limitBytes: 0,
    codec: {
      ...codec,
      async gunzip(stored: Uint8Array, limitBytes: number, archive: string): Promise<Uint8Array> {
        count.limitBytes = Math.max(count.limitBytes, limitBytes);
        const decoded = await codec.gunzip(stored, limitBytes, archive);
        count.decodedBytes += decoded.length;
        return decoded;
      },
    },
  };
  return count;
}

test('there are many, each in the table with what it claims and the words that refuse it', () => {
  expect(CLAIMS.map(({ name }) => name)).toEqual(evilArchives().map(({ name }) => name));
  expect(CLAIMS.length).toBeGreaterThanOrEqual(60);
  for (const { claim, words } of CLAIMS) expect(claim && words).toBeTruthy();
});

describe.each([
  ['native', nativeCodec],
  ['portable', portableCodec],
])('with the %s codec', (_name, codec) => {
  const open = { archive: openTardisks, VIB: openVib };
  const rows = CLAIMS.flatMap((row) => {
    const asVib = { ...row, as: 'VIB' as const };
    const isVib = row.name!.endsWith('.vib');
    return [{ ...row, as: 'archive' as const }, ...(isVib ? [asVib] : [])];
  });

  test.each(rows)('$name, which claims $claim, is refused as $as', async ({ name, words, as }) => {
    const bytes = committed(`evil/${name}`);
    const count = counting(codec);
    let refusal: unknown = 'believed';
    try {
      await open[as](bytesSource(bytes, name!), count.codec);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(CorruptError);
    const { archive, offset, claim } = refusal as CorruptError;
    expect(claim).toContain(words);
    expect(archive.split('!')[0]).toBe(name);
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(count.limitBytes).toBeLessThanOrEqual(decodedLimitBytes(bytes.length));
    expect(count.decodedBytes).toBeLessThanOrEqual(2 * decodedLimitBytes(bytes.length));
  });
});
