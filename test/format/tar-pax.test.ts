/**
 * Attacks pax records: which of several statements about a file counts, how numbers and times are
 * read, and what is passed over. Records that lie are in tar-evil.test.ts.
 */

import { expect, test } from 'vitest';
import type { TarRecord } from '../../src/format/tar-record.ts';
import { walkTar } from '../../src/format/tar-walk.ts';
import { body, END, entriesOf, header, pax, paxRecord, tar } from './tar-blocks.ts';

function told(records: string, typeflag = 'x'): TarRecord {
  return entriesOf(pax(records, typeflag), header({ uname: 'mts' }), END)[0]!;
}

test('every key that a VisorFs keeps is taken from pax', () => {
  const records = [
    paxRecord('path', 'ä/long/name'),
    paxRecord('uid', '4000000000'),
    paxRecord('gid', '501'),
    paxRecord('uname', 'wer'),
    paxRecord('gname', 'games'),
    paxRecord('mtime', '1350244992.023960108'),
    paxRecord('atime', 'whatever'),
    paxRecord('SCHILY.xattr.user.x', '\0\n='),
  ];
  expect(told(records.join(''))).toMatchObject({
    path: 'ä/long/name',
    uid: 4000000000,
    gid: 501,
    uname: 'wer',
    gname: 'games',
    mtimeSeconds: 1350244992,
    mtimeNanoseconds: 23960108,
  });
});

test('a size said by pax counts, with as many zeros before it as Go wrote', () => {
  const size = paxRecord('size', `${'0'.repeat(25)}600`);
  const entries = entriesOf(pax(size), header(), body('x'.repeat(600)), header({ path: 'b' }), END);
  expect(entries.map((entry) => [entry.path, entry.size])).toEqual([
    ['a', 600],
    ['b', 0],
  ]);
});

test('a link target said by pax counts', () => {
  const link = header({ typeflag: '2', target: 'short' });
  expect(entriesOf(pax(paxRecord('linkpath', 'longer')), link)[0]!.target).toBe('longer');
});

const TIMES: readonly [decimal: string, seconds: number, nanoseconds: number][] = [
  ['12', 12, 0],
  ['12.', 12, 0],
  ['12.5', 12, 5e8],
  ['12.1234567899', 12, 123456789],
  ['-1', -1, 0],
  ['-0', 0, 0],
  ['-1.25', -2, 75e7],
  ['-0.000000001', -1, 999999999],
];

test.each(TIMES)('the time %s is %i s and %i ns', (decimal, seconds, nanoseconds) => {
  expect(told(paxRecord('mtime', decimal))).toMatchObject({
    mtimeSeconds: seconds,
    mtimeNanoseconds: nanoseconds,
  });
});

test.each(['', 'noon', '1e9', '--1', '1.2.3', '9'.repeat(16)])(
  'the time %j is passed over',
  (decimal) => {
    const file = header({ mtimeSeconds: 7 });
    expect(entriesOf(pax(paxRecord('mtime', decimal)), file)[0]!.mtimeSeconds).toBe(7);
  },
);

test('what pax says of a file comes before what it says of all', () => {
  const entries = entriesOf(
    pax(paxRecord('gname', 'all') + paxRecord('uname', 'all'), 'g'),
    pax(paxRecord('uname', 'one')),
    header(),
    header(),
    END,
  );
  expect(entries.map((entry) => `${entry.uname} ${entry.gname}`)).toEqual(['one all', 'all all']);
});

test('a record of nothing takes back what was said before', () => {
  const entries = entriesOf(
    pax(paxRecord('uname', 'all'), 'g'),
    pax(paxRecord('uname', '')),
    header({ uname: 'mts' }),
    header({ uname: 'mts' }),
    pax(paxRecord('uname', ''), 'g'),
    header({ uname: 'mts' }),
    END,
  );
  expect(entries.map((entry) => entry.uname)).toEqual(['mts', 'all', 'mts']);
});

test('of a key said twice the last record counts, also over headers about all', () => {
  const twice = paxRecord('path', 'two') + paxRecord('path', 'three');
  expect(told(twice)).toMatchObject({ path: 'three' });
  const all = [pax(paxRecord('uname', 'one'), 'g'), pax(paxRecord('gname', 'two'), 'g')];
  expect(entriesOf(...all, pax(twice), header())).toMatchObject([
    { path: 'three', uname: 'one', gname: 'two' },
  ]);
});

test('a second header about one entry is refused, as readers take either', () => {
  const [one, two] = [pax(paxRecord('path', 'one')), pax(paxRecord('uname', 'two'), 'X')];
  expect(() => entriesOf(one, two, header())).toThrow('a second pax header about one entry');
  expect(() => entriesOf(one, header(), two, header())).not.toThrow();
});

test('Solaris says X where others say x', () => {
  expect(told(paxRecord('path', 'sun'), 'X').path).toBe('sun');
});

test('a NUL where a length should be ends the records, as for GNU tar', () => {
  expect(told(`${paxRecord('path', 'b')}\0\0garbage`).path).toBe('b');
});

test('a key with a NUL is refused, whether it is needed or not', () => {
  expect(() => told(paxRecord('pa\0th', 'b'))).toThrow('a pax key with a NUL');
  expect(() => told(paxRecord('SCHILY.xattr.user.a\0', 'b'))).toThrow('a pax key with a NUL');
});

test('a name ends at its first NUL, as for GNU tar and bsdtar', () => {
  expect(told(paxRecord('path', 'b\0c')).path).toBe('b');
});

test('a key that nobody needs may have a value of any length', () => {
  expect(told(paxRecord('SCHILY.xattr.security.ima', 'x'.repeat(9999))).path).toBe('a');
});

test('records are about one file and not about the next', () => {
  const entries = entriesOf(pax(paxRecord('path', 'b')), header(), header(), END);
  expect(entries.map((entry) => entry.path)).toEqual(['b', 'a']);
});

test('a name may be as long as a path, and a map is never global', () => {
  const path = 'p'.repeat(4096);
  const map = paxRecord('GNU.sparse.size', '9') + paxRecord('GNU.sparse.map', '0,1');
  const entries = entriesOf(pax(map, 'g'), pax(paxRecord('path', path)), header(), END);
  expect(entries).toMatchObject([{ path, size: 0, pieces: null }]);
});

test('what a record says of program text counts for one entry, and is refused if malformed', () => {
  const said = (value: string, typeflag?: string): Uint8Array =>
    pax(paxRecord('VISORFS.text', value), typeflag);
  const texts: unknown[] = [];
  const walk = (...parts: Uint8Array[]): void =>
    walkTar(tar(...parts), (entry) => texts.push(entry.visorText()));
  walk(said('7 0 387 0'), header(), header(), said('7 0 1 0', 'g'), header(), END);
  const first = { isMapped: true, textOffset: 0, textPages: 387, fixupPages: 0 };
  expect(texts).toEqual([first, null, null]);
  expect(() => walk(said('8 0 0 0'), header(), END)).toThrow(
    'evil.tar at 0x200: a pax VISORFS.text of "8 0 0 0"',
  );
});
