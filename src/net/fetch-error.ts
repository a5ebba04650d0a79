/**
 * A server did not give what was asked of it.
 */

/** A server did not give what was asked of it; the message names the address and says why. */
export class FetchError extends Error {
  readonly code = 'ERR_VISORFS_FETCH';
  readonly url: string;
  /** The status of the answer; null where there was none. */
  readonly status: number | null;
  /** Whether it may be otherwise a moment later. */
  readonly isPassing: boolean;
  /** The message without the address. */
  readonly why: string;

  constructor(url: string, status: number | null, why: string, isPassing = false) {
    super(`${url}: ${why}`);
    this.url = url;
    this.status = status;
    this.isPassing = isPassing;
    this.why = why;
  }

  /** The same, with more to say. */
  with(more: string): FetchError {
    return new FetchError(this.url, this.status, `${this.why}${more}`, this.isPassing);
  }
}
FetchError.prototype.name = 'FetchError';
