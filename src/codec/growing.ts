/**
 * A target that grows, for streams that do not say how much they decode to.
 */

/** `target` with room for `size` bytes; its first `used` ones are kept. At least doubles. */
export function grown(
  target: Uint8Array<ArrayBuffer>,
  used: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  if (size <= target.length) return target;
  const larger = new Uint8Array(Math.max(size, 2 * target.length));
  larger.set(target.subarray(0, used));
  return larger;
}

/** Bytes behind what was decoded that may stay with it; more of them is worth a copy. */
const WASTE_BYTES = 256 << 10;

/** The first `used` bytes of `target`, without holding much more than them. */
export function trimmed(target: Uint8Array, used: number): Uint8Array {
  return target.length - used <= WASTE_BYTES ? target.subarray(0, used) : target.slice(0, used);
}
