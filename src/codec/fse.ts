/**
 * Finite state entropy: the tables by which zstd reads symbols from bits.
 *
 *   description   4 bits: accuracy - 5; then the chance of each symbol + 1, in as few bits as hold
 *                 what is left of 2^accuracy: small values have one bit less. After a chance of 0
 *                 come 2 bits of how many more are 0, and 2 more as long as these are 3. It ends
 *                 when nothing is left, and the rest of the byte is unused.
 *
 * A state is a place in a table of 2^accuracy: it says a symbol, and how many bits to add to what
 * for the next state. A chance of -1 is less than one: one place, at the table's end.
 */

/** A table of states. */
export interface FseTable {
  /** Bits of a state. */
  readonly accuracy: number;
  readonly symbols: Uint8Array;
  /** Bits that lead to the next state, and what they are added to. */
  readonly counts: Uint8Array;
  readonly bases: Uint16Array;
}

const ACCURACY_LEAST = 5;

/** The table of symbols with these `chances`, which are 2^`accuracy` together. */
export function fseTable(chances: readonly number[], accuracy: number): FseTable {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  const next = chances.map((chance) => Math.max(1, chance));
  let high = size;
  for (const [symbol, chance] of chances.entries()) if (chance < 0) symbols[--high] = symbol;
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  for (const [symbol, chance] of chances.entries()) {
    for (let left = chance; left > 0; left--) {
      symbols[place] = symbol;
      do place = (place + step) & (size - 1);
      while (place >= high);
    }
  }
  const counts = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const nth = next[symbols[state]!]!++;
    const count = accuracy - (31 - Math.clz32(nth));
    counts[state] = count;
    bases[state] = (nth << count) - size;
  }
  return { accuracy, symbols, counts, bases };
}

/** The table that says `symbol` whatever comes, and takes no bits for it. */
export function fseOf(symbol: number): FseTable {
  const zero = new Uint8Array(1);
  return { accuracy: 0, symbols: Uint8Array.of(symbol), counts: zero, bases: new Uint16Array(1) };
}

/**
 * The table described from `start` of `bytes` on, and where its description ends, which is `end` at
 * the most; null where none is described, or one of more than `mostAccuracy` or `mostSymbol`.
 */
export function readFse(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  mostAccuracy: number,
  mostSymbol: number,
): { readonly table: FseTable; readonly end: number } | null {
  let bit = start * 8;
  const peek = (count: number): number => {
    const at = bit >> 3;
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    return (word >> (bit & 7)) & ((1 << count) - 1);
  };
  const accuracy = peek(4) + ACCURACY_LEAST;
  bit += 4;
  if (accuracy > mostAccuracy) return null;
  const chances: number[] = [];
  let left = 1 << accuracy;
  // No value can say more than is left, so nothing is left at the end.
  while (left > 0) {
    const count = 32 - Math.clz32(left + 1);
    const small = peek(count - 1);
    const short = (1 << count) - 1 - (left + 1);
    let value = peek(count);
    if (small < short) {
      value = small;
      bit += count - 1;
    } else {
      if (value >= 1 << (count - 1)) value -= short;
      bit += count;
    }
    chances.push(value - 1);
    left -= Math.abs(value - 1);
    for (let more = value === 1 ? 3 : 0; more === 3; ) {
      more = peek(2);
      bit += 2;
      for (let zeros = more; zeros > 0; zeros--) chances.push(0);
      if (chances.length > mostSymbol) more = 0;
    }
    if (chances.length > mostSymbol + 1 || bit > end * 8) return null;
  }
  return { table: fseTable(chances, accuracy), end: (bit + 7) >> 3 };
}
