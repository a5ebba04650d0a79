/**
 * How commands are told to check signatures: whom to trust, when, or not at all.
 */

import fs from 'node:fs';
import type { Command } from 'commander';
import type { NamedBytes, VerifyOptions } from '../node.ts';
import { instant } from './instant.ts';
import { CommandError, UsageError } from './output.ts';
import { repeated } from './software-host.ts';

/** What the options of `addTrust` say. */
export interface TrustOptions {
  readonly trust?: readonly string[];
  readonly at?: string;
  readonly sigCheck: boolean;
}

/** Adds `--trust`, `--at` and `--no-sig-check` to `command`. */
export function addTrust(command: Command): Command {
  return command
    .addOption(repeated('--trust <certificate>', 'a root to trust, PEM or DER', {}))
    .option('--at <date>', 'when certificates must be good (default: now)')
    .option('--no-sig-check', 'leave signature and acceptance level alone');
}

/**
 * How to check signatures. Throws UsageError for options that do not go together, CommandError for
 * a certificate that is not there.
 */
export function signatureOptions(options: TrustOptions): Pick<VerifyOptions, 'signature'> {
  const { trust = [], at, sigCheck } = options;
  if (!sigCheck) {
    if (trust.length > 0) throw new UsageError('--no-sig-check leaves nothing to --trust');
    return {};
  }
  const atMs = at === undefined ? Date.now() : instant(at);
  return { signature: { roots: trust.map(certificateFile), atMs } };
}

function certificateFile(file: string): NamedBytes {
  try {
    return { name: file, bytes: fs.readFileSync(file) };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no certificate '${file}'`);
    throw error;
  }
}
