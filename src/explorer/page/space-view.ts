/**
 * The view of space: ramdisks with their limits, tardisks, and a map of what takes how much.
 */

import type { RamdiskRow, TardiskRow } from '../../index.ts';
import type { UsageNode } from '../protocol.ts';
import { button, fill, h, renew, table } from './dom.ts';
import { count, size } from './figures.ts';
import { gauge } from './gauges.ts';
import type { Explorer, View } from './shared.ts';
import { mapOf } from './treemap.ts';

const MIB = 1 << 20;
const MAP_HEIGHT_PIXELS = 380;

/** How full everything is. */
export function spaceView(explorer: Explorer): View {
  const { client, status } = explorer;
  const gauges = h('ul', { class: 'gauges', 'aria-label': 'Ramdisks' });
  const tardisks = h('div');
  const way = h('nav', { class: 'way', 'aria-label': 'Directory of the map' });
  const map = h('div', { class: 'mapPlace' });
  let focus = '/';
  let shown: UsageNode | null = null;

  const draw = (root: UsageNode): void => {
    shown = root;
    fill(way, ...wayTo(root.path ?? '/', (path) => void go(path)), ` ${size(root.bytes)}`);
    const width = map.clientWidth;
    drawnPixels = width;
    if (root.bytes === 0) fill(map, h('p', { class: 'note' }, 'Nothing here takes any space.'));
    else fill(map, mapOf(root, [width, MAP_HEIGHT_PIXELS], choose));
  };
  let drawnPixels = 0;
  new ResizeObserver(() => {
    const isOther = map.clientWidth > 0 && map.clientWidth !== drawnPixels;
    if (shown !== null && isOther) draw(shown);
  }).observe(map);
  const choose = ({ path, isDirectory }: UsageNode): void => {
    if (path === null) return;
    if (isDirectory) void go(path);
    else explorer.reveal(path);
  };
  const go = async (path: string): Promise<void> => {
    const before = focus;
    focus = path;
    try {
      const usage = await client.call('usage', [path]);
      // Somebody went on meanwhile.
      if (focus !== path) return;
      const hadFocus = map.contains(document.activeElement);
      draw(usage);
      // The area that was chosen is gone: the keys go on at the way back, and then in the map.
      if (hadFocus) way.querySelector<HTMLElement>('button:last-of-type')?.focus();
    } catch (error) {
      focus = before;
      status.refuse(error);
    }
  };

  /** Sets the limit of a ramdisk from its form. */
  const resize = async (name: string, mebibytes: number): Promise<void> => {
    try {
      await client.call('resize', [name, Math.round(mebibytes * MIB)]);
      status.clear();
      status.say(`ramdisk ${name} may hold ${mebibytes} MiB now`);
      await explorer.changed('content');
    } catch (error) {
      status.refuse(error);
    }
  };

  const element = h(
    'div',
    { class: 'space' },
    h('h2', {}, 'Ramdisks'),
    h(
      'p',
      { class: 'note' },
      'What is written lies here. A ramdisk that is full refuses the write.',
    ),
    gauges,
    h('h2', {}, 'Tardisks'),
    tardisks,
    h('h2', {}, 'What takes the space'),
    way,
    map,
  );
  return {
    title: 'Space',
    element,
    async refresh(what) {
      if (what === 'layers') {
        // What is drawn is of layers that are gone: nobody is to choose in it.
        fill(map);
        focus = '/';
      }
      const space = await client.call('space', []);
      renew(gauges, ...space.ramdisks.map((row) => gauge(row, limitForm(row, resize))));
      fill(tardisks, tardisksTable(space.tardisks));
      await go(focus);
    },
  };
}

function limitForm(
  { name, sizeBytes }: RamdiskRow,
  resize: (name: string, mebibytes: number) => Promise<void>,
): HTMLElement {
  const field = h('input', {
    ...{
      type: 'number',
      class: 'small',
      min: 0,
      step: 'any',
      value: Number((sizeBytes / MIB).toFixed(4)),
    },
    'aria-label': `limit of ${name} in MiB`,
  });
  const onsubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    // What was sent is typed no more.
    field.setAttribute('value', field.value);
    void resize(name, field.valueAsNumber);
  };
  return h(
    'form',
    { class: 'limit', onsubmit },
    field,
    'MiB',
    h('button', { class: 'small' }, 'Set limit'),
  );
}

function tardisksTable(rows: readonly TardiskRow[]): HTMLElement {
  if (rows.length === 0) return h('p', { class: 'note' }, 'None is mounted.');
  const heads = ['Tardisk', 'Files', 'Content', 'Takes', 'Stored'];
  const cells = rows.map((row) => [
    row.name,
    count(row.files),
    size(row.usedBytes),
    size(row.spaceBytes),
    size(row.storedBytes),
  ]);
  return table('Tardisks, the bottom one first', heads, cells, heads.slice(1));
}

/** A button for each directory on the way to `path`. */
function wayTo(path: string, go: (path: string) => void): HTMLElement[] {
  const names = path.split('/').filter(Boolean);
  const steps = names.map((name, index) => ({
    name,
    path: `/${names.slice(0, index + 1).join('/')}`,
  }));
  return [{ name: '/', path: '/' }, ...steps].map((step) =>
    button(step.name, () => go(step.path), { class: 'small' }),
  );
}
