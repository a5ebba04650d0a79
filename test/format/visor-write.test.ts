// Visor tars as vmtar writes them: where each layout puts data, and what headers say of entries
// that no real visor tar has. test/corpus/vmtar.test.ts has those that are real.

import { expect, test } from 'vitest';
import { latin1, utf8 } from '../../src/base/bytes.ts';
import { NO_TEXT } from '../../src/format/visor-text.ts';
import {
  encodeVisorEntry,
  placeVisorData,
  type VisorEntry,
  visorHeaderBytes,
} from '../../src/format/visor-write.ts';
import { END, entriesOf } from './tar-blocks.ts';

const FILE: VisorEntry = {
  kind: 'file',
  path: utf8('etc/motd'),
  target: new Uint8Array(0),
  mode: 0o1644,
  uid: 201,
  gid: 8,
  uname: 'mts',
  gname: 'games',
  size: 0,
  mtimeSeconds: 946_684_800,
  mtimeNanoseconds: 0,
  deviceMajor: 0,
  deviceMinor: 0,
  hasDeviceFields: false,
  text: NO_TEXT,
};

const file = (size: number) => ({ size, text: NO_TEXT });
const image = (size: number) => ({ size, text: { ...NO_TEXT, isMapped: true } });

// Four headers and a block of zeros end at 2560.
const FILES = [file(700), image(5000), file(3), file(10)];

test('6.5 puts an image and what comes after it at pages, all else at blocks', () => {
  const { dataOffsets, size } = placeVisorData(FILES, 2048, '6.5');
  expect(dataOffsets).toEqual([2560, 4096, 12_288, 12_800]);
  expect(size).toBe(12_810);
});

test('6.7 puts all at pages', () => {
  const { dataOffsets, size } = placeVisorData(FILES, 2048, '6.7');
  expect(dataOffsets).toEqual([4096, 8192, 16_384, 20_480]);
  expect(size).toBe(20_490);
});

test('8.0 does so too, and ends at a block', () => {
  const { dataOffsets, size } = placeVisorData(FILES, 2048, '8.0');
  expect(dataOffsets).toEqual([4096, 8192, 16_384, 20_480]);
  expect(size).toBe(20_992);
});

test('a file of no bytes has no place, and does not part an image from what comes after', () => {
  const files = [image(5000), file(0), file(3)];
  expect(placeVisorData(files, 1536, '6.5').dataOffsets).toEqual([4096, 0, 12_288]);
});

test('without any data the archive is its headers and a block of zeros', () => {
  for (const layout of ['6.5', '6.7', '8.0'] as const) {
    expect(placeVisorData([file(0)], 512, layout)).toEqual({ dataOffsets: [0], size: 1024 });
  }
});

test('what offsets of 32 bits cannot say is refused', () => {
  const most = 2 ** 32 - 4096;
  expect(placeVisorData([file(most)], 512, '8.0').size).toBe(2 ** 32);
  expect(() => placeVisorData([file(most + 1)], 512, '6.7')).toThrow(RangeError);
});

const CASES: Readonly<Record<string, Partial<VisorEntry>>> = {
  'a file': { size: 700 },
  'an image': { size: 700, text: { isMapped: true, textOffset: 0, textPages: 387, fixupPages: 2 } },
  'a file of no bytes': {},
  'a directory': { kind: 'directory', path: utf8('etc/') },
  'a symbolic link': { kind: 'symlink', target: utf8('../elsewhere') },
  'a hard link': { kind: 'link', target: utf8('etc/motd') },
  'a device': { kind: 'character', deviceMajor: 10, deviceMinor: 200 },
  'a fifo': { kind: 'fifo' },
  'a name of 100 bytes': { path: utf8('n'.repeat(100)) },
  'a name of 101 bytes': { path: utf8('n'.repeat(101)) },
  'a path with slashes of 300 bytes': { path: utf8('directory/'.repeat(30)), kind: 'directory' },
  'a link that is long': { kind: 'symlink', target: utf8('../elsewhere/'.repeat(20)) },
};

test.each(Object.keys(CASES))('%s is read as it was said', (how) => {
  const entry = { ...FILE, ...CASES[how] };
  const headers = encodeVisorEntry(entry, entry.size > 0 ? 4096 : 0);
  expect(headers.length).toBe(visorHeaderBytes(entry));
  const [read, ...others] = entriesOf(headers, END, new Uint8Array(8192 - headers.length));
  expect(others).toEqual([]);
  const { path, target, text, hasDeviceFields: _, ...rest } = entry;
  const { isMapped, textPages, fixupPages } = text;
  expect(read).toMatchObject({ ...rest, textPages, fixupPages, flavour: 'visor' });
  expect([read!.path, read!.target].map(utf8)).toEqual([path, target]);
  expect(read!.typeflag === '7').toBe(isMapped);
  if (entry.size > 0) expect(read!.dataOffset).toBe(4096);
});

test('a header of a long name leaves the prefix empty', () => {
  const headers = encodeVisorEntry({ ...FILE, path: utf8('directory/'.repeat(15)) }, 0);
  const last = headers.subarray(headers.length - 512);
  expect(last.subarray(345, 496).every((byte) => byte === 0)).toBe(true);
  expect(latin1(last, 0, 100)).toBe('directory/'.repeat(10));
});

// Found by the fuzzer (seed 924): a name of high bytes made a sum that no reader took.
test('a header whose sum of signed bytes is below 0 has the unsigned one', () => {
  const path = new Uint8Array(100).fill(0x80);
  const entries = entriesOf(encodeVisorEntry({ ...FILE, path }, 0), END);
  expect(entries).toMatchObject([{ flavour: 'visor', mode: FILE.mode }]);
});

test('device numbers of a file are NUL or zeros, as the tar had them', () => {
  const numbers = (hasDeviceFields: boolean): string =>
    latin1(encodeVisorEntry({ ...FILE, hasDeviceFields }, 0), 329, 345);
  expect(numbers(false)).toBe('\0'.repeat(16));
  expect(numbers(true)).toBe('0000000\x000000000\0');
});

test.each([
  { uid: 2_097_152 },
  { gid: 2_097_152 },
  { mtimeSeconds: -1 },
  { uname: 'u'.repeat(33) },
])('what a field cannot hold is refused: %j', (part) => {
  expect(() => encodeVisorEntry({ ...FILE, ...part }, 0)).toThrow(RangeError);
});
