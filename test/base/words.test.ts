// The small words of the ground floor: bytes and text, modes in letters, sizes as people write
// them, Sources within Sources. Tables whose right side comes from a tool or can be checked by
// hand.

import { expect, test, vi } from 'vitest';
import * as bytes from '../../src/base/bytes.ts';
import { modeLetters } from '../../src/base/mode.ts';
import { parseSize } from '../../src/base/size.ts';
import { bytesSource, readBytes, windowSource } from '../../src/base/source.ts';

test.each([
  ['ascii', 'esx.conf'],
  ['long ascii', 'x'.repeat(300)],
  ['two-byte letters', 'Größe'],
  ['beyond 16 bits', 'a😀b'],
])('text goes to bytes and back: %s', (_what, text) => {
  expect(bytes.text(bytes.utf8(text))).toBe(text);
  expect(bytes.isUtf8(bytes.utf8(text))).toBe(true);
});

test('bytes that are no UTF-8 show as replacement characters and say so', () => {
  const latin = Uint8Array.of(0x66, 0xfc, 0x72);
  expect([bytes.text(latin), bytes.isUtf8(latin)]).toEqual(['f\ufffdr', false]);
  expect(bytes.latin1(latin, 0, 3)).toBe('für');
});

test('bytes in shared memory are text as well, where no decoder takes them', () => {
  // Browsers' TextDecoder refuses shared memory, Node's does not.
  const decode = vi.spyOn(TextDecoder.prototype, 'decode');
  for (const text of ['Größe', 'x'.repeat(300)]) {
    const own = bytes.utf8(text);
    const shared = new Uint8Array(new SharedArrayBuffer(own.length));
    shared.set(own);
    expect([bytes.text(shared), bytes.isUtf8(shared)]).toEqual([text, true]);
  }
  const taken = decode.mock.calls.map(([given]) => (given as Uint8Array).buffer);
  decode.mockRestore();
  expect(taken.length).toBeGreaterThan(0);
  for (const buffer of taken) expect(buffer).toBeInstanceOf(ArrayBuffer);
});

test('bytes compare as strcmp compares them', () => {
  const compare = (one: number[], other: number[]): number =>
    Math.sign(bytes.compareBytes(Uint8Array.from(one), Uint8Array.from(other)));
  expect([compare([1], [1, 0]), compare([255], [1]), compare([2], [2])]).toEqual([-1, 1, 0]);
});

test('a little-endian number reads back, the highest bit too', () => {
  const target = new Uint8Array(6);
  bytes.putU32(target, 1, 0xfedcba98);
  expect([...target]).toEqual([0, 0x98, 0xba, 0xdc, 0xfe, 0]);
  expect(bytes.u32(target, 1)).toBe(0xfedcba98);
});

// As `ls -l` of coreutils 9.1 shows them.
test.each([
  [0o100644, '-rw-r--r--'],
  [0o101644, '-rw-r--r-T'],
  [0o101755, '-rwxr-xr-t'],
  [0o041777, 'drwxrwxrwt'],
  [0o104755, '-rwsr-xr-x'],
  [0o102644, '-rw-r-Sr--'],
  [0o120777, 'lrwxrwxrwx'],
  [0o020600, 'crw-------'],
  [0o060660, 'brw-rw----'],
  [0o010644, 'prw-r--r--'],
])('mode %o reads %s', (mode, letters) => {
  expect(modeLetters(mode)).toBe(letters);
});

test.each<[number | string, number]>([
  [4096, 4096],
  ['4096', 4096],
  ['512k', 524_288],
  ['64mb', 67_108_864],
  ['1GiB', 1_073_741_824],
  ['1.5 M', 1_572_864],
  ['0', 0],
])('the size %s is %i bytes', (written, size) => {
  expect(parseSize(written)).toBe(size);
});

test.each(['', 'much', '-1', '1.3', '10x', '1e3', Number.NaN, -1, 0.5])('%s is no size', (size) => {
  expect(() => parseSize(size)).toThrow(RangeError);
});

test('a window into a source starts where it is put and ends where it ends', () => {
  const outer = bytesSource(Uint8Array.of(0, 1, 2, 3, 4, 5), 'outer');
  const window = windowSource(outer, 2, 3, 'window');
  expect([window.size, ...readBytes(window, 1, 2)]).toEqual([3, 3, 4]);
  expect(() => readBytes(window, 2, 2)).toThrow('window at 0x2');
  expect(() => windowSource(outer, 4, 3, 'late')).toThrow("outer at 0x4: 'late' has 3 bytes here");
});
