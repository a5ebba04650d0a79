/**
 * The footer of an eStargz: an empty gzip member at its end that says where its table is.
 *
 *   off  len                                      older stargz, of 47 bytes
 *     0   10  1f 8b 08 04 0 0 0 0 0 ff             the same
 *    10    2  26, length of the extra fields       22
 *    12    4  "SG", 22                             nothing
 *    16   22  "%016xSTARGZ"                        at 12: the same
 *    38    5  01 00 00 ff ff, an empty block       at 34: the same
 *    43    8  0, sum and size of nothing           at 39: the same
 *
 * The table is a gzip member of its own, right ahead of the footer.
 */

import { latin1, putU32 } from '../base/bytes.ts';

/** Length of the footer. */
export const FOOTER_BYTES = 51;

const OLDER_BYTES = 47;
const SAID_BYTES = 22;
const HEADER = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255];
const EMPTY_BLOCK = [1, 0, 0, 0xff, 0xff];

/** The footer of an archive whose table is at `tocOffset`. */
export function encodeFooter(tocOffset: number): Uint8Array {
  const footer = new Uint8Array(FOOTER_BYTES);
  footer.set(HEADER);
  footer.set([SAID_BYTES + 4, 0, 0x53, 0x47, SAID_BYTES, 0], 10);
  const said = `${tocOffset.toString(16).padStart(16, '0')}STARGZ`;
  for (let at = 0; at < SAID_BYTES; at++) footer[16 + at] = said.charCodeAt(at);
  footer.set(EMPTY_BLOCK, 38);
  putU32(footer, 43, 0);
  return footer;
}

/**
 * Where the table of the archive of `size` bytes is that ends with `tail`, and where that ends;
 * null where it is no eStargz.
 */
export function tocRange(
  tail: Uint8Array,
  size: number,
): { readonly start: number; readonly end: number } | null {
  for (const [length, saidOffset] of [
    [FOOTER_BYTES, 16],
    [OLDER_BYTES, 12],
  ] as const) {
    if (tail.length < length) continue;
    const footer = tail.subarray(tail.length - length);
    const extra = saidOffset - 12 + SAID_BYTES;
    const isHeader = HEADER.every((byte, at) => at > 3 || footer[at] === byte);
    const isExtra = footer[10] === extra && footer[11] === 0;
    const said = /^([0-9a-f]{16})STARGZ$/.exec(latin1(footer, saidOffset, saidOffset + SAID_BYTES));
    if (!isHeader || !isExtra || said === null) continue;
    const start = Number.parseInt(said[1]!, 16);
    const end = size - length;
    if (start < end) return { start, end };
  }
  return null;
}
