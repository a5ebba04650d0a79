/**
 * Ramdisks that come and go over a live tree.
 *
 * A ramdisk covers a directory: what is written below it, as far as no other ramdisk covers it, is
 * charged to it. It is no tree of its own: files lie where they lay before it came, and only who
 * pays for them changes. Removing one forgets what was written into it, and the image shows again.
 *
 * Whoever listens hears of a ramdisk that refused (`full`) and of one that came to use more than
 * 90 % of its bytes or inodes (`high`): after the verb that caused it, never within it. A listener
 * that throws is an uncaught error of its program, as it is for any event.
 */

import { text } from '../base/bytes.ts';
import type { FullRamdisk } from '../base/errors.ts';
import { VisorError } from '../base/errors.ts';
import { PAGE_BYTES } from '../base/limits.ts';
import { isDirectory, PERMISSIONS, S_IFMT } from '../base/mode.ts';
import { nameCost, WHITEOUT } from '../layer/delta.ts';
import { ROOT_INO } from '../layer/image.ts';
import { limitsOf, Ramdisk, type RamdiskOptions, ROOT_RAMDISK } from '../layer/ramdisk.ts';
import { NONE } from '../store/dirents.ts';
import { MODE } from '../store/inodes.ts';
import type { LedgerWatch } from '../store/ledger.ts';
import type { Handles } from './handles.ts';
import { type Ino, NO_INO } from './ino.ts';
import type { Live } from './live.ts';
import type { Names } from './names.ts';
import { recount } from './recount.ts';
import type { Resolver } from './resolve.ts';
import type { Space } from './shapes.ts';

/** A ramdisk refused a write; it came to use more than 90 % of its bytes or inodes. */
export type RamdiskEvent = 'full' | 'high';
/** Hears of the ramdisk that it happened to, after the verb that caused it. */
export type RamdiskListener = (state: FullRamdisk) => void;

/** A ramdisk and what it holds: sizes in bytes. */
export interface RamdiskState {
  readonly name: string;
  readonly path: string;
  readonly reservedBytes: number;
  readonly maxBytes: number;
  readonly usedBytes: number;
  readonly peakBytes: number;
  readonly maxInodes: number;
  readonly usedInodes: number;
  readonly peakInodes: number;
}

type Listeners = Readonly<Record<RamdiskEvent, Set<RamdiskListener>>>;

/** Who listens to the ramdisks of one tree. */
export class RamdiskEvents {
  readonly #listeners: Listeners = { full: new Set(), high: new Set() };
  readonly #heard: { by: WeakRef<Listeners> | null } = { by: null };

  /** Tells whoever listens, after the verb that is at work. */
  readonly tell: LedgerWatch = tellerOf(this.#heard);

  on(event: RamdiskEvent, listener: RamdiskListener): () => void {
    this.#heard.by ??= new WeakRef(this.#listeners);
    this.#listeners[event].add(listener);
    return () => this.#listeners[event].delete(listener);
  }
}

/**
 * What tells the listeners that `heard` knows, and keeps none alive: a ledger outlives a fork that
 * was forgotten, and a listener may know its tree.
 */
function tellerOf(heard: { readonly by: WeakRef<Listeners> | null }): LedgerWatch {
  return (event, state) => {
    for (const listener of heard.by?.deref()?.[event] ?? []) queueMicrotask(() => listener(state));
  };
}

/** What was written below a directory: rows, and how many names of each lie there. */
type Written = ReadonlyMap<number, number>;

/**
 * The ramdisks of one live tree.
 *
 * @example
 * vfs.ramdisks.add({ name: 'tmp', path: '/tmp', size: '64kb' });
 * vfs.ramdisks.on('high', ({ ramdisk, limit, used, max }) => {
 *   console.log(ramdisk, limit, used, max); // tmp bytes 61473 65536
 * });
 * vfs.fs.writeFileSync('/tmp/a', new Uint8Array(60_000));
 */
export class Ramdisks {
  readonly #live: Live;
  readonly #handles: Handles;
  readonly #resolver: Resolver;
  readonly #events: RamdiskEvents;

  constructor(live: Live, handles: Handles, resolver: Resolver, events: RamdiskEvents) {
    this.#events = events;
    this.#live = live;
    this.#handles = handles;
    this.#resolver = resolver;
  }

  /** Calls `listener` at every `event` from now on; returns what stops that. */
  on(event: RamdiskEvent, listener: RamdiskListener): () => void {
    return this.#events.on(event, listener);
  }

  /** All ramdisks, in the order they were added. */
  list(): RamdiskState[] {
    const present = this.#live.delta.ramdisks.filter((ramdisk) => ramdisk !== undefined);
    return present.map(({ name, root, ledger }) => {
      const { usedBytes, peakBytes, usedInodes, peakInodes } = ledger;
      const path = text(this.#live.pathOf(root));
      return { name, path, ...ledger.limits, usedBytes, peakBytes, usedInodes, peakInodes };
    });
  }

  /**
   * Adds the ramdisks that a tree starts with: the one over `/` first, or the usual one where none
   * covers it; `names` makes the directories of the others, as a boot does.
   */
  addFirst(ramdisks: readonly RamdiskOptions[], names: Names): void {
    const root = ramdisks.find(({ path }) => path === '/') ?? ROOT_RAMDISK;
    this.add(root);
    for (const ramdisk of ramdisks) {
      if (ramdisk === root) continue;
      this.#makeWay(ramdisk.path, names);
      this.add(ramdisk);
    }
  }

  /**
   * Adds a ramdisk over the directory `options.path`; what was written below it is charged to it
   * from now on.
   *
   * Throws ENOENT, ENOTDIR, EEXIST for a name or directory taken, EXDEV where a hard link would
   * lead out of it, EBUSY while a file below is open, ENOSPC where what was written does not fit,
   * ENOMEM, EINVAL, and RangeError for a size that is none.
   */
  add(options: RamdiskOptions): void {
    const live = this.#live;
    const root = this.#resolver.ino(options.path, true);
    const { ramdisks, inodes } = live.delta;
    if (!isDirectory(live.mode(root))) throw new VisorError('ENOTDIR');
    const isTaken = ramdisks.some((known) => known?.name === options.name);
    if (isTaken || live.ramdiskAt(root) >= 0) throw new VisorError('EEXIST');
    const isFirst = ramdisks.length === 0;
    const written: Written = isFirst ? new Map() : this.#writtenBelow(root, true);
    if (!isFirst) this.#checkWhole(written, live.ramdiskOf(root));
    const setsMode = options.mode !== undefined && options.mode !== (live.mode(root) & PERMISSIONS);
    const limits = limitsOf(options);
    const ledger = live.delta.budget.open(options.name, limits, this.#events.tell);
    const moved = this.#charged(written);
    try {
      ledger.charge(moved, written.size + (setsMode ? live.branchCost(root) : 0));
    } catch (error) {
      live.delta.budget.close(ledger);
      throw error;
    }
    if (!isFirst) ramdisks[live.ramdiskOf(root)]!.ledger.release(moved, written.size);
    const index = ramdisks.includes(undefined) ? ramdisks.indexOf(undefined) : ramdisks.length;
    ramdisks[index] = new Ramdisk(options.name, root, ledger);
    for (const row of written.keys()) inodes.setRamdisk(row, index);
    if (setsMode) {
      const row = live.branch(root, index);
      inodes.set(row, MODE, (inodes.mode(row) & S_IFMT) | (options.mode! & PERMISSIONS));
    }
  }

  /**
   * Removes the ramdisk `name` with all that was written into it. Its directory stays.
   *
   * Throws ENOENT, EBUSY for the one over `/`, while it holds an open file and while it covers
   * another, EXDEV where a file charged to it has a name outside, as hard links of an archive may,
   * or a directory that would show again was moved outside before it came, ENOSPC where the ramdisk
   * above cannot take the directory itself.
   */
  remove(name: string): void {
    const live = this.#live;
    const { delta } = live;
    const index = this.#indexOf(name);
    const { root, ledger } = delta.ramdisks[index]!;
    if (root === ROOT_INO || this.#isBusy(index, root)) throw new VisorError('EBUSY');
    const above = live.ramdiskOf(live.parentOf(root));
    const own = live.rowOf(root);
    const written = this.#ownRows(index, root);
    if (own !== 0) live.pay(above, 0, 1);
    for (const row of written) this.#forgetNames(row);
    for (const row of written) if (row !== own) live.drop(row);
    if (own !== 0) {
      ledger.release(0, 1);
      delta.inodes.setRamdisk(own, above);
    }
    delta.ramdisks[index] = undefined;
    delta.budget.close(ledger);
    live.restamp();
    recount(live, this.#handles);
    this.#handles.feed?.whole();
  }

  /**
   * Sets new limits for the ramdisk `name`. Throws ENOENT, EBUSY below what is used, ENOMEM,
   * EINVAL.
   */
  resize(name: string, options: Pick<RamdiskOptions, 'size' | 'reserve' | 'inodes'>): void {
    const { ledger } = this.#live.delta.ramdisks[this.#indexOf(name)]!;
    const { maxBytes, reservedBytes, maxInodes } = ledger.limits;
    ledger.resize(
      limitsOf({ size: maxBytes, reserve: reservedBytes, inodes: maxInodes, ...options }),
    );
  }

  /** Makes the directory `path` and those above it. */
  #makeWay(path: string, names: Names): void {
    for (let end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
      const part = end < 0 ? path : path.slice(0, end);
      const spot = this.#resolver.spot(part, true);
      if (spot.ino === NO_INO) names.mkdir(spot, 0o755);
      if (end < 0) return;
    }
  }

  #indexOf(name: string): number {
    const index = this.#live.delta.ramdisks.findIndex((ramdisk) => ramdisk?.name === name);
    if (index < 0) throw new VisorError('ENOENT');
    return index;
  }

  #isBusy(index: number, root: Ino): boolean {
    const { ramdisks } = this.#live.delta;
    for (const { ino, ramdisk } of this.#handles.all()) {
      const row = this.#live.rowOf(ino);
      const isPaid = row !== 0 && this.#live.delta.inodes.ramdisk(row) === index;
      if (ramdisk === index || isPaid) return true;
    }
    return ramdisks.some(
      (other, at) => other !== undefined && at !== index && this.#live.isWithin(other.root, root),
    );
  }

  /**
   * Rows of `root` and of what lies below it, as far as one ramdisk reaches. Throws EBUSY for an
   * open file if `closed`.
   */
  #writtenBelow(root: Ino, closed: boolean): Written {
    const live = this.#live;
    const written = new Map<number, number>();
    const note = (ino: Ino): void => {
      const row = live.rowOf(ino);
      if (row !== 0) written.set(row, (written.get(row) ?? 0) + 1);
      if (closed && this.#handles.isOpen(ino)) throw new VisorError('EBUSY');
    };
    note(root);
    const pending = [root];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      live.list(at, (_table, _entry, ino) => {
        const isDir = isDirectory(live.mode(ino));
        if (isDir && live.ramdiskAt(ino) >= 0) return;
        note(ino);
        if (isDir) pending.push(ino);
      });
    }
    return written;
  }

  /**
   * Throws EXDEV where a file below has another name elsewhere: two ramdisks would have to pay for
   * it.
   */
  #checkWhole(written: Written, source: number): void {
    const { inodes } = this.#live.delta;
    for (const [row, names] of written) {
      const isWhole = isDirectory(inodes.mode(row)) || names === inodes.nlink(row);
      if (!isWhole || inodes.ramdisk(row) !== source) throw new VisorError('EXDEV');
    }
  }

  /** The rows that go with the ramdisk over `root`. Throws EXDEV where one has a name elsewhere. */
  #ownRows(index: number, root: Ino): number[] {
    const { inodes } = this.#live.delta;
    const written = this.#writtenBelow(root, false);
    const own = [...inodes.used()].filter((row) => inodes.ramdisk(row) === index);
    for (const row of own) {
      const names = written.get(row) ?? 0;
      const isWhole = isDirectory(inodes.mode(row)) || names === inodes.nlink(row);
      if (!isWhole) throw new VisorError('EXDEV');
    }
    const going = new Set(own);
    for (const row of own) this.#checkKept(row, going);
    return own;
  }

  /**
   * Throws EXDEV where a directory of the image was moved from the directory of `row` to where it
   * stays when the rows `going` go: it would show in two places.
   */
  #checkKept(row: number, going: ReadonlySet<number>): void {
    const live = this.#live;
    const { dirents } = live.delta;
    if (!isDirectory(live.delta.inodes.mode(row))) return;
    const directory = live.inoOf(row);
    for (let entry = dirents.first(directory); entry !== NONE; entry = dirents.next(entry)) {
      const name = dirents.nameBytes(entry);
      const below = live.below(directory, name, 0, name.length);
      const home = live.image.isDirectory(below) ? dirents.home(below) : NONE;
      const isKept = home !== NONE && !going.has(live.rowOf(dirents.directory(home)));
      if (isKept) throw new VisorError('EXDEV');
    }
  }

  /** What `written` is charged for, in bytes: data, link targets, and names in its directories. */
  #charged(written: Written): number {
    const { delta } = this.#live;
    let bytes = 0;
    for (const row of written.keys()) {
      bytes += delta.chargedBytes(row);
      if (!isDirectory(delta.inodes.mode(row))) continue;
      const directory = this.#live.inoOf(row);
      for (let at = delta.dirents.first(directory); at !== NONE; at = delta.dirents.next(at)) {
        bytes += nameCost(delta.dirents.nameLength(at));
      }
    }
    return bytes;
  }

  #forgetNames(row: number): void {
    const { delta } = this.#live;
    const { dirents } = delta;
    if (!isDirectory(delta.inodes.mode(row))) return;
    for (let entry = dirents.first(this.#live.inoOf(row)); entry !== NONE; ) {
      const next = dirents.next(entry);
      const ino = dirents.child(entry);
      if (ino !== WHITEOUT && dirents.home(ino) === entry) dirents.setHome(ino, NONE);
      delta.dropName(entry, row);
      entry = next;
    }
  }
}

/** What the ramdisk of index `index` of `live` has. */
export function spaceOf(live: Live, index: number): Space {
  const { ledger } = live.delta.ramdisks[index]!;
  const { maxBytes, maxInodes } = ledger.limits;
  return {
    bsize: PAGE_BYTES,
    blocks: Math.floor(maxBytes / PAGE_BYTES),
    bfree: Math.floor((maxBytes - ledger.usedBytes) / PAGE_BYTES),
    files: maxInodes,
    ffree: maxInodes - ledger.usedInodes,
  };
}
