/**
 * Tardisks that come and go below a live tree.
 *
 * Mounting and unmounting exchange the image. What was written stays what it was, on top:
 *
 *   a branch whose original is covered or gone       gets its name in the delta
 *   a directory that holds something written         stays, branched
 *   bytes that a branch still takes from a tardisk   are copied up before that is unmounted
 *   a directory that only the delta names            merges with the image's of that place
 *
 * All of it is worked out and paid for before the first change; what does not fit is ENOSPC and the
 * stack is as it was.
 *
 * Not here: how tardisks merge (layer/image.ts), ramdisks (ramdisks.ts).
 */

import { VisorError } from '../base/errors.ts';
import { isDirectory } from '../base/mode.ts';
import { nameCost } from '../layer/delta.ts';
import { type Image, ROOT_INO } from '../layer/image.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { NONE } from '../store/dirents.ts';
import { OPAQUE } from '../store/inodes.ts';
import { Costs } from './costs.ts';
import type { Handles } from './handles.ts';
import { type Ino, isMade, NO_INO } from './ino.ts';
import type { Live } from './live.ts';

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

  /** Puts `tardisk` on top of the others. Throws EBUSY where it is mounted already, ENOSPC (see above). */
  mount(tardisk: Tardisk): void {
    this.#exchange(this.#live.image.with(tardisk), []);
  }

  /**
   * Takes `tardisk` away: what it covered shows again. Throws EINVAL where it is not mounted, EBUSY
   * while a file of it is open, ENOSPC (see above).
   */
  unmount(tardisk: Tardisk): void {
    const { image, delta } = this.#live;
    if (!image.tardisks.includes(tardisk)) throw new VisorError('EINVAL');
    for (const { ino } of this.#handles.all()) {
      if (image.tardiskOf(Math.abs(ino)) === tardisk) throw new VisorError('EBUSY');
    }
    const pulled: number[] = [];
    for (const [origin, row] of delta.branches) {
      if (delta.belowBytes(row) > 0 && image.tardiskOf(origin) === tardisk) pulled.push(row);
    }
    this.#exchange(image.without(tardisk), pulled);
  }

  /** Puts `next` in the place of the image; the rows `pulled` lose the bytes below them. */
  #exchange(next: Image, pulled: readonly number[]): void {
    const live = this.#live;
    const { delta } = live;
    const { names, branches } = new Keeping(live, next);
    const costs = new Costs();
    for (const row of pulled) costs.add(delta.inodes.ramdisk[row]!, delta.materialCost(row), 0);
    for (const ino of branches) costs.add(live.ramdiskOf(ino), 0, 1);
    for (const { directory, name } of names) {
      costs.add(live.ramdiskOf(directory), nameCost(name.length), 0);
    }
    costs.pay(live);
    for (const row of pulled) delta.materialize(row);
    for (const ino of branches) live.branch(ino, live.ramdiskOf(ino));
    for (const { directory, name, ino } of names) live.setName(directory, name, ino);
    live.image = next;
    this.#merge();
    this.#countSubdirectories();
  }

  /** Lets directories that only the delta names show the image's of the same place, unless they are opaque. */
  #merge(): void {
    const live = this.#live;
    const { dirents, inodes } = live.delta;
    live.lowers.clear();
    live.uppers.clear();
    const seen = new Set<Ino>();
    const merge = (ino: Ino): void => {
      const home = dirents.home(ino);
      if (seen.has(ino) || home === NONE || (!isMade(ino) && live.image.has(ino))) return;
      seen.add(ino);
      const parent = dirents.directory(home);
      merge(parent);
      if ((inodes.flags[live.rowOf(ino)]! & OPAQUE) !== 0) return;
      const name = dirents.nameBytes(home);
      const lower = live.below(parent, name, 0, name.length);
      if (lower === NO_INO || !live.image.isDirectory(lower)) return;
      live.lowers.set(ino, lower);
      live.uppers.set(lower, ino);
    };
    for (const row of inodes.rows()) if (isDirectory(inodes.mode[row]!)) merge(live.inoOf(row));
  }

  /** A branched directory counts its subdirectories itself, and another image has others. */
  #countSubdirectories(): void {
    const live = this.#live;
    const { inodes } = live.delta;
    for (const row of inodes.rows()) {
      if (!isDirectory(inodes.mode[row]!) || inodes.nlink[row] === 0) continue;
      inodes.nlink[row] = 2 + live.countDirectories(live.inoOf(row));
    }
  }
}

/** What must be named and branched so that nothing written is lost when `next` replaces the image. */
class Keeping {
  readonly names: Loose[] = [];
  readonly branches: Ino[] = [];
  readonly #live: Live;
  readonly #next: Image;
  readonly #lost = new Set<Ino>();

  constructor(live: Live, next: Image) {
    this.#live = live;
    this.#next = next;
    for (const ino of live.delta.branches.keys()) {
      if (live.image.has(ino) && !next.has(ino)) this.#lost.add(ino);
    }
    if (this.#lost.size > 0) this.#visit(ROOT_INO);
  }

  /** Goes through the whole image for the places that name something lost: parents before children. */
  #visit(root: Ino): void {
    const { image } = this.#live;
    const pending = [root];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (let entry = image.dirents.first(at); entry !== NONE; entry = image.dirents.next(entry)) {
        const ino = image.dirents.child(entry);
        if (this.#lost.has(ino)) this.#keep(at, entry);
        if (image.isDirectory(ino)) pending.push(ino);
      }
    }
  }

  #keep(lower: Ino, entry: number): void {
    const live = this.#live;
    const { dirents } = live.image;
    const directory = live.uppers.get(lower) ?? lower;
    const name = dirents.nameBytes(entry).slice();
    // The delta has a say on this name already: it leads elsewhere, or is deleted.
    if (live.delta.dirents.find(directory, name, 0, name.length) !== NONE) return;
    this.names.push({ directory, name, ino: dirents.child(entry) });
    const isHeld = isMade(directory) || this.#next.has(directory) || this.#lost.has(directory);
    if (isHeld) return;
    this.#lost.add(directory);
    this.branches.push(directory);
    const home = dirents.home(lower);
    this.#keep(dirents.directory(home), home);
  }
}
