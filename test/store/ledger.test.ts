/**
 * Attacks the ledgers with a model: two numbers a ledger and the rules of the header of ledger.ts,
 * under random charges, releases, resizes, openings and closings. What the model refuses is
 * refused, by the same errno, nothing else is, and after each step the sums agree.
 */

import { expect, test } from 'vitest';
import type { FullRamdisk } from '../../src/base/errors.ts';
import { VisorError } from '../../src/base/errors.ts';
import { Budget, type Ledger, type LedgerLimits } from '../../src/store/ledger.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';
import { refusal, thrownBy } from '../support/thrown.ts';

interface Model {
  readonly ledger: Ledger;
  readonly events: string[];
  limits: LedgerLimits;
  bytes: number;
  inodes: number;
  peakBytes: number;
  peakInodes: number;
}

const TOTAL = 1000;

function committed(models: readonly Model[]): number {
  return models.reduce((sum, { bytes, limits }) => sum + Math.max(bytes, limits.reservedBytes), 0);
}

function randomLimits(random: Prng): LedgerLimits {
  const maxBytes = random.below(600);
  return { maxBytes, reservedBytes: random.below(maxBytes + 1), maxInodes: random.below(20) };
}

const isHigh = ({ bytes, inodes, limits }: Model): boolean =>
  bytes > limits.maxBytes * 0.9 || inodes > limits.maxInodes * 0.9;

/** What a charge must be refused with, by the model. */
function chargeRefusal(models: Model[], model: Model, bytes: number, inodes: number) {
  if (model.inodes + inodes > model.limits.maxInodes) return 'ENOSPC';
  if (model.bytes + bytes > model.limits.maxBytes) return 'ENOSPC';
  const grown = Math.max(model.bytes + bytes, model.limits.reservedBytes);
  const now = Math.max(model.bytes, model.limits.reservedBytes);
  return committed(models) + grown - now > TOTAL ? 'ENOMEM' : null;
}

function charge(random: Prng, models: Model[], model: Model): void {
  const [bytes, inodes] = [random.below(200), random.below(4)];
  const want = chargeRefusal(models, model, bytes, inodes);
  const wasHigh = isHigh(model);
  model.events.length = 0;
  expect(refusal(() => model.ledger.charge(bytes, inodes))).toBe(want);
  if (want === null) {
    model.bytes += bytes;
    model.inodes += inodes;
    model.peakBytes = Math.max(model.peakBytes, model.bytes);
    model.peakInodes = Math.max(model.peakInodes, model.inodes);
  }
  const rose = want === null && !wasHigh && isHigh(model);
  expect(model.events).toEqual(want === 'ENOSPC' ? ['full'] : rose ? ['high'] : []);
}

function release(random: Prng, model: Model): void {
  const [bytes, inodes] = [random.below(model.bytes + 1), random.below(model.inodes + 1)];
  model.ledger.release(bytes, inodes);
  model.bytes -= bytes;
  model.inodes -= inodes;
}

function resize(random: Prng, models: Model[], model: Model): void {
  const limits = randomLimits(random);
  const isBelow = limits.maxBytes < model.bytes || limits.maxInodes < model.inodes;
  const more =
    Math.max(model.bytes, limits.reservedBytes) - Math.max(model.bytes, model.limits.reservedBytes);
  const want = isBelow ? 'EBUSY' : committed(models) + more > TOTAL ? 'ENOMEM' : null;
  expect(refusal(() => model.ledger.resize(limits))).toBe(want);
  if (want === null) model.limits = limits;
}

function open(random: Prng, budget: Budget, models: Model[]): void {
  const limits = randomLimits(random);
  const want = committed(models) + limits.reservedBytes > TOTAL ? 'ENOMEM' : null;
  const events: string[] = [];
  const name = `r${random.below(99)}`;
  expect(
    refusal(() => {
      const ledger = budget.open(name, limits, (event) => events.push(event));
      models.push({ ledger, events, limits, bytes: 0, inodes: 0, peakBytes: 0, peakInodes: 0 });
    }),
  ).toBe(want);
}

function step(random: Prng, budget: Budget, models: Model[]): void {
  const at = random.below(models.length);
  const model = models[at];
  const verb = random.below(20);
  if (model === undefined || verb === 0) open(random, budget, models);
  else if (verb < 9) charge(random, models, model);
  else if (verb < 16) release(random, model);
  else if (verb < 18) resize(random, models, model);
  else {
    model.ledger.release(model.bytes, model.inodes);
    budget.close(model.ledger);
    models.splice(at, 1);
  }
}

for (const seed of seeds(20)) {
  test(`a ledger refuses exactly what the model refuses (SEED=${seed})`, () => {
    const random = prng(seed);
    const budget = new Budget(TOTAL);
    const models: Model[] = [];
    for (let index = 0; index < 1000; index++) {
      step(random, budget, models);
      budget.verify();
      expect(budget.committedBytes, `step ${index}`).toBe(committed(models));
      for (const { ledger, bytes, inodes, peakBytes, peakInodes, limits } of models) {
        expect([ledger.usedBytes, ledger.usedInodes]).toEqual([bytes, inodes]);
        expect([ledger.peakBytes, ledger.peakInodes]).toEqual([peakBytes, peakInodes]);
        expect(ledger.limits).toEqual(limits);
      }
    }
  });
}

const NO_WATCH = (): void => {};

test('a refusal says which limit of which ramdisk it was', () => {
  const heard: [string, FullRamdisk][] = [];
  const limits = { reservedBytes: 0, maxBytes: 100, maxInodes: 2 };
  const ledger = new Budget(TOTAL).open('etc', limits, (event, state) =>
    heard.push([event, state]),
  );
  ledger.charge(60, 1);
  const bytes = thrownBy(() => ledger.charge(41, 0)) as VisorError;
  const inodes = thrownBy(() => ledger.charge(0, 2)) as VisorError;
  expect(bytes.full).toEqual({ ramdisk: 'etc', limit: 'bytes', used: 60, max: 100 });
  expect(inodes.full).toEqual({ ramdisk: 'etc', limit: 'inodes', used: 1, max: 2 });
  expect(heard).toEqual([
    ['full', bytes.full],
    ['full', inodes.full],
  ]);
});

test('use above nine tenths is told once, and again after it fell', () => {
  const heard: string[] = [];
  const limits = { reservedBytes: 0, maxBytes: 100, maxInodes: 100 };
  const ledger = new Budget(TOTAL).open('a', limits, (event, { limit, used }) =>
    heard.push(`${event} ${limit} ${used}`),
  );
  ledger.charge(90, 0);
  expect(heard).toEqual([]);
  ledger.charge(1, 0);
  ledger.charge(1, 91);
  expect(heard).toEqual(['high bytes 91']);
  ledger.release(92, 0);
  ledger.release(0, 91);
  ledger.charge(0, 91);
  expect(heard).toEqual(['high bytes 91', 'high inodes 91']);
});

test('a reservation is kept even from a neighbour with room under its own maximum', () => {
  const budget = new Budget(100);
  budget.open('kept', { reservedBytes: 60, maxBytes: 60, maxInodes: 1 }, NO_WATCH);
  const greedy = budget.open('greedy', { reservedBytes: 0, maxBytes: 90, maxInodes: 1 }, NO_WATCH);
  expect(refusal(() => greedy.charge(41, 0))).toBe('ENOMEM');
  expect(refusal(() => greedy.charge(40, 0))).toBe(null);
});

test('a fault of ours is an assertion and not a refusal', () => {
  const budget = new Budget(100);
  const ledger = budget.open('a', { reservedBytes: 0, maxBytes: 9, maxInodes: 9 }, NO_WATCH);
  ledger.charge(1, 1);
  expect(() => ledger.release(2, 0)).toThrow('visorfs bug');
  expect(() => ledger.release(0, 2)).toThrow('visorfs bug');
  expect(() => ledger.charge(-1, 0)).toThrow('visorfs bug');
  expect(() => budget.close(ledger)).toThrow('visorfs bug');
  ledger.release(1, 1);
  budget.close(ledger);
  expect(() => budget.close(ledger)).toThrow('visorfs bug');
  expect(thrownBy(() => new Budget(1).commit(2))).toBeInstanceOf(VisorError);
});
