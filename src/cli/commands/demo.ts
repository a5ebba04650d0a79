/**
 * `visorfs demo`: the whole story on a copy of a bank, in seconds.
 *
 * The bank is copied to a temporary folder first and stays as it is; the copy goes when the demo is
 * done, fails or is interrupted. Without an argument it is the sample bank of the project, which
 * lies beside the sources and is no part of the package.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { tellStory } from '../demo/story.ts';
import { CommandError, type Output } from '../output.ts';

/** As far up from dist/cli/commands as from src/cli/commands. */
const SAMPLE = fileURLToPath(new URL('../../../images/bank', import.meta.url));

/** Adds `demo` to `program`. */
export function addDemo(program: Command, out: Output): void {
  program
    .command('demo')
    .summary('the whole story, in seconds')
    .description(
      'Boots a copy of a bank, changes it, fills it up, saves its state and boots it again. ' +
        'Says what happened, and exits with 0 only if all of it did. The bank stays as it is.',
    )
    .argument('[bank]', 'a folder with a boot bank (default: the sample of the project)')
    .addHelpText('after', '\nExample:\n  visorfs demo images/bank')
    .action(async (given: string | undefined) => {
      const bank = given ?? SAMPLE;
      if (!fs.existsSync(bank)) {
        const hint = given === undefined ? '; give one: visorfs demo <bank>' : '';
        throw new CommandError(`there is no bank '${bank}'${hint}`);
      }
      await onCopy(bank, out);
    });
}

async function onCopy(bank: string, out: Output): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-demo-'));
  const remove = (): void => fs.rmSync(folder, { recursive: true, force: true });
  out.signal.addEventListener('abort', remove);
  try {
    fs.cpSync(bank, folder, { recursive: true });
    await tellStory(folder, out);
  } finally {
    out.signal.removeEventListener('abort', remove);
    remove();
  }
}
