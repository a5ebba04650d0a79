/**
 * Attacks the page map with a Map as its model: files short and long, with holes of any width, cut
 * at the front, in the middle and at the end.
 */

import { expect, test } from 'vitest';
import { PageMap } from '../../src/store/page-map.ts';
import { HOLE } from '../../src/store/pages.ts';
import { prng, seeds } from '../support/prng.ts';

function between(model: ReadonlyMap<number, number>, start: number, end: number): number[] {
  const indexes = [...model.keys()].filter((index) => index >= start && index < end);
  return indexes.map((index) => model.get(index)!).sort((one, other) => one - other);
}

for (const seed of seeds(20)) {
  test(`a page map has what was put and not cut (SEED=${seed})`, () => {
    const random = prng(seed);
    const map = new PageMap();
    const model = new Map<number, number>();
    const reach = random.pick([10, 64, 65, 1000, 2 ** 31]);
    for (let step = 0; step < 2000; step++) {
      const index = random.below(reach);
      const end = index + random.pick([1, 3, 64, 200, reach]);
      const verb = random.below(10);
      expect(map.at(index), `step ${step}`).toBe(model.get(index) ?? HOLE);
      if (verb < 7 && !model.has(index)) {
        map.put(index, step);
        model.set(index, step);
      } else if (verb === 7) {
        expect(map.countBetween(index, end)).toBe(between(model, index, end).length);
      } else if (verb === 8) {
        const given: number[] = [];
        map.cut(index, end, (page) => given.push(page));
        const want = between(model, index, end);
        expect(given.sort((one, other) => one - other)).toEqual(want);
        for (let at = index; at < end && end - index < 1000; at++) model.delete(at);
        for (const at of [...model.keys()]) if (at >= index && at < end) model.delete(at);
      }
      expect(map.count).toBe(model.size);
    }
    expect([...map.pages()].sort((one, other) => one - other)).toEqual(between(model, 0, 2 ** 40));
    map.cut(0, 2 ** 40, () => {});
    expect([map.count, [...map.pages()]]).toEqual([0, []]);
  });
}

test('a page at the far end of the largest file costs one leaf and is found', () => {
  const map = new PageMap();
  const last = 2 ** 31 - 1;
  map.put(last, 7);
  expect([map.at(last), map.at(last - 1), map.at(0)]).toEqual([7, HOLE, HOLE]);
  expect(map.countBetween(0, 2 ** 31)).toBe(1);
});
