/**
 * The start of what a gzip member decodes to, checked by the sum of all of it.
 *
 *   stored    member ─────────────────────────────── member ── …
 *   decoded   head, which is held | decoded for its sum, and dropped
 *
 * What is behind that member is not looked at.
 */

import { CorruptError } from '../base/errors.ts';
import type { Codec } from './codec.ts';
import { checkTrailer, deflateOffset } from './gzip-members.ts';

const DROPPED_BYTES = 64 << 10;

/**
 * The first `size` bytes that the member at the start of `stored` decodes to; null where it has
 * fewer, or is not sound.
 */
export function memberHead(stored: Uint8Array, size: number, codec: Codec): Uint8Array | null {
  try {
    return decodedHead(stored, size, codec);
  } catch (error) {
    if (error instanceof CorruptError) return null;
    throw error;
  }
}

function decodedHead(stored: Uint8Array, size: number, codec: Codec): Uint8Array | null {
  const head = new Uint8Array(size);
  const blocks = codec.blocksFrom(stored, deflateOffset(stored, 0, ''));
  let target = head;
  let offset = 0;
  let sum = 0;
  let decodedSize = 0;
  for (let met = ''; met !== 'end'; ) {
    met = blocks.next(target, offset);
    if (met === 'cut' || met === 'broken') return null;
    sum = codec.crc32(target.subarray(offset, blocks.offset), sum);
    decodedSize += blocks.offset - offset;
    offset = blocks.offset;
    if (met !== 'full') continue;
    if (target === head) target = new Uint8Array(DROPPED_BYTES);
    offset = 0;
  }
  checkTrailer(stored, blocks.storedOffset, { sum, size: decodedSize }, '');
  return decodedSize < size ? null : head;
}
