/**
 * Bytes at rest: random access, synchronous, never written.
 *
 * A Source is where an archive lives: a file, a buffer, a payload inside another Source. Format
 * code reads a few bytes of it at a time; nothing copies it whole. Getting bytes within synchronous
 * reach (a download, a gunzip) happens before there is a Source.
 *
 * Not here: Sources over files, which are Node's (node/file-source.ts).
 */

import { CorruptError } from './errors.ts';

/** Bytes at rest, for random access: a file, a buffer, or a part of another Source. */
export interface Source {
  /** What messages call it: `base.v00`, `hostd.vib!payload1`. */
  readonly name: string;
  /** Bytes it holds. */
  readonly size: number;
  /**
   * Fills `target` with the bytes from `offset` on. Throws CorruptError where not all of them are
   * there.
   */
  readInto(target: Uint8Array, offset: number): void;
  /**
   * The bytes in place and without a copy, or null where they are not in memory. Whoever gets them
   * must not write to them.
   */
  resident(offset: number, length: number): Uint8Array | null;
  /** The seek index that it is read by; none where it is not read by one. */
  readonly seekIndex?: Uint8Array | null;
  /** Gives back what it holds open. Reading afterwards fails. */
  close(): void;
}

/** What has a size, and a name for messages: a Source, a disk. */
type Sized = Pick<Source, 'name' | 'size'>;

/**
 * Throws CorruptError unless `source` has `length` bytes from `offset` on; `what` says whose bytes
 * they are.
 */
export function checkRange(source: Sized, offset: number, length: number, what: string): void {
  if (offset >= 0 && length >= 0 && offset + length <= source.size) return;
  throw new CorruptError(
    source.name,
    offset,
    `${what} has ${length} bytes here, but the archive ends at 0x${source.size.toString(16)}`,
  );
}

/** `length` bytes of `source` from `offset` on: in place where they are in memory, else a copy. */
export function readBytes(source: Source, offset: number, length: number): Uint8Array {
  const resident = source.resident(offset, length);
  if (resident !== null) return resident;
  const copy = new Uint8Array(length);
  source.readInto(copy, offset);
  return copy;
}

/**
 * `bytes` as a Source, which messages call `name`; they are kept, not copied, and must not change
 * any more. Its verbs throw CorruptError past its end.
 *
 * @example
 * const source = bytesSource(new Uint8Array([1, 2, 3, 4]), 'four');
 * console.log(source.size, source.resident(1, 2)); // 4 Uint8Array(2) [ 2, 3 ]
 */
export function bytesSource(bytes: Uint8Array, name: string): Source {
  const source: Source = {
    name,
    size: bytes.length,
    readInto(target, offset) {
      checkRange(source, offset, target.length, 'a read');
      target.set(bytes.subarray(offset, offset + target.length));
    },
    resident(offset, length) {
      checkRange(source, offset, length, 'a read');
      return bytes.subarray(offset, offset + length);
    },
    close() {},
  };
  return source;
}

/**
 * `size` bytes of `outer` from `start` on, as a Source of their own. Closing it leaves `outer`
 * open.
 */
export function windowSource(outer: Source, start: number, size: number, name: string): Source {
  checkRange(outer, start, size, `'${name}'`);
  const source: Source = {
    name,
    size,
    readInto(target, offset) {
      checkRange(source, offset, target.length, 'a read');
      outer.readInto(target, start + offset);
    },
    resident(offset, length) {
      checkRange(source, offset, length, 'a read');
      return outer.resident(start + offset, length);
    },
    close() {},
  };
  return source;
}
