/**
 * `watchFile` and `unwatchFile`: what stat says of a path, told when it says something else.
 *
 * Node looks every few seconds. Here the tree says that something changed, and the path is looked
 * at once after the verb that may have changed it: `interval` is checked and of no effect. What
 * node's looks would see of several changes in a row, one look sees.
 *
 * All of one path share one StatWatcher. A path that leads nowhere has Stats of zeros, which is
 * told once at the start.
 */

import { EventEmitter } from 'events';
import { blankAttributes } from '../vfs/attributes.ts';
import type { TreeEvent } from '../vfs/feed.ts';
import { type Ino, NO_INO } from '../vfs/ino.ts';
import type { Path } from '../vfs/resolve.ts';
import type { Footing } from './footing.ts';
import { resolvedPath } from './path-text.ts';
import { shownPath } from './refusals.ts';
import type { Stay } from './runtime.ts';
import { BigIntStats, Stats, statsOf } from './stats.ts';
import { stayOf } from './watchers.ts';

const MAX_UINT32 = 2 ** 32 - 1;

/** What of a file is compared: reading it is no change. Bigints keep nanoseconds by themselves. */
const COMPARED = [
  'ino',
  'mode',
  'uid',
  'gid',
  'size',
  'mtimeMs',
  'ctimeMs',
  'birthtimeMs',
] as const;
const COMPARED_BIG = [...COMPARED, 'mtimeNs', 'ctimeNs', 'birthtimeNs'] as const;

/** A path whose stats are watched. Made by `watchFile`; emits 'change' and 'stop'. */
export class StatWatcher extends EventEmitter {
  readonly #under: Footing;
  readonly #path: Path;
  readonly #isBig: boolean;
  readonly #deaf: () => void;
  #stay: Stay | null;
  #ino: Ino = NO_INO;
  #stats: Stats | BigIntStats;
  #isLooking = false;
  #isStopped = false;

  constructor(under: Footing, path: Path, isBig: boolean, isPersistent: boolean) {
    super();
    this.#under = under;
    this.#path = path;
    this.#isBig = isBig;
    this.#stats = this.#look();
    this.#stay = stayOf(under.runtime, isPersistent);
    this.#deaf = under.tree.on('change', (event) => this.#hear(event));
    if (this.#ino !== NO_INO) return;
    under.runtime.defer(() => {
      if (!this.#isStopped) this.emit('change', this.#stats, this.#stats);
    });
  }

  /** Stops watching and emits 'stop'. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#deaf();
    this.#stay?.end();
    this.#stay = null;
    this.#under.runtime.defer(() => this.emit('stop'));
  }

  /** Keeps the program running until it is stopped. */
  ref(): this {
    this.#stay?.ref();
    return this;
  }

  /** Lets the program end before it is stopped. */
  unref(): this {
    this.#stay?.unref();
    return this;
  }

  #hear({ kind, ino }: TreeEvent): void {
    // Names anywhere may be names on the way there; what is in other files is not.
    const isOther = (kind === 'modified' || kind === 'attributes') && ino !== this.#ino;
    if (isOther || this.#isLooking) return;
    this.#isLooking = true;
    this.#under.runtime.defer(() => {
      this.#isLooking = false;
      if (!this.#isStopped) this.#compare();
    });
  }

  #compare(): void {
    const older = this.#stats;
    const newer = this.#look();
    if (isSame(older, newer)) return;
    this.#stats = newer;
    this.emit('change', newer, older);
  }

  #look(): Stats | BigIntStats {
    const { tree } = this.#under;
    const found = tree.seek(this.#path);
    this.#ino = typeof found === 'number' ? found : NO_INO;
    if (this.#ino !== NO_INO) return statsOf(tree.live, this.#ino, this.#isBig);
    const blank = blankAttributes();
    return this.#isBig
      ? Object.assign(new BigIntStats(blank), { dev: 0n, blksize: 0n })
      : Object.assign(new Stats(blank), { dev: 0, blksize: 0 });
  }
}

function isSame(older: Stats | BigIntStats, newer: Stats | BigIntStats): boolean {
  if (older instanceof BigIntStats && newer instanceof BigIntStats) {
    return COMPARED_BIG.every((field) => older[field] === newer[field]);
  }
  return COMPARED.every((field) => older[field] === newer[field]);
}

/** watchFile and unwatchFile, which have no other flavours. */
export function statWatching<B extends Uint8Array>(under: Footing<B>) {
  const { check } = under;
  const watchers = new Map<string, StatWatcher>();
  const keyOf = (file: unknown): string => resolvedPath(shownPath(check.path(file)));

  return {
    watchFile(file: unknown, given: unknown, last?: unknown): StatWatcher {
      const path = keyOf(file);
      const isGiven = typeof given === 'object' && given !== null;
      const listener = check.callback(isGiven ? last : given, 'listener');
      const { interval = 0, persistent = true, bigint } = check.fields(isGiven ? given : undefined);
      let watcher = watchers.get(path);
      if (watcher === undefined) {
        check.integer(interval, 'interval', 0, MAX_UINT32);
        const ground = under as unknown as Footing;
        watcher = new StatWatcher(ground, path, Boolean(bigint), Boolean(persistent));
        watchers.set(path, watcher);
      }
      watcher.addListener('change', listener);
      return watcher;
    },

    unwatchFile(file: unknown, listener?: unknown): void {
      const path = keyOf(file);
      const watcher = watchers.get(path);
      if (watcher === undefined) return;
      if (typeof listener === 'function') {
        watcher.removeListener('change', listener as (...values: unknown[]) => void);
      } else watcher.removeAllListeners('change');
      if (watcher.listenerCount('change') > 0) return;
      watcher.stop();
      watchers.delete(path);
    },
  };
}
