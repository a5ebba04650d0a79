/**
 * The key of an encrypted state, as a user gives it: in a file, by stdin, or in the environment,
 * and never as a word of the command line, which everybody on the machine can read.
 *
 *   64 hexadecimal digits   a key of 32 bytes: openssl rand -hex 32
 *   any other text          a passphrase; one line feed at its end is none of it
 *   32 bytes that are no text
 *                           a key of 32 bytes: head -c 32 /dev/urandom
 */

import fs from 'node:fs';
import type { StateKey } from '../node.ts';
import { CommandError, type Output } from './output.ts';

/** Where the key is where no file is named. */
export const KEY_VARIABLE = 'VISORFS_STATE_KEY';

const STDIN = '-';
const KEY_BYTES = 32;
/** More is no passphrase, but a file that was named by mistake. */
const FILE_MAX_BYTES = 4096;

/**
 * The key that was given: by --key-file, or in the environment; undefined where none was. Throws
 * CommandError where the file is not there, or holds none.
 */
export async function stateKeyOf({ options, env, ...out }: Output): Promise<StateKey | undefined> {
  const { keyFile } = options;
  if (keyFile !== undefined) return keyIn(keyFile, out);
  const given = env[KEY_VARIABLE];
  return given === undefined || given === '' ? undefined : keyOf(Buffer.from(given), KEY_VARIABLE);
}

/** The key in the file `file`, `-` for stdin. Throws CommandError where there is none in it. */
export async function keyIn(file: string, { readAll }: Pick<Output, 'readAll'>): Promise<StateKey> {
  if (file === STDIN) return keyOf(await readAll(), 'stdin');
  return keyOf(bytesOf(file), `'${file}'`);
}

function bytesOf(file: string): Uint8Array {
  try {
    const { size } = fs.statSync(file);
    if (size > FILE_MAX_BYTES) throw new CommandError(`'${file}' is too long for a key`);
    return fs.readFileSync(file);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no key file '${file}'`);
    throw error;
  }
}

function keyOf(bytes: Uint8Array, where: string): StateKey {
  const text = textOf(bytes);
  if (text === null && bytes.length === KEY_BYTES) return bytes;
  const line = text?.replace(/\r?\n$/, '') ?? '';
  if (/^[0-9a-f]{64}$/i.test(line)) return Buffer.from(line, 'hex');
  if (line !== '' && bytes.length <= FILE_MAX_BYTES) return line;
  throw new CommandError(
    `${where} holds no key: that is a passphrase, 64 hexadecimal digits, or ${KEY_BYTES} bytes`,
  );
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // A fatal decoder has no other way of saying no.
    return null;
  }
}
