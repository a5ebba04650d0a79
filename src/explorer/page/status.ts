/**
 * What is going on: one bar of progress with a way to stop it, one line that is read out, and the
 * refusals, which stay until they are taken away.
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
  readonly #bar = h('progress', { 'aria-label': 'progress' });
  readonly #what = h('span', { class: 'what' });
  readonly #running = h('div', { class: 'running', hidden: true });
  #stop: (() => void) | null = null;

  constructor() {
    const cancel = button('Cancel', () => this.#stop?.());
    fill(this.#running, this.#bar, this.#what, cancel);
    fill(this.element, this.#running, this.#said, this.#alert);
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

  /** Takes all refusals away. */
  clear(): void {
    fill(this.#alert);
  }

  /**
   * Does `act`, with a bar and a way to stop it; what goes wrong is shown. Gives what came of it,
   * or undefined.
   */
  async during<T>(
    what: string,
    act: (options: Required<CallOptions>) => Promise<T>,
  ): Promise<T | undefined> {
    const aborting = new AbortController();
    this.#stop = () => aborting.abort();
    this.#show({ done: 0, count: 0, what });
    this.#running.hidden = false;
    try {
      const onProgress = (progress: Progress): void => this.#show(progress);
      return await act({ signal: aborting.signal, onProgress });
    } catch (error) {
      if (aborting.signal.aborted) this.say(`Cancelled: ${what}`);
      else this.refuse(error);
      return undefined;
    } finally {
      this.#running.hidden = true;
      this.#stop = null;
    }
  }

  #show({ done, count, what }: Progress): void {
    if (count > 0) {
      this.#bar.max = count;
      this.#bar.value = done;
    } else this.#bar.removeAttribute('value');
    const share = count > 0 ? ` ${Math.floor((100 * done) / count)} %` : '';
    this.#what.textContent = `${what}${share}`;
  }
}
