/**
 * Sizes as people write them.
 */

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/**
 * `size` in bytes: a number as it is, or text such as `4096`, `512k`, `64mb`, `1GiB` (powers of
 * 1024). Throws RangeError.
 */
export function parseSize(size: number | string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?\s*$/i.exec(String(size));
  const bytes = match === null ? Number.NaN : Number(match[1]) * UNITS[match[2]!.toLowerCase()]!;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new RangeError(`'${size}' is no size: give bytes, or a number with k, m or g`);
}
