/**
 * Who watches one tree, by what is watched: an event goes to those whom it may concern.
 *
 * A program has thousands of watchers, one for each directory, and a write concerns two of them. So
 * all of a tree listen to the feed as one, and an event asks for those of its own few inodes: what
 * it costs does not grow with who watches elsewhere (test/nodefs/crowd.test.ts). Those who watch
 * all that lies below are few, and each of them looks for itself.
 *
 * Not here: what an event is to whom it concerns (watched.ts).
 */

import type { TreeEvent } from '../vfs/feed.ts';
import { type Ino, NO_INO } from '../vfs/ino.ts';
import type { View } from '../vfs/view.ts';

/** One who watches. */
export interface Watching {
  /** What is watched; NO_INO where nothing is, which may change with the whole tree. */
  readonly ino: Ino;
  /** Whether what lies below concerns it too. */
  readonly isDeep: boolean;
  hear(event: TreeEvent): void;
}

const CROWDS = new WeakMap<View, Crowd>();

/** Who watches `tree`. */
export function crowdOf(tree: View): Crowd {
  let crowd = CROWDS.get(tree);
  if (crowd === undefined) {
    crowd = new Crowd(tree);
    CROWDS.set(tree, crowd);
  }
  return crowd;
}

/** Everybody who watches one tree. */
class Crowd {
  readonly #tree: View;
  readonly #all = new Set<Watching>();
  readonly #deep = new Set<Watching>();
  readonly #byIno = new Map<Ino, Set<Watching>>();
  #deaf: (() => void) | null = null;

  constructor(tree: View) {
    this.#tree = tree;
  }

  add(watching: Watching): void {
    this.#deaf ??= this.#tree.on('change', (event) => this.#hear(event));
    this.#all.add(watching);
    if (watching.isDeep) this.#deep.add(watching);
    this.#put(watching, watching.ino);
  }

  delete(watching: Watching): void {
    if (!this.#all.delete(watching)) return;
    this.#deep.delete(watching);
    this.#take(watching, watching.ino);
    if (this.#all.size > 0) return;
    this.#deaf?.();
    this.#deaf = null;
  }

  #hear(event: TreeEvent): void {
    const { kind, ino, directory, fromDirectory, over } = event;
    const concerned = new Set(kind === 'whole' ? this.#all : this.#deep);
    for (const of of [ino, directory, fromDirectory, over]) {
      for (const watching of this.#byIno.get(of) ?? []) concerned.add(watching);
    }
    for (const watching of concerned) {
      const before = watching.ino;
      watching.hear(event);
      if (watching.ino === before) continue;
      this.#take(watching, before);
      this.#put(watching, watching.ino);
    }
  }

  #put(watching: Watching, ino: Ino): void {
    if (ino === NO_INO) return;
    const there = this.#byIno.get(ino);
    if (there === undefined) this.#byIno.set(ino, new Set([watching]));
    else there.add(watching);
  }

  #take(watching: Watching, ino: Ino): void {
    const there = this.#byIno.get(ino);
    there?.delete(watching);
    if (there?.size === 0) this.#byIno.delete(ino);
  }
}
