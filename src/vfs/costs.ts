/**
 * What a change of several steps costs, ramdisk by ramdisk: paid at once or not at all.
 */

import type { Live } from './live.ts';

/** What is wanted beyond what is made: it must fit too, or nothing is made. */
export interface Room {
  readonly bytes: number;
  readonly inodes: number;
}

export const NO_ROOM: Room = { bytes: 0, inodes: 0 };

interface Sum {
  bytes: number;
  inodes: number;
}

/** Bytes and inodes by ramdisk. */
export class Costs {
  readonly #sums = new Map<number, Sum>();
  #unsharedBytes = 0;

  /** Adds to what the ramdisk of index `ramdisk` must bear. */
  add(ramdisk: number, bytes: number, inodes: number): void {
    const sum = this.#sums.get(ramdisk) ?? { bytes: 0, inodes: 0 };
    sum.bytes += bytes;
    sum.inodes += inodes;
    this.#sums.set(ramdisk, sum);
  }

  /** Adds `bytes` of memory for copies of what forks share: no ramdisk is charged for it again. */
  addUnshared(bytes: number): void {
    this.#unsharedBytes += bytes;
  }

  /** Throws ENOSPC or ENOMEM where it does not fit; charges nothing. */
  check(live: Live): void {
    let committed = this.#unsharedBytes;
    for (const [ramdisk, { bytes, inodes }] of this.#sums) {
      const { ledger } = live.delta.ramdisks[ramdisk]!;
      ledger.check(bytes, inodes);
      committed += ledger.commitment(bytes);
      if (committed > 0) ledger.checkShared(committed);
    }
  }

  /**
   * Charges all of it to the ramdisks of `live`, or throws ENOSPC or ENOMEM and charges nothing.
   */
  pay(live: Live): void {
    const paid = new Map<number, Sum>();
    try {
      for (const [ramdisk, sum] of this.#sums) {
        live.pay(ramdisk, sum.bytes, sum.inodes);
        paid.set(ramdisk, sum);
      }
    } catch (error) {
      refund(live, paid);
      throw error;
    }
  }

  /** Gives all of it back to the ramdisks of `live`. */
  refund(live: Live): void {
    refund(live, this.#sums);
  }
}

function refund(live: Live, sums: ReadonlyMap<number, Sum>): void {
  for (const [ramdisk, { bytes, inodes }] of sums) {
    live.delta.ramdisks[ramdisk]!.ledger.release(bytes, inodes);
  }
}
