/**
 * One change of a host at a time: waiting for another is shown, and ends in words.
 */

import fs from 'node:fs';
import { deviceLock, whileLocked as exclusively } from '../node.ts';
import { CommandError, type Output } from './output.ts';
import { Progress } from './progress.ts';

/**
 * Runs `act` while nobody else changes the device at `name`. Throws CommandError where somebody
 * does so for a minute, and what `act` throws. Where nothing lies at `name`, `act` has its say.
 */
export async function whileLocked(
  name: string,
  out: Output,
  act: () => Promise<void>,
): Promise<void> {
  if (!fs.existsSync(name)) return act();
  const progress = new Progress(out, 'waiting for another change');
  let isOurs = false;
  // A lock that is half taken is in nobody's list of what goes when a process ends.
  let settle = (): void => {};
  const taking = out.whole(() => new Promise<void>((resolve) => (settle = resolve)));
  try {
    await exclusively(
      name,
      async () => {
        isOurs = true;
        progress.end();
        settle();
        await taking;
        return act();
      },
      {
        onWait(waited, patience) {
          progress.step(Math.floor(waited / 1000), patience / 1000, name);
          out.signal.throwIfAborted();
        },
      },
    );
  } catch (error) {
    if (isOurs || (error as { code?: string }).code !== 'EBUSY') throw error;
    throw new CommandError(
      `'${name}' is being changed by another process for more than a minute; ` +
        `if there is none, remove '${deviceLock(name)}'`,
    );
  } finally {
    settle();
    await taking;
    progress.end();
  }
}
