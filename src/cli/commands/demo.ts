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
import { isAddress, openDevice } from '../devices.ts';
import { checkDevice } from '../images.ts';
import { landingArgument } from '../landing.ts';
import { CommandError, type Output } from '../output.ts';

/** As far up from dist/cli/commands as from src/cli/commands. */
const SAMPLE = fileURLToPath(new URL('../../../images/bank', import.meta.url));

/** What the bank of an address is called where it has become a folder. */
const BOOTBANK = 'bootbank';

const BANK =
  'a folder, disk image or address with a boot bank (default: the sample of the project)';

/** Adds `demo` to `program`. */
export function addDemo(program: Command, out: Output): void {
  program
    .command('demo')
    .summary('the whole story, in seconds')
    .description(
      'Boots a copy of a bank, changes it, fills it up, saves its state and boots it again. ' +
        'Says what happened, and exits with 0 only if all of it did. The bank stays as it is.',
    )
    .addArgument(landingArgument('[bank]', BANK))
    .addHelpText('after', '\nExample:\n  visorfs demo images/bank')
    .action(async (given: string | undefined) => {
      if (given === undefined && !fs.existsSync(SAMPLE)) {
        throw new CommandError(`there is no bank '${SAMPLE}'; give one: visorfs demo <bank>`);
      }
      await onCopy(given ?? SAMPLE, out);
    });
}

async function onCopy(bank: string, out: Output): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-demo-'));
  const remove = (): void => fs.rmSync(folder, { recursive: true, force: true });
  out.signal.addEventListener('abort', remove);
  try {
    await copyBanks(bank, folder, out);
    await tellStory(folder, out);
  } finally {
    out.signal.removeEventListener('abort', remove);
    remove();
  }
}

/** Copies the folder `bank`, or each bank of a disk or an address into a folder of its own. */
async function copyBanks(bank: string, folder: string, out: Output): Promise<void> {
  if (!isAddress(bank)) {
    await checkDevice(bank);
    if (fs.statSync(bank).isDirectory()) {
      fs.cpSync(bank, folder, { recursive: true });
      return;
    }
  }
  const opened = await openDevice(bank, out);
  const { device, close } = opened!;
  try {
    for (const from of await device.banks()) {
      const to = path.join(folder, isAddress(bank) ? BOOTBANK : from.name);
      fs.mkdirSync(to);
      for (const file of await from.list()) {
        const source = await from.open(file);
        const bytes = new Uint8Array(source.size);
        source.readInto(bytes, 0);
        source.close();
        fs.writeFileSync(path.join(to, path.basename(file)), bytes);
      }
    }
  } finally {
    close();
  }
}
