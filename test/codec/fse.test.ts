/**
 * Attacks the descriptions of FSE tables, which say how many symbols there are and how finely their
 * chances are told: by hand, a bit at a time. That sound ones are read right is zstd's to judge.
 */

import { expect, test } from 'vitest';
import { readFse } from '../../src/codec/fse.ts';

/** The bytes of `bits`, pairs of a value and how many bits it takes, lowest first. */
function bytesOf(...bits: readonly (readonly [value: number, count: number])[]): Uint8Array {
  const all = bits.flatMap(([value, count]) => {
    return Array.from({ length: count }, (_, place) => (value >> place) & 1);
  });
  const bytes = new Uint8Array(Math.ceil(all.length / 8));
  for (const [place, bit] of all.entries()) bytes[place >> 3]! |= bit << (place & 7);
  return bytes;
}

const whole = (bytes: Uint8Array) => ({ start: 0, end: bytes.length });

test('one symbol may have all chances', () => {
  const bytes = bytesOf([0, 4], [63, 6]);
  const { table, end } = readFse(bytes, whole(bytes), 9, 35)!;
  expect(end).toBe(2);
  expect(table.accuracy).toBe(5);
  expect(new Set(table.symbols)).toEqual(new Set([0]));
  expect(readFse(bytes, { start: 0, end: 1 }, 9, 35), 'cut').toBe(null);
});

test('no table is finer than it may be', () => {
  const bytes = bytesOf([5, 4], [2047, 11]);
  expect(readFse(bytes, whole(bytes), 10, 35)!.table.accuracy).toBe(10);
  expect(readFse(bytes, whole(bytes), 9, 35)).toBe(null);
});

test('no table has more symbols than there are, of no chance or of one', () => {
  const bytes = bytesOf([0, 4], [1, 5], [1, 2], [63, 6]);
  expect(new Set(readFse(bytes, whole(bytes), 9, 2)!.table.symbols)).toEqual(new Set([2]));
  expect(readFse(bytes, whole(bytes), 9, 1)).toBe(null);
  const many = bytesOf([0, 4], [1, 5], ...new Array<[number, number]>(4000).fill([3, 2]));
  expect(readFse(many, whole(many), 9, 35)).toBe(null);
});
