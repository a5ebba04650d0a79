/**
 * A Source that has nothing in memory and remembers what was read of it.
 */

import type { Source } from '../../src/base/source.ts';

export interface CountingSource extends Source {
  /** Bytes read so far. */
  readBytes: number;
  /** The offsets of all bytes read so far. */
  readonly touched: Set<number>;
}

/** `source`, read through a counter. */
export function countingSource(source: Source): CountingSource {
  const counting: CountingSource = {
    name: source.name,
    size: source.size,
    readBytes: 0,
    touched: new Set(),
    readInto(target, offset) {
      source.readInto(target, offset);
      counting.readBytes += target.length;
      for (let index = 0; index < target.length; index++) counting.touched.add(offset + index);
    },
    resident: () => null,
    close() {},
  };
  return counting;
}
