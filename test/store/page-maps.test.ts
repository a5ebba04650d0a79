/**
 * Attacks the page maps with Maps as their model: files short and long, with holes of any width,
 * cut at the front, in the middle and at the end; and forks of them, which change apart while the
 * count of each page's owners stays right.
 */

import { expect, test } from 'vitest';
import { Delta } from '../../src/layer/delta.ts';
import { Inodes } from '../../src/store/inodes.ts';
import { Budget } from '../../src/store/ledger.ts';
import { PageMaps } from '../../src/store/page-maps.ts';
import { HOLE } from '../../src/store/pages.ts';
import { prng, seeds } from '../support/prng.ts';

const NOBODY = { copied() {}, dropped() {} };

function between(model: ReadonlyMap<number, number>, start: number, end: number): number[] {
  const indexes = [...model.keys()].filter((index) => index >= start && index < end);
  return indexes.sort((one, other) => one - other).map((index) => model.get(index)!);
}

function all(maps: PageMaps, row: number): number[] {
  const pages: number[] = [];
  maps.each(row, (_index, page) => pages.push(page));
  return pages;
}

for (const seed of seeds(30)) {
  test(`page maps have what was put and not cut, and forks change apart (SEED=${seed})`, () => {
    const random = prng(seed);
    let inodes = new Inodes(NOBODY);
    let maps = new PageMaps(inodes, NOBODY);
    const rows = [inodes.take(), inodes.take(), inodes.take()];
    let models = rows.map(() => new Map<number, number>());
    const older: [PageMaps, Map<number, number>[]][] = [];
    const reaches = [10, 16, 17, 65, 1000, 2 ** 31].map((reach) => reach);
    for (let step = 0; step < 1500; step++) {
      const at = random.below(rows.length);
      const [row, model] = [rows[at]!, models[at]!];
      const reach = reaches[(seed + at) % reaches.length]!;
      const index = random.below(reach);
      const end = index + random.pick([1, 3, 64, 200, reach]);
      const verb = random.below(10);
      expect(maps.at(row, index), `step ${step}`).toBe(model.get(index) ?? HOLE);
      expect(maps.own(row, index)).toBe(model.get(index) ?? HOLE);
      if (verb < 7) {
        maps.put(row, index, step);
        model.set(index, step);
      } else if (verb === 7) {
        expect(maps.countBetween(row, index, end)).toBe(between(model, index, end).length);
      } else if (verb === 8) {
        const given: number[] = [];
        maps.cut(row, index, end, (page) => given.push(page));
        expect(given).toEqual(between(model, index, end));
        for (const gone of [...model.keys()]) if (gone >= index && gone < end) model.delete(gone);
      }
      expect(maps.count(row)).toBe(model.size);
      if (step % 250 !== 249) continue;
      older.push([maps, models]);
      inodes = new Inodes(NOBODY, inodes);
      maps = new PageMaps(inodes, NOBODY, maps);
      models = models.map((model) => new Map(model));
    }
    for (const [table, held] of [...older, [maps, models] as const]) {
      for (const [at, row] of rows.entries()) {
        expect(all(table, row)).toEqual(between(held[at]!, 0, 2 ** 40));
      }
    }
    for (const row of rows) maps.cut(row, 0, 2 ** 31, () => {});
    expect([maps.totalCount, rows.map((row) => all(maps, row))]).toEqual([0, [[], [], []]]);
  });
}

test('a page at the far end of the largest file costs one branch of nodes and is found', () => {
  const inodes = new Inodes(NOBODY);
  const maps = new PageMaps(inodes, NOBODY);
  const row = inodes.take();
  const last = 2 ** 31 - 1;
  maps.put(row, last, 7);
  expect([maps.at(row, last), maps.at(row, last - 1), maps.at(row, 0)]).toEqual([7, HOLE, HOLE]);
  expect(maps.countBetween(row, 0, 2 ** 31)).toBe(1);
  expect(maps.nodes.byteSize).toBeLessThanOrEqual(16 * 64 * 2);
  maps.cut(row, 0, 2 ** 31, () => {});
  maps.put(row, last, 8);
  expect(maps.nodes.byteSize, 'nodes are used again').toBeLessThanOrEqual(16 * 64 * 2);
});

test('a new tree has no pages', () => {
  expect(new Delta(new Budget(0)).pageBytes).toBe(0);
});
