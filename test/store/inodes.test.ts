/**
 * Attacks the inode table: rows in use never share anything, and a row used again has nothing left
 * of what it was.
 */

import { expect, test } from 'vitest';
import { Inodes, MTIME } from '../../src/store/inodes.ts';
import { PageMap } from '../../src/store/page-map.ts';
import { HOLE } from '../../src/store/pages.ts';
import { prng, seeds } from '../support/prng.ts';

test('row 0 is never handed out', () => {
  const inodes = new Inodes();
  expect([inodes.take(), inodes.take()]).toEqual([1, 2]);
});

test('a row used again has nothing of what it was', () => {
  const inodes = new Inodes();
  const row = inodes.take();
  inodes.mode[row] = 0o100644;
  inodes.uid[row] = inodes.gid[row] = inodes.nlink[row] = inodes.size[row] = 7;
  inodes.origin[row] = inodes.ramdisk[row] = inodes.flags[row] = inodes.page[row] = 3;
  inodes.map[row] = new PageMap();
  inodes.target.set(row, new Uint8Array(1));
  inodes.setTime(row, MTIME, 9, 9);
  inodes.free(row);
  expect(inodes.count).toBe(0);
  expect(inodes.take()).toBe(row);
  const { mode, uid, gid, nlink, size, origin, ramdisk, flags, seconds, nanoseconds } = inodes;
  for (const column of [mode, uid, gid, nlink, size, origin, ramdisk, flags]) {
    expect(column[row]).toBe(0);
  }
  const at = row * 4 + MTIME;
  expect([seconds[at], nanoseconds[at]]).toEqual([0, 0]);
  expect([inodes.page[row], inodes.map[row], inodes.target.has(row)]).toEqual([
    HOLE,
    undefined,
    false,
  ]);
});

for (const seed of seeds(5)) {
  test(`rows in use are counted, listed and kept through growth (SEED=${seed})`, () => {
    const random = prng(seed);
    const inodes = new Inodes();
    const model = new Map<number, number>();
    for (let step = 0; step < 3000; step++) {
      if (model.size === 0 || random.below(5) < 3) {
        const row = inodes.take();
        expect(model.has(row)).toBe(false);
        inodes.mode[row] = 1 + random.below(0xffff);
        inodes.size[row] = step;
        model.set(row, step);
      } else {
        const row = random.pick([...model.keys()]);
        inodes.free(row);
        model.delete(row);
      }
      expect(inodes.count).toBe(model.size);
    }
    expect([...inodes.rows()]).toEqual([...model.keys()].sort((one, other) => one - other));
    for (const [row, size] of model) expect(inodes.size[row]).toBe(size);
  });
}
