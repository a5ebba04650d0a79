/**
 * Attacks the inode table: rows in use never share anything, a row used again has nothing left of
 * what it was, wide numbers come back exactly, and a fork and what it was forked from change apart.
 */

import { expect, test } from 'vitest';
import * as field from '../../src/store/inodes.ts';
import { Inodes, MTIME } from '../../src/store/inodes.ts';
import { prng, seeds } from '../support/prng.ts';

const NOBODY = { copied() {}, dropped() {} };

test('row 0 is never handed out', () => {
  const inodes = new Inodes(NOBODY);
  expect([inodes.take(), inodes.take()]).toEqual([1, 2]);
});

const WORDS = [field.MODE, field.UID, field.GID, field.NLINK, field.ORIGIN, field.PAGE];

test('a row used again has nothing of what it was', () => {
  const inodes = new Inodes(NOBODY);
  const row = inodes.take();
  for (const word of [...WORDS, field.PAGES]) inodes.set(row, word, 7);
  inodes.setSize(row, 2 ** 43);
  inodes.setBelow(row, 2 ** 43);
  inodes.setRamdisk(row, 65_535);
  inodes.setLevels(row, 8);
  inodes.makeOpaque(row);
  inodes.setTime(row, MTIME, -9, 9);
  inodes.target.set(row, new Uint8Array(1));
  inodes.device.set(row, 1);
  inodes.free(row);
  expect(inodes.count).toBe(0);
  expect(inodes.take()).toBe(row);
  for (const word of [...WORDS, field.PAGES]) expect(inodes.at(row, word)).toBe(0);
  expect([inodes.size(row), inodes.below(row), inodes.ramdisk(row)]).toEqual([0, 0, 0]);
  expect([inodes.levels(row), inodes.isOpaque(row)]).toEqual([0, false]);
  expect([inodes.seconds(row, MTIME), inodes.nanoseconds(row, MTIME)]).toEqual([0, 0]);
  expect([inodes.target.has(row), inodes.device.has(row)]).toEqual([false, false]);
});

test('numbers of more than 32 bits come back as they were, negative ones too', () => {
  const inodes = new Inodes(NOBODY);
  const row = inodes.take();
  for (const wide of [
    0,
    1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 43,
    -1,
    -(2 ** 32),
    -(2 ** 40) - 5,
  ]) {
    inodes.setTime(row, MTIME, wide, 999_999_999);
    inodes.setSize(row, wide);
    expect([inodes.seconds(row, MTIME), inodes.nanoseconds(row, MTIME)]).toEqual([
      wide,
      999_999_999,
    ]);
    expect(inodes.size(row)).toBe(wide);
  }
  inodes.set(row, field.UID, 2 ** 32 - 1);
  expect(inodes.uid(row)).toBe(2 ** 32 - 1);
});

test('what shares a word stays apart: the ramdisk, the levels and the flags', () => {
  const inodes = new Inodes(NOBODY);
  const row = inodes.take();
  inodes.setRamdisk(row, 40_000);
  inodes.setLevels(row, 7);
  inodes.makeOpaque(row);
  inodes.setRamdisk(row, 50_000);
  inodes.setLevels(row, 3);
  expect([inodes.ramdisk(row), inodes.levels(row), inodes.isOpaque(row)]).toEqual([
    50_000,
    3,
    true,
  ]);
});

for (const seed of seeds(8)) {
  test(`rows in use are counted, listed and kept, in forks too (SEED=${seed})`, () => {
    const random = prng(seed);
    let inodes = new Inodes(NOBODY);
    let model = new Map<number, number>();
    const older: [Inodes, Map<number, number>][] = [];
    for (let step = 0; step < 3000; step++) {
      if (model.size === 0 || random.below(5) < 3) {
        const row = inodes.take();
        expect(model.has(row)).toBe(false);
        inodes.set(row, field.MODE, 1 + random.below(0xffff));
        inodes.setSize(row, step);
        model.set(row, step);
      } else {
        const row = random.pick([...model.keys()]);
        inodes.free(row);
        model.delete(row);
      }
      expect(inodes.count).toBe(model.size);
      if (step % 300 !== 299) continue;
      older.push([inodes, model]);
      [inodes, model] = [new Inodes(NOBODY, inodes), new Map(model)];
      // Sometimes it is the older one that goes on.
      if (random.below(2) === 0) {
        const [other, itsModel] = older.splice(random.below(older.length), 1)[0]!;
        older.push([inodes, model]);
        [inodes, model] = [other, itsModel];
      }
    }
    for (const [table, rows] of [...older, [inodes, model] as const]) {
      expect([...table.used()]).toEqual([...rows.keys()].sort((one, other) => one - other));
      for (const [row, size] of rows) expect(table.size(row)).toBe(size);
    }
  });
}
