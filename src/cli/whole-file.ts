/**
 * A file on this machine that is there whole or not at all.
 */

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { breathe, CommandError, type Output } from './output.ts';

/** Throws CommandError where `file` is there already, unless `overwrites`. */
export function checkFree(file: string, overwrites: boolean): void {
  if (overwrites || fs.lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
  throw new CommandError(`'${file}' is there already; --force overwrites it`);
}

/** After so many bytes an interrupt is listened to. */
const BREATH_BYTES = 8 << 20;

/**
 * Writes `pieces`, or what they are made of, to `file`: under a temporary name beside it, synced,
 * renamed into its place. Where it fails, or is interrupted, nothing is left. Throws CommandError
 * that names the file where it cannot be written.
 */
export async function writeWhole(
  file: string,
  out: Output,
  ...pieces: readonly (Uint8Array | Iterable<Uint8Array>)[]
): Promise<void> {
  await makeWhole(file, out, async (temporary) => {
    const descriptor = fs.openSync(temporary, 'wx');
    try {
      let unheard = 0;
      for (const piece of pieces) {
        for (const part of piece instanceof Uint8Array ? [piece] : piece) {
          fs.writeFileSync(descriptor, part);
          unheard += part.length;
          if (unheard < BREATH_BYTES) continue;
          unheard = 0;
          await breathe(out);
        }
      }
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

/**
 * Lets `make` write to a temporary name beside `file`, and renames what it made into its place;
 * where it fails, or is interrupted, nothing is left. Throws CommandError that names the file where
 * it cannot be written.
 */
export async function makeWhole(
  file: string,
  out: Output,
  make: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = path.join(path.dirname(file), `.visorfs-${randomUUID()}`);
  const remove = (): void => fs.rmSync(temporary, { force: true });
  out.signal.addEventListener('abort', remove);
  try {
    await make(temporary);
    await breathe(out);
    fs.renameSync(temporary, file);
  } catch (error) {
    throw namedAfter(file, temporary, error);
  } finally {
    remove();
    out.signal.removeEventListener('abort', remove);
  }
}

/** `error`, which names the file `file` where the medium that it was written to is full. */
export function fullAt(file: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  // Of a full medium node names no file; a tree of ours that is full says so itself.
  if ((code !== 'ENOSPC' && code !== 'EDQUOT') || !/^(write|f?truncate)$/.test(syscall ?? '')) {
    return error;
  }
  return new CommandError(`'${file}' cannot be written: no space is left there`, { cause: error });
}

/** `error` with the name that the user gave, where it is about the temporary one. */
function namedAfter(file: string, temporary: string, error: unknown): unknown {
  const { path: place, message } = error as NodeJS.ErrnoException;
  if (place !== temporary) return fullAt(file, error);
  return new CommandError(`'${file}' cannot be written: ${message.replace(/, \w+ '.*$/, '')}`);
}
