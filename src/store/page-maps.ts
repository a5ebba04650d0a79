/**
 * Which pages each file has: page index in the file to page number, holes left out.
 *
 *   levels 0     PAGE of the row is the page of index 0          files of up to 4 KiB
 *   levels n     PAGE is a node; a node has 16 places, each of which spans 16^(n-1) pages
 *
 *   node         16 words: 0 a hole · page + 1 · -(node + 1), as PAGE of a row (inodes.ts)
 *
 * So one byte at 512 MiB costs one page and five nodes of 64 bytes, an append touches the last
 * node, and the nodes never weigh more than an eighth of the pages that a file really has: what the
 * ledger charges for the pages covers them. A file of 64 KiB costs one node.
 *
 * Nodes lie in chunks that forks share, as rows do. Whoever writes owns the nodes on its way first,
 * so that a page is shared where its own count says so (pages.ts), and nowhere else.
 */

import { Chunks, type ChunkWatch } from './chunks.ts';
import { type Inodes, PAGE, PAGES } from './inodes.ts';
import { HOLE } from './pages.ts';

const NODE_WORDS = 16;
const BITS = 4;
const PLACE_MASK = NODE_WORDS - 1;
/** 64 nodes are 4 KiB. */
const SHIFT = 6;

/** The page maps of all files of one tree. */
export class PageMaps {
  readonly nodes: Chunks;
  readonly #inodes: Inodes;
  #nodeCount: number;
  /** The first free node as -(node + 1), or 0; its first word leads to the next. */
  #freeNode: number;
  #totalCount: number;

  constructor(inodes: Inodes, watch: ChunkWatch<Int32Array>, of?: PageMaps) {
    this.#inodes = inodes;
    this.nodes = of?.nodes.fork(watch) ?? new Chunks(Int32Array, NODE_WORDS, SHIFT, watch);
    this.#nodeCount = of === undefined ? 0 : of.#nodeCount;
    this.#freeNode = of === undefined ? 0 : of.#freeNode;
    this.#totalCount = of === undefined ? 0 : of.#totalCount;
  }

  /** Pages of all rows together. */
  get totalCount(): number {
    return this.#totalCount;
  }

  /** Pages that `row` has. */
  count(row: number): number {
    return this.#inodes.at(row, PAGES);
  }

  /** The page at `index` of `row`, or HOLE. */
  at(row: number, index: number): number {
    let word = this.#inodes.at(row, PAGE);
    if (word >= 0) return index === 0 ? word - 1 : HOLE;
    let level = this.#inodes.levels(row);
    if (!spans(level, index)) return HOLE;
    const { arrays, shift, mask } = this.nodes;
    while (word < 0) {
      const node = -word - 1;
      level -= 1;
      const place = (index >>> (level * BITS)) & PLACE_MASK;
      word = arrays[node >>> shift]![(node & mask) * NODE_WORDS + place]!;
    }
    return word - 1;
  }

  /** Owns `row` and the nodes on the way to `index`, and returns the page there, or HOLE. */
  own(row: number, index: number): number {
    this.#inodes.rows.own(row);
    let word = this.#inodes.at(row, PAGE);
    if (word >= 0) return index === 0 ? word - 1 : HOLE;
    let level = this.#inodes.levels(row);
    if (!spans(level, index)) return HOLE;
    while (word < 0) {
      level -= 1;
      const place = (index >>> (level * BITS)) & PLACE_MASK;
      word = this.#own(-word - 1)[this.#at(-word - 1) + place]!;
    }
    return word - 1;
  }

  /** Puts `page` at `index` of `row`, in the place of a hole or of another page. */
  put(row: number, index: number, page: number): void {
    const inodes = this.#inodes;
    let level = this.#grown(row, index);
    if (level === 0) {
      if (inodes.at(row, PAGE) === 0) this.#add(row, 1);
      inodes.set(row, PAGE, page + 1);
      return;
    }
    let node = -inodes.at(row, PAGE) - 1;
    for (level -= 1; level > 0; level--) {
      const place = (index >>> (level * BITS)) & PLACE_MASK;
      let word = this.#own(node)[this.#at(node) + place]!;
      if (word === 0) {
        word = -this.#take() - 1;
        this.#own(node)[this.#at(node) + place] = word;
      }
      node = -word - 1;
    }
    const words = this.#own(node);
    const at = this.#at(node) + (index & PLACE_MASK);
    if (words[at] === 0) this.#add(row, 1);
    words[at] = page + 1;
  }

  /** Pages of `row` from `start` up to `end`, both page indexes. */
  countBetween(row: number, start: number, end: number): number {
    if (start <= 0 && end >= 2 ** 31) return this.count(row);
    let count = 0;
    this.#each(row, start, end, () => {
      count += 1;
    });
    return count;
  }

  /** Takes every page from `start` up to `end` out of `row` and hands each to `give`. */
  cut(row: number, start: number, end: number, give: (page: number) => void): void {
    const inodes = this.#inodes;
    const word = inodes.at(row, PAGE);
    if (word === 0 || start >= end) return;
    inodes.rows.own(row);
    if (word > 0) {
      if (start > 0) return;
      inodes.set(row, PAGE, 0);
      this.#add(row, -1);
      give(word - 1);
      return;
    }
    const level = inodes.levels(row);
    const gone = this.#cutNode(-word - 1, level - 1, 0, start, end, give);
    this.#add(row, -gone);
    if (inodes.at(row, PAGES) > 0) return;
    this.#free(-word - 1);
    inodes.set(row, PAGE, 0);
    inodes.setLevels(row, 0);
  }

  /** Calls `visit` for every page of `row`, in order. */
  each(row: number, visit: (index: number, page: number) => void): void {
    this.#each(row, 0, 2 ** 31, visit);
  }

  #each(row: number, start: number, end: number, visit: (index: number, page: number) => void) {
    const word = this.#inodes.at(row, PAGE);
    if (word > 0 && start <= 0 && end > 0) visit(0, word - 1);
    if (word < 0) this.#eachIn(-word - 1, this.#inodes.levels(row) - 1, 0, start, end, visit);
  }

  #eachIn(
    node: number,
    level: number,
    base: number,
    start: number,
    end: number,
    visit: (index: number, page: number) => void,
  ): void {
    const span = NODE_WORDS ** level;
    for (let place = firstPlace(base, span, start); place < NODE_WORDS; place++) {
      const index = base + place * span;
      if (index >= end) return;
      const word = this.#wordAt(node, place);
      if (word > 0) visit(index, word - 1);
      else if (word < 0) this.#eachIn(-word - 1, level - 1, index, start, end, visit);
    }
  }

  /**
   * Cuts in `node`, which is freed by whoever calls if it is empty; returns how many pages went.
   */
  #cutNode(
    node: number,
    level: number,
    base: number,
    start: number,
    end: number,
    give: (page: number) => void,
  ): number {
    const span = NODE_WORDS ** level;
    let gone = 0;
    for (let place = firstPlace(base, span, start); place < NODE_WORDS; place++) {
      const index = base + place * span;
      if (index >= end) break;
      const word = this.#own(node)[this.#at(node) + place]!;
      if (word > 0) {
        this.#own(node)[this.#at(node) + place] = 0;
        give(word - 1);
        gone += 1;
      } else if (word < 0) {
        gone += this.#cutNode(-word - 1, level - 1, index, start, end, give);
        if (!this.#isEmpty(-word - 1)) continue;
        this.#free(-word - 1);
        this.#own(node)[this.#at(node) + place] = 0;
      }
    }
    return gone;
  }

  /** Makes the map of `row` tall enough for `index`; returns its levels. */
  #grown(row: number, index: number): number {
    const inodes = this.#inodes;
    let level = inodes.levels(row);
    while (!spans(level, index)) {
      const word = inodes.at(row, PAGE);
      const node = this.#take();
      this.#own(node)[this.#at(node)] = word;
      inodes.set(row, PAGE, -node - 1);
      level += 1;
      inodes.setLevels(row, level);
    }
    return level;
  }

  #add(row: number, count: number): void {
    this.#inodes.add(row, PAGES, count);
    this.#totalCount += count;
  }

  #isEmpty(node: number): boolean {
    for (let place = 0; place < NODE_WORDS; place++) {
      if (this.#wordAt(node, place) !== 0) return false;
    }
    return true;
  }

  /** A node of holes. */
  #take(): number {
    if (this.#freeNode === 0) {
      this.nodes.reserve(this.#nodeCount + 1);
      return this.#nodeCount++;
    }
    const node = -this.#freeNode - 1;
    this.#freeNode = this.#wordAt(node, 0);
    this.#own(node)[this.#at(node)] = 0;
    return node;
  }

  #free(node: number): void {
    const at = this.#at(node);
    const words = this.#own(node);
    words.fill(0, at, at + NODE_WORDS);
    words[at] = this.#freeNode;
    this.#freeNode = -node - 1;
  }

  #wordAt(node: number, place: number): number {
    const { arrays, shift, mask } = this.nodes;
    return arrays[node >>> shift]![(node & mask) * NODE_WORDS + place]!;
  }

  #own(node: number): Int32Array {
    return this.nodes.own(node);
  }

  #at(node: number): number {
    return (node & this.nodes.mask) * NODE_WORDS;
  }
}

/** Whether a map of `levels` has a place for `index`, which is below 2^31. */
function spans(levels: number, index: number): boolean {
  return levels * BITS >= 32 || index >>> (levels * BITS) === 0;
}

/** The first place of a node from `base` on, of `span` pages a place, that reaches `start`. */
function firstPlace(base: number, span: number, start: number): number {
  return start <= base ? 0 : Math.floor((start - base) / span);
}
