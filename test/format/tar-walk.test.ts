/**
 * Attacks the walk: what each type becomes, where an archive ends, and that no file's data is ever
 * read. Archives that lie are in tar-evil.test.ts.
 */

import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { walkTar } from '../../src/format/tar-walk.ts';
import { countingSource } from './counting-source.ts';
import {
  body,
  END,
  entriesOf,
  header,
  patched,
  pax,
  paxRecord,
  summed,
  tar,
} from './tar-blocks.ts';

const ZEROS = new Uint8Array(512);

function longName(type: 'L' | 'K', content: string): Uint8Array {
  const size = utf8(content).length;
  return concatBytes([header({ flavour: 'gnu', typeflag: type, path: '@', size }), body(content)]);
}

const paths = (...parts: Uint8Array[]): string[] => entriesOf(...parts).map(({ path }) => path);

describe('types', () => {
  const KINDS: readonly [typeflag: string, kind: string][] = [
    ['0', 'file'],
    ['\0', 'file'],
    ['7', 'file'],
    ['1', 'link'],
    ['2', 'symlink'],
    ['3', 'character'],
    ['4', 'block'],
    ['5', 'directory'],
    ['6', 'fifo'],
    ['D', 'directory'],
    ['Z', 'file'],
  ];

  test.each(KINDS)('%j is a %s', (typeflag, kind) => {
    expect(entriesOf(header({ typeflag }))).toMatchObject([{ kind, typeflag, path: 'a' }]);
  });

  test.each(['0', '\0'])('%j with a slash behind is a directory, as in V7', (typeflag) => {
    const entries = entriesOf(header({ typeflag, path: 'etc/' }));
    expect(entries).toMatchObject([{ kind: 'directory', path: 'etc/', size: 0, dataOffset: 0 }]);
  });

  test.each(['1', '2', '3', '4', '5', '6'])(
    '%j has no data, whatever its size says',
    (typeflag) => {
      expect(paths(header({ typeflag, size: 512 }), header({ path: 'next' }))).toEqual([
        'a',
        'next',
      ]);
    },
  );

  test('D has a list of names as data, which is no content', () => {
    const dump = header({ flavour: 'gnu', typeflag: 'D', path: 'etc/', size: 4 });
    const entries = entriesOf(dump, body('Ya\0\0'), header({ path: 'next' }));
    expect(entries).toMatchObject([{ path: 'etc/', size: 0 }, { path: 'next' }]);
  });

  test('V and N are no entries', () => {
    const label = header({ flavour: 'gnu', typeflag: 'V', path: 'label' });
    const renames = header({ flavour: 'gnu', typeflag: 'N', size: 6 });
    expect(paths(label, renames, body('rename'), header({ path: 'next' }))).toEqual(['next']);
  });

  test('what was said of a label is not said of the next entry', () => {
    const label = header({ flavour: 'gnu', typeflag: 'V', path: 'label' });
    expect(paths(pax(paxRecord('path', 'b')), label, header())).toEqual(['a']);
  });

  test('devices have numbers, and nothing else has', () => {
    const numbers = { deviceMajor: 8, deviceMinor: 17 };
    expect(entriesOf(header({ typeflag: '3', ...numbers }))).toMatchObject([numbers]);
    expect(entriesOf(header({ typeflag: '4', ...numbers }))).toMatchObject([numbers]);
    expect(entriesOf(header(numbers))).toMatchObject([{ deviceMajor: 0, deviceMinor: 0 }]);
  });
});

describe('names', () => {
  test('a prefix goes before a name', () => {
    const path = `${'p'.repeat(90)}/${'n'.repeat(90)}`;
    expect(paths(header({ path }))).toEqual([path]);
  });

  test('star has a shorter prefix, and times behind it', () => {
    const star = header({}, [345, 'p'.repeat(131)], [476, '12345670123\0'], [508, 'tar\0']);
    expect(paths(star)).toEqual([`${'p'.repeat(131)}/a`]);
  });

  test.each(['gnu', 'v7'])('%s has no prefix, whatever is there', (flavour) => {
    const magic = flavour === 'gnu' ? 'ustar  \0' : '\0'.repeat(8);
    expect(paths(header({}, [257, magic], [345, 'prefix']))).toEqual(['a']);
  });

  test('V7 has no owners by name', () => {
    const entries = entriesOf(header({ uname: 'mts', gname: 'mts' }, [257, '\0'.repeat(8)]));
    expect(entries).toMatchObject([{ uname: '', gname: '', flavour: 'v7' }]);
  });

  test('GNU ends a long name at its first NUL', () => {
    expect(paths(longName('L', 'long\0er'), header())).toEqual(['long']);
    expect(paths(longName('L', 'no NUL'), header())).toEqual(['no NUL']);
  });

  test('the last of several long names counts', () => {
    expect(paths(longName('L', 'one'), longName('L', 'two'), header())).toEqual(['two']);
  });

  test('pax comes before GNU, and GNU before the header', () => {
    const link = header({ typeflag: '2', target: 'short' });
    expect(entriesOf(longName('L', 'l'), longName('K', 'k'), link)).toMatchObject([
      { path: 'l', target: 'k' },
    ]);
    const records = pax(paxRecord('path', 'p') + paxRecord('linkpath', 'q'));
    expect(entriesOf(records, longName('L', 'l'), longName('K', 'k'), link)).toMatchObject([
      { path: 'p', target: 'q' },
    ]);
  });

  test('a long name is for one entry', () => {
    expect(paths(longName('L', 'long'), header(), header())).toEqual(['long', 'a']);
  });

  test('bytes that are no text stay what they are', () => {
    const seen: number[][] = [];
    walkTar(tar(header({}, [0, 'b\xe4r'])), (entry) => seen.push([...entry.path]));
    expect(seen).toEqual([[0x62, 0xe4, 0x72]]);
  });
});

describe('ends', () => {
  const file = [header({ size: 3 }), body('abc')];

  test.each([
    ['two blocks of zeros', [END]],
    ['one block of zeros', [ZEROS]],
    ['a block of zeros and something behind', [ZEROS, header({ path: 'unseen' })]],
    ['nothing', []],
    ['ten kilobytes of zeros', [new Uint8Array(10240)]],
  ])('%s ends an archive', (_what, end) => {
    expect(paths(...file, ...end)).toEqual(['a']);
  });

  test('an archive of zeros alone has no entries', () => {
    expect(paths(END)).toEqual([]);
  });

  test('an archive of one global header has no entries, as git makes of an empty tree', () => {
    expect(paths(pax(paxRecord('comment', 'a commit'), 'g'), END)).toEqual([]);
  });
});

describe('what is read', () => {
  const map = body('1\n0\n600\n');
  const sparse = ['major=1', 'minor=0', 'realsize=600'].map((record) => {
    const [key, value] = record.split('=') as [string, string];
    return paxRecord(`GNU.sparse.${key}`, value);
  });

  test('of an ordinary tar: headers, what extended headers say, one block of zeros', () => {
    const source = countingSource(
      tar(
        header({ size: 5000 }),
        body('x'.repeat(5000)),
        pax(paxRecord('path', 'b')),
        header({ size: 700 }),
        body('y'.repeat(700)),
        longName('L', 'c'.repeat(600)),
        header({ size: 1 }),
        body('z'),
        pax(sparse.join('')),
        header({ size: map.length + 600 }),
        map,
        body('w'.repeat(600)),
        END,
      ),
    );
    expect(tarEntries(source).map(({ path }) => path[0])).toEqual(['a', 'b', 'c', 'a']);
    const said = utf8(paxRecord('path', 'b')).length + 600 + utf8(sparse.join('')).length;
    expect(source.readBytes).toBe(7 * 512 + said + map.length + 512);
    const starts = source.reads.map(([start]) => start);
    expect(new Set(starts).size).toBe(starts.length);
  });

  test('of a visor tar: the table and the zeros behind it', () => {
    const parts = Array.from({ length: 8 }, (_, index) => {
      return header({ flavour: 'visor', dataOffset: 9 * 512 + index * 4096, size: 4096 });
    });
    const source = countingSource(tar(...parts, ZEROS, new Uint8Array(8 * 4096).fill(0x78)));
    expect(tarEntries(source).length).toBe(8);
    expect(source.readBytes).toBe(9 * 512);
    expect(Math.max(...source.reads.map(([, end]) => end))).toBe(9 * 512);
  });

  test('of an archive in memory the same entries come as of one that is not', () => {
    const source = tar(pax(paxRecord('path', 'b')), header({ size: 3 }), body('abc'), header());
    expect(tarEntries(source)).toEqual(tarEntries(countingSource(source)));
  });
});

test('more entries than are allowed are refused', () => {
  const source = tar(header(), header(), header());
  expect(() => walkTar(source, () => {}, 3)).not.toThrow();
  expect(() => walkTar(source, () => {}, 2)).toThrow('evil.tar at 0x400: more than 2 entries');
});

test('what the visitor throws comes through', () => {
  const stop = new Error('enough');
  expect(() =>
    walkTar(tar(header()), () => {
      throw stop;
    }),
  ).toThrow(stop);
});

test('a header is found by its sum, not by its magic', () => {
  expect(() => entriesOf(patched(summed(header()), [0, 'b']))).toThrow('do not add up');
});
