/**
 * Asks a question of all its peers in turns, and makes rows of what they answer.
 *
 *   round 1   visorfs  memfs   kernel  floor
 *   round 2   floor    kernel  memfs   visorfs         so that nobody is always first
 *
 * A ratio is taken within a round, between neighbours in time, and the median over rounds is given:
 * a machine that slows down slows down both. Rounds go through all questions before the next one
 * starts, so that those of one question lie apart in time, and the last ones are left out where
 * time is short.
 */

import { median } from './clock.ts';
import type { Peer } from './peers.ts';
import type { Question, Reading, Unit } from './question.ts';

/** Whose figures stand in a column: a peer that is memfs in another way stands in memfs's. */
export type Column = 'visorfs' | 'memfs' | 'kernel' | 'floor';

/** The columns in their order. */
export const COLUMNS: readonly Column[] = ['visorfs', 'memfs', 'kernel', 'floor'];

/** One line of one question. */
export interface Row {
  readonly question: string;
  readonly line: string;
  readonly unit: Unit;
  readonly rounds: number;
  /** The median of all rounds; null where nobody answered. */
  readonly values: Readonly<Record<Column, number | null>>;
  /** How many times ours goes into theirs: above 1 where ours is faster or smaller. */
  readonly ratios: Readonly<Record<Exclude<Column, 'visorfs'>, number | null>>;
  /** How far apart two benches of the same code were, the median of all processes. */
  readonly control: number | null;
}

/** Asks one peer, in a process of its own unless it is a test that asks. */
export type Asker = (question: Question, peer: Peer) => Promise<readonly Reading[]>;

/** What all peers answered in one round. */
export type Answers = ReadonlyMap<Column, readonly Reading[]>;

/** Asks all peers of `question`, every other `round` in the reversed order. */
export async function askAll(question: Question, round: number, ask: Asker): Promise<Answers> {
  const order = round % 2 === 0 ? question.peers : [...question.peers].reverse();
  const answers = new Map<Column, readonly Reading[]>();
  for (const peer of order) {
    const column = columnOf(peer);
    answers.set(column, [...(answers.get(column) ?? []), ...(await ask(question, peer))]);
  }
  return answers;
}

/** The rows of `question` after `rounds`. */
export function rowsOf(question: Question, rounds: readonly Answers[]): Row[] {
  const lines = rounds[0]?.get('visorfs') ?? [];
  return lines.map(({ line, unit }) => rowOf(question.name, line, unit, rounds));
}

function rowOf(question: string, line: string, unit: Unit, rounds: readonly Answers[]): Row {
  const readings = rounds.map((answers) => {
    const of = (column: Column): Reading | undefined =>
      answers.get(column)?.find((reading) => reading.line === line);
    return { visorfs: of('visorfs'), memfs: of('memfs'), kernel: of('kernel'), floor: of('floor') };
  });
  const value = (column: Column): number | null =>
    medianOf(readings.map((round) => round[column]?.value));
  const ratio = (column: Column): number | null =>
    medianOf(readings.map((round) => quotient(round[column]?.value, round.visorfs?.value)));
  const controls = readings.flatMap((round) => COLUMNS.map((column) => round[column]?.control));
  return {
    question,
    line,
    unit,
    rounds: rounds.length,
    values: {
      visorfs: value('visorfs'),
      memfs: value('memfs'),
      kernel: value('kernel'),
      floor: value('floor'),
    },
    ratios: { memfs: ratio('memfs'), kernel: ratio('kernel'), floor: ratio('floor') },
    control: medianOf(controls),
  };
}

function columnOf(peer: Peer): Column {
  return peer === 'memfs-tar-stream' ? 'memfs' : peer;
}

function quotient(theirs: number | undefined, ours: number | undefined): number | undefined {
  return theirs === undefined || ours === undefined ? undefined : theirs / ours;
}

function medianOf(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : median(known);
}
