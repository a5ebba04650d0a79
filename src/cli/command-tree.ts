/**
 * The commands of a program as plain rows, for what is made from them: completion, the man page.
 */

import type { Command, Option } from 'commander';

/** One command. */
export interface CommandRow {
  /** The words that lead to it: `ramdisk list`; of the program itself none. */
  readonly words: readonly string[];
  readonly command: Command;
  /** What its next word may be: commands with their other names, choices of an argument. */
  readonly below: readonly string[];
  /** Its own options, and with them those of the whole program. */
  readonly options: readonly Option[];
  /** Whether files of this machine are what it takes. */
  readonly takesFiles: boolean;
}

/** All commands of `program`, itself first, each ahead of those below it. */
export function commandRows(program: Command): CommandRow[] {
  const rows: CommandRow[] = [];
  const visit = (command: Command, words: readonly string[]): void => {
    const help = command.createHelp();
    const below = command.commands.flatMap((one) => [one.name(), ...one.aliases()]);
    const options = [...help.visibleOptions(command)];
    if (words.length > 0)
      options.push(...program.options.filter(({ long }) => isNew(options, long)));
    const takesFiles = command.registeredArguments.some((one) => one.argChoices === undefined);
    below.push(...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []));
    rows.push({ words, command, below, options, takesFiles });
    for (const one of command.commands) {
      for (const name of [one.name(), ...one.aliases()]) visit(one, [...words, name]);
    }
  };
  visit(program, []);
  return rows;
}

function isNew(options: readonly Option[], long: string | undefined): boolean {
  return long !== '--version' && options.every((option) => option.long !== long);
}

/** How `option` may be written: `-l`, `--long`. */
export function spellings({ short, long }: Option): string[] {
  return [short, long].filter((one) => one !== undefined);
}

/** Whether a word of its own follows `option`. */
export function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}
