/**
 * Gauges of ramdisks: how much of what each may hold is held.
 */

import type { RamdiskRow } from '../../index.ts';
import { type Child, h } from './dom.ts';
import { count, size } from './figures.ts';

/** From here on a gauge warns: where the engine's own event `high` comes. */
const HIGH = 0.9;

/** The gauge of `row`, with `more` below it. */
export function gauge(row: RamdiskRow, ...more: readonly Child[]): HTMLElement {
  const { name, path, usedBytes, sizeBytes, usedInodes, maxInodes } = row;
  const share = sizeBytes === 0 ? 1 : Math.min(1, usedBytes / sizeBytes);
  const bar = h('span', { class: 'level' });
  // What is little shows too, and nothing is nothing.
  bar.style.setProperty('inline-size', usedBytes === 0 ? '0' : `max(2px, ${share * 100}%)`);
  const text = `${size(usedBytes)} of ${size(sizeBytes)}`;
  return h(
    'li',
    { class: share >= HIGH ? 'gauge high' : 'gauge', 'data-ramdisk': name },
    h('span', { class: 'name' }, name, h('small', {}, ` ${path}`)),
    h('span', { class: 'figure', title: `${count(usedBytes)} of ${count(sizeBytes)} bytes` }, text),
    h(
      'span',
      {
        ...{ role: 'meter', class: 'bar', 'aria-label': `ramdisk ${name}` },
        ...{ 'aria-valuemin': 0, 'aria-valuemax': sizeBytes, 'aria-valuenow': usedBytes },
        'aria-valuetext': `${text}, ${count(usedInodes)} of ${count(maxInodes)} inodes`,
      },
      bar,
    ),
    ...more,
  );
}
