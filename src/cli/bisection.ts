/**
 * Which of a series is the first bad one, in as few tests as it takes.
 *
 *   good  .  .  ?  .  .  bad       what is tested next is in the middle of what is not known;
 *                                  what cannot be tested is skipped, and its neighbours asked
 *
 * What is before a good one is taken as good, what is behind a bad one as bad. When nothing but
 * skipped ones are left between the two, the first bad one is one of those, or the bad one.
 */

/** What a test says of one of the series. */
export type Verdict = 'good' | 'bad' | 'skip';

/** A search in a series of which `goodIndex` is good and a later one, `badIndex`, is bad. */
export class Bisection {
  #goodIndex: number;
  #badIndex: number;
  readonly #skipped = new Set<number>();

  constructor(goodIndex: number, badIndex: number) {
    this.#goodIndex = goodIndex;
    this.#badIndex = badIndex;
  }

  /** The last one that is known to be good. */
  get goodIndex(): number {
    return this.#goodIndex;
  }

  /** The first one that is known to be bad. */
  get badIndex(): number {
    return this.#badIndex;
  }

  /** Which to test next: the one nearest to the middle; null where none is left. */
  next(): number | null {
    const open = this.#open().filter((index) => !this.#skipped.has(index));
    const middle = (this.#goodIndex + this.#badIndex) / 2;
    const distance = (index: number): number => Math.abs(index - middle);
    const nearer = (best: number, index: number): number =>
      distance(index) < distance(best) ? index : best;
    return open.length === 0 ? null : open.reduce(nearer);
  }

  /** Tests that are still to come, at the most, if none is skipped. */
  get stepsLeft(): number {
    const open = this.#open().filter((index) => !this.#skipped.has(index)).length;
    return Math.ceil(Math.log2(open + 1));
  }

  /** Takes note that a test of `index` said `verdict`. */
  tell(index: number, verdict: Verdict): void {
    if (verdict === 'good') this.#goodIndex = index;
    else if (verdict === 'bad') this.#badIndex = index;
    else this.#skipped.add(index);
  }

  /** Which may be the first bad one: one, or skipped ones and the bad one behind them. */
  suspects(): number[] {
    return [...this.#open(), this.#badIndex];
  }

  /** What is between the good one and the bad one. */
  #open(): number[] {
    const count = this.#badIndex - this.#goodIndex - 1;
    return Array.from({ length: count }, (_, index) => this.#goodIndex + 1 + index);
  }
}
