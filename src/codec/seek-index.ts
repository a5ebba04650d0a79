/**
 * A seek index: what makes a gzip file one of random access, kept beside it or behind it.
 *
 *   off  len  field (numbers little-endian)
 *     0    8  "visorfsx"
 *     8    4  version, 1
 *    12    4  CRC-32 of all that follows
 *    16    8  size of the archive as it is stored, of gzip alone
 *    24    8  size of what it decodes to
 *    32    4  CRC-32 of the archive's head, tail and samples (`sampleSum`)
 *    36    4  how many spans
 *    40    4  length of the skeleton
 *    44    4  0
 *    48   28  for each span
 *          0    8  where its first bit is in the stored archive, in bytes
 *          8    8  where it starts in the decoded archive
 *         16    4  CRC-32 of what it decodes to
 *         20    4  length of its window, packed; 0 where it refers to nothing ahead
 *         24    1  bits of its first byte that are not its; 8 where a gzip member starts
 *         25    3  0
 *          …  the windows one after the other, each 32 KiB packed as one gzip member
 *          …  the skeleton: what the walk over the tar's headers reads (layer/skeleton.ts), in gzip
 *
 * The spans start at 0, rise, and cover the decoded archive. When an index is opened its own sum,
 * every number and the archive's size and samples are checked; when a span is decoded, its size and
 * sum. So an index of another archive is refused at once, but for changes that no sample hits:
 * those are refused when a span with a change in it is first read. Nothing is read unchecked.
 *
 * Samples are the first and the last 4 KiB and 64 stretches of 256 bytes evenly between them.
 */

import { u32 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import {
  DEFLATE_MAX_RATIO,
  SEEK_INDEX_MAX_BYTES,
  SPAN_MAX_BYTES,
  SPANS_MAX_COUNT,
} from '../base/limits.ts';
import type { Source } from '../base/source.ts';
import { type Codec, WINDOW_BYTES } from './codec.ts';
import type { SpanStart } from './restart-points.ts';

const MAGIC = 'visorfsx';
const VERSION = 1;
const HEADER_BYTES = 48;
const SUMMED_OFFSET = 16;
const SPAN_BYTES = 28;
const MEMBER = 8;

const ENDS_BYTES = 4096;
const SAMPLE_BYTES = 256;
const SAMPLES_COUNT = 64;

/** A seek index, checked but for what only decoding can show. */
export interface SeekIndex {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  readonly storedSize: number;
  readonly size: number;
  readonly sampleSum: number;
  readonly spans: readonly Span[];
  /** In gzip. */
  readonly skeleton: Uint8Array;
}

/** What lies between two restart points. */
export interface Span {
  readonly storedOffset: number;
  /** Where the stored bytes that it needs end. */
  readonly storedEnd: number;
  readonly bit: number | null;
  readonly offset: number;
  readonly size: number;
  /** What is decoded ahead of it from there on, and is not its own. */
  readonly skipped: number;
  /** What is decoded from there on, for all spans that start there. */
  readonly decodedSize: number;
  /** CRC-32 of it; null where it is of one gzip member, which has a sum of its own. */
  readonly sum: number | null;
  /** In gzip; empty where it refers to nothing ahead. */
  readonly window: Uint8Array;
}

/** What an index is made of. */
export interface SeekIndexParts {
  readonly stored: Source;
  readonly plain: Uint8Array;
  readonly spans: readonly SpanStart[];
  readonly skeleton: Uint8Array;
}

/** The index of the archive in `stored`, whose samples must be within reach. */
export async function encodeSeekIndex(parts: SeekIndexParts, codec: Codec): Promise<Uint8Array> {
  const { stored, plain, spans } = parts;
  const packed = await Promise.all(
    spans.map(async ({ window }) => (window.length === 0 ? window : codec.gzip(window))),
  );
  const skeleton = await codec.gzip(parts.skeleton);
  const tableEnd = HEADER_BYTES + spans.length * SPAN_BYTES;
  const windowBytes = packed.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(tableEnd + windowBytes + skeleton.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < MAGIC.length; at++) bytes[at] = MAGIC.charCodeAt(at);
  view.setUint32(8, VERSION, true);
  putU64(view, 16, stored.size);
  putU64(view, 24, plain.length);
  view.setUint32(32, sampleSum(stored, stored.size, codec), true);
  view.setUint32(36, spans.length, true);
  view.setUint32(40, skeleton.length, true);
  let end = tableEnd;
  for (const [index, { storedOffset, offset, bit }] of spans.entries()) {
    const at = HEADER_BYTES + index * SPAN_BYTES;
    const window = packed[index]!;
    const decoded = plain.subarray(offset, spans[index + 1]?.offset ?? plain.length);
    putU64(view, at, storedOffset);
    putU64(view, at + 8, offset);
    view.setUint32(at + 16, codec.crc32(decoded), true);
    view.setUint32(at + 20, window.length, true);
    bytes[at + 24] = bit ?? MEMBER;
    bytes.set(window, end);
    end += window.length;
  }
  bytes.set(skeleton, end);
  view.setUint32(12, codec.crc32(bytes.subarray(SUMMED_OFFSET)), true);
  return bytes;
}

/** CRC-32 of the head, the tail and samples of the first `size` bytes of `stored`. */
export function sampleSum(stored: Source, size: number, codec: Codec): number {
  let sum = 0;
  const add = (offset: number, length: number): void => {
    const sample = new Uint8Array(length);
    stored.readInto(sample, offset);
    sum = codec.crc32(sample, sum);
  };
  const ends = Math.min(ENDS_BYTES, size);
  add(0, ends);
  for (let index = 1; index <= SAMPLES_COUNT; index++) {
    const offset = Math.floor((size / (SAMPLES_COUNT + 1)) * index);
    add(offset, Math.min(SAMPLE_BYTES, size - offset));
  }
  add(size - ends, ends);
  return sum;
}

/** Whether `bytes` start as a seek index does. */
export function isSeekIndex(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  for (let at = 0; at < MAGIC.length; at++) {
    if (bytes[at] !== MAGIC.charCodeAt(at)) return false;
  }
  return true;
}

/**
 * The seek index in `bytes`, which are kept; `name` is what messages call it. Throws CorruptError
 * where it is none, lies, or decodes to more than `limitBytes`.
 */
export function parseSeekIndex(
  bytes: Uint8Array,
  codec: Codec,
  limitBytes: number,
  name: string,
): SeekIndex {
  const refuse = (offset: number, claim: string): never => {
    throw new CorruptError(name, offset, claim);
  };
  if (!isSeekIndex(bytes)) refuse(0, 'is no seek index');
  if (bytes.length > SEEK_INDEX_MAX_BYTES) refuse(0, `is a seek index of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint32(8, true);
  if (version !== VERSION) refuse(8, `is a seek index of version ${version}; known is ${VERSION}`);
  if (view.getUint32(12, true) !== codec.crc32(bytes.subarray(SUMMED_OFFSET))) {
    refuse(12, 'the seek index has another sum than it says');
  }
  const storedSize = u64(view, 16);
  const size = u64(view, 24);
  if (!(size <= limitBytes)) refuse(24, `claims ${size} decoded bytes; the limit is ${limitBytes}`);
  const count = view.getUint32(36, true);
  const skeletonLength = view.getUint32(40, true);
  const tableEnd = HEADER_BYTES + count * SPAN_BYTES;
  const isCount = count > 0 && count <= SPANS_MAX_COUNT && tableEnd <= bytes.length;
  if (!isCount) refuse(36, `claims ${count} spans`);
  let windowAt = tableEnd;
  const spans: Span[] = [];
  for (let index = 0; index < count; index++) {
    const at = HEADER_BYTES + index * SPAN_BYTES;
    const isLast = index === count - 1;
    const next = at + SPAN_BYTES;
    const storedOffset = u64(view, at);
    const offset = u64(view, at + 8);
    const spanSize = (isLast ? size : u64(view, next + 8)) - offset;
    // The byte that the next span starts in may have bits of this one.
    const shared = isLast || bytes[next + 24] === MEMBER || bytes[next + 24] === 0 ? 0 : 1;
    const storedEnd = isLast ? storedSize : u64(view, next) + shared;
    const windowLength = view.getUint32(at + 20, true);
    const bit = bytes[at + 24]!;
    const isFirst = index === 0;
    if (isFirst && (offset !== 0 || storedOffset !== 0)) refuse(at, 'no span starts at 0');
    const storedLength = storedEnd - storedOffset;
    const isAhead = storedLength > shared && storedEnd <= storedSize;
    const isRising = isAhead && (spanSize > 0 || count === 1);
    if (!isRising || offset + spanSize > size) refuse(at, 'a span that does not rise');
    const most = Math.min(SPAN_MAX_BYTES, (storedLength + 1) * DEFLATE_MAX_RATIO);
    if (spanSize > most) refuse(at, `a span of ${spanSize} bytes; ${most} is the limit`);
    if (bit > MEMBER) refuse(at + 24, `a span that starts at bit ${bit}`);
    if (windowAt + windowLength > bytes.length) refuse(at + 20, 'a window behind the end');
    const window = bytes.subarray(windowAt, windowAt + windowLength);
    windowAt += windowLength;
    spans.push({
      storedOffset,
      storedEnd,
      bit: bit === MEMBER ? null : bit,
      offset,
      size: spanSize,
      skipped: 0,
      decodedSize: spanSize,
      sum: view.getUint32(at + 16, true),
      window,
    });
  }
  if (windowAt + skeletonLength !== bytes.length) refuse(40, 'ends elsewhere than it says');
  const skeleton = bytes.subarray(windowAt);
  return { bytes, storedSize, size, sampleSum: u32(bytes, 32), spans, skeleton };
}

/**
 * Throws CorruptError where `index` is of another archive than the first `size` bytes of `stored`.
 */
export function checkBinding(
  index: SeekIndex,
  stored: Source,
  codec: Codec,
  size = stored.size,
): void {
  const fits = index.storedSize === size && sampleSum(stored, size, codec) === index.sampleSum;
  if (!fits) throw new CorruptError(stored.name, 0, 'the seek index is of another archive');
}

/** The window of `span`. Throws CorruptError, naming `archive`, where it is none. */
export function windowOf(span: Span, codec: Codec, archive: string): Uint8Array {
  if (span.window.length === 0) return span.window;
  const window = codec.gunzipNow(span.window, WINDOW_BYTES);
  if (window?.length === WINDOW_BYTES) return window;
  throw new CorruptError(archive, span.storedOffset, 'the seek index has no window for this span');
}

function u64(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}

function putU64(view: DataView, offset: number, value: number): void {
  view.setBigUint64(offset, BigInt(value), true);
}
