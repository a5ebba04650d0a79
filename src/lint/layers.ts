/**
 * Lint of what is around an archive: gzip, and what is no gzip.
 *
 *   boot loader   reads the last 8 bytes of the file as CRC-32 and size of one gzip
 *   ESXi          undoes what is left: xz or LZMA up to 8, zstd from 9 on
 */

import { CorruptError } from '../base/errors.ts';
import { COMPRESSIONS_MAX_COUNT } from '../base/limits.ts';
import { bytesSource, readBytes, type Source } from '../base/source.ts';
import { type Codec, isGzip } from '../codec/codec.ts';
import { deflateOffset, TRAILER_BYTES } from '../codec/gzip-members.ts';
import { peeled, startsAsGzip } from '../layer/plain.ts';
import type { Findings } from './findings.ts';

const PIECE_BYTES = 64 << 10;

/**
 * `source` without any compression, told what is odd about that; null where it cannot be undone,
 * which is told too.
 */
export async function peel(
  source: Source,
  codec: Codec,
  limitBytes: number,
  findings: Findings,
): Promise<Source | null> {
  try {
    const isZipped = startsAsGzip(source);
    let plain = isZipped ? await unzip(source, codec, limitBytes, findings) : source;
    for (let depth = isZipped ? 1 : 0; ; depth++) {
      const layer = await peeled(plain, codec, limitBytes);
      if (layer === null) return plain;
      if (depth === COMPRESSIONS_MAX_COUNT) {
        const claim = `is compressed more than ${COMPRESSIONS_MAX_COUNT} times`;
        throw new CorruptError(source.name, 0, claim);
      }
      const what = `it is compressed with ${layer.compression}`;
      if (depth === 0) findings.add('loader-cannot-read', what);
      else findings.add('inner-compression', `within, ${what}`);
      plain = layer.plain;
    }
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    findings.corrupt(error);
    return null;
  }
}

/** What `source` holds, which is gzip; what is behind its end is told, and no part of it. */
async function unzip(
  source: Source,
  codec: Codec,
  limitBytes: number,
  findings: Findings,
): Promise<Source> {
  const stored = readBytes(source, 0, source.size);
  const ends = memberEnds(stored, codec, limitBytes);
  const end = ends.at(-1) ?? stored.length;
  if (end < stored.length) {
    const what = `${stored.length - end} bytes stand behind the end of the gzip`;
    findings.add('gzip-trailing-bytes', what, { offset: end });
  }
  if (ends.length > 1) {
    const what = `it has ${ends.length} members`;
    findings.add('gzip-several-members', what, { offset: ends[0]! });
  }
  const bytes = await codec.gunzip(stored.subarray(0, end), limitBytes, source.name);
  return bytesSource(bytes, source.name);
}

/**
 * Where each gzip member of `stored` ends; none from the first on that is not sound, or leads
 * beyond `limitBytes`: what is wrong with it, decoding says.
 */
function memberEnds(stored: Uint8Array, codec: Codec, limitBytes: number): number[] {
  const ends: number[] = [];
  let left = limitBytes;
  for (let start = 0; isGzip(stored.subarray(start, start + 3)); ) {
    const member = memberEnd(stored, start, codec, left);
    if (member === null) return ends;
    ends.push(member.end);
    left -= member.size;
    start = member.end;
  }
  return ends;
}

function memberEnd(
  stored: Uint8Array,
  start: number,
  codec: Codec,
  limitBytes: number,
): { readonly end: number; readonly size: number } | null {
  try {
    const blocks = codec.blocksFrom(stored, deflateOffset(stored, start, ''));
    const piece = new Uint8Array(PIECE_BYTES);
    let [offset, size] = [0, 0];
    for (let met = ''; met !== 'end'; offset = blocks.offset % piece.length) {
      met = blocks.next(piece, offset);
      size += blocks.offset - offset;
      if (met === 'cut' || met === 'broken' || size > limitBytes) return null;
    }
    const end = blocks.storedOffset + TRAILER_BYTES;
    return end > stored.length ? null : { end, size };
  } catch (error) {
    if (error instanceof CorruptError) return null;
    throw error;
  }
}
