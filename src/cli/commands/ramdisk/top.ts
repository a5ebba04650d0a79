/**
 * `visorfs ramdisk top` and `watch`: what fills the ramdisks, and who: after a boot or after a
 * script, and live in the terminal while it runs.
 *
 * A command has a tree of its own, so what can be watched is what it runs itself: a script, or
 * below a shell a line of shell, without which it looks until q. Both end with the same tables;
 * they are written too where the script fails, as a ramdisk that is full is what one wants to
 * look at then.
 */

import type { Command } from 'commander';
import { growthMark, ramdiskTop, type VisorFs } from '../../../node.ts';
import { imageArgument, imageUsage, openStack } from '../../images.ts';
import {
  CommandError,
  ExitError,
  jsonLine,
  type LiveTree,
  type Output,
  UsageError,
} from '../../output.ts';
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
    addWatchInside(noun, out, out.live);
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

function addWatchInside(noun: Command, out: Output, live: LiveTree): void {
  flags(noun.command('watch'))
    .summary('the ramdisks live')
    .description(
      'Shows each second how full the ramdisks are, what grows and whose it is, until q or ' +
        'Ctrl-C; or while a line of shell runs, and then what ramdisk top shows.',
    )
    .usage('[options] [line...]')
    .argument('[line...]', 'a line of shell; -- before it where it has options')
    .addHelpText(
      'after',
      "\nExample:\n  ramdisk watch 'for i in 1 2 3; do cp /bin/vmx /tmp/$i; done'",
    )
    .action((words: string[], flags: Flags) => watch(words.join(' '), flags, out, live));
}

async function watch(line: string, flags: Flags, out: Output, live: LiveTree): Promise<void> {
  const { vfs, seat, run } = live;
  const { ramdisk, limit } = flags;
  checkRamdisk(vfs, ramdisk);
  if (line === '' && seat === undefined) {
    throw new UsageError('nobody sits at a terminal: it takes a line of shell to watch');
  }
  const since = growthMark(vfs);
  const watching = new RamdiskWatch(vfs, out, { ramdisk, limit, screen: seat?.terminal });
  watching.draw();
  let code = 0;
  try {
    if (line === '') return await seat!.untilQuit();
    const answer = await run!(line);
    code = answer.code;
    watching.end();
    out.complain(answer.stderr);
    await out.write(answer.stdout);
  } finally {
    watching.end();
  }
  const top = ramdiskTop(vfs, { ramdisk, limit, since });
  await out.write(flags.json ? jsonLine(top) : topText(top, flags.human === true));
  if (code !== 0) throw new ExitError(code);
}

function options(command: Command, out: Output): Command {
  return flags(command.usage(imageUsage(out)).addArgument(imageArgument(out)));
}

function flags(command: Command): Command {
  return command
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
    checkRamdisk(vfs, ramdisk);
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

/** Throws CommandError where `vfs` has no ramdisk `name`. */
function checkRamdisk(vfs: VisorFs, name: string | undefined): void {
  const names = vfs.ramdisks.list().map((ramdisk) => ramdisk.name);
  if (name === undefined || names.includes(name)) return;
  throw new CommandError(`there is no ramdisk '${name}'; there are: ${names.join(', ')}`);
}

/** A number of files. Throws UsageError for anything else. */
function countOf(said: string): number {
  if (/^\d{1,9}$/.test(said)) return Number(said);
  throw new UsageError(`'${said}' is no number of files`);
}
