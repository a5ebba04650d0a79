/**
 * What is around the deflate streams of a gzip file.
 *
 *   off  len
 *     0    2  1f 8b
 *     2    1  8, deflate
 *     3    1  flags: 2 header sum, 4 extra fields, 8 name, 16 comment; others are none
 *     4    6  time, level, system
 *    10       extra fields: u16 length, then that; name and comment: up to a NUL; u16 header sum
 *             deflate
 *    -8    4  CRC-32 of what it decodes to
 *    -4    4  its size, modulo 2^32
 *
 * Members follow each other at once. A zero behind one is padding, and the file ends there.
 */

import { u32 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { CUT_SHORT, isGzip } from './codec.ts';
import { crc32 } from './crc32.ts';

const FLAG = { headerSum: 2, extra: 4, name: 8, comment: 16 } as const;
const FLAGS_UNKNOWN = 0xe0;
const FIXED_BYTES = 10;

/** What is behind each deflate stream, in bytes. */
export const TRAILER_BYTES = 8;

/**
 * Where the deflate stream of the member at `offset` of `stored` starts. Throws CorruptError where
 * no member does, or its header is cut short or has another sum.
 */
export function deflateOffset(stored: Uint8Array, offset: number, archive: string): number {
  if (offset + FIXED_BYTES > stored.length) throw new CorruptError(archive, offset, CUT_SHORT);
  const flags = stored[offset + 3]!;
  const isMember = isGzip(stored.subarray(offset, offset + 3)) && (flags & FLAGS_UNKNOWN) === 0;
  if (!isMember)
    throw new CorruptError(archive, offset, 'is not sound gzip: no member starts here');
  let at = offset + FIXED_BYTES;
  if ((flags & FLAG.extra) !== 0) at += 2 + stored[at]! + (stored[at + 1]! << 8);
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    const end = stored.indexOf(0, at);
    at = end < 0 ? stored.length : end + 1;
  }
  const sumOffset = at;
  if ((flags & FLAG.headerSum) !== 0) at += 2;
  if (!(at <= stored.length)) throw new CorruptError(archive, offset, CUT_SHORT);
  if (at === sumOffset) return at;
  const sum = crc32(stored.subarray(offset, sumOffset)) & 0xffff;
  if (sum === (stored[sumOffset]! | (stored[sumOffset + 1]! << 8))) return at;
  throw new CorruptError(archive, sumOffset, 'is not sound gzip: incorrect header check');
}

/**
 * Checks the trailer at `offset` of `stored` against the sum and size of what was decoded, and
 * returns where it ends. Throws CorruptError where they differ, or it is cut short.
 */
export function checkTrailer(
  stored: Uint8Array,
  offset: number,
  { sum, size }: { readonly sum: number; readonly size: number },
  archive: string,
): number {
  const end = offset + TRAILER_BYTES;
  if (end > stored.length) throw new CorruptError(archive, offset, CUT_SHORT);
  if (u32(stored, offset) !== sum) {
    throw new CorruptError(archive, offset, 'is not sound gzip: incorrect data check');
  }
  if (u32(stored, offset + 4) !== size % 2 ** 32) {
    throw new CorruptError(archive, offset + 4, 'is not sound gzip: incorrect length check');
  }
  return end;
}
