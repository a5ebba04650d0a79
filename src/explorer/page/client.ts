/**
 * The page's end of the protocol: each verb as a promise, with progress, that can be cancelled.
 *
 * A call that is cancelled rejects at once, whatever the worker is at; what comes of it there is
 * passed over.
 */

import type { Asked, Progress, Told, Verb, Verbs } from '../protocol.ts';

/** An error of the worker: the engine's code and message. */
export class EngineError extends Error {
  readonly code: string;

  constructor(name: string, code: string, message: string) {
    super(message);
    this.name = name;
    this.code = code;
  }
}

/** How to ask. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

interface Pending {
  readonly done: (result: unknown) => void;
  readonly fail: (error: unknown) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** The engine in its worker. */
export class Client {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** `onEnd` is told where the worker itself comes to an end: nothing is answered then. */
  constructor(script: URL, onEnd: (message: string) => void) {
    // A worker from a blob has the policy of the page that made it: it cannot connect either. One
    // from an address would have its server's, which is none.
    const code = `importScripts(${JSON.stringify(script.href)});`;
    this.#worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Told>) => this.#hear(data));
    this.#worker.addEventListener('error', ({ message }) => {
      onEnd(message);
      for (const { fail } of this.#pending.values()) fail(new Error(message));
      this.#pending.clear();
    });
  }

  /** Asks for `verb`. Rejects with EngineError, or the reason of `signal`. */
  call<V extends Verb>(
    verb: V,
    given: Parameters<Verbs[V]>,
    { signal, onProgress }: CallOptions = {},
  ): Promise<ReturnType<Verbs[V]>> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((done, fail) => {
      signal?.throwIfAborted();
      this.#pending.set(id, { done: done as Pending['done'], fail, onProgress });
      signal?.addEventListener('abort', () => {
        if (!this.#pending.delete(id)) return;
        this.#post({ kind: 'cancel', id });
        fail(signal.reason);
      });
      this.#post({ kind: 'call', id, verb, given });
    });
  }

  #post(message: Asked): void {
    const given = message.kind === 'call' ? message.given : [];
    // Ports are given away; all else is copied, files by their handles.
    const ports = given.filter((one): one is MessagePort => one instanceof MessagePort);
    this.#worker.postMessage(message, ports);
  }

  #hear(told: Told): void {
    const pending = this.#pending.get(told.id);
    if (pending === undefined) return;
    if (told.kind === 'progress') {
      pending.onProgress?.(told.progress);
      return;
    }
    this.#pending.delete(told.id);
    if (told.kind === 'done') pending.done(told.result);
    else {
      const { name, code, message } = told.error;
      pending.fail(new EngineError(name, code, message));
    }
  }
}
