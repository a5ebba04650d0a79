/**
 * lint: what ESXi, or this engine, would trip over in archives, VIBs, bundles, banks and states.
 *
 *   archive, bank ──► what is it ──► looked at ──► findings   rule, level, place, what
 *                                        │
 *                                        └──► neighbours      files of one VIB that another covers
 *
 * It advises and never fails: bytes that lie are a finding with their place. What it throws is what
 * reading throws where a file cannot be read.
 *
 * Not here: the rules (rules.ts), what is printed of them.
 */

import { ETC_RAMDISK_BYTES, STAGE_RAMDISK_BYTES } from '../base/limits.ts';
import type { Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { DepotSource } from '../software/depot-source.ts';
import type { SignatureOptions } from '../software/signature.ts';
import { lintArchive } from './archive.ts';
import { type LintBank, lintBank } from './bank.ts';
import { lintPlace } from './bundle.ts';
import type { LintContext, LintKind } from './context.ts';
import { Findings, type LintFinding } from './findings.ts';
import { Neighbours } from './neighbours.ts';

export type { LintBank } from './bank.ts';
export type { LintKind } from './context.ts';
export type { LintFinding } from './findings.ts';

/** Something to look at: it is opened when its turn comes, and closed. */
export type LintSubject =
  | { readonly name: string; readonly open: () => Promise<Source> }
  | { readonly name: string; readonly bank: LintBank }
  | { readonly name: string; readonly depot: DepotSource };

/** How to look. */
export interface LintOptions {
  /** How signatures of VIBs are checked: they and the levels on them are left alone unless said. */
  readonly signature?: SignatureOptions;
  /** The ramdisk that must stage a VIB, in bytes: 300 MiB unless said. */
  readonly stageBytes?: number;
  /** The ramdisk that a state must fit into, in bytes: 28 MiB unless said. */
  readonly etcBytes?: number;
  /** Told before each subject, and each file of a bank. */
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly count: number;
    readonly what: string;
  }) => void;
  /** Ends it between two subjects, or two files of a bank: what was its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** What was found of one subject. */
export interface LintReport {
  readonly archive: string;
  readonly kind: LintKind;
  readonly findings: readonly LintFinding[];
}

/** Looks at `subjects`, one after the other, as if a host had them all. */
export async function lint(
  subjects: readonly LintSubject[],
  codec: Codec,
  options: LintOptions = {},
): Promise<LintReport[]> {
  const context: LintContext = {
    codec,
    signature: options.signature,
    stageBytes: options.stageBytes ?? STAGE_RAMDISK_BYTES,
    etcBytes: options.etcBytes ?? ETC_RAMDISK_BYTES,
    neighbours: new Neighbours(),
  };
  const reports: LintReport[] = [];
  for (const [done, subject] of subjects.entries()) {
    const tell = (what: string): void => {
      options.signal?.throwIfAborted();
      options.onProgress?.({ done, count: subjects.length, what });
    };
    tell(subject.name);
    reports.push(await lintOne(subject, context, tell));
  }
  return reports;
}

async function lintOne(
  subject: LintSubject,
  context: LintContext,
  tell: (what: string) => void,
): Promise<LintReport> {
  const { name } = subject;
  const findings = new Findings(name);
  if ('bank' in subject) {
    await lintBank(subject.bank, context, findings, (file) => tell(`${name}/${file}`));
    return { archive: name, kind: 'bank', findings: findings.all() };
  }
  if ('depot' in subject) {
    try {
      await lintPlace(subject.depot, context, findings);
      return { archive: name, kind: 'bundle', findings: findings.all() };
    } finally {
      subject.depot.close();
    }
  }
  const source = await subject.open();
  try {
    const kind = await lintArchive(source, context, findings);
    return { archive: name, kind, findings: findings.all() };
  } finally {
    source.close();
  }
}
