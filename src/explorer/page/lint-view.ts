/**
 * The view of lint: what ESXi, or this engine, would trip over, and how to mend it.
 */

import type { LintedFinding } from '../protocol.ts';
import { fill, h } from './dom.ts';
import { count, counted } from './figures.ts';
import type { Explorer, View } from './shared.ts';

const LEVELS: readonly LintedFinding['level'][] = ['error', 'warning', 'note'];

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

function shown(findings: readonly LintedFinding[]): HTMLElement[] {
  const counts = LEVELS.map(
    (level) => [level, findings.filter((one) => one.level === level).length] as const,
  );
  const sums = counts.filter(([, number]) => number > 0).map(([level, n]) => counted(n, level));
  const summary = h('p', { class: 'note' }, sums.join(', ') || 'Nothing: it is sound.');
  const sorted = LEVELS.flatMap((level) => findings.filter((one) => one.level === level));
  return [summary, h('ul', { class: 'findings', 'aria-label': 'Findings' }, ...sorted.map(item))];
}

function item({ level, rule, archive, place, offset, what, why, mend }: LintedFinding) {
  const at = offset === null ? null : `byte ${count(offset)}`;
  const where = [archive, place, at, rule];
  return h(
    'li',
    { class: 'finding', 'data-level': level },
    h('p', {}, h('strong', { class: 'rank' }, level), ` ${what}.`),
    h('p', { class: 'where' }, where.filter((part) => part !== null).join(' · ')),
    h('p', { class: 'note' }, `Why it matters: ${why}.`),
    h('p', { class: 'note' }, `How to mend it: ${mend}.`),
  );
}
