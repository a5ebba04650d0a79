/**
 * The literals of a zstd block: what its sequences do not copy.
 *
 *   bits 0-1   0 as they are, 1 one byte repeated, 2 Huffman with codes, 3 with those of before
 *   bits 2-3   how long the sizes behind are
 *
 *               kinds 0 and 1                     kinds 2 and 3
 *   00     10   3: size of  5 bits, 1 byte        00   4: two sizes of 10 bits, 3 bytes, 1 stream
 *   01          4: size of 12 bits, 2 bytes       01   4: two sizes of 10 bits, 3 bytes
 *   11          4: size of 20 bits, 3 bytes       10   4: two sizes of 14 bits, 4 bytes
 *                                                 11   4: two sizes of 18 bits, 5 bytes
 *
 * Sizes are of what is decoded, then of what is coded, codes among it. Four streams have three u16
 * ahead, their lengths but for the last; each but the last decodes to a quarter, rounded up.
 */

import { decodeHuffman, type HuffmanCodes, readHuffman } from './huffman.ts';

/** Literals, where they end in the block, and the codes that blocks behind may use. */
export interface Literals {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly codes: HuffmanCodes | null;
}

const JUMP_BYTES = 6;

/**
 * The literals from `start` of `stored` on, which are `room` long at the most and may be put there;
 * null where they are not sound. `codes` are those of the last block.
 */
export function readLiterals(
  stored: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  codes: HuffmanCodes | null,
  room: Uint8Array,
): Literals | null {
  const head = stored[start]!;
  const kind = head & 3;
  const format = (head >> 2) & 3;
  if (kind < 2) {
    const [shift, headBytes] = format === 1 ? [4, 2] : format === 3 ? [4, 3] : [3, 1];
    const size = sizesAt(stored, start, headBytes) >>> shift;
    const from = start + headBytes;
    const to = from + (kind === 0 ? size : 1);
    if (to > end || size > room.length) return null;
    const isStored = kind === 0;
    const bytes = isStored ? stored.subarray(from, to) : room.subarray(0, size);
    if (!isStored) bytes.fill(stored[from]!);
    return { bytes, end: to, codes };
  }
  const [width, headBytes] = format < 2 ? [10, 3] : format === 2 ? [14, 4] : [18, 5];
  const sizes = Math.floor(sizesAt(stored, start, headBytes) / 16);
  const size = sizes % 2 ** width;
  const from = start + headBytes;
  const to = from + Math.floor(sizes / 2 ** width);
  if (to > end || size > room.length) return null;
  const described = kind === 2 ? readHuffman(stored, { start: from, end: to }) : null;
  const own = kind === 2 ? (described?.codes ?? null) : codes;
  if (own === null) return null;
  const bytes = room.subarray(0, size);
  const coded = { start: described?.end ?? from, end: to };
  const decode = format === 0 ? decodeHuffman : decodeFour;
  return decode(stored, coded, own, bytes) ? { bytes, end: to, codes: own } : null;
}

function decodeFour(
  stored: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  codes: HuffmanCodes,
  target: Uint8Array,
): boolean {
  const quarter = (target.length + 3) >> 2;
  let from = start + JUMP_BYTES;
  for (let stream = 0; stream < 4; stream++) {
    const jump = start + 2 * stream;
    const to = stream === 3 ? end : from + (stored[jump]! | (stored[jump + 1]! << 8));
    const piece = target.subarray(
      quarter * stream,
      stream === 3 ? undefined : quarter * (stream + 1),
    );
    if (to > end || !decodeHuffman(stored, { start: from, end: to }, codes, piece)) return false;
    from = to;
  }
  return true;
}

/** `count` bytes, little endian; those behind the end are zeros. */
function sizesAt(stored: Uint8Array, offset: number, count: number): number {
  let value = 0;
  for (let at = count - 1; at >= 0; at--) value = value * 256 + (stored[offset + at] ?? 0);
  return value;
}
