/**
 * `visorfs shell`: a shell over the live tree, at a terminal, with a command, or with a script.
 *
 * What is changed is changed in memory. Nothing is written to this machine but the history of what
 * was typed and, with --write, the state into the boot device when a backup in the shell says so.
 */

import fs from 'node:fs';
import type { Command } from 'commander';
import { whileLocked } from '../device-lock.ts';
import { isAddress } from '../devices.ts';
import { openStack } from '../images.ts';
import { landingArgument, STDIN_NAME } from '../landing.ts';
import { CommandError, ExitError, type Output, UsageError } from '../output.ts';
import { runBootScripts } from '../shell/boot-scripts.ts';
import { openShell, type Shell } from '../shell/open-shell.ts';
import { sitAtTerminal } from '../shell/terminal.ts';
import { IMAGE } from '../words.ts';

interface Options {
  /** The command, and its $0, $1 and so on. */
  readonly command?: readonly string[];
  readonly write?: true;
  readonly init: boolean;
  readonly history: boolean;
}

/** What is run in a shell that nobody sits at. */
interface Script {
  readonly text: string;
  /** $0, $1 and so on. */
  readonly words: readonly string[];
}

const EXPLANATION = `
A bank is booted, and runs the init scripts that /etc/chkconfig.db lists (all
where there is none), and /etc/rc.local.d/local.sh; it says which it does not
run. What each writes is counted as its own, by its
name, and what you write as shell's: ramdisk top shows it, and vobd.log says
who fills a ramdisk.
Without a command and a script, lines come from the terminal, or a script from
stdin. A script is told from an image by its name, *.sh, or by #! at its start;
what stands behind it is $1, $2 and so on. The exit code is that of the last
command.

Inside, beside what a shell has: vdf, vdu, why, changes, state list, ramdisk
list, top and watch, tardisk list, esxcli, localcli, backup, auto-backup.sh,
vmtar, trace <command>, logger. It sees the tree and nothing of this machine:
none of its files, variables or networks. ELF programs do not run. Output comes
when a line is done.

Examples:
  visorfs shell images/bank
  visorfs shell images/bank -c 'vdf -h; why /etc/motd'
  visorfs shell base.tgz check.sh /etc > report`;

const SCRIPT_MARK = '#!';

/** Adds `shell` to `program`. */
export function addShell(program: Command, out: Output): void {
  const places = { untilDashes: true, until: isScript };
  program
    .command('shell')
    .summary('a shell over the live tree')
    .description('Opens a shell over the live tree of the images. What it changes is in memory.')
    .usage('[options] <image...> [script] [argument...]')
    .addArgument(landingArgument('<image...>', IMAGE, places))
    .option('-c, --command <command...>', 'run this and end; what follows is $0, $1 and so on')
    .option('-w, --write', 'backups in the shell may write to the boot device')
    .option('--no-init', 'run no scripts of the host when it boots')
    .option('--no-history', 'neither read nor keep what is typed')
    .addHelpText('after', EXPLANATION)
    .action(async (given: string[], options: Options) => {
      const at = given.findIndex(isScript);
      const images = at < 0 ? given : given.slice(0, at);
      if (images.length === 0)
        throw new UsageError(`'${given[0]}' is a script; an image comes first`);
      const script = await scriptOf(images, at < 0 ? [] : given.slice(at), options, out);
      const open = (): Promise<void> => inShell(images, options, script, out);
      await (options.write ? whileLocked(images[0]!, out, open) : open());
    });
}

async function inShell(
  images: readonly string[],
  options: Options,
  script: Script | null,
  out: Output,
): Promise<void> {
  const isWritten = options.write === true;
  const first = out.nameOf?.(images[0]!) ?? images[0]!;
  if (isWritten && isAddress(first)) {
    throw new UsageError(`--write is for a boot device, and nothing is written to '${first}'`);
  }
  const stack = await openStack(images, out, { isWritten, isLogged: true });
  let code: number;
  try {
    if (isWritten && stack.host === null) {
      throw new UsageError(`--write is for a boot device, and '${first}' is none`);
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

/**
 * What is to be run; null where lines come from the terminal. Stdin is read where nothing else is
 * said. Throws CommandError for a `file` that cannot be read.
 */
async function scriptOf(
  images: readonly string[],
  [file, ...words]: readonly string[],
  { command }: Options,
  out: Output,
): Promise<Script | null> {
  if (command !== undefined) {
    if (file !== undefined) throw new UsageError(`-c and '${file}' both say what to run`);
    const [text = '', name = 'bash', ...rest] = command;
    return { text, words: [name, ...rest] };
  }
  if (file !== undefined) return { text: textOf(file), words: [file, ...words] };
  if (out.terminal !== undefined) return null;
  const other = out.options.keyFile === '-' ? 'the key' : 'an image';
  if (other === 'the key' || images.some((image) => out.nameOf?.(image) === STDIN_NAME)) {
    throw new UsageError(`stdin is ${other}, and no script: say with -c or a file what to run`);
  }
  return { text: Buffer.from(await out.readAll()).toString(), words: ['bash'] };
}

/** Whether `word` is a script and no image: by its name, or by its first letters. */
function isScript(word: string): boolean {
  if (word.endsWith('.sh')) return true;
  const start = Buffer.alloc(SCRIPT_MARK.length);
  try {
    const file = fs.openSync(word, 'r');
    try {
      return fs.readSync(file, start) === start.length && start.toString() === SCRIPT_MARK;
    } finally {
      fs.closeSync(file);
    }
  } catch {
    // Nothing that can be read as a file: an address, a folder, or whoever opens it says what.
    return false;
  }
}

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read the script '${file}': ${(error as Error).message}`);
  }
}

async function runScript(
  { session }: Shell,
  { text, words }: Script,
  out: Output,
): Promise<number> {
  const { bytes, stderr, code } = await session.script(text, { signal: out.signal, words });
  if (stderr !== '') out.complain(stderr);
  await out.write(bytes);
  return code;
}
