/**
 * The figures as text: a table for each question under its claim, verdicts, the machine.
 */

import os from 'node:os';
import type { Question, Unit } from './question.ts';
import { MEMORY_ADDED_LINE, MEMORY_LINE, MEMORY_WHOLE_LINE } from './questions/memory.ts';
import { MOUNT_LINE } from './questions/mount.ts';
import { COLUMNS, type Row } from './rounds.ts';

const LINE_WIDTH = 50;
const VALUE_WIDTH = 9;
const NOISY = 0.05;

/** What the whole of the bench must show. */
export interface Verdict {
  readonly claim: string;
  readonly holds: boolean;
  readonly figure: string;
}

/** The heads of the columns. */
export function tableHead(): string {
  const heads = [...COLUMNS, '× memfs', '× kernel', '× floor'];
  return `${''.padEnd(LINE_WIDTH)}${heads.map((head) => head.padStart(VALUE_WIDTH)).join('')}`;
}

/** The rows of `question` under its claim. */
export function tableOf({ name, claim }: Question, rows: readonly Row[]): string {
  const rounds = rows[0]?.rounds ?? 0;
  const count = rounds === 1 ? 'one round' : `${rounds} rounds`;
  return [`${name}: ${claim} (${count})`, ...rows.map(rowText)].join('\n');
}

/** The acceptance of the bench, as far as its rows are there. */
export function verdictsOf(rows: readonly Row[]): Verdict[] {
  const find = (line: string): Row | undefined => rows.find((row) => row.line === line);
  const verdicts: Verdict[] = [];
  const mount = find(MOUNT_LINE);
  if (mount !== undefined) {
    const ratio = mount.ratios.memfs ?? 0;
    const first = find(MOUNT_LINE.replace('again', 'first'))?.ratios.memfs ?? 0;
    const recipe = `${times(ratio)} than tar-stream into memfs (${times(first)} the first time)`;
    const byHand = find(MOUNT_LINE.replace('tar-stream', 'hand'));
    verdicts.push({
      claim: 'mounting the 2,000-file image from .tar is at least 20 times faster than into memfs',
      holds: ratio >= 20,
      figure: `${recipe}; ${times(byHand?.ratios.memfs ?? 0)} than a copy loop by hand`,
    });
  }
  const memory = find(MEMORY_LINE);
  if (memory !== undefined) {
    const bytesOf = (line: string): number => Math.round(find(line)?.values.visorfs ?? Number.NaN);
    const bytes = bytesOf(MEMORY_LINE);
    const inMemory = `${bytesOf(MEMORY_ADDED_LINE)} beyond an archive that is in memory`;
    const whole = `${bytesOf(MEMORY_WHOLE_LINE)} with that archive's own headers and padding`;
    verdicts.push({
      claim: 'memory per mounted file beyond its content is under 150 bytes',
      holds: bytes < 150,
      figure: `${bytes} all told, mounted from disk; ${inMemory}, ${whole}`,
    });
  }
  return verdicts;
}

/** `verdict` in one line. */
export function verdictText({ claim, holds, figure }: Verdict): string {
  return `${holds ? 'PASS ' : 'short'}  ${claim}: ${figure}`;
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

function rowText({ line, unit, values, ratios, control }: Row): string {
  const cells = [
    ...COLUMNS.map((column) => valueText(values[column], unit)),
    ...[ratios.memfs, ratios.kernel, ratios.floor].map(ratioText),
  ];
  const isNoisy = control !== null && control > NOISY;
  const noise = isNoisy ? `  noisy: equal code ${Math.round(control * 100)} % apart` : '';
  const text = cells.map((cell) => cell.padStart(VALUE_WIDTH)).join('');
  return `  ${line.padEnd(LINE_WIDTH - 2)}${text}${noise}`;
}

function valueText(value: number | null, unit: Unit): string {
  if (value === null) return '·';
  const [steps, base] =
    unit === 'ns' ? [['ns', 'µs', 'ms', 's'], 1000] : [['B', 'KiB', 'MiB', 'GiB'], 1024];
  let at = 0;
  let rest = value;
  for (; Math.abs(rest) >= base && at < steps.length - 1; at++) rest /= base;
  return `${short(rest)} ${steps[at]}`;
}

function ratioText(ratio: number | null): string {
  if (ratio === null) return '·';
  return Number.isFinite(ratio) ? short(ratio) : 'all';
}

function times(ratio: number): string {
  return `${short(ratio)} × faster`;
}

/** Three digits, and no more than the figure is worth. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}
