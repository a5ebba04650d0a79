/**
 * LZMA2: LZMA and stored bytes in chunks that say how long they are.
 *
 *   off  len  of a chunk of LZMA             of stored bytes            of the end
 *     0    1  control, 0x80 and above        1 or 2                     0
 *     1    2  decoded bytes - 1, low 16      bytes - 1, big endian
 *     3    2  coded bytes - 1, big endian    the bytes
 *     5    1  properties, if control says
 *     …       a range coder's stream
 *
 *   control  bits 0-4  bits 16-20 of the decoded bytes - 1
 *            bits 5-6  0 goes on, 1 models start anew, 2 and by other properties, 3 and the window
 *            1         the window starts anew; 2 it does not
 *
 * The first chunk starts the window anew, and the first of LZMA has properties, of which lc and lp
 * are together at most 4. Every chunk's stream is used up to its last byte and then has a code of
 * 0. So what a stream decodes to, and where it ends, is known before a byte is decoded.
 */

import { CorruptError } from '../base/errors.ts';
import { LzmaDecoder, lzmaProperties } from './lzma.ts';

const CONTEXT_AND_POSITION_MAX_BITS = 4;

/** What is said of a stream that ends before its end. */
export const XZ_CUT_SHORT = 'the xz stream is cut short';

/** One chunk: how its control byte starts it, and where what is in it lies. */
interface Chunk {
  readonly control: number;
  readonly headerOffset: number;
  readonly dataOffset: number;
  /** Where the next one starts. */
  readonly end: number;
  /** Bytes that it decodes to. */
  readonly size: number;
}

/** Where the chunks at `offset` of `stored` end, and how many bytes they decode to. */
export function lzma2Extent(
  stored: Uint8Array,
  offset: number,
  archive: string,
): { readonly end: number; readonly size: number } {
  let at = offset;
  let size = 0;
  for (;;) {
    const chunk = chunkAt(stored, at, archive);
    at = chunk.end;
    if (chunk.control === 0) return { end: at, size };
    size += chunk.size;
  }
}

/**
 * Decodes the chunks at `offset` of `stored` into `target` from `targetOffset` on, which has room
 * for what `lzma2Extent` says; no distance is above `windowBytes`. Throws CorruptError where they
 * are not sound.
 */
export function decodeLzma2(
  stored: Uint8Array,
  offset: number,
  { target, targetOffset }: { readonly target: Uint8Array; readonly targetOffset: number },
  windowBytes: number,
  archive: string,
): void {
  const decoder = new LzmaDecoder(stored, windowBytes);
  decoder.offset = targetOffset;
  let wants: 'window' | 'properties' | null = 'window';
  for (let at = offset; ; ) {
    const chunk = chunkAt(stored, at, archive);
    const { control, headerOffset, dataOffset, end, size } = chunk;
    if (control === 0) return;
    at = end;
    const broken = (claim: string) => new CorruptError(archive, headerOffset, claim);
    const isStored = control < 0x80;
    const reset = isStored ? 0 : (control >> 5) & 3;
    if (control === 1 || reset === 3) {
      decoder.resetWindow();
      wants = 'properties';
    }
    if (wants === 'window') throw broken('the first LZMA2 chunk does not start a window');
    if (isStored) {
      decoder.store(target, stored.subarray(dataOffset, end));
      continue;
    }
    if (reset >= 2) {
      const properties = lzmaProperties(stored[dataOffset - 1]!);
      const bits =
        properties === null ? 9 : properties.contextBits + properties.literalPositionBits;
      if (properties === null || bits > CONTEXT_AND_POSITION_MAX_BITS) {
        throw broken('an LZMA2 chunk has properties that there are not');
      }
      decoder.reset(properties);
      wants = null;
    } else if (reset === 1) decoder.reset();
    if (wants !== null) throw broken('an LZMA2 chunk has no properties');
    const isWhole =
      decoder.start(dataOffset) &&
      decoder.decode(target, decoder.offset + size) === 'full' &&
      decoder.inputOffset === end &&
      decoder.isAtEnd;
    if (!isWhole) throw broken(`an LZMA2 chunk is not sound: it does not give ${size} bytes`);
  }
}

function chunkAt(stored: Uint8Array, offset: number, archive: string): Chunk {
  const control = stored[offset];
  if (control === undefined) throw new CorruptError(archive, offset, XZ_CUT_SHORT);
  if (control === 0) {
    return { control, headerOffset: offset, dataOffset: offset + 1, end: offset + 1, size: 0 };
  }
  if (control > 2 && control < 0x80) {
    throw new CorruptError(archive, offset, `no LZMA2 chunk starts with ${control}`);
  }
  const isStored = control <= 2;
  const headerBytes = isStored ? 3 : control >= 0xc0 ? 6 : 5;
  const dataOffset = offset + headerBytes;
  if (dataOffset > stored.length) throw new CorruptError(archive, offset, XZ_CUT_SHORT);
  const low = u16(stored, offset + 1) + 1;
  const size = isStored ? low : low + ((control & 0x1f) << 16);
  const end = dataOffset + (isStored ? size : u16(stored, offset + 3) + 1);
  if (end > stored.length) throw new CorruptError(archive, offset, XZ_CUT_SHORT);
  return { control, headerOffset: offset, dataOffset, end, size };
}

function u16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}
