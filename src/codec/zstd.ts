/**
 * zstd (RFC 8878): frames, and the blocks in them.
 *
 *   off  len  of a frame
 *     0    4  28 b5 2f fd
 *     4    1  bits 0-1 length of the dictionary's number: 0, 1, 2, 4; 2 a sum follows; 3 none; 5 no
 *             window; 6-7 length of the size: 0 (1 without window), 2, 4, 8
 *     5    1  window: 2^(10 + bits 3-7) and bits 0-2 eighths of that more; without: all of it
 *     …       number of the dictionary; size decoded, less 256 where it has 2 bytes
 *     …       blocks: u24 of bit 0 the last, 1-2 kind, 3-23 size; kind 0 as it is, 1 a byte
 *             repeated, 2 compressed: zstd-literals.ts, then zstd-sequences.ts
 *     …    4  low half of the XXH64 of what it decodes to, if that follows
 *
 * A frame 50 to 5f 2a 4d 18 has a u32 and as many bytes to be skipped. Frames follow each other.
 * A block decodes to 128 KiB or the window at the most. The target is the window: nothing is
 * allocated by what a header says but within the limit, and time follows from what is decoded.
 *
 * Frames with a dictionary are not read. Many encoders leave the sum out, and then nothing tells of
 * bits that changed in literals.
 */

import { u32 } from '../base/bytes.ts';
import { CorruptError, ForeignError } from '../base/errors.ts';
import { tooLarge, type Unpacked } from './codec.ts';
import { isZstd } from './compression.ts';
import { grown, trimmed } from './growing.ts';
import type { HuffmanCodes } from './huffman.ts';
import { xxh64Low } from './xxh64.ts';
import { readLiterals } from './zstd-literals.ts';
import { runSequences, SequenceState } from './zstd-sequences.ts';

const MAGIC = 0xfd2fb528;
const MAGIC_BYTES = 4;
const BLOCK_MAX_BYTES = 128 << 10;
const CUT_SHORT = 'the zstd stream is cut short';

/** What a frame says of itself, and what its blocks leave to the next. */
interface Frame {
  /** Where its blocks start. */
  readonly end: number;
  readonly windowBytes: number;
  /** Bytes that it decodes to; null where it does not say. */
  readonly size: number | null;
  readonly hasSum: boolean;
  /** Where in the target it starts. */
  readonly targetOffset: number;
  readonly sequences: SequenceState;
  codes: HuffmanCodes | null;
}

/**
 * What the frames that `stored` starts with decode to. Throws CorruptError naming `archive` where
 * they are not sound or decode to more than `limitBytes`, ForeignError where they need a
 * dictionary.
 */
export function unzstd(stored: Uint8Array, limitBytes: number, archive: string): Unpacked {
  return new Frames(stored, limitBytes, archive).run();
}

class Frames {
  readonly #stored: Uint8Array;
  readonly #limitBytes: number;
  readonly #archive: string;
  readonly #literals = new Uint8Array(BLOCK_MAX_BYTES);
  #target = new Uint8Array(0);
  #size = 0;

  constructor(stored: Uint8Array, limitBytes: number, archive: string) {
    this.#stored = stored;
    this.#limitBytes = limitBytes;
    this.#archive = archive;
  }

  run(): Unpacked {
    const stored = this.#stored;
    let at = 0;
    while (isZstd(stored.subarray(at, at + MAGIC_BYTES))) {
      const isFrame = u32(stored, at) === MAGIC;
      at = isFrame ? this.#frame(at) : at + 8 + u32(this.#bytes(at, 8), 4);
      if (at > stored.length) this.#refuse(stored.length, CUT_SHORT);
    }
    return { plain: trimmed(this.#target, this.#size), storedBytes: at };
  }

  /** Decodes the frame at `offset`; returns where it ends. */
  #frame(offset: number): number {
    const frame = this.#head(offset);
    const { size, targetOffset, hasSum } = frame;
    if (size !== null) {
      if (targetOffset + size > this.#limitBytes) this.#refuse(offset, tooLarge(this.#limitBytes));
      this.#target = grown(this.#target, this.#size, targetOffset + size, this.#limitBytes);
    }
    let at = frame.end;
    for (let isLast = false; !isLast; ) {
      const [low, middle, high] = this.#bytes(at, 3) as unknown as [number, number, number];
      isLast = low % 2 === 1;
      at = this.#block(at + 3, (low | (middle << 8) | (high << 16)) >> 1, frame);
      if (this.#size > this.#limitBytes) this.#refuse(offset, tooLarge(this.#limitBytes));
    }
    const decoded = this.#target.subarray(targetOffset, this.#size);
    if (decoded.length !== (size ?? decoded.length)) {
      this.#refuse(offset, `is not sound zstd: a frame of ${size} bytes has ${decoded.length}`);
    }
    if (!hasSum) return at;
    if (u32(this.#bytes(at, 4), 0) !== xxh64Low(decoded)) {
      this.#refuse(at, 'is not sound zstd: a frame has another XXH64 than it says');
    }
    return at + 4;
  }

  #head(offset: number): Frame {
    const flags = this.#bytes(offset + MAGIC_BYTES, 1)[0]!;
    const hasWindow = (flags & 0x20) === 0;
    const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
    const sizeBytes = [hasWindow ? 0 : 1, 2, 4, 8][flags >> 6]!;
    const windowAt = offset + MAGIC_BYTES + 1;
    const dictionaryAt = windowAt + (hasWindow ? 1 : 0);
    const sizeAt = dictionaryAt + dictionaryBytes;
    this.#bytes(windowAt, sizeAt + sizeBytes - windowAt);
    if ((flags & 8) !== 0) this.#refuse(offset, 'is zstd with flags that are not known');
    if (this.#number(dictionaryAt, dictionaryBytes) !== 0) {
      const claim = 'is zstd with a dictionary, which is not read';
      throw new ForeignError(this.#archive, offset, claim);
    }
    const said = this.#number(sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
    const size = sizeBytes === 0 ? null : said;
    const window = this.#stored[windowAt]!;
    const windowBytes = hasWindow ? 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8) : said;
    return {
      end: sizeAt + sizeBytes,
      windowBytes,
      size,
      hasSum: (flags & 4) !== 0,
      targetOffset: this.#size,
      sequences: new SequenceState(),
      codes: null,
    };
  }

  /** Decodes a block of `kind` and size from `offset` on; returns where it ends. */
  #block(offset: number, kindAndSize: number, frame: Frame): number {
    const kind = kindAndSize & 3;
    const size = kindAndSize >> 2;
    const end = offset + (kind === 1 ? 1 : size);
    const blockBytes = Math.min(BLOCK_MAX_BYTES, frame.windowBytes);
    if (kind === 3 || size > blockBytes) {
      this.#refuse(offset, 'is not sound zstd: there is no such block');
    }
    this.#bytes(offset, end - offset);
    const at = this.#size;
    const most =
      frame.size === null
        ? at + blockBytes
        : Math.min(at + blockBytes, frame.targetOffset + frame.size);
    this.#target = grown(this.#target, at, most, this.#limitBytes + BLOCK_MAX_BYTES);
    if (kind === 2) {
      this.#size = this.#compressed({ start: offset, end }, most, frame);
      return end;
    }
    if (at + size > most) this.#refuse(offset, 'is not sound zstd: a frame has more than it says');
    if (kind === 0) this.#target.set(this.#stored.subarray(offset, end), at);
    else this.#target.fill(this.#stored[offset]!, at, at + size);
    this.#size = at + size;
    return end;
  }

  /** Decodes a compressed block; returns where in the target it ends. */
  #compressed(
    { start, end }: { readonly start: number; readonly end: number },
    most: number,
    frame: Frame,
  ): number {
    const room = this.#literals.subarray(0, Math.min(BLOCK_MAX_BYTES, frame.windowBytes));
    const literals = readLiterals(this.#stored, { start, end }, frame.codes, room);
    if (literals === null) this.#refuse(start, 'is not sound zstd: literals of a block are not');
    frame.codes = literals.codes;
    const ended = runSequences(
      this.#stored,
      { start: literals.end, end },
      literals.bytes,
      frame.sequences,
      {
        target: this.#target,
        offset: this.#size,
        most,
        windowOffset: frame.targetOffset,
        windowBytes: frame.windowBytes,
      },
    );
    if (ended === null) this.#refuse(start, 'is not sound zstd: sequences of a block are not');
    return ended;
  }

  #number(offset: number, count: number): number {
    let value = 0;
    for (let at = count - 1; at >= 0; at--) value = value * 256 + this.#stored[offset + at]!;
    return value;
  }

  /** `count` bytes from `offset` on, which must be there. */
  #bytes(offset: number, count: number): Uint8Array {
    if (offset + count > this.#stored.length) this.#refuse(this.#stored.length, CUT_SHORT);
    return this.#stored.subarray(offset, offset + count);
  }

  #refuse(offset: number, claim: string): never {
    throw new CorruptError(this.#archive, offset, claim);
  }
}
