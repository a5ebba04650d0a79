/**
 * `visorfs shell`: a shell over the live tree, at a terminal, with a command, or with a script.
 *
 * What is changed is changed in memory. Nothing is written to this machine but the history of what
 * was typed and, with --write, the state into the boot device when a backup in the shell says so.
 */

import fs from 'node:fs';
import type { Command } from 'commander';
import { whileLocked } from '../device-lock.ts';
import { openStack } from '../images.ts';
import { landingArgument } from '../landing.ts';
import { CommandError, ExitError, type Output, UsageError } from '../output.ts';
import { hereOption } from '../places.ts';
import { runBootScripts } from '../shell/boot-scripts.ts';
import { openShell, type Shell } from '../shell/open-shell.ts';
import { sitAtTerminal } from '../shell/terminal.ts';
import { IMAGE } from '../words.ts';

interface Options {
  readonly command?: string;
  readonly script?: string;
  readonly write?: true;
  readonly init: boolean;
  readonly history: boolean;
}

const EXPLANATION = `
A bank is booted, and runs its init scripts and /etc/rc.local.d/local.sh.
Without
-c and --script, lines come from the terminal, or a script from stdin. The exit
code is that of the last command.

Inside, beside what a shell has: vdf, vdu, why, changes, state list, ramdisk
list and top, tardisk list, esxcli, localcli, backup, auto-backup.sh, vmtar,
trace <command>, logger. It sees the tree and nothing of this machine: none of
its files, variables or networks. ELF programs do not run. Output comes when a
line is done.

Examples:
  visorfs shell images/bank
  visorfs shell images/bank -c 'vdf -h; why /etc/motd'
  visorfs shell base.tgz --script check.sh > report`;

/** Adds `shell` to `program`. */
export function addShell(program: Command, out: Output): void {
  program
    .command('shell')
    .summary('a shell over the live tree')
    .description('Opens a shell over the live tree of the images. What it changes is in memory.')
    .addArgument(landingArgument('<image...>', IMAGE))
    .option('-c, --command <command>', 'run this and end')
    .addOption(
      hereOption('-s, --script <file>', 'run a script of this machine and end; - is stdin', {
        stdin: true,
      }),
    )
    .option('-w, --write', 'backups in the shell may write to the boot device')
    .option('--no-init', 'run no scripts of the host when it boots')
    .option('--no-history', 'neither read nor keep what is typed')
    .addHelpText('after', EXPLANATION)
    .action(async (images: string[], options: Options) => {
      if (options.command !== undefined && options.script !== undefined) {
        throw new UsageError('-c and --script both say what to run');
      }
      const script = await scriptOf(options, out);
      const open = (): Promise<void> => inShell(images, options, script, out);
      await (options.write ? whileLocked(images[0]!, out, open) : open());
    });
}

async function inShell(
  images: readonly string[],
  options: Options,
  script: string | null,
  out: Output,
): Promise<void> {
  const isWritten = options.write === true;
  const stack = await openStack(images, out, { isWritten });
  let code: number;
  try {
    if (isWritten && stack.host === null) {
      throw new UsageError(`--write is for a boot device, and '${images[0]}' is none`);
    }
    const shell = await openShell(stack, out, { isWritten });
    if (stack.host !== null && options.init) await runBootScripts(shell, out);
    code =
      script === null
        ? await sitAtTerminal(shell, out, { keepsHistory: options.history })
        : await runScript(shell, script, out);
  } finally {
    stack.close();
  }
  if (code !== 0) throw new ExitError(code);
}

/** What is to be run; null where lines come from the terminal. Stdin is read where nothing else. */
async function scriptOf({ command, script }: Options, out: Output): Promise<string | null> {
  if (command !== undefined) return command;
  if (script === undefined && out.terminal !== undefined) return null;
  if (script === undefined || script === '-') return Buffer.from(await out.readAll()).toString();
  try {
    return fs.readFileSync(script, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read the script '${script}': ${(error as Error).message}`);
  }
}

async function runScript({ session }: Shell, script: string, out: Output): Promise<number> {
  const { bytes, stderr, code } = await session.script(script, { signal: out.signal });
  if (stderr !== '') out.complain(stderr);
  await out.write(bytes);
  return code;
}
