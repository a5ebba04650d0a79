/**
 * Runs a program of commands, and says what becomes of what they throw.
 *
 * Whatever goes wrong is one line on stderr, `visorfs: …`, and an exit code: 1 where something
 * could not be done, 2 where the command line is wrong, 0 where the reader of our output has gone,
 * and what a command says itself whose code is an answer. The commands inside a shell are such
 * programs too, each under its own name.
 */

import { Command, CommanderError } from 'commander';
import { SoftwareError } from '../node.ts';
import { ExitError, type Output, OutputClosed, UsageError } from './output.ts';
import { printable } from './printable.ts';

const DONE = 0;
const FAILED = 1;
const MISUSED = 2;

const HELP_COLUMNS = 80;

/**
 * Runs the program `name`, which `fill` makes, with `args`, and returns the exit code. Never
 * throws.
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  out: Output,
  fill: (program: Command) => void,
): Promise<number> {
  const help: string[] = [];
  try {
    try {
      const program = bareProgram(name, out, help);
      fill(program);
      await program.parseAsync(args, { from: 'user' });
    } finally {
      if (help.length > 0) await out.write(help.join(''));
    }
    return DONE;
  } catch (error) {
    if (error instanceof OutputClosed) return DONE;
    // Commander has said what it has to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : MISUSED;
    if (error instanceof SoftwareError) {
      // As esxcli writes it, so that whoever reads that reads this.
      const lines = [`[${error.kind}]`, ...error.lines];
      out.complain(lines.map((line) => ` ${printable(line)}\n`).join(''));
      return FAILED;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (message !== '') complain(name, out, message);
    if (error instanceof ExitError) return error.exitCode;
    return error instanceof UsageError ? MISUSED : FAILED;
  }
}

function complain(name: string, out: Output, message: string): void {
  out.complain(`${name}: ${printable(message)}\n`);
}

/** The program `name` without commands. Commands inherit what it does at their birth. */
export function bareProgram(name: string, out: Output, help: string[]): Command {
  return new Command(name)
    .helpOption('--help', 'show this')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => help.push(text),
      writeErr: (text) => out.complain(text),
      getOutHelpWidth: () => HELP_COLUMNS,
      outputError: (text) => {
        const sentence = text.replace(/^error: /, '').trimEnd();
        complain(name, out, sentence.replaceAll('\n', ' '));
      },
    });
}
