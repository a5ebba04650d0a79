/**
 * The skeleton of a tar: what the walk over its headers reads of it, and where.
 *
 *   off  len
 *     0    4  how many ranges
 *     4    8  for each: u32 bytes since the end of the last one, u32 its length
 *     …       the bytes of all ranges, one after the other
 *
 * It takes the place of the archive for the one walk that mounts it, so that no header has to be
 * decoded from where it lies; the walk and its checks are the same. What a walk reads besides is
 * taken from the archive.
 *
 * Ranges rise and do not touch. One of no bytes bridges a gap of more than 4 GiB.
 */

import { concatBytes, putU32, u32 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { readBytes, type Source } from '../base/source.ts';
import { walkTar } from '../format/tar-walk.ts';

const COUNT_BYTES = 4;
const RANGE_BYTES = 8;
const U32_MAX = 2 ** 32 - 1;

/** The skeleton of the tar in `plain`. Throws CorruptError where it is none, or lies. */
export function encodeSkeleton(plain: Source): Uint8Array {
  const reads: [start: number, end: number][] = [];
  walkTar(
    noting(plain, (start, end) => reads.push([start, end])),
    () => undefined,
  );
  const ranges = merged(reads).map(([start, end]): [number, Uint8Array] => {
    return [start, readBytes(plain, start, end - start)];
  });
  return skeletonOf(ranges);
}

/** The skeleton of an archive that has these bytes at these offsets, which rise. */
export function skeletonOf(ranges: readonly [offset: number, bytes: Uint8Array][]): Uint8Array {
  const numbers: number[] = [];
  let last = 0;
  for (const [offset, { length }] of ranges) {
    for (; offset - last > U32_MAX; last += U32_MAX) numbers.push(U32_MAX, 0);
    numbers.push(offset - last, length);
    last = offset + length;
  }
  const head = new Uint8Array(COUNT_BYTES + numbers.length * 4);
  putU32(head, 0, numbers.length / 2);
  for (const [index, number] of numbers.entries()) putU32(head, COUNT_BYTES + index * 4, number);
  return concatBytes([head, ...ranges.map(([, bytes]) => bytes)]);
}

/** A skeleton that was encoded, to be read from in place of its archive. */
export class Skeleton {
  readonly #bytes: Uint8Array;
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** Where in `#bytes` each range is. */
  readonly #places: Float64Array;
  #near = 0;

  /** The skeleton in `bytes`. Throws CorruptError where it does not fit `archive`. */
  constructor(bytes: Uint8Array, archive: Source) {
    const refuse = (): never => {
      throw new CorruptError(archive.name, 0, 'the skeleton in its seek index does not fit it');
    };
    const count = bytes.length < COUNT_BYTES ? refuse() : u32(bytes, 0);
    let place = COUNT_BYTES + count * RANGE_BYTES;
    if (place > bytes.length) refuse();
    this.#bytes = bytes;
    this.#starts = new Float64Array(count);
    this.#ends = new Float64Array(count);
    this.#places = new Float64Array(count);
    for (let index = 0, last = 0; index < count; index++) {
      const at = COUNT_BYTES + index * RANGE_BYTES;
      const start = last + u32(bytes, at);
      last = start + u32(bytes, at + 4);
      this.#starts[index] = start;
      this.#ends[index] = last;
      this.#places[index] = place;
      place += last - start;
      if (last > archive.size || place > bytes.length) refuse();
    }
  }

  /** Fills `target` with the bytes from `offset` on; false where it has not all of them. */
  readInto(target: Uint8Array, offset: number): boolean {
    const end = offset + target.length;
    if (!this.#holds(this.#near, offset, end)) {
      // The walk goes forward: it is the next range, as a rule.
      if (this.#holds(this.#near + 1, offset, end)) this.#near += 1;
      else this.#near = this.#rangeAt(offset);
      if (!this.#holds(this.#near, offset, end)) return false;
    }
    const at = this.#places[this.#near]! + offset - this.#starts[this.#near]!;
    target.set(this.#bytes.subarray(at, at + target.length));
    return true;
  }

  #holds(index: number, start: number, end: number): boolean {
    return (
      index < this.#starts.length && start >= this.#starts[index]! && end <= this.#ends[index]!
    );
  }

  /** The last range that starts at or ahead of `offset`. */
  #rangeAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** `source`, saying what is read of it. */
function noting(source: Source, note: (start: number, end: number) => void): Source {
  return {
    name: source.name,
    size: source.size,
    readInto(target, offset) {
      source.readInto(target, offset);
      note(offset, offset + target.length);
    },
    resident: () => null,
    close() {},
  };
}

/** `ranges` in order, those that touch made one. */
function merged(ranges: [start: number, end: number][]): [start: number, end: number][] {
  ranges.sort(([one], [other]) => one - other);
  const all: [start: number, end: number][] = [];
  for (const [start, end] of ranges) {
    const last = all.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else if (end > start) all.push([start, end]);
  }
  return all;
}
