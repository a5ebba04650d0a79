// All or none: what was opened beside something that failed is closed again, whichever came first.

import { expect, test } from 'vitest';
import { allOrNone } from '../../src/base/together.ts';

test('all that opened are given, in order', async () => {
  const closed: number[] = [];
  const openings = [1, 2, 3].map(async (one) => one);
  expect(await allOrNone(openings, (one) => closed.push(one))).toEqual([1, 2, 3]);
  expect(closed).toEqual([]);
});

test('where one fails its error is thrown and the others are closed, later ones too', async () => {
  const closed: number[] = [];
  const late = new Promise<number>((resolve) => setTimeout(() => resolve(3), 5));
  const openings = [Promise.resolve(1), Promise.reject(new Error('second')), late];
  await expect(allOrNone(openings, (one) => closed.push(one))).rejects.toThrow('second');
  expect(closed).toEqual([1, 3]);
});
