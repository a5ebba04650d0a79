/**
 * Versions of VIBs: an order that is one (random versions), and the rows that real versions need.
 */

import { describe, expect, test } from 'vitest';
import { compareVersions, satisfies } from '../../src/software/vib-version.ts';
import { prng, seeds } from '../support/prng.ts';

/** Each is older than the next. */
const ROWS: readonly (readonly string[])[] = [
  // Numbers compare as numbers, in the version and in the release.
  ['1.0.9-1', '1.0.10-1', '1.0.10-2', '1.0.10-10', '1.1-0'],
  // Real ones.
  ['1.7.11-1OEM.650.0.0.4598673', '1.7.11-1OEM.670.0.0.8169922', '1.8.0-1OEM.650.0.0.4598673'],
  ['500.04.V0.32-0003', '500.04.V0.32-0004', '500.05.V0.1-0001'],
  ['8.044a-napi', '8.045-napi', '8.045a-napi', '8.045b-napi'],
  ['8.0.3-0.0.24000000', '8.0.3-0.35.24280767', '9.0.0-0.24755229'],
  // The version decides before the release is looked at.
  ['1.0-999', '1.0.0-0'],
  // What goes on is newer than what has ended.
  ['1', '1-0', '1.0', '1.0.0', '1.0.0a', '1.0.1'],
  // A number is older than letters in its place.
  ['1.5-1', '1.rc-1'],
  ['1.0-alpha', '1.0-beta', '1.0-beta2'],
];

describe.each(ROWS)('%s', (...row) => {
  test('is in order', () => {
    for (let older = 0; older < row.length; older++) {
      for (let newer = older + 1; newer < row.length; newer++) {
        expect(Math.sign(compareVersions(row[older]!, row[newer]!))).toBe(-1);
        expect(Math.sign(compareVersions(row[newer]!, row[older]!))).toBe(1);
      }
    }
  });
});

test.each([
  ['1.0-1', '1.0-01'],
  ['1.0-1', '1_0-1'],
  ['007', '7'],
  ['', '-'],
])('%s and %s are one version', (one, other) => {
  expect(compareVersions(one, other)).toBe(0);
});

test('numbers of any length are told apart, and quickly', () => {
  const long = '9'.repeat(1_000_000);
  expect(Math.sign(compareVersions(`${long}8-1`, `${long}9-1`))).toBe(-1);
  expect(Math.sign(compareVersions(`1${long}-1`, `${long}-1`))).toBe(1);
});

for (const seed of seeds(20)) {
  test(`the order is one: of three versions any two agree with the third (SEED=${seed})`, () => {
    const { below } = prng(seed);
    const version = (): string => {
      const letters = ['0', '1', '10', '9', 'a', 'b', '.', '.', '-'];
      return Array.from({ length: below(8) }, () => letters[below(letters.length)]).join('');
    };
    for (let round = 0; round < 500; round++) {
      const [a, b, c] = [version(), version(), version()];
      expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
        expect(compareVersions(a, c), `${a} ${b} ${c}`).toBeLessThanOrEqual(0);
      }
    }
  });
}

describe('a constraint', () => {
  test.each([
    ['=', [false, true, false]],
    ['==', [false, true, false]],
    ['<', [true, false, false]],
    ['<<', [true, false, false]],
    ['<=', [true, true, false]],
    ['>', [false, false, true]],
    ['>>', [false, false, true]],
    ['>=', [false, true, true]],
  ])('by %s holds for older, same and newer: %s', (relation, holds) => {
    const constraint = { name: 'x', relation, version: '1.0.10-1' };
    const versions = ['1.0.9-1', '1.0.10-1', '1.0.11-1'];
    expect(versions.map((version) => satisfies(version, constraint))).toEqual(holds);
  });

  test('without a relation holds for any version', () => {
    expect(satisfies('1', { name: 'x' })).toBe(true);
  });

  test('of a relation that is none is refused', () => {
    const constraint = { name: 'x', relation: '~', version: '1' };
    expect(() => satisfies('1', constraint)).toThrow("'~' is no relation between versions");
  });
});
