/**
 * How node's flavours of `read` say how much of which buffer is to be filled, and from where.
 *
 *   readSync(fd, buffer, offset, length, position)  or  (fd, buffer, fields)
 *   read      the same, (fd, buffer), (fd, fields) and (fd), as many as there are before callback
 *   handle    (buffer, offset, length, position), (buffer, fields), (fields) or nothing
 *
 * Each fills in what is left out in its own way, and only the first two look at positions.
 */

import type { Arguments } from './arguments.ts';
import type { Runtime } from './runtime.ts';

/** What `read` allocates where the caller gave no buffer, in bytes: as node does. */
const READ_BYTES = 16384;

/** What is to be read: into the whole of `into`, which is in `buffer`. */
export interface Reading {
  readonly buffer: unknown;
  readonly into: Uint8Array;
  /** Where in the file; null is where it stands. */
  readonly position: number | null;
}

interface Fields {
  readonly buffer?: unknown;
  readonly offset?: unknown;
  readonly length?: unknown;
  readonly position?: unknown;
}

const MIN_BIG = -(2n ** 63n);
const MAX_BIG = 2n ** 63n - 1n;

/** What is to be read, by flavour, from the arguments behind the descriptor. */
export function readings({ check, runtime }: { check: Arguments; runtime: Runtime }): {
  readonly synchronous: (given: readonly unknown[]) => Reading;
  readonly called: (given: readonly unknown[]) => Reading;
  readonly handled: (given: readonly unknown[]) => Reading;
} {
  const fresh = (): Uint8Array => runtime.bytes(new Uint8Array(READ_BYTES));

  function fieldsOf(value: unknown): Fields {
    return value === null ? {} : (check.fields(value) as Fields);
  }

  /** The first `length` bytes from `offset` on, which lie within `buffer`. */
  function extent(buffer: unknown, offset: unknown, length: unknown): Uint8Array {
    const bytes = check.buffer(buffer);
    const start = offset === null || offset === undefined ? 0 : check.integer(offset, 'offset', 0);
    const count = length === undefined ? bytes.length - start : Number(length);
    if (count === 0) return bytes.subarray(0, 0);
    if (bytes.length === 0) {
      throw check.wrongValue('buffer', buffer, 'is empty and cannot be written');
    }
    if (count < 0) throw check.outOfRange('length', '>= 0', length ?? count);
    if (start + count > bytes.length) {
      throw check.outOfRange('length', `<= ${bytes.length - start}`, count);
    }
    return bytes.subarray(start, start + count);
  }

  function checkedPosition(position: unknown): number | null {
    if (position === null || position === undefined) return null;
    if (typeof position === 'bigint') {
      if (position >= MIN_BIG && position <= MAX_BIG) {
        return position < 0n ? null : Number(position);
      }
      throw check.outOfRange('position', `>= ${MIN_BIG} && <= ${MAX_BIG}`, position);
    }
    if (typeof position !== 'number') {
      throw check.wrongType('position', 'of type bigint or integer', position);
    }
    const checked = check.integer(position, 'position', -1);
    return checked < 0 ? null : checked;
  }

  /** As the two that take descriptors do: a length is 32 bits, and none of it is nothing. */
  function described(fields: Fields, isWhole: boolean): Reading {
    const { buffer, offset, length, position } = fields;
    const count = length === undefined && isWhole ? undefined : (length as number) | 0;
    const into = extent(buffer, offset, count);
    return { buffer, into, position: into.length === 0 ? null : checkedPosition(position) };
  }

  return {
    synchronous(given) {
      const [buffer, first, length, position] = given;
      check.buffer(buffer);
      const isFields = given.length <= 2 || typeof first === 'object';
      if (!isFields) return described({ buffer, offset: first, length, position }, false);
      const { offset, ...its } = picked(first === undefined ? {} : fieldsOf(first));
      return described({ ...its, buffer, offset }, true);
    },

    called(given) {
      const [target, first, length, position] = given;
      if (given.length >= 3) {
        const offset = first;
        return described({ buffer: target, offset, length, position }, false);
      }
      if (given.length === 2)
        return described({ ...picked(fieldsOf(first)), buffer: target }, true);
      if (ArrayBuffer.isView(target)) return described({ buffer: target }, true);
      const fields = target === undefined ? {} : fieldsOf(target);
      const { buffer = fresh() } = fields;
      return described({ ...picked(fields), buffer }, true);
    },

    handled(given) {
      const [target, offset, length, position] = given;
      const isView = ArrayBuffer.isView(target);
      const fields = isView || target === undefined ? {} : fieldsOf(target);
      const { buffer = fresh() } = isView ? { buffer: target } : fields;
      const named: Fields = isView ? { offset, length, position } : fields;
      // Fields in the place of the offset, wherever that was.
      const isDeep = typeof named.offset === 'object' && named.offset !== null;
      const extents = isDeep ? (named.offset as Fields) : named;
      const into = extent(buffer, extents.offset, extents.length ?? undefined);
      return { buffer, into, position: anyPosition(extents.position) };
    },
  };
}

/** What may be a field of anything's, inherited or not. */
function picked({ offset, length, position }: Fields): Fields {
  return { offset, length, position };
}

/** A position that nobody checks: what is no whole number is where the file stands. */
function anyPosition(position: unknown): number | null {
  const number = typeof position === 'bigint' ? Number(BigInt.asIntN(64, position)) : position;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : null;
}
