/**
 * Huffman codes as zstd has them: their weights, and what is coded by them.
 *
 *   below 128   that many bytes of weights, by FSE: two states in turn, read backwards
 *   else        that less 127 weights of 4 bits, the higher ones of each byte first
 *
 * A symbol of weight w has a code of (longest + 1 - w) bits, one of weight 0 has none. The last
 * symbol's weight is not said: it is what makes the codes complete. Codes are given from 0 on, to
 * the longest first and to symbols in their order. The longest has 11 bits at the most.
 */

import { BackwardBits } from './backward-bits.ts';
import { readFse } from './fse.ts';

/** Codes, by the bits ahead: `(length << 8) | symbol` for each value of `longest` bits. */
export interface HuffmanCodes {
  readonly longest: number;
  readonly entries: Uint16Array;
}

const LONGEST_MAX_BITS = 11;
const WEIGHTS_MAX_COUNT = 255;
const WEIGHTS_ACCURACY = 6;
const WEIGHT_MAX = 12;

/** The codes described from `start` of `bytes` on, and where that ends; null where none are. */
export function readHuffman(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): { readonly codes: HuffmanCodes; readonly end: number } | null {
  const head = bytes[start]!;
  const from = start + 1;
  const to = from + (head < 128 ? head : Math.ceil((head - 127) / 2));
  if (start >= end || to > end) return null;
  const weights = head < 128 ? weightsByFse(bytes, from, to) : [];
  for (let index = 0; index < head - 127; index++) {
    const byte = bytes[from + (index >> 1)]!;
    weights?.push(index % 2 === 0 ? byte >> 4 : byte & 15);
  }
  const codes = weights === null ? null : codesOf(weights);
  return codes === null ? null : { codes, end: to };
}

function weightsByFse(bytes: Uint8Array, start: number, end: number): number[] | null {
  const described = readFse(bytes, { start, end }, WEIGHTS_ACCURACY, WEIGHT_MAX);
  if (described === null) return null;
  const { accuracy, symbols, counts, bases } = described.table;
  const bits = new BackwardBits(bytes, described.end, end);
  let [state, other] = [bits.read(accuracy), bits.read(accuracy)];
  if (bits.left < 0) return null;
  const weights: number[] = [];
  while (weights.length < WEIGHTS_MAX_COUNT) {
    weights.push(symbols[state]!);
    const count = counts[state]!;
    if (count > bits.left) {
      weights.push(symbols[other]!);
      return weights.length <= WEIGHTS_MAX_COUNT ? weights : null;
    }
    [state, other] = [other, bases[state]! + bits.read(count)];
  }
  return null;
}

function codesOf(weights: readonly number[]): HuffmanCodes | null {
  const sum = weights.reduce((all, weight) => all + sharesOf(weight), 0);
  const longest = 32 - Math.clz32(sum);
  const left = 2 ** longest - sum;
  if (sum === 0 || longest > LONGEST_MAX_BITS || (left & (left - 1)) !== 0) return null;
  const all = [...weights, 32 - Math.clz32(left)];
  // Where the next code of each weight goes: behind all of those that are lighter.
  const places = new Uint16Array(longest + 2);
  for (const weight of all) places[weight + 1]! += sharesOf(weight);
  for (let weight = 1; weight <= longest; weight++) places[weight + 1]! += places[weight]!;
  const entries = new Uint16Array(1 << longest);
  for (let symbol = 0; symbol < all.length; symbol++) {
    const weight = all[symbol]!;
    const end = places[weight]! + sharesOf(weight);
    entries.fill(((longest + 1 - weight) << 8) | symbol, places[weight], end);
    places[weight] = end;
  }
  return { longest, entries };
}

/** How many of the values of all bits a code of `weight` takes. */
function sharesOf(weight: number): number {
  return weight === 0 ? 0 : 2 ** (weight - 1);
}

/**
 * Decodes what is from `start` up to `end` of `bytes` into all of `target`; returns whether it is
 * as long as that.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  { longest, entries }: HuffmanCodes,
  target: Uint8Array,
): boolean {
  const bits = new BackwardBits(bytes, start, end);
  for (let at = 0; at < target.length && bits.left > 0; at++) {
    const entry = entries[bits.peek(longest)]!;
    target[at] = entry;
    bits.left -= entry >> 8;
    if (at === target.length - 1) return bits.left === 0;
  }
  return false;
}
