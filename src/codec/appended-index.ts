/**
 * A seek index behind its archive: gzip members of no data, which any gunzip passes over.
 *
 *   archive | member | member | … | last member
 *
 *   off  len  of each member                        of the last one
 *     0   10  1f 8b 08 04 0 0 0 0 0 ff              the same
 *    10    2  n + 4                                 12
 *    12    4  "VS", n                               "VE", 8
 *    16    n  the next n bytes of the index         length of the index, u64
 *    16+n  2  03 00, an empty block                 the same
 *    18+n  8  0, sum and size of nothing            the same
 *
 * Every n is 65,531, the most that a field can have, but for that of the last piece.
 */

import { concatBytes } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { SEEK_INDEX_MAX_BYTES } from '../base/limits.ts';
import { readBytes, type Source } from '../base/source.ts';

const PIECE_BYTES = 65_531;
const HEAD_BYTES = 16;
const AROUND_BYTES = HEAD_BYTES + 10;
const END_BYTES = AROUND_BYTES + 8;
const PIECE = 'VS';
const END = 'VE';
const HEADER = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255] as const;

/**
 * The bytes that, behind the archive that `index` was made of, make it one with an index.
 *
 * @example
 * import { appendFileSync } from 'node:fs';
 * const made = await openTardisk('host/sb.v00', { index: 'make' });
 * appendFileSync('host/sb.v00', appendableIndex(seekIndexOf(made)));
 * const tardisk = await openTardisk('host/sb.v00'); // read by that index: nothing is decoded
 * console.log(seekIndexOf(tardisk) !== null); // true
 */
export function appendableIndex(index: Uint8Array): Uint8Array {
  const members: Uint8Array[] = [];
  for (let at = 0; at < index.length; at += PIECE_BYTES) {
    members.push(member(PIECE, index.subarray(at, at + PIECE_BYTES)));
  }
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(index.length), true);
  return concatBytes([...members, member(END, length)]);
}

/** A seek index, and how long the archive is that it is behind. */
export interface IndexBehind {
  readonly index: Uint8Array;
  readonly archiveSize: number;
}

/**
 * The seek index at the end of `stored`; null where none is. Throws CorruptError where one begins
 * to be there and is not.
 */
export function indexBehind(stored: Source): IndexBehind | null {
  if (stored.size < END_BYTES) return null;
  const endOffset = stored.size - END_BYTES;
  const end = readBytes(stored, endOffset, END_BYTES);
  if (!isMember(end, END, 8)) return null;
  const length = Number(new DataView(end.buffer, end.byteOffset).getBigUint64(HEAD_BYTES, true));
  const count = Math.ceil(length / PIECE_BYTES);
  const start = endOffset - length - count * AROUND_BYTES;
  if (length > SEEK_INDEX_MAX_BYTES || start < 0) {
    const claim = `says that a seek index of ${length} bytes is ahead of its end`;
    throw new CorruptError(stored.name, endOffset, claim);
  }
  const index = new Uint8Array(length);
  let at = start;
  for (let into = 0; into < length; into += PIECE_BYTES) {
    const size = Math.min(PIECE_BYTES, length - into);
    const bytes = readBytes(stored, at, size + AROUND_BYTES);
    if (!isMember(bytes, PIECE, size)) {
      throw new CorruptError(stored.name, at, 'a piece of its seek index should be here');
    }
    index.set(bytes.subarray(HEAD_BYTES, HEAD_BYTES + size), into);
    at += bytes.length;
  }
  return { index, archiveSize: start };
}

function member(kind: string, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + AROUND_BYTES);
  const view = new DataView(whole.buffer);
  whole.set(HEADER);
  view.setUint16(10, bytes.length + 4, true);
  whole.set([kind.charCodeAt(0), kind.charCodeAt(1)], 12);
  view.setUint16(14, bytes.length, true);
  whole.set(bytes, HEAD_BYTES);
  whole[HEAD_BYTES + bytes.length] = 3;
  return whole;
}

/** Whether a member of `kind` with `size` bytes is in `bytes`, which may be damaged. */
function isMember(bytes: Uint8Array, kind: string, size: number): boolean {
  const like = member(kind, bytes.subarray(HEAD_BYTES, HEAD_BYTES + size));
  return like.every((byte, at) => bytes[at] === byte);
}
