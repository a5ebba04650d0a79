// The search for the first bad one. Exhaustive where it is small: every length of series, every
// first bad one, every set of those that cannot be tested.

import { expect, test } from 'vitest';
import { Bisection } from '../../src/cli/bisection.ts';

const MAX_LENGTH = 9;

test('the first bad one is found, or is among those that are named, whatever is skipped', () => {
  for (let length = 2; length <= MAX_LENGTH; length++) {
    for (let firstBad = 1; firstBad < length; firstBad++) {
      for (let skips = 0; skips < 1 << (length - 2); skips++) {
        const isSkipped = (index: number): boolean => ((skips >> (index - 1)) & 1) === 1;
        const bisection = new Bisection(0, length - 1);
        const tested = new Set<number>();
        for (let next = bisection.next(); next !== null; next = bisection.next()) {
          expect(tested.has(next), 'nothing is tested twice').toBe(false);
          tested.add(next);
          const verdict = isSkipped(next) ? 'skip' : next < firstBad ? 'good' : 'bad';
          bisection.tell(next, verdict);
        }
        const suspects = bisection.suspects();
        expect(suspects).toContain(firstBad);
        expect(suspects.slice(0, -1).every(isSkipped), 'the others were skipped').toBe(true);
        expect(bisection.goodIndex).toBeLessThan(firstBad);
      }
    }
  }
});

test('it takes no more tests than the logarithm', () => {
  for (const length of [2, 3, 10, 100, 1000]) {
    for (let firstBad = 1; firstBad < length; firstBad++) {
      const bisection = new Bisection(0, length - 1);
      const most = bisection.stepsLeft;
      expect(most).toBe(Math.ceil(Math.log2(length - 1)));
      let steps = 0;
      for (let next = bisection.next(); next !== null; next = bisection.next()) {
        bisection.tell(next, next < firstBad ? 'good' : 'bad');
        steps += 1;
      }
      expect(steps).toBeLessThanOrEqual(most);
      expect(bisection.suspects()).toEqual([firstBad]);
    }
  }
});
