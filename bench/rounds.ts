/**
 * Asks a question of all its peers in turns, and makes rows of what they answer.
 *
 *   round 1   visorfs  memfs   kernel  floor   yarn
 *   round 2            floor   kernel  memfs   visorfs     so that nobody is always first
 *   round 3                    kernel          visorfs     where the kernel is the measure
 *
 * A ratio is taken within a round, between neighbours in time, and the median over rounds is given:
 * a machine that slows down slows down both. The rounds of one question lie apart in time, with
 * those of others between them, and the last ones are left out where time is short. Whom no target
 * names as its measure is asked in the first two rounds if it is an anchor, else in the first only,
 * and in a quick look not at all.
 */

import { performance } from 'node:perf_hooks';
import { median } from './clock.ts';
import { ANCHORS, type Peer } from './peers.ts';
import type { Question, Reading, Unit } from './question.ts';
import type { Scale } from './scale.ts';

const ANCHOR_ROUNDS = 2;

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

/** What came of asking a question again and again. */
export interface Asked {
  readonly question: Question;
  readonly rounds: Round[];
  seconds: number;
}

/**
 * Asks every question once, and then whichever is furthest from the rounds it wants, as long as
 * there is time.
 */
export async function allRounds(
  scale: Scale,
  questions: readonly Question[],
  ask: Asker,
): Promise<readonly Asked[]> {
  const start = performance.now();
  const spent = (): number => (performance.now() - start) / 1000;
  const all = questions.map((question): Asked => ({ question, rounds: [], seconds: 0 }));
  const share = ({ question, rounds }: Asked): number =>
    rounds.length / scale.rounds[question.kind];
  for (;;) {
    const fits = ({ rounds: { length }, seconds }: Asked): boolean =>
      length === 0 || spent() + seconds / length < scale.budgetSeconds;
    const [next] = all
      .filter((asked) => share(asked) < 1 && fits(asked))
      .sort((left, right) => share(left) - share(right));
    if (next === undefined) return all;
    const before = spent();
    next.rounds.push(await askAll(next.question, next.rounds.length, scale, ask));
    next.seconds += spent() - before;
  }
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
