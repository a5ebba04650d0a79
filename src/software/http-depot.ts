/**
 * A depot over http or https: each file is fetched whole, when it is asked for.
 *
 *   1. Nothing is fetched but what lies below the address of the depot: paths are relative, each of
 *      their parts is encoded, and `..` never comes this far (depot-source.ts).
 *   2. No more is taken than the limit, whatever the server says of its length, or does not say.
 *   3. A server that says nothing for too long has failed; so has one that redirects without end,
 *      or from https to http.
 *   4. 404 and 410 mean that there is no such file. Any other answer but 200 is an error.
 *
 * Where redirections can be seen (Node) they are followed one by one; a browser hides them and
 * bounds them itself. Ranges are not asked for: a VIB is needed whole, to be summed up.
 */

import { concatBytes } from '../base/bytes.ts';
import { FETCH_TIMEOUT_MS, FETCHED_MAX_BYTES, REDIRECTS_MAX_COUNT } from '../base/limits.ts';
import { bytesSource, type Source } from '../base/source.ts';
import type { DepotSource } from './depot-source.ts';

/** What is needed of a server's answer: `Response` of the fetch standard has it. */
export interface FetchAnswer {
  readonly status: number;
  readonly type?: string;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
}

/** What fetches: `fetch` itself, or what a test or a proxy puts in its place. */
export type Fetch = (
  url: string,
  options: { readonly redirect: 'manual' | 'follow'; readonly signal: AbortSignal },
) => Promise<FetchAnswer>;

/** How to fetch. */
export interface FetchOptions {
  /** `fetch` of the runtime unless said. */
  readonly fetch?: Fetch;
  /** How long the server may say nothing, in milliseconds: 30 s unless said. */
  readonly timeoutMs?: number;
  /** The most that one file may have, in bytes: 1 GiB unless said. */
  readonly maxBytes?: number;
  /** Ends it: what was its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Told of each piece: `size` is what the server says, or null. */
  readonly onFetch?: (progress: {
    readonly url: string;
    readonly done: number;
    readonly size: number | null;
  }) => void;
}

/** A server did not give what was asked of it; the message names the address and says why. */
export class FetchError extends Error {
  readonly code = 'ERR_VISORFS_FETCH';
  readonly url: string;
  /** The status of the answer; null where there was none. */
  readonly status: number | null;

  constructor(url: string, status: number | null, why: string) {
    super(`${url}: ${why}`);
    this.url = url;
    this.status = status;
  }
}
FetchError.prototype.name = 'FetchError';

const OK = 200;
const ABSENT: ReadonlySet<number> = new Set([404, 410]);
const REDIRECTIONS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * The depot at `address`, which is that of its folder, or of its index.xml. Nothing is fetched yet.
 * Throws TypeError where it is no address of http or https.
 */
export function httpDepot(address: string, options: FetchOptions = {}): DepotSource {
  const base = new URL(address);
  if (!isHttp(base)) throw new TypeError(`'${address}' is no address of http or https`);
  base.pathname = base.pathname.replace(/[^/]*\.xml$/, '').replace(/\/*$/, '/');
  base.search = '';
  base.hash = '';
  return {
    name: base.href,
    open(path, maxBytes = FETCHED_MAX_BYTES) {
      const limit = Math.min(maxBytes, options.maxBytes ?? FETCHED_MAX_BYTES);
      return fetched(new URL(encoded(path), base).href, { ...options, maxBytes: limit });
    },
    list: async () => null,
    close: () => undefined,
  };
}

/** Whether `url` is one that is fetched here. */
export function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

/** The parts of `path` so that each is one part of an address, whatever it holds. */
function encoded(path: string): string {
  return `./${path.split('/').map(encodeURIComponent).join('/')}`;
}

/**
 * The file at `url`, in memory; null where there is none. Throws FetchError where the server does
 * not give it, and the reason of the signal where that aborts.
 */
export async function fetched(url: string, options: FetchOptions = {}): Promise<Source | null> {
  const { timeoutMs = FETCH_TIMEOUT_MS, signal } = options;
  signal?.throwIfAborted();
  const patience = new Patience(url, timeoutMs);
  const end = (): void => patience.stop(signal!.reason);
  signal?.addEventListener('abort', end);
  try {
    return await answered(url, options, patience);
  } finally {
    signal?.removeEventListener('abort', end);
    patience.end();
  }
}

/** A clock that starts anew whenever something comes, and ends the fetch when nothing does. */
class Patience {
  readonly #controller = new AbortController();
  /** Fails when it is stopped, for what does not listen to the signal. */
  readonly #stopped: Promise<never>;
  readonly #url: string;
  readonly #timeoutMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    this.#stopped = new Promise((_resolve, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason));
    });
    this.#stopped.catch(() => undefined);
    this.#renew();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #renew(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.stop(new FetchError(this.#url, null, `nothing came for ${this.#timeoutMs} ms`));
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
      const given = await Promise.race([act(), this.#stopped]);
      this.#renew();
      return given;
    } catch (error) {
      this.signal.throwIfAborted();
      const { cause, message } = error as Error;
      throw new FetchError(this.#url, null, cause instanceof Error ? cause.message : message);
    }
  }
}

async function answered(
  url: string,
  options: FetchOptions,
  patience: Patience,
): Promise<Source | null> {
  const { fetch: send = fetch as Fetch } = options;
  const { signal } = patience;
  let at = url;
  for (let hops = 0; hops <= REDIRECTS_MAX_COUNT; hops++) {
    const ask = (redirect: 'manual' | 'follow'): Promise<FetchAnswer> =>
      patience.wait(() => send(at, { redirect, signal }));
    const answer = await ask('manual');
    // A browser says no more of it than that there was one.
    if (answer.type === 'opaqueredirect') {
      return taken(url, await ask('follow'), options, patience);
    }
    if (!REDIRECTIONS.has(answer.status)) return taken(url, answer, options, patience);
    await answer.body?.cancel();
    at = redirected(at, answer);
  }
  throw new FetchError(url, null, `more than ${REDIRECTS_MAX_COUNT} redirections`);
}

function redirected(url: string, { status, headers }: FetchAnswer): string {
  const location = headers.get('location');
  if (location === null) throw new FetchError(url, status, 'a redirection to nowhere');
  const to = new URL(location, url);
  const isDowngrade = url.startsWith('https:') && to.protocol !== 'https:';
  if (!isHttp(to) || isDowngrade) {
    throw new FetchError(url, status, `a redirection to '${to.href}', which is not followed`);
  }
  return to.href;
}

async function taken(
  url: string,
  { status, headers, body }: FetchAnswer,
  { maxBytes = FETCHED_MAX_BYTES, onFetch }: FetchOptions,
  patience: Patience,
): Promise<Source | null> {
  if (status !== OK || body === null) {
    await body?.cancel();
    if (ABSENT.has(status)) return null;
    throw new FetchError(url, status, `the server answers ${status}`);
  }
  const tooMuch = `has more than ${maxBytes} bytes, which is the limit for a file`;
  const length = Number(headers.get('content-length') ?? Number.NaN);
  // Of an answer that is encoded on its way, the length is not that of the file.
  const isPlain = headers.get('content-encoding') === null;
  const size = isPlain && Number.isSafeInteger(length) ? length : null;
  if (size !== null && size > maxBytes) {
    await body.cancel();
    throw new FetchError(url, status, tooMuch);
  }
  const chunks: Uint8Array[] = [];
  let done = 0;
  const reader = body.getReader();
  for (;;) {
    const { value } = await patience.wait(() => reader.read());
    if (value === undefined) break;
    done += value.length;
    if (done > maxBytes) {
      await reader.cancel();
      throw new FetchError(url, status, tooMuch);
    }
    chunks.push(value);
    onFetch?.({ url, done, size });
  }
  if (size !== null && done < size) {
    throw new FetchError(url, status, `ends after ${done} of ${size} bytes`);
  }
  return bytesSource(concatBytes(chunks), new URL(url).pathname.replace(/^.*\//, '') || url);
}
