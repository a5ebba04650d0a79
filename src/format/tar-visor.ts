/**
 * The data area of a visor tar.
 *
 *   0        512      1024             n × 512   (n + 1) × 512          first data offset
 *   | header | header | …             | zeros   | gap                  | data | gap | data | …
 *
 * Headers come first, all data after them, and each header says where its data is. So the table
 * ends at one block of zeros, or where the data starts, or at the first block that is no visor
 * header, whichever comes first. vmtar writes exactly one block of zeros.
 *
 * Two readers must never see two different archives, so this is refused:
 *
 *   1. data that starts within the table, or where a header still follows
 *   2. data that another entry's data overlaps
 *
 * Data may come in another order than its headers, and inline data (tar-header.ts) is part of the
 * table.
 */

import { CorruptError } from '../base/errors.ts';

/** What is known so far of where the data of one visor tar is. */
export class VisorTable {
  /** Where the lowest data starts: the table goes no further. */
  lowestOffset = Number.POSITIVE_INFINITY;
  readonly #archive: string;
  /**
   * Where data starts, where it ends and whose it is, in threes; in order as long as `#isRising`.
   */
  readonly #extents: number[] = [];
  #isRising = true;
  #end = 0;

  constructor(archive: string) {
    this.#archive = archive;
  }

  /** Notes that the header at `headerOffset` has `size` bytes of data at `offset`. */
  add(headerOffset: number, offset: number, size: number): void {
    this.#isRising &&= offset >= this.#end;
    this.#end = offset + size;
    this.lowestOffset = Math.min(this.lowestOffset, offset);
    this.#extents.push(offset, this.#end, headerOffset);
  }

  /** Checks all data once the table has ended at `tableEnd`. Throws CorruptError where it lies. */
  finish(tableEnd: number): void {
    if (this.lowestOffset < tableEnd) {
      this.#refuse(this.#ownerOf(this.lowestOffset), 'visor data that starts amid the headers');
    }
    if (this.#isRising) return;
    const extents = this.#extents;
    const order = Array.from({ length: extents.length / 3 }, (_, index) => index * 3);
    order.sort((one, other) => extents[one]! - extents[other]!);
    let end = 0;
    for (const index of order) {
      if (extents[index]! < end)
        this.#refuse(extents[index + 2]!, 'visor data that overlaps other');
      end = extents[index + 1]!;
    }
  }

  #ownerOf(offset: number): number {
    let index = 0;
    while (this.#extents[index] !== offset) index += 3;
    return this.#extents[index + 2]!;
  }

  #refuse(headerOffset: number, claim: string): never {
    throw new CorruptError(this.#archive, headerOffset, claim);
  }
}
