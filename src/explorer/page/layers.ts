/**
 * The side that is always there: the layers of the stack, the top one first, and the gauges.
 */

import type { LayerRow, Space } from '../protocol.ts';
import { button, fill, h } from './dom.ts';
import { counted, size } from './figures.ts';
import { gauge } from './gauges.ts';

/** The layers and gauges of the page. */
export class Layers {
  readonly element = h('aside', { class: 'layers', 'aria-label': 'Layers and ramdisks' });
  readonly #list = h('ol', { class: 'stack', 'aria-label': 'Layers, the top one first' });
  readonly #gauges = h('ul', { class: 'gauges', 'aria-label': 'Ramdisks' });
  readonly #onClose: (layer: LayerRow) => void;

  constructor(onClose: (layer: LayerRow) => void, onCloseAll: () => void) {
    this.#onClose = onClose;
    fill(
      this.element,
      h(
        'div',
        { class: 'head' },
        h('h2', {}, 'Layers'),
        button('Close all', onCloseAll, { class: 'small' }),
      ),
      this.#list,
      h('div', { class: 'filled' }, h('h2', {}, 'Ramdisks'), this.#gauges),
    );
  }

  /** Shows `rows` and how full everything is. */
  show(rows: readonly LayerRow[], { ramdisks }: Space): void {
    fill(this.#list, ...[...rows].reverse().map((row) => this.#item(row)));
    fill(this.#gauges, ...ramdisks.map((row) => gauge(row)));
  }

  #item(row: LayerRow): HTMLElement {
    const { name, kind, tardisks, build } = row;
    const files = tardisks.reduce((sum, tardisk) => sum + tardisk.files, 0);
    const bytes = tardisks.reduce((sum, tardisk) => sum + tardisk.usedBytes, 0);
    const facts =
      kind === 'state' ? 'restored over it' : `${counted(files, 'file')}, ${size(bytes)}`;
    const inside = tardisks.some((tardisk) => tardisk.name !== name) ? [...tardisks].reverse() : [];
    return h(
      'li',
      {},
      h(
        'div',
        { class: 'layer' },
        h('span', { class: 'name' }, name),
        kind === 'archive'
          ? button('Close', () => this.#onClose(row), {
              class: 'small',
              'aria-label': `Close ${name}`,
            })
          : null,
        h('small', {}, build === null ? facts : `bank, build ${build}; ${facts}`),
      ),
      inside.length === 0
        ? null
        : h(
            'details',
            {},
            h('summary', {}, counted(inside.length, 'tardisk')),
            h('ol', {}, ...inside.map((tardisk) => h('li', {}, h('small', {}, tardisk.name)))),
          ),
    );
  }
}
