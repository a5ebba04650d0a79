/**
 * Attacks the visor table: where it ends, where its data may be, and what is refused because two
 * readers would see two archives.
 */

import { expect, test } from 'vitest';
import { CorruptError } from '../../src/base/errors.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { body, characters, contentOf, entriesOf, header, tar } from './tar-blocks.ts';

const ZEROS = new Uint8Array(512);

function visor(path: string, dataOffset: number, size: number): Uint8Array {
  return header({ flavour: 'visor', path, dataOffset, size });
}

const folder = header({ flavour: 'visor', typeflag: '5', path: 'etc/' });

function paths(...parts: Uint8Array[]): string {
  return entriesOf(...parts)
    .map(({ path }) => path)
    .join(' ');
}

function claim(...parts: Uint8Array[]): string {
  try {
    return paths(...parts);
  } catch (error) {
    if (error instanceof CorruptError) return error.message;
    throw error;
  }
}

test('data is where headers say, and may end within a block', () => {
  const file = visor('etc/a', 2048, 5);
  const source = tar(
    folder,
    file,
    visor('b', 2560, 3),
    ZEROS,
    body('first'),
    body('two').slice(0, 3),
  );
  const entries = tarEntries(source);
  expect(entries.map((entry) => entry.path)).toEqual(['etc/', 'etc/a', 'b']);
  expect(entries.slice(1).map((entry) => characters(contentOf(source, entry)))).toEqual([
    'first',
    'two',
  ]);
});

test('one block of zeros ends the table', () => {
  expect(paths(folder, ZEROS, visor('b', 0, 0))).toBe('etc/');
});

test('the start of the data ends the table, without any zeros', () => {
  expect(paths(visor('a', 512, 512), body('x'.repeat(512)))).toBe('a');
  expect(paths(visor('a', 512, 3), body('xyz').slice(0, 3))).toBe('a');
});

test('the end of the archive ends the table', () => {
  expect(paths(folder)).toBe('etc/');
});

test('the first block that is no visor header ends the table', () => {
  expect(paths(folder, header({ path: 'ustar' }))).toBe('etc/');
});

test('a header of offset 0 has its data behind it, as builders outside VMware write', () => {
  const source = tar(visor('a', 0, 4), body('here'), visor('b', 2048, 5), ZEROS, body('there'));
  const entries = tarEntries(source);
  expect(entries.map((entry) => characters(contentOf(source, entry)))).toEqual(['here', 'there']);
});

test('data may come in another order than its headers', () => {
  const parts = [visor('a', 2048, 5), visor('b', 1536, 5), ZEROS, body('b b b'), body('a a a')];
  expect(paths(...parts)).toBe('a b');
});

test('a file of nothing may have any offset', () => {
  expect(entriesOf(visor('a', 0xffffffff, 0), ZEROS)).toMatchObject([{ size: 0, path: 'a' }]);
});

test('an offset of more than 2 GiB is not negative', () => {
  expect(claim(visor('a', 0x80000000, 1), ZEROS)).toBe(
    'evil.tar at 0x0: 1 bytes of data at 0x80000000, but the archive has none there',
  );
});

const LIES: readonly [why: string, parts: Uint8Array[], where: string][] = [
  ['data past the end', [visor('a', 1024, 513), ZEROS, body('x')], '0x0: 513 bytes of data'],
  ['data in its own header', [visor('a', 8, 16), ZEROS], '0x0: visor data that starts amid'],
  [
    'data in the header before',
    [folder, visor('a', 16, 16), ZEROS],
    '0x200: visor data that starts amid',
  ],
  [
    'data where a header follows',
    [visor('a', 512, 16), visor('b', 0, 0), ZEROS],
    '0x200: a visor header where the data starts',
  ],
  [
    'data within the header that follows',
    [visor('a', 600, 16), visor('b', 0, 0), ZEROS],
    '0x0: visor data that starts amid',
  ],
  [
    'data within inline data',
    [visor('a', 1100, 16), visor('b', 0, 700), body('x'.repeat(700)), ZEROS],
    '0x0: visor data that starts amid',
  ],
  [
    'data over data',
    [visor('a', 1600, 16), visor('b', 1590, 16), ZEROS, body('x')],
    '0x0: visor data that overlaps',
  ],
  [
    'the same data twice',
    [visor('a', 1536, 16), visor('b', 1536, 16), ZEROS, body('x')],
    '0x200: visor data that overlaps',
  ],
  [
    'a visor header amid another tar',
    [header(), visor('a', 0, 0), ZEROS],
    '0x200: a visor header amid another tar',
  ],
  ['half a header', [folder, visor('a', 0, 0).slice(0, 300)], '0x200: the archive ends within'],
];

test.each(LIES)('%s is refused', (_why, parts, where) => {
  expect(claim(...parts)).toContain(`evil.tar at ${where}`);
});

test('a mapped file is a file, even with a slash behind its name', () => {
  const mapped = header({ flavour: 'visor', typeflag: '7', path: 'lib/' });
  expect(entriesOf(mapped, ZEROS)).toMatchObject([{ kind: 'file', path: 'lib/' }]);
});

test.each(['x', 'g', 'S', 'D', 'V', 'Z'])('type %s is refused, as vmtar knows none', (typeflag) => {
  const code = typeflag.charCodeAt(0).toString(16);
  expect(claim(header({ flavour: 'visor', typeflag }), ZEROS)).toBe(
    `evil.tar at 0x0: a visor header of type 0x${code}`,
  );
});

test('a long name is behind its header and nowhere else', () => {
  const name = header({ flavour: 'visor', typeflag: 'L', size: 4 });
  expect(paths(name, body('long'), folder)).toBe('long');
  const elsewhere = header({ flavour: 'visor', typeflag: 'L', size: 4, dataOffset: 1024 });
  expect(claim(elsewhere, folder, body('long'))).toContain('at 0x0: an extended header that has');
});
