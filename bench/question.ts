/**
 * A question, what a peer answers, and what the answer has to reach.
 *
 * A question is asked of one peer at a time, in a process of its own; rounds.ts asks them in turns,
 * verdicts.ts holds the answers against the targets.
 */

import type { Peer } from './peers.ts';
import type { Scale } from './scale.ts';
import type { Shelf } from './shelf.ts';

/** What values count; less is better in all of them. */
export type Unit = 'ns' | 'bytes' | 'percent';

/** What one peer answers to one line of a question. */
export interface Reading {
  readonly line: string;
  readonly unit: Unit;
  readonly value: number;
  /** How far apart two benches of the same code were; null where that was not tried. */
  readonly control: number | null;
}

/** What a line has to reach. */
export interface Target {
  readonly line: string;
  /** The peer that is the measure, another line of ours, or null for the figure itself. */
  readonly of: Peer | { readonly line: string } | null;
  readonly bound: 'at most' | 'at least';
  readonly value: number;
  /** What `value` counts; null where it is a ratio. */
  readonly unit: Unit | null;
}

/** What a question is about, as README and tables group them. */
export type Chapter =
  | 'Mount'
  | 'Mount without inflating'
  | 'Hot path'
  | 'Writes'
  | 'Memory'
  | 'Fork and snapshot'
  | 'Fleet';

/**
 * How often it is asked: `cold` what a fresh process shows but once, `steady` what comes in many
 * turns, `weight` what time has no part in.
 */
export type Kind = 'cold' | 'steady' | 'weight';

/** One question of the bench. */
export interface Question {
  readonly name: string;
  readonly chapter: Chapter;
  /** What is claimed, in one sentence that the figures show to be true or false. */
  readonly claim: string;
  readonly kind: Kind;
  readonly peers: readonly Peer[];
  readonly targets: readonly Target[];
  /** Files of the shelf that must lie there before anybody is asked. */
  readonly archives?: readonly string[];
  /** Whether it asks at size what another asks in little: left out of a quick look. */
  readonly isLong?: boolean;
  ask(peer: Peer, scale: Scale, shelf: Shelf): Promise<Reading[]>;
}

/** Thrown where this machine, or this build, has not got what a peer needs. */
export class NotHere extends Error {}

/** A reading of time without a control. */
export function timed(line: string, nanoseconds: number): Reading {
  return { line, unit: 'ns', value: nanoseconds, control: null };
}

/** A reading of memory. */
export function weighed(line: string, bytes: number): Reading {
  return { line, unit: 'bytes', value: bytes, control: null };
}

/** A reading of a part of a whole. */
export function share(line: string, part: number, whole: number): Reading {
  return { line, unit: 'percent', value: (100 * part) / whole, control: null };
}

/** `line` takes at most `value` times what `peer` takes. */
export function atMost(value: number, peer: Peer, line: string): Target {
  return { line, of: peer, bound: 'at most', value, unit: null };
}

/** `peer` takes at least `value` times what `line` takes. */
export function atLeast(value: number, peer: Peer, line: string): Target {
  return { line, of: peer, bound: 'at least', value, unit: null };
}

/** `line` takes at most `value` times what the line `other` takes. */
export function within(value: number, other: string, line: string): Target {
  return { line, of: { line: other }, bound: 'at most', value, unit: null };
}

/** `line` takes at most `value`, whatever others take. */
export function limit(value: number, unit: Unit, line: string): Target {
  return { line, of: null, bound: 'at most', value, unit };
}
