/**
 * One file over http or https, fetched whole, however often the connection breaks.
 *
 *   1. No more is taken than the limit, whatever the server says of its length, or does not say.
 *   2. A server that says nothing, or next to nothing, for too long has failed; so has one that
 *      redirects without end, or from https to http.
 *   3. 404 and 410 mean that there is no such file. Any other answer but 200 is an error, and 206
 *      is one where no range was asked for, or another.
 *   4. What breaks is asked for again, after a pause, where retries are allowed: from the byte on
 *      that is missing, if the server has given the file an entity tag that is strong and still
 *      has the same file (If-Range); else from its start. A connection that brought a good piece
 *      counts as none lost, so the retries are bounded by the size of the file.
 *   5. Where the answer says the sum of the file (Repr-Digest, RFC 9530), the bytes have it.
 *
 * Where redirections can be seen (Node) they are followed one by one; a browser hides them and
 * bounds them itself. What is encoded on its way is not gone on with, nor summed up: positions and
 * sums would be those of other bytes.
 */

import { concatBytes } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import {
  FETCH_EARNED_BYTES,
  FETCH_PAUSE_MAX_MS,
  FETCH_PAUSE_MS,
  FETCH_TIMEOUT_MS,
  FETCHED_MAX_BYTES,
  REDIRECTS_MAX_COUNT,
} from '../base/limits.ts';
import { bytesSource, type Source } from '../base/source.ts';
import { FetchError } from './fetch-error.ts';
import { Patience } from './patience.ts';
import { reprSha256 } from './repr-digest.ts';

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
  options: {
    readonly redirect: 'manual' | 'follow';
    readonly signal: AbortSignal;
    readonly headers: Readonly<Record<string, string>>;
  },
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

/** How to go on where a connection breaks. */
export interface RetryOptions extends FetchOptions {
  /** How often it may break, but for a good piece in between: never unless said. */
  readonly retries?: number;
  /** Waits for so many milliseconds: a timer of the runtime unless said. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** Sums up what came, where the server says the sum. */
  readonly sha256?: (bytes: Uint8Array) => Promise<Uint8Array>;
}

const OK = 200;
const PARTIAL = 206;
const UNSATISFIABLE = 416;
const ABSENT: ReadonlySet<number> = new Set([404, 410]);
const REDIRECTIONS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What may be another answer a moment later. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether `url` is one that is fetched here. */
export function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

/**
 * The file at `url`, in memory; null where there is none. Throws FetchError where the server does
 * not give it, CorruptError where it is not what the server says that it sums up to, and the reason
 * of the signal where that aborts.
 */
export async function fetched(url: string, options: RetryOptions = {}): Promise<Source | null> {
  const { retries = 0, sleep = passed, signal } = options;
  const file = new Partial(url, options);
  let left = retries;
  for (let broken = 0; ; broken++) {
    signal?.throwIfAborted();
    try {
      return await oneAnswer(file, options);
    } catch (error) {
      if (!(error instanceof FetchError && error.isPassing)) throw error;
      if (file.hasEarned()) {
        left = retries;
        broken = 0;
      }
      if (left === 0) throw retries === 0 ? error : error.with(`, after ${retries} retries`);
      left -= 1;
    }
    await sleep(Math.min(FETCH_PAUSE_MAX_MS, FETCH_PAUSE_MS * 2 ** broken));
  }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function oneAnswer(file: Partial, options: RetryOptions): Promise<Source | null> {
  const { timeoutMs = FETCH_TIMEOUT_MS, signal } = options;
  const patience = new Patience(file.url, timeoutMs);
  const end = (): void => patience.stop(signal!.reason);
  signal?.addEventListener('abort', end);
  try {
    const answer = await answered(file.url, file.ask(), options, patience);
    if (!(await file.begin(answer))) return null;
    patience.renew();
    const reader = answer.body!.getReader();
    for (;;) {
      const { value } = await patience.wait(() => reader.read());
      if (value === undefined) break;
      file.take(value);
      patience.came(value.length);
    }
    return await file.whole();
  } finally {
    signal?.removeEventListener('abort', end);
    patience.end();
  }
}

/** What has come of a file. */
class Partial {
  readonly url: string;
  readonly #options: RetryOptions;
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #done = 0;
  /** The furthest that any connection came, and where one last earned something. */
  #furthest = 0;
  #earned = 0;
  /** Of the file as a whole, as the server says. */
  #size: number | null = null;
  /** Strong; null where it cannot be gone on with. */
  #etag: string | null = null;
  #digest: string | null = null;

  constructor(url: string, options: RetryOptions) {
    this.url = url;
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? FETCHED_MAX_BYTES;
  }

  /** The headers to ask with for what is missing. */
  ask(): Record<string, string> {
    const plain = { 'accept-encoding': 'identity' };
    if (this.#done === 0 || this.#etag === null) return plain;
    return { ...plain, range: `bytes=${this.#done}-`, 'if-range': this.#etag };
  }

  /** Whether a good piece came since this was last asked. */
  hasEarned(): boolean {
    if (this.#furthest - this.#earned < FETCH_EARNED_BYTES) return false;
    this.#earned = this.#furthest;
    return true;
  }

  /** Takes the head of an answer; false where there is no such file. */
  async begin(answer: FetchAnswer): Promise<boolean> {
    try {
      return this.#head(answer);
    } catch (error) {
      await answer.body?.cancel();
      throw error;
    }
  }

  #head({ status, headers, body }: FetchAnswer): boolean {
    const isResumed = this.#done > 0 && this.#etag !== null;
    if (isResumed && status === PARTIAL && body !== null) {
      const etag = headers.get('etag');
      if (etag !== null && etag !== this.#etag) this.#changed();
      this.#checkRange(headers.get('content-range') ?? '');
      return true;
    }
    if (isResumed && status === UNSATISFIABLE) this.#changed();
    if (ABSENT.has(status) && this.#furthest === 0) return false;
    if (status !== OK || body === null) {
      const isPassing = PASSING.has(status);
      throw new FetchError(this.url, status, `the server answers ${status}`, isPassing);
    }
    this.#startAnew();
    const length = Number(headers.get('content-length') ?? Number.NaN);
    // Of an answer that is encoded on its way, the length is not that of the file.
    const isPlain = headers.get('content-encoding') === null;
    this.#size = isPlain && Number.isSafeInteger(length) ? length : null;
    const etag = headers.get('etag');
    this.#etag = isPlain && etag?.startsWith('"') ? etag : null;
    this.#digest = isPlain ? reprSha256(headers.get('repr-digest')) : null;
    if (this.#size !== null && this.#size > this.#maxBytes) throw this.#tooMuch();
    return true;
  }

  /** Another file is there now: what came of the first is of no use. */
  #changed(): never {
    this.#startAnew();
    throw new FetchError(this.url, null, 'another file is there than a moment ago', true);
  }

  #startAnew(): void {
    this.#chunks = [];
    this.#done = 0;
    this.#etag = null;
    this.#size = null;
  }

  #checkRange(said: string): void {
    const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(said);
    const total = match?.[3] === '*' ? this.#size : Number(match?.[3]);
    const isWanted =
      match !== null &&
      Number(match[1]) === this.#done &&
      Number(match[2]) >= this.#done &&
      (this.#size === null || total === this.#size);
    if (isWanted) return;
    const why = `was asked for the bytes from ${this.#done} on and gives '${said.slice(0, 80)}'`;
    throw new FetchError(this.url, PARTIAL, `the server ${why}`);
  }

  /** Takes a piece. Throws FetchError where more came than may; what hangs up is the signal. */
  take(piece: Uint8Array): void {
    this.#done += piece.length;
    this.#furthest = Math.max(this.#furthest, this.#done);
    if (this.#done > this.#maxBytes) throw this.#tooMuch();
    if (this.#size !== null && this.#done > this.#size) {
      throw new FetchError(this.url, null, `has more than the ${this.#size} bytes that were said`);
    }
    this.#chunks.push(piece);
    this.#options.onFetch?.({ url: this.url, done: this.#done, size: this.#size });
  }

  #tooMuch(): FetchError {
    const why = `has more than ${this.#maxBytes} bytes, which is the limit for a file`;
    return new FetchError(this.url, OK, why);
  }

  /** The file. Throws FetchError where it is not all of it, CorruptError where it is not it. */
  async whole(): Promise<Source> {
    if (this.#size !== null && this.#done < this.#size) {
      const why = `ends after ${this.#done} of ${this.#size} bytes`;
      throw new FetchError(this.url, OK, why, true);
    }
    const bytes = concatBytes(this.#chunks);
    const name = new URL(this.url).pathname.replace(/^.*\//, '') || this.url;
    const { sha256 } = this.#options;
    if (this.#digest !== null && sha256 !== undefined) {
      const sum = btoa(String.fromCharCode(...(await sha256(bytes))));
      if (sum !== this.#digest) {
        const claim = `its sha-256 is ${sum}, and the server says ${this.#digest}`;
        throw new CorruptError(this.url, 0, claim);
      }
    }
    return bytesSource(bytes, name);
  }
}

/** The answer to `headers` at `url`, or where it is redirected to. */
async function answered(
  url: string,
  headers: Readonly<Record<string, string>>,
  options: FetchOptions,
  patience: Patience,
): Promise<FetchAnswer> {
  const { fetch: send = fetch as Fetch } = options;
  const { signal } = patience;
  let at = url;
  for (let hops = 0; hops <= REDIRECTS_MAX_COUNT; hops++) {
    const ask = (redirect: 'manual' | 'follow'): Promise<FetchAnswer> =>
      patience.wait(() => send(at, { redirect, signal, headers }));
    const answer = await ask('manual');
    // A browser says no more of it than that there was one.
    if (answer.type === 'opaqueredirect') return ask('follow');
    if (!REDIRECTIONS.has(answer.status)) return answer;
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
