/**
 * Inodes of what was written, as rows of numbers: no object a file.
 *
 *   mode uid gid nlink          as stat reports them        size, below   bytes; two words each
 *   origin                      the image inode that this row covers, or 0
 *   meta                        flags, then 8 bits: levels of the page map, then 16: the ramdisk
 *   page                        0: no page; page + 1: the one page of a small file;
 *                               -(node + 1): the page map of a larger one (page-maps.ts)
 *   pages                       how many pages it holds
 *   times                       4 x (seconds: two words; nanoseconds), in the order of ATIME …
 *   target                      where a symbolic link leads, and
 *   device                      the number of a device: beside the rows, as few have one
 *
 * A row is 96 bytes, so that a stat touches two lines of memory and not ten. Rows are reused. They
 * lie in chunks that forks share (chunks.ts); a page named in a chunk that was copied has one owner
 * more, which is what `watch` is for.
 *
 * Not here: names (dirents.ts), what a change costs, what an origin means.
 */

import { Chunks, type ChunkWatch, shrinkCountOf } from './chunks.ts';
import { SideTable } from './side-table.ts';

/** Which of the four times. */
export const ATIME = 0;
export const MTIME = 1;
export const CTIME = 2;
export const BIRTHTIME = 3;

/** Nothing below shows through this directory: it was put where an image name was deleted. */
export const OPAQUE = 1;

/** Words of a row that `at` reads and `set` writes. */
export const MODE = 0;
export const UID = 1;
export const GID = 2;
export const NLINK = 3;
export const ORIGIN = 4;
export const PAGE = 5;
export const PAGES = 6;
const META = 7;
const SIZE = 8;
const BELOW = 10;
const TIMES = 12;
/** Words of one of the four; the first is ATIME. */
const TIME_WORDS = 3;

/** Words of a row. */
export const INODE_WORDS = 24;
/** 128 rows are 12 KiB: what the first write to one of them copies after a fork. */
const SHIFT = 7;

const FLAGS_MASK = 0xff;
const LEVELS_SHIFT = 8;
const RAMDISK_SHIFT = 16;
const WORD = 2 ** 32;

/** A growable table of inodes. Row 0 is never used. */
export class Inodes {
  readonly rows: Chunks;
  readonly target: SideTable<Uint8Array>;
  readonly device: SideTable<number>;
  #rowCount: number;
  #freeRow: number;
  /** First rows of chunks in which none was ever used: they are in no list yet. */
  #emptyChunks: number[];
  #count: number;
  /** With how few rows in use it is worth looking whether the last ones can go. */
  #shrinkCount = 0;

  constructor(watch: ChunkWatch<Int32Array>, of?: Inodes) {
    this.rows = of?.rows.fork(watch) ?? new Chunks(Int32Array, INODE_WORDS, SHIFT, watch);
    this.rows.reserve(1);
    this.target = of?.target.fork() ?? new SideTable();
    this.device = of?.device.fork() ?? new SideTable();
    this.#rowCount = of?.rowCount ?? 1;
    this.#freeRow = of === undefined ? 0 : of.#freeRow;
    this.#emptyChunks = of === undefined ? [] : of.#emptyChunks.slice();
    this.#count = of?.count ?? 0;
  }

  /** Rows in use. */
  get count(): number {
    return this.#count;
  }

  /** One more than the highest row that was ever used. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** A row of zeros without pages. */
  take(): number {
    this.#count += 1;
    const empty = this.#freeRow === 0 ? this.#emptyChunks.pop() : undefined;
    if (empty !== undefined) this.#list(empty, empty + this.rows.mask + 1);
    const row = this.#freeRow;
    if (row === 0) {
      this.rows.reserve(this.#rowCount + 1);
      this.#shrinkCount = shrinkCountOf(this.#rowCount);
      return this.#rowCount++;
    }
    this.#freeRow = this.at(row, ORIGIN);
    this.set(row, ORIGIN, 0);
    return row;
  }

  /**
   * Takes `row` itself, which was never in use, nor any behind it. Chunks that are passed over
   * whole take no memory until they are needed.
   */
  takeAt(row: number): void {
    const { mask } = this.rows;
    this.rows.reserve(row + 1);
    while (this.#rowCount < row) {
      const end = Math.min(row, (this.#rowCount | mask) + 1);
      if (end - this.#rowCount > mask) this.#emptyChunks.push(this.#rowCount);
      else this.#list(this.#rowCount, end);
      this.#rowCount = end;
    }
    this.#rowCount = row + 1;
    this.#count += 1;
  }

  /** Puts the rows from `first` up to `end`, which are zero, into the list of free ones. */
  #list(first: number, end: number): void {
    for (let row = first; row < end; row++) {
      this.set(row, ORIGIN, this.#freeRow);
      this.#freeRow = row;
    }
  }

  /** Says what `row`, just taken, is. */
  describe(
    row: number,
    mode: number,
    uid: number,
    gid: number,
    nlink: number,
    ramdisk: number,
  ): void {
    const words = this.rows.own(row);
    const at = (row & this.rows.mask) * INODE_WORDS;
    words[at + MODE] = mode;
    words[at + UID] = uid;
    words[at + GID] = gid;
    words[at + NLINK] = nlink;
    words[at + META] = ramdisk << RAMDISK_SHIFT;
  }

  /** All words of `row`, but none that says where its pages are. */
  words(row: number): Int32Array {
    const at = (row & this.rows.mask) * INODE_WORDS;
    const words = this.rows.arrays[row >>> this.rows.shift]!.slice(at, at + INODE_WORDS);
    words[PAGE] = 0;
    words[PAGES] = 0;
    words[META]! &= ~(FLAGS_MASK << LEVELS_SHIFT);
    return words;
  }

  /** Makes `row` what `words` gave of another. */
  setWords(row: number, words: Int32Array): void {
    this.rows.own(row).set(words, (row & this.rows.mask) * INODE_WORDS);
  }

  /** Gives `row` back; its pages must be gone. */
  free(row: number): void {
    const at = (row & this.rows.mask) * INODE_WORDS;
    const words = this.rows.own(row);
    words.fill(0, at, at + INODE_WORDS);
    words[at + ORIGIN] = this.#freeRow;
    this.#freeRow = row;
    this.#count -= 1;
    this.target.delete(row);
    this.device.delete(row);
    if (this.#count <= this.#shrinkCount) this.#shrink();
  }

  /** Gives back rows behind the last one in use, where that is most of them. */
  #shrink(): void {
    this.#shrinkCount = this.#count - (this.#count >> 5);
    let end = this.#rowCount;
    while (end > 1 && this.at(end - 1, MODE) === 0) end -= 1;
    if (end * 2 > this.#rowCount) return;
    this.rows.cut(end);
    this.#rowCount = end;
    this.#freeRow = 0;
    const empty = new Set(this.#emptyChunks.filter((first) => first < end));
    this.#emptyChunks = [...empty];
    for (let row = end - 1; row > 0; row--) {
      if (this.at(row, MODE) !== 0 || empty.has(row & ~this.rows.mask)) continue;
      this.set(row, ORIGIN, this.#freeRow);
      this.#freeRow = row;
    }
  }

  /** The word `field` of `row`: one of those exported above; PAGE is signed, the others are not. */
  at(row: number, field: number): number {
    const { arrays, shift, mask } = this.rows;
    return arrays[row >>> shift]![(row & mask) * INODE_WORDS + field]!;
  }

  /** Sets the word `field` of `row`. */
  set(row: number, field: number, value: number): void {
    this.rows.own(row)[(row & this.rows.mask) * INODE_WORDS + field] = value;
  }

  /** Adds `count` to the word `field` of `row`. */
  add(row: number, field: number, count: number): void {
    this.rows.own(row)[(row & this.rows.mask) * INODE_WORDS + field]! += count;
  }

  mode(row: number): number {
    return this.at(row, MODE);
  }

  uid(row: number): number {
    return this.at(row, UID) >>> 0;
  }

  gid(row: number): number {
    return this.at(row, GID) >>> 0;
  }

  nlink(row: number): number {
    return this.at(row, NLINK);
  }

  origin(row: number): number {
    return this.at(row, ORIGIN);
  }

  /** Bytes of a file, or of a link's target. */
  size(row: number): number {
    return this.#wide(row, SIZE);
  }

  setSize(row: number, size: number): void {
    this.#setWide(row, SIZE, size);
  }

  /** Bytes of a branch that still show through from its origin. */
  below(row: number): number {
    return this.#wide(row, BELOW);
  }

  setBelow(row: number, bytes: number): void {
    this.#setWide(row, BELOW, bytes);
  }

  /** The index of the ramdisk that pays for `row`. */
  ramdisk(row: number): number {
    return this.at(row, META) >>> RAMDISK_SHIFT;
  }

  setRamdisk(row: number, index: number): void {
    const rest = this.at(row, META) & (2 ** RAMDISK_SHIFT - 1);
    this.set(row, META, rest | (index << RAMDISK_SHIFT));
  }

  isOpaque(row: number): boolean {
    return (this.at(row, META) & OPAQUE) !== 0;
  }

  makeOpaque(row: number): void {
    this.set(row, META, this.at(row, META) | OPAQUE);
  }

  /** Levels of nodes above the pages of `row`: 0 where PAGE is a page, or none. */
  levels(row: number): number {
    return (this.at(row, META) >>> LEVELS_SHIFT) & FLAGS_MASK;
  }

  setLevels(row: number, levels: number): void {
    const rest = this.at(row, META) & ~(FLAGS_MASK << LEVELS_SHIFT);
    this.set(row, META, rest | (levels << LEVELS_SHIFT));
  }

  /** Whole seconds of time `which` (ATIME …) of `row`. */
  seconds(row: number, which: number): number {
    return this.#wide(row, TIMES + which * TIME_WORDS);
  }

  /** Nanoseconds beyond them. */
  nanoseconds(row: number, which: number): number {
    return this.at(row, TIMES + which * TIME_WORDS + 2);
  }

  /** Whether `row` was read later than it was written and changed. */
  isReadLast(row: number): boolean {
    const { arrays, shift, mask } = this.rows;
    const words = arrays[row >>> shift]!;
    const at = (row & mask) * INODE_WORDS + TIMES;
    const written = at + MTIME * TIME_WORDS;
    const changed = at + CTIME * TIME_WORDS;
    return isLater(words, at, written) && isLater(words, at, changed);
  }

  /** Sets time `which` (ATIME …) of `row`. */
  setTime(row: number, which: number, seconds: number, nanoseconds: number): void {
    this.setTimes(row, which, which, seconds, nanoseconds);
  }

  /** Sets the times from `first` to `last` (ATIME …) of `row` to the same. */
  setTimes(row: number, first: number, last: number, seconds: number, nanoseconds: number): void {
    const words = this.rows.own(row);
    const at = (row & this.rows.mask) * INODE_WORDS + TIMES;
    const high = Math.floor(seconds / WORD);
    for (
      let place = at + first * TIME_WORDS;
      place <= at + last * TIME_WORDS;
      place += TIME_WORDS
    ) {
      words[place] = seconds;
      words[place + 1] = high;
      words[place + 2] = nanoseconds;
    }
  }

  /**
   * Calls `visit` for the rows that may differ from those of `other`, of which this is a fork or
   * the other way round: words that differ, or a page map that may.
   */
  eachApart(other: Inodes, visit: (row: number) => void): void {
    const { arrays, shift } = this.rows;
    for (let index = 0; index < arrays.length; index++) {
      if (arrays[index] === other.rows.arrays[index]) continue;
      const end = Math.min(this.#rowCount, (index + 1) << shift);
      for (let row = index << shift; row < end; row++) {
        if (this.at(row, MODE) === 0) continue;
        if (this.at(row, PAGE) < 0 || !this.isSame(row, other, row)) visit(row);
      }
    }
  }

  /**
   * Whether `row` says the same as `otherRow` of `other`, whatever pages they have and whenever
   * they were read.
   */
  isSame(row: number, other: Inodes, otherRow: number): boolean {
    if (otherRow >= other.rowCount) return false;
    const [ours, theirs] = [this.rows, other.rows];
    const words = ours.arrays[row >>> ours.shift]!;
    const otherWords = theirs.arrays[otherRow >>> theirs.shift]!;
    const at = (row & ours.mask) * INODE_WORDS;
    const otherAt = (otherRow & theirs.mask) * INODE_WORDS;
    for (let field = 0; field < INODE_WORDS; field++) {
      const isRead = field >= TIMES && field < TIMES + TIME_WORDS;
      if (isRead || words[at + field] === otherWords[otherAt + field]) continue;
      if (field !== PAGE || words[at + PAGE]! >= 0) return false;
    }
    return this.target.get(row) === other.target.get(otherRow);
  }

  /** Every row in use. */
  *used(): Generator<number> {
    for (let row = 1; row < this.#rowCount; row++) if (this.at(row, MODE) !== 0) yield row;
  }

  /** A number of more than 32 bits: the low word, then the high one with the sign. */
  #wide(row: number, field: number): number {
    const { arrays, shift, mask } = this.rows;
    const words = arrays[row >>> shift]!;
    const at = (row & mask) * INODE_WORDS + field;
    return words[at + 1]! * WORD + (words[at]! >>> 0);
  }

  #setWide(row: number, field: number, value: number): void {
    const words = this.rows.own(row);
    const at = (row & this.rows.mask) * INODE_WORDS + field;
    words[at] = value;
    words[at + 1] = Math.floor(value / WORD);
  }
}

/** Whether the time at `one` of `words` is later than that at `other`. */
function isLater(words: Int32Array, one: number, other: number): boolean {
  const high = words[one + 1]! - words[other + 1]!;
  const seconds = high === 0 ? (words[one]! >>> 0) - (words[other]! >>> 0) : high;
  return seconds === 0 ? words[one + 2]! > words[other + 2]! : seconds > 0;
}
