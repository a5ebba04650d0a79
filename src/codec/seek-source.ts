/**
 * What a gzip file decodes to, as a Source that decodes only what is read.
 *
 *   read      ────────────────────┤ 4 KiB ├──────────
 *   spans     |        |        |        |        |         decoded one at a time, checked, kept
 *   stored    ▪▪▪▪▪|▪▪▪▪▪▪▪▪|▪▪▪▪|▪▪▪▪▪▪▪▪▪▪▪|▪▪▪▪▪         in memory, or in its file
 *
 * What it holds: the index, what was decoded last, up to as many bytes as it may keep and one span
 * at the least, and the stored bytes where they are in memory. A read that wants more than it may
 * keep is not kept: it would drive out all else, and itself.
 *
 * Not here: where spans start (seek-index.ts), when an archive is opened so (layer/open.ts).
 */

import { NO_BYTES } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { checkRange, type Source } from '../base/source.ts';
import type { Codec } from './codec.ts';
import { memberHead } from './member-head.ts';
import { type Span, windowOf } from './seek-index.ts';

/** What knows some of an archive's bytes without decoding them. */
export interface Shortcut {
  /** Fills `target` with the bytes from `offset` on; false where it has not all of them. */
  readInto(target: Uint8Array, offset: number): boolean;
}

/** What is where in a gzip file: a seek index says it, or the archive itself. */
export interface SeekMap {
  /** Bytes that it decodes to. */
  readonly size: number;
  /** In their order. What no span covers cannot be read. */
  readonly spans: readonly Span[];
  /** The bytes of the seek index that says so; null where the archive does. */
  readonly bytes: Uint8Array | null;
}

/** A Source over stored gzip, and what is where in it. */
export class SeekSource implements Source {
  readonly name: string;
  readonly size: number;
  readonly map: SeekMap;
  /** Spans decoded so far: what reading has cost. */
  decodedCount = 0;
  readonly #stored: Source;
  readonly #codec: Codec;
  readonly #cacheBytes: number;
  /** By where it starts in the stored bytes, what was used longest ago first. */
  readonly #kept = new Map<number, Uint8Array>();
  #keptBytes = 0;
  #newest = -1;
  #shortcut: Shortcut | null = null;
  #buffer: Uint8Array = NO_BYTES;

  /** What is in `stored`, which is closed with this; it keeps `cacheBytes` of what it decodes. */
  constructor(stored: Source, map: SeekMap, codec: Codec, cacheBytes: number) {
    this.name = stored.name;
    this.size = map.size;
    this.map = map;
    this.#stored = stored;
    this.#codec = codec;
    this.#cacheBytes = cacheBytes;
  }

  get seekIndex(): Uint8Array | null {
    return this.map.bytes;
  }

  readInto(target: Uint8Array, offset: number): void {
    checkRange(this, offset, target.length, 'a read');
    if (this.#shortcut?.readInto(target, offset) === true) return;
    const keeps = target.length <= this.#cacheBytes;
    let at = this.#spanAt(offset);
    for (let done = 0; done < target.length; at++) {
      const span = this.map.spans[at];
      const from = offset + done - (span?.offset ?? 0);
      if (span === undefined || from < 0 || from >= span.size) {
        throw new CorruptError(this.name, offset, 'no file has bytes here');
      }
      const length = Math.min(span.size - from, target.length - done);
      const start = span.skipped + from;
      target.set(this.#decoded(span, keeps).subarray(start, start + length), done);
      done += length;
    }
  }

  /** What `act` gives, whose reads ask `shortcut` first. */
  through<T>(shortcut: Shortcut, act: () => T): T {
    this.#shortcut = shortcut;
    try {
      return act();
    } finally {
      this.#shortcut = null;
    }
  }

  resident(offset: number, length: number): null {
    checkRange(this, offset, length, 'a read');
    return null;
  }

  close(): void {
    this.#kept.clear();
    this.#keptBytes = 0;
    this.#buffer = NO_BYTES;
    this.#stored.close();
  }

  /** The span that holds the byte at `offset`. */
  #spanAt(offset: number): number {
    const { spans } = this.map;
    let low = 0;
    let high = spans.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (spans[middle]!.offset <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** What is decoded for `span`, with all that lies ahead of it and of others from its start on. */
  #decoded(span: Span, keeps: boolean): Uint8Array {
    const { storedOffset } = span;
    const kept = this.#kept.get(storedOffset);
    if (kept === undefined) {
      const bytes = this.#decode(span);
      if (keeps) this.#keep(storedOffset, bytes);
      return bytes;
    }
    if (storedOffset !== this.#newest) {
      this.#kept.delete(storedOffset);
      this.#kept.set(storedOffset, kept);
      this.#newest = storedOffset;
    }
    return kept;
  }

  #decode(span: Span): Uint8Array {
    const { storedOffset, storedEnd, bit, decodedSize, sum } = span;
    const stored = this.#read(storedOffset, storedEnd - storedOffset);
    this.decodedCount += 1;
    if (sum === null) {
      const head = memberHead(stored, decodedSize, this.#codec);
      if (head !== null) return head;
      const claim = `no sound gzip of ${decodedSize} bytes starts here`;
      throw new CorruptError(this.name, storedOffset, claim);
    }
    const window = windowOf(span, this.#codec, this.name);
    const bytes = this.#codec.inflateFrom({ stored, bit, window }, decodedSize);
    if (bytes !== null && this.#codec.crc32(bytes) === sum) return bytes;
    const claim = 'does not decode here to what its seek index was made from';
    throw new CorruptError(this.name, storedOffset, claim);
  }

  /** Stored bytes; of a file in one buffer that serves again, so that reading makes no garbage. */
  #read(offset: number, length: number): Uint8Array {
    const resident = this.#stored.resident(offset, length);
    if (resident !== null) return resident;
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(length);
    const bytes = this.#buffer.subarray(0, length);
    this.#stored.readInto(bytes, offset);
    return bytes;
  }

  #keep(storedOffset: number, bytes: Uint8Array): void {
    for (const [other, { length }] of this.#kept) {
      if (this.#keptBytes + bytes.length <= this.#cacheBytes) break;
      this.#kept.delete(other);
      this.#keptBytes -= length;
    }
    this.#kept.set(storedOffset, bytes);
    this.#keptBytes += bytes.length;
    this.#newest = storedOffset;
  }
}
