/**
 * Attacks sparse maps in their four formats: each must put the same file together. Maps that lie
 * are in tar-evil.test.ts; GNU tar's own are read in tar-tools.test.ts.
 */

import { describe, expect, test } from 'vitest';
import { tarEntries } from '../../src/format/tar-record.ts';
import { body, characters, contentOf, END, header, pax, paxRecord, tar } from './tar-blocks.ts';

const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;

/** The old GNU map of `runs`, each an offset and a length, in `slots` places. */
const slots = (runs: readonly number[], count: number): string => {
  return runs
    .map(octal)
    .join('')
    .padEnd(count * 24, '\0');
};

/**
 * 600 bytes of data, of which 512 are at 1024 and 88 at 4096; the file ends with a hole at 5000.
 */
const RUNS = [1024, 512, 4096, 88, 5000, 0];
const DATA = 'x'.repeat(512) + 'y'.repeat(88);
const WANT = `${'\0'.repeat(1024)}${'x'.repeat(512)}${'\0'.repeat(2560)}${'y'.repeat(88)}`;

const pairs = RUNS.map((number, index) => {
  return paxRecord(`GNU.sparse.${index % 2 === 0 ? 'offset' : 'numbytes'}`, String(number));
});
const map10 = body(`3\n${RUNS.join('\n')}\n`);
const size = paxRecord('GNU.sparse.size', '5000');
const name = paxRecord('GNU.sparse.name', 'holes');
const version10 = paxRecord('GNU.sparse.major', '1') + paxRecord('GNU.sparse.minor', '0');
const real10 = paxRecord('GNU.sparse.realsize', '5000');
const stored = header({ path: 'GNUSparseFile.0/holes', size: 600 });

const FORMATS: readonly [format: string, parts: readonly Uint8Array[]][] = [
  [
    'old GNU',
    [
      header(
        { flavour: 'gnu', typeflag: 'S', path: 'holes', size: 600 },
        [386, slots(RUNS, 4)],
        [483, octal(5000)],
      ),
    ],
  ],
  [
    'old GNU with a block of its own',
    [
      header(
        { flavour: 'gnu', typeflag: 'S', path: 'holes', size: 600 },
        [386, slots([0, 0, 0, 0, 0, 0, 1024, 512], 4)],
        [482, '\x01'],
        [483, octal(5000)],
      ),
      body(Uint8Array.from(slots([4096, 88], 21), (byte) => byte.charCodeAt(0))),
    ],
  ],
  ['pax 0.0', [pax(size + name + pairs.join('')), stored]],
  ['pax 0.1', [pax(size + name + paxRecord('GNU.sparse.map', RUNS.join(','))), stored]],
  [
    'pax 1.0',
    [pax(version10 + real10 + name), header({ path: 'x', size: map10.length + 600 }), map10],
  ],
];

describe.each(FORMATS)('%s', (_format, parts) => {
  const source = tar(...parts, body(DATA), header({ path: 'next' }), END);
  const [file, next] = tarEntries(source);

  test('puts the file together', () => {
    expect(file).toMatchObject({ kind: 'file', path: 'holes', size: 5000 });
    expect(characters(contentOf(source, file!))).toBe(WANT.padEnd(5000, '\0'));
  });

  test('has no runs of nothing', () => {
    expect(file!.pieces!.length).toBe(6);
  });

  test('goes on behind its data', () => {
    expect(next).toMatchObject({ path: 'next', pieces: null });
  });
});

test('a file of one hole has no pieces, but is no plain file', () => {
  const entries = tarEntries(tar(pax(size), header(), END));
  expect(entries).toMatchObject([{ size: 5000, pieces: [] }]);
});

test('a map of 1.0 may go on over blocks', () => {
  const count = 200;
  const numbers = Array.from({ length: count }, (_, index) => `${index * 10}\n1\n`);
  const map = body(`${count}\n${numbers.join('')}`);
  expect(map.length).toBeGreaterThan(1024);
  const real = paxRecord('GNU.sparse.realsize', '5000');
  const file = header({ size: map.length + count });
  const source = tar(pax(version10 + real), file, map, body('z'.repeat(count)), END);
  const [entry] = tarEntries(source);
  expect(entry!.pieces!.length).toBe(3 * count);
  expect(characters(contentOf(source, entry!)).replaceAll('\0', '')).toBe('z'.repeat(count));
});
