/**
 * A snapshot: all of a tree at one instant, which never changes.
 *
 * It shares every table and page with the tree it was taken of until that writes; what is held for
 * the snapshot alone is what the tree has overwritten or removed since. Of the memory that a tree
 * and its forks share (`memory`), shared pages count once, however many snapshots have them.
 *
 * Not here: its bytes (report/ has differences, state/ what survives a reboot).
 */

import type { Ino } from './ino.ts';
import type { Live } from './live.ts';

/** All of a tree at one instant. Made by `snapshot` of a VisorFs. */
export class Snapshot {
  /** For reports, and for trees that start from it. Not to be changed. */
  readonly live: Live;
  #isReleased = false;

  constructor(live: Live) {
    this.live = live;
  }

  /** Bytes of pages that its files have, shared with others or not. */
  get pageBytes(): number {
    return this.live.delta.pageBytes;
  }

  /** What is only open: nothing, since a snapshot has no open files. */
  orphans(): readonly Ino[] {
    return [];
  }

  /** Whether it was given back. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /**
   * Gives back at once what only it holds; nothing can be made of it then. One that is forgotten
   * instead is given back when the collector of the runtime finds it.
   */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.live.delta.release();
  }
}
