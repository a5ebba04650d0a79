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
import { VisorError } from '../base/errors.ts';

/** After so long without a sign of life a lock is nobody's, in milliseconds. */
const STALE_MS = 20_000;
const SIGN_OF_LIFE_MS = 5000;

/** How long another change is waited for, and how often it is looked after, in milliseconds. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 200;

/** How to wait for another change. */
export interface LockOptions {
  /** Milliseconds before it is EBUSY: a minute unless said. */
  readonly patienceMs?: number;
  /** Hears how many milliseconds were waited, of how many. What it throws ends the waiting. */
  readonly onWait?: (waitedMs: number, patienceMs: number) => void;
}

/**
 * Where the lock of the device at `name`, a folder or a file, lies. Throws node's own error where
 * nothing is there.
 *
 * @example
 * import { existsSync } from 'node:fs';
 * console.log(existsSync(deviceLock('host'))); // false
 */
export function deviceLock(name: string): string {
  const { dev, ino } = fs.statSync(name);
  return path.join(os.tmpdir(), `visorfs-${dev}-${ino}.lck`);
}

/**
 * Runs `act` while nobody else who asks so, in this process or another, changes the device at
 * `name`; so `act` must not ask again. Throws EBUSY where somebody does so for too long, node's own
 * error where nothing is there, and what `act` throws.
 *
 * @example
 * const bytes = await whileLocked('host', async () => {
 *   const host = await Host.boot(folderDevice('host'));
 *   return host.rebuild();
 * });
 * console.log(bytes > 0); // true
 */
export async function whileLocked<T>(
  name: string,
  act: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const release = await locked(name, options);
  try {
    return await act();
  } finally {
    await release();
  }
}

async function locked(
  name: string,
  { patienceMs = PATIENCE_MS, onWait }: LockOptions,
): Promise<() => Promise<void>> {
  const { default: lockfile } = await import('proper-lockfile');
  const lockfilePath = deviceLock(name);
  const options = { lockfilePath, stale: STALE_MS, update: SIGN_OF_LIFE_MS };
  const start = performance.now();
  for (;;) {
    try {
      return await lockfile.lock(name, options);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ELOCKED') throw error;
    }
    const waited = performance.now() - start;
    if (waited > patienceMs) throw new VisorError('EBUSY', { syscall: 'lock', path: name });
    onWait?.(waited, patienceMs);
    await passed(PAUSE_MS);
  }
}
