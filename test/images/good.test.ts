/**
 * Every archive of images/good opens and lists as its table says: entries, modes, owners, times,
 * targets, and the sum of every file's content as it is read.
 */

import { describe, expect, test } from 'vitest';
import { goodArchives } from '../../images/make/images.ts';
import { bytesSource } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { openTardisks } from '../../src/layer/open.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { committed, rowsOf, table } from './built.ts';

const LISTING = table('good/listing.tsv');
const NAMES = goodArchives().map(({ name }) => name);

test('there are archives of every dialect, and the table knows no other', () => {
  expect(NAMES.length).toBeGreaterThanOrEqual(30);
  const listed = new Set(LISTING.map(([name]) => name!));
  expect([...listed].filter((name) => !NAMES.includes(name))).toEqual([]);
  expect(NAMES.filter((name) => !listed.has(name))).toEqual(['empty.tar']);
});

describe.each([
  ['native', nativeCodec],
  ['portable', portableCodec],
])('with the %s codec', (_name, codec) => {
  test.each(NAMES)('%s lists as its table says', async (name) => {
    const tardisks = await openTardisks(bytesSource(committed(`good/${name}`), name), codec);
    const want = LISTING.filter(([archive]) => archive === name);
    expect(tardisks.flatMap(rowsOf)).toEqual(want.map((fields) => fields.slice(1).join('\t')));
  });
});
