/**
 * `watch`: an FSWatcher that emits what happens, and the promised flavour that gives it one after
 * another.
 *
 * A watcher keeps the program running until it is closed, where the platform ends one that has
 * nothing to do, unless `persistent` is false.
 *
 * Not here: which event is which (watched.ts), watchFile (watched-stats.ts).
 */

import { EventEmitter } from 'events';
import { abortError, queueOverflow } from './argument-errors.ts';
import type { Verb } from './flavours.ts';
import type { Footing } from './footing.ts';
import type { Runtime, Stay } from './runtime.ts';
import type { WatchEvent } from './signatures.ts';
import { Watched, type WatchManner } from './watched.ts';

/** How many events wait for who takes them one after another. */
const QUEUE_MAX_COUNT = 2048;
/** What comes of more. Node takes 'error' for what its manual calls 'throw'. */
const OVERFLOWS: readonly unknown[] = ['ignore', 'error', 'throw'];

/** A path that is watched. Made by `watch`; emits 'change', 'close' and never 'error'. */
export class FSWatcher extends EventEmitter {
  #watched: { stop(): void } | null = null;
  #stay: Stay | null = null;
  #runtime: Pick<Runtime, 'defer'>;

  constructor(runtime: Pick<Runtime, 'defer'>) {
    super();
    this.#runtime = runtime;
  }

  /** Makes `watcher` emit what `watched` hears, for as long as `stay` lasts. */
  static start(watcher: FSWatcher, watched: { stop(): void }, stay: Stay | null): void {
    watcher.#watched = watched;
    watcher.#stay = stay;
  }

  /** Stops watching and emits 'close'; a second time does nothing. */
  close(): void {
    if (this.#watched === null) return;
    this.#watched.stop();
    this.#watched = null;
    this.#stay?.end();
    this.#stay = null;
    this.#runtime.defer(() => this.emit('close'));
  }

  /** Keeps the program running until it is closed. */
  ref(): this {
    this.#stay?.ref();
    return this;
  }

  /** Lets the program end before it is closed. */
  unref(): this {
    this.#stay?.unref();
    return this;
  }
}

/** `watch`, which has no other flavours. */
export function watching<B extends Uint8Array>(under: Footing<B>): Verb {
  const { check, runtime } = under;
  return (file, given, last) => {
    const options = check.options(typeof given === 'function' ? undefined : given);
    const listener = typeof given === 'function' ? given : last;
    const { persistent = true, recursive = false, signal, encoding } = options;
    const path = check.path(file);
    if (recursive) checkManner(under, persistent, recursive);
    const watcher = new FSWatcher(runtime);
    if (listener) watcher.addListener('change', check.callback(listener, 'listener'));
    const manner: WatchManner = { isRecursive: Boolean(recursive), encoding };
    const watched = new Watched(under, path, manner, (type, name) => {
      watcher.emit('change', type, name);
    });
    FSWatcher.start(watcher, watched, stayOf(runtime, Boolean(persistent)));
    if (signal !== undefined) closeAt(signal, watcher, runtime);
    return watcher;
  };
}

/** `promises.watch`: what is wrong is told by the first event that is asked for, as in node. */
export function watchingLater<B extends Uint8Array>(under: Footing<B>): Verb {
  const { check, runtime } = under;
  return async function* watch(file, given): AsyncGenerator<WatchEvent<string | B>> {
    if (given !== undefined && (typeof given !== 'object' || given === null)) {
      throw check.wrongType('options', 'of type object', given);
    }
    const options = check.options(given);
    const { persistent = true, recursive = false, signal, encoding } = options;
    const { maxQueue = QUEUE_MAX_COUNT, overflow = 'ignore' } = options;
    const path = check.path(file);
    checkManner(under, persistent, recursive);
    const maxCount = check.integer(maxQueue, 'options.maxQueue', 0);
    if (!OVERFLOWS.includes(overflow)) {
      throw check.wrongValue('options.overflow', overflow, "must be one of: 'ignore', 'error'");
    }
    if (signal?.aborted) throw abortError(signal);
    const events: WatchEvent<string | B>[] = [];
    let failure: Error | null = null;
    let wake = (): void => {};
    const manner: WatchManner = { isRecursive: Boolean(recursive), encoding };
    const watched = new Watched(under, path, manner, (eventType, filename) => {
      if (events.length < maxCount) events.push({ eventType, filename });
      else if (overflow !== 'ignore') failure ??= queueOverflow(maxCount);
      wake();
    });
    const stay = stayOf(runtime, Boolean(persistent));
    const abort = (): void => {
      failure = abortError(signal!);
      wake();
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      for (;;) {
        if (failure !== null) throw failure;
        const event = events.shift();
        if (event !== undefined) yield event;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      watched.stop();
      stay?.end();
      signal?.removeEventListener('abort', abort);
    }
  };
}

function checkManner({ check }: Pick<Footing, 'check'>, persistent: unknown, recursive: unknown) {
  check.boolean(persistent, 'options.persistent');
  check.boolean(recursive, 'options.recursive');
}

/** What keeps the program running, unless it need not. */
export function stayOf(runtime: Pick<Runtime, 'stay'>, isPersistent: boolean): Stay | null {
  const stay = runtime.stay?.() ?? null;
  if (!isPersistent) stay?.unref();
  return stay;
}

function closeAt(signal: AbortSignal, watcher: FSWatcher, { defer }: Pick<Runtime, 'defer'>): void {
  const close = (): void => watcher.close();
  if (signal.aborted) {
    defer(close);
    return;
  }
  signal.addEventListener('abort', close, { once: true });
  watcher.once('close', () => signal.removeEventListener('abort', close));
}
