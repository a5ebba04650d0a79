/**
 * What all of one run of lint share.
 */

import type { Codec } from '../codec/codec.ts';
import type { SignatureOptions } from '../software/signature.ts';
import type { Neighbours } from './neighbours.ts';

/** What all of one run of lint share. */
export interface LintContext {
  readonly codec: Codec;
  /** How signatures are checked; undefined leaves them, and the levels that rest on them, alone. */
  readonly signature: SignatureOptions | undefined;
  /** The ramdisks that must stage a VIB and take a state, in bytes. */
  readonly stageBytes: number;
  readonly etcBytes: number;
  /** The VIBs that were seen so far. */
  readonly neighbours: Neighbours;
}

/** What an archive turned out to be. */
export type LintKind = 'tar' | 'visor tar' | 'state' | 'vib' | 'bundle' | 'bank' | 'unknown';
