/**
 * What is around the LZMA2 of an xz file.
 *
 *   header | block | block | … | index | footer      streams follow each other, and so may zeros
 *
 *   off  len  header                         footer
 *     0    6  fd "7zXZ" 00                   0   4  CRC-32 of what follows up to the end mark
 *     6    2  00, check                      4   4  bytes of the index / 4 - 1
 *     8    4  CRC-32 of these two            8   2  00, check
 *                                           10   2  "YZ"
 *
 *   block     bytes of its header / 4 - 1; flags: bits 0-1 filters - 1, 6 coded size, 7 decoded
 *             size; the sizes that flags say; each filter: id, count of its bytes, these; zeros up
 *             to 4 bytes before the end, CRC-32; what is coded, zeros up to a multiple of 4; check
 *   index     00; count of blocks; for each its bytes without the zeros behind what is coded, and
 *             bytes decoded; zeros up to a multiple of 4; CRC-32
 *   check     0 none, 1 CRC-32, 4 CRC-64, 10 SHA-256, of what the block decodes to
 *
 * Sizes, counts and ids are of 7 bits a byte, lowest first, the top bit where more follow; at most
 * 9 bytes, and here at most 2^53 - 1. The one filter that is read is LZMA2, 0x21, of one byte: the
 * window is (2 + bit 0) << (11 + bits 1-5), and 2^32 - 1 for 40.
 *
 * Whatever is behind the last stream is no part of it: `*.vxz-psigned` have a signature there.
 *
 * Not here: what the blocks decode to (xz.ts).
 */

import { u32 } from '../base/bytes.ts';
import { CorruptError, ForeignError } from '../base/errors.ts';
import { XZ_BLOCKS_MAX_COUNT } from '../base/limits.ts';
import { isXz } from './compression.ts';
import { crc32 } from './crc32.ts';
import { lzma2Extent, XZ_CUT_SHORT } from './lzma2.ts';

const MAGIC_BYTES = 6;
const LZMA2 = 0x21;
const WINDOW_MAX = 40;

/** Filters that some xz files have ahead of LZMA2, by id: none of them is undone here. */
const FILTERS: Readonly<Record<number, string>> = {
  3: 'delta',
  4: 'x86',
  5: 'PowerPC',
  6: 'IA-64',
  7: 'ARM',
  8: 'ARM-Thumb',
  9: 'SPARC',
  10: 'ARM64',
  11: 'RISC-V',
};

/** What is kept of each block to check it by. */
export type XzCheck = 'none' | 'crc32' | 'crc64' | 'sha256';

const CHECKS: Readonly<Record<number, readonly [kind: XzCheck, bytes: number]>> = {
  0: ['none', 0],
  1: ['crc32', 4],
  4: ['crc64', 8],
  10: ['sha256', 32],
};

/** One block of an xz file: where it lies, and what it decodes to. */
export interface XzBlock {
  /** Where its LZMA2 starts. */
  readonly dataOffset: number;
  /** Bytes that it decodes to. */
  readonly size: number;
  readonly windowBytes: number;
  readonly check: XzCheck;
  /** The bytes of the check, as they are stored. */
  readonly sum: Uint8Array;
}

/** All blocks of an xz file, and where its last stream ends. */
export interface XzLayout {
  readonly blocks: readonly XzBlock[];
  readonly end: number;
}

/**
 * Where all is in the xz streams that `stored` starts with. Throws CorruptError naming `archive`
 * where they are cut short or not sound, ForeignError where they are coded in a way that is not
 * read here.
 */
export function xzLayout(stored: Uint8Array, archive: string): XzLayout {
  const reader = new Reader(stored, archive);
  const blocks: XzBlock[] = [];
  let end = 0;
  do {
    readStream(reader, blocks);
    end = reader.offset;
    while (reader.isZeroAhead()) reader.offset += 4;
  } while (isXz(stored.subarray(reader.offset, reader.offset + MAGIC_BYTES)));
  return { blocks, end };
}

/** Adds the blocks of the stream that starts here to `blocks`. */
function readStream(reader: Reader, blocks: XzBlock[]): void {
  reader.offset += MAGIC_BYTES;
  reader.checkSum(reader.offset, reader.offset + 2, reader.offset + 2);
  const kind = reader.flags();
  reader.offset += 4;
  const check = CHECKS[kind];
  if (check === undefined) throw reader.foreign(`a check of kind ${kind}`);
  const first = blocks.length;
  const unpadded: number[] = [];
  while (reader.peek() !== 0) {
    if (blocks.length === XZ_BLOCKS_MAX_COUNT) {
      throw reader.broken(`has more than ${XZ_BLOCKS_MAX_COUNT} blocks, which is the limit`);
    }
    unpadded.push(readBlock(reader, check, blocks));
  }
  const indexOffset = reader.offset;
  readIndex(
    reader,
    blocks.slice(first).map(({ size }, index) => [unpadded[index]!, size]),
  );
  const indexBytes = reader.offset - indexOffset;
  const footerOffset = reader.offset;
  reader.checkSum(footerOffset + 4, footerOffset + 10, footerOffset);
  reader.offset += 4;
  const claimed = (reader.u32() + 1) * 4;
  const isOfHeader = reader.flags() === kind;
  if (claimed !== indexBytes || !isOfHeader || reader.byte() !== 0x59 || reader.byte() !== 0x5a) {
    throw reader.broken(
      'is not sound xz: the footer is not of the stream ahead of it',
      footerOffset,
    );
  }
}

/** Adds the block that starts here to `blocks`; returns its bytes without padding. */
function readBlock(
  reader: Reader,
  [check, checkBytes]: readonly [XzCheck, number],
  blocks: XzBlock[],
): number {
  const headerOffset = reader.offset;
  const headerEnd = headerOffset + (reader.byte() + 1) * 4;
  reader.checkSum(headerOffset, headerEnd - 4, headerEnd - 4);
  const flags = reader.byte();
  if ((flags & 0x3c) !== 0) throw reader.foreign(`block flags ${flags}`);
  const codedBytes = (flags & 0x40) === 0 ? null : reader.number();
  const decodedBytes = (flags & 0x80) === 0 ? null : reader.number();
  const windowBytes = readFilters(reader, (flags & 3) + 1);
  reader.zeros(headerEnd - 4 - reader.offset);
  reader.offset = headerEnd;
  const { end, size } = lzma2Extent(reader.stored, headerEnd, reader.archive);
  if ((codedBytes ?? end - headerEnd) !== end - headerEnd || (decodedBytes ?? size) !== size) {
    throw reader.broken('is not sound xz: a block has other sizes than it says', headerOffset);
  }
  reader.offset = end;
  reader.zeros(-(end - headerOffset) & 3);
  const sum = reader.bytes(checkBytes);
  blocks.push({ dataOffset: headerEnd, size, windowBytes, check, sum });
  return end - headerOffset + checkBytes;
}

/** The window of the one filter that a block may have, which is LZMA2. */
function readFilters(reader: Reader, count: number): number {
  let windowBytes = 0;
  for (let index = 0; index < count; index++) {
    const id = reader.number();
    const propertyBytes = reader.number();
    if (id !== LZMA2) throw reader.foreign(`the filter ${FILTERS[id] ?? `0x${id.toString(16)}`}`);
    const bits = reader.byte();
    if (propertyBytes !== 1 || bits > WINDOW_MAX || index > 0) {
      throw reader.broken('is not sound xz: a block has LZMA2 as there is none');
    }
    windowBytes = bits === WINDOW_MAX ? 2 ** 32 - 1 : (2 + (bits & 1)) * 2 ** ((bits >> 1) + 11);
  }
  return windowBytes;
}

/** Reads the index, which says of each block `[bytes without padding, bytes decoded]`. */
function readIndex(reader: Reader, blocks: readonly (readonly [number, number])[]): void {
  const indexOffset = reader.offset;
  reader.offset++;
  let isRight = reader.number() === blocks.length;
  for (const [unpadded, size] of isRight ? blocks : []) {
    isRight &&= reader.number() === unpadded && reader.number() === size;
  }
  if (!isRight) {
    throw reader.broken('is not sound xz: the index is not of the blocks ahead of it', indexOffset);
  }
  reader.zeros(-(reader.offset - indexOffset) & 3);
  reader.checkSum(indexOffset, reader.offset, reader.offset);
  reader.offset += 4;
}

/** What is read of a file, front to back. */
class Reader {
  offset = 0;
  readonly stored: Uint8Array;
  readonly archive: string;

  constructor(stored: Uint8Array, archive: string) {
    this.stored = stored;
    this.archive = archive;
  }

  broken(claim: string, offset = this.offset): CorruptError {
    return new CorruptError(this.archive, offset, claim);
  }

  foreign(what: string): ForeignError {
    return new ForeignError(this.archive, this.offset, `is xz with ${what}, which is not read`);
  }

  peek(): number {
    if (this.offset >= this.stored.length) throw this.broken(XZ_CUT_SHORT);
    return this.stored[this.offset]!;
  }

  byte(): number {
    const byte = this.peek();
    this.offset++;
    return byte;
  }

  bytes(count: number): Uint8Array {
    const end = this.offset + count;
    if (end > this.stored.length) throw this.broken(XZ_CUT_SHORT);
    const bytes = this.stored.subarray(this.offset, end);
    this.offset = end;
    return bytes;
  }

  u32(): number {
    return u32(this.bytes(4), 0);
  }

  /** Two bytes of flags: a zero, and the kind of check. */
  flags(): number {
    const [zero, kind] = this.bytes(2);
    if (zero !== 0) throw this.foreign(`stream flags ${zero}`);
    return kind!;
  }

  /** A number of 7 bits a byte. */
  number(): number {
    let value = 0;
    for (let place = 0; place < 9; place++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80 && (byte > 0 || place === 0) && Number.isSafeInteger(value)) return value;
      if (byte < 0x80) break;
    }
    throw this.broken('is not sound xz: no number is written so');
  }

  zeros(count: number): void {
    if (count < 0 || this.bytes(count).some((byte) => byte !== 0)) {
      throw this.broken('is not sound xz: padding is not of zeros');
    }
  }

  isZeroAhead(): boolean {
    return this.offset + 4 <= this.stored.length && u32(this.stored, this.offset) === 0;
  }

  /** Checks the CRC-32 at `sumOffset` against the bytes from `start` to `end`. */
  checkSum(start: number, end: number, sumOffset: number): void {
    if (Math.max(end, sumOffset + 4) > this.stored.length) throw this.broken(XZ_CUT_SHORT);
    if (u32(this.stored, sumOffset) !== crc32(this.stored.subarray(start, end))) {
      throw this.broken('is not sound xz: a sum of its container is not right', sumOffset);
    }
  }
}
