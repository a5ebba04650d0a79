/**
 * Pages: 4 KiB each, cut from slabs of 256 KiB, handed out and taken back at once.
 *
 *   page number   slab = number >> 6, place in the slab = (number & 63) * 4096
 *   slab          one Uint8Array, its memory untouched by the system until a page of it is written;
 *                 the first ones are smaller, so that a tree of little costs little
 *   owners        how many tables name a page: one, and one more for each copy of a chunk of rows
 *                 or nodes that names it (chunks.ts); a page of several is never written to
 *
 * Trees that were forked from one another have one Pages. A page asked for `near` another comes
 * right behind it where that is free, so that a file written in order lies in order and large reads
 * are few copies. A slab of which no page is used is dropped; 8 MiB of such slabs are kept, so that
 * files made and removed in turn do not ask the system for memory each time.
 *
 * Not here: who may have a page (ledger.ts), and which page of which file it is (page-maps.ts).
 */

import { assert } from '../base/assert.ts';
import { PAGE_BYTES } from '../base/limits.ts';
import type { ChunkWatch } from './chunks.ts';
import type { Labels } from './labels.ts';

/** No page: a hole, which reads as zeros and costs nothing. */
export const HOLE = -1;

const SLAB_SHIFT = 6;
const SLAB_PAGES = 1 << SLAB_SHIFT;

/** What is kept of slabs without a page in use, in bytes. */
const EMPTY_MAX_BYTES = 8 << 20;

interface Slab {
  readonly bytes: Uint8Array;
  /** By page: 0 where it is free. */
  readonly owners: Uint32Array;
  takenCount: number;
  /** No page below this index is free: where a search starts. */
  searchIndex: number;
  /** Whether it stands in the list of slabs to search. */
  isListed: boolean;
}

/** Gives memory for a slab of `size` bytes; whatever is in it. */
export type SlabMaker = (size: number) => Uint8Array;

/** The pages of one VisorFs and its forks. */
export class Pages {
  /** Whose page is whose; null until somebody has a label (labels.ts). */
  labels: Labels | null = null;
  readonly #make: SlabMaker;
  readonly #slabs: (Slab | null)[] = [];
  /** Indexes of slabs that may have a free page, the best last. */
  readonly #roomy: number[] = [];
  /** Indexes whose slab was dropped. */
  readonly #vacant: number[] = [];
  #takenCount = 0;
  #emptyBytes = 0;

  constructor(make: SlabMaker = (size) => new Uint8Array(size)) {
    this.#make = make;
  }

  /** Pages handed out and not given back; one that several tables name counts once. */
  get takenCount(): number {
    return this.#takenCount;
  }

  /** Memory held for pages, taken or not, in bytes. */
  get slabBytes(): number {
    return this.#slabs.reduce((sum, slab) => sum + (slab?.bytes.length ?? 0), 0);
  }

  /**
   * A page, right behind `near` where that one is free; `near` may be HOLE. What is in it is of no
   * meaning.
   */
  take(near: number): number {
    const next = near + 1;
    const slab = this.#slabs[next >> SLAB_SHIFT];
    const follows = near !== HOLE && slab != null && slab.owners[next & (SLAB_PAGES - 1)] === 0;
    return this.#claim(follows ? next : this.#anywhere());
  }

  /** Says that one table more names `page`. */
  share(page: number): void {
    this.#slab(page).owners[page & (SLAB_PAGES - 1)]! += 1;
  }

  /** Whether several tables name `page`. */
  isShared(page: number): boolean {
    return this.#slab(page).owners[page & (SLAB_PAGES - 1)]! > 1;
  }

  /** Says that one table less names `page`; true if it was the last, and the page is free now. */
  free(page: number): boolean {
    const slabIndex = page >> SLAB_SHIFT;
    const slab = this.#slab(page);
    const index = page & (SLAB_PAGES - 1);
    assert(slab.owners[index]! > 0, 'a page is given back once');
    slab.owners[index]! -= 1;
    if (slab.owners[index]! > 0) return false;
    this.#list(slab, slabIndex);
    slab.takenCount -= 1;
    if (index < slab.searchIndex) slab.searchIndex = index;
    this.#takenCount -= 1;
    if (slab.takenCount > 0) return true;
    if (this.#emptyBytes + slab.bytes.length > EMPTY_MAX_BYTES) this.#drop(slabIndex);
    else this.#emptyBytes += slab.bytes.length;
    return true;
  }

  /** Counts the owners of the pages that chunks name: in each `step` words, at `place`. */
  watch(step: number, place: number): ChunkWatch<Int32Array> {
    const each = (words: Int32Array, visit: (page: number) => void): void => {
      for (let at = place; at < words.length; at += step) if (words[at]! > 0) visit(words[at]! - 1);
    };
    return {
      copied: (words) => each(words, (page) => this.share(page)),
      dropped: (words) => each(words, (page) => this.free(page)),
    };
  }

  /** The slab that holds `page`, to read and write at `offsetOf(page)`. */
  bytesOf(page: number): Uint8Array {
    return this.#slab(page).bytes;
  }

  /** Where `page` starts in its slab, in bytes. */
  offsetOf(page: number): number {
    return (page & (SLAB_PAGES - 1)) * PAGE_BYTES;
  }

  /** Whether `page` lies right behind `before`, so that one copy can span both. */
  follows(before: number, page: number): boolean {
    return page === before + 1 && (page & (SLAB_PAGES - 1)) !== 0;
  }

  #slab(page: number): Slab {
    const slab = this.#slabs[page >> SLAB_SHIFT];
    assert(slab != null, 'a page is in a slab');
    return slab;
  }

  /** A page that is free. */
  #anywhere(): number {
    for (;;) {
      const slabIndex = this.#roomy.at(-1) ?? this.#addSlab();
      const slab = this.#slabs[slabIndex];
      const index = slab == null ? -1 : slab.owners.indexOf(0, slab.searchIndex);
      if (slab != null && index >= 0) {
        slab.searchIndex = index;
        return (slabIndex << SLAB_SHIFT) + index;
      }
      this.#roomy.pop();
      if (slab != null) slab.isListed = false;
    }
  }

  #list(slab: Slab, slabIndex: number): void {
    if (slab.isListed) return;
    slab.isListed = true;
    this.#roomy.push(slabIndex);
  }

  #claim(page: number): number {
    const slab = this.#slab(page);
    const index = page & (SLAB_PAGES - 1);
    slab.owners[index] = 1;
    if (slab.takenCount === 0) this.#emptyBytes -= slab.bytes.length;
    slab.takenCount += 1;
    this.#takenCount += 1;
    this.labels?.took(page);
    return page;
  }

  /** As many pages more as there are, up to a whole slab. */
  #addSlab(): number {
    let count = 2;
    while (count < SLAB_PAGES && count < this.#takenCount) count *= 2;
    const slab: Slab = {
      bytes: this.#make(count * PAGE_BYTES),
      owners: new Uint32Array(count),
      takenCount: 0,
      searchIndex: 0,
      isListed: false,
    };
    const slabIndex = this.#vacant.pop() ?? this.#slabs.length;
    this.#slabs[slabIndex] = slab;
    this.#emptyBytes += slab.bytes.length;
    this.#list(slab, slabIndex);
    return slabIndex;
  }

  #drop(slabIndex: number): void {
    this.#slabs[slabIndex] = null;
    this.#vacant.push(slabIndex);
    const place = this.#roomy.indexOf(slabIndex);
    if (place >= 0) this.#roomy.splice(place, 1);
  }
}
