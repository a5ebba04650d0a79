/**
 * The figures as text: a table for each question under its claim, verdicts, the machine; and in
 * Markdown the verdicts as a table, and the figures of the rivals as another.
 */

import os from 'node:os';
import type { Peer } from './peers.ts';
import type { Unit } from './question.ts';
import type { QuestionReport, Report } from './report.ts';
import type { Row } from './rounds.ts';
import type { Verdict } from './verdicts.ts';

const LINE_WIDTH = 44;
const CELL_WIDTH = 17;
const NOISY = 0.05;

/** A question's rows under its claim, who was not here, and its verdicts. */
export function questionText(report: QuestionReport): string {
  const { name, claim, rounds, seconds, rows, verdicts, absent } = report;
  const peers = Object.keys(Object.assign({}, ...rows.map(({ values }) => values))) as Peer[];
  const count = rounds === 1 ? 'one round' : `${rounds} rounds`;
  return [
    `${name}: ${claim} (${count}, ${seconds.toFixed(0)} s)`,
    `  ${''.padEnd(LINE_WIDTH)}${peers.map((peer) => peer.padStart(CELL_WIDTH)).join('')}`,
    ...rows.map((row) => rowText(row, peers)),
    ...Object.entries(absent).map(([peer, why]) => `  ${peer} is not here: ${why}`),
    ...verdicts.map((verdict) => `  ${verdictText(verdict)}`),
    '',
  ].join('\n');
}

/** `verdict` in one line. */
export function verdictText(verdict: Verdict): string {
  const { target, says } = verdict;
  return `${says.padEnd(8)}  ${target.line}: ${figureText(verdict)} (${targetText(verdict)})`;
}

/** All verdicts of `report` as a table in Markdown, by chapter. */
export function markdownOf({ questions, machine }: Report): string {
  const lines = ['| | visorfs | figure | to reach | |', '|---|---:|---:|---:|---|'];
  for (const chapter of new Set(questions.map((question) => question.chapter))) {
    lines.push(`| **${chapter}** | | | | |`);
    for (const question of questions) {
      if (question.chapter !== chapter) continue;
      for (const verdict of question.verdicts) lines.push(markdownRow(verdict));
    }
  }
  return [...lines, '', `${machine}.`].join('\n');
}

/** What is a bound and no rival. */
const BOUNDS: readonly Peer[] = ['floor', 'table', 'gunzip'];
/** The rivals that have a column of their own in Markdown. */
const COLUMNS: readonly Peer[] = ['visorfs', 'memfs', 'kernel'];

/** Every figure of `report` that a rival has too as a table in Markdown; the best is bold. */
export function peersOf({ questions, machine }: Report): string {
  const lines = ['| | visorfs | memfs | node:fs on tmpfs | another |', '|---|---:|---:|---:|---|'];
  for (const chapter of new Set(questions.map((question) => question.chapter))) {
    const asked = questions.filter((question) => question.chapter === chapter);
    const rows = asked.flatMap((question) => question.rows).flatMap(peersRow);
    if (rows.length > 0) lines.push(`| **${chapter}** | | | | |`, ...rows);
  }
  return [...lines, '', `${machine}.`].join('\n');
}

/** How many verdicts say what. */
export function tally(verdicts: readonly Verdict[]): string {
  const count = (says: Verdict['says']): number =>
    verdicts.filter((verdict) => verdict.says === says).length;
  return `${count('PASS')} PASS, ${count('short')} short, ${count('not here')} not here`;
}

/** The machine and how quiet it was: `spins` are the nanoseconds of one loop, now and again. */
export function machineText(spins: readonly number[]): string {
  const { model = 'unknown processor' } = os.cpus()[0] ?? {};
  const sorted = [...spins].sort((left, right) => left - right);
  const spread = (sorted.at(-1) ?? 0) / (sorted[sorted.length >> 1] ?? 1);
  const load = os.loadavg().map((value) => value.toFixed(2));
  return [
    `${os.cpus().length} × ${model}`,
    `node ${process.version}`,
    `load ${load.join(' ')}`,
    `slowest of ${spins.length} equal loops ${spread.toFixed(1)} × their median`,
  ].join(' · ');
}

/** `value` in the largest unit that leaves a whole digit. */
export function valueText(value: number, unit: Unit): string {
  if (unit === 'percent') return `${short(value)} %`;
  const [steps, base] =
    unit === 'ns' ? [['ns', 'µs', 'ms', 's'], 1000] : [['B', 'KiB', 'MiB', 'GiB'], 1024];
  let at = 0;
  let rest = value;
  for (; Math.abs(rest) >= base && at < steps.length - 1; at++) rest /= base;
  return `${short(rest)} ${steps[at]}`;
}

function markdownRow(verdict: Verdict): string {
  const { target, unit, value, says } = verdict;
  const own = value === null ? '–' : valueText(value, unit);
  const saying = says === 'PASS' ? 'PASS' : `**${says}**`;
  const cells = [target.line, own, figureText(verdict), targetText(verdict), saying];
  return `| ${cells.join(' | ')} |`;
}

/** One row, or none where only this engine answered. */
function peersRow({ line, unit, values }: Row): string[] {
  const asked = (Object.entries(values) as [Peer, number][]).filter(
    ([peer]) => !BOUNDS.includes(peer),
  );
  if (values.visorfs === undefined || asked.length < 2) return [];
  const best = Math.min(...asked.map(([, value]) => value));
  const text = (value: number): string => {
    return value === best ? `**${valueText(value, unit)}**` : valueText(value, unit);
  };
  const cells = COLUMNS.map((peer) => (peer in values ? text(values[peer]!) : ''));
  const others = asked.filter(([peer]) => !COLUMNS.includes(peer));
  const rest = others.map(([peer, value]) => `${peer} ${text(value)}`).join(', ');
  return [`| ${[line, ...cells, rest].join(' | ')} |`.replace(/ {2,}/g, ' ')];
}

function figureText({ target, unit, figure }: Verdict): string {
  const { of, bound } = target;
  if (figure === null) return '–';
  if (of === null) return valueText(figure, unit);
  if (typeof of === 'object') return `${short(figure)} × '${of.line}'`;
  const better = unit === 'ns' ? 'faster' : 'smaller';
  return `${short(figure)} × ${bound === 'at most' ? of : `${better} than ${of}`}`;
}

function targetText({ target }: Verdict): string {
  const { bound, value, unit } = target;
  const sign = bound === 'at most' ? '≤' : '≥';
  return `${sign} ${unit === null ? `${+value.toFixed(2)} ×` : valueText(value, unit)}`;
}

function rowText({ line, unit, values, ratios, control }: Row, peers: readonly Peer[]): string {
  const cells = peers.map((peer) => {
    const value = values[peer];
    if (value === undefined) return '·';
    const ratio = ratios[peer];
    const beside = ratio === undefined ? '' : ` ${short(ratio)}×`.padStart(8);
    return `${valueText(value, unit)}${beside}`;
  });
  const isNoisy = control !== null && control > NOISY;
  const noise = isNoisy ? `  noisy: equal code ${Math.round(control * 100)} % apart` : '';
  const text = cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');
  return `  ${line.padEnd(LINE_WIDTH)}${text}${noise}`;
}

/** Three digits, and no more than the figure is worth. */
function short(value: number): string {
  if (!Number.isFinite(value)) return 'all';
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}
