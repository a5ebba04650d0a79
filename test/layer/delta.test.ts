/**
 * Attacks the pages of files with plain arrays of bytes as their model: branches of which some of
 * the image shows through and new files, under random writes, truncations, replacements and copies
 * up, with holes; and attacks the accounting, which is the pages that are held and nothing else.
 */

import { describe, expect, test } from 'vitest';
import { VisorError } from '../../src/base/errors.ts';
import { FILE_MAX_BYTES, PAGE_BYTES } from '../../src/base/limits.ts';
import { Delta } from '../../src/layer/delta.ts';
import type { ReadBelow } from '../../src/layer/file-data.ts';
import { Ramdisk } from '../../src/layer/ramdisk.ts';
import { MODE, ORIGIN as ORIGIN_WORD } from '../../src/store/inodes.ts';
import { Budget, type Ledger } from '../../src/store/ledger.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';
import { refusal } from '../support/thrown.ts';

const ORIGIN = 5;

interface World {
  readonly delta: Delta;
  readonly ledger: Ledger;
  readonly original: Uint8Array;
  readonly below: ReadBelow;
}

function world(original: Uint8Array, maxBytes = 1 << 30): World {
  const below: ReadBelow = (origin, target, offset) => {
    expect(origin).toBe(ORIGIN);
    expect(offset + target.length).toBeLessThanOrEqual(original.length);
    target.set(original.subarray(offset, offset + target.length));
  };
  const limits = { reservedBytes: 0, maxBytes, maxInodes: 100 };
  const delta = new Delta(new Budget(maxBytes));
  const ledger = delta.budget.open('root', limits, () => {});
  delta.ramdisks.push(new Ramdisk('root', 1, ledger));
  return { delta, ledger, original, below };
}

function newFile({ delta, ledger }: World): number {
  ledger.charge(0, 1);
  const row = delta.inodes.take();
  delta.inodes.set(row, MODE, 0o100644);
  return row;
}

function branchOf(of: World): number {
  const row = newFile(of);
  of.delta.inodes.set(row, ORIGIN_WORD, ORIGIN);
  of.delta.inodes.setSize(row, of.original.length);
  of.delta.inodes.setBelow(row, of.original.length);
  of.delta.setBranch(ORIGIN, row);
  return row;
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(size);
  copy.set(bytes.subarray(0, Math.min(size, bytes.length)));
  return copy;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

const SIZES = [0, 1, 100, PAGE_BYTES - 1, PAGE_BYTES, PAGE_BYTES + 1, 3 * PAGE_BYTES, 50_000];

function offsetIn(random: Prng, size: number): number {
  const near = random.pick([0, size, random.below(size + 1), random.below(100_000)]);
  return Math.max(0, random.below(2) === 0 ? near : near - (near % PAGE_BYTES));
}

/** One random change of `row` and of its model, which is returned. */
function change(random: Prng, { delta, ledger, below }: World, row: number, model: Uint8Array) {
  const verb = random.below(12);
  if (verb < 6) {
    const bytes = random.bytes(random.below(8) === 0 ? random.pick(SIZES) : random.below(300));
    const offset = offsetIn(random, model.length);
    delta.data.write(row, bytes, offset, below);
    const size = bytes.length === 0 ? model.length : Math.max(model.length, offset + bytes.length);
    const written = resized(model, size);
    if (bytes.length > 0) written.set(bytes, offset);
    return written;
  }
  if (verb < 10) {
    const size = offsetIn(random, model.length);
    delta.data.truncate(row, size);
    return resized(model, size);
  }
  if (verb === 10) {
    const bytes = random.bytes(random.pick(SIZES));
    delta.data.replace(row, bytes);
    return bytes;
  }
  ledger.charge(delta.data.materialCost(row), 0);
  delta.data.materialize(row, below);
  expect(delta.inodes.below(row)).toBe(0);
  return model;
}

function check(of: World, row: number, model: Uint8Array, random: Prng): void {
  const { delta, ledger, below } = of;
  expect(delta.inodes.size(row)).toBe(model.length);
  const whole = new Uint8Array(model.length);
  delta.data.readInto(row, whole, 0, below);
  if (!same(whole, model)) throw new Error('what is read is not what was written');
  const start = random.below(model.length + 1);
  const piece = new Uint8Array(random.below(model.length - start + 1)).fill(0xee);
  delta.data.readInto(row, piece, start, below);
  if (!same(piece, model.subarray(start, start + piece.length))) throw new Error('a piece differs');
  const view = delta.inodes.below(row) > 0 ? null : delta.data.view(row);
  if (view !== null && !same(view, model)) throw new Error('what is seen is not what is read');
  expect(ledger.usedBytes).toBe(delta.pages.takenCount * PAGE_BYTES);
  expect(delta.data.pageCount(row) * PAGE_BYTES).toBe(ledger.usedBytes);
  expect(delta.chargedBytes(row)).toBe(ledger.usedBytes);
}

for (const seed of seeds(40)) {
  test(`a file is what was written into it, page by page (SEED=${seed})`, () => {
    const random = prng(seed);
    const of = world(random.bytes(random.pick(SIZES)));
    const isBranch = random.below(3) > 0;
    const row = isBranch ? branchOf(of) : newFile(of);
    let model: Uint8Array = isBranch ? of.original.slice() : new Uint8Array(0);
    for (let step = 0; step < 250; step++) {
      model = change(random, of, row, model);
      check(of, row, model, random);
    }
    of.delta.drop(row);
    expect([of.ledger.usedBytes, of.ledger.usedInodes]).toEqual([0, 0]);
    expect([of.delta.pages.takenCount, of.delta.branchOf(ORIGIN)]).toEqual([0, 0]);
  });
}

for (const seed of seeds(60)) {
  test(`a write over what cannot be read has written nothing (SEED=${seed})`, () => {
    const random = prng(seed);
    const of = world(random.bytes(50_000));
    const row = branchOf(of);
    let model: Uint8Array = of.original.slice();
    for (let step = random.below(6); step > 0; step--) model = change(random, of, row, model);
    // What a fork has too must be copied by a write, which is paid for as well.
    const fork = random.below(2) === 0 ? of.delta.fork(null) : null;
    for (let turn = 0; turn < 30; turn++) {
      let readsLeft = random.below(2);
      const below: ReadBelow = (...read) => {
        readsLeft -= 1;
        if (readsLeft < 0) throw new VisorError('EIO');
        of.below(...read);
      };
      const offset = random.below(60_000);
      const bytes = random.bytes(1 + random.below(random.pick([100, 20_000])));
      const refused = refusal(() => of.delta.data.write(row, bytes, offset, below));
      if (refused === null) {
        model = resized(model, Math.max(model.length, offset + bytes.length));
        model.set(bytes, offset);
      } else expect(refused).toBe('EIO');
      const whole = new Uint8Array(of.delta.inodes.size(row));
      of.delta.data.readInto(row, whole, 0, of.below);
      expect(same(whole, model)).toBe(true);
      of.delta.budget.verify();
    }
    fork?.release();
    check(of, row, model, random);
  });
}

describe('limits', () => {
  test('a write that does not fit has written nothing', () => {
    const of = world(new Uint8Array(0), 2 * PAGE_BYTES);
    const row = newFile(of);
    of.delta.data.write(row, new Uint8Array(PAGE_BYTES).fill(1), 0, of.below);
    const act = (): void => of.delta.data.write(row, new Uint8Array(2 * PAGE_BYTES), 10, of.below);
    expect(refusal(act)).toBe('ENOSPC');
    check(of, row, new Uint8Array(PAGE_BYTES).fill(1), prng(1));
    expect(refusal(() => of.delta.data.replace(row, new Uint8Array(9 * PAGE_BYTES)))).toBe(
      'ENOSPC',
    );
    check(of, row, new Uint8Array(PAGE_BYTES).fill(1), prng(1));
  });

  test('a replacement needs no more room than what it adds', () => {
    const of = world(new Uint8Array(0), 2 * PAGE_BYTES);
    const row = newFile(of);
    of.delta.data.write(row, new Uint8Array(2 * PAGE_BYTES).fill(1), 0, of.below);
    of.delta.data.replace(row, new Uint8Array(2 * PAGE_BYTES).fill(2));
    check(of, row, new Uint8Array(2 * PAGE_BYTES).fill(2), prng(1));
  });

  test('one byte at the end of the largest file costs one page, and one more is EFBIG', () => {
    const of = world(new Uint8Array(0));
    const row = newFile(of);
    of.delta.data.write(row, new Uint8Array([7]), FILE_MAX_BYTES - 1, of.below);
    expect(of.ledger.usedBytes).toBe(PAGE_BYTES);
    const read = new Uint8Array(2);
    of.delta.data.readInto(row, read, FILE_MAX_BYTES - 2, of.below);
    expect([...read]).toEqual([0, 7]);
    expect(
      refusal(() => of.delta.data.write(row, new Uint8Array(1), FILE_MAX_BYTES, of.below)),
    ).toBe('EFBIG');
    expect(refusal(() => of.delta.data.truncate(row, FILE_MAX_BYTES + 1))).toBe('EFBIG');
    of.delta.data.truncate(row, 0);
    expect(of.ledger.usedBytes).toBe(0);
  });

  test('one byte written into a large branch costs one page', () => {
    const of = world(new Uint8Array(1 << 20).fill(3));
    const row = branchOf(of);
    of.delta.data.write(row, new Uint8Array([1]), 500_000, of.below);
    expect(of.ledger.usedBytes).toBe(PAGE_BYTES);
  });
});

test('a file written in order is seen in place', () => {
  const of = world(new Uint8Array(0));
  // Slabs grow with the tree: the first few pages lie apart.
  of.delta.data.write(newFile(of), new Uint8Array(64 * PAGE_BYTES), 0, of.below);
  const row = newFile(of);
  for (let index = 0; index < 10; index++) {
    of.delta.data.write(row, new Uint8Array(PAGE_BYTES).fill(index), index * PAGE_BYTES, of.below);
  }
  expect(of.delta.data.view(row)).toHaveLength(10 * PAGE_BYTES);
  of.delta.data.truncate(row, 20 * PAGE_BYTES);
  expect(of.delta.data.view(row)).toBe(null);
});
