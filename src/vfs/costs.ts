/**
 * What a change of several steps costs, ramdisk by ramdisk: paid at once or not at all.
 */

import type { Live } from './live.ts';

interface Sum {
  bytes: number;
  inodes: number;
}

/** Bytes and inodes by ramdisk. */
export class Costs {
  readonly #sums = new Map<number, Sum>();

  /** Adds to what the ramdisk of index `ramdisk` must bear. */
  add(ramdisk: number, bytes: number, inodes: number): void {
    const sum = this.#sums.get(ramdisk) ?? { bytes: 0, inodes: 0 };
    sum.bytes += bytes;
    sum.inodes += inodes;
    this.#sums.set(ramdisk, sum);
  }

  /** Charges all of it to the ramdisks of `live`, or throws ENOSPC or ENOMEM and charges nothing. */
  pay(live: Live): void {
    const paid: [number, Sum][] = [];
    try {
      for (const [ramdisk, sum] of this.#sums) {
        live.pay(ramdisk, sum.bytes, sum.inodes);
        paid.push([ramdisk, sum]);
      }
    } catch (error) {
      for (const [ramdisk, { bytes, inodes }] of paid) {
        live.delta.ramdisks[ramdisk]!.ledger.release(bytes, inodes);
      }
      throw error;
    }
  }
}
