/**
 * The directory of a FAT file system: entries of 32 bytes.
 *
 *   off  len  a file                                  off  len  a piece of a long name
 *     0    8  name, filled with blanks                  0    1  which, from 1; 40 more: the last
 *     8    3  the part behind its dot                   1   10  five letters in UTF-16
 *    11    1  1 read-only 2 hidden 4 system            11    1  0f
 *             8 label 10 directory 20 archive          12    1  00
 *    12    1  8 name, 10 part behind: in lower case    13    1  sum of the 11 bytes it belongs to
 *    13    7  times                                    14   12  six letters
 *    20    2  first cluster, upper half (FAT32)        26    2  00 00
 *    22    2  time, 24 date of the last write          28    4  two letters
 *    26    2  first cluster
 *    28    4  bytes
 *
 * The first byte of an entry may say more: 00, neither this one nor any behind it is one; e5, this
 * one was deleted; 05, the name starts with e5. Pieces of a long name lie ahead of their entry, the
 * last piece first, ffff behind the end. Pieces that do not add up to one name with the right sum
 * are passed over, as everybody does.
 *
 * A name of 8.3 letters has no case of its own: without byte 12 it is in upper case for some
 * readers, and in lower case here, as boot.cfg says it. Written are only such names, with one date,
 * 1980-01-01: the same files are the same bytes.
 */

import { latin1, putU16, putU32, u16, u32 } from '../base/bytes.ts';

/** Bytes of one entry. */
export const FAT_ENTRY_BYTES = 32;

const DELETED = 0xe5;
const LABEL = 0x08;
const DIRECTORY = 0x10;
const ARCHIVE = 0x20;
const LONG = 0x0f;
const LAST_PIECE = 0x40;
const LOWER_BASE = 0x08;
const LOWER_EXTENSION = 0x10;
const LETTER_OFFSETS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
/** Year 0 (1980), month 1, day 1. */
const FIRST_DATE = 0x0021;

/** One file or directory of a directory. */
export interface FatRecord {
  /** The long name, else the short one. */
  readonly name: string;
  /** The name of 8.3 letters. */
  readonly shortName: string;
  readonly isDirectory: boolean;
  readonly firstCluster: number;
  readonly size: number;
  /** Where its entry is in the directory, in bytes, and where its long name starts. */
  readonly entryOffset: number;
  readonly startOffset: number;
}

/** What a directory holds, without labels and the two entries that lead to itself and up. */
export function parseFatDirectory(bytes: Uint8Array): FatRecord[] {
  const records: FatRecord[] = [];
  const end = fatDirectoryEnd(bytes);
  let pieces: number[] = [];
  for (let offset = 0; offset < end; offset += FAT_ENTRY_BYTES) {
    const attributes = bytes[offset + 11]! & 0x3f;
    if (bytes[offset] !== DELETED && attributes === LONG) {
      pieces.push(offset);
      continue;
    }
    const isEntry = bytes[offset] !== DELETED && (attributes & LABEL) === 0;
    if (isEntry && bytes[offset] !== 0x2e) records.push(recordAt(bytes, offset, pieces));
    pieces = [];
  }
  return records;
}

/** Where the first entry is that is none, nor any behind it; the size of `bytes` without one. */
export function fatDirectoryEnd(bytes: Uint8Array): number {
  for (let offset = 0; offset < bytes.length; offset += FAT_ENTRY_BYTES) {
    if (bytes[offset] === 0) return offset;
  }
  return bytes.length;
}

/** Where in the directory `bytes` a new entry has room; null where it has none. */
export function freeFatEntry(bytes: Uint8Array): number | null {
  for (let offset = 0; offset < bytes.length; offset += FAT_ENTRY_BYTES) {
    if (bytes[offset] === 0 || bytes[offset] === DELETED) return offset;
  }
  return null;
}

/** Whether `record` is what `name` means: FAT knows no case. */
export function isNamed({ name, shortName }: FatRecord, wanted: string): boolean {
  const folded = wanted.toLowerCase();
  return name.toLowerCase() === folded || shortName.toLowerCase() === folded;
}

/** Writes a new entry for the file `name`, without content, at `offset`. */
export function putFatEntry(bytes: Uint8Array, offset: number, name: ShortName): void {
  bytes.fill(0, offset, offset + FAT_ENTRY_BYTES);
  bytes.set(name.bytes, offset);
  bytes[offset + 11] = ARCHIVE;
  bytes[offset + 12] = name.caseFlags;
  for (const dateOffset of [16, 18, 24]) putU16(bytes, offset + dateOffset, FIRST_DATE);
}

/** Says in the entry at `offset` where its file starts, and how long it is. */
export function putFatContent(
  bytes: Uint8Array,
  offset: number,
  firstCluster: number,
  size: number,
): void {
  putU16(bytes, offset + 20, firstCluster >>> 16);
  putU16(bytes, offset + 26, firstCluster);
  putU32(bytes, offset + 28, size);
}

/** Deletes the entries of `bytes` from `start` up to `end`. */
export function deleteFatEntries(bytes: Uint8Array, start: number, end: number): void {
  for (let offset = start; offset < end; offset += FAT_ENTRY_BYTES) bytes[offset] = DELETED;
}

/** A name of 8.3 letters as it is stored. */
export interface ShortName {
  readonly bytes: Uint8Array;
  readonly caseFlags: number;
}

/** `name` as 8.3 letters; null where it cannot be said so. Mixed case is not kept. */
export function shortNameOf(name: string): ShortName | null {
  const match = /^([\w!#$%&'()@^`{}~-]{1,8})(?:\.([\w!#$%&'()@^`{}~-]{1,3}))?$/.exec(name);
  if (match === null) return null;
  const [, base = '', extension = ''] = match;
  const stored = base.toUpperCase().padEnd(8) + extension.toUpperCase().padEnd(3);
  const isLower = (part: string): boolean => part === part.toLowerCase() && /[a-z]/.test(part);
  return {
    bytes: Uint8Array.from(stored, (letter) => letter.charCodeAt(0)),
    caseFlags: (isLower(base) ? LOWER_BASE : 0) | (isLower(extension) ? LOWER_EXTENSION : 0),
  };
}

function recordAt(bytes: Uint8Array, offset: number, pieces: readonly number[]): FatRecord {
  const shortName = shortNameAt(bytes, offset);
  const long = longNameOf(bytes, pieces, sumOf(bytes, offset));
  return {
    name: long ?? shortName,
    shortName,
    isDirectory: (bytes[offset + 11]! & DIRECTORY) !== 0,
    firstCluster: u16(bytes, offset + 26) + u16(bytes, offset + 20) * 0x10000,
    size: u32(bytes, offset + 28),
    entryOffset: offset,
    startOffset: long === null ? offset : pieces[0]!,
  };
}

function shortNameAt(bytes: Uint8Array, offset: number): string {
  const stored = latin1(bytes, offset, offset + 11);
  const first = bytes[offset] === 0x05 ? '\xe5' : stored[0]!;
  const base = (first + stored.slice(1, 8)).trimEnd();
  const extension = stored.slice(8).trimEnd();
  return (extension === '' ? base : `${base}.${extension}`).toLowerCase();
}

/** The name that `pieces`, the offsets of entries, add up to; null where it is none. */
function longNameOf(bytes: Uint8Array, pieces: readonly number[], sum: number): string | null {
  if (pieces.length === 0) return null;
  let name = '';
  for (const [index, offset] of pieces.entries()) {
    const order = (pieces.length - index) | (index === 0 ? LAST_PIECE : 0);
    if (bytes[offset] !== order || bytes[offset + 13] !== sum) return null;
    const units = LETTER_OFFSETS.map((at) => u16(bytes, offset + at));
    name = String.fromCharCode(...units) + name;
  }
  return name.split('\0', 1)[0]!.replace(/\uffff+$/, '');
}

/** The sum of the short name at `offset` that pieces of its long one repeat. */
function sumOf(bytes: Uint8Array, offset: number): number {
  let sum = 0;
  for (let index = 0; index < 11; index++) {
    sum = (((sum & 1) << 7) + (sum >>> 1) + bytes[offset + index]!) & 0xff;
  }
  return sum;
}
