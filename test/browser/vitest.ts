/**
 * The words of vitest that suites are written in, for a page: tests are kept, and run one after the
 * other when they are asked for. What `expect` says is vitest's own.
 */

import {
  addCustomEqualityTesters,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
} from '@vitest/expect';

chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
// Bytes are bytes: a suite that runs in Node too says what it expects in Buffers.
addCustomEqualityTesters([
  (one, other) =>
    one instanceof Uint8Array && other instanceof Uint8Array
      ? one.length === other.length && one.every((byte, index) => byte === other[index])
      : undefined,
]);

type Act = () => unknown;

const kept: { readonly title: string; readonly act: Act }[] = [];
const before: Act[] = [];
const after: Act[] = [];

export const expect = chai.expect;
export const describe = (_title: string, act: Act): unknown => act();
export const test = (title: string, act: Act): unknown => kept.push({ title, act });
export const beforeAll = (act: Act): unknown => before.push(act);
export const afterAll = (act: Act): unknown => after.push(act);

/** Runs what was kept; returns the titles, each with what was wrong, or null. */
export async function outcomes(): Promise<[title: string, wrong: string | null][]> {
  const all: [string, string | null][] = [];
  for (const act of before) await act();
  for (const { title, act } of kept) {
    try {
      await act();
      all.push([title, null]);
    } catch (error) {
      all.push([title, String((error as Error).stack)]);
    }
  }
  for (const act of after) await act();
  return all;
}
