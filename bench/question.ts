/**
 * A question, and what a peer answers.
 *
 * A question is asked of one peer at a time, in a process of its own; rounds.ts asks them in turns
 * and makes rows of it.
 */

import type { Manifest } from './archives.ts';
import type { Peer } from './peers.ts';
import type { Scale } from './scale.ts';

/** What values count: time for one operation, or memory. */
export type Unit = 'ns' | 'bytes';

/** What one peer answers to one line of a question. */
export interface Reading {
  readonly line: string;
  readonly unit: Unit;
  readonly value: number;
  /**
   * How far apart two benches of the same code were, 0 where they agreed; null where that was not
   * tried.
   */
  readonly control: number | null;
}

/** The archives that are ready to be read, by name, with what they hold. */
export interface Shelf {
  readonly base: Manifest;
  readonly many: Manifest;
  read(name: ArchiveName): Uint8Array;
  /** The archive as a file. */
  file(name: ArchiveName): string;
}

/** The archives there are. */
export type ArchiveName = 'base.tar' | 'base.tgz' | 'many.tar';

/** One question of the bench. */
export interface Question {
  readonly name: string;
  /** What is claimed, in one sentence that the figures show to be true or false. */
  readonly claim: string;
  readonly peers: readonly Peer[];
  /** Whether time has no part in it, so that one round says all. */
  readonly isSteady?: boolean;
  /** Whether it asks at size what another asks in little: left out of a quick look. */
  readonly isLong?: boolean;
  ask(peer: Peer, scale: Scale, shelf: Shelf): Promise<Reading[]>;
}

/** A reading of time without a control. */
export function timed(line: string, nanoseconds: number): Reading {
  return { line, unit: 'ns', value: nanoseconds, control: null };
}

/** A reading of memory. */
export function weighed(line: string, bytes: number): Reading {
  return { line, unit: 'bytes', value: bytes, control: null };
}
