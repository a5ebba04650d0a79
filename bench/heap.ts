/**
 * What lies in memory, after everything that nobody holds is gone.
 *
 * The heap of JavaScript and the buffers outside of it count together. `--expose-gc` gives the
 * collector; where it was not given, V8 is asked for it.
 */

import fs from 'node:fs';
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

/** What is in use: the heap of JavaScript, and buffers with it. */
export interface Weight {
  readonly heap: number;
  readonly whole: number;
}

/** What is in use when collecting has stopped to find anything. */
export async function settledWeight(scale: Scale): Promise<Weight> {
  let least: Weight = { heap: 0, whole: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn <= scale.settleTurns; turn++) {
    settle(scale);
    // Buffers are given back by tasks that run after the collector.
    await new Promise((resolve) => setImmediate(resolve));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const whole = heapUsed + arrayBuffers;
    const isSettled = turn > 3 && Math.abs(least.whole - whole) < SETTLED_BYTES;
    if (whole < least.whole) least = { heap: heapUsed, whole };
    if (isSettled) break;
  }
  return least;
}

/** Bytes in use, heap and buffers, when collecting has stopped to find anything. */
export async function settledBytes(scale: Scale): Promise<number> {
  return (await settledWeight(scale)).whole;
}

/** Begins anew to look for the most that is held resident, and says what is held now. */
export function forgetPeak(): number {
  try {
    fs.writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // No Linux: then the peak is that of the whole life of this process.
  }
  return process.memoryUsage.rss();
}

/**
 * The most that this process has held resident so far. Not getrusage where the kernel says better:
 * its figure starts from what the parent held.
 */
export function peakBytes(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(
      fs.readFileSync('/proc/self/status', 'latin1'),
    )!;
    return Number(kilobytes) * 1024;
  } catch {
    // No Linux.
    return process.resourceUsage().maxRSS * 1024;
  }
}
