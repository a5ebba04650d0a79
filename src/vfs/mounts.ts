/**
 * Tardisks that come and go below a live tree.
 *
 * Mounting and unmounting exchange the image. What was written stays what it was, on top:
 *
 *   a branch whose original is covered or gone       gets its name in the delta
 *   a directory that holds something written         stays, branched; so does one of a ramdisk
 *   what a branch still takes from a tardisk         is copied up before that is unmounted
 *   a directory that only the delta names            merges with the image's of that place
 *
 * All of it is worked out and paid for before the first change; what does not fit is ENOSPC and the
 * stack is as it was.
 *
 * Not here: how tardisks merge (layer/image.ts), ramdisks (ramdisks.ts).
 */

import { VisorError } from '../base/errors.ts';
import { isDirectory, isSymlink } from '../base/mode.ts';
import { nameCost } from '../layer/delta.ts';
import { type Image, ROOT_INO } from '../layer/image.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { NONE } from '../store/dirents.ts';
import { Costs } from './costs.ts';
import type { Handles } from './handles.ts';
import { type Ino, isMade, NO_INO } from './ino.ts';
import type { Live } from './live.ts';
import { recount } from './recount.ts';

/** A name that something written needs in the delta, now that no image has it. */
interface Loose {
  readonly directory: Ino;
  readonly name: Uint8Array;
  readonly ino: Ino;
}

/** The tardisks of one live tree. */
export class Mounts {
  readonly #live: Live;
  readonly #handles: Handles;

  constructor(live: Live, handles: Handles) {
    this.#live = live;
    this.#handles = handles;
  }

  /**
   * Puts `tardisk` on top of the others. Throws EBUSY where it is mounted already, ENOSPC (see
   * above).
   */
  mount(tardisk: Tardisk): void {
    this.exchange([], [tardisk]);
  }

  /**
   * Takes `given` away, or the topmost one of that name: what it covered shows again. Throws EINVAL
   * where it is not mounted, EBUSY while a file of it is open, ENOSPC (see above).
   */
  unmount(given: Tardisk | string): void {
    const isMeant = (one: Tardisk): boolean => one === given || one.name === given;
    const tardisk = this.#live.image.tardisks.findLast(isMeant);
    if (tardisk === undefined) throw new VisorError('EINVAL');
    this.exchange([tardisk], []);
  }

  /**
   * Takes the tardisks `going` away and puts `coming` on top, as one change. Throws as `unmount`
   * and `mount`.
   */
  exchange(going: readonly Tardisk[], coming: readonly Tardisk[]): void {
    const live = this.#live;
    const { image, delta } = live;
    if (!going.every((tardisk) => image.tardisks.includes(tardisk))) throw new VisorError('EINVAL');
    if (going.some((tardisk) => this.openRows(tardisk).length > 0)) throw new VisorError('EBUSY');
    const pulled: number[] = [];
    for (const row of going.length === 0 ? [] : delta.inodes.used()) {
      const origin = live.inoOf(row);
      if (!isMade(origin) && going.includes(image.tardiskOf(origin)!)) pulled.push(row);
    }
    let next = image;
    for (const tardisk of going) next = next.without(tardisk);
    for (const tardisk of coming) next = next.with(tardisk);
    this.#exchange(next, pulled);
  }

  /** The rows of `tardisk` whose files are open. */
  openRows(tardisk: Tardisk): number[] {
    const { image } = this.#live;
    const inos = [...this.#handles.all()].map(({ ino }) => Math.abs(ino));
    return inos.filter((ino) => image.tardiskOf(ino) === tardisk).map((ino) => image.rowOf(ino));
  }

  /** Puts `next` in the place of the image; the rows `pulled` lose what lies below them. */
  #exchange(next: Image, pulled: readonly number[]): void {
    const live = this.#live;
    const keeping = new Keeping(live, next);
    const { names, branches } = keeping;
    costsOf(live, keeping, pulled).pay(live);
    try {
      for (const row of pulled) pull(live, row);
    } catch (error) {
      // What was pulled is paid and stays; it shows what it showed.
      costsOf(live, keeping, pulled).refund(live);
      throw error;
    }
    for (const ino of branches) live.branch(ino, live.ramdiskOf(ino));
    for (const { directory, name, ino } of names) {
      const entry = live.entryOf(directory, name, 0, name.length);
      live.setName(directory, name, entry, ino);
    }
    live.image = next;
    this.#merge();
    live.restamp();
    recount(live, this.#handles);
  }

  /**
   * Lets directories that only the delta names show the image's of the same place, unless they are
   * opaque.
   */
  #merge(): void {
    const live = this.#live;
    const { dirents, inodes } = live.delta;
    const before = live.lowers.fork();
    live.lowers.clear();
    live.uppers.clear();
    const seen = new Set<Ino>();
    const isNamedHere = (ino: Ino): boolean =>
      dirents.home(ino) !== NONE && (isMade(ino) || !live.image.has(ino));
    const merge = (ino: Ino): void => {
      const home = dirents.home(ino);
      const parent = dirents.directory(home);
      const name = dirents.nameBytes(home);
      const isOpaque = inodes.isOpaque(live.rowOf(ino));
      const placed = isOpaque ? NO_INO : live.below(parent, name, 0, name.length);
      // One that was moved takes along what it showed where it was.
      const kept = before.get(ino) ?? NO_INO;
      const lower = live.image.isDirectory(kept) ? kept : placed;
      if (!live.image.isDirectory(lower) || live.uppers.has(lower)) return;
      live.lowers.set(ino, lower);
      live.uppers.set(lower, ino);
    };
    for (const row of inodes.used()) {
      if (!isDirectory(inodes.mode(row))) continue;
      // What a directory shows follows from what the one above it shows: from the top down.
      const chain: Ino[] = [];
      for (let at = live.inoOf(row); !seen.has(at) && isNamedHere(at); ) {
        seen.add(at);
        chain.push(at);
        at = dirents.directory(dirents.home(at));
      }
      for (const ino of chain.reverse()) merge(ino);
    }
  }
}

/** What it takes to keep all that `keeping` lists and to pull the rows `pulled`, as of now. */
function costsOf(live: Live, { branches, names }: Keeping, pulled: readonly number[]): Costs {
  const costs = new Costs();
  for (const row of pulled) costs.add(live.delta.inodes.ramdisk(row), pullCost(live, row), 0);
  for (const ino of branches) costs.add(live.ramdiskOf(ino), 0, 1);
  for (const { directory, name } of names) {
    costs.add(live.ramdiskOf(directory), nameCost(name.length), 0);
  }
  return costs;
}

/** What `pull` needs for the branch `row`, in bytes. */
function pullCost({ delta }: Live, row: number): number {
  const { inodes } = delta;
  if (!isSymlink(inodes.mode(row))) return delta.data.materialCost(row);
  return inodes.target.has(row) ? 0 : inodes.size(row);
}

/** Copies up what the branch `row` still takes from its tardisk. Paid for before. */
function pull(live: Live, row: number): void {
  const { delta, readBelow } = live;
  const { inodes } = delta;
  if (!isSymlink(inodes.mode(row))) delta.data.materialize(row, readBelow);
  else inodes.target.set(row, live.target(live.inoOf(row)).slice());
}

/**
 * What must be named and branched so that nothing written is lost when `next` replaces the image.
 */
class Keeping {
  readonly names: Loose[] = [];
  /** Directories. */
  readonly branches = new Set<Ino>();
  readonly #live: Live;
  readonly #next: Image;
  /** Entries of the image's table that get their name in the delta. */
  readonly #kept = new Set<number>();

  constructor(live: Live, next: Image) {
    this.#live = live;
    this.#next = next;
    const { inodes, ramdisks } = live.delta;
    if (inodes.count > 0 || ramdisks.length > 1) this.#visit();
  }

  /** Goes through all that shows for the places where the image names something written. */
  #visit(): void {
    const live = this.#live;
    const pending = [ROOT_INO];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const directory = at;
      live.list(directory, (table, entry, ino) => {
        if (isDirectory(live.mode(ino))) pending.push(ino);
        const isWritten = live.rowOf(ino) !== 0 || live.ramdiskAt(ino) >= 0;
        if (table !== live.image.dirents || !isWritten) return;
        const name = table.nameBytes(entry);
        const there = this.#next.dirents.find(live.lower(directory), name, 0, name.length);
        const isSame = there !== NONE && this.#next.dirents.child(there) === ino;
        if (!isSame) this.#keep(directory, entry, ino);
      });
    }
  }

  /**
   * `entry` of the image, which names `ino` in `directory`, gets its name in the delta. A directory
   * that gets a name needs a row, and where the image has it no more a name of its own, and so up.
   */
  #keep(directory: Ino, entry: number, ino: Ino): void {
    const live = this.#live;
    const { dirents } = live.image;
    let [above, named, at] = [directory, entry, ino];
    while (!this.#kept.has(named)) {
      this.#kept.add(named);
      this.names.push({ directory: above, name: dirents.nameBytes(named).slice(), ino: at });
      if (live.rowOf(at) === 0) this.branches.add(at);
      // One with a row was written: the visit sees to it.
      if (live.rowOf(above) !== 0) return;
      this.branches.add(above);
      if (this.#next.has(above)) return;
      [above, named, at] = [live.parentOf(above), dirents.home(above), above];
    }
  }
}
