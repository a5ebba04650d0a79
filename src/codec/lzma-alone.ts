/**
 * LZMA alone (`.lzma`), which has no magic and no sum.
 *
 *   off  len
 *     0    1  properties: lzma.ts; below 225
 *     1    4  bytes of the window: 2^n or 2^n + 2^(n-1), or all ones
 *     5    8  bytes decoded, or all ones where the end mark says where the end is
 *    13       a range coder's stream; it ends with a code of 0, or with the mark
 *
 * As xz tells it: only such windows, and a size below 2^38. A first byte of the stream that is not
 * 0 is none.
 */

import { u32 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { tooLarge, type Unpacked } from './codec.ts';
import { grown, trimmed } from './growing.ts';
import { LzmaDecoder, type LzmaOutcome, lzmaProperties } from './lzma.ts';

const HEADER_BYTES = 13;
const ALL_ONES = 2 ** 32 - 1;
const WINDOW_LEAST_BYTES = 4096;
const STEP_BYTES = 1 << 20;
const CUT_SHORT = 'the LZMA stream is cut short';

/**
 * What the stream that `stored` starts with, which `isLzma`, decodes to. Throws CorruptError
 * naming `archive` where it is not sound or decodes to more than `limitBytes`.
 */
export function unlzma(stored: Uint8Array, limitBytes: number, archive: string): Unpacked {
  const high = u32(stored, 9);
  const size = high === ALL_ONES ? null : high * 2 ** 32 + u32(stored, 5);
  if (size !== null && size > limitBytes) throw new CorruptError(archive, 5, tooLarge(limitBytes));
  const decoder = new LzmaDecoder(stored, Math.max(WINDOW_LEAST_BYTES, u32(stored, 1)));
  decoder.reset(lzmaProperties(stored[0]!)!);
  decoder.start(HEADER_BYTES);
  const most = size ?? limitBytes;
  let target = new Uint8Array(0);
  let outcome: LzmaOutcome = 'full';
  while (outcome === 'full' && decoder.offset < most) {
    const stop = Math.min(most, decoder.offset + STEP_BYTES);
    target = grown(target, decoder.offset, stop, most);
    outcome = decoder.decode(target, stop);
  }
  if (outcome === 'full' && !(size !== null && decoder.isAtEnd)) {
    // Nothing but the mark may follow; a byte more is one too many.
    target = grown(target, most, most + 1, most + 1);
    outcome = decoder.decode(target, most + 1);
    if (outcome === 'full' && size === null) {
      throw new CorruptError(archive, decoder.inputOffset, tooLarge(limitBytes));
    }
    if (outcome === 'full') outcome = 'broken';
  }
  if (outcome === 'cut') throw new CorruptError(archive, stored.length, CUT_SHORT);
  if (outcome === 'broken' || !decoder.isAtEnd || decoder.offset !== (size ?? decoder.offset)) {
    const claim = `is not sound LZMA: it goes wrong after ${decoder.offset} bytes`;
    throw new CorruptError(archive, decoder.inputOffset, claim);
  }
  return { plain: trimmed(target, decoder.offset), storedBytes: decoder.inputOffset };
}
