/**
 * What a watcher hears: the events of the tree in inotify's words, as libuv passes them on.
 *
 *   of a directory   the names in it: 'rename' where one was made, removed or moved, 'change' for
 *                    content and attributes, but 'rename' for attributes of a directory
 *   of the file      the watcher's own name: 'change', and 'rename' once it is moved or gone
 *   recursive        paths from the watched directory on, of whatever lies below when it happens
 *
 * It is the file that is watched, by its inode, wherever it is moved; what takes its place is not.
 * Only where the whole tree became another is the path looked up again. What is the same as the
 * last that waits to be told is told once, as inotify does it.
 *
 * `recursive` climbs from where something happened to see whether that is below: nothing is gone
 * through at the start, and a new directory is covered with its first name. Links are not followed.
 */

import { concatBytes, sameBytes, utf8 } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { isDirectory } from '../base/mode.ts';
import { ROOT_INO } from '../layer/image.ts';
import type { TreeEvent } from '../vfs/feed.ts';
import { R_OK } from '../vfs/flags.ts';
import { type Ino, NO_INO } from '../vfs/ino.ts';
import type { Path } from '../vfs/resolve.ts';
import { crowdOf, type Watching } from './crowd.ts';
import type { Footing } from './footing.ts';
import { at } from './refusals.ts';

const SLASH = Uint8Array.of(0x2f);

export type WatchEventType = 'rename' | 'change';

/** Takes an event, once the verb that made it has returned. */
export type WatchAnswer<B> = (type: WatchEventType, filename: string | B) => void;

/** How to watch. */
export interface WatchManner {
  readonly isRecursive: boolean;
  readonly encoding: string | null | undefined;
}

/** One event that is not told yet. */
interface Waiting {
  readonly kind: TreeEvent['kind'];
  readonly type: WatchEventType;
  readonly name: Uint8Array;
}

/** One path that is watched, from when it is made until it is stopped. */
export class Watched<B extends Uint8Array> implements Watching {
  readonly #under: Footing<B>;
  readonly #path: Path;
  readonly #manner: WatchManner;
  readonly #answer: WatchAnswer<B>;
  readonly #ownName: Uint8Array;
  /** What was heard last, until it is told. */
  #last: Waiting | null = null;
  #ino: Ino = NO_INO;
  #isDirectory = false;
  #isStopped = false;

  /** Watches `path`. Throws as stat does, and EACCES for what may not be read; with `filename`. */
  constructor(under: Footing<B>, path: Path, manner: WatchManner, answer: WatchAnswer<B>) {
    this.#under = under;
    this.#path = path;
    this.#manner = manner;
    this.#answer = answer;
    const bytes = typeof path === 'string' ? utf8(path) : path;
    this.#ownName = bytes.slice(bytes.lastIndexOf(SLASH[0]!) + 1);
    try {
      // Node looks at what it is to watch whole before it watches.
      const syscall = manner.isRecursive ? 'stat' : 'watch';
      this.#watch(at(() => this.#found(), syscall, path.length === 0 ? undefined : path));
    } catch (error) {
      throw Object.assign(error as Error, { filename: path });
    }
    crowdOf(under.tree).add(this);
  }

  /** What is watched; NO_INO once it is gone. */
  get ino(): Ino {
    return this.#ino;
  }

  get isDeep(): boolean {
    return this.#manner.isRecursive;
  }

  /** Stops: nothing is told any more, not even what waits. */
  stop(): void {
    this.#isStopped = true;
    crowdOf(this.#under.tree).delete(this);
  }

  #found(): Ino {
    const { tree } = this.#under;
    const ino = tree.lookup(this.#path);
    if (!tree.may(ino, R_OK)) throw new VisorError('EACCES');
    return ino;
  }

  /** Takes note of what it is to tell of `event`. */
  hear(event: TreeEvent): void {
    const { kind, ino, directory, name, fromDirectory, fromName, over } = event;
    if (kind === 'whole') {
      const found = this.#under.tree.seek(this.#path);
      this.#watch(typeof found === 'number' ? found : NO_INO);
      this.#tell(kind, 'rename', this.#ownName);
      return;
    }
    const watched = this.#ino;
    if (watched === NO_INO) return;
    const { live } = this.#under.tree;
    // That it is of a directory is a bit of its own, and libuv takes all bits but two for 'rename'.
    const isChange = kind === 'modified' || (kind === 'attributes' && !isDirectory(live.mode(ino)));
    if (kind === 'moved') this.#named(kind, 'rename', fromDirectory, fromName);
    this.#named(kind, isChange ? 'change' : 'rename', directory, name);
    const ofOwn = this.#isDirectory ? 'rename' : 'change';
    if (over === watched) this.#tell('attributes', ofOwn, this.#ownName);
    if (ino !== watched) return;
    if (kind === 'modified' || kind === 'attributes') this.#tell(kind, ofOwn, this.#ownName);
    else if (kind === 'moved') this.#tell(kind, 'rename', this.#ownName);
    else if (kind === 'forgotten') {
      // inotify says that it is gone, and then that it is not watched any more.
      this.#tell('removed', 'rename', this.#ownName);
      this.#tell('forgotten', 'rename', this.#ownName);
      this.#watch(NO_INO);
      // How many names a file has is an attribute of it; a directory has one, and goes with it.
    } else if (!this.#isDirectory) this.#tell('attributes', 'change', this.#ownName);
  }

  #watch(ino: Ino): void {
    this.#ino = ino;
    this.#isDirectory = ino !== NO_INO && isDirectory(this.#under.tree.live.mode(ino));
  }

  /** Tells of a name in `directory`, if that is watched. */
  #named(kind: Waiting['kind'], type: WatchEventType, directory: Ino, name: Uint8Array): void {
    if (directory === NO_INO) return;
    const { live } = this.#under.tree;
    const pieces = [name];
    for (let at = directory; at !== this.#ino; at = live.parentOf(at)) {
      if (!this.#manner.isRecursive || at === ROOT_INO) return;
      pieces.unshift(live.nameOf(at), SLASH);
    }
    this.#tell(kind, type, concatBytes(pieces));
  }

  #tell(kind: Waiting['kind'], type: WatchEventType, name: Uint8Array): void {
    const last = this.#last;
    const isSame = last?.kind === kind && last.type === type && sameBytes(last.name, name);
    if (isSame) return;
    const { runtime, given } = this.#under;
    const waiting: Waiting = { kind, type, name };
    this.#last = waiting;
    runtime.defer(() => {
      if (this.#last === waiting) this.#last = null;
      if (!this.#isStopped) this.#answer(type, given(name, this.#manner.encoding || 'utf8'));
    });
  }
}
