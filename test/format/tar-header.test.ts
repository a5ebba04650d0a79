/**
 * Attacks one header at a time: whose layout it is, which sums are believed, what is refused, and
 * that what is written is read back.
 */

import { describe, expect, test } from 'vitest';
import { text } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import {
  encodeLongName,
  encodeTarHeader,
  looksLikeTar,
  parseTarHeader,
  TarHeader,
  type TarHeaderRecord,
} from '../../src/format/tar-header.ts';
import { entriesOf, header, patched, summed } from './tar-blocks.ts';

function parsed(block: Uint8Array): TarHeader {
  const record = new TarHeader();
  expect(parseTarHeader(record, block, 0, 'evil.tar', 0x600)).toBe(true);
  return record;
}

function claim(block: Uint8Array): string {
  try {
    parseTarHeader(new TarHeader(), block, 0, 'evil.tar', 0x600);
  } catch (error) {
    if (error instanceof CorruptError) return error.message;
    throw error;
  }
  return 'accepted';
}

const FLAVOURS: readonly [why: string, block: Uint8Array, want: string][] = [
  ['POSIX', header(), 'ustar'],
  ['7-Zip writes ustar and leaves out the version', header({}, [263, '\0\0']), 'ustar'],
  ['GNU tar', header({ flavour: 'gnu' }), 'gnu'],
  ['vmtar', header({ flavour: 'visor' }), 'visor'],
  ['star marks its end', header({}, [508, 'tar\0']), 'star'],
  ['Unix V7 had no magic', header({}, [257, '\0'.repeat(8)]), 'v7'],
  ['an unknown magic is read as V7, as by GNU tar', header({}, [257, 'tardis\0\0']), 'v7'],
  ['a magic that is almost one is none', header({}, [257, 'ustax\0']), 'v7'],
  ['a visor of another version is none', header({}, [257, 'visor\x0000']), 'v7'],
];

for (const [why, block, want] of FLAVOURS) {
  test(`${why}: ${want}`, () => expect(parsed(block).flavour).toBe(want));
}

describe('checksums', () => {
  const high = header({}, [0, 'b\xe4r']);

  test('the sum of unsigned bytes is believed, as POSIX has it', () => {
    expect(parsed(summed(high)).typeflag).toBe(0x30);
  });

  test('the sum of signed bytes is believed, as SunOS and vmtar have it', () => {
    expect(parsed(summed(high, true)).typeflag).toBe(0x30);
  });

  test('a header adds up the same wherever it lies in memory', () => {
    for (const block of [header(), summed(high), summed(high, true), header({ size: 8 ** 10 })]) {
      for (const shift of [0, 1, 2, 3, 4]) {
        const memory = new Uint8Array(512 + shift);
        memory.set(block, shift);
        expect(parsed(memory.subarray(shift)).size, `${shift}`).toBe(parsed(block).size);
        memory[shift + 300]! ^= 1;
        expect(claim(memory.subarray(shift)), `${shift}`).toContain('checksum');
      }
    }
  });

  test('names end where they did, whichever byte of a word that is', () => {
    for (let length = 1; length <= 100; length++) {
      const { path } = entriesOf(header({ path: 'n'.repeat(length) }))[0]!;
      expect(path).toBe('n'.repeat(length));
    }
  });

  // 14 of 229 real visor headers have a byte above 0x7f, and all 14 match the signed sum only.
  test('a visor header is written with the sum of signed bytes', () => {
    const block = encodeTarHeader({
      flavour: 'visor',
      typeflag: '7',
      path: 'a',
      size: 1,
      dataOffset: 0x1b000,
    });
    expect(block).toEqual(summed(block, true));
    expect(block).not.toEqual(summed(block));
  });

  test('a sum in blanks and digits, as V7 wrote it, is believed', () => {
    const block = header();
    const sum = text(block, 148, 154).replace(/^0+/, '').padStart(6);
    expect(parsed(patched(block, [148, sum])).typeflag).toBe(0x30);
  });

  test('another sum is refused with archive, offset and the sum', () => {
    expect(claim(patched(header(), [0, 'b']))).toMatch(
      /^evil\.tar at 0x600: a tar header .* do not add up to its checksum "0\d{5}\\u0000 "$/,
    );
  });

  test('a sum that is no number is refused', () => {
    expect(claim(patched(header(), [148, '\xff'.repeat(8)]))).toContain('checksum');
    expect(claim(patched(header(), [148, 'zzzzzz\0 ']))).toContain('checksum');
  });
});

const LIES: readonly [why: string, block: Uint8Array, field: string][] = [
  ['a size below nothing', header({}, [124, '\xff'.repeat(12)]), 'size'],
  ['a size past 2^53', header({}, [124, `\x80${'\xff'.repeat(11)}`]), 'size'],
  ['a size in words', header({}, [124, 'enormous']), 'size'],
  ['a uid of more than 32 bits', header({}, [108, '\x80\0\0\x01\0\0\0\0']), 'uid'],
  ['a uid below nothing', header({}, [108, '\xff'.repeat(8)]), 'uid'],
  ['a gid of more than 32 bits', header({}, [116, '\x80\0\0\x01\0\0\0\0']), 'gid'],
  ['a gid below nothing', header({}, [116, '\xff'.repeat(8)]), 'gid'],
  ['a mode with an 8', header({}, [100, '0000648\0']), 'mode'],
  ['a time past all times', header({}, [136, `\x80${'\xff'.repeat(11)}`]), 'mtime'],
];

for (const [why, block, field] of LIES) {
  test(`${why} is refused`, () => {
    expect(claim(block)).toBe(`evil.tar at 0x600: a tar header with a bad ${field}`);
  });
}

test('a time before 1970 is a time', () => {
  expect(parsed(header({ flavour: 'gnu', mtimeSeconds: -86400 })).mtimeSeconds).toBe(-86400);
});

test('only permission bits are kept of a mode, as old tars store the type there too', () => {
  expect(parsed(header({}, [100, '0101644\0'])).mode).toBe(0o1644);
});

test('a block of zeros is no header', () => {
  expect(parseTarHeader(new TarHeader(), new Uint8Array(512), 0, 'evil.tar', 0)).toBe(false);
});

test('only a right sum or nothing at all looks like a tar', () => {
  expect(looksLikeTar(header())).toBe(true);
  expect(looksLikeTar(new Uint8Array(512))).toBe(true);
  expect(looksLikeTar(header().subarray(0, 511))).toBe(false);
  expect(looksLikeTar(patched(header(), [0, 'b']))).toBe(false);
});

const FULL: Omit<TarHeaderRecord, 'flavour'> = {
  typeflag: '0',
  path: 'etc/vmware/esx.conf',
  mode: 0o1644,
  uid: 201,
  gid: 501,
  size: 0,
  mtimeSeconds: 946684800,
  uname: 'mts',
  gname: 'games',
};

describe.each(['ustar', 'gnu', 'visor'] as const)('a header written as %s', (flavour) => {
  test('is read back', () => {
    expect(entriesOf(encodeTarHeader({ ...FULL, flavour }))).toMatchObject([
      {
        flavour,
        kind: 'file',
        path: FULL.path,
        mode: 0o1644,
        uid: 201,
        gid: 501,
        mtimeSeconds: 946684800,
        uname: 'mts',
        gname: 'games',
      },
    ]);
  });

  test('is read back of every type', () => {
    const targets = entriesOf(
      header({ flavour, typeflag: '1', target: 'b' }),
      header({ flavour, typeflag: '2', target: 'c' }),
      header({ flavour, typeflag: '5' }),
    );
    expect(targets.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
      'link b',
      'symlink c',
      'directory ',
    ]);
  });

  test('is read back with a name that fills its field', () => {
    const path = 'n'.repeat(100);
    expect(entriesOf(header({ flavour, path }))).toMatchObject([{ path }]);
  });

  test('is refused as RangeError where a name does not fit', () => {
    expect(() => header({ flavour, path: 'n'.repeat(101) })).toThrow(RangeError);
    expect(() => header({ flavour, target: 'n'.repeat(101) })).toThrow(RangeError);
    expect(() => header({ flavour, uname: 'n'.repeat(33) })).toThrow(RangeError);
  });
});

test.each(['gnu', 'visor'] as const)('%s holds what is longer in a header before', (flavour) => {
  const path = `${'deep/'.repeat(60)}file`;
  const target = `${'far/'.repeat(60)}file`;
  const entries = entriesOf(
    encodeLongName(flavour, 'L', path),
    encodeLongName(flavour, 'K', target),
    header({ flavour, typeflag: '2', path: 'deep/', target: 'far/' }),
  );
  expect(entries).toMatchObject([{ kind: 'symlink', path, target }]);
});

test.each([
  ['ustar', 155],
  ['visor', 151],
] as const)('%s cuts a long path at a slash, %i bytes before it at most', (flavour, most) => {
  const longest = `${'p'.repeat(most)}/${'n'.repeat(100)}`;
  expect(entriesOf(header({ flavour, path: longest }))).toMatchObject([{ path: longest }]);
  expect(() => header({ flavour, path: `p${longest}` })).toThrow(RangeError);
  const directory = `${'p/'.repeat(60)}`;
  expect(entriesOf(header({ flavour, typeflag: '5', path: directory }))).toMatchObject([
    { path: directory },
  ]);
  expect(header({ flavour, typeflag: '5', path: directory })[0]).not.toBe(0);
  expect(() => header({ flavour, path: `/${'n'.repeat(100)}` })).toThrow(RangeError);
});

test('only GNU has numbers that octal cannot hold', () => {
  const size = 2 ** 40;
  expect(parsed(header({ flavour: 'gnu', size })).size).toBe(size);
  expect(() => header({ flavour: 'ustar', size })).toThrow(RangeError);
  expect(() => header({ flavour: 'visor', mtimeSeconds: -1 })).toThrow(RangeError);
});

test('a visor header says where its data is and how many pages are text', () => {
  const block = header({
    flavour: 'visor',
    typeflag: '7',
    size: 4096,
    dataOffset: 0x80001000,
    textPages: 982,
    fixupPages: 3,
  });
  expect(parsed(block)).toMatchObject({ dataOffset: 0x80001000, textPages: 982, fixupPages: 3 });
});
