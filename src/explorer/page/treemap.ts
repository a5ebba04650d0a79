/**
 * A map of areas: what a directory takes, two levels deep. Each area is a button that goes there.
 */

import { type HierarchyRectangularNode, hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import type { UsageNode } from '../protocol.ts';
import { h } from './dom.ts';
import { size } from './figures.ts';

/** Of a directory's area, where its name stands. */
const TITLE_PIXELS = 18;
/** Below this no text is legible. */
const LEGIBLE = { width: 46, height: 16 };
/** Colours of owners, in the style sheet. */
const HUES = 8;

/** The map of `root` on `width` by `height` pixels; `go` is told of the area that was chosen. */
export function mapOf(
  root: UsageNode,
  [width, height]: readonly [number, number],
  go: (node: UsageNode) => void,
): HTMLElement {
  const tree = hierarchy<UsageNode>(root, ({ children }) => [...children]);
  // A directory's own names take space too, but no area: its children fill it.
  tree.sum((node) => (node.children.length === 0 ? node.bytes : 0));
  const laid = treemap<UsageNode>()
    .tile(treemapSquarify)
    .size([width, height])
    .round(true)
    .paddingInner(1)
    .paddingTop((node) => (node.depth === 1 && node.children !== undefined ? TITLE_PIXELS : 0))(
    tree,
  );
  const owners = ownersOf(laid);
  const areas = laid
    .descendants()
    .filter((node) => node.depth > 0 && node.x1 > node.x0 && node.y1 > node.y0)
    .map((node) => areaOf(node, owners.indexOf(node.data.owner ?? '') % HUES, go));
  const legend = owners.map((owner, index) =>
    h('li', {}, h('span', { class: `key hue${index % HUES}` }), owner),
  );
  const map = h('div', { class: 'map', role: 'group', 'aria-label': `what ${root.path} takes` });
  map.style.setProperty('block-size', `${height}px`);
  map.append(...areas);
  return h('div', {}, map, h('ul', { class: 'legend', 'aria-label': 'Held by' }, ...legend));
}

/** Who holds what is shown, the one that holds most first. */
function ownersOf(laid: HierarchyRectangularNode<UsageNode>): string[] {
  const bytes = new Map<string, number>();
  for (const { data } of laid.leaves()) {
    const owner = data.owner ?? '';
    if (owner !== '') bytes.set(owner, (bytes.get(owner) ?? 0) + data.bytes);
  }
  return [...bytes].sort(([, one], [, other]) => other - one).map(([owner]) => owner);
}

function areaOf(
  { data, depth, x0, x1, y0, y1, children }: HierarchyRectangularNode<UsageNode>,
  hue: number,
  go: (node: UsageNode) => void,
): HTMLElement {
  const [width, height] = [x1 - x0, y1 - y0];
  const isParent = children !== undefined && depth === 1;
  const label = `${data.name}, ${size(data.bytes)}${data.owner === null ? '' : `, ${data.owner}`}`;
  const isLegible = width >= LEGIBLE.width && height >= LEGIBLE.height;
  const area = h(
    'button',
    {
      ...{ type: 'button', 'aria-label': label, title: `${data.path ?? data.name}\n${label}` },
      class: `area ${isParent ? 'parent' : `hue${hue < 0 ? 'None' : hue}`}`,
      disabled: data.path === null,
      onclick: () => go(data),
    },
    isLegible ? h('span', { 'aria-hidden': 'true' }, `${data.name} ${size(data.bytes)}`) : null,
  );
  const place = { left: x0, top: y0, width, height };
  for (const [name, value] of Object.entries(place)) area.style.setProperty(name, `${value}px`);
  return area;
}
