/**
 * Typed arrays that grow: the columns in which rows of numbers are kept.
 */

type Column = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/**
 * `column` with room for `length` rows: itself where it has it, else a copy of twice the size, the
 * rest zero.
 */
export function roomFor<C extends Column>(column: C, length: number): C {
  return length <= column.length ? column : resized(column, Math.max(length, column.length * 2));
}

/** A copy of `column` with exactly `length` rows. */
export function resized<C extends Column>(column: C, length: number): C {
  const copy = new (column.constructor as new (length: number) => C)(length);
  copy.set(length < column.length ? column.subarray(0, length) : column);
  return copy;
}
