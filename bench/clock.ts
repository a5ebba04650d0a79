/**
 * Timing of what changes its own ground, or awaits: whole batches between two looks at the clock.
 *
 * A batch that took more wall time than processor time was interrupted by another program. Such
 * batches are left out as long as half of all remain.
 */

import { performance } from 'node:perf_hooks';
import type { Scale } from './scale.ts';

/** One batch: what comes before and after `run` is not timed. */
export interface Batch {
  prepare?(turn: number): void | Promise<void>;
  run(turn: number): void | Promise<void>;
  /** Throws where `run` did not do what was measured. */
  verify?(turn: number): void | Promise<void>;
}

const INTERRUPTED = 1.15;
const WARM_UP_SHARE = 0.25;
const BATCHES_MIN = 3;

/**
 * Nanoseconds that one of the `count` operations in a batch takes: the median of the batches there
 * is time for.
 */
export async function batched(scale: Scale, count: number, batch: Batch): Promise<number> {
  const all: number[] = [];
  const calm: number[] = [];
  const begin = performance.now();
  const spent = (): number => (performance.now() - begin) / 1000 / scale.batchSeconds;
  const warmUps = Math.ceil(scale.batches * WARM_UP_SHARE);
  let warm = 0;
  for (let turn = 0; turn < batchTurns(scale); turn++) {
    if (spent() > 1 && all.length >= (spent() > 2 ? 1 : BATCHES_MIN)) break;
    await batch.prepare?.(turn);
    const used = process.cpuUsage();
    const start = performance.now();
    const running = batch.run(turn);
    if (running !== undefined) await running;
    const wall = (performance.now() - start) * 1e6;
    const { user, system } = process.cpuUsage(used);
    await batch.verify?.(turn);
    // A warm-up is for what is fast: a slow batch is warm after its first turns.
    if (warm < warmUps && (warm === 0 || spent() < WARM_UP_SHARE)) {
      warm += 1;
      continue;
    }
    all.push(wall / count);
    if (wall <= (user + system) * 1000 * INTERRUPTED) calm.push(wall / count);
  }
  return median(calm.length * 2 >= all.length ? calm : all);
}

/** How many batches `batched` runs at the most, the warm-up among them. */
export function batchTurns(scale: Scale): number {
  return scale.batches + Math.ceil(scale.batches * WARM_UP_SHARE);
}

/** Nanoseconds that `act` takes, once. */
export async function once<T>(
  act: () => T | Promise<T>,
): Promise<{ result: T; nanoseconds: number }> {
  const start = performance.now();
  const result = await act();
  return { result, nanoseconds: (performance.now() - start) * 1e6 };
}

/** The middle value; of an even number of values, halfway between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

const SPIN_TURNS = 2_000_000;

/** Nanoseconds of a loop that needs the processor and nothing else: how quiet the machine is. */
export function spin(): number {
  const start = performance.now();
  let sum = 0;
  for (let turn = 0; turn < SPIN_TURNS; turn++) sum = (sum + turn * turn) | 0;
  if (sum === 1) throw new Error('a loop that is not taken away');
  return (performance.now() - start) * 1e6;
}
