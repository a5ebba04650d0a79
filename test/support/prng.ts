/**
 * Chance that can be had again: the same seed gives the same numbers, everywhere.
 *
 * A test that draws from it puts the seed into its title or its message, and SEED=n in the
 * environment runs that one seed alone (`seeds`).
 */

/** A stream of numbers that `prng` starts. */
export interface Prng {
  /** A whole number from 0 up to but without `count`. */
  below(count: number): number;
  pick<T>(list: readonly T[]): T;
  bytes(count: number): Uint8Array;
}

/** The stream of `seed`: splitmix32, whose period and spread are ample for tests. */
export function prng(seed: number): Prng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const below = (count: number): number => Math.floor((next() / 2 ** 32) * count);
  return {
    below,
    pick: (list) => list[below(list.length)]!,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
  };
}

/** The seeds 1 to `count`, or the one that SEED names. */
export function seeds(count: number): number[] {
  const { SEED } = process.env;
  if (SEED !== undefined) return [Number(SEED)];
  return Array.from({ length: count }, (_, index) => index + 1);
}
