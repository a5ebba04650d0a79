/**
 * The views as tabs: arrows go from one to the next, and what is chosen shows.
 */

import { fill, h } from './dom.ts';
import type { View } from './shared.ts';

/** Tabs over `views`. */
export class Tabs {
  readonly bar = h('div', { role: 'tablist', 'aria-label': 'Views', class: 'tabs' });
  readonly panels = h('div', { class: 'panels' });
  readonly #tabs: readonly HTMLElement[];
  readonly #views: readonly View[];
  readonly #onShow: (view: View) => void;
  #index = 0;

  constructor(views: readonly View[], onShow: (view: View) => void) {
    this.#views = views;
    this.#onShow = onShow;
    this.#tabs = views.map(({ title }, index) =>
      h(
        'button',
        {
          ...{ type: 'button', role: 'tab', id: `tab-${title}`, 'aria-controls': `view-${title}` },
          onclick: () => this.#go(index),
        },
        title,
      ),
    );
    views.forEach(({ title, element }) => {
      element.id = `view-${title}`;
      element.setAttribute('role', 'tabpanel');
      element.setAttribute('aria-labelledby', `tab-${title}`);
    });
    this.bar.addEventListener('keydown', (event) => this.#onKey(event));
    fill(this.bar, ...this.#tabs);
    fill(this.panels, ...views.map(({ element }) => element));
    this.#mark();
  }

  /** The view that shows. */
  get view(): View {
    return this.#views[this.#index]!;
  }

  /** Shows `view`. */
  show(view: View): void {
    this.#go(this.#views.indexOf(view));
  }

  #go(index: number): void {
    this.#index = index;
    this.#mark();
    this.#onShow(this.view);
  }

  #mark(): void {
    this.#tabs.forEach((tab, index) => {
      const isShown = index === this.#index;
      tab.setAttribute('aria-selected', String(isShown));
      tab.setAttribute('tabindex', isShown ? '0' : '-1');
      this.#views[index]!.element.hidden = !isShown;
    });
  }

  #onKey(event: KeyboardEvent): void {
    const count = this.#tabs.length;
    const to: Readonly<Record<string, number>> = {
      ArrowRight: (this.#index + 1) % count,
      ArrowLeft: (this.#index + count - 1) % count,
      Home: 0,
      End: count - 1,
    };
    const index = to[event.key];
    if (index === undefined) return;
    event.preventDefault();
    this.#go(index);
    this.#tabs[index]!.focus();
  }
}
