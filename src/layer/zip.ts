/**
 * Members of a zip as Sources, and bytes as members of a zip.
 *
 * A stored member is read where it lies, so zips in zips are opened without being taken out; a
 * deflated one is decoded whole. Either way its CRC is checked once, when it is opened.
 */

import { NO_BYTES, u32 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { DEFLATE_MAX_RATIO, decodedLimitBytes } from '../base/limits.ts';
import { bytesSource, readBytes, type Source, windowSource } from '../base/source.ts';
import { type Codec, tooLarge } from '../codec/codec.ts';
import { METHOD, type ZipEntry, zipDataOffset } from '../format/zip.ts';
import type { ZipContent } from '../format/zip-write.ts';

/** How much is read at once to sum it up, in bytes. */
const CHUNK_BYTES = 1 << 20;
/** Of a gzip member without a name: what is ahead of deflate, and behind it. */
const GZIP_HEAD_BYTES = 10;
const GZIP_TRAILER_BYTES = 8;

/**
 * The content of `entry`, a member of the zip in `source`. It may decode to `limitBytes`, which
 * follows from its stored size unless said. Throws CorruptError where it lies, decodes to more, or
 * is no file that can be read: encrypted, a link, of a method that is not known here.
 */
export function openZipEntry(
  source: Source,
  entry: ZipEntry,
  codec: Codec,
  limitBytes: number = decodedLimitBytes(entry.storedSize),
): Source {
  const { name, kind, method, size, storedSize, headerOffset } = entry;
  const refuse = (claim: string): never => {
    throw new CorruptError(source.name, headerOffset, `'${name}' ${claim}`);
  };
  if (kind !== 'file') refuse(`is a ${kind}, no file`);
  if (entry.isEncrypted) refuse('is encrypted');
  const dataOffset = zipDataOffset(source, entry);
  const place = `${source.name}!${name}`;
  if (method === METHOD.stored) {
    if (size !== storedSize) refuse(`is stored, but ${size} bytes in ${storedSize}`);
    const stored = windowSource(source, dataOffset, size, place);
    if (sumOf(stored, codec) !== entry.crc32) refuse('has another CRC than the directory says');
    return stored;
  }
  if (method !== METHOD.deflate) refuse(`is stored by method ${method}: 0 and 8 are read`);
  if (size > storedSize * DEFLATE_MAX_RATIO) refuse(`claims ${size} bytes in ${storedSize}`);
  if (size > limitBytes) refuse(tooLarge(limitBytes));
  const stored = readBytes(source, dataOffset, storedSize);
  const bytes = codec.inflateFrom({ stored, bit: 0, window: NO_BYTES }, size);
  if (bytes === null) return refuse(`does not decode to the ${size} bytes that it claims`);
  if (codec.crc32(bytes) !== entry.crc32) refuse('has another CRC than the directory says');
  return bytesSource(bytes, place);
}

/** `bytes` as a member called `name`: deflated, or stored where that is no longer. */
export async function zipContent(
  name: string,
  bytes: Uint8Array,
  codec: Codec,
): Promise<ZipContent> {
  const member = await codec.gzip(bytes);
  const trailerOffset = member.length - GZIP_TRAILER_BYTES;
  const deflated = member.subarray(GZIP_HEAD_BYTES, trailerOffset);
  const isSmaller = deflated.length < bytes.length;
  return {
    name,
    method: isSmaller ? METHOD.deflate : METHOD.stored,
    stored: isSmaller ? deflated : bytes,
    size: bytes.length,
    crc32: u32(member, trailerOffset),
  };
}

/** `bytes` as a member called `name`, as they are: what is compressed already is read in place. */
export function storedContent(name: string, bytes: Uint8Array, codec: Codec): ZipContent {
  const { length: size } = bytes;
  return { name, method: METHOD.stored, stored: bytes, size, crc32: codec.crc32(bytes) };
}

function sumOf(source: Source, codec: Codec): number {
  let sum = 0;
  for (let offset = 0; offset < source.size; offset += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, source.size - offset);
    sum = codec.crc32(readBytes(source, offset, length), sum);
  }
  return sum;
}
