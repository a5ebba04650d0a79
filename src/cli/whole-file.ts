/**
 * A file on this machine that is there whole or not at all.
 */

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CommandError } from './output.ts';

/** Throws CommandError where `file` is there already, unless `overwrites`. */
export function checkFree(file: string, overwrites: boolean): void {
  if (overwrites || fs.lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
  throw new CommandError(`'${file}' is there already; --force overwrites it`);
}

/**
 * Writes `pieces`, or what they are made of, to `file`: under a temporary name beside it, synced,
 * renamed into its place.
 */
export function writeWhole(
  file: string,
  ...pieces: readonly (Uint8Array | Iterable<Uint8Array>)[]
): void {
  const temporary = path.join(path.dirname(file), `.visorfs-${randomUUID()}`);
  try {
    const descriptor = fs.openSync(temporary, 'wx');
    try {
      for (const piece of pieces) {
        const parts = piece instanceof Uint8Array ? [piece] : piece;
        for (const part of parts) fs.writeFileSync(descriptor, part);
      }
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(temporary, file);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/**
 * Lets `make` write to a temporary name beside `file`, and renames what it made into its place;
 * where it fails, or `signal` is aborted, nothing is left.
 */
export async function makeWhole(
  file: string,
  signal: AbortSignal,
  make: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = path.join(path.dirname(file), `.visorfs-${randomUUID()}`);
  const remove = (): void => fs.rmSync(temporary, { force: true });
  signal.addEventListener('abort', remove);
  try {
    await make(temporary);
    signal.throwIfAborted();
    fs.renameSync(temporary, file);
  } finally {
    remove();
    signal.removeEventListener('abort', remove);
  }
}
