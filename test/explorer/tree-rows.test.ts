/**
 * Attacks the rows of the explorer's tree with directories that are opened and closed by chance,
 * against a list of all rows that is made anew each time.
 */

import { expect, test } from 'vitest';
import { Rows } from '../../src/explorer/page/tree-rows.ts';
import type { EntryRow } from '../../src/explorer/protocol.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';

const STEPS = 100;
const NAMES_MAX_COUNT = 6;

/** What the rows are to be: each path in order, with what is open. */
class Model {
  readonly open = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #chance: Prng;

  constructor(chance: Prng) {
    this.#chance = chance;
  }

  /** How many names are in `path`. */
  count(path: string): number {
    const known = this.#counts.get(path) ?? this.#chance.below(NAMES_MAX_COUNT + 1);
    this.#counts.set(path, known);
    return known;
  }

  rows(path = '/'): string[] {
    if (!this.open.has(path)) return [path];
    const below = Array.from({ length: this.count(path) }, (_, place) => childOf(path, place));
    return [path, ...below.flatMap((child) => this.rows(child))];
  }
}

const childOf = (path: string, place: number): string => `${path === '/' ? '' : path}/n${place}`;

function entryOf(path: string): EntryRow {
  return {
    ...{ name: path.slice(path.lastIndexOf('/') + 1), path, kind: 'directory', size: 0 },
    ...{ letters: '', mtimeSeconds: 0, target: null, tardisk: null, ramdisk: null },
  };
}

test.each(seeds(5))('rows are numbered as they show, whatever is open (seed %i)', (seed) => {
  const chance = prng(seed);
  const model = new Model(chance);
  const rows = new Rows();
  for (let step = 0; step < STEPS; step += 1) {
    const shown = model.rows();
    const index = chance.below(shown.length);
    const path = shown[index]!;
    if (model.open.has(path)) {
      rows.close(index);
      for (const one of [...model.open]) {
        if (one === path || path === '/' || one.startsWith(`${path}/`)) model.open.delete(one);
      }
    } else {
      const count = model.count(path);
      model.open.add(path);
      rows.open(index, count);
      const entries = Array.from({ length: count }, (_, place) => entryOf(childOf(path, place)));
      // In two pieces, the second first.
      const half = count >> 1;
      rows.fill(path, half, entries.slice(half));
      rows.fill(path, 0, entries.slice(0, half));
    }
    const wanted = model.rows();
    expect(rows.size).toBe(wanted.length);
    wanted.forEach((one, number) => {
      const { entry, directory, place, above, level, isOpen } = rows.at(number);
      expect(entry?.path).toBe(one);
      expect(isOpen).toBe(model.open.has(one));
      expect(rows.find(one)).toBe(number);
      expect(level).toBe(one === '/' ? 1 : one.split('/').length);
      if (one === '/') return;
      expect(rows.indexOf(directory, place)).toBe(number);
      expect(wanted[above]).toBe(directory);
    });
  }
});
