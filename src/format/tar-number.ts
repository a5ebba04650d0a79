/**
 * The numbers in tar headers.
 *
 * A field is octal digits with blanks or NULs before them and a blank or NUL behind, if there is
 * room; what comes after that end is not looked at, as by GNU tar. A field of blanks alone is 0.
 * With the top bit of its first byte set it is base-256 instead: a big-endian two's complement
 * number of all its bits but that one, as GNU tar and star write what octal cannot hold.
 *
 * Not here: what a number may mean where it stands (tar-header.ts), decimals (tar-pax.ts).
 */

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;

/** Below 2^45, so that one more byte still makes an exact number. */
const EXACT_BEFORE_BYTE = 2 ** 45;

/** The number in `length` bytes from `start` on, or NaN where they are none or it is not exact. */
export function tarNumber(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length;
  if (bytes[start]! >= 0x80) return base256(bytes, start, end);
  let index = start;
  while (index < end && (bytes[index] === SPACE || bytes[index] === 0)) index++;
  let value = 0;
  for (; index < end; index++) {
    const byte = bytes[index]!;
    if (byte < ZERO || byte > SEVEN) return byte === SPACE || byte === 0 ? value : Number.NaN;
    value = value * 8 + (byte - ZERO);
  }
  return value;
}

/**
 * The number in a field of `length` bytes, 8 or 12, from the word `at` on, where it has the form in
 * which tars are written: digits, and a NUL or blank in the last byte. Else -1: `tarNumber` knows
 * all forms. Four digits are read at once, as little-endian words have them.
 */
export function usualOctal(words: Int32Array, at: number, length: number): number {
  const last = words[at + (length >>> 2) - 1]!;
  const end = last >>> 24;
  if ((last & 0xf8f8f8) !== 0x303030 || (end !== 0 && end !== SPACE)) return -1;
  const first = words[at]!;
  if ((first & 0xf8f8f8f8) !== DIGITS) return -1;
  const low = ((last & 7) << 6) | ((last >>> 5) & 0x38) | ((last >>> 16) & 7);
  if (length === 8) return fourDigits(first) * 0x200 + low;
  const middle = words[at + 1]!;
  if ((middle & 0xf8f8f8f8) !== DIGITS) return -1;
  return fourDigits(first) * 0x200000 + fourDigits(middle) * 0x200 + low;
}

/** What the digits have in common, four times. */
const DIGITS = 0x30303030;

function fourDigits(word: number): number {
  const upper = ((word & 7) << 9) | ((word >>> 2) & 0x1c0);
  return upper | ((word >>> 13) & 0x38) | ((word >>> 24) & 7);
}

function base256(bytes: Uint8Array, start: number, end: number): number {
  const negative = (bytes[start]! & 0x40) !== 0;
  let value = (bytes[start]! & 0x7f) - (negative ? 0x80 : 0);
  for (let index = start + 1; index < end; index++) {
    if (Math.abs(value) >= EXACT_BEFORE_BYTE) return Number.NaN;
    value = value * 256 + bytes[index]!;
  }
  return value;
}

/** Whether octal digits and the NUL behind them can hold `value` in `length` bytes. */
export function fitsOctal(value: number, length: number): boolean {
  return value >= 0 && value < 8 ** (length - 1);
}

/** Writes `value` as octal with a NUL behind it, or as base-256 where that does not fit. */
export function putTarNumber(
  bytes: Uint8Array,
  start: number,
  length: number,
  value: number,
): void {
  if (fitsOctal(value, length)) {
    const digits = value.toString(8).padStart(length - 1, '0');
    for (let index = 0; index < digits.length; index++) {
      bytes[start + index] = digits.charCodeAt(index);
    }
    bytes[start + length - 1] = 0;
    return;
  }
  let rest = value;
  for (let index = start + length - 1; index >= start; index--) {
    const byte = rest - Math.floor(rest / 256) * 256;
    bytes[index] = byte;
    rest = Math.floor(rest / 256);
  }
  bytes[start]! |= 0x80;
}
