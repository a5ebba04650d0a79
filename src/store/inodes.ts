/**
 * Inodes of what was written, as rows of typed columns: no object a file.
 *
 *   mode uid gid nlink size     as stat reports them
 *   times                       4 x (seconds, nanoseconds): access, modify, change, birth
 *   origin                      the image inode that this row covers, or 0
 *   ramdisk                     index of the ramdisk that pays for it
 *   flags                       see below
 *   page                        the one page of a small file, or HOLE
 *   map                         the page map of a larger one (an object, and only then)
 *   target                      where a symbolic link leads
 *   device                      the number of a device
 *
 * Rows are reused. Not here: names (dirents.ts), what a change costs, what an origin means.
 */

import { roomFor } from './columns.ts';
import type { PageMap } from './page-map.ts';
import { HOLE } from './pages.ts';

/** Which of the four times. */
export const ATIME = 0;
export const MTIME = 1;
export const CTIME = 2;
export const BIRTHTIME = 3;

/** Nothing below shows through this directory: it was put where an image name was deleted. */
export const OPAQUE = 1;

/** A growable table of inodes. Row 0 is never used. */
export class Inodes {
  mode = new Uint16Array(8);
  uid = new Uint32Array(8);
  gid = new Uint32Array(8);
  nlink = new Uint32Array(8);
  size = new Float64Array(8);
  seconds = new Float64Array(32);
  nanoseconds = new Uint32Array(32);
  origin = new Int32Array(8);
  ramdisk = new Uint16Array(8);
  flags = new Uint8Array(8);
  page = new Int32Array(8);
  readonly map: (PageMap | undefined)[] = [];
  readonly target = new Map<number, Uint8Array>();
  readonly device = new Map<number, number>();
  readonly #free: number[] = [];
  #rowCount = 1;

  /** Rows in use. */
  get count(): number {
    return this.#rowCount - 1 - this.#free.length;
  }

  /** A row of zeros without pages. */
  take(): number {
    const row = this.#free.pop() ?? this.#rowCount++;
    this.mode = roomFor(this.mode, row + 1);
    this.uid = roomFor(this.uid, row + 1);
    this.gid = roomFor(this.gid, row + 1);
    this.nlink = roomFor(this.nlink, row + 1);
    this.size = roomFor(this.size, row + 1);
    this.seconds = roomFor(this.seconds, (row + 1) * 4);
    this.nanoseconds = roomFor(this.nanoseconds, (row + 1) * 4);
    this.origin = roomFor(this.origin, row + 1);
    this.ramdisk = roomFor(this.ramdisk, row + 1);
    this.flags = roomFor(this.flags, row + 1);
    this.page = roomFor(this.page, row + 1);
    this.page[row] = HOLE;
    return row;
  }

  /** Gives `row` back; its pages must be gone. */
  free(row: number): void {
    this.mode[row] = 0;
    this.uid[row] = 0;
    this.gid[row] = 0;
    this.nlink[row] = 0;
    this.size[row] = 0;
    this.seconds.fill(0, row * 4, row * 4 + 4);
    this.nanoseconds.fill(0, row * 4, row * 4 + 4);
    this.origin[row] = 0;
    this.ramdisk[row] = 0;
    this.flags[row] = 0;
    this.page[row] = HOLE;
    this.map[row] = undefined;
    this.target.delete(row);
    this.device.delete(row);
    this.#free.push(row);
  }

  /** Sets time `which` (ATIME …) of `row`. */
  setTime(row: number, which: number, seconds: number, nanoseconds: number): void {
    this.seconds[row * 4 + which] = seconds;
    this.nanoseconds[row * 4 + which] = nanoseconds;
  }

  /** Every row in use. */
  *rows(): Generator<number> {
    for (let row = 1; row < this.#rowCount; row++) if (this.mode[row] !== 0) yield row;
  }
}
