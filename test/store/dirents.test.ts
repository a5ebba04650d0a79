/**
 * Attacks the table of directory entries with a Map of Maps under random add, remove, setChild,
 * setHome and fork, `verify` after each; with names that collide in the hash, and with names that
 * come and go until they are squeezed.
 */

import { expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { Dirents, NONE } from '../../src/store/dirents.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';

const byName = (table: Dirents, directory: number, name: string): number =>
  table.find(directory, utf8(name), 0, utf8(name).length);

function addName(table: Dirents, directory: number, name: string, child: number): number {
  return table.add(directory, utf8(name), 0, utf8(name).length, child);
}

function listed(table: Dirents, directory: number): [string, number][] {
  const entries: [string, number][] = [];
  for (let at = table.first(directory); at !== NONE; at = table.next(at)) {
    entries.push([table.name(at), table.child(at)]);
  }
  return entries;
}

/** A table and what it must hold: names in the order they were added, and homes by their name. */
class Pair {
  table: Dirents;
  readonly names: Map<number, Map<string, number>>;
  readonly homes: Map<number, readonly [directory: number, name: string]>;

  constructor(of: Pair | 'flat' | 'forking') {
    const older = typeof of === 'string' ? null : of;
    this.names = new Map([...(older?.names ?? [])].map(([key, names]) => [key, new Map(names)]));
    this.homes = new Map(older?.homes ?? []);
    this.table = typeof of === 'string' ? new Dirents(of) : of.table.fork();
  }

  step(random: Prng, nameOf: (random: Prng) => string): void {
    const directory = 1 + random.below(12);
    const name = nameOf(random);
    const { table } = this;
    const names = this.names.get(directory) ?? new Map<string, number>();
    this.names.set(directory, names);
    const entry = byName(table, directory, name);
    const shown = entry === NONE ? undefined : table.child(entry);
    if (shown !== names.get(name)) throw new Error(`'${name}' is ${shown}`);
    const verb = random.below(10);
    const child = random.below(50) - 3;
    if (verb < 5 && entry === NONE) {
      const made = addName(table, directory, name, child);
      expect(table.directory(made)).toBe(directory);
      expect(table.nameLength(made)).toBe(utf8(name).length);
      names.set(name, child);
    } else if (verb < 8 && entry !== NONE) {
      for (const [of, home] of this.homes) {
        if (home[0] !== directory || home[1] !== name) continue;
        table.setHome(of, NONE);
        this.homes.delete(of);
      }
      table.remove(entry);
      names.delete(name);
    } else if (verb === 8 && entry !== NONE) {
      table.setChild(entry, child);
      names.set(name, child);
    } else if (verb === 9) {
      const of = 1 + random.below(30);
      table.setHome(of, entry);
      if (entry === NONE) this.homes.delete(of);
      else this.homes.set(of, [directory, name]);
    }
  }

  check(): void {
    for (let directory = 0; directory < 45; directory++) {
      const names = this.names.get(directory) ?? new Map();
      expect(listed(this.table, directory)).toEqual([...names]);
      const home = this.table.home(directory);
      const shown = home === NONE ? undefined : [this.table.directory(home), this.table.name(home)];
      expect(shown).toEqual(this.homes.get(directory));
    }
  }
}

const shortName = (random: Prng): string => `n${random.below(12)}`;
const LONG_NAMES = Array.from({ length: 30 }, (_, index) => `${index}-`.padEnd(index * 4, 'é'));
const longName = (random: Prng): string => random.pick(LONG_NAMES);

for (const seed of seeds(12)) {
  test(`a table holds what a Map of Maps holds (SEED=${seed})`, () => {
    const random = prng(seed);
    const nameOf = seed % 3 === 0 ? longName : shortName;
    const layout = seed % 2 === 0 ? 'flat' : 'forking';
    let pair = new Pair(layout);
    let older = new Pair(layout);
    for (let step = 0; step < 10_000; step++) {
      pair.step(random, nameOf);
      pair.table.verify();
      if (step % 500 !== 0) continue;
      pair.check();
      older.check();
      older = pair;
      pair = new Pair(pair);
      if (random.below(4) === 0) pair.table.trim();
    }
  });
}

test('names that collide in the hash are told apart, and closing a gap loses none', () => {
  const table = new Dirents();
  const names = Array.from({ length: 4000 }, (_, index) => `c${index}`);
  const random = prng(1);
  for (const name of names) addName(table, 1, name, name.length);
  // A table of 8192 slots at most has thousands of runs here: each removal moves others back.
  while (names.length > 0) {
    const [name] = names.splice(random.below(names.length), 1);
    table.remove(byName(table, 1, name!));
    expect(byName(table, 1, name!)).toBe(NONE);
    if (names.length % 100 !== 0) continue;
    table.verify();
    for (const left of names) expect(byName(table, 1, left)).not.toBe(NONE);
  }
  expect(listed(table, 1)).toEqual([]);
});

test('names of which one is the start of the other are two', () => {
  const table = new Dirents();
  addName(table, 1, 'a', 1);
  addName(table, 1, 'ab', 2);
  addName(table, 2, 'a', 3);
  expect(table.child(table.find(1, utf8('xab'), 1, 2))).toBe(1);
  expect(table.child(table.find(1, utf8('xab'), 1, 3))).toBe(2);
  expect(table.child(byName(table, 2, 'a'))).toBe(3);
  expect(byName(table, 3, 'a')).toBe(NONE);
});

test('names that come and go do not pile up', () => {
  const table = new Dirents();
  addName(table, 1, 'stays', 1);
  let most = 0;
  for (let round = 0; round < 5000; round++) {
    table.remove(addName(table, 1, `${round}`.padEnd(200, '.'), 2));
    most = Math.max(most, table.byteSize);
  }
  expect(most).toBeLessThan(16_384);
  expect(listed(table, 1)).toEqual([['stays', 1]]);
  table.verify();
});

test('a directory without entries and without a home leaves nothing behind', () => {
  const table = new Dirents();
  for (let directory = 1; directory < 2000; directory++) {
    const entry = addName(table, directory, 'x', 1);
    table.setHome(directory + 10_000, entry);
    table.setHome(directory + 10_000, NONE);
    table.remove(entry);
  }
  expect(table.byteSize).toBeLessThan(4000);
});

test('a table that was trimmed can grow again', () => {
  for (const table of [new Dirents(), new Dirents()]) {
    table.trim();
    for (let index = 0; index < 100; index++) addName(table, 1, `${index}`, index);
    table.trim();
    addName(table, 1, 'more', 1);
    table.verify();
    expect(listed(table, 1)).toHaveLength(101);
  }
});

test('a name that is not UTF-8 is its bytes', () => {
  const table = new Dirents();
  const bytes = new Uint8Array([0xff, 0x61]);
  const entry = table.add(1, bytes, 0, 2, 1);
  expect(table.find(1, new Uint8Array([0xfe, 0x61]), 0, 2)).toBe(NONE);
  expect([...table.nameBytes(entry)]).toEqual([0xff, 0x61]);
  expect(table.name(entry)).toBe(text(bytes));
});

// The hash as it is for seed 0, written out: whoever packs an archive can do the same.
function slotOf(directory: number, name: Uint8Array, slots: number): number {
  let hash = Math.imul(directory ^ 0x811c9dc5, 0x9e3779b1);
  for (const byte of name) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash ^ (hash >>> 15)) & (slots - 1);
}

test('names chosen to fall into one slot do not make the table slow', () => {
  const table = new Dirents();
  const chosen: Uint8Array[] = [];
  for (let index = 0; chosen.length < 1200; index++) {
    const name = utf8(`n${index}`);
    if (slotOf(1, name, 2048) === 7) chosen.push(name);
  }
  for (const [child, name] of chosen.entries()) table.add(1, name, 0, name.length, child);
  expect(table.longestProbe()).toBeLessThan(512);
  for (const [child, name] of chosen.entries()) {
    expect(table.child(table.find(1, name, 0, name.length))).toBe(child);
  }
  table.verify();
});

test('names chosen against every seed there comes are found as quickly', () => {
  const table = new Dirents();
  const name = new Uint8Array(4);
  const number = new DataView(name.buffer);
  for (let count = 0; count < 6000; count++) {
    // One of the first 64 slots of 16384, under the seed of this moment: the table tells which.
    do number.setUint32(0, number.getUint32(0) + 1);
    while ((table.hash(1, name, 0, 4) & 16383) >= 64);
    table.add(1, name, 0, 4, count);
  }
  expect(table.longestProbe()).toBeLessThan(600);
  table.verify();
});
