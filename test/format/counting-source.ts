/**
 * A Source that has nothing in memory and remembers what was read of it.
 */

import type { Source } from '../../src/base/source.ts';

/** A Source that counts. */
export interface CountingSource extends Source {
  /** Bytes read so far. */
  readBytes: number;
  /** Where each read so far started, and where it ended. */
  readonly reads: [start: number, end: number][];
}

/** `source`, read through a counter. */
export function countingSource(source: Source): CountingSource {
  const counting: CountingSource = {
    name: source.name,
    size: source.size,
    readBytes: 0,
    reads: [],
    readInto(target, offset) {
      source.readInto(target, offset);
      counting.readBytes += target.length;
      counting.reads.push([offset, offset + target.length]);
    },
    resident: () => null,
    close() {},
  };
  return counting;
}
