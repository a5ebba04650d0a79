/**
 * Writing a zip: members that are encoded already, and the directory behind them.
 *
 * The same members give the same bytes: the time of all is the first that zip knows (1980-01-01),
 * the system is Unix, the mode 0644; there are no extra fields and no comments. The layout is drawn
 * in zip.ts.
 *
 * Not here: zip64. What does not fit without it is refused.
 */

import { putU16, putU32, utf8 } from '../base/bytes.ts';
import { FIXED_BYTES } from './zip.ts';
import { SIGNATURE } from './zip-start.ts';

/** A member to be. */
export interface ZipContent {
  readonly name: string;
  readonly method: number;
  /** Its bytes, encoded by `method`. */
  readonly stored: Uint8Array;
  /** Of its bytes as they are decoded. */
  readonly size: number;
  readonly crc32: number;
}

/** 2.0: deflate, and directories. */
const VERSION = 20;
const UNIX = 3 << 8;
const UTF8_FLAG = 1 << 11;
/** 1980-01-01. */
const FIRST_DATE = (1 << 5) | 1;
const REGULAR_0644 = 0o100644;
const MEMBERS_MAX_COUNT = 0xfffe;
const OFFSET_MAX = 0xfffffffe;

/**
 * A zip of `contents`, in pieces that follow each other. Throws RangeError for more than 65534
 * members, or 4 GiB.
 */
export function encodeZip(contents: readonly ZipContent[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const content of contents) {
    const name = utf8(content.name);
    const fields = fieldsOf(content, name);
    pieces.push(localHeader(fields, name), content.stored);
    directory.push(directoryEntry(fields, name, offset));
    offset += FIXED_BYTES.local + name.length + content.stored.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  if (contents.length > MEMBERS_MAX_COUNT || offset + size > OFFSET_MAX) {
    throw new RangeError(`${contents.length} members in ${offset} bytes are too much for a zip`);
  }
  return [...pieces, ...directory, endOf(contents.length, size, offset)];
}

/** What the local header and the directory say alike: 26 bytes, from the version on. */
function fieldsOf({ method, stored, size, crc32 }: ZipContent, name: Uint8Array): Uint8Array {
  const fields = new Uint8Array(26);
  putU16(fields, 0, VERSION);
  putU16(fields, 2, name.some((byte) => byte > 0x7f) ? UTF8_FLAG : 0);
  putU16(fields, 4, method);
  putU16(fields, 8, FIRST_DATE);
  putU32(fields, 10, crc32);
  putU32(fields, 14, stored.length);
  putU32(fields, 18, size);
  putU16(fields, 22, name.length);
  return fields;
}

function localHeader(fields: Uint8Array, name: Uint8Array): Uint8Array {
  const header = new Uint8Array(FIXED_BYTES.local + name.length);
  putU32(header, 0, SIGNATURE.local);
  header.set(fields, 4);
  header.set(name, FIXED_BYTES.local);
  return header;
}

function directoryEntry(fields: Uint8Array, name: Uint8Array, offset: number): Uint8Array {
  const entry = new Uint8Array(FIXED_BYTES.entry + name.length);
  putU32(entry, 0, SIGNATURE.entry);
  putU16(entry, 4, UNIX | VERSION);
  entry.set(fields, 6);
  putU32(entry, 38, REGULAR_0644 * 2 ** 16);
  putU32(entry, 42, offset);
  entry.set(name, FIXED_BYTES.entry);
  return entry;
}

function endOf(count: number, size: number, offset: number): Uint8Array {
  const end = new Uint8Array(FIXED_BYTES.end);
  putU32(end, 0, SIGNATURE.end);
  putU16(end, 8, count);
  putU16(end, 10, count);
  putU32(end, 12, size);
  putU32(end, 16, offset);
  return end;
}
