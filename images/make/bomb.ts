/**
 * A small gzip that holds a gzip that holds 10 GiB of zeros.
 *
 * Nobody could wait for 10 GiB to be packed, and nobody need: the deflate stream of zeros is the
 * same few bits again and again. A block with a code of its own says "258 bytes as before, from one
 * back" in two bits, so every byte 0x00 of it is 1032 zeros, the most that deflate can do. The
 * inner gzip is then 10 MB of zeros itself, and the outer one does the same to those. Its sum is
 * reckoned, not summed: a CRC over zeros is a power of one matrix.
 */

import { concatBytes } from '../../src/base/bytes.ts';
import { latin1Bytes } from './blocks.ts';
import { gzip } from './pack.ts';

const POLYNOMIAL = 0xedb88320;
const COPIED_BYTES = 258;
const COPIES_PER_BYTE = 4;

/** Bits as deflate packs them: from the lowest of each byte upwards. */
class Bits {
  readonly #bytes: number[] = [];
  #count = 0;

  /** The lowest `length` bits of `value`, lowest first: how deflate has numbers. */
  number(value: number, length: number): void {
    for (let bit = 0; bit < length; bit++) this.#put((value >> bit) & 1);
  }

  /** `digits` as they stand: how deflate has codes. */
  code(digits: string): void {
    for (const digit of digits) this.#put(Number(digit));
  }

  /** The bytes so far, and how many bits of the last one are not used. */
  bytes(): { readonly bytes: Uint8Array; readonly unusedBits: number } {
    return { bytes: Uint8Array.from(this.#bytes), unusedBits: (8 - (this.#count % 8)) % 8 };
  }

  #put(bit: number): void {
    if (this.#count % 8 === 0) this.#bytes.push(0);
    this.#bytes[this.#bytes.length - 1]! |= bit << (this.#count % 8);
    this.#count += 1;
  }
}

/** The head of a block whose codes are: `10` a zero, `0` 258 bytes, `11` the end, `0` one back. */
function blockHead(): Bits {
  const bits = new Bits();
  bits.number(1, 1); // the last block
  bits.number(2, 2); // with codes of its own
  bits.number(286 - 257, 5);
  bits.number(0, 5);
  bits.number(18 - 4, 4);
  // Lengths of the codes for lengths, in deflate's order: 18 has one bit, 1 and 2 have two.
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]) {
    bits.number(symbol === 18 ? 1 : symbol === 1 || symbol === 2 ? 2 : 0, 3);
  }
  const [zeros, one, two] = ['0', '10', '11'];
  const skip = (count: number): void => {
    bits.code(zeros);
    bits.number(count - 11, 7);
  };
  bits.code(two); // 0
  skip(138);
  skip(117); // 1 to 255
  bits.code(two); // 256, the end
  skip(28); // 257 to 284
  bits.code(one); // 285, 258 bytes
  bits.code(one); // one back
  bits.code('10'); // the first zero
  return bits;
}

/** One gzip member that is right in everything and decodes to at least `size` zeros. */
export function gzipOfZeros(size: number): Uint8Array {
  const head = blockHead().bytes();
  const body = new Uint8Array(Math.ceil(size / COPIED_BYTES / COPIES_PER_BYTE));
  // What is left of the head's last byte says something too; a copy cut in two by it ends behind
  // the body.
  const isCut = head.unusedBits % 2 === 1;
  const copies = Math.ceil(head.unusedBits / 2) + body.length * COPIES_PER_BYTE;
  const decoded = 1 + copies * COPIED_BYTES;
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, crcOfZeros(decoded), true);
  trailer.setUint32(4, decoded % 2 ** 32, true);
  return concatBytes([
    latin1Bytes('\x1f\x8b\x08\0\0\0\0\0\x02\xff'),
    head.bytes,
    body,
    latin1Bytes(isCut ? '\x06' : '\x03'),
    new Uint8Array(trailer.buffer),
  ]);
}

/** gzip of `gzipOfZeros(size)`: about a millionth of it. */
export function bomb(size: number): Uint8Array {
  return gzip(gzipOfZeros(size));
}

/** The CRC-32 of `count` zeros: the start value times x^(8 × count) modulo the polynomial. */
export function crcOfZeros(count: number): number {
  let power = 0x00800000; // x^8
  let product = 0xffffffff;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) product = times(product, power);
    power = times(power, power);
  }
  return ~product >>> 0;
}

/** The product of two polynomials whose highest bit is the constant, as CRC-32 writes them. */
function times(one: number, other: number): number {
  let product = 0;
  let shifted = other;
  for (let bit = 31; bit >= 0; bit--) {
    if ((one >>> bit) & 1) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}
