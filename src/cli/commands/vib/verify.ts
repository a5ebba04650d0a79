/**
 * `visorfs vib verify`: whether VIBs hold what their descriptors say, and whose they are.
 *
 * Exit code 1 where anything does not hold.
 */

import type { Command } from 'commander';
import {
  CorruptError,
  shownLevel,
  type VerifyOptions,
  type VibVerification,
  verifyVib,
} from '../../../node.ts';
import { counted } from '../../figures.ts';
import { landingArgument } from '../../landing.ts';
import { CommandError, jsonLine, type Output } from '../../output.ts';
import { printable } from '../../printable.ts';
import { Progress } from '../../progress.ts';
import { addTrust, signatureOptions, type TrustOptions } from '../../trust.ts';
import { VIB, withVib } from '../../vib-files.ts';

interface Options extends TrustOptions {
  readonly json?: true;
}

/** What became of one file: it was verified, or cannot even be read. */
interface Outcome {
  readonly file: string;
  readonly verification: VibVerification | null;
  readonly error: string | null;
}

const VOCABULARY = `
What is said of a signature:
  unsigned   there is none: only the acceptance level community goes without
  invalid    it is no signature, or over other bytes than this descriptor
  untrusted  it is over these bytes; no root that was named vouches for it
  trusted    it is over these bytes, and a root that was named vouches for it
Certificates must be good when it was signed, where the signature says when,
else at --at. Whether they were revoked is not looked up.
An acceptance level is declared by the VIB, and proven by a trusted signature;
without one, no more than community is.

Example:
  visorfs vib verify --trust vendor-root.pem *.vib`;

/** Adds `verify` to `vib`. */
export function addVibVerify(vib: Command, out: Output): void {
  const command = vib
    .command('verify')
    .summary('whether VIBs hold what they say')
    .description(
      'Checks sizes, sums, the list of files, the signature and the acceptance level of VIBs.',
    )
    .addArgument(landingArgument('<vib...>', VIB));
  addTrust(command)
    .option('--json', 'what was found, as an array of objects')
    .addHelpText('after', VOCABULARY)
    .action(async (files: string[], options: Options) => {
      const verify = signatureOptions(options);
      const outcomes: Outcome[] = [];
      const progress = new Progress(out, 'verifying');
      try {
        for (const [index, file] of files.entries()) {
          progress.step(index, files.length, file);
          const shown = out.nameOf?.(file) ?? file;
          outcomes.push({ ...(await outcomeOf(file, verify)), file: shown });
          out.signal.throwIfAborted();
        }
      } finally {
        progress.end();
      }
      await out.write(
        options.json
          ? jsonLine(outcomes.map((one) => outcomeRow(one, options)))
          : outcomes.map(outcomeText).join('\n'),
      );
      const failed = outcomes.filter((one) => !holds(one)).length;
      if (failed > 0) throw new CommandError(`${failed} of ${counted(files.length, 'VIB')} failed`);
    });
}

async function outcomeOf(file: string, options: VerifyOptions): Promise<Outcome> {
  try {
    const verification = await withVib(file, (one) => verifyVib(one, options));
    return { file, verification, error: null };
  } catch (error) {
    // One that cannot be read must not keep the others from being verified.
    if (!(error instanceof CorruptError) || isOfRoot(error, options)) throw error;
    return { file, verification: null, error: error.message };
  }
}

function isOfRoot({ archive }: CorruptError, { signature }: VerifyOptions): boolean {
  return (signature?.roots ?? []).some(({ name }) => name === archive);
}

function holds({ verification }: Outcome): boolean {
  return verification !== null && verification.findings.length === 0;
}

function outcomeRow({ file, verification, error }: Outcome, { at: said }: Options): unknown {
  if (verification === null) return { file, holds: false, error };
  const { signature, ...rest } = verification;
  const { atMs, ...verdict } = signature;
  const at = atMs === null ? null : new Date(atMs).toISOString();
  // Nobody gave it: it is the clock of this machine.
  const isNow = verdict.atFrom === 'given' && said === undefined;
  const atFrom = isNow ? 'now' : verdict.atFrom;
  return {
    file,
    holds: verification.findings.length === 0,
    ...rest,
    signature: { ...verdict, at, atFrom },
  };
}

function outcomeText(outcome: Outcome): string {
  const { file, verification, error } = outcome;
  if (verification === null) return `${printable(file)}: unreadable\n   ${printable(error!)}\n`;
  const { id, payloads, signature, declaredLevel, provenLevel, findings } = verification;
  const lines = payloads.map(({ name, type, size, checksumCount, fileCount }) => {
    const said = [type, size === null ? 'missing' : `${size} bytes`];
    said.push(`${counted(checksumCount, 'checksum')} right`);
    if (fileCount !== null) said.push(counted(fileCount, 'file'));
    return `Payload ${name}: ${said.join(', ')}`;
  });
  lines.push(`Signature: ${signature.status}: ${signature.reason}`);
  if (signature.signer !== null) lines.push(`Signer: ${signature.signer}`);
  if (signature.atMs !== null) {
    const from =
      signature.atFrom === 'given' ? 'as the signature has no time' : 'when it was signed';
    lines.push(`Certificates At: ${new Date(signature.atMs).toISOString()}, ${from}`);
  }
  const proven =
    signature.status === 'unchecked' ? 'unchecked' : `${shownLevel(provenLevel)} proven`;
  lines.push(`Acceptance Level: ${shownLevel(declaredLevel)} declared, ${proven}`);
  for (const { code, subject, message } of findings) {
    lines.push(`Finding: ${code}: ${subject}: ${message}`);
  }
  const verdict = holds(outcome) ? 'holds' : counted(findings.length, 'finding');
  const body = lines.map((line) => `   ${printable(line)}\n`).join('');
  return `${printable(file)}: ${printable(id)}: ${verdict}\n${body}`;
}
