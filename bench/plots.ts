/**
 * The plots: what an entry costs by how many there are, what the hot path takes in others, what a
 * fork costs, and what a soak leaves.
 */

import type { Peer } from './peers.ts';
import { entryLine, stackLine } from './questions/entries.ts';
import { forkLine } from './questions/fork.ts';
import { SOAK_STEPS, soakLine } from './questions/soak.ts';
import type { Report } from './report.ts';
import type { Row } from './rounds.ts';
import { SCALES, type Scale } from './scale.ts';
import { type Axis, barChart, lineChart, type Series } from './svg.ts';
import { valueText } from './table.ts';

const MEBIBYTE = 1 << 20;
const CHARTED: readonly Peer[] = ['visorfs', 'memfs', 'kernel', 'floor'];
const HOT_LINES: Readonly<Record<string, string>> = {
  statSync: 'statSync',
  'existsSync, absent': 'existsSync, absent',
  'open, read 1 KB, close': 'open, read 1 KB, close',
  'readFileSync 1 KB': 'readFileSync 1 KB',
  'promises.readFile 1 KB': 'promises.readFile 1 KB',
  'readFileSync 64 MB': 'readFileSync 64 MB',
  'createReadStream 64 MB': 'createReadStream 64 MB',
  'readdir of 10,000': 'readdir of 10,000',
  'walk, for each entry': 'walk',
  'create 1 KB': 'create 1 KB',
  'append 64 KiB': 'append 64 KiB',
  'unlink 1 KB': 'unlink 1 KB',
};

const NANOSECONDS = (label: string): Axis => ({
  label,
  isLog: true,
  text: (value) => tidy(valueText(value, 'ns')),
});
const COUNTS = (label: string, ticks: readonly number[]): Axis => ({
  label,
  isLog: true,
  ticks,
  text: (value) => value.toLocaleString('en'),
});

/** Every plot of `report` that its figures suffice for, by name. */
export function plotsOf(report: Report): Map<string, string> {
  const rows = new Map(
    report.questions.flatMap((question) => question.rows.map((row) => [row.line, row] as const)),
  );
  const scale = SCALES[report.scale as keyof typeof SCALES];
  const plots = {
    entries: over(rows, scale.entryCounts, entryLine, {
      title: 'Mounting: what one entry costs',
      x: COUNTS('entries in the archive', scale.entryCounts),
      y: NANOSECONDS('time for each entry'),
    }),
    stacks: over(rows, scale.stackCounts, stackLine, {
      title: 'Mounting: what one entry costs in a stack of tardisks',
      x: COUNTS('tardisks that share the same entries', scale.stackCounts),
      y: NANOSECONDS('time for each entry'),
    }),
    fork: over(rows, scale.forkCounts, (count) => forkLine('fork', count), {
      title: 'What a second tree costs',
      x: COUNTS('files in the tree', scale.forkCounts),
      y: NANOSECONDS('fork(); memfs: fromJSON(toJSON()); floor: a copy of 32 bytes an entry'),
    }),
    hot: hotPlot(rows),
    soak: soakPlot(rows, scale),
  };
  return new Map(
    Object.entries(plots).filter((plot): plot is [string, string] => plot[1] !== null),
  );
}

/** Lines of all peers that have two points or more; null where there are none. */
function over(
  rows: ReadonlyMap<string, Row>,
  counts: readonly number[],
  line: (count: number) => string,
  chart: { readonly title: string; readonly x: Axis; readonly y: Axis },
): string | null {
  const series = CHARTED.map((name): Series => {
    const points = counts.flatMap((count): [number, number][] => {
      const value = rows.get(line(count))?.values[name];
      return value === undefined ? [] : [[count, value]];
    });
    return { name, points };
  }).filter(({ points }) => points.length > 1);
  return series.length === 0 ? null : lineChart({ ...chart, series });
}

function hotPlot(rows: ReadonlyMap<string, Row>): string | null {
  const groups = Object.entries(HOT_LINES).flatMap(([line, label]) => {
    const ratios = rows.get(line)?.ratios ?? {};
    const bars = (['memfs', 'kernel', 'floor'] as const).flatMap((name) => {
      const value = ratios[name];
      return value === undefined || !(value > 0) ? [] : [{ name, value }];
    });
    return bars.length === 0 ? [] : [{ label, bars }];
  });
  if (groups.length === 0) return null;
  return barChart({
    title: 'How many times as long as visorfs others take',
    label: 'right of 1: visorfs is faster (the floor has no semantics: to be near 1 is the aim)',
    groups,
    text: (value) => `${factor(value)}×`,
  });
}

function soakPlot(rows: ReadonlyMap<string, Row>, { soakOperations }: Scale): string | null {
  const series = CHARTED.map((name): Series => {
    const points = SOAK_STEPS.flatMap((step): [number, number][] => {
      const value = rows.get(soakLine(step))?.values[name];
      return value === undefined ? [] : [[step * 20, value / MEBIBYTE]];
    });
    return { name, points };
  }).filter(({ points }) => points.length > 1);
  if (series.length === 0) return null;
  const millions = soakOperations / 1e6;
  return lineChart({
    title: `What ${millions} million mixed operations leave in memory`,
    x: {
      label: 'operations done (memfs and floor: of a tenth)',
      isLog: false,
      ticks: [0, ...SOAK_STEPS.map((step) => step * 20)],
      text: percent,
    },
    y: { label: 'heap and buffers in use', isLog: false, text: mebibytes },
    series,
  });
}

const percent = (value: number): string => `${value} %`;
const mebibytes = (value: number): string => `${value.toLocaleString('en')} MiB`;

/** Two digits, or all before the point. */
function factor(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : String(+value.toPrecision(2));
}

/** `1.00 µs` as `1 µs`. */
function tidy(text: string): string {
  return text.replace(/\.0+ /, ' ');
}
