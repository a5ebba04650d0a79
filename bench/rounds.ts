/**
 * Asks a question of all its peers in turns, and makes rows of what they answer.
 *
 *   round 1   visorfs  memfs   kernel  floor   yarn
 *   round 2            floor   kernel  memfs   visorfs     so that nobody is always first
 *   round 4                    kernel          visorfs     where the kernel is the measure
 *
 * A ratio is taken within a round, between neighbours in time, and the median over rounds is given:
 * a machine that slows down slows down both. Rounds go through all questions before the next one
 * starts, so that those of one question lie apart in time, and the last ones are left out where
 * time is short. Whom no target names as its measure is asked in the first three rounds if it is an
 * anchor, else in the first only, and in a quick look not at all.
 */

import { performance } from 'node:perf_hooks';
import { median } from './clock.ts';
import { ANCHORS, type Peer } from './peers.ts';
import type { Question, Reading, Unit } from './question.ts';
import type { Scale } from './scale.ts';

const ANCHOR_ROUNDS = 3;

/** What one peer answered: readings, or why there are none. */
export type Answer = { readonly readings: readonly Reading[] } | { readonly notHere: string };

/** Asks one peer, in a process of its own unless it is a test that asks. */
export type Asker = (question: Question, peer: Peer) => Promise<Answer>;

/** What all peers answered in one round. */
export type Round = ReadonlyMap<Peer, Answer>;

/** Figures by peer. */
export type Figures = Readonly<Partial<Record<Peer, number>>>;

/** One line of one question. */
export interface Row {
  readonly line: string;
  readonly unit: Unit;
  /** The median of all rounds. */
  readonly values: Figures;
  /** How many times ours goes into theirs: above 1 where ours is faster or smaller. */
  readonly ratios: Figures;
  /** How far apart two benches of the same code were, the median of all processes. */
  readonly control: number | null;
}

/** Asks the peers of `question`, every other `round` in the reversed order. */
export async function askAll(
  question: Question,
  round: number,
  scale: Pick<Scale, 'asksAll'>,
  ask: Asker,
): Promise<Round> {
  const isMeasure = (peer: Peer): boolean =>
    peer === 'visorfs' || question.targets.some(({ of }) => of === peer);
  const isAsked = (peer: Peer): boolean =>
    isMeasure(peer) ||
    (ANCHORS.includes(peer) ? round < ANCHOR_ROUNDS : round === 0 && scale.asksAll);
  const asked = question.peers.filter(isAsked);
  if (round % 2 === 1) asked.reverse();
  const answers = new Map<Peer, Answer>();
  for (const peer of asked) answers.set(peer, await ask(question, peer));
  return answers;
}

/** Asks every question once, and again for as many rounds as it wants and there is time. */
export async function allRounds(
  scale: Scale,
  questions: readonly Question[],
  ask: Asker,
): Promise<Map<Question, { rounds: Round[]; seconds: number }>> {
  const start = performance.now();
  const spent = (): number => (performance.now() - start) / 1000;
  const asked = new Map(
    questions.map((question) => [question, { rounds: [] as Round[], seconds: 0 }]),
  );
  for (let round = 0; round < Math.max(...Object.values(scale.rounds)); round++) {
    for (const [question, so] of asked) {
      const before = spent();
      const fits = before + so.seconds / Math.max(1, so.rounds.length) < scale.budgetSeconds;
      if (round > 0 && (round >= scale.rounds[question.kind] || !fits)) continue;
      so.rounds.push(await askAll(question, round, scale, ask));
      so.seconds += spent() - before;
    }
  }
  return asked;
}

/** What `peer` said to `line` in `round`. */
export function readingIn(round: Round, peer: Peer, line: string): Reading | undefined {
  const answer = round.get(peer);
  if (answer === undefined || 'notHere' in answer) return undefined;
  return answer.readings.find((reading) => reading.line === line);
}

/** The rows of `question` after `rounds`, in the order of its first peer that has the line. */
export function rowsOf({ peers }: Question, rounds: readonly Round[]): Row[] {
  const units = new Map<string, Unit>();
  for (const peer of peers) {
    const answer = rounds[0]?.get(peer);
    if (answer === undefined || 'notHere' in answer) continue;
    for (const { line, unit } of answer.readings) if (!units.has(line)) units.set(line, unit);
  }
  return [...units].map(([line, unit]) => rowOf(line, unit, peers, rounds));
}

/** Who could not answer, and why. */
export function absences({ peers }: Question, rounds: readonly Round[]): Map<Peer, string> {
  const missing = new Map<Peer, string>();
  for (const peer of peers) {
    const answer = rounds[0]?.get(peer);
    if (answer !== undefined && 'notHere' in answer) missing.set(peer, answer.notHere);
  }
  return missing;
}

/** The median of the quotients of two readings of each round; null where no round has both. */
export function ratioOver(
  rounds: readonly Round[],
  upper: readonly [peer: Peer, line: string],
  lower: readonly [peer: Peer, line: string],
): number | null {
  return medianOf(
    rounds.map((round) => {
      const above = readingIn(round, ...upper)?.value;
      const below = readingIn(round, ...lower)?.value;
      return above === undefined || below === undefined ? undefined : above / below;
    }),
  );
}

/** The median of what `peer` said to `line`; null where it said nothing. */
export function valueOver(rounds: readonly Round[], peer: Peer, line: string): number | null {
  return medianOf(rounds.map((round) => readingIn(round, peer, line)?.value));
}

function rowOf(line: string, unit: Unit, peers: readonly Peer[], rounds: readonly Round[]): Row {
  const values: Partial<Record<Peer, number>> = {};
  const ratios: Partial<Record<Peer, number>> = {};
  for (const peer of peers) {
    const value = valueOver(rounds, peer, line);
    if (value !== null) values[peer] = value;
    const ratio = ratioOver(rounds, [peer, line], ['visorfs', line]);
    if (ratio !== null && peer !== 'visorfs') ratios[peer] = ratio;
  }
  const controls = rounds.flatMap((round) =>
    peers.map((peer) => readingIn(round, peer, line)?.control),
  );
  return { line, unit, values, ratios, control: medianOf(controls) };
}

function medianOf(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : median(known);
}
