/**
 * Who owes the pool what.
 *
 * A VisorFs and its forks have one budget of memory and each a few ramdisks. Each ramdisk holds a
 * Ledger: every page, name, link target and inode is charged here before it exists and released
 * after it is gone. `vdf` prints this table and nothing else, so what it prints is true by
 * construction, never an estimate.
 *
 *   reserved   promised to this ramdisk: nobody else may take it, used or not
 *   max        the ceiling of this ramdisk, for bytes and for inodes
 *   total      the ceiling of all of them together
 *   shared     what several ledgers are charged for and memory holds once: pages of forks
 *
 * A ledger counts what its tree holds, whoever holds it too: limits mean the same in a fork as in
 * what it was forked from. The budget counts memory: a page that forks share once, and again from
 * the first write on that makes it two.
 *
 * Invariants, which `Budget.verify` checks and test/store/ledger.test.ts attacks:
 *
 *   1. 0 <= used <= max                  for bytes and for inodes, in every ledger
 *   2. sum of max(used, reserved) - shared <= total   so that a promise can be kept; where forks
 *      share pages that were reserved, giving one up may end above it, and nothing more is promised
 *   3. a charge that throws has changed nothing
 *
 * Not here: which page is free (pages.ts), or what a thing costs (layer/delta.ts).
 */

import { assert } from '../base/assert.ts';
import { type FullRamdisk, VisorError } from '../base/errors.ts';

export interface LedgerLimits {
  readonly reservedBytes: number;
  readonly maxBytes: number;
  readonly maxInodes: number;
}

/** What a ledger tells its owner: a charge it refused, or that use rose above 90 % of a limit. */
export type LedgerWatch = (event: 'full' | 'high', state: FullRamdisk) => void;

/** Use above this share of a limit is worth an event: a ramdisk that is nearly full soon is. */
const HIGH = 0.9;

/** The memory that all ramdisks of one VisorFs and its forks share, in bytes. */
export class Budget {
  readonly totalBytes: number;
  readonly #ledgers = new Set<Ledger>();
  #committedBytes = 0;
  #sharedBytes = 0;

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
  }

  /** Promised or used, in bytes. */
  get committedBytes(): number {
    return this.#committedBytes;
  }

  /** Opens a ledger for the ramdisk `name`. Throws ENOMEM where its reservation does not fit. */
  open(name: string, limits: LedgerLimits, watch: LedgerWatch | null): Ledger {
    this.commit(watch === null ? 0 : limits.reservedBytes);
    const ledger = new Ledger(this, name, limits, watch);
    this.#ledgers.add(ledger);
    return ledger;
  }

  /** Takes the promise back. The ledger must be empty. */
  close(ledger: Ledger): void {
    assert(ledger.usedBytes === 0 && ledger.usedInodes === 0, 'a ledger is closed empty');
    assert(this.#ledgers.delete(ledger), 'a ledger is closed once, by its own budget');
    this.commit(-ledger.limits.reservedBytes);
  }

  /**
   * Ledgers of a fork that hold what `ledgers` do, `sharedBytes` of it in memory that is there
   * already; those that tell nobody are promised nothing, since nothing is written there. Throws
   * ENOMEM where the rest, which is names and promises, does not fit.
   */
  fork(ledgers: readonly (Ledger | undefined)[], sharedBytes: number, watch: LedgerWatch | null) {
    let sum = 0;
    for (const ledger of ledgers) {
      const { usedBytes = 0, limits } = ledger ?? {};
      sum += watch === null ? usedBytes : Math.max(usedBytes, limits?.reservedBytes ?? 0);
    }
    this.commit(sum - sharedBytes);
    this.#sharedBytes += sharedBytes;
    return ledgers.map((ledger) => {
      if (ledger === undefined) return undefined;
      const twin = new Ledger(this, ledger.name, ledger.limits, watch, ledger);
      this.#ledgers.add(twin);
      return twin;
    });
  }

  /** Closes the ledgers of a tree that is gone, `sharedBytes` of which others go on holding. */
  release(ledgers: readonly (Ledger | undefined)[], sharedBytes: number): void {
    const sum = ledgers.reduce((bytes, ledger) => bytes + (ledger?.committedBytes ?? 0), 0);
    this.#committedBytes -= sum - sharedBytes;
    this.#sharedBytes -= sharedBytes;
    for (const ledger of ledgers) if (ledger !== undefined) this.#ledgers.delete(ledger);
  }

  /** Says that `bytes` that were shared are held by one tree less, and what it holds is its own. */
  unshare(bytes: number): void {
    this.#sharedBytes -= bytes;
    this.#committedBytes += bytes;
  }

  /**
   * Moves what is committed by `bytes`, or throws ENOMEM and moves nothing. Giving back is never
   * refused, not even where more is committed than there is.
   */
  commit(bytes: number): void {
    if (bytes > 0) this.check(bytes);
    this.#committedBytes += bytes;
  }

  /** Lets `bytes` be promised to others; a negative number takes that back, whatever they took. */
  forgo(bytes: number): void {
    this.#committedBytes -= bytes;
  }

  /** Throws ENOMEM where `bytes` more cannot be committed. */
  check(bytes: number): void {
    if (this.#committedBytes + bytes > this.totalBytes) throw new VisorError('ENOMEM');
  }

  /** Checks the invariants; throws where one does not hold. */
  verify(): void {
    let committed = 0;
    for (const { name, usedBytes, usedInodes, limits, committedBytes } of this.#ledgers) {
      assert(usedBytes >= 0 && usedBytes <= limits.maxBytes, `bytes of '${name}': ${usedBytes}`);
      assert(
        usedInodes >= 0 && usedInodes <= limits.maxInodes,
        `inodes of '${name}': ${usedInodes}`,
      );
      committed += committedBytes;
    }
    committed -= this.#sharedBytes;
    assert(
      committed === this.#committedBytes,
      `committed ${this.#committedBytes}, should be ${committed}`,
    );
    assert(this.#sharedBytes >= 0, 'less than nothing is shared');
    const isPromised = [...this.#ledgers].some(({ limits }) => limits.reservedBytes > 0);
    assert(committed <= this.totalBytes || isPromised, 'more is committed than there is');
  }
}

/** What one ramdisk uses and may use. Made by `Budget.open`. */
export class Ledger {
  readonly name: string;
  readonly #budget: Budget;
  /** Null where nothing is written: then nobody is told, and nothing is promised. */
  readonly #watch: LedgerWatch | null;
  #limits: LedgerLimits;
  #usedBytes = 0;
  #usedInodes = 0;
  #peakBytes = 0;
  #peakInodes = 0;

  constructor(
    budget: Budget,
    name: string,
    limits: LedgerLimits,
    watch: LedgerWatch | null,
    of?: Ledger,
  ) {
    this.#budget = budget;
    this.name = name;
    this.#limits = limits;
    this.#watch = watch;
    if (of === undefined) return;
    this.#usedBytes = of.#usedBytes;
    this.#usedInodes = of.#usedInodes;
    this.#peakBytes = of.#peakBytes;
    this.#peakInodes = of.#peakInodes;
  }

  get limits(): LedgerLimits {
    return this.#limits;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get usedInodes(): number {
    return this.#usedInodes;
  }

  /** The most that was ever used, in bytes. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** The most inodes that were ever used. */
  get peakInodes(): number {
    return this.#peakInodes;
  }

  /** What it takes of the memory that all share: used, or promised where that is more, in bytes. */
  get committedBytes(): number {
    return this.#committed(this.#usedBytes);
  }

  /** Says that as much was used once. */
  raisePeak(bytes: number, inodes: number): void {
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
    this.#peakInodes = Math.max(this.#peakInodes, inodes);
  }

  /** What a charge of `bytes` would take of the memory that all share, in bytes. */
  commitment(bytes: number): number {
    return this.#committed(this.#usedBytes + bytes) - this.#committed(this.#usedBytes);
  }

  /** Throws ENOMEM where `bytes` of the memory that all share are not there. */
  checkShared(bytes: number): void {
    this.#budget.check(bytes);
  }

  /** Throws as `charge` would, and takes nothing either way. */
  check(bytes: number, inodes: number): void {
    const { maxBytes, maxInodes } = this.#limits;
    if (this.#usedInodes + inodes > maxInodes) throw this.#refusal('inodes');
    if (this.#usedBytes + bytes > maxBytes) throw this.#refusal('bytes');
    const more = this.commitment(bytes);
    if (more > 0) this.#budget.check(more);
  }

  /**
   * Takes `bytes` and `inodes`, or throws ENOSPC (this ramdisk) or ENOMEM (all of them) and takes
   * nothing.
   */
  charge(bytes: number, inodes: number): void {
    assert(bytes >= 0 && inodes >= 0, 'a charge is not a refund');
    this.check(bytes, inodes);
    const { maxBytes } = this.#limits;
    const usedBytes = this.#usedBytes + bytes;
    const usedInodes = this.#usedInodes + inodes;
    this.#budget.commit(this.#committed(usedBytes) - this.#committed(this.#usedBytes));
    const wasHigh = this.#isHigh();
    this.#usedBytes = usedBytes;
    this.#usedInodes = usedInodes;
    if (usedBytes > this.#peakBytes) this.#peakBytes = usedBytes;
    if (usedInodes > this.#peakInodes) this.#peakInodes = usedInodes;
    if (!wasHigh && this.#isHigh()) {
      this.#watch?.('high', this.#state(usedBytes > maxBytes * HIGH ? 'bytes' : 'inodes'));
    }
  }

  /**
   * Takes `bytes` of memory for copies of what was shared, which this ledger is charged for
   * already. Throws ENOMEM and takes none.
   */
  unshare(bytes: number): void {
    this.#budget.check(bytes);
    this.#budget.unshare(bytes);
  }

  /** Gives `bytes` back that other trees go on holding. */
  releaseShared(bytes: number): void {
    this.release(bytes, 0);
    this.#budget.unshare(bytes);
  }

  /** Gives `bytes` and `inodes` back. */
  release(bytes: number, inodes: number): void {
    assert(bytes >= 0 && bytes <= this.#usedBytes, 'releases more bytes than are used');
    assert(inodes >= 0 && inodes <= this.#usedInodes, 'releases more inodes than are used');
    const usedBytes = this.#usedBytes - bytes;
    this.#budget.commit(this.#committed(usedBytes) - this.#committed(this.#usedBytes));
    this.#usedBytes = usedBytes;
    this.#usedInodes -= inodes;
  }

  /**
   * Sets new limits. Throws EBUSY below what is used, ENOMEM where a larger reservation does not
   * fit.
   */
  resize(limits: LedgerLimits): void {
    if (limits.maxBytes < this.#usedBytes || limits.maxInodes < this.#usedInodes) {
      throw new VisorError('EBUSY');
    }
    this.#budget.commit(
      Math.max(this.#usedBytes, limits.reservedBytes) - this.#committed(this.#usedBytes),
    );
    this.#limits = limits;
  }

  #committed(usedBytes: number): number {
    return this.#watch === null ? usedBytes : Math.max(usedBytes, this.#limits.reservedBytes);
  }

  #isHigh(): boolean {
    const { maxBytes, maxInodes } = this.#limits;
    return this.#usedBytes > maxBytes * HIGH || this.#usedInodes > maxInodes * HIGH;
  }

  #state(limit: 'bytes' | 'inodes'): FullRamdisk {
    const used = limit === 'bytes' ? this.#usedBytes : this.#usedInodes;
    const max = limit === 'bytes' ? this.#limits.maxBytes : this.#limits.maxInodes;
    return { ramdisk: this.name, limit, used, max };
  }

  #refusal(limit: 'bytes' | 'inodes'): VisorError {
    const state = this.#state(limit);
    this.#watch?.('full', state);
    return new VisorError('ENOSPC', undefined, state);
  }
}
