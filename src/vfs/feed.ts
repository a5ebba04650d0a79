/**
 * The change feed: every verb that changed something says so to whoever listens.
 *
 *   made         a name in a directory leads to a file: a new one, or by link(2) one that was there
 *   removed      a name is gone
 *   moved        a name became another; what that led to before is `over`
 *   modified     data or size
 *   attributes   mode, owner or times, by a verb that sets them; not what a write or a read notes
 *   forgotten    nothing leads to the file and nobody has it open: its number may be used again
 *   whole        what shows below the root changed at once: tardisks or ramdisks came or went, a
 *                rollback; no single events are told of it
 *
 * Which file is said by its inode and by the name it was reached by, in a directory that is an
 * inode too: no path is made, as a rename further up changes none of it. Whoever wants one climbs
 * (`Live.pathOf`). What was reached by a descriptor has the name it was opened by, or got by
 * rename(2) since; a directory has the one it has.
 *
 * Invariants, which test/vfs/feed.test.ts attacks: told in the order in which it happened, within
 * the call, when the verb can fail no more; a verb that throws tells nothing; a picture that is
 * kept by events alone is what a fresh look shows. Without a listener there is no feed: a verb asks
 * whether it is null and is done. What is told costs the same however large the tree is.
 *
 * A listener looks and notes. It must not change the tree, which is within a verb: that is for when
 * the call has returned. One that throws is an uncaught error of its program, and the verb holds.
 *
 * Not here: what node calls these (nodefs/watch.ts), times of reading, which are told to nobody.
 */

import { NO_BYTES } from '../base/bytes.ts';
import { type Ino, NO_INO } from './ino.ts';

/**
 * What happened to a file: a name was made for it, removed or moved, its content or its attributes
 * changed, its last name went and nobody has it open; or all may be different.
 */
export type TreeEventKind =
  | 'made'
  | 'removed'
  | 'moved'
  | 'modified'
  | 'attributes'
  | 'forgotten'
  | 'whole';

/** One thing that changed in a tree. */
export interface TreeEvent {
  readonly kind: TreeEventKind;
  /** The file; NO_INO for 'whole'. */
  readonly ino: Ino;
  /**
   * The directory that holds the name; NO_INO where there is none: of the root, of what is
   * forgotten, of an open file whose directory is gone or that was opened to be read before anybody
   * listened.
   */
  readonly directory: Ino;
  /** Its exact bytes, not to be written to. Empty where there is none. */
  readonly name: Uint8Array;
  /** The directory and the name it had before, of one that was moved; else as none. */
  readonly fromDirectory: Ino;
  readonly fromName: Uint8Array;
  /** What the name led to before something was moved there; else NO_INO. */
  readonly over: Ino;
}

/** Hears of what happens in a tree, within the verb that does it. */
export type TreeListener = (event: TreeEvent) => void;

/** A name in a directory. */
export interface Named {
  readonly directory: Ino;
  readonly name: Uint8Array;
}

const NOWHERE: Named = { directory: NO_INO, name: NO_BYTES };

/** Who listens to one tree: at least one. */
export class Feed {
  readonly #listeners = new Set<TreeListener>();

  /** Whether nobody listens. */
  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  add(listener: TreeListener): void {
    this.#listeners.add(listener);
  }

  delete(listener: TreeListener): void {
    this.#listeners.delete(listener);
  }

  made(ino: Ino, at: Named): void {
    this.#tell('made', ino, at);
  }

  /** The name `at` is gone, and what it led to where `isForgotten`. */
  removed(ino: Ino, at: Named, isForgotten: boolean): void {
    this.#tell('removed', ino, at);
    if (isForgotten) this.forgotten(ino);
  }

  /** `ino` was moved over `over`, which may be NO_INO, and is gone where `isForgotten`. */
  moved(ino: Ino, from: Named, to: Named, over: Ino, isForgotten: boolean): void {
    this.#tell('moved', ino, to, from, over);
    if (isForgotten) this.forgotten(over);
  }

  /** `ino`, reached by the name `at`, has other data or attributes. */
  changed(kind: 'modified' | 'attributes', ino: Ino, at: Named | null): void {
    this.#tell(kind, ino, at ?? NOWHERE);
  }

  forgotten(ino: Ino): void {
    this.#tell('forgotten', ino, NOWHERE);
  }

  whole(): void {
    this.#tell('whole', NO_INO, NOWHERE);
  }

  #tell(kind: TreeEventKind, ino: Ino, at: Named, from: Named = NOWHERE, over: Ino = NO_INO): void {
    const event: TreeEvent = {
      kind,
      ino,
      directory: at.directory,
      name: at.name,
      fromDirectory: from.directory,
      fromName: from.name,
      over,
    };
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // The verb is done: it is not for it to fail.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
