/**
 * What is going on: a bar of progress with a way to stop it for each thing that takes its time, one
 * line that is read out, and the refusals, which stay until they are taken away.
 */

import type { Progress } from '../protocol.ts';
import type { CallOptions } from './client.ts';
import { button, fill, h } from './dom.ts';

/** The status of the page. */
export class Status {
  /** To be put where it is seen at any time. */
  readonly element = h('div', { class: 'status' });
  readonly #said = h('p', { role: 'status', class: 'said' });
  readonly #alert = h('div', { role: 'alert', class: 'alerts' });
  readonly #jobs = h('ul', { class: 'jobs', 'aria-label': 'Under way' });

  constructor() {
    fill(this.element, this.#jobs, this.#said, this.#alert);
  }

  /** Says `text` in passing. */
  say(text: string): void {
    this.#said.textContent = text;
  }

  /** Shows the refusal `error` until somebody takes it away. */
  refuse(error: unknown): void {
    const { code, message } = error as { code?: string; message?: string };
    const row = h(
      'p',
      { class: 'alert', 'data-code': code ?? '' },
      h('span', {}, message ?? String(error)),
      button('Dismiss', () => row.remove()),
    );
    this.#alert.append(row);
  }

  /** Takes all refusals away, where nothing is under way that one may be of. */
  clear(): void {
    if (this.#jobs.childElementCount === 0) fill(this.#alert);
  }

  /**
   * Does `act`, with a bar and a way to stop it; what goes wrong is shown. Gives what came of it,
   * or undefined: at once where it is stopped, whatever `act` still does, here or by the signal of
   * whoever asks for it, who needs no word of that.
   */
  async during<T>(
    what: string,
    act: (options: Required<CallOptions>) => Promise<T>,
    { signal: outer }: CallOptions = {},
  ): Promise<T | undefined> {
    const aborting = new AbortController();
    const { signal } = aborting;
    outer?.addEventListener('abort', () => aborting.abort());
    const job = new Job(what, () => aborting.abort());
    this.#jobs.append(job.element);
    const stopped = new Promise<never>((_done, fail) => {
      signal.addEventListener('abort', () => fail(signal.reason));
    });
    try {
      return await Promise.race([act({ signal, onProgress: (now) => job.show(now) }), stopped]);
    } catch (error) {
      if (outer?.aborted) return undefined;
      if (signal.aborted) this.say(`Cancelled: ${what}`);
      else this.refuse(error);
      return undefined;
    } finally {
      job.element.remove();
    }
  }
}

/** One thing that is under way. */
class Job {
  readonly element: HTMLElement;
  readonly #bar: HTMLProgressElement;
  readonly #what: HTMLElement;

  constructor(what: string, stop: () => void) {
    this.#bar = h('progress', { 'aria-label': what });
    this.#what = h('span', { class: 'what' }, what);
    const cancel = button('Cancel', stop, {
      ...{ class: 'small', 'aria-label': `Cancel ${what}` },
    });
    this.element = h('li', { class: 'job' }, this.#bar, this.#what, cancel);
  }

  show({ done, count, what }: Progress): void {
    if (count > 0) {
      this.#bar.max = count;
      this.#bar.value = done;
    } else this.#bar.removeAttribute('value');
    const share = count > 0 ? ` ${Math.floor((100 * done) / count)} %` : '';
    this.#what.textContent = `${what}${share}`;
  }
}
