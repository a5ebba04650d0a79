/**
 * Node's zlib, block by block.
 *
 * Node stops at the end of its input or output, but zlib can stop at the end of each block of
 * deflate, and the handle behind Node's streams takes zlib's own word for it, Z_BLOCK. That handle
 * is no public part of Node: what is used of it is looked at first, and without it there is no
 * inflater here. It is as fast as gunzip.
 */

import zlib from 'node:zlib';
import type { BlockInflater } from '../codec/codec.ts';

/** What is used of the handle behind a zlib stream. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
  onerror: (message: string, errno: number, code: string) => void;
}

/** The deflate stream at `offset` of `stored`; null where this Node does not show its blocks. */
export function nativeBlocks(stored: Uint8Array, offset: number): BlockInflater | null {
  const stream = zlib.createInflateRaw() as unknown as { _handle?: unknown; _writeState?: unknown };
  const { _handle: handle, _writeState: left } = stream;
  if (!isHandle(handle) || !(left instanceof Uint32Array) || left.length < 2) return null;
  return new NativeBlocks(handle, left, stored, offset);
}

function isHandle(handle: unknown): handle is Handle {
  if (typeof handle !== 'object' || handle === null) return false;
  const { writeSync, onerror } = handle as Partial<Handle>;
  return typeof writeSync === 'function' && typeof onerror === 'function';
}

class NativeBlocks implements BlockInflater {
  storedOffset: number;
  offset = 0;
  readonly #handle: Handle;
  /** Room and input that the last write left over. */
  readonly #left: Uint32Array;
  readonly #stored: Uint8Array;
  #isBroken = false;

  constructor(handle: Handle, left: Uint32Array, stored: Uint8Array, offset: number) {
    this.#handle = handle;
    this.#left = left;
    this.#stored = stored;
    this.storedOffset = offset;
    handle.onerror = () => {
      this.#isBroken = true;
    };
  }

  next(target: Uint8Array, offset: number): ReturnType<BlockInflater['next']> {
    const from = this.storedOffset;
    const length = this.#stored.length - from;
    const room = target.length - offset;
    const { Z_BLOCK } = zlib.constants;
    this.#handle.writeSync(Z_BLOCK, this.#stored, from, length, target, offset, room);
    const [roomLeft, lengthLeft] = this.#left as unknown as [number, number];
    this.offset = offset + room - roomLeft;
    this.storedOffset = from + length - lengthLeft;
    if (this.#isBroken) return 'broken';
    // A trailer follows every stream, so one that takes all there is has not ended.
    if (lengthLeft === 0) return 'cut';
    if (roomLeft === 0) return 'full';
    const isAhead = this.storedOffset > from || this.offset > offset;
    return isAhead ? 'block' : 'end';
  }
}
