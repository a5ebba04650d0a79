/**
 * What was written: the inodes, names and pages of one VisorFs that no image gave.
 *
 *   row       an inode of ours: new, or the branch of an image inode (`origin`), which it covers
 *   dirents   (directory, name) to inode; a name that leads to WHITEOUT is deleted
 *   data      pages of 4 KiB, and what of the image still shows (file-data.ts)
 *
 * A fork shares every table and page with what it was forked from until one of the two writes; what
 * is then copied is a chunk of rows and the page written to (store/chunks.ts, store/pages.ts).
 *
 * Whoever calls has charged the ledger first; what is given back here is released here.
 *
 * Not here: which directory, whose permission, what time it is (vfs/).
 */

import { VisorError } from '../base/errors.ts';
import { ENTRY_BYTES, PAGE_BYTES } from '../base/limits.ts';
import { Chunks } from '../store/chunks.ts';
import { Dirents, NONE } from '../store/dirents.ts';
import { INODE_WORDS, Inodes, PAGE } from '../store/inodes.ts';
import { type Labels, Makers, NO_LABEL } from '../store/labels.ts';
import type { Budget, Ledger, LedgerWatch } from '../store/ledger.ts';
import { PageMaps } from '../store/page-maps.ts';
import { Pages, type SlabMaker } from '../store/pages.ts';
import { FileData } from './file-data.ts';
import { Ramdisk } from './ramdisk.ts';

/** Child of a name that is deleted: it hides what the image has there. */
export const WHITEOUT = 0;

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
  readonly data: FileData;
  /** The memory that it shares with its forks. */
  readonly budget: Budget;
  /** By index; a removed one leaves a gap. */
  readonly ramdisks: (Ramdisk | undefined)[] = [];
  /** Who made rows and names; null where nobody who acted on this tree had a label. */
  makers: Makers | null = null;
  readonly #pageMaps: PageMaps;
  #isReleased = false;
  /** Image inode to the row that covers it; 0 for none. */
  readonly #branches: Chunks;

  /** An empty one, whose pages lie in what `slabs` gives, or one that shares all that `of` has. */
  constructor(budget: Budget, of?: Delta, slabs?: SlabMaker) {
    this.budget = budget;
    this.pages = of?.pages ?? new Pages(slabs);
    this.inodes = new Inodes(this.pages.watch(INODE_WORDS, PAGE), of?.inodes);
    const maps = this.pages.watch(1, 0);
    this.#pageMaps = new PageMaps(this.inodes, maps, of === undefined ? of : of.#pageMaps);
    this.data = new FileData(this.inodes, this.pages, this.#pageMaps, (row) => this.ledgerOf(row));
    this.dirents = of?.dirents.fork() ?? new Dirents('forking');
    this.#branches =
      of === undefined ? new Chunks(Int32Array, 1, BRANCHES_SHIFT) : of.#branches.fork();
    if (of?.makers != null) this.makers = new Makers(of.makers);
  }

  /** Whether it was given back. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Bytes that are promised to its ramdisks and not used. */
  get promisedBytes(): number {
    return this.ramdisks.reduce((bytes, ramdisk) => {
      const { committedBytes = 0, usedBytes = 0 } = ramdisk?.ledger ?? {};
      return bytes + committedBytes - usedBytes;
    }, 0);
  }

  /** Bytes of the pages of all rows, shared or not. */
  get pageBytes(): number {
    return this.#pageMaps.totalCount * PAGE_BYTES;
  }

  /**
   * The same as a Delta of its own, with ledgers of its own that tell `watch`; null for one that is
   * never written to. Throws ENOMEM where the names and promises of a second one do not fit, EINVAL
   * where it was released.
   */
  fork(watch: LedgerWatch | null): Delta {
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
    this.makers?.release();
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

  /**
   * What `row` is charged for, in bytes: its pages and its link target. Its names are not among it.
   */
  chargedBytes(row: number): number {
    return this.data.pageCount(row) * PAGE_BYTES + (this.inodes.target.get(row)?.length ?? 0);
  }

  /** A row of zeros, paid for before: of whoever acts. */
  takeRow(): number {
    const row = this.inodes.take();
    const { labels } = this.pages;
    if (labels !== null) this.#note(labels, 'rows', row);
    return row;
  }

  /** Makes `name` in `directory` lead to `child`, paid for before: a name of whoever acts. */
  addName(directory: number, name: Uint8Array, child: number): number {
    const entry = this.dirents.add(directory, name, 0, name.length, child);
    const { labels } = this.pages;
    if (labels !== null) this.#note(labels, 'entries', entry);
    return entry;
  }

  #note({ acting }: Labels, what: 'rows' | 'entries', index: number): void {
    if (acting !== NO_LABEL) this.makers ??= new Makers();
    this.makers?.set(this.makers[what], index, acting);
  }

  /** Gives back `row` and all it holds. No name leads to it any more. */
  drop(row: number): void {
    const { inodes } = this;
    if (this.data.pageCount(row) > 0) this.data.cut(row, 0);
    const target = inodes.target.size === 0 ? undefined : inodes.target.get(row);
    this.ledgerOf(row).release(target?.length ?? 0, 1);
    const origin = inodes.origin(row);
    if (origin !== 0 && this.branchOf(origin) === row) this.setBranch(origin, 0);
    inodes.free(row);
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
}
