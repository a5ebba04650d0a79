/**
 * Which pages one file has: page index in the file to page number, holes left out.
 *
 *   leaf   64 page numbers in one Int32Array: 256 KiB of file
 *   map    leaf index to leaf; a leaf is there only where one of its pages is
 *
 * So one byte at 512 MiB costs one page and one leaf (256 bytes), an append touches the last leaf
 * alone, and the map itself never weighs more than a tenth of the pages it names: what the ledger
 * charges for the pages covers it.
 */

import { HOLE } from './pages.ts';

const LEAF_SHIFT = 6;
const LEAF_PAGES = 1 << LEAF_SHIFT;

/** The page map of one file. */
export class PageMap {
  readonly #leaves = new Map<number, Int32Array>();
  #count = 0;
  #lastIndex = -1;
  #lastLeaf: Int32Array | undefined;

  /** Pages it names. */
  get count(): number {
    return this.#count;
  }

  /** The page at `index`, or HOLE. */
  at(index: number): number {
    return this.#leaf(Math.floor(index / LEAF_PAGES))?.[index % LEAF_PAGES] ?? HOLE;
  }

  /** Names `page` at `index`, where there was a hole. */
  put(index: number, page: number): void {
    const leafIndex = Math.floor(index / LEAF_PAGES);
    let leaf = this.#leaf(leafIndex);
    if (leaf === undefined) {
      leaf = new Int32Array(LEAF_PAGES).fill(HOLE);
      this.#leaves.set(leafIndex, leaf);
      this.#lastIndex = leafIndex;
      this.#lastLeaf = leaf;
    }
    leaf[index % LEAF_PAGES] = page;
    this.#count += 1;
  }

  /** Pages named from `start` up to `end`, both page indexes. */
  countBetween(start: number, end: number): number {
    let count = 0;
    this.#each(start, end, (leaf, from, to) => {
      for (let place = from; place < to; place++) if (leaf[place] !== HOLE) count += 1;
    });
    return count;
  }

  /** Takes every page from `start` up to `end` out of the map and hands each to `give`. */
  cut(start: number, end: number, give: (page: number) => void): void {
    this.#each(start, end, (leaf, from, to, leafIndex) => {
      for (let place = from; place < to; place++) {
        const page = leaf[place]!;
        if (page === HOLE) continue;
        leaf[place] = HOLE;
        this.#count -= 1;
        give(page);
      }
      if (leaf.every((page) => page === HOLE)) this.#leaves.delete(leafIndex);
    });
    this.#lastIndex = -1;
  }

  /** Every page it names. */
  *pages(): Generator<number> {
    for (const leaf of this.#leaves.values()) {
      for (const page of leaf) if (page !== HOLE) yield page;
    }
  }

  #leaf(leafIndex: number): Int32Array | undefined {
    if (leafIndex !== this.#lastIndex) {
      this.#lastLeaf = this.#leaves.get(leafIndex);
      this.#lastIndex = leafIndex;
    }
    return this.#lastLeaf;
  }

  /**
   * Visits the leaves between two page indexes: by number where they are few, else those there are.
   */
  #each(
    start: number,
    end: number,
    visit: (leaf: Int32Array, from: number, to: number, leafIndex: number) => void,
  ): void {
    const first = Math.floor(start / LEAF_PAGES);
    const last = Math.ceil(end / LEAF_PAGES);
    const see = (leafIndex: number, leaf: Int32Array | undefined): void => {
      if (leaf === undefined) return;
      const base = leafIndex * LEAF_PAGES;
      visit(leaf, Math.max(0, start - base), Math.min(LEAF_PAGES, end - base), leafIndex);
    };
    if (last - first <= this.#leaves.size) {
      for (let index = first; index < last; index++) see(index, this.#leaves.get(index));
    } else {
      for (const [index, leaf] of this.#leaves)
        if (index >= first && index < last) see(index, leaf);
    }
  }
}
