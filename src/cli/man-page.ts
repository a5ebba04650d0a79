/**
 * visorfs(1), made from the commands themselves: `npm run build` puts it into dist/man.
 *
 * It is roff of the man macros: every command with its usage, description, arguments and options,
 * and what its --help says after them, which is kept as it is laid out.
 */

import type { Command } from 'commander';
import { commandRows } from './command-tree.ts';

/** What the exit codes of every command are. */
export const EXIT_CODES: readonly (readonly [code: number, what: string])[] = [
  [0, 'done; or whoever read the output has gone, as head does'],
  [1, 'something could not be done; of diff, state diff and lint: something was found'],
  [2, 'the command line is wrong; of diff, state diff and lint: trouble'],
  [130, 'interrupted by Ctrl-C: nothing is left half written; 129 by SIGHUP, 143 by SIGTERM'],
];

/** The manual page of `program`, version `version`. `after` is what --help says at its end. */
export function manPage(program: Command, version: string, after: string): string {
  const [top, ...rows] = commandRows(program);
  const seen = new Set<Command>();
  const commands = rows.filter(({ command }) => {
    const isNew = !seen.has(command);
    seen.add(command);
    return isNew;
  });
  const lines = [
    `.TH VISORFS 1 "" "visorfs ${escaped(version)}" "User Commands"`,
    '.SH NAME',
    `visorfs \\- ${escaped(program.description().toLowerCase())}`,
    '.SH SYNOPSIS',
    '.B visorfs',
    '.I command',
    '[options] image ...',
    '.SH DESCRIPTION',
    ...verbatim(after),
    '.SH OPTIONS',
    ...optionLines(top!.command),
    '.SH COMMANDS',
  ];
  for (const { words, command } of commands) {
    lines.push(
      `.SS visorfs ${escaped(words.join(' '))} ${escaped(command.usage())}`,
      escaped(command.description()),
      ...command.aliases().map((name) => `.PP\nThe same as visorfs ${escaped(name)}.`),
      ...command.registeredArguments.flatMap((argument) =>
        argument.description === ''
          ? []
          : ['.TP', `.I ${escaped(argument.name())}`, escaped(argument.description)],
      ),
      ...optionLines(command),
      ...verbatim(helpAfter(command)),
    );
  }
  lines.push('.SH EXIT STATUS');
  for (const [code, what] of EXIT_CODES) lines.push('.TP', `.B ${code}`, escaped(what));
  lines.push('.SH ENVIRONMENT', '.TP', '.B VISORFS_STATE_KEY', 'The key of the state.');
  return `${lines.join('\n')}\n`;
}

function optionLines(command: Command): string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ flags, description }) => ['.TP', `.B ${escaped(flags)}`, escaped(description)]);
}

/** What stands behind the options in the --help of `command`. */
export function helpAfter(command: Command): string {
  const said: string[] = [];
  const { writeOut } = command.configureOutput();
  command.configureOutput({ writeOut: (text) => said.push(text) });
  command.outputHelp();
  command.configureOutput(writeOut === undefined ? {} : { writeOut });
  return said.join('').slice(command.helpInformation().length);
}

/** `text` in the lines that it has. */
function verbatim(text: string): string[] {
  if (text.trim() === '') return [];
  return ['.PP', '.nf', ...text.trim().split('\n').map(escaped), '.fi'];
}

/** `text` as roff takes it: no line a request, no dash a hyphen. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(cq')
    .replace(/^([.'])/gm, '\\&$1');
}
