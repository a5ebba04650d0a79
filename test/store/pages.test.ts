/**
 * Attacks the pages: many seeds take and give back at random and in floods, each page full of its
 * owner's mark. A page that is handed out twice or shared shows up in the marks.
 */

import { expect, test } from 'vitest';
import { PAGE_BYTES } from '../../src/base/limits.ts';
import { HOLE, Pages } from '../../src/store/pages.ts';
import { prng, seeds } from '../support/prng.ts';

const SLAB_BYTES = 256 << 10;
const SLAB_PAGES = SLAB_BYTES / PAGE_BYTES;
/** Empty slabs that are kept. */
const KEPT_BYTES = 8 << 20;

/** Pages of a tree that has some: its next slabs are whole ones. */
function grown(): Pages {
  const pages = new Pages();
  while (pages.takenCount < 2 * SLAB_PAGES) pages.take(HOLE);
  return pages;
}

function bytesOf(pages: Pages, page: number): Uint8Array {
  const from = pages.offsetOf(page);
  return pages.bytesOf(page).subarray(from, from + PAGE_BYTES);
}

const FULL = Array.from({ length: 256 }, (_, mark) => new Uint8Array(PAGE_BYTES).fill(mark));

function isFull(bytes: Uint8Array, mark: number): boolean {
  return Buffer.compare(bytes, FULL[mark]!) === 0;
}

for (const seed of seeds(25)) {
  test(`no page is handed out twice (SEED=${seed})`, () => {
    const random = prng(seed);
    const pages = new Pages();
    const held = new Map<number, number>();
    const order: number[] = [];
    let most = 0;
    for (let round = 0; round < 60; round++) {
      const isTaking = random.below(2) === 0;
      for (let count = random.below(400); count > 0; count--) {
        if (isTaking && order.length < 1500) {
          const page = pages.take(random.below(2) === 0 ? (order.at(-1) ?? HOLE) : HOLE);
          if (held.has(page)) throw new Error(`page ${page} is handed out twice`);
          const mark = 1 + random.below(255);
          bytesOf(pages, page).fill(mark);
          held.set(page, mark);
          order.push(page);
        } else if (!isTaking && order.length > 0) {
          const at = random.below(3) === 0 ? order.length - 1 : random.below(order.length);
          const [page] = order.splice(at, 1);
          pages.free(page!);
          held.delete(page!);
        }
      }
      most = Math.max(most, held.size);
      expect(pages.takenCount).toBe(held.size);
      for (const [page, mark] of held) {
        if (!isFull(bytesOf(pages, page), mark)) throw new Error(`page ${page} was written over`);
      }
    }
    for (const page of held.keys()) pages.free(page);
    expect(pages.takenCount).toBe(0);
    expect(pages.slabBytes).toBeLessThanOrEqual(most === 0 ? 0 : KEPT_BYTES);
  });
}

test('a file written in order lies in order, also beside another', () => {
  const pages = grown();
  while (pages.take(HOLE) % SLAB_PAGES !== SLAB_PAGES - 1);
  let [one, other] = [pages.take(HOLE), HOLE];
  for (let count = 1; count < SLAB_PAGES; count++) {
    const next = pages.take(one);
    expect(pages.follows(one, next)).toBe(true);
    one = next;
  }
  other = pages.take(HOLE);
  const next = pages.take(other);
  expect(pages.follows(other, next)).toBe(true);
});

test('a page that starts a slab follows none, because no copy can span two slabs', () => {
  const pages = grown();
  const taken = Array.from({ length: 2 * SLAB_PAGES }, () => pages.take(HOLE));
  const first = taken.findIndex((page) => page % SLAB_PAGES === 0);
  expect(taken.slice(first, first + SLAB_PAGES)).toEqual(
    Array.from({ length: SLAB_PAGES }, (_, index) => taken[first]! + index),
  );
  expect(pages.follows(taken[first]! - 1, taken[first]!)).toBe(false);
});

test('memory comes back as soon as slabs are empty, but for the 8 MiB that are kept', () => {
  const pages = new Pages();
  const taken = Array.from({ length: 80 * SLAB_PAGES }, () => pages.take(HOLE));
  expect(pages.slabBytes).toBeGreaterThanOrEqual(80 * SLAB_BYTES);
  for (const page of taken) pages.free(page);
  expect(pages.slabBytes).toBeLessThanOrEqual(KEPT_BYTES);
  const kept = pages.slabBytes;
  pages.free(pages.take(HOLE));
  expect(pages.slabBytes, 'what is kept is used first').toBe(kept);
});

test('the first slabs are small, so that a tree of little costs little', () => {
  const pages = new Pages();
  pages.take(HOLE);
  expect(pages.slabBytes).toBe(2 * PAGE_BYTES);
});

test('a page of two owners is free when both gave it up', () => {
  const pages = new Pages();
  const page = pages.take(HOLE);
  pages.share(page);
  expect([pages.isShared(page), pages.free(page), pages.isShared(page)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([pages.takenCount, pages.free(page), pages.takenCount]).toEqual([1, true, 0]);
});

test('a page given back twice is a fault of ours', () => {
  const pages = new Pages();
  const [one] = [pages.take(HOLE), pages.take(HOLE)];
  pages.free(one!);
  expect(() => pages.free(one!)).toThrow('visorfs bug');
  expect(() => pages.bytesOf(99999)).toThrow('visorfs bug');
});

test('near a page of a slab that is gone by now, another is found', () => {
  const pages = grown();
  const taken = Array.from({ length: 2 * SLAB_PAGES }, () => pages.take(HOLE));
  for (const page of taken.slice(SLAB_PAGES)) pages.free(page);
  for (const page of taken.slice(1, SLAB_PAGES - 1)) pages.free(page);
  pages.free(pages.take(HOLE));
  expect(pages.take(taken[SLAB_PAGES - 1]!)).not.toBe(taken[SLAB_PAGES - 1]);
});
