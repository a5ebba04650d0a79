// Long names of FAT: pieces that do not add up to one name are passed over, as everybody does.

import { expect, test } from 'vitest';
import { putU16 } from '../../src/base/bytes.ts';
import { parseFatDirectory, putFatEntry, shortNameOf } from '../../src/format/fat-directory.ts';

const LETTERS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/** The sum that pieces repeat, as Microsoft's paper has it. */
function sumOf(entry: Uint8Array): number {
  return entry.subarray(0, 11).reduce((sum, byte) => (((sum >> 1) | (sum << 7)) + byte) & 0xff, 0);
}

/** A directory of one file, `LONG~1.TGZ`, with the pieces of the long name `name` ahead of it. */
function directory(name: string): Uint8Array {
  const count = Math.ceil(name.length / 13);
  const bytes = new Uint8Array((count + 2) * 32);
  putFatEntry(bytes, count * 32, shortNameOf('LONG~1.TGZ')!);
  const sum = sumOf(bytes.subarray(count * 32));
  for (let index = 0; index < count; index++) {
    const piece = bytes.subarray((count - 1 - index) * 32);
    piece[0] = (index + 1) | (index === count - 1 ? 0x40 : 0);
    piece[11] = 0x0f;
    piece[13] = sum;
    LETTERS.forEach((at, letter) => {
      const place = index * 13 + letter;
      const past = place === name.length ? 0 : 0xffff;
      putU16(piece, at, place < name.length ? name.charCodeAt(place) : past);
    });
  }
  return bytes;
}

const LONG = 'a long name of three pieces.tgz';

test.each([LONG, 'ä', 'exactly13.let', 'exactly-twenty-six-letters'])('%s is read', (name) => {
  const [record, ...others] = parseFatDirectory(directory(name));
  expect(others).toEqual([]);
  expect(record).toMatchObject({ name, shortName: 'long~1.tgz', startOffset: 0 });
});

test.each<[string, (bytes: Uint8Array) => void]>([
  ['with another sum', (bytes) => bytes.fill(1, 13, 14)],
  ['in another order', (bytes) => bytes.fill(0x42, 0, 1)],
  ['of which the last is missing', (bytes) => bytes.fill(0xe5, 0, 1)],
  ['of which one is missing', (bytes) => bytes.fill(0xe5, 32, 33)],
])('pieces %s are passed over', (_what, spoil) => {
  const bytes = directory(LONG);
  spoil(bytes);
  const [record] = parseFatDirectory(bytes);
  expect(record).toMatchObject({ name: 'long~1.tgz', startOffset: 96, entryOffset: 96 });
});

test('pieces before a deleted entry are not those of the next', () => {
  const bytes = new Uint8Array(6 * 32);
  bytes.set(directory(LONG));
  bytes[96] = 0xe5;
  putFatEntry(bytes, 128, shortNameOf('LONG~1.TGZ')!);
  expect(parseFatDirectory(bytes)).toMatchObject([{ name: 'long~1.tgz', startOffset: 128 }]);
});
