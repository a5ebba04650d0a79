/**
 * The commands inside the shell that are ours: those of `visorfs` that make sense on a live tree,
 * ESXi's words for some of them, and what scripts of a host call.
 *
 * Each is a small program of the command line (running.ts) whose world holds the open tree: the
 * same code prints the same, with the same options, help and exit codes.
 */

import type { Command } from 'commander';
import type { Change } from '../../node.ts';
import { addAcceptanceGet } from '../commands/host/software/acceptance.ts';
import { addProfileGet } from '../commands/host/software/profile.ts';
import { addVibGet, addVibList } from '../commands/host/software/vib.ts';
import { addLint } from '../commands/lint.ts';
import { addRamdisk } from '../commands/ramdisk.ts';
import { addStateList } from '../commands/state/list.ts';
import { addTardisk } from '../commands/tardisk.ts';
import { addVdf } from '../commands/vdf.ts';
import { addVdu } from '../commands/vdu.ts';
import { addVmtar } from '../commands/vmtar.ts';
import { addWhy } from '../commands/why.ts';
import { addLeadingFormatter } from '../formatter.ts';
import { jsonLine, type Output } from '../output.ts';
import { printable } from '../printable.ts';
import { runProgram } from '../running.ts';
import { version } from '../version.ts';
import { refuseUnknown } from '../words.ts';
import { addVisorfs } from './esxcli-visorfs.ts';
import { FILE_COMMANDS } from './file-commands.ts';
import { addHostCommands } from './host-commands.ts';
import type { Saving } from './saving.ts';

/** Fills a program with what it does. */
export type Tool = (program: Command, out: Output) => void;

const SIGNS: Readonly<Record<Change['change'], string>> = {
  added: '+',
  modified: '~',
  deleted: '-',
};

/** What the noun `name` of `visorfs` is as a command of its own. */
const SUBCOMMANDS: Readonly<Record<string, (top: Command, out: Output) => void>> = {
  vdf: addVdf,
  lint: addLintInside,
  vdu: addVdu,
  why: addWhy,
  state: (top, out) => addStateList(noun(top.command('state'), 'The state: list.'), out),
  ramdisk: addRamdisk,
  tardisk: addTardisk,
  vmtar: addVmtar,
  changes: addChanges,
};

/** Runs the tool `name` of `tools` with `args` in the world `out`; returns its exit code. */
export function runTool(
  tools: Readonly<Record<string, Tool>>,
  name: string,
  args: readonly string[],
  out: Output,
): Promise<number> {
  const words = name in SUBCOMMANDS || name === 'df' ? [name, ...args] : args;
  return runProgram(name, words, out, (program) => tools[name]!(program, out));
}

/** All commands inside, by name; `saving` is how the state gets to where it is kept. */
export function toolsOf(saving: Saving): Readonly<Record<string, Tool>> {
  return {
    ...Object.fromEntries(Object.keys(SUBCOMMANDS).map((name) => [name, toolOf(name)])),
    visorfs: (program, out) => {
      for (const add of Object.values(SUBCOMMANDS)) add(program, out);
      noun(program, 'What visorfs says of the tree that is open.', '<command> [options]');
    },
    esxcli: addEsxcli,
    localcli: addEsxcli,
    // Its alias outside; a df of its own would have nothing else to tell of.
    df: toolOf('vdf'),
    ...FILE_COMMANDS,
    ...addHostCommands(saving),
  };
}

/** The command `name` of visorfs, without the word visorfs before it. */
function toolOf(name: string): Tool {
  return (program, out) => {
    SUBCOMMANDS[name]!(program, out);
    // Its own name is the first word of what was typed.
    program.commands[0]!.parent = null;
  };
}

function addLintInside(program: Command, out: Output): void {
  addLint(program, out, version());
}

function addChanges(program: Command, out: Output): void {
  program
    .command('changes')
    .description('Lists what is not as the archives have it: added (+), modified (~), deleted (-).')
    .option('--json', 'as a list of objects')
    .addHelpText('after', '\nExample:\n  changes | grep /etc')
    .action(async ({ json }: { json?: true }) => {
      const changes = out.live!.vfs.changes();
      const line = ({ change, path }: Change): string => `${SIGNS[change]} ${printable(path)}\n`;
      await out.write(json ? jsonLine(changes) : changes.map(line).join(''));
    });
}

function addEsxcli(program: Command, out: Output): void {
  addLeadingFormatter(program);
  noun(program, 'What esxcli says of the ramdisks, the tardisks and the VIBs of this host.');
  const system = noun(program.command('system'), 'The system: visorfs.');
  addVisorfs(noun(system.command('visorfs'), 'The memory file system.'), out);
  const software = noun(
    program.command('software'),
    'What is installed: vib, profile, acceptance.',
  );
  const vib = noun(software.command('vib'), 'The VIBs: list, get.');
  addVibList(vib, out);
  addVibGet(vib, out);
  addProfileGet(noun(software.command('profile'), 'The image profile: get.'), out);
  addAcceptanceGet(noun(software.command('acceptance'), 'The acceptance level: get.'), out);
}

/** Makes `command` a word that only stands before others. */
function noun(command: Command, what: string, usage = '<command> [options]'): Command {
  return command
    .description(what)
    .usage(usage)
    .helpCommand(false)
    .action(refuseUnknown)
    .allowExcessArguments();
}
