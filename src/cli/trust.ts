/**
 * The roots that a user trusts, from files: what --trust is.
 */

import fs from 'node:fs';
import type { NamedBytes } from '../node.ts';
import { CommandError } from './output.ts';

/** What --trust is. */
export const TRUST_OPTION = 'a root to trust, PEM or DER; may be repeated';

/** `value` behind those that an option was given before. */
export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The certificate in `file`. Throws CommandError where there is no such file. */
export function certificateFile(file: string): NamedBytes {
  try {
    return { name: file, bytes: fs.readFileSync(file) };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no certificate '${file}'`);
    throw error;
  }
}
