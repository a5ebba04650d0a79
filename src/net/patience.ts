/**
 * How long a server is waited for.
 *
 * A clock that starts anew when an answer begins and whenever a few kilobytes of it have come, and
 * ends the fetch when they do not: one byte now and then would keep a boot waiting for ever.
 */

import { FETCH_SLOW_BYTES } from '../base/limits.ts';
import { FetchError } from './fetch-error.ts';

/** The clock of one answer. */
export class Patience {
  readonly #controller = new AbortController();
  /** Fails when it is stopped, for what does not listen to the signal. */
  readonly #stopped: Promise<never>;
  readonly #url: string;
  readonly #timeoutMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Bytes that came since the clock started. */
  #bytes = 0;

  constructor(url: string, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    this.#stopped = new Promise((_resolve, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason));
    });
    this.#stopped.catch(() => undefined);
    this.renew();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** So many bytes came. */
  came(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= FETCH_SLOW_BYTES) this.renew();
  }

  /** Starts the clock anew. */
  renew(): void {
    clearTimeout(this.#timer);
    this.#bytes = 0;
    this.#timer = setTimeout(() => {
      const what = this.#bytes === 0 ? 'nothing' : `no more than ${this.#bytes} bytes`;
      this.stop(new FetchError(this.#url, null, `${what} came for ${this.#timeoutMs} ms`, true));
    }, this.#timeoutMs);
  }

  /** Stops the clock, and what is still under way. */
  end(): void {
    clearTimeout(this.#timer);
    this.stop(null);
  }

  stop(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** What the server is asked for by `act`. Throws why it was stopped, or FetchError. */
  async wait<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await Promise.race([act(), this.#stopped]);
    } catch (error) {
      this.signal.throwIfAborted();
      const { cause, message } = error as Error;
      const why = cause instanceof Error ? cause.message || cause.name : message;
      throw new FetchError(this.#url, null, why, true);
    }
  }
}
