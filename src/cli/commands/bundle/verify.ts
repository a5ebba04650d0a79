/**
 * `visorfs bundle verify`: whether a bundle holds what it says.
 */

import type { Command } from 'commander';
import { type DepotVerification, verifyBundle } from '../../../node.ts';
import { BUNDLE, BUNDLE_HELP, withBundle } from '../../bundles.ts';
import { counted } from '../../figures.ts';
import { landingArgument } from '../../landing.ts';
import { CommandError, jsonLine, type Output } from '../../output.ts';
import { printable } from '../../printable.ts';
import { Progress } from '../../progress.ts';
import { addTrust, signatureOptions, type TrustOptions } from '../../trust.ts';

interface Options extends TrustOptions {
  readonly json?: true;
}

interface Finding {
  readonly code: string;
  readonly subject: string;
  readonly message: string;
}

interface Row {
  readonly id: string;
  readonly path: string;
  /** What its signature is worth; null where it could not be opened. */
  readonly signature: { readonly status: string; readonly signer: string | null } | null;
  readonly findings: readonly Finding[];
}

/** Adds `verify` to `bundle`. */
export function addBundleVerify(bundle: Command, out: Output): void {
  const command = bundle
    .command('verify')
    .summary('whether a bundle holds what it says')
    .description(
      'Checks that all that a bundle speaks of is there: sizes and sums of its VIBs, what they ' +
        'and the metadata say of them, each VIB in itself, bulletins and profiles. Ends with 1 ' +
        'where something does not hold.',
    )
    .addArgument(landingArgument('<bundle>', BUNDLE, { address: 'itself' }));
  addTrust(command)
    .option('--json', 'what was found, as an object')
    .addHelpText('after', `${BUNDLE_HELP}\nExample:\n  visorfs bundle verify offline-bundle.zip`)
    .action(async (name: string, { json, ...options }: Options) => {
      const trust = signatureOptions(options);
      const found = await withBundle(name, out, async (opened) => {
        const progress = new Progress(out, 'verifying');
        try {
          return await verifyBundle(opened, {
            ...trust,
            signal: out.signal,
            onProgress: ({ done, count, what }) => progress.step(done, count, what),
          });
        } finally {
          progress.end();
        }
      });
      const rows = found.vibs.map(rowOf);
      const count = [...rows, found].reduce((sum, { findings }) => sum + findings.length, 0);
      const holds = count === 0;
      const report = { bundle: name, holds, vibs: rows, findings: found.findings };
      await out.write(json ? jsonLine(report) : textOf(rows, found.findings));
      if (!holds) throw new CommandError(`'${name}' does not hold: ${counted(count, 'finding')}`);
    });
}

/** A VIB with all that was found of it: what the bundle says of it, and what it is in itself. */
function rowOf({ vib, verification, findings }: DepotVerification['vibs'][number]): Row {
  const { id, path } = vib;
  if (verification === null) return { id, path, signature: null, findings };
  const { status, signer } = verification.signature;
  const signature = { status, signer };
  return { id, path, signature, findings: [...findings, ...verification.findings] };
}

function textOf(rows: readonly Row[], findings: readonly Finding[]): string {
  const vibs = rows.map((row) => {
    const verdict = row.findings.length === 0 ? 'holds' : counted(row.findings.length, 'finding');
    return [`${row.id}: ${verdict}`, ...row.findings.map(lineOf)];
  });
  const lines = [...vibs.flat(), ...findings.map(lineOf)];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function lineOf({ code, subject, message }: Finding): string {
  return `   ${code}: ${subject}: ${message}`;
}
