/**
 * What several commands say alike.
 */

import type { Command } from 'commander';
import { UsageError } from './output.ts';

/** What an image is. */
export const IMAGE =
  'archives, VIBs, bundles, banks (folder, disk); or their addresses, or -; the last on top';

/** What --path is. */
export const PATH_OPTION = 'the path inside; all arguments are images then';

/** How a path is told from an image. */
export const PATH_HELP = `
The path inside is the last argument, if it starts with / and neither an archive
nor a bank lies there on this machine. Scripts had better say --path.
`;

/** A word that only stands before commands. */
export interface Noun {
  /** What it is about, behind its commands in the help of what it stands below. */
  readonly what: string;
  readonly description: string;
  /** Words behind `visorfs`. */
  readonly example: string;
  /** Adds its commands. */
  readonly fill: (noun: Command) => void;
}

/** Adds the noun `name` to `parent`, and to it what `fill` adds. */
export function addNoun(parent: Command, name: string, noun: Noun): void {
  const { what, description, example, fill } = noun;
  const command = parent
    .command(name)
    .description(description)
    .helpCommand(false)
    .action(refuseUnknown)
    .addHelpText('after', `\nExample:\n  visorfs ${example}`);
  fill(command);
  // Commands inherit this at birth; only a noun has words to refuse itself.
  command.allowExcessArguments();
  const verbs = command.commands.map((one) => one.name()).join('|');
  command.summary(`${verbs}: ${what}`).usage(`${verbs} [options] ...`);
}

/** What a word does that only stands before commands. Throws UsageError. */
export function refuseUnknown(_options: unknown, command: Command): never {
  const words: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) words.unshift(at.name());
  const name = words.join(' ');
  const [unknown] = command.args;
  if (unknown === undefined) throw new UsageError(`no command; see ${name} --help`);
  const others = wordsTo(unknown, programOf(command));
  const meant = others.length === 0 ? '' : `: there is ${others.join(', ')}`;
  throw new UsageError(`unknown command '${unknown}'${meant}; see ${name} --help`);
}

function programOf(command: Command): Command {
  return command.parent === null ? command : programOf(command.parent);
}

/** How commands of the name `name` below `command` are typed. */
function wordsTo(name: string, command: Command): string[] {
  return command.commands
    .flatMap((one) => [...(one.name() === name ? [name] : []), ...wordsTo(name, one)])
    .map((words) => `${command.name()} ${words}`);
}

/** An option that may be given several times: what it was given. */
export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
