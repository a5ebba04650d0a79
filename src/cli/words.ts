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

/** Adds the noun `name` to `program`, whose verbs are the commands. */
export function addNoun(program: Command, name: string, what: string): Command {
  return program
    .command(name)
    .summary(`${name} list: ${what}`)
    .description(`Lists ${what}.`)
    .usage('list [options] <image>...')
    .helpCommand(false)
    .action(refuseUnknown)
    .allowExcessArguments()
    .addHelpText('after', `\nExample:\n  visorfs ${name} list images/bank`);
}

/** What a word does that only stands before commands. Throws UsageError. */
export function refuseUnknown(_options: unknown, command: Command): never {
  const words: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) words.unshift(at.name());
  const name = words.join(' ');
  const [unknown] = command.args;
  const what = unknown === undefined ? 'no command' : `unknown command '${unknown}'`;
  throw new UsageError(`${what}; see ${name} --help`);
}

/** An option that may be given several times: what it was given. */
export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
