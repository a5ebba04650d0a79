/**
 * Reading a sparse file: what its pieces hold, and zeros between them.
 *
 *   pieces    (offset in the file, length, offset in the source) of each run of data, one after the
 *             other; they rise and do not overlap (format/tar-sparse.ts)
 */

import type { Source } from '../base/source.ts';

/** Fills `target` with what the file of `pieces` has from `offset` on. */
export function readPieces(
  source: Source,
  pieces: Float64Array,
  target: Uint8Array,
  offset: number,
): void {
  target.fill(0);
  const stop = offset + target.length;
  for (let index = firstPiece(pieces, offset); index < pieces.length; index += 3) {
    const start = Math.max(pieces[index]!, offset);
    const end = Math.min(pieces[index]! + pieces[index + 1]!, stop);
    if (start >= end) return;
    const into = target.subarray(start - offset, end - offset);
    source.readInto(into, pieces[index + 2]! + start - pieces[index]!);
  }
}

/** Where in `pieces` the first one is that ends behind `offset`: there may be 65,536. */
function firstPiece(pieces: Float64Array, offset: number): number {
  let low = 0;
  let high = pieces.length / 3;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle * 3]! + pieces[middle * 3 + 1]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low * 3;
}
