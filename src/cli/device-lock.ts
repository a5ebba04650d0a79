/**
 * One change of a host at a time, of all processes on this machine: two that each start from what
 * they found would lose one of both.
 *
 * As ESXi keeps /tmp/<bank>.lck, the lock lies in the folder for temporary files, named after the
 * device, so that nothing is left in a bank. Whoever comes second waits. One that a killed process
 * left is taken over once nobody kept it fresh for a while.
 *
 * Not here: other machines that share the medium.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { CommandError, type Output } from './output.ts';
import { Progress } from './progress.ts';

/** After so long without a sign of life a lock is nobody's, in milliseconds. */
const STALE_MS = 20_000;
const SIGN_OF_LIFE_MS = 5000;

/** How long another change is waited for, and how often it is looked after, in milliseconds. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 200;

/**
 * Runs `act` while nobody else changes the device at `name`. Throws CommandError where somebody
 * does so for a minute, and what `act` throws. Where nothing lies at `name`, `act` has its say.
 */
export async function whileLocked(
  name: string,
  out: Output,
  act: () => Promise<void>,
): Promise<void> {
  const stats = fs.statSync(name, { throwIfNoEntry: false });
  if (stats === undefined) return act();
  const lock = path.join(os.tmpdir(), `visorfs-${stats.dev}-${stats.ino}.lck`);
  const release = await locked(name, lock, out);
  try {
    await act();
  } finally {
    await release();
  }
}

async function locked(name: string, lock: string, out: Output): Promise<() => Promise<void>> {
  const { default: lockfile } = await import('proper-lockfile');
  const options = { lockfilePath: lock, stale: STALE_MS, update: SIGN_OF_LIFE_MS };
  const progress = new Progress(out, 'waiting for another change');
  const start = out.now();
  try {
    for (;;) {
      try {
        return await lockfile.lock(name, options);
      } catch (error) {
        if ((error as { code?: string }).code !== 'ELOCKED') throw error;
      }
      const waited = out.now() - start;
      if (waited > PATIENCE_MS) {
        throw new CommandError(
          `'${name}' is being changed by another process for more than ${PATIENCE_MS / 1000} s; ` +
            `if there is none, remove '${lock}'`,
        );
      }
      progress.step(Math.floor(waited / 1000), PATIENCE_MS / 1000, name);
      await passed(PAUSE_MS);
      out.signal.throwIfAborted();
    }
  } finally {
    progress.end();
  }
}
