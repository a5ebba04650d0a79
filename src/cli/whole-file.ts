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
