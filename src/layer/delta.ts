/**
 * What was written: the inodes, names and pages of one VisorFs that no image gave.
 *
 *   row       an inode of ours: new, or the branch of an image inode (`origin`), which it covers
 *   dirents   (directory, name) to inode; a name that leads to WHITEOUT is deleted
 *   pages     4 KiB each; where a branch has none, `below` bytes of the image show through
 *
 * A branch starts as attributes alone. A page of it is copied when it is first written.
 *
 *   image     |  page 0  |  page 1  |  page 2 |          below = bytes that still show through
 *   branch    |    ·     |  page 7  |    ·    |   ·   |  page 9  |          · = hole
 *   read      |  image   |  page 7  |  image  | zeros |  page 9  |
 *
 * A fork shares every table and page with what it was forked from until one of the two writes; what
 * is then copied is a chunk of rows and the page written to (store/chunks.ts, store/pages.ts).
 *
 * Whoever calls has charged the ledger first; what is given back here is released here. The only
 * charges made here are for pages, before the first of them is taken.
 *
 * Not here: which directory, whose permission, what time it is (vfs/).
 */

import { VisorError } from '../base/errors.ts';
import { ENTRY_BYTES, FILE_MAX_BYTES, PAGE_BYTES } from '../base/limits.ts';
import { Chunks } from '../store/chunks.ts';
import { Dirents, NONE } from '../store/dirents.ts';
import { INODE_WORDS, Inodes, PAGE } from '../store/inodes.ts';
import type { Budget, Ledger, LedgerWatch } from '../store/ledger.ts';
import { PageMaps } from '../store/page-maps.ts';
import { HOLE, Pages } from '../store/pages.ts';
import { Ramdisk } from './ramdisk.ts';

/** Child of a name that is deleted: it hides what the image has there. */
export const WHITEOUT = 0;

/** Reads the bytes that lie below a branch: fills `target` from `offset` of its origin. */
export type ReadBelow = (origin: number, target: Uint8Array, offset: number) => void;

/** 512 image inodes to a chunk: 2 KiB. */
const BRANCHES_SHIFT = 9;

/** What one name costs, in bytes. */
export function nameCost(nameLength: number): number {
  return ENTRY_BYTES + nameLength;
}

/** Everything that was written into one VisorFs. */
export class Delta {
  readonly inodes: Inodes;
  readonly dirents: Dirents;
  readonly pages: Pages;
  /** The memory that it shares with its forks. */
  readonly budget: Budget;
  /** By index; a removed one leaves a gap. */
  readonly ramdisks: (Ramdisk | undefined)[] = [];
  readonly #pageMaps: PageMaps;
  #isReleased = false;
  /** Image inode to the row that covers it; 0 for none. */
  readonly #branches: Chunks;

  constructor(budget: Budget, of?: Delta) {
    this.budget = budget;
    this.pages = of?.pages ?? new Pages();
    this.inodes = new Inodes(this.pages.watch(INODE_WORDS, PAGE), of?.inodes);
    const maps = this.pages.watch(1, 0);
    this.#pageMaps = new PageMaps(this.inodes, maps, of === undefined ? of : of.#pageMaps);
    this.dirents = of?.dirents.fork() ?? new Dirents('forking');
    this.#branches =
      of === undefined ? new Chunks(Int32Array, 1, BRANCHES_SHIFT) : of.#branches.fork();
  }

  /** Whether it was given back. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Bytes of the pages of all rows, shared or not. */
  get pageBytes(): number {
    return this.#pageMaps.totalCount * PAGE_BYTES;
  }

  /**
   * The same as a Delta of its own, with ledgers of its own that tell `watch`. Throws ENOMEM where
   * the names and promises of a second one do not fit, EINVAL where it was released.
   */
  fork(watch: LedgerWatch): Delta {
    if (this.#isReleased) throw new VisorError('EINVAL');
    const ledgers = this.budget.fork(
      this.ramdisks.map((ramdisk) => ramdisk?.ledger),
      this.pageBytes,
      watch,
    );
    const twin = new Delta(this.budget, this);
    for (const [index, ramdisk] of this.ramdisks.entries()) {
      const ledger = ledgers[index];
      const isThere = ramdisk !== undefined && ledger !== undefined;
      twin.ramdisks.push(isThere ? new Ramdisk(ramdisk.name, ramdisk.root, ledger) : undefined);
    }
    return twin;
  }

  /** Gives back all that it holds and no fork shares, once. Nothing may be asked of it then. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    const { pageBytes } = this;
    const before = this.pages.takenCount;
    this.inodes.rows.release();
    this.#pageMaps.nodes.release();
    this.#branches.release();
    this.dirents.release();
    const freedBytes = (before - this.pages.takenCount) * PAGE_BYTES;
    const ledgers = this.ramdisks.map((ramdisk) => ramdisk?.ledger);
    this.budget.release(ledgers, pageBytes - freedBytes);
  }

  /** The row that covers the image inode `ino`, or 0. */
  branchOf(ino: number): number {
    const { arrays, shift, mask } = this.#branches;
    return arrays[ino >>> shift]?.[ino & mask] ?? 0;
  }

  /** Says that `row` covers the image inode `ino`; 0 that none does. */
  setBranch(ino: number, row: number): void {
    this.#branches.reserve(ino + 1);
    this.#branches.own(ino)[ino & this.#branches.mask] = row;
  }

  /** The ledger that pays for `row` and, where it is a directory, for the names in it. */
  ledgerOf(row: number): Ledger {
    return this.ramdisks[this.inodes.ramdisk(row)]!.ledger;
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
   * What `row` is charged for, in bytes: its pages and its link target. Its names are not among it.
   */
  chargedBytes(row: number): number {
    return this.pageCount(row) * PAGE_BYTES + (this.inodes.target.get(row)?.length ?? 0);
  }

  /** Gives back `row` and all it holds. No name leads to it any more. */
  drop(row: number): void {
    const ledger = this.ledgerOf(row);
    this.#cut(row, 0);
    ledger.release(this.inodes.target.get(row)?.length ?? 0, 1);
    const origin = this.inodes.origin(row);
    if (origin !== 0 && this.branchOf(origin) === row) this.setBranch(origin, 0);
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
   * `below`. Throws ENOSPC, ENOMEM or EFBIG and has then changed nothing: either all of it fits or
   * none is written.
   */
  write(row: number, bytes: Uint8Array, offset: number, below: ReadBelow): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    if (end > FILE_MAX_BYTES) throw new VisorError('EFBIG');
    this.#charge(row, Math.floor(offset / PAGE_BYTES), Math.ceil(end / PAGE_BYTES));
    this.#fill(row, bytes, offset, below);
  }

  /** Makes `bytes` all that `row` holds. Throws as `write`, and the old data is there then. */
  replace(row: number, bytes: Uint8Array): void {
    if (bytes.length > FILE_MAX_BYTES) throw new VisorError('EFBIG');
    const ledger = this.ledgerOf(row);
    const needed = Math.ceil(bytes.length / PAGE_BYTES);
    // What is given up comes back to the budget, unless a fork goes on holding it.
    const more = (needed - this.pageCount(row)) * PAGE_BYTES;
    const shared = this.sharedPageCount(row) * PAGE_BYTES;
    ledger.check(Math.max(0, more), 0);
    if (needed > 0) ledger.checkShared(ledger.commitment(more) + shared);
    this.#cut(row, needed);
    this.#charge(row, 0, needed);
    this.inodes.setBelow(row, 0);
    this.inodes.setSize(row, 0);
    this.#fill(row, bytes, 0, nothingBelow);
    this.#clearTail(row, bytes.length);
  }

  /**
   * Sets the size of `row`; what is cut off is given back, what is added is a hole. Throws EFBIG,
   * and ENOMEM where the last page is shared with a fork and no copy of it fits.
   */
  truncate(row: number, size: number): void {
    if (size > FILE_MAX_BYTES) throw new VisorError('EFBIG');
    if (size < this.inodes.size(row)) {
      this.#clearTail(row, size);
      this.#cut(row, Math.ceil(size / PAGE_BYTES));
      if (this.inodes.below(row) > size) this.inodes.setBelow(row, size);
    }
    this.inodes.setSize(row, size);
  }

  /** What `materialize` needs for `row`, in bytes. */
  materialCost(row: number): number {
    const pages = Math.ceil(this.inodes.below(row) / PAGE_BYTES);
    return (pages - this.#pageMaps.countBetween(row, 0, pages)) * PAGE_BYTES;
  }

  /** Copies into pages, paid for before, what still shows through from the origin of `row`. */
  materialize(row: number, below: ReadBelow): void {
    const end = Math.ceil(this.inodes.below(row) / PAGE_BYTES);
    let near = HOLE;
    for (let index = 0; index < end; index++) {
      const there = this.#pageMaps.at(row, index);
      near = there === HOLE ? this.#newPage(row, index, near, false, below) : there;
    }
    this.inodes.setBelow(row, 0);
  }

  /** Puts the page `bytes`, paid for before, at `index` of `row`, where there is a hole. */
  putPage(row: number, index: number, bytes: Uint8Array): void {
    const page = this.pages.take(index > 0 ? this.#pageMaps.at(row, index - 1) : HOLE, true);
    this.pages.bytesOf(page).set(bytes, this.pages.offsetOf(page));
    this.#pageMaps.put(row, index, page);
  }

  /** Charges for the pages that a write to the pages from `first` up to `last` needs. */
  #charge(row: number, first: number, last: number): void {
    let missing = 0;
    let shared = 0;
    for (let index = first; index < last; index++) {
      const page = this.#pageMaps.own(row, index);
      if (page === HOLE) missing += 1;
      else if (this.pages.isShared(page)) shared += 1;
    }
    if (missing + shared === 0) return;
    const ledger = this.ledgerOf(row);
    const more = ledger.commitment(missing * PAGE_BYTES);
    if (shared > 0) ledger.checkShared(more + shared * PAGE_BYTES);
    if (missing > 0) ledger.charge(missing * PAGE_BYTES, 0);
    if (shared > 0) ledger.unshare(shared * PAGE_BYTES);
  }

  /** Writes `bytes` into pages that are paid for. */
  #fill(row: number, bytes: Uint8Array, offset: number, below: ReadBelow): void {
    const end = offset + bytes.length;
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.ceil(end / PAGE_BYTES);
    let near = first > 0 ? this.#pageMaps.at(row, first - 1) : HOLE;
    for (let index = first; index < last; index++) {
      const start = index * PAGE_BYTES;
      const from = Math.max(start, offset);
      const to = Math.min(start + PAGE_BYTES, end);
      near = this.#pageFor(row, index, near, to - from === PAGE_BYTES, below);
      const isWhole = offset === from && end === to;
      const piece = isWhole ? bytes : bytes.subarray(from - offset, to - offset);
      this.pages.bytesOf(near).set(piece, this.pages.offsetOf(near) + from - start);
    }
    if (end > this.inodes.size(row)) this.inodes.setSize(row, end);
  }

  /**
   * The page at `index` of `row`, to write to: the one that is there and no fork has too, or a new
   * one that holds what showed there before.
   */
  #pageFor(row: number, index: number, near: number, isOverwritten: boolean, below: ReadBelow) {
    const there = this.#pageMaps.own(row, index);
    if (there === HOLE) return this.#newPage(row, index, near, isOverwritten, below);
    if (!this.pages.isShared(there)) return there;
    const page = this.pages.take(near, true);
    if (!isOverwritten) {
      const from = this.pages.offsetOf(there);
      const old = this.pages.bytesOf(there).subarray(from, from + PAGE_BYTES);
      this.pages.bytesOf(page).set(old, this.pages.offsetOf(page));
    }
    this.#pageMaps.put(row, index, page);
    this.pages.free(there);
    return page;
  }

  #newPage(row: number, index: number, near: number, isOverwritten: boolean, below: ReadBelow) {
    const page = this.pages.take(near, isOverwritten);
    const start = index * PAGE_BYTES;
    if (!isOverwritten && start < this.inodes.below(row)) {
      const from = this.pages.offsetOf(page);
      const bytes = this.pages.bytesOf(page).subarray(from, from + PAGE_BYTES);
      this.#readHole(row, bytes, start, below);
    }
    this.#pageMaps.put(row, index, page);
    return page;
  }

  /** Takes the pages of `row` from `first` on away and gives back what they were charged. */
  #cut(row: number, first: number): void {
    let freed = 0;
    let shared = 0;
    this.#pageMaps.cut(row, first, 2 ** 31, (page) => {
      if (this.pages.free(page)) freed += 1;
      else shared += 1;
    });
    if (freed > 0) this.ledgerOf(row).release(freed * PAGE_BYTES, 0);
    if (shared > 0) this.ledgerOf(row).releaseShared(shared * PAGE_BYTES);
  }

  /** Zeroes what the last page holds behind `size`, so that growing again shows zeros. */
  #clearTail(row: number, size: number): void {
    if (size % PAGE_BYTES === 0) return;
    const index = Math.floor(size / PAGE_BYTES);
    const there = this.#pageMaps.own(row, index);
    if (there === HOLE) return;
    if (this.pages.isShared(there)) this.ledgerOf(row).unshare(PAGE_BYTES);
    const page = this.#pageFor(row, index, HOLE, false, nothingBelow);
    const from = this.pages.offsetOf(page);
    this.pages.bytesOf(page).fill(0, from + (size % PAGE_BYTES), from + PAGE_BYTES);
  }

  #readHole(row: number, target: Uint8Array, offset: number, read: ReadBelow): void {
    const below = Math.min(target.length, Math.max(0, this.inodes.below(row) - offset));
    if (below > 0) read(this.inodes.origin(row), target.subarray(0, below), offset);
    target.fill(0, below);
  }
}

/** For what is written over whole, or has nothing below. */
const nothingBelow: ReadBelow = () => {};
