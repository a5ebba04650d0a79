/**
 * What undoes and does compression: one interface, native zlib in Node and pako elsewhere.
 *
 * gzip is RFC 1952: members one after the other, each  1f 8b 08 flags mtime(4) xfl os … deflate …
 * crc32(4) isize(4), little endian. Every decoder behind this interface checks CRC and size, joins
 * all members, and refuses a stream that is cut short.
 *
 * Not here: when to decode and how often (layer/open.ts), where to start within gzip
 * (restart-points.ts).
 */

import { u32 } from '../base/bytes.ts';
import { DEFLATE_MAX_RATIO } from '../base/limits.ts';

export interface Codec {
  /**
   * The bytes inside `stored`, which is gzip. Throws CorruptError naming `archive` where it is not
   * sound gzip or decodes to more than `limitBytes`; never holds more than about that.
   */
  gunzip(stored: Uint8Array, limitBytes: number, archive: string): Promise<Uint8Array>;
  /** `bytes` as one gzip member without name or time: the same bytes for the same input. */
  gzip(bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * The `size` bytes that deflate from `start` on decodes to, at once; null where it decodes to
   * another number of bytes, or is not sound.
   */
  inflateFrom(start: RestartPoint, size: number): Uint8Array | null;
  /** What the whole gzip members in `stored` decode to, at once; null where they are not sound. */
  gunzipNow(stored: Uint8Array, limitBytes: number): Uint8Array | null;
  /** The deflate stream at `offset` of `stored`, to be decoded block by block. */
  blocksFrom(stored: Uint8Array, offset: number): BlockInflater;
  /** CRC-32 of `bytes`, continued from `before`, which is that of what comes ahead of them. */
  crc32(bytes: Uint8Array, before?: number): number;
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  /** What old tools sum by; it proves nothing against whoever wants to deceive. */
  sha1(bytes: Uint8Array): Promise<Uint8Array>;
}

/** What a decoder made of a stream. */
export interface Unpacked {
  readonly plain: Uint8Array;
  /** How many of the stored bytes it took: others are behind the stream. */
  readonly storedBytes: number;
}

/** Where decoding may start anew. */
export interface RestartPoint {
  /** From the byte on that holds the first bit, up to where the bytes that are wanted are made. */
  readonly stored: Uint8Array;
  /** Bits of the first byte that belong to what is ahead; null where a gzip member starts. */
  readonly bit: number | null;
  /** What was decoded ahead, as far as it is referred to: at most 32 KiB. */
  readonly window: Uint8Array;
}

/** A deflate stream that is decoded block by block. */
export interface BlockInflater {
  /** Where in the stored bytes it has come to: the next block starts here or in the byte before. */
  readonly storedOffset: number;
  /** Where in the target it has come to. */
  readonly offset: number;
  /**
   * Decodes into `target` from `offset` on: a block, and says so; or until the target is full, the
   * stream has ended, is cut short, or is not sound.
   */
  next(target: Uint8Array, offset: number): 'block' | 'full' | 'end' | 'cut' | 'broken';
}

/** How far back deflate refers, in bytes. */
export const WINDOW_BYTES = 32 << 10;

/** Whether `bytes` start as gzip with deflate does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * How many bytes `stored` will decode to, as its trailer claims: a hint for the size of the output,
 * never more than deflate can make of it or than `limitBytes`. Right for one member below 4 GiB.
 */
export function gunzipHint(stored: Uint8Array, limitBytes: number): number {
  if (stored.length < 18) return 0;
  const claimed = u32(stored, stored.length - 4);
  return Math.min(claimed, stored.length * DEFLATE_MAX_RATIO, limitBytes);
}

/** What a decoder says of a stream that ends before its end. */
export const CUT_SHORT = 'the gzip stream is cut short';

/** What a decoder says of a stream that outgrew its limit. */
export function tooLarge(limitBytes: number): string {
  return `decodes to more than ${limitBytes} bytes, which is the limit for an archive of this size`;
}

const OS_OFFSET = 9;
const OS_UNKNOWN = 255;

/**
 * `member` without the system it was made on, which encoders write: the same state packs alike
 * anywhere.
 */
export function ofNoSystem(member: Uint8Array): Uint8Array {
  member[OS_OFFSET] = OS_UNKNOWN;
  return member;
}
