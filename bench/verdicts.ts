/**
 * Holds what was measured against what it has to reach.
 *
 * A figure is a ratio wherever there is a measure: how many times ours takes what the measure
 * takes (`at most`), or how many times the measure takes what ours takes (`at least`).
 */

import type { Question, Target, Unit } from './question.ts';
import { type Round, type Row, ratioOver, valueOver } from './rounds.ts';

/** What came of one target. */
export interface Verdict {
  readonly target: Target;
  readonly unit: Unit;
  /** Ours, in its unit; null where it was not measured. */
  readonly value: number | null;
  /** What is held against the target; null where either side was not measured. */
  readonly figure: number | null;
  readonly says: 'PASS' | 'short' | 'not here';
}

/** The verdicts of `question` after `rounds`. */
export function verdictsOf(
  question: Question,
  rows: readonly Row[],
  rounds: readonly Round[],
): Verdict[] {
  return question.targets.map((target) => {
    const { line } = target;
    const value = valueOver(rounds, 'visorfs', line);
    const unit = rows.find((row) => row.line === line)?.unit ?? 'ns';
    const figure = figureOf(target, rounds);
    return { target, unit, value, figure, says: sayingOf(target, figure) };
  });
}

function figureOf({ line, of, bound }: Target, rounds: readonly Round[]): number | null {
  if (of === null) return valueOver(rounds, 'visorfs', line);
  if (typeof of === 'object') return ratioOver(rounds, ['visorfs', line], ['visorfs', of.line]);
  return bound === 'at most'
    ? ratioOver(rounds, ['visorfs', line], [of, line])
    : ratioOver(rounds, [of, line], ['visorfs', line]);
}

function sayingOf({ bound, value }: Target, figure: number | null): Verdict['says'] {
  if (figure === null) return 'not here';
  return (bound === 'at most' ? figure <= value : figure >= value) ? 'PASS' : 'short';
}
