/**
 * Timing of what can be done again and again: the `benchmark` package, used with care.
 *
 * Its mean believes every interruption and its order becomes its result, so: one family of
 * operations a Suite, no setup and no teardown, several passes with the order reversed each time,
 * the median of a pass's samples, and of these the median over all passes. The first operation is
 * registered twice; how far the two come apart is the control, and says what a difference of that
 * size is worth. Garbage is collected before the warm-up and left to V8 afterwards: a forced
 * collection throws compiled code away.
 */

import { performance } from 'node:perf_hooks';
import type Benchmark from 'benchmark';
import { median } from './clock.ts';
import { settle } from './heap.ts';
import type { Reading } from './question.ts';
import type { Scale } from './scale.ts';

/** One operation of a family. Returns a number that depends on what it did, so that it is done. */
export interface Operation {
  readonly line: string;
  act(): number;
}

const CONTROL = 'control';

/** Where results go, so that no compiler finds that nobody wants them. */
let sink = 0;

/** Measures `operations`, which are one family. */
export async function sampled(scale: Scale, operations: readonly Operation[]): Promise<Reading[]> {
  // Loaded where it is used: it takes longer than many a question.
  const { default: benchmark } = await import('benchmark');
  const [first] = operations;
  if (first === undefined) return [];
  const benches = [...operations, { line: CONTROL, act: () => first.act() }];
  settle(scale);
  for (const { act } of benches) warmUp(scale, act);
  const medians = new Map<string, number[]>(benches.map(({ line }) => [line, []]));
  for (let pass = 0; pass < scale.passes; pass++) {
    const order = pass % 2 === 0 ? benches : [...benches].reverse();
    for (const [line, value] of passOf(new benchmark.Suite(), scale, order))
      medians.get(line)!.push(value);
  }
  const seconds = (line: string): number => median(medians.get(line)!);
  const control = Math.abs(seconds(CONTROL) / seconds(first.line) - 1);
  return operations.map(({ line }) => ({ line, unit: 'ns', value: seconds(line) * 1e9, control }));
}

/** Calls `act` until its code is compiled, and for no longer than a slow one is worth. */
function warmUp({ warmUpCount, warmUpSeconds }: Scale, act: () => number): void {
  const end = performance.now() + warmUpSeconds * 1000;
  for (let turn = 0; turn < warmUpCount && performance.now() < end; turn++) sink += act();
}

function passOf(
  suite: Benchmark.Suite,
  scale: Scale,
  benches: readonly Operation[],
): Map<string, number> {
  const options = {
    minSamples: scale.samplesMin,
    minTime: scale.sampleSeconds,
    maxTime: scale.benchSeconds,
  };
  for (const { line, act } of benches) {
    const run = (): void => {
      sink += act();
    };
    suite.add(line, run, options);
  }
  const found = new Map<string, number>();
  suite.on('error', ({ target }: Benchmark.Event) => {
    throw (target as unknown as Benchmark).error;
  });
  suite.on('cycle', ({ target }: Benchmark.Event) => {
    found.set(target.name!, median(target.stats!.sample));
  });
  suite.run({ async: false });
  if (found.size !== benches.length || Number.isNaN(sink)) throw new Error('a bench did not run');
  return found;
}
