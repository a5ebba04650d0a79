/**
 * The checksum of a tar header: the sum of its 512 bytes with its own field read as blanks.
 *
 *   off  len
 *   148    8  the sum, of unsigned bytes by POSIX, of signed ones by some old tars and by vmtar
 *
 * Summing is a quarter of what a mount costs, so it is done by words where the header lies on a
 * border of four.
 */

import { tarNumber } from './tar-number.ts';

const HEADER_BYTES = 512;

/** Where in a header its checksum is. */
export const CHECKSUM_OFFSET = 148;
/** Bytes of the checksum's own field. */
export const CHECKSUM_BYTES = 8;

/** Whether the header at `start` of `bytes`, of which `words` are the fours, adds up. */
export function hasTarChecksum(
  bytes: Uint8Array,
  start: number,
  words: Int32Array | null,
): boolean {
  const stored = tarNumber(bytes, start + CHECKSUM_OFFSET, CHECKSUM_BYTES);
  const unsigned = checksumOf(bytes, start, words);
  return stored === unsigned || stored === unsigned - 256 * highBytes(bytes, start);
}

/** The checksum for the header `block`: the sum of signed bytes where `isSigned`, else by POSIX. */
export function checksumToWrite(block: Uint8Array, isSigned: boolean): number {
  const unsigned = checksumOf(block, 0, null);
  const signed = unsigned - 256 * highBytes(block, 0);
  // Octal cannot hold a sum below 0, which a name far from ASCII can have; readers take either.
  return isSigned && signed >= 0 ? signed : unsigned;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** `bytes` by little-endian fours, or null where they do not lie on a border of four. */
export function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array | null {
  if (!IS_LITTLE_ENDIAN || byteOffset % 4 !== 0) return null;
  return new Int32Array(buffer, byteOffset, Math.floor(length / 4));
}

/** The sum by POSIX: the checksum's own field counts as eight blanks. */
function checksumOf(bytes: Uint8Array, start: number, words: Int32Array | null): number {
  if (words !== null) return sumOfWords(words, start >>> 2);
  let sum = CHECKSUM_BYTES * 0x20;
  for (let at = start; at < start + HEADER_BYTES; at++) sum += bytes[at]!;
  const field = start + CHECKSUM_OFFSET;
  for (let at = field; at < field + CHECKSUM_BYTES; at++) sum -= bytes[at]!;
  return sum;
}

/**
 * The same of the 512 bytes from the word `start` on, two lanes of 16 bits at once: of 128 words
 * each adds at most 510 to a lane, so none overflows. A fifth of the time of a mount goes by here,
 * and most of a header is zeros: four words of them are seen at a glance.
 */
function sumOfWords(words: Int32Array, start: number): number {
  const field = start + CHECKSUM_OFFSET / 4;
  let lanes = 0;
  for (let at = start; at < start + HEADER_BYTES / 4; at += 4) {
    const one = words[at]!;
    const two = words[at + 1]!;
    const three = words[at + 2]!;
    const four = words[at + 3]!;
    if ((one | two | three | four) === 0) continue;
    lanes = (lanes + lanesOf(one) + lanesOf(two) + lanesOf(three) + lanesOf(four)) | 0;
  }
  lanes = (lanes - lanesOf(words[field]!) - lanesOf(words[field + 1]!)) | 0;
  return CHECKSUM_BYTES * 0x20 + (lanes & 0xffff) + (lanes >>> 16);
}

function lanesOf(word: number): number {
  return (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff);
}

/** How many bytes above 0x7f the sum counts: each is 256 less where bytes are signed. */
function highBytes(bytes: Uint8Array, start: number): number {
  let count = 0;
  for (let index = 0; index < HEADER_BYTES; index++) {
    const isSummed = index < CHECKSUM_OFFSET || index >= CHECKSUM_OFFSET + CHECKSUM_BYTES;
    if (isSummed && bytes[start + index]! > 0x7f) count++;
  }
  return count;
}
