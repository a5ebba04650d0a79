/**
 * Attacks the columns: that growing keeps what is there, and that what is not is zero.
 */

import { expect, test } from 'vitest';
import { resized, roomFor } from '../../src/store/columns.ts';

test('a column with room is itself', () => {
  const column = new Int32Array([1, 2]);
  expect(roomFor(column, 2)).toBe(column);
});

test('a column without room doubles, or takes what is asked for, and keeps its kind', () => {
  expect(roomFor(new Uint16Array([1, 2]), 3)).toEqual(new Uint16Array([1, 2, 0, 0]));
  expect(roomFor(new Float64Array([0.5]), 5)).toEqual(new Float64Array([0.5, 0, 0, 0, 0]));
  expect(roomFor(new Uint8Array(0), 1)).toEqual(new Uint8Array(1));
});

test('a column cut shorter is a copy', () => {
  const column = new Uint32Array([1, 2, 3]);
  const short = resized(column, 2);
  short[0] = 9;
  expect([...column, ...short]).toEqual([1, 2, 3, 9, 2]);
});
