/**
 * The sequences of a zstd block: how many literals come, and what is copied behind them.
 *
 *   count    0 to 127; 128 to 254: (it - 128) << 8 | next; 255: next two, little endian, + 0x7f00
 *   modes    bits 6-7 literals' lengths, 4-5 offsets, 2-3 copies' lengths, 0-1 none
 *              0 the table that is always there, 1 one symbol, 2 a table (fse.ts), 3 that of before
 *   tables   in that order
 *   bits     read backwards: a state of each, in that order; then for each sequence the extra bits
 *            of offset, copy and literals, and but for the last one the bits to the next states of
 *            literals, copy and offset
 *
 * An offset is 2^symbol and as many extra bits; less 3 it is how far back to copy from. 1 to 3 is
 * the last, second last or third last distance; where no literals come, 1 and 2 are the second and
 * third last, and 3 the last one less 1.
 */

import { BackwardBits } from './backward-bits.ts';
import { type FseTable, fseOf, fseTable, readFse } from './fse.ts';

/** What one number of a sequence may be: of each symbol the extra bits, and where they start. */
interface Kind {
  readonly extras: readonly number[];
  readonly bases: readonly number[];
  readonly mostAccuracy: number;
  readonly usual: FseTable;
}

const run = (count: number, value: number): number[] => new Array<number>(count).fill(value);

const LITERALS = kind(
  0,
  [...run(16, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  9,
  fseTable([4, 3, ...run(11, 2), 1, 1, 1, ...run(9, 2), 3, 2, ...run(5, 1), ...run(4, -1)], 6),
);
const OFFSETS = kind(
  1,
  Array.from({ length: 32 }, (_, symbol) => symbol),
  8,
  fseTable([...run(6, 1), 2, 2, 2, ...run(15, 1), ...run(5, -1)], 5),
);
const COPIES = kind(
  3,
  [...run(32, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  9,
  fseTable([1, 4, 3, ...run(6, 2), ...run(37, 1), ...run(7, -1)], 6),
);
const KINDS = [LITERALS, OFFSETS, COPIES] as const;

const DISTANCES_AT_FIRST = [1, 4, 8] as const;
/** Copies shorter than this are quicker byte by byte. */
const COPY_LONG_BYTES = 32;

/** What sequences leave for those of the next block of a frame. */
export class SequenceState {
  /** The last distances, the last one first. */
  readonly distances: [number, number, number] = [...DISTANCES_AT_FIRST];
  /** The tables of literals, offsets and copies. */
  readonly tables: (FseTable | null)[] = [null, null, null];
}

/** Where what sequences make goes. */
export interface Room {
  readonly target: Uint8Array;
  readonly offset: number;
  /** Where it has to end. */
  readonly most: number;
  /** The first byte that may be copied, and how far back a copy may start. */
  readonly windowOffset: number;
  readonly windowBytes: number;
}

/**
 * Writes `literals` and what the sequences from `start` of `stored` on copy between them. Returns
 * where in the target that ends; null where it is not sound, or does not fit.
 */
export function runSequences(
  stored: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  literals: Uint8Array,
  state: SequenceState,
  { target, offset, most, windowOffset, windowBytes }: Room,
): number | null {
  const head = readHead(stored, start, end, state);
  if (head === null) return null;
  let at = offset;
  let literal = 0;
  if (head.count > 0) {
    const [ofLiterals, ofOffsets, ofCopies] = state.tables as [FseTable, FseTable, FseTable];
    const { distances } = state;
    const bits = new BackwardBits(stored, head.end, end);
    let literalState = bits.read(ofLiterals.accuracy);
    let offsetState = bits.read(ofOffsets.accuracy);
    let copyState = bits.read(ofCopies.accuracy);
    for (let left = head.count; left > 0; left--) {
      const offsetSymbol = ofOffsets.symbols[offsetState]!;
      const copySymbol = ofCopies.symbols[copyState]!;
      const literalSymbol = ofLiterals.symbols[literalState]!;
      const value = OFFSETS.bases[offsetSymbol]! + bits.read(offsetSymbol);
      const copied = COPIES.bases[copySymbol]! + bits.read(COPIES.extras[copySymbol]!);
      const count = LITERALS.bases[literalSymbol]! + bits.read(LITERALS.extras[literalSymbol]!);
      if (left > 1) {
        literalState = nextState(ofLiterals, literalState, bits);
        copyState = nextState(ofCopies, copyState, bits);
        offsetState = nextState(ofOffsets, offsetState, bits);
      }
      const distance = distanceOf(value, count === 0, distances);
      const copyOffset = at + count;
      const isThere = distance > 0 && distance <= windowBytes;
      const isSound = isThere && literal + count <= literals.length;
      if (!isSound || copyOffset - distance < windowOffset || copyOffset + copied > most)
        return null;
      copy(literals, literal, target, at, count);
      literal += count;
      at = copyOffset;
      // What lies less far back than it is long repeats itself, byte by byte.
      copy(target, at - distance, target, at, copied);
      at += copied;
    }
    if (bits.left !== 0) return null;
  }
  const rest = literals.length - literal;
  if (at + rest > most) return null;
  copy(literals, literal, target, at, rest);
  return at + rest;
}

function kind(
  base: number,
  extras: readonly number[],
  mostAccuracy: number,
  usual: FseTable,
): Kind {
  let next = base;
  const bases = extras.map((extra) => {
    next += 2 ** extra;
    return next - 2 ** extra;
  });
  return { extras, bases, mostAccuracy, usual };
}

/** Reads how many sequences there are, and the tables of them into `state`. */
function readHead(
  stored: Uint8Array,
  start: number,
  end: number,
  state: SequenceState,
): { readonly count: number; readonly end: number } | null {
  const head = stored[start]!;
  const [first, second] = [stored[start + 1] ?? 0, stored[start + 2] ?? 0];
  if (start >= end) return null;
  if (head === 0) return start + 1 === end ? { count: 0, end } : null;
  let count = head;
  let at = start + 1;
  if (head === 255) {
    count = (first | (second << 8)) + 0x7f00;
    at += 2;
  } else if (head > 127) {
    count = ((head - 128) << 8) | first;
    at += 1;
  }
  const modes = stored[at++]!;
  if (at > end || (modes & 3) !== 0) return null;
  for (const [index, { mostAccuracy, extras, usual }] of KINDS.entries()) {
    const mode = (modes >> (6 - 2 * index)) & 3;
    if (mode === 0) state.tables[index] = usual;
    if (mode === 1) {
      const symbol = stored[at++]!;
      if (at > end || symbol >= extras.length) return null;
      state.tables[index] = fseOf(symbol);
    }
    if (mode === 2) {
      const read = readFse(stored, { start: at, end }, mostAccuracy, extras.length - 1);
      if (read === null) return null;
      state.tables[index] = read.table;
      at = read.end;
    }
    if (state.tables[index] === null) return null;
  }
  return { count, end: at };
}

function nextState({ bases, counts }: FseTable, state: number, bits: BackwardBits): number {
  return bases[state]! + bits.read(counts[state]!);
}

/** The distance that `value` says, which becomes the last one; 0 where it says none. */
function distanceOf(value: number, isBare: boolean, distances: [number, number, number]): number {
  const [last, second, third] = distances;
  const which = isBare ? value + 1 : value;
  if (value <= 3 && which === 1) return last;
  const older = which === 2 ? second : which === 3 ? third : last - 1;
  const distance = value > 3 ? value - 3 : older;
  distances[0] = distance;
  distances[1] = last;
  if (value > 3 || which > 2) distances[2] = second;
  return distance;
}

function copy(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  count: number,
): void {
  const isLong = count >= COPY_LONG_BYTES && (source !== target || from + count <= to);
  if (isLong) target.set(source.subarray(from, from + count), to);
  else for (let index = 0; index < count; index++) target[to + index] = source[from + index]!;
}
