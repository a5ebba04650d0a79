/**
 * What lies in memory, after everything that nobody holds is gone.
 *
 * The heap of JavaScript and the buffers outside of it count together. `--expose-gc` gives the
 * collector; where it was not given, V8 is asked for it.
 */

import v8 from 'node:v8';
import vm from 'node:vm';
import type { Scale } from './scale.ts';

let collect: (() => void) | undefined = globalThis.gc as (() => void) | undefined;

/** Collects garbage once, unless it is left where it is. */
export function settle({ settleTurns }: Scale): void {
  if (settleTurns === 0) return;
  if (collect === undefined) {
    v8.setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc') as () => void;
  }
  collect();
}

const SETTLED_BYTES = 256;

/** Bytes in use, heap and buffers, when collecting has stopped to find anything. */
export async function settledBytes(scale: Scale): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn <= scale.settleTurns; turn++) {
    settle(scale);
    // Buffers are given back by tasks that run after the collector.
    await new Promise((resolve) => setImmediate(resolve));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const bytes = heapUsed + arrayBuffers;
    if (turn > 3 && Math.abs(least - bytes) < SETTLED_BYTES) break;
    least = Math.min(least, bytes);
  }
  return least;
}
