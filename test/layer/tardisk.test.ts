/**
 * Attacks the index of one archive: names that repeat, miss their parents, climb or are too long,
 * hard links in any order, and that indexing reads no file's data. What a lying archive may not do
 * to the tar reader is in test/format; here is what it may not do to a tree.
 */

import { describe, expect, test } from 'vitest';
import { concatBytes, text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { encodeLongName } from '../../src/format/tar-header.ts';
import { ROOT_ROW } from '../../src/layer/table.ts';
import { Tardisk } from '../../src/layer/tardisk.ts';
import { NONE } from '../../src/store/dirents.ts';
import { countingSource } from '../format/counting-source.ts';
import { body, END, header, pax, paxRecord } from '../format/tar-blocks.ts';
import { diskOf, type Entry, tarOf } from '../support/archives.ts';
import { thrownBy } from '../support/thrown.ts';

function rowAt(disk: Tardisk, path: string): number {
  let row = ROOT_ROW;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const entry = disk.dirents.find(row, utf8(name), 0, utf8(name).length);
    if (entry === NONE) return NONE;
    row = disk.dirents.child(entry);
  }
  return row;
}

function readAll(disk: Tardisk, row: number): string {
  const content = new Uint8Array(disk.size[row]!);
  disk.readInto(row, content, 0);
  return text(content);
}

/** Every path of `disk`: directories end in a slash, files show data, links where they lead. */
function shown(disk: Tardisk): Record<string, string> {
  const tree: Record<string, string> = {};
  const visit = (directory: number, above: string): void => {
    const { dirents } = disk;
    for (let at = dirents.first(directory); at !== NONE; at = dirents.next(at)) {
      const row = dirents.child(at);
      const path = `${above}${dirents.name(at)}`;
      const type = disk.mode[row]! & 0o170000;
      if (type === 0o040000) {
        tree[`${path}/`] = disk.isImplied(row) ? 'implied' : '';
        expect(dirents.home(row)).toBe(at);
        visit(row, `${path}/`);
      } else if (type === 0o120000) tree[path] = `-> ${text(disk.target(row))}`;
      else tree[path] = type === 0o100000 ? readAll(disk, row) : `type ${type.toString(8)}`;
    }
  };
  visit(ROOT_ROW, '');
  disk.dirents.verify();
  return tree;
}

function claimOf(...entries: Entry[]): string {
  const error = thrownBy(() => diskOf('evil.tar', ...entries));
  expect(error).toBeInstanceOf(CorruptError);
  return (error as CorruptError).claim;
}

describe('names', () => {
  const ROWS: readonly { name: string; entries: Entry[]; want: Record<string, string> }[] = [
    {
      name: 'of two entries with one name the last wins',
      entries: [
        { path: 'a', content: 'old' },
        { path: 'b', content: 'b' },
        { path: 'a', content: 'new' },
      ],
      want: { b: 'b', a: 'new' },
    },
    {
      name: 'a file that comes after a directory of its name takes all below it away',
      entries: [
        { path: 'd/e/f', content: 'x' },
        { path: 'd', content: 'file' },
      ],
      want: { d: 'file' },
    },
    {
      name: 'a directory that comes after a file of its name takes its place',
      entries: [{ path: 'd', content: 'x' }, { path: 'd/' }, { path: 'd/f', content: 'f' }],
      want: { 'd/': '', 'd/f': 'f' },
    },
    {
      name: 'parents that are missing are made, and described by an entry that comes later',
      entries: [{ path: 'a/b/c', content: 'c' }, { path: 'a/' }],
      want: { 'a/': '', 'a/b/': 'implied', 'a/b/c': 'c' },
    },
    {
      name: 'paths that share a beginning share what directories that is, and no more',
      entries: [
        { path: 'a/b/c/1', content: '1' },
        { path: 'a/b/d/2', content: '2' },
        { path: 'a/bb/3', content: '3' },
        { path: 'ab/c/4', content: '4' },
        { path: 'a/b/5', content: '5' },
      ],
      want: {
        ...{ 'a/': 'implied', 'a/b/': 'implied', 'a/b/c/': 'implied', 'a/b/d/': 'implied' },
        ...{ 'a/bb/': 'implied', 'ab/': 'implied', 'ab/c/': 'implied' },
        ...{ 'a/b/c/1': '1', 'a/b/d/2': '2', 'a/bb/3': '3', 'ab/c/4': '4', 'a/b/5': '5' },
      },
    },
    {
      name: 'a directory that is named twice keeps what is in it',
      entries: [{ path: 'a/' }, { path: 'a/f', content: 'f' }, { path: 'a/' }],
      want: { 'a/': '', 'a/f': 'f' },
    },
    {
      name: 'a leading slash, ./ and slashes that repeat are nothing',
      entries: [{ path: './' }, { path: '/a', content: '1' }, { path: './/d/.//b', content: '2' }],
      want: { a: '1', 'd/': 'implied', 'd/b': '2' },
    },
    {
      name: 'a symbolic link, a device and a fifo are what they are',
      entries: [
        { path: 'l', target: '../up' },
        { path: 'null', type: 'device' },
        { path: 'pipe', type: 'fifo' },
      ],
      want: { l: '-> ../up', null: 'type 20000', pipe: 'type 10000' },
    },
  ];

  test.each(ROWS)('$name', ({ entries, want }) => {
    expect(shown(diskOf('good.tar', ...entries))).toEqual(want);
  });

  test('`./` describes the root, and without it the root is implied', () => {
    const described = diskOf('a', { path: './', mode: 0o700, uid: 5, mtime: 9 });
    expect(described.isImplied(ROOT_ROW)).toBe(false);
    expect(described.mode[ROOT_ROW]).toBe(0o040700);
    expect([described.uid[ROOT_ROW], described.mtimeSeconds[ROOT_ROW]]).toEqual([5, 9]);
    expect(diskOf('b', { path: 'x' }).isImplied(ROOT_ROW)).toBe(true);
  });

  test('a name of 255 bytes is taken and one of 256 is refused', () => {
    const of = (length: number): Tardisk => {
      const path = 'n'.repeat(length);
      const bytes = [encodeLongName('gnu', 'L', path), header({ flavour: 'gnu', path: 'x' }), END];
      return Tardisk.index(bytesSource(concatBytes(bytes), 'long.tar'), 'long.tar');
    };
    expect(Object.keys(shown(of(255)))).toEqual(['n'.repeat(255)]);
    const error = thrownBy(() => of(256));
    expect((error as CorruptError).claim).toContain('256 bytes');
  });

  test('2048 directories are deep enough and one more is refused', () => {
    const of = (depth: number): Tardisk => {
      const path = 'd/'.repeat(depth);
      const bytes = [encodeLongName('gnu', 'L', path), header({ typeflag: '5', path: 'x' }), END];
      return Tardisk.index(bytesSource(concatBytes(bytes), 'deep.tar'), 'deep.tar');
    };
    expect(of(2048).rowCount).toBe(ROOT_ROW + 1 + 2048);
    expect(thrownBy(() => of(2049))).toBeInstanceOf(CorruptError);
  });
});

describe('refusals', () => {
  const ROWS: readonly [string, Entry[], string][] = [
    ['`..` at the start', [{ path: '../x' }], `leads out of the archive by '..'`],
    ['`..` amid the path', [{ path: 'a/../x' }], `leads out of the archive by '..'`],
    ['`..` as the whole name', [{ path: '..', type: 'dir' }], `leads out of the archive`],
    ['an entry below a file', [{ path: 'f' }, { path: 'f/x' }], 'which is no directory'],
    [
      'an entry below a symbolic link',
      [{ path: 'l', target: '/etc' }, { path: 'l/passwd' }],
      `lies below 'l', which is no directory`,
    ],
    [
      'an entry below a hard link that is not resolved yet',
      [{ path: 'l', type: 'link', target: 'later' }, { path: 'l/x' }, { path: 'later' }],
      'which is no directory',
    ],
    ['a file that is the root', [{ path: './', type: 'symlink', target: 'x' }], 'without a name'],
    ['a link that is the root', [{ path: '/', type: 'link', target: 'x' }], 'without a name'],
    ['a dangling hard link', [{ path: 'a', type: 'link', target: 'b' }], 'is not in the archive'],
    ['a hard link to itself', [{ path: 'a', type: 'link', target: 'a' }], 'is not in the archive'],
    [
      'hard links in a circle',
      [
        { path: 'a', type: 'link', target: 'b' },
        { path: 'b', type: 'link', target: 'a' },
      ],
      'is not in the archive',
    ],
    [
      'a hard link that climbs',
      [{ path: 'd/x' }, { path: 'a', type: 'link', target: 'd/../d/x' }],
      'is not in the archive',
    ],
    [
      'a hard link to a directory',
      [{ path: 'd/' }, { path: 'a', type: 'link', target: 'd' }],
      'cannot be linked to',
    ],
    [
      'a hard link to a directory that comes later',
      [{ path: 'a', type: 'link', target: 'd' }, { path: 'd/' }],
      'cannot be linked to',
    ],
  ];

  test.each(ROWS)('%s is refused', (_name, entries, claim) => {
    expect(claimOf(...entries)).toContain(claim);
  });
});

describe('hard links', () => {
  test('to an earlier entry, to a later one and to another link are one file', () => {
    const disk = diskOf(
      'links',
      { path: 'early', type: 'link', target: 'file' },
      { path: 'file', content: 'data' },
      { path: 'd/late', type: 'link', target: './file' },
      { path: 'again', type: 'link', target: 'd/late' },
    );
    const rows = ['early', 'file', 'd/late', 'again'].map((path) => rowAt(disk, path));
    expect(new Set(rows).size).toBe(1);
    expect(disk.fileCount).toBe(1);
    expect(readAll(disk, rows[0]!)).toBe('data');
  });

  test('to a later link to a later file are one file', () => {
    const disk = diskOf(
      'links',
      { path: 'a', type: 'link', target: 'b' },
      { path: 'b', type: 'link', target: 'c' },
      { path: 'c', content: 'data' },
    );
    expect(shown(disk)).toEqual({ a: 'data', b: 'data', c: 'data' });
  });

  test('in a chain of thousands are one file, and do not take the square of that', () => {
    const links = Array.from({ length: 20_000 }, (_, index) => ({
      path: `l${index}`,
      type: 'link' as const,
      target: `l${index + 1}`,
    }));
    const disk = diskOf('chain', ...links, { path: 'l20000', content: 'data' });
    expect(rowAt(disk, 'l0')).toBe(rowAt(disk, 'l20000'));
  });

  test('to a name that another entry takes later keep the file they were made to', () => {
    const disk = diskOf(
      'links',
      { path: 'a', content: 'old' },
      { path: 'b', type: 'link', target: 'a' },
      { path: 'a', content: 'new' },
    );
    expect(shown(disk)).toEqual({ b: 'old', a: 'new' });
  });

  test('to a symbolic link are that link', () => {
    const disk = diskOf(
      'links',
      { path: 'l', target: 'x' },
      { path: 'm', type: 'link', target: 'l' },
    );
    expect(rowAt(disk, 'm')).toBe(rowAt(disk, 'l'));
  });

  test('take the place of what had their name', () => {
    const disk = diskOf(
      'links',
      { path: 'd/x', content: 'x' },
      { path: 'f', content: 'f' },
      { path: 'd', type: 'link', target: 'f' },
    );
    expect(shown(disk)).toEqual({ f: 'f', d: 'f' });
  });
});

test('what an entry replaced is counted no more', () => {
  const disk = diskOf(
    'counts',
    { path: 'a', content: '12345' },
    { path: 'a', content: '12' },
    { path: 'd/b', content: 'gone' },
    { path: 'd', target: 'a' },
    { path: 'c', content: 'xyz' },
    { path: 'e', type: 'link', target: 'c' },
  );
  expect([disk.fileCount, disk.contentBytes]).toEqual([2, 5]);
});

test('attributes are the entry’s, and missing parents are 0755 of root', () => {
  const disk = diskOf('a', { path: 'd/f', mode: 0o4751, uid: 7, gid: 8, mtime: 9, content: 'x' });
  const [file, parent] = [rowAt(disk, 'd/f'), rowAt(disk, 'd')];
  const { mode, uid, gid, mtimeSeconds } = disk;
  expect([mode[file], uid[file], gid[file], mtimeSeconds[file]]).toEqual([0o104751, 7, 8, 9]);
  expect([mode[parent], uid[parent] ?? 0, gid[parent] ?? 0]).toEqual([0o040755, 0, 0]);
});

test('a device has its number', () => {
  const disk = diskOf('a', { path: 'null', type: 'device' });
  expect(disk.place[rowAt(disk, 'null')]).toBe(0x103);
});

for (const flavour of ['ustar', 'visor'] as const) {
  test(`indexing a ${flavour} tar reads headers and no file data`, () => {
    const content = new Uint8Array(100_000).fill(0x78);
    const entries = Array.from({ length: 20 }, (_, index) => ({ path: `d/f${index}`, content }));
    const counting = countingSource(bytesSource(tarOf(entries, flavour), 'counted'));
    const disk = Tardisk.index(counting, 'counted');
    expect(counting.readBytes).toBeLessThanOrEqual(22 * 512);
    const row = rowAt(disk, 'd/f7');
    const start = disk.place[row]!;
    for (const [from, to] of counting.reads) {
      expect(to <= start || from >= start + content.length, `reads ${from} to ${to}`).toBe(true);
    }
    counting.readBytes = 0;
    expect(readAll(disk, row)).toBe(text(content));
    expect(counting.readBytes).toBe(content.length);
    expect(disk.view(row)).toBe(null);
  });
}

test('a sparse file reads as its runs and zeros between, from any offset', () => {
  const map = '3\n2\n3\n8\n4\n20\n0\n'.padEnd(512, '\0');
  const records = [
    paxRecord('GNU.sparse.major', '1'),
    paxRecord('GNU.sparse.minor', '0'),
    paxRecord('GNU.sparse.name', 'sparse'),
    paxRecord('GNU.sparse.realsize', '20'),
  ];
  const archive = concatBytes([
    pax(records.join('')),
    header({ path: 'x', size: 519 }),
    body(`${map}abcWXYZ`),
    END,
  ]);
  const disk = Tardisk.index(bytesSource(archive, 'sparse.tar'), 'sparse.tar');
  const row = rowAt(disk, 'sparse');
  const whole = new Uint8Array(20);
  whole.set(utf8('abc'), 2);
  whole.set(utf8('WXYZ'), 8);
  expect(disk.view(row)).toBe(null);
  for (let offset = 0; offset < 20; offset++) {
    for (let length = 0; length <= 20 - offset; length++) {
      const read = new Uint8Array(length).fill(9);
      disk.readInto(row, read, offset);
      expect(read).toEqual(whole.slice(offset, offset + length));
    }
  }
});

test('a file in memory is seen in place', () => {
  const bytes = tarOf([{ path: 'f', content: 'data' }]);
  const disk = Tardisk.index(bytesSource(bytes, 'a'), 'a');
  const view = disk.view(rowAt(disk, 'f'))!;
  expect([text(view), view.buffer === bytes.buffer]).toEqual(['data', true]);
});
