/**
 * `visorfs ramdisk top` and `watch`: what fills the ramdisks, and who: after a boot or after a
 * script, and live in the terminal while it runs.
 *
 * A command has a tree of its own, so what can be watched is what it runs itself. Both end with the
 * same tables; they are written too where the script fails, as a ramdisk that is full is what one
 * wants to look at then.
 */

import type { Command } from 'commander';
import { growthMark, ramdiskTop } from '../../../node.ts';
import { imageArgument, imageUsage, openStack } from '../../images.ts';
import { CommandError, jsonLine, type Output, UsageError } from '../../output.ts';
import { topText } from '../../ramdisk-top.ts';
import { RamdiskWatch } from '../../ramdisk-watch.ts';
import { RUN_EXAMPLE, runOn, runOption, scriptOf } from '../../script.ts';

interface Flags {
  readonly run?: string;
  readonly ramdisk?: string;
  readonly limit: number;
  readonly human?: true;
  readonly json?: true;
}

/** Adds `top` and `watch` to the noun `ramdisk`. */
export function addRamdiskTop(noun: Command, out: Output): void {
  const top = options(noun.command('top'), out)
    .summary('what fills the ramdisks, and who')
    .description(
      'Shows the largest files in the ramdisks, those that grew most while a script ran, those ' +
        'that changed last, and what each label has. Sizes are blocks of 1 KiB.',
    )
    .action((images: string[], flags: Flags) => look(images, flags, out, false));
  // A script is a program of this machine, of which whoever is in a shell must not start any.
  if (out.live !== undefined) {
    top.addHelpText('after', '\nExample:\n  ramdisk top -h');
    return;
  }
  top
    .addOption(runOption())
    .addHelpText(
      'after',
      `\nExample:\n  visorfs ramdisk top -h images/bank --run fill.mjs\n${RUN_EXAMPLE}`,
    );
  options(noun.command('watch'), out)
    .summary('the ramdisks live, while a script fills them')
    .description(
      'Shows each second how full the ramdisks are, what grows and whose it is, while the script ' +
        'runs and stderr is a terminal; then what ramdisk top shows.',
    )
    .addOption(runOption().makeOptionMandatory())
    .addHelpText(
      'after',
      `\nExample:\n  visorfs ramdisk watch images/bank --run fill.mjs\n${RUN_EXAMPLE}`,
    )
    .action((images: string[], flags: Flags) => look(images, flags, out, true));
}

function options(command: Command, out: Output): Command {
  return command
    .usage(imageUsage(out))
    .addArgument(imageArgument(out))
    .option('--ramdisk <name>', 'only this ramdisk')
    .option('--limit <count>', 'as many files in a table', countOf, 10)
    .option('-h, --human', 'in units: each figure rounded down')
    .option('--json', 'as an object, in bytes');
}

async function look(
  images: readonly string[],
  flags: Flags,
  out: Output,
  isLive: boolean,
): Promise<void> {
  const { run, ramdisk, limit } = flags;
  const script = run === undefined ? null : await scriptOf(run);
  const { vfs, close } = await openStack(images, out, { isLogged: script !== null });
  try {
    const names = vfs.ramdisks.list().map(({ name }) => name);
    if (ramdisk !== undefined && !names.includes(ramdisk)) {
      throw new CommandError(`there is no ramdisk '${ramdisk}'; there are: ${names.join(', ')}`);
    }
    const since = script === null ? undefined : growthMark(vfs);
    const watch = isLive ? new RamdiskWatch(vfs, out, { ramdisk, limit }) : null;
    try {
      if (script !== null) await runOn(vfs, script, run!);
    } finally {
      watch?.end();
      const top = ramdiskTop(vfs, { ramdisk, limit, since });
      await out.write(flags.json ? jsonLine(top) : topText(top, flags.human === true));
    }
  } finally {
    close();
  }
}

/** A number of files. Throws UsageError for anything else. */
function countOf(said: string): number {
  if (/^\d{1,9}$/.test(said)) return Number(said);
  throw new UsageError(`'${said}' is no number of files`);
}
