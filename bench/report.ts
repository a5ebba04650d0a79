/**
 * What a run found, as it is printed, drawn and kept in results.json.
 */

import type { Peer } from './peers.ts';
import type { Chapter, Question } from './question.ts';
import { absences, type Round, type Row, rowsOf } from './rounds.ts';
import type { Scale } from './scale.ts';
import { machineText } from './table.ts';
import { type Verdict, verdictsOf } from './verdicts.ts';

/** What came of one question. */
export interface QuestionReport {
  readonly name: string;
  readonly chapter: Chapter;
  readonly claim: string;
  readonly rounds: number;
  /** How long all of them took. */
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
  /** Who could not answer, and why. */
  readonly absent: Readonly<Partial<Record<Peer, string>>>;
}

/** What came of a run. */
export interface Report {
  readonly scale: string;
  readonly machine: string;
  readonly questions: readonly QuestionReport[];
}

/** What came of `question` in `rounds`. */
export function questionReport(
  question: Question,
  rounds: readonly Round[],
  seconds: number,
): QuestionReport {
  const { name, chapter, claim } = question;
  const rows = rowsOf(question, rounds);
  return {
    name,
    chapter,
    claim,
    rounds: rounds.length,
    seconds,
    rows,
    verdicts: verdictsOf(question, rows, rounds),
    absent: Object.fromEntries(absences(question, rounds)),
  };
}

/** What came of a run at `scale`, in which a loop was timed now and again. */
export function reportOf(
  scale: Scale,
  spins: readonly number[],
  questions: readonly QuestionReport[],
): Report {
  return { scale: scale.name, machine: machineText(spins), questions };
}
