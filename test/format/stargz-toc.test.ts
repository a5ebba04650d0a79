// Tables of contents: what is written is read, and what cannot be is refused with the name of the
// entry that says it.

import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { encodeToc, parseToc } from '../../src/format/stargz-toc.ts';
import { thrownBy } from '../support/thrown.ts';

const parse = (entries: unknown, version: unknown = 1) =>
  parseToc(utf8(JSON.stringify({ version, entries })), 'made.esgz');

const BIG = { name: 'big', type: 'reg', size: 10, offset: 5, chunkSize: 4 };

test('a table says what was written into it', () => {
  const common = { uid: 1, gid: 2, uname: 'me', gname: 'us', deviceMajor: 0, deviceMinor: 0 };
  const time = { mtimeSeconds: 1_350_244_992, mtimeNanoseconds: 23_960_108 };
  const nothing = { target: new Uint8Array(0), ...common, ...time };
  const entries = [
    { kind: 'directory', path: utf8('etc/'), mode: 0o1777, size: 0, ...nothing },
    { kind: 'file', path: utf8('etc/ä'), mode: 0o4755, size: 10, ...nothing },
    { kind: 'symlink', path: utf8('l'), mode: 0o777, size: 0, ...nothing, target: utf8('etc') },
    { kind: 'block', path: utf8('d'), mode: 0o600, size: 0, ...nothing, deviceMajor: 8 },
  ] as const;
  const chunks = [
    { storedOffset: 5, skipped: 0, offset: 0, size: 4, digest: 'aa' },
    { storedOffset: 9, skipped: 0, offset: 4, size: 6, digest: 'bb' },
  ];
  const said = entries.map((entry) => ({
    ...entry,
    chunks: entry.kind === 'file' ? chunks : [],
    digest: entry.kind === 'file' ? 'cc' : null,
  }));
  const read = parseToc(encodeToc(said), 'made.esgz');
  const bare = chunks.map(({ digest: _digest, ...chunk }) => chunk);
  expect(read).toEqual(
    entries.map((entry) => ({ ...entry, chunks: entry.kind === 'file' ? bare : [] })),
  );
});

test('what container tools leave out is 0, nothing and all that is left', () => {
  const [entry] = parse([{ name: 'a', type: 'reg', size: 9, xattrs: { 'user.x': 'eQ==' } }]);
  expect(entry).toMatchObject({ uid: 0, mode: 0, mtimeSeconds: 0 });
  expect(entry!.chunks).toEqual([{ storedOffset: 0, skipped: 0, offset: 0, size: 9 }]);
  expect(
    parse([{ name: 'a', type: 'reg', modtime: '2012-10-15T01:03:12+02:00' }])[0],
  ).toMatchObject({ mtimeSeconds: 1_350_255_792, chunks: [] });
});

test('a chunk without a name is of the file ahead', () => {
  const [entry] = parse([BIG, { type: 'chunk', offset: 9, chunkOffset: 4 }]);
  const chunks = [
    { storedOffset: 5, skipped: 0, offset: 0, size: 4 },
    { storedOffset: 9, skipped: 0, offset: 4, size: 6 },
  ];
  expect(entry!.chunks).toEqual(chunks);
});

describe('a table is refused', () => {
  test.each<[string, unknown, string]>([
    ['whose entries are no list', {}, 'of another version than 1'],
    ['with an entry that is none', [7], 'an entry that is none'],
    ['with an entry of nothing', [null], 'an entry that is none'],
    ['with a name that is no text', [{ name: 7, type: 'dir' }], 'no text as name'],
    ['with a NUL in a name', [{ name: 'a\0b', type: 'dir' }], 'no text as name'],
    ['with a type that is not known', [{ name: 'a', type: 'socket' }], "of type 'socket'"],
    ['with a type from elsewhere', [{ name: 'a', type: 'toString' }], "of type 'toString'"],
    ['with a chunk of nothing', [{ name: 'a', type: 'chunk' }], "of type 'chunk'"],
    ['with a size below 0', [{ name: 'a', type: 'reg', size: -1 }], 'no count as size'],
    ['with half a byte', [{ name: 'a', type: 'reg', size: 0.5 }], 'no count as size'],
    ['with a size beyond all counting', [{ name: 'a', type: 'reg', size: 2 ** 60 }], 'as size'],
    ['with a size as text', [{ name: 'a', type: 'reg', size: '9' }], 'no count as size'],
    ['with an owner below 0', [{ name: 'a', type: 'dir', uid: -1 }], 'no count as uid'],
    ['with a time that is none', [{ name: 'a', type: 'dir', modtime: 'now' }], 'no time as'],
    [
      'with a day that is none',
      [{ name: 'a', type: 'dir', modtime: '2012-99-15T01:03:12Z' }],
      'no time',
    ],
    ['with chunks that are missing', [BIG], 'an entry that is none'],
    ['with a chunk of another file', [BIG, { name: 'b', type: 'chunk', chunkOffset: 4 }], 'a gap'],
    ['with a gap', [BIG, { name: 'big', type: 'chunk', chunkOffset: 5 }], 'a gap'],
    ['with an overlap', [BIG, { name: 'big', type: 'chunk', chunkOffset: 3 }], 'a gap'],
    [
      'with more chunks than bytes',
      [BIG, { name: 'big', type: 'chunk', chunkOffset: 4, chunkSize: 7 }],
      'more chunks than bytes',
    ],
    ['whose first chunk is not the first', [{ ...BIG, chunkOffset: 1 }], 'a gap'],
  ])('%s', (_how, entries, claim) => {
    const error = thrownBy(() => parse(entries));
    expect(error).toBeInstanceOf(CorruptError);
    expect((error as CorruptError).message).toContain(claim);
    expect((error as CorruptError).archive).toBe('made.esgz');
  });

  test('that is of another version, no object or no JSON', () => {
    expect(() => parse([], 2)).toThrow('of another version than 1');
    expect(() => parseToc(utf8('[]'), 'made')).toThrow('of another version than 1');
    expect(() => parseToc(utf8('7'), 'made')).toThrow('an entry that is none');
    expect(() => parseToc(utf8('{'), 'made')).toThrow('is no JSON');
  });

  // 256 MiB of them, which are 260 kB in gzip, took more memory than a process may have.
  test('that has more objects or values than are parsed, before it is parsed', () => {
    const objects = `{"entries":[${'{}'.repeat(2 ** 20)}`;
    expect(() => parseToc(utf8(objects), 'made')).toThrow(`has ${2 ** 20 + 2} objects`);
    const values = new Uint8Array(2 ** 25).fill(0x2c);
    expect(() => parseToc(values, 'made')).toThrow(`has ${2 ** 25 + 1} values`);
  });

  test('whatever is written over what objects have from elsewhere', () => {
    const json = '{"version":1,"entries":[{"__proto__":{"name":"x"},"type":"dir","name":"a"}]}';
    expect(parseToc(utf8(json), 'made')[0]).toMatchObject({ kind: 'directory', path: utf8('a') });
  });
});
