/**
 * Pages: 4 KiB each, cut from slabs of 256 KiB, handed out zeroed and taken back at once.
 *
 *   page number   slab = number >> 6, place in the slab = (number & 63) * 4096
 *   slab          one Uint8Array, its memory untouched by the system until a page of it is written
 *
 * A page asked for `near` another comes right behind it where that is free, so that a file written
 * in order lies in order and large reads are few copies. A slab of which no page is used is
 * dropped; one is kept, so that a file made and removed in turn does not allocate each time.
 *
 * Not here: who may have a page (ledger.ts), and which page of which file it is (page-map.ts).
 */

import { assert } from '../base/assert.ts';
import { PAGE_BYTES } from '../base/limits.ts';

/** No page: a hole, which reads as zeros and costs nothing. */
export const HOLE = -1;

const SLAB_SHIFT = 6;
const SLAB_PAGES = 1 << SLAB_SHIFT;

interface Slab {
  readonly bytes: Uint8Array;
  /** 1 where the page is taken. */
  readonly taken: Uint8Array;
  takenCount: number;
  /** Pages from here on were never written, so they are zero already. */
  cleanIndex: number;
  /** No page below this index is free: where a search starts. */
  searchIndex: number;
  /** Whether it stands in the list of slabs to search. */
  isListed: boolean;
}

/** The pages of one VisorFs. */
export class Pages {
  readonly #slabs: (Slab | null)[] = [];
  /** Indexes of slabs that may have a free page, the best last. */
  readonly #roomy: number[] = [];
  /** Indexes whose slab was dropped. */
  readonly #vacant: number[] = [];
  #takenCount = 0;
  #emptyCount = 0;

  /** Pages handed out and not given back. */
  get takenCount(): number {
    return this.#takenCount;
  }

  /** Memory held for pages, taken or not, in bytes. */
  get slabBytes(): number {
    return this.#slabs.reduce((sum, slab) => sum + (slab?.bytes.length ?? 0), 0);
  }

  /** A zeroed page, right behind `near` where that one is free. `near` may be HOLE. */
  take(near: number): number {
    const next = near + 1;
    const slab = this.#slabs[next >> SLAB_SHIFT];
    const follows = near !== HOLE && slab != null && slab.taken[next & (SLAB_PAGES - 1)] === 0;
    return follows ? this.#claim(slab, next) : this.#takeAnywhere();
  }

  /** Gives `page` back. */
  free(page: number): void {
    const slabIndex = page >> SLAB_SHIFT;
    const slab = this.#slab(page);
    const index = page & (SLAB_PAGES - 1);
    assert(slab.taken[index] === 1, `page ${page} is given back once`);
    slab.taken[index] = 0;
    this.#list(slab, slabIndex);
    slab.takenCount -= 1;
    if (index < slab.searchIndex) slab.searchIndex = index;
    this.#takenCount -= 1;
    if (slab.takenCount > 0) return;
    if (this.#emptyCount > 0) this.#drop(slabIndex);
    else this.#emptyCount += 1;
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
    assert(slab != null, `page ${page} is in a slab`);
    return slab;
  }

  #takeAnywhere(): number {
    for (;;) {
      const slabIndex = this.#roomy.at(-1) ?? this.#addSlab();
      const slab = this.#slabs[slabIndex];
      const index = slab == null ? -1 : slab.taken.indexOf(0, slab.searchIndex);
      if (slab != null && index >= 0) {
        slab.searchIndex = index;
        return this.#claim(slab, (slabIndex << SLAB_SHIFT) + index);
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

  #claim(slab: Slab, page: number): number {
    const index = page & (SLAB_PAGES - 1);
    slab.taken[index] = 1;
    if (slab.takenCount === 0) this.#emptyCount -= 1;
    slab.takenCount += 1;
    this.#takenCount += 1;
    if (index < slab.cleanIndex) {
      slab.bytes.fill(0, index * PAGE_BYTES, (index + 1) * PAGE_BYTES);
    } else {
      slab.cleanIndex = index + 1;
    }
    return page;
  }

  #addSlab(): number {
    const slab: Slab = {
      bytes: new Uint8Array(SLAB_PAGES * PAGE_BYTES),
      taken: new Uint8Array(SLAB_PAGES),
      takenCount: 0,
      cleanIndex: 0,
      searchIndex: 0,
      isListed: false,
    };
    const slabIndex = this.#vacant.pop() ?? this.#slabs.length;
    this.#slabs[slabIndex] = slab;
    this.#emptyCount += 1;
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
