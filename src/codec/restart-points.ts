/**
 * Gzip decoded in one pass that also finds where decoding can start anew.
 *
 *   stored    member ───────────────────────────────────── member ── member ── member ─────
 *   blocks    |      |       |      |       |      |       |         |         |      |
 *   points    member         bit 3          bit 6          member                     bit 0
 *   decoded   0              1 MiB + …      2 MiB + …      …
 *
 * A span goes from one point to the next. One that starts amid a member ends with it at the latest;
 * one that starts with a member may go on into others. So each is decoded by one call.
 *
 * The inflater says in which byte a block ends, not at which bit. All eight are tried on the next
 * 32 KiB, and what they give must be what the pass gave. The windows they start from are marked:
 *
 *   window byte n      i = n & 255 in the first, i ^ (1 + (n >> 8)) in the second
 *   a decoded byte     alike in both: said by the stream; else it was copied from n
 *
 * What nobody copies becomes zero, and a window then packs to a tenth. No block starts a span that
 * is the last of its member, so a candidate whose first bit says so is none.
 */

import { CorruptError } from '../base/errors.ts';
import { SPAN_MAX_BYTES } from '../base/limits.ts';
import {
  type BlockInflater,
  type Codec,
  CUT_SHORT,
  gunzipHint,
  tooLarge,
  WINDOW_BYTES,
} from './codec.ts';
import { checkTrailer, deflateOffset } from './gzip-members.ts';

/** Where a span starts. */
export interface SpanStart {
  /** The byte in the stored archive that holds its first bit. */
  readonly storedOffset: number;
  /** Bits of that byte that belong to what is ahead; null where a member starts. */
  readonly bit: number | null;
  /** Where it starts in the decoded archive. */
  readonly offset: number;
  /** What it refers to of the 32 KiB ahead; zeros elsewhere; empty where it refers to nothing. */
  readonly window: Uint8Array;
}

/** A decoded gzip, and where it can be decoded from. */
export interface Decoded {
  readonly plain: Uint8Array;
  /** In their order, the first at 0; null where a span would be too long to be one. */
  readonly spans: readonly SpanStart[] | null;
}

/** How to look. */
export interface PassOptions {
  readonly limitBytes: number;
  /** What messages call it. */
  readonly archive: string;
  /** Decoded bytes between two points, at the least. */
  readonly spanBytes: number;
}

/**
 * Decodes `stored`, which is gzip. Throws CorruptError where it is not sound, or decodes to more
 * than it may.
 */
export function decodedWithPoints(stored: Uint8Array, codec: Codec, options: PassOptions): Decoded {
  return new Pass(stored, codec, options).run();
}

/** The end of a block: where the next one starts. */
interface Boundary {
  readonly storedOffset: number;
  readonly offset: number;
}

const NOTHING = new Uint8Array(0);
const MARKS = [marked((index) => index), marked((index) => index ^ (1 + (index >> 8)))] as const;

class Pass {
  readonly #stored: Uint8Array;
  readonly #codec: Codec;
  readonly #options: PassOptions;
  #plain: Uint8Array;
  #size = 0;
  #spans: SpanStart[] = [];
  /** Blocks of this member that could start a span, but what they refer to is not decoded yet. */
  #candidates: Boundary[] = [];
  /** The start and the end of the last block of this member so far. */
  #last: readonly [start: Boundary, end: Boundary];
  /** Where the last span or candidate starts. */
  #spanOffset = 0;

  constructor(stored: Uint8Array, codec: Codec, options: PassOptions) {
    this.#stored = stored;
    this.#codec = codec;
    this.#options = options;
    this.#plain = new Uint8Array(gunzipHint(stored, options.limitBytes) + 1);
    const start = { storedOffset: 0, offset: 0 };
    this.#last = [start, start];
  }

  run(): Decoded {
    const { length } = this.#stored;
    for (let at = 0; at < length && (at === 0 || this.#stored[at] !== 0); ) at = this.#member(at);
    const spans = this.#spans.filter(({ offset }, index) => {
      return offset < (this.#spans[index + 1]?.offset ?? this.#size) || index === 0;
    });
    const isFine = spans.every(({ offset }, index) => {
      return (spans[index + 1]?.offset ?? this.#size) - offset <= SPAN_MAX_BYTES;
    });
    return { plain: this.#plain.subarray(0, this.#size), spans: isFine ? spans : null };
  }

  /** Decodes the member at `at`, and returns where it ends. */
  #member(at: number): number {
    const { archive } = this.#options;
    const start = { storedOffset: at, offset: this.#size };
    if (this.#wantsPoint(start.offset) || this.#spans.at(-1)?.bit !== null) this.#addMember(start);
    const blocks = this.#codec.blocksFrom(this.#stored, deflateOffset(this.#stored, at, archive));
    this.#last = [start, start];
    while (this.#next(blocks, at)) {
      const end = { storedOffset: blocks.storedOffset, offset: this.#size };
      this.#last = [this.#last[1], end];
      this.#prove(end);
      if (!this.#wantsPoint(end.offset)) continue;
      this.#candidates.push(end);
      this.#spanOffset = end.offset;
    }
    this.#finish();
    const decoded = this.#plain.subarray(start.offset, this.#size);
    const sums = { sum: this.#codec.crc32(decoded), size: decoded.length };
    return checkTrailer(this.#stored, blocks.storedOffset, sums, archive);
  }

  /** Decodes one block; false where there was none. */
  #next(blocks: BlockInflater, memberOffset: number): boolean {
    const { archive, limitBytes } = this.#options;
    for (;;) {
      const met = blocks.next(this.#plain, this.#size);
      this.#size = blocks.offset;
      if (this.#size > limitBytes) throw new CorruptError(archive, 0, tooLarge(limitBytes));
      if (met === 'block') return true;
      if (met === 'end') return false;
      if (met === 'cut') throw new CorruptError(archive, memberOffset, CUT_SHORT);
      if (met === 'broken') {
        const claim = 'is not sound gzip: deflate has no such codes';
        throw new CorruptError(archive, blocks.storedOffset, claim);
      }
      this.#grow();
    }
  }

  #grow(): void {
    const wanted = Math.max(WINDOW_BYTES, this.#plain.length * 2);
    const larger = new Uint8Array(Math.min(wanted, this.#options.limitBytes + 1));
    larger.set(this.#plain.subarray(0, this.#size));
    this.#plain = larger;
  }

  #wantsPoint(offset: number): boolean {
    return offset - this.#spanOffset >= this.#options.spanBytes;
  }

  #addMember({ storedOffset, offset }: Boundary): void {
    this.#spans.push({ storedOffset, bit: null, offset, window: NOTHING });
    this.#spanOffset = offset;
  }

  /** Settles the candidates that have a window's length of decoded bytes behind them by `end`. */
  #prove(end: Boundary): void {
    for (;;) {
      const [first] = this.#candidates;
      if (first === undefined || end.offset - first.offset < WINDOW_BYTES) return;
      this.#candidates.shift();
      this.#settle(first, end);
    }
  }

  /** Settles the rest of this member's candidates, of which the last block is none. */
  #finish(): void {
    const [start, end] = this.#last;
    for (const candidate of this.#candidates) {
      if (candidate.offset < start.offset) this.#settle(candidate, end);
    }
    this.#candidates = [];
    const isLast = (span: SpanStart) => span.bit !== null && span.offset >= start.offset;
    while (this.#spans.length > 0 && isLast(this.#spans.at(-1)!)) this.#spans.pop();
    this.#spanOffset = this.#spans.at(-1)?.offset ?? 0;
  }

  /** Makes `start` a span if decoding from it gives what there is up to `end`. */
  #settle(start: Boundary, end: Boundary): void {
    const { offset } = start;
    for (let bit = 0; bit < 8; bit++) {
      const storedOffset = bit === 0 ? start.storedOffset : start.storedOffset - 1;
      const isLastBlock = ((this.#stored[storedOffset]! >> bit) & 1) === 1;
      if (isLastBlock) continue;
      const window = this.#windowAt(offset, end.offset, {
        stored: this.#stored.subarray(storedOffset, end.storedOffset),
        bit,
      });
      if (window === null) continue;
      this.#spans.push({ storedOffset, bit, offset, window });
      return;
    }
  }

  /**
   * The bytes ahead of `offset` that what `start` decodes to refers to; null where it does not
   * decode to what is there up to `end`.
   */
  #windowAt(
    offset: number,
    end: number,
    start: { readonly stored: Uint8Array; readonly bit: number },
  ): Uint8Array | null {
    const size = end - offset;
    const [one, other] = MARKS.map((window) => {
      return this.#codec.inflateFrom({ ...start, window }, size);
    });
    if (one == null || other == null) return null;
    const window = new Uint8Array(WINDOW_BYTES);
    const plain = this.#plain;
    let isReferred = false;
    for (let at = 0; at < size; at++) {
      const byte = plain[offset + at]!;
      const mark = one[at]!;
      const difference = mark ^ other[at]!;
      if (difference === 0) {
        if (mark !== byte) return null;
        continue;
      }
      const index = mark | ((difference - 1) << 8);
      const from = offset - WINDOW_BYTES + index;
      if (from < 0 || plain[from] !== byte) return null;
      window[index] = byte;
      isReferred = true;
    }
    return isReferred ? window : NOTHING;
  }
}

function marked(mark: (index: number) => number): Uint8Array {
  return Uint8Array.from({ length: WINDOW_BYTES }, (_, index) => mark(index));
}
