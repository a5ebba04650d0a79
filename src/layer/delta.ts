/**
 * What was written: the inodes, names and pages of one VisorFs that no image gave.
 *
 *   row       an inode of ours: new, or the branch of an image inode (`origin`), which it covers
 *   dirents   (directory, name) to inode; a name that leads to WHITEOUT is deleted
 *   pages     4 KiB each; where a branch has none, `below` bytes of the image show through
 *
 * A branch starts as attributes alone. A page of it is copied when it is first written, so changing
 * one byte of a large file costs one page.
 *
 *   image     |  page 0  |  page 1  |  page 2 |          below = bytes that still show through
 *   branch    |    ·     |  page 7  |    ·    |   ·   |  page 9  |          · = hole
 *   read      |  image   |  page 7  |  image  | zeros |  page 9  |
 *
 * Whoever calls has charged the ledger first; what is given back here is released here. The only
 * charge made here is for the pages of `write` and `replace`, before the first of them is taken.
 *
 * Not here: which directory, whose permission, what time it is (vfs/).
 */

import { VisorError } from '../base/errors.ts';
import { ENTRY_BYTES, FILE_MAX_BYTES, PAGE_BYTES } from '../base/limits.ts';
import { Dirents, NONE } from '../store/dirents.ts';
import { Inodes } from '../store/inodes.ts';
import type { Ledger } from '../store/ledger.ts';
import { PageMap } from '../store/page-map.ts';
import { HOLE, Pages } from '../store/pages.ts';
import type { Ramdisk } from './ramdisk.ts';

/** Child of a name that is deleted: it hides what the image has there. */
export const WHITEOUT = 0;

/** Reads the bytes that lie below a branch: fills `target` from `offset` of its origin. */
export type ReadBelow = (origin: number, target: Uint8Array, offset: number) => void;

/** What one name costs, in bytes. */
export function nameCost(nameLength: number): number {
  return ENTRY_BYTES + nameLength;
}

/** Everything that was written into one VisorFs. */
export class Delta {
  readonly inodes = new Inodes();
  readonly dirents = new Dirents();
  readonly pages = new Pages();
  /** Image inode to the row that covers it. */
  readonly branches = new Map<number, number>();
  /** By index; a removed one leaves a gap. */
  readonly ramdisks: (Ramdisk | undefined)[] = [];
  readonly #readBelow: ReadBelow;
  /** Bytes of a branch that still show through from its origin. */
  readonly #below = new Map<number, number>();

  constructor(readBelow: ReadBelow) {
    this.#readBelow = readBelow;
  }

  /** The ledger that pays for `row` and, where it is a directory, for the names in it. */
  ledgerOf(row: number): Ledger {
    return this.ramdisks[this.inodes.ramdisk[row]!]!.ledger;
  }

  /** Pages that `row` holds. */
  pageCount(row: number): number {
    return this.inodes.map[row]?.count ?? (this.inodes.page[row] === HOLE ? 0 : 1);
  }

  /** Bytes of `row` that come from its origin and not from pages, if it is a branch. */
  belowBytes(row: number): number {
    return this.#below.get(row) ?? 0;
  }

  /**
   * What `row` is charged for, in bytes: its pages and its link target. Its names are not among it.
   */
  chargedBytes(row: number): number {
    return this.pageCount(row) * PAGE_BYTES + (this.inodes.target.get(row)?.length ?? 0);
  }

  /** Says that the first `size` bytes of the branch `row` show through from its origin. */
  showBelow(row: number, size: number): void {
    this.#below.set(row, size);
  }

  /** Gives back `row` and all it holds. No name leads to it any more. */
  drop(row: number): void {
    const ledger = this.ledgerOf(row);
    ledger.release(this.chargedBytes(row), 1);
    this.#eachPage(row, 0, (page) => this.pages.free(page));
    this.#below.delete(row);
    const origin = this.inodes.origin[row]!;
    if (this.branches.get(origin) === row) this.branches.delete(origin);
    this.inodes.free(row);
  }

  /** Takes the name `entry` out of the directory of `directoryRow`, which is paid back. */
  dropName(entry: number, directoryRow: number): void {
    this.ledgerOf(directoryRow).release(nameCost(this.dirents.nameLength(entry)), 0);
    this.dirents.remove(entry);
  }

  /** Takes every whiteout out of `directory`, which nobody can see into any more. */
  dropWhiteouts(directory: number, directoryRow: number): void {
    for (let entry = this.dirents.first(directory); entry !== NONE; ) {
      const next = this.dirents.next(entry);
      if (this.dirents.child(entry) === WHITEOUT) this.dropName(entry, directoryRow);
      entry = next;
    }
  }

  /**
   * Fills `target` with the data of `row` from `offset` on; the caller keeps it within the size.
   */
  readInto(row: number, target: Uint8Array, offset: number): void {
    const end = offset + target.length;
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / PAGE_BYTES);
      const page = this.#pageAt(row, index);
      let next = Math.min((index + 1) * PAGE_BYTES, end);
      if (page === HOLE) {
        // A run of holes is one read from below and one fill, however long.
        while (next < end && this.#pageAt(row, next / PAGE_BYTES) === HOLE) {
          next = Math.min(next + PAGE_BYTES, end);
        }
        this.#readHole(row, target.subarray(at - offset, next - offset), at);
      } else {
        let last = page;
        while (next < end) {
          const following = this.#pageAt(row, next / PAGE_BYTES);
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
    const size = this.inodes.size[row]!;
    if (size === 0) return new Uint8Array(0);
    const first = this.#pageAt(row, 0);
    if (first === HOLE) return null;
    let last = first;
    for (let index = 1; index * PAGE_BYTES < size; index++) {
      const page = this.#pageAt(row, index);
      if (!this.pages.follows(last, page)) return null;
      last = page;
    }
    const from = this.pages.offsetOf(first);
    return this.pages.bytesOf(first).subarray(from, from + size);
  }

  /**
   * Writes `bytes` at `offset` of `row`. Throws ENOSPC, ENOMEM or EFBIG and has then changed
   * nothing: either all of it fits or none is written.
   */
  write(row: number, bytes: Uint8Array, offset: number): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    if (end > FILE_MAX_BYTES) throw new VisorError('EFBIG');
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.ceil(end / PAGE_BYTES);
    const missing = last - first - this.#countPages(row, first, last);
    this.ledgerOf(row).charge(missing * PAGE_BYTES, 0);
    this.#fill(row, bytes, offset);
  }

  /** Makes `bytes` all that `row` holds. Throws as `write`, and the old data is there then. */
  replace(row: number, bytes: Uint8Array): void {
    if (bytes.length > FILE_MAX_BYTES) throw new VisorError('EFBIG');
    const more = Math.ceil(bytes.length / PAGE_BYTES) - this.pageCount(row);
    if (more > 0) this.ledgerOf(row).charge(more * PAGE_BYTES, 0);
    this.#eachPage(row, 0, (page) => this.pages.free(page));
    if (more < 0) this.ledgerOf(row).release(-more * PAGE_BYTES, 0);
    this.#below.delete(row);
    this.inodes.size[row] = 0;
    this.#fill(row, bytes, 0);
  }

  /** Writes `bytes` into pages that are paid for. */
  #fill(row: number, bytes: Uint8Array, offset: number): void {
    const end = offset + bytes.length;
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.ceil(end / PAGE_BYTES);
    let near = first > 0 ? this.#pageAt(row, first - 1) : HOLE;
    for (let index = first; index < last; index++) {
      const start = index * PAGE_BYTES;
      const from = Math.max(start, offset);
      const to = Math.min(start + PAGE_BYTES, end);
      near = this.#pageFor(row, index, near, to - from === PAGE_BYTES);
      const piece = bytes.subarray(from - offset, to - offset);
      this.pages.bytesOf(near).set(piece, this.pages.offsetOf(near) + from - start);
    }
    if (end > this.inodes.size[row]!) this.inodes.size[row] = end;
  }

  /**
   * Sets the size of `row`; what is cut off is given back, what is added is a hole. Throws EFBIG.
   */
  truncate(row: number, size: number): void {
    if (size > FILE_MAX_BYTES) throw new VisorError('EFBIG');
    if (size < this.inodes.size[row]!) {
      const firstGone = Math.ceil(size / PAGE_BYTES);
      let freed = 0;
      this.#eachPage(row, firstGone, (page) => {
        this.pages.free(page);
        freed += 1;
      });
      this.ledgerOf(row).release(freed * PAGE_BYTES, 0);
      this.#clearTail(row, size);
      if (this.belowBytes(row) > size) this.#below.set(row, size);
    }
    this.inodes.size[row] = size;
  }

  /** What `materialize` needs for `row`, in bytes. */
  materialCost(row: number): number {
    const pages = Math.ceil(this.belowBytes(row) / PAGE_BYTES);
    return (pages - this.#countPages(row, 0, pages)) * PAGE_BYTES;
  }

  /** Copies into pages, paid for before, what still shows through from the origin of `row`. */
  materialize(row: number): void {
    const end = Math.ceil(this.belowBytes(row) / PAGE_BYTES);
    let near = HOLE;
    for (let index = 0; index < end; index++) near = this.#pageFor(row, index, near, false);
    this.#below.delete(row);
  }

  #pageAt(row: number, index: number): number {
    const map = this.inodes.map[row];
    if (map !== undefined) return map.at(index);
    return index === 0 ? this.inodes.page[row]! : HOLE;
  }

  #countPages(row: number, start: number, end: number): number {
    const map = this.inodes.map[row];
    if (map !== undefined) return map.countBetween(start, end);
    return start === 0 && end > 0 && this.inodes.page[row] !== HOLE ? 1 : 0;
  }

  /**
   * The page at `index` of `row`: the one that is there, or a new one that holds what showed there
   * before.
   */
  #pageFor(row: number, index: number, near: number, overwritten: boolean): number {
    const there = this.#pageAt(row, index);
    if (there !== HOLE) return there;
    const page = this.pages.take(near);
    const start = index * PAGE_BYTES;
    if (!overwritten && start < this.belowBytes(row)) {
      const from = this.pages.offsetOf(page);
      this.#readHole(row, this.pages.bytesOf(page).subarray(from, from + PAGE_BYTES), start);
    }
    this.#setPage(row, index, page);
    return page;
  }

  #setPage(row: number, index: number, page: number): void {
    const { map } = this.inodes;
    if (index === 0 && map[row] === undefined) {
      this.inodes.page[row] = page;
      return;
    }
    let pageMap = map[row];
    if (pageMap === undefined) {
      pageMap = new PageMap();
      map[row] = pageMap;
      const only = this.inodes.page[row]!;
      if (only !== HOLE) pageMap.put(0, only);
      this.inodes.page[row] = HOLE;
    }
    pageMap.put(index, page);
  }

  /** Hands every page of `row` from `start` on to `give`, and forgets it. */
  #eachPage(row: number, start: number, give: (page: number) => void): void {
    const map = this.inodes.map[row];
    if (map !== undefined) {
      map.cut(start, Math.ceil(this.inodes.size[row]! / PAGE_BYTES), give);
      return;
    }
    const only = this.inodes.page[row]!;
    if (start > 0 || only === HOLE) return;
    this.inodes.page[row] = HOLE;
    give(only);
  }

  /** Zeroes what the last page holds behind `size`, so that growing again shows zeros. */
  #clearTail(row: number, size: number): void {
    const within = size % PAGE_BYTES;
    if (within === 0) return;
    const page = this.#pageAt(row, Math.floor(size / PAGE_BYTES));
    if (page === HOLE) return;
    const from = this.pages.offsetOf(page);
    this.pages.bytesOf(page).fill(0, from + within, from + PAGE_BYTES);
  }

  #readHole(row: number, target: Uint8Array, offset: number): void {
    const below = Math.min(target.length, Math.max(0, this.belowBytes(row) - offset));
    if (below > 0) this.#readBelow(this.inodes.origin[row]!, target.subarray(0, below), offset);
    target.fill(0, below);
  }
}
