/**
 * Which compression bytes are in, and what undoes it, loaded with the first of each.
 *
 *   gzip   1f 8b 08             what follows its zeros, if any, is passed over
 *   xz     fd "7zXZ" 00         what follows is counted: `*.vxz-psigned` have a signature there
 *   zstd   28 b5 2f fd          nothing may follow; a frame 5x 2a 4d 18 to be skipped may start it
 *   LZMA   no magic             nothing may follow
 *
 * LZMA alone is told by a header that hardly anything else has: properties below 225, a window of
 * 2^n or 2^n + 2^(n-1) bytes, a size below 2^38 or none, and a first byte of 0.
 *
 * Not here: how often (layer/plain.ts), and what is known but not read.
 */

import { u32 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { type Codec, isGzip, type Unpacked } from './codec.ts';

/** A compression that is undone here. */
export type Compression = 'gzip' | 'xz' | 'zstd' | 'LZMA';

const XZ_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
const ZSTD_MAGIC = 0xfd2fb528;
const SKIPPED_MAGIC = 0x184d2a50;
const ALL_ONES = 2 ** 32 - 1;
const LZMA_HEADER_BYTES = 18;
const LZMA_PROPERTIES_END = 225;
const LZMA_WINDOW_LEAST = 4096;
const LZMA_SIZE_HIGH_END = 2 ** 6;

/** What `head`, the start of what is stored, is compressed with; null where it is not. */
export function compressionOf(head: Uint8Array): Compression | null {
  if (isGzip(head)) return 'gzip';
  if (isXz(head)) return 'xz';
  if (isZstd(head)) return 'zstd';
  return isLzma(head) ? 'LZMA' : null;
}

/** Whether `bytes` start as xz does. */
export function isXz(bytes: Uint8Array): boolean {
  return XZ_MAGIC.every((byte, index) => bytes[index] === byte);
}

/** Whether `bytes` start as a frame of zstd does, or as one that zstd skips. */
export function isZstd(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const magic = u32(bytes, 0);
  return magic === ZSTD_MAGIC || (magic & ~15) >>> 0 === SKIPPED_MAGIC;
}

function isLzma(bytes: Uint8Array): boolean {
  if (bytes.length < LZMA_HEADER_BYTES || bytes[0]! >= LZMA_PROPERTIES_END) return false;
  const window = u32(bytes, 1);
  const lowest = (window & -window) >>> 0;
  const isWindow = window === ALL_ONES || window === lowest || window === lowest * 3;
  const high = u32(bytes, 9);
  const isSize = high < LZMA_SIZE_HIGH_END || (high === ALL_ONES && u32(bytes, 5) === ALL_ONES);
  return window >= LZMA_WINDOW_LEAST && isWindow && isSize && bytes[13] === 0;
}

/**
 * What is within `stored`, which is in `compression`. Throws CorruptError naming `archive` where it
 * is not sound, decodes to more than `limitBytes` or has bytes behind it that may not be there;
 * ForeignError where it is coded in a way that is not read.
 */
export async function unpack(
  stored: Uint8Array,
  compression: Compression,
  limitBytes: number,
  archive: string,
  codec: Codec,
): Promise<Unpacked> {
  if (compression === 'gzip') {
    const plain = await codec.gunzip(stored, limitBytes, archive);
    return { plain, storedBytes: stored.length };
  }
  if (compression === 'xz') {
    const { unxz } = await import('./xz.ts');
    return unxz(stored, limitBytes, archive, codec);
  }
  const unpacked =
    compression === 'zstd'
      ? (await import('./zstd.ts')).unzstd(stored, limitBytes, archive)
      : (await import('./lzma-alone.ts')).unlzma(stored, limitBytes, archive);
  const behind = stored.length - unpacked.storedBytes;
  if (behind === 0) return unpacked;
  const claim = `has ${behind} bytes behind its ${compression} stream that are none of it`;
  throw new CorruptError(archive, unpacked.storedBytes, claim);
}
