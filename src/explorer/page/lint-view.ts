/**
 * The view of lint: what ESXi, or this engine, would trip over, and how to mend it.
 */

import type { Linted, LintedFinding } from '../protocol.ts';
import { fill, h } from './dom.ts';
import { count, counted, printable } from './figures.ts';
import type { Explorer, View } from './shared.ts';

/** What lint finds in all layers. */
export function lintView({ client, status }: Explorer): View {
  const list = h('div');
  return {
    title: 'Lint',
    element: h('div', { class: 'lint' }, h('h2', {}, 'What ESXi would trip over'), list),
    async refresh(what) {
      // It looks at the archives, which nobody writes to.
      if (what === 'content' && list.childElementCount > 0) return;
      const findings = await status.during('looking at the layers', (options) =>
        client.call('lint', [], options),
      );
      if (findings !== undefined) fill(list, ...shown(findings));
    },
  };
}

function shown({ findings, counts }: Linted): HTMLElement[] {
  const sums = Object.entries(counts).filter(([, number]) => number > 0);
  const all = sums.reduce((sum, [, number]) => sum + number, 0);
  const said = sums.map(([level, number]) => counted(number, level)).join(', ');
  const isCut = all > findings.length;
  const summary = isCut
    ? `${said}; the first ${findings.length}:`
    : said || 'Nothing: it is sound.';
  return [
    h('p', { class: 'note' }, summary),
    h('ul', { class: 'findings', 'aria-label': 'Findings' }, ...findings.map(item)),
  ];
}

function item({ level, rule, archive, place, offset, what, why, mend }: LintedFinding) {
  const at = offset === null ? null : `byte ${count(offset)}`;
  const where = [archive, place, at, rule];
  return h(
    'li',
    { class: 'finding', 'data-level': level },
    h('p', {}, h('strong', { class: 'rank' }, level), ` ${printable(what)}.`),
    h('p', { class: 'where' }, printable(where.filter((part) => part !== null).join(' · '))),
    h('p', { class: 'note' }, `Why it matters: ${why}.`),
    h('p', { class: 'note' }, `How to mend it: ${mend}.`),
  );
}
