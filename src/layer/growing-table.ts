/**
 * The table of a tardisk while it grows: rows, and what they add up to.
 *
 * The four columns that every row fills lie in one piece of memory. Files, bytes and names are
 * counted as rows gain and lose names, so that no pass over the finished table is needed; a model
 * in test/layer counts them again.
 *
 * Not here: which entry becomes which row (index-tar.ts), what the columns mean (table.ts).
 */

import { isDirectory, isRegular, S_IFDIR } from '../base/mode.ts';
import { resized, roomFor } from '../store/columns.ts';
import { Dirents, NONE } from '../store/dirents.ts';
import { ROOT_ROW, type TardiskTable } from './table.ts';

/** Bytes of a row in the columns that lie together. */
const ROW_BYTES = 26;

const NO_NUMBERS = new Uint32Array(0);
const NO_BYTES = new Uint8Array(0);

/** A table that entries are put into; `finish` it before anyone else sees it. */
export class GrowingTable implements TardiskTable {
  readonly dirents = new Dirents();
  rowCount = ROOT_ROW;
  size!: Float64Array;
  place!: Float64Array;
  mtimeSeconds!: Float64Array;
  mode!: Uint16Array;
  mtimeNanoseconds = NO_NUMBERS;
  uid = NO_NUMBERS;
  gid = NO_NUMBERS;
  extraNames = NO_NUMBERS;
  extraNameCount = 0;
  implied = NO_BYTES;
  targets = NO_BYTES;
  readonly pieces = new Map<number, Float64Array>();
  fileCount = 0;
  contentBytes = 0;
  /** Directories that no entry describes. */
  impliedCount = 0;
  #targetsEnd = 0;

  /** A table of a root, with room for `length` rows. */
  constructor(length: number) {
    this.#shape(length, 0);
    this.dirents.reserve(length >> 1);
    this.addDirectory(0, 0);
  }

  /** A row of nothing yet. */
  addRow(): number {
    const row = this.rowCount;
    if (row >= this.mode.length) this.#shape(row * 2, row);
    this.rowCount = row + 1;
    return row;
  }

  /** A directory that no entry describes. */
  addDirectory(mtimeSeconds: number, mtimeNanoseconds: number): number {
    const row = this.addRow();
    this.mode[row] = S_IFDIR | 0o755;
    this.setTime(row, mtimeSeconds, mtimeNanoseconds);
    this.implied = roomFor(this.implied, (row >> 3) + 1);
    this.implied[row >> 3]! |= 1 << (row & 7);
    this.impliedCount += 1;
    return row;
  }

  /** Says that an entry describes the directory `row`. */
  setDescribed(row: number): void {
    const bit = 1 << (row & 7);
    if (row >> 3 >= this.implied.length || (this.implied[row >> 3]! & bit) === 0) return;
    this.implied[row >> 3]! &= ~bit;
    this.impliedCount -= 1;
  }

  setTime(row: number, seconds: number, nanoseconds: number): void {
    this.mtimeSeconds[row] = seconds;
    this.mtimeNanoseconds = put(this.mtimeNanoseconds, row, nanoseconds);
  }

  setOwner(row: number, uid: number, gid: number): void {
    this.uid = put(this.uid, row, uid);
    this.gid = put(this.gid, row, gid);
  }

  /** Keeps where a symbolic link leads; returns where in `targets`. */
  addTarget(target: Uint8Array): number {
    const offset = this.#targetsEnd;
    this.targets = roomFor(this.targets, offset + target.length);
    this.targets.set(target, offset);
    this.#targetsEnd = offset + target.length;
    return offset;
  }

  /** Gives the new `row` its name in `directory`; `hash` is that of the name. */
  name(
    directory: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    row: number,
    hash: number,
  ): void {
    const entry = this.dirents.add(directory, bytes, start, end, row, hash);
    if (isDirectory(this.mode[row]!)) {
      this.dirents.setHome(row, entry);
      this.place[directory]! += 1;
    } else if (isRegular(this.mode[row]!)) {
      this.fileCount += 1;
      this.contentBytes += this.size[row]!;
    }
  }

  /** Counts one more name of `row`, which is no directory and has one already. */
  addName(row: number): void {
    this.extraNames = put(this.extraNames, row, (this.extraNames[row] ?? 0) + 1);
    this.extraNameCount += 1;
  }

  /** Takes the name `entry` out, and with a directory all that is below it. */
  evict(entry: number): void {
    const { dirents } = this;
    const row = dirents.child(entry);
    if (row >= 0) this.#dropName(row, dirents.directory(entry));
    dirents.remove(entry);
  }

  /** Gives back the room kept for growth. */
  finish(): void {
    this.#shape(this.rowCount, this.rowCount);
    if (this.#targetsEnd > 0) this.targets = resized(this.targets, this.#targetsEnd);
    this.mtimeNanoseconds = trimmed(this.mtimeNanoseconds, this.rowCount);
    this.uid = trimmed(this.uid, this.rowCount);
    this.gid = trimmed(this.gid, this.rowCount);
    this.extraNames = trimmed(this.extraNames, this.rowCount);
    this.dirents.trim();
  }

  #dropName(row: number, directory: number): void {
    const extra = this.extraNames[row] ?? 0;
    if (extra > 0) {
      this.extraNames[row] = extra - 1;
      this.extraNameCount -= 1;
      return;
    }
    const mode = this.mode[row]!;
    if (isDirectory(mode)) {
      this.#empty(row);
      this.place[directory]! -= 1;
    } else if (isRegular(mode)) {
      this.fileCount -= 1;
      this.contentBytes -= this.size[row]!;
    }
    this.mode[row] = 0;
  }

  #empty(directory: number): void {
    const { dirents } = this;
    for (let at = dirents.first(directory); at !== NONE; at = dirents.first(directory)) {
      this.evict(at);
    }
    dirents.setHome(directory, NONE);
  }

  /** Moves the first `count` rows into columns of `length` rows. */
  #shape(length: number, count: number): void {
    if (count > 0 && length === this.mode.length) return;
    const memory = new ArrayBuffer(length * ROW_BYTES);
    const size = new Float64Array(memory, 0, length);
    const place = new Float64Array(memory, length * 8, length);
    const mtimeSeconds = new Float64Array(memory, length * 16, length);
    const mode = new Uint16Array(memory, length * 24, length);
    if (count > 0) {
      size.set(this.size.subarray(0, count));
      place.set(this.place.subarray(0, count));
      mtimeSeconds.set(this.mtimeSeconds.subarray(0, count));
      mode.set(this.mode.subarray(0, count));
    }
    this.size = size;
    this.place = place;
    this.mtimeSeconds = mtimeSeconds;
    this.mode = mode;
  }
}

/** `column` with `value` in `row`; what is behind its end is 0 without being there. */
function put(
  column: Uint32Array<ArrayBuffer>,
  row: number,
  value: number,
): Uint32Array<ArrayBuffer> {
  if (value === 0 && row >= column.length) return column;
  const roomy = roomFor(column, row + 1);
  roomy[row] = value;
  return roomy;
}

function trimmed(column: Uint32Array<ArrayBuffer>, rowCount: number): Uint32Array<ArrayBuffer> {
  return column.length > rowCount ? column.slice(0, rowCount) : column;
}
