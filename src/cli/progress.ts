/**
 * How far a long command has come: one line on stderr that rewrites itself.
 *
 * It shows after half a second, for people only: never where stderr is no terminal. It is gone when
 * the command is done, so that what follows starts on a clean line.
 */

import type { Output } from './output.ts';
import { printable } from './printable.ts';

/** Before this, in milliseconds, nobody wonders. */
const PATIENCE_MS = 500;
/** Between two rewrites, in milliseconds. */
const PAUSE_MS = 100;
/** Start of the line, and nothing after it. */
const CLEAR = '\r\x1b[K';

/** The progress of one command. */
export class Progress {
  readonly #out: Output;
  readonly #verb: string;
  #nextMs: number;
  #isShown = false;

  constructor(out: Output, verb: string) {
    this.#out = out;
    this.#verb = verb;
    this.#nextMs = out.now() + PATIENCE_MS;
  }

  /** Says that `done` of `count` are done, and `what` was the last. */
  step(done: number, count: number, what = ''): void {
    if (!this.#out.isTerminal) return;
    const now = this.#out.now();
    if (now < this.#nextMs) return;
    this.#nextMs = now + PAUSE_MS;
    this.#isShown = true;
    const last = what === '' ? '' : `  ${printable(what).slice(0, 40)}`;
    this.#out.complain(`${CLEAR}${this.#verb} ${done}/${count}${last}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isShown) this.#out.complain(CLEAR);
    this.#isShown = false;
  }
}
