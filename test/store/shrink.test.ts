/**
 * What grew for many is small again when they are gone: counted in bytes of tables, with rows left
 * in use at any place, and in forks, whose rows stay what they were.
 */

import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { Dirents, NONE } from '../../src/store/dirents.ts';
import { Inodes, MODE } from '../../src/store/inodes.ts';
import { prng, seeds } from '../support/prng.ts';

const NOBODY = { copied() {}, dropped() {} };
const MANY = 20_000;

for (const seed of seeds(6)) {
  test(`inodes give back what many took, and keep those in use (SEED=${seed})`, () => {
    const random = prng(seed);
    const inodes = new Inodes(NOBODY);
    const rows = Array.from({ length: MANY }, () => {
      const row = inodes.take();
      inodes.set(row, MODE, 1);
      inodes.setSize(row, row);
      return row;
    });
    const fork = new Inodes(NOBODY, inodes);
    const full = inodes.rows.byteSize;
    // Some of the first hundred stay.
    const kept = rows.slice(0, 100).filter(() => random.below(3) === 0);
    while (rows.length > 0) {
      const [row] = rows.splice(random.below(rows.length), 1);
      if (!kept.includes(row!)) inodes.free(row!);
    }
    expect(inodes.rows.byteSize).toBeLessThan(full / 12);
    expect([...inodes.used()]).toEqual(kept);
    for (const row of kept) expect(inodes.size(row)).toBe(row);
    expect([fork.count, fork.size(MANY - 1)]).toEqual([MANY, MANY - 1]);
    const taken = new Set(Array.from({ length: 3000 }, () => inodes.take()));
    expect([taken.size, kept.some((row) => taken.has(row))]).toEqual([3000, false]);
  });

  test(`names give back what many took, and keep those in use (SEED=${seed})`, () => {
    const random = prng(seed);
    const table = new Dirents('forking');
    const add = (name: string): number => table.add(1, utf8(name), 0, utf8(name).length, 7);
    const stays = add('stays');
    const entries = Array.from({ length: MANY }, (_, index) => add(`name-${index}`));
    const full = table.byteSize;
    const fork = table.fork();
    while (entries.length > 0) table.remove(entries.splice(random.below(entries.length), 1)[0]!);
    expect(table.byteSize).toBeLessThan(full / 8);
    expect(table.find(1, utf8('stays'), 0, 5)).toBe(stays);
    expect(table.find(1, utf8('name-5'), 0, 6)).toBe(NONE);
    table.verify();
    expect(fork.find(1, utf8('name-19999'), 0, 10)).not.toBe(NONE);
    fork.verify();
    for (let index = 0; index < 3000; index++) add(`again-${index}`);
    table.verify();
  });
}

test('a table of which the last row stays is looked through seldom, not at each removal', () => {
  const inodes = new Inodes(NOBODY);
  let looks = 0;
  const at = inodes.at.bind(inodes);
  const rows = Array.from({ length: MANY }, () => inodes.take());
  for (const row of rows) inodes.set(row, MODE, 1);
  inodes.at = (row, field) => {
    looks += 1;
    return at(row, field);
  };
  for (const row of rows.slice(0, -1)) inodes.free(row);
  expect(looks).toBeLessThan(MANY * 4);
});
