/**
 * The data of files that were written, page by page.
 *
 *   image     |  page 0  |  page 1  |  page 2 |          below = bytes that still show through
 *   branch    |    ·     |  page 7  |    ·    |   ·   |  page 9  |          · = hole
 *   read      |  image   |  page 7  |  image  | zeros |  page 9  |
 *
 * A branch starts without pages. A page of it is copied when it is first written, so changing one
 * byte of a large file costs one page. A page that a fork has too is copied before it is written
 * to. What a page holds behind the end of its file is of no meaning: it is zeroed when the file
 * grows over it, and not before.
 *
 * The only charges made here are for pages, before the first of them is taken.
 *
 * Not here: whose row it is, what else a row is charged for (delta.ts).
 */

import { VisorError } from '../base/errors.ts';
import { FILE_MAX_BYTES, PAGE_BYTES } from '../base/limits.ts';
import type { Inodes } from '../store/inodes.ts';
import type { Ledger } from '../store/ledger.ts';
import type { PageMaps } from '../store/page-maps.ts';
import { HOLE, type Pages } from '../store/pages.ts';

/** Reads the bytes that lie below a branch: fills `target` from `offset` of its origin. */
export type ReadBelow = (origin: number, target: Uint8Array, offset: number) => void;

/** The data of all files of one Delta. */
export class FileData {
  readonly inodes: Inodes;
  readonly pages: Pages;
  readonly #pageMaps: PageMaps;
  readonly #ledgerOf: (row: number) => Ledger;
  /** What `#count` counted last. */
  #missing = 0;
  #shared = 0;

  constructor(inodes: Inodes, pages: Pages, pageMaps: PageMaps, ledgerOf: (row: number) => Ledger) {
    this.inodes = inodes;
    this.pages = pages;
    this.#pageMaps = pageMaps;
    this.#ledgerOf = ledgerOf;
  }

  /** Pages that `row` holds. */
  pageCount(row: number): number {
    return this.#pageMaps.count(row);
  }

  /** Pages of `row` that a fork has too: writing to one takes the memory of another. */
  sharedPageCount(row: number): number {
    let shared = 0;
    this.eachPage(row, (index) => {
      if (this.pages.isShared(this.#pageMaps.own(row, index))) shared += 1;
    });
    return shared;
  }

  /** Calls `visit` for every page of `row`, in order: its index in the file, and its number. */
  eachPage(row: number, visit: (index: number, page: number) => void): void {
    this.#pageMaps.each(row, visit);
  }

  /**
   * Fills `target` with the data of `row` from `offset` on, holes with what `below` reads; the
   * caller keeps it within the size.
   */
  readInto(row: number, target: Uint8Array, offset: number, below: ReadBelow): void {
    const maps = this.#pageMaps;
    const end = offset + target.length;
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / PAGE_BYTES);
      const page = maps.at(row, index);
      let next = Math.min((index + 1) * PAGE_BYTES, end);
      if (page === HOLE) {
        // A run of holes is one read from below and one fill, however long.
        while (next < end && maps.at(row, next / PAGE_BYTES) === HOLE) {
          next = Math.min(next + PAGE_BYTES, end);
        }
        this.#readHole(row, target.subarray(at - offset, next - offset), at, below);
      } else {
        let last = page;
        while (next < end) {
          const following = maps.at(row, next / PAGE_BYTES);
          if (!this.pages.follows(last, following)) break;
          last = following;
          next = Math.min(next + PAGE_BYTES, end);
        }
        const from = this.pages.offsetOf(page) + (at % PAGE_BYTES);
        target.set(this.pages.bytesOf(page).subarray(from, from + next - at), at - offset);
      }
      at = next;
    }
  }

  /** The data of `row` in place, or null where it does not lie in one piece of memory. */
  view(row: number): Uint8Array | null {
    const size = this.inodes.size(row);
    if (size === 0) return new Uint8Array(0);
    const first = this.#pageMaps.at(row, 0);
    if (first === HOLE) return null;
    let last = first;
    for (let index = 1; index * PAGE_BYTES < size; index++) {
      const page = this.#pageMaps.at(row, index);
      if (!this.pages.follows(last, page)) return null;
      last = page;
    }
    const from = this.pages.offsetOf(first);
    return this.pages.bytesOf(first).subarray(from, from + size);
  }

  /**
   * Writes `bytes` at `offset` of `row`; what they leave of a page that had none is read by
   * `below`. Throws ENOSPC, ENOMEM, EFBIG or what `below` throws, and then the data is as it was:
   * either all of it fits or none is written.
   */
  write(row: number, bytes: Uint8Array, offset: number, below: ReadBelow): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    if (end > FILE_MAX_BYTES) throw new VisorError('EFBIG');
    const tail = this.#tailBefore(row, offset);
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.ceil(end / PAGE_BYTES);
    this.#charge(row, first, last, tail);
    try {
      this.#pullEnds(row, offset, end, below);
    } catch (error) {
      this.#refund(row, first, last, tail);
      throw error;
    }
    if (tail !== HOLE) this.#zeroTail(row, tail, offset);
    this.#fill(row, bytes, offset);
  }

  /** Makes `bytes` all that `row` holds. Throws as `write`, and the old data is there then. */
  replace(row: number, bytes: Uint8Array): void {
    if (bytes.length > FILE_MAX_BYTES) throw new VisorError('EFBIG');
    const ledger = this.#ledgerOf(row);
    const needed = Math.ceil(bytes.length / PAGE_BYTES);
    // What is given up comes back to the budget, unless a fork goes on holding it.
    const more = needed - this.pageCount(row);
    const shared = this.sharedPageCount(row) * PAGE_BYTES;
    ledger.check(Math.max(0, more) * PAGE_BYTES, 0);
    if (needed > 0) ledger.checkShared(ledger.commitment(more * PAGE_BYTES) + shared);
    if (more < 0 || this.inodes.levels(row) > 0) this.cut(row, needed);
    this.#charge(row, 0, needed, HOLE);
    this.inodes.setBelow(row, 0);
    this.inodes.setSize(row, 0);
    this.#fill(row, bytes, 0);
  }

  /**
   * Sets the size of `row`; what is cut off is given back, what is added is a hole. Throws EFBIG,
   * and ENOMEM where it grows over a page that is shared with a fork and no copy of it fits.
   */
  truncate(row: number, size: number): void {
    if (size > FILE_MAX_BYTES) throw new VisorError('EFBIG');
    if (size < this.inodes.size(row)) {
      this.cut(row, Math.ceil(size / PAGE_BYTES));
      if (this.inodes.below(row) > size) this.inodes.setBelow(row, size);
    }
    const tail = this.#tailBefore(row, size);
    if (tail !== HOLE) {
      this.#charge(row, 0, 0, tail);
      this.#zeroTail(row, tail, size);
    }
    this.inodes.setSize(row, size);
  }

  /** What `materialize` needs for `row`, in bytes. */
  materialCost(row: number): number {
    const pages = Math.ceil(this.inodes.below(row) / PAGE_BYTES);
    return (pages - this.#pageMaps.countBetween(row, 0, pages)) * PAGE_BYTES;
  }

  /**
   * Copies into pages, paid for before, what still shows through from the origin of `row`. Throws
   * what `below` throws; then `materialCost` says what was not used of the payment.
   */
  materialize(row: number, below: ReadBelow): void {
    const end = Math.ceil(this.inodes.below(row) / PAGE_BYTES);
    let near = HOLE;
    for (let index = 0; index < end; index++) {
      const there = this.#pageMaps.at(row, index);
      near = there === HOLE ? this.#pullPage(row, index, near, below) : there;
    }
    this.inodes.setBelow(row, 0);
  }

  /** Puts the page `bytes`, paid for before, at `index` of `row`, where there is a hole. */
  putPage(row: number, index: number, bytes: Uint8Array): void {
    const page = this.pages.take(this.#before(row, index));
    this.pages.bytesOf(page).set(bytes, this.pages.offsetOf(page));
    this.#pageMaps.put(row, index, page);
  }

  /**
   * Charges for the pages that a write to the pages from `first` up to `last` needs, and for a copy
   * of the page at `tail`, unless that is HOLE.
   */
  #charge(row: number, first: number, last: number, tail: number): void {
    this.#count(row, first, last, tail);
    const missing = this.#missing;
    const shared = this.#shared;
    if (missing + shared === 0) return;
    const ledger = this.#ledgerOf(row);
    const more = ledger.commitment(missing * PAGE_BYTES);
    if (shared > 0) ledger.checkShared(more + shared * PAGE_BYTES);
    if (missing > 0) ledger.charge(missing * PAGE_BYTES, 0);
    if (shared > 0) ledger.unshare(shared * PAGE_BYTES);
  }

  /** Gives back of a charge what was not used. */
  #refund(row: number, first: number, last: number, tail: number): void {
    this.#count(row, first, last, tail);
    const ledger = this.#ledgerOf(row);
    ledger.release(this.#missing * PAGE_BYTES, 0);
    ledger.unshare(-this.#shared * PAGE_BYTES);
  }

  /** Counts the pages that a charge is for: those that are not there, and those to be copied. */
  #count(row: number, first: number, last: number, tail: number): void {
    let missing = 0;
    let shared = tail !== HOLE && this.pages.isShared(this.#pageMaps.own(row, tail)) ? 1 : 0;
    for (let index = first; index < last; index++) {
      const page = this.#pageMaps.own(row, index);
      if (page === HOLE) missing += 1;
      else if (index !== tail && this.pages.isShared(page)) shared += 1;
    }
    this.#missing = missing;
    this.#shared = shared;
  }

  /**
   * Makes pages, paid for before, of what shows through where a write from `offset` to `end` starts
   * and ends within a page. Nothing else of a write can fail, and this shows nowhere.
   */
  #pullEnds(row: number, offset: number, end: number, below: ReadBelow): void {
    if (offset % PAGE_BYTES !== 0) this.#pullAt(row, Math.floor(offset / PAGE_BYTES), below);
    if (end % PAGE_BYTES !== 0) this.#pullAt(row, Math.floor(end / PAGE_BYTES), below);
  }

  #pullAt(row: number, index: number, below: ReadBelow): void {
    if (index * PAGE_BYTES >= this.inodes.below(row)) return;
    if (this.#pageMaps.at(row, index) !== HOLE) return;
    this.#pullPage(row, index, this.#before(row, index), below);
  }

  /** A page of what shows through at `index`, where there is a hole. */
  #pullPage(row: number, index: number, near: number, below: ReadBelow): number {
    const page = this.pages.take(near);
    try {
      this.#readHole(row, this.#bytesOf(page), index * PAGE_BYTES, below);
    } catch (error) {
      this.pages.free(page);
      throw error;
    }
    this.#pageMaps.put(row, index, page);
    return page;
  }

  /** Writes `bytes` into pages that are paid for. */
  #fill(row: number, bytes: Uint8Array, offset: number): void {
    const end = offset + bytes.length;
    const from = Math.min(end, Math.ceil(offset / PAGE_BYTES) * PAGE_BYTES);
    const to = Math.max(from, Math.floor(end / PAGE_BYTES) * PAGE_BYTES);
    if (offset < from) this.#fillPart(row, bytes.subarray(0, from - offset), offset);
    if (from < to) this.#fillPages(row, bytes.subarray(from - offset, to - offset), from);
    if (to < end) this.#fillPart(row, to === offset ? bytes : bytes.subarray(to - offset), to);
    if (end > this.inodes.size(row)) this.inodes.setSize(row, end);
  }

  /** Writes `bytes` into a part of one page. */
  #fillPart(row: number, bytes: Uint8Array, offset: number): void {
    const index = Math.floor(offset / PAGE_BYTES);
    const at = offset % PAGE_BYTES;
    const page = this.#pageFor(row, index, this.#before(row, index), at, at + bytes.length);
    this.pages.bytesOf(page).set(bytes, this.pages.offsetOf(page) + at);
  }

  /** Writes `bytes`, which are whole pages; those that lie in one piece are one copy. */
  #fillPages(row: number, bytes: Uint8Array, offset: number): void {
    const first = offset / PAGE_BYTES;
    let near = this.#before(row, first);
    let piece = HOLE;
    let from = 0;
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const index = first + at / PAGE_BYTES;
      const page = this.#pageFor(row, index, near, 0, PAGE_BYTES);
      if (at > 0 && !this.pages.follows(near, page)) {
        this.pages.bytesOf(piece).set(bytes.subarray(from, at), this.pages.offsetOf(piece));
        from = at;
      }
      if (from === at) piece = page;
      near = page;
    }
    this.pages.bytesOf(piece).set(bytes.subarray(from), this.pages.offsetOf(piece));
  }

  /** The page before the one at `index`, which a new one should follow; HOLE. */
  #before(row: number, index: number): number {
    return index > 0 ? this.#pageMaps.at(row, index - 1) : HOLE;
  }

  /**
   * The page at `index` of `row`, to write to from `from` up to `to` of it: the one that is there
   * and no fork has too, or a new one that holds what showed there before.
   */
  #pageFor(row: number, index: number, near: number, from: number, to: number): number {
    const there = this.#pageMaps.own(row, index);
    if (there === HOLE) return this.#newPage(row, index, near, from, to);
    if (!this.pages.isShared(there)) return there;
    const page = this.pages.take(near);
    this.pages.labels?.copied(there, page);
    if (to - from < PAGE_BYTES) {
      this.pages.bytesOf(page).set(this.#bytesOf(there), this.pages.offsetOf(page));
    }
    this.#pageMaps.put(row, index, page);
    this.pages.free(there);
    return page;
  }

  /** A page for a hole below which nothing is: what shows of it and is not written is zeros. */
  #newPage(row: number, index: number, near: number, from: number, to: number): number {
    const page = this.pages.take(near);
    if (to - from < PAGE_BYTES) {
      const bytes = this.pages.bytesOf(page);
      const at = this.pages.offsetOf(page);
      const shown = Math.min(PAGE_BYTES, this.inodes.size(row) - index * PAGE_BYTES);
      if (from > 0) bytes.fill(0, at, at + from);
      if (shown > to) bytes.fill(0, at + to, at + shown);
    }
    this.#pageMaps.put(row, index, page);
    return page;
  }

  #bytesOf(page: number): Uint8Array {
    const from = this.pages.offsetOf(page);
    return this.pages.bytesOf(page).subarray(from, from + PAGE_BYTES);
  }

  /**
   * The index of the page in which `row` ends, if it is to grow to `offset` over the rest; HOLE.
   */
  #tailBefore(row: number, offset: number): number {
    const size = this.inodes.size(row);
    if (offset <= size || size % PAGE_BYTES === 0) return HOLE;
    const index = Math.floor(size / PAGE_BYTES);
    return this.#pageMaps.at(row, index) === HOLE ? HOLE : index;
  }

  /** Zeroes what the page at `index`, the last of `row`, has behind its end and before `offset`. */
  #zeroTail(row: number, index: number, offset: number): void {
    const page = this.#pageFor(row, index, HOLE, 0, 0);
    const start = index * PAGE_BYTES;
    this.#bytesOf(page).fill(0, this.inodes.size(row) - start, offset - start);
  }

  /** Takes the pages of `row` from `first` on away and gives back what they were charged. */
  cut(row: number, first: number): void {
    let freed = 0;
    let shared = 0;
    this.#pageMaps.cut(row, first, 2 ** 31, (page) => {
      if (this.pages.free(page)) freed += 1;
      else shared += 1;
    });
    if (freed > 0) this.#ledgerOf(row).release(freed * PAGE_BYTES, 0);
    if (shared > 0) this.#ledgerOf(row).releaseShared(shared * PAGE_BYTES);
  }

  #readHole(row: number, target: Uint8Array, offset: number, read: ReadBelow): void {
    const below = Math.min(target.length, Math.max(0, this.inodes.below(row) - offset));
    if (below > 0) read(this.inodes.origin(row), target.subarray(0, below), offset);
    target.fill(0, below);
  }
}
