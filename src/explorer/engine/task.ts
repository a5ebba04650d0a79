/**
 * One call while it is done: it may say how far it is, and must pause now and then, so that whoever
 * cancelled it is heard.
 */

import type { Progress } from '../protocol.ts';

/** Between two words of progress, and the longest that a walk goes on without a pause. */
const PAUSE_MS = 40;

/** One call. */
export class Task {
  readonly signal: AbortSignal;
  readonly #tell: (progress: Progress) => void;
  #toldMs = -Infinity;
  #pausedMs = performance.now();

  constructor(signal: AbortSignal, tell: (progress: Progress) => void) {
    this.signal = signal;
    this.#tell = tell;
  }

  /** Says that `done` of `count` are done, but not more often than anybody can see. */
  step(done: number, count: number, what: string): void {
    const now = performance.now();
    if (now - this.#toldMs < PAUSE_MS) return;
    this.#toldMs = now;
    this.#tell({ done, count, what });
  }

  /** Lets messages in, where the last pause is a while ago. Throws where it was cancelled. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#pausedMs > PAUSE_MS) await this.pause();
  }

  /** Lets messages in. Throws where it was cancelled. */
  async pause(): Promise<void> {
    // Messages are tasks of the event loop: a promise alone lets none in.
    await new Promise((done) => setTimeout(done));
    this.#pausedMs = performance.now();
    this.signal.throwIfAborted();
  }
}
