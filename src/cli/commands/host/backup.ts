/**
 * `visorfs host backup`: the state of a booted bank as a state.tgz.
 *
 * It goes into a new file, never into the bank: a bank that was only booted has nothing to be saved
 * there, and who asks for a backup wants a copy elsewhere. The file is written under a temporary
 * name and renamed, so that it is there whole or not at all, and nothing is overwritten without
 * --force.
 */

import type { Command } from 'commander';
import { counted } from '../../figures.ts';
import { openStack } from '../../images.ts';
import { landingArgument } from '../../landing.ts';
import { jsonLine, type Output, UsageError } from '../../output.ts';
import { hereOption } from '../../places.ts';
import { checkFree, writeWhole } from '../../whole-file.ts';
import { IMAGE } from '../../words.ts';

const STDOUT = '-';

interface Options {
  readonly output: string;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `backup` to `host`. */
export function addBackup(host: Command, out: Output): void {
  host
    .command('backup')
    .summary('save the state to a file')
    .description(
      'Boots a bank and saves its state as a state.tgz, encrypted where there is a key. The ' +
        'bank stays as it is.',
    )
    .addArgument(landingArgument('<image...>', IMAGE))
    .addOption(
      hereOption('-o, --output <file>', 'where to; - is stdout', { stdin: true }).default(
        'state.tgz',
      ),
    )
    .option('-f, --force', 'overwrite the file')
    .option('--json', 'what was written, as an object')
    .addHelpText('after', '\nExample:\n  visorfs host backup images/bank -o before-update.tgz')
    .action(async (images: string[], { output, force, json }: Options) => {
      if (output === '') throw new UsageError('--output takes the name of a file, or -');
      if (output === STDOUT && json) throw new UsageError('--json and the state both want stdout');
      if (output !== STDOUT) checkFree(output, force === true);
      const { host, vfs, close } = await openStack(images, out);
      try {
        const count = vfs.state().length;
        const blob = await (host ?? vfs).backup();
        if (output === STDOUT) {
          await out.write(blob);
          return;
        }
        await writeWhole(output, out, blob);
        const row = { file: output, files: count, bytes: blob.length };
        const line = `${output}: ${counted(count, 'file')}, ${blob.length} bytes\n`;
        await out.write(json ? jsonLine(row) : line);
      } finally {
        close();
      }
    });
}
