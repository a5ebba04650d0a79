/**
 * A snapshot as bytes, and a snapshot of such bytes: lossless, and the same bytes for the same
 * state.
 *
 *   off  len
 *     0    8  "visorfs\n"            then numbers of 4 bytes each, little endian:
 *     8       1: the version · bytes of the head · inodes · names · bytes of names · runs · pages
 *             of them · bytes of pages, in eights
 *    40    8  a sum of all that follows, in four lanes of 32 bits folded into two
 *    48       the head: JSON, blanks behind it up to a multiple of 8 bytes
 *             image     [name, size, rows, files, bytes] of each tardisk, and one more than the
 *                       highest inode: what the image must be that this is opened over
 *             memory    the most that all ramdisks together may hold, in bytes
 *             ramdisks  [name, inode of the directory, limits, peaks] or null, by index
 *             targets, devices, lowers, linkCounts   [key, value] of what few inodes have
 *             restored  keys of the paths that the last restore put there
 *             text is one character a byte where it need not be UTF-8
 *    …        inodes, by number: 25 words each: its row, then the row (store/inodes.ts), with 0 for
 *             what says where pages are, and 1 in PAGE where it stands for its origin
 *    …        names, by directory and bytes: 3 words each: directory · inode, 0 for a whiteout ·
 *             bytes of the name, and 2^16 where this is the directory's name for itself
 *    …        the bytes of the names, one after the other, zeros up to a multiple of 8
 *    …        runs of pages: 3 words each, by row: row · first index · pages that follow there
 *    …        the pages, 4096 bytes each, in that order; the last of a file up to its end, and
 *             zeros up to a multiple of 8 bytes
 *
 * What is opened is checked as if an enemy had written it: the sum, every number against what is
 * there, every name from the root down, and that nothing is said in another way than it is written
 * here; ledgers are charged anew and not believed. Whoever keeps
 * snapshots must keep the image too: no byte of a tardisk is in here.
 */

import { concatBytes, latin1, utf8 } from '../base/bytes.ts';
import { PAGE_BYTES } from '../base/limits.ts';
import type { Image } from '../layer/image.ts';
import { INODE_WORDS, PAGE } from '../store/inodes.ts';
import { HOLE } from '../store/pages.ts';
import type { Live } from './live.ts';

export const MAGIC = utf8('visorfs\n');
export const VERSION = 1;
/** Bytes before the head. */
export const START_BYTES = 48;
export const ROW_WORDS = 1 + INODE_WORDS;
export const NAME_WORDS = 3;
export const RUN_WORDS = 3;
export const HOME_BIT = 2 ** 16;

/** The head. */
export interface Head {
  readonly image: readonly (readonly (string | number)[])[];
  readonly inoEnd: number;
  readonly memory: number;
  readonly ramdisks: readonly (HeadRamdisk | null)[];
  readonly targets: readonly (readonly [number, string])[];
  readonly devices: readonly (readonly [number, number])[];
  readonly lowers: readonly (readonly [number, number])[];
  readonly linkCounts: readonly (readonly [number, number])[];
  readonly restored: readonly string[];
}

/** Name, inode, then reserved and most bytes, most inodes, and the peaks of bytes and inodes. */
export type HeadRamdisk = readonly [string, number, number, number, number, number, number];

/** What tells one image from another: its tardisks, and how their inodes are numbered. */
export function imageMark({ tardisks, inoEnd }: Image): Pick<Head, 'image' | 'inoEnd'> {
  const marks = tardisks.map(({ name, source, rowCount, fileCount, contentBytes }) => {
    return [name, source.size, rowCount, fileCount, contentBytes];
  });
  return { image: marks, inoEnd };
}

/** `live` as bytes. */
export function snapshotBytes(live: Live): Uint8Array {
  const head = headBytes(live);
  const rows = rowsOf(live);
  const { words, bytes: names } = namesOf(live);
  const { runs, pageCount, pageBytes } = runsOf(live);
  const parts = [head, bytesOf(rows), bytesOf(words), names, bytesOf(runs)];
  const size = parts.reduce((sum, part) => sum + part.length, START_BYTES);
  const whole = new Uint8Array(size + pageBytes);
  let at = START_BYTES;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  putPages(live, whole, size);
  const tables = [head.length, rows.length / ROW_WORDS, words.length / NAME_WORDS];
  const counts = [VERSION, ...tables, names.length, runs.length / RUN_WORDS, pageCount];
  counts.push(pageBytes / 8);
  whole.set(MAGIC);
  whole.set(bytesOf(Int32Array.from(counts)), MAGIC.length);
  whole.set(bytesOf(sumOf(whole)), START_BYTES - 8);
  return whole;
}

/** The sum of all words of `whole` behind the start: two words of four lanes. */
export function sumOf(whole: Uint8Array): Int32Array {
  const count = (whole.length - START_BYTES) / 4;
  const words = new Int32Array(whole.buffer, whole.byteOffset + START_BYTES, count);
  let [a, b, c, d] = [1, 2, 3, 4];
  const end = words.length - (words.length % 4);
  for (let at = 0; at < end; at += 4) {
    a = Math.imul(a ^ words[at]!, 0x9e3779b1);
    b = Math.imul(b ^ words[at + 1]!, 0x85ebca6b);
    c = Math.imul(c ^ words[at + 2]!, 0xc2b2ae35);
    d = Math.imul(d ^ words[at + 3]!, 0x27d4eb2f);
    a ^= a >>> 15;
    b ^= b >>> 15;
    c ^= c >>> 15;
    d ^= d >>> 15;
  }
  for (let at = end; at < words.length; at++) a = Math.imul(a ^ words[at]!, 0x9e3779b1);
  return Int32Array.of(a + Math.imul(b, 31), c + Math.imul(d, 31));
}

/** The head of `live`, as its snapshot has it. */
export function headBytes(live: Live): Uint8Array {
  const { delta } = live;
  const ramdisks = delta.ramdisks.map((ramdisk): HeadRamdisk | null => {
    if (ramdisk === undefined) return null;
    const { name, root, ledger } = ramdisk;
    const { reservedBytes, maxBytes, maxInodes } = ledger.limits;
    return [name, root, reservedBytes, maxBytes, maxInodes, ledger.peakBytes, ledger.peakInodes];
  });
  const head: Head = {
    ...imageMark(live.image),
    memory: delta.budget.totalBytes,
    ramdisks,
    targets: sorted(delta.inodes.target.entries()).map(([row, target]) => {
      return [row, latin1(target, 0, target.length)];
    }),
    devices: sorted(delta.inodes.device.entries()),
    lowers: sorted(live.lowers.entries()),
    linkCounts: sorted(live.linkCounts.entries()),
    restored: [...live.restored].sort(),
  };
  const bytes = utf8(JSON.stringify(head));
  return concatBytes([bytes, utf8(' '.repeat(-bytes.length & 7))]);
}

function sorted<V>(entries: Iterable<[number, V]>): [number, V][] {
  return [...entries].sort(([one], [other]) => one - other);
}

function rowsOf({ delta }: Live): Int32Array {
  const { inodes } = delta;
  const words = new Int32Array(inodes.count * ROW_WORDS);
  let at = 0;
  for (const row of inodes.used()) {
    words[at] = row;
    words.set(inodes.words(row), at + 1);
    const origin = inodes.origin(row);
    words[at + 1 + PAGE] = origin !== 0 && delta.branchOf(origin) === row ? 1 : 0;
    at += ROW_WORDS;
  }
  return words;
}

function namesOf({ delta }: Live): { words: Int32Array; bytes: Uint8Array } {
  const { dirents } = delta;
  const entries: { entry: number; directory: number; key: string }[] = [];
  dirents.eachNaming(null, null, (entry) => {
    const name = dirents.nameBytes(entry);
    const key = latin1(name, 0, name.length);
    entries.push({ entry, directory: dirents.directory(entry), key });
  });
  entries.sort((one, other) => one.directory - other.directory || (one.key < other.key ? -1 : 1));
  const words = new Int32Array(entries.length * NAME_WORDS);
  const size = entries.reduce((sum, { key }) => sum + key.length, 0);
  const bytes = new Uint8Array(size + (-size & 7));
  let at = 0;
  for (const [index, { entry, directory, key }] of entries.entries()) {
    const child = dirents.child(entry);
    const isHome = child !== 0 && dirents.home(child) === entry;
    words.set([directory, child, key.length + (isHome ? HOME_BIT : 0)], index * NAME_WORDS);
    bytes.set(dirents.nameBytes(entry), at);
    at += key.length;
  }
  return { words, bytes };
}

/** Runs of pages of each row: row, first index, how many. */
function runsOf({ delta }: Live): { runs: Int32Array; pageCount: number; pageBytes: number } {
  const runs: number[] = [];
  let [pageCount, pageBytes] = [0, 0];
  for (const row of delta.inodes.used()) {
    const size = delta.inodes.size(row);
    let next = -1;
    delta.data.eachPage(row, (index) => {
      if (index === next) runs[runs.length - 1]! += 1;
      else runs.push(row, index, 1);
      next = index + 1;
      pageCount += 1;
      pageBytes += keptBytes(size, index);
    });
  }
  return { runs: Int32Array.from(runs), pageCount, pageBytes };
}

/** Bytes that are kept of the page at `index` of a file of `size`: up to its end, in eights. */
export function keptBytes(size: number, index: number): number {
  const left = size - index * PAGE_BYTES;
  return left >= PAGE_BYTES ? PAGE_BYTES : (left + 7) & ~7;
}

function putPages({ delta }: Live, whole: Uint8Array, start: number): void {
  const { pages } = delta;
  let at = start;
  // Pages that lie in a row go in one copy.
  let [first, count] = [HOLE, 0];
  const put = (length: number): void => {
    if (count === 0) return;
    const from = pages.offsetOf(first);
    whole.set(pages.bytesOf(first).subarray(from, from + length), at);
    at += length;
    count = 0;
  };
  for (const row of delta.inodes.used()) {
    const size = delta.inodes.size(row);
    delta.data.eachPage(row, (index, page) => {
      if (count > 0 && pages.follows(first + count - 1, page)) count += 1;
      else {
        put(count * PAGE_BYTES);
        [first, count] = [page, 1];
      }
      const kept = keptBytes(size, index);
      if (index * PAGE_BYTES + kept < size) return;
      put((count - 1) * PAGE_BYTES + kept);
      // What a page has behind the end of its file is no part of the state.
      whole.fill(0, at - (index * PAGE_BYTES + kept - size), at);
    });
  }
  put(count * PAGE_BYTES);
}

function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
