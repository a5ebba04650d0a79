/**
 * A target that grows, for streams that do not say how much they decode to.
 */

/** Bytes behind what was decoded that may stay with it; more of them is worth a copy. */
const WASTE_BYTES = 256 << 10;

/**
 * `target` with room for `size` bytes, its first `used` ones kept: doubled where that is more, but
 * never above `mostBytes`, which `size` is not above.
 */
export function grown(
  target: Uint8Array<ArrayBuffer>,
  used: number,
  size: number,
  mostBytes: number,
): Uint8Array<ArrayBuffer> {
  if (size <= target.length) return target;
  const larger = new Uint8Array(Math.max(size, Math.min(2 * target.length, mostBytes)));
  larger.set(target.subarray(0, used));
  return larger;
}

/** The first `used` bytes of `target`, without holding much more than them. */
export function trimmed(target: Uint8Array, used: number): Uint8Array {
  return target.length - used <= WASTE_BYTES ? target.subarray(0, used) : target.slice(0, used);
}
