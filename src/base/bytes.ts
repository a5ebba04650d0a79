/**
 * Text and numbers as bytes, without anything of Node's.
 *
 * File names are bytes: they are compared, hashed and sorted as such. What is shown of a name that
 * is not UTF-8 has replacement characters; its bytes stay what they were.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** The UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * `bytes` as text; what is not UTF-8 becomes U+FFFD. Short ASCII, which names are, never leaves
 * JavaScript.
 */
export function text(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start > 64) return decoded(bytes, start, end);
  let ascii = '';
  let index = start;
  // Eight at a time, as each string on the way to the whole is one that is made and thrown away.
  for (; index + 8 <= end; index += 8) {
    const [a, b, c, d] = [bytes[index]!, bytes[index + 1]!, bytes[index + 2]!, bytes[index + 3]!];
    const [e, f, g, h] = [
      bytes[index + 4]!,
      bytes[index + 5]!,
      bytes[index + 6]!,
      bytes[index + 7]!,
    ];
    if ((a | b | c | d | e | f | g | h) > 0x7f) return decoded(bytes, start, end);
    ascii += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; index < end; index++) {
    const byte = bytes[index]!;
    if (byte > 0x7f) return decoded(bytes, start, end);
    ascii += String.fromCharCode(byte);
  }
  return ascii;
}

function decoded(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(ownBytes(bytes.subarray(start, end)));
}

/** `bytes`, out of shared memory a copy of them: browsers decode nothing that lies there. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
}

/** Whether `bytes` are well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(ownBytes(bytes));
    return true;
  } catch {
    // A fatal decoder has no other way of saying no.
    return false;
  }
}

/** `bytes` one character each, as headers of fixed layout hold their text. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let out = '';
  for (let index = start; index < end; index++) out += String.fromCharCode(bytes[index]!);
  return out;
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && compareBytes(one, other) === 0;
}

/**
 * Below, at or above 0 as `one` sorts before, with or after `other`: the order of strcmp and of
 * `sort` in the C locale.
 */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const difference = one[index]! - other[index]!;
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** The pieces one after the other, in one new array. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** Little-endian u32 at `offset`, as visor tar headers and FAT have them. */
export function u32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset]! |
      (bytes[offset + 1]! << 8) |
      (bytes[offset + 2]! << 16) |
      (bytes[offset + 3]! << 24)) >>>
    0
  );
}

/** The little-endian u16 at `offset`, as zip has them. */
export function u16(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8);
}

/** The little-endian u64 at `offset`; not exact where it is above 2^53 - 1. */
export function u64(bytes: Uint8Array, offset: number): number {
  return u32(bytes, offset) + u32(bytes, offset + 4) * 2 ** 32;
}

/** Writes `value` as little-endian u16 at `offset`. */
export function putU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
}

/** Writes `value` as little-endian u32 at `offset`. */
export function putU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}
