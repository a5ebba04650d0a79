/**
 * Arguments and options that are files and folders of this machine: where they are written to, or
 * read again and again, neither a stream nor an address can stand in for them.
 */

import { Argument, type Command, Option } from 'commander';
import { isAddress } from './devices.ts';
import { UsageError } from './output.ts';

/** What stands for stdin, or stdout. */
export const STDIN = '-';

/** What else than something on this machine is taken. */
export interface OtherPlaces {
  /** `-`, which is stdin, or stdout. */
  readonly stdin?: true;
  readonly address?: true;
}

const HERE = new WeakMap<Argument | Option, OtherPlaces>();

/** An argument that is on this machine, and is refused where it cannot be. */
export function hereArgument(flags: string, what: string, others: OtherPlaces = {}): Argument {
  const argument = new Argument(flags, what);
  HERE.set(argument, others);
  return argument;
}

/** An option that takes something on this machine, and is refused where it cannot be. */
export function hereOption(flags: string, what: string, others: OtherPlaces = {}): Option {
  const option = new Option(flags, what);
  HERE.set(option, others);
  return option;
}

/** Whether an option was made by `hereOption`. */
export function isHereOption(option: Option): boolean {
  return HERE.has(option);
}

/**
 * Throws UsageError where `command` was given stdin or an address for what is on this machine.
 */
export function checkHere(command: Command): void {
  command.registeredArguments.forEach((argument, index) => {
    const given: unknown = command.processedArgs[index];
    checkPlace(given, `<${argument.name()}>`, HERE.get(argument));
  });
  for (let at: Command | null = command; at !== null; at = at.parent) {
    for (const option of at.options) {
      const given: unknown = at.getOptionValue(option.attributeName());
      checkPlace(given, option.long!, HERE.get(option));
    }
  }
}

function checkPlace(given: unknown, what: string, others: OtherPlaces | undefined): void {
  if (others === undefined || given === undefined) return;
  for (const one of [given].flat()) {
    const isStdin = one === STDIN && others.stdin !== true;
    const isElsewhere = isAddress(String(one)) && others.address !== true;
    if (!isStdin && !isElsewhere) continue;
    const it = isStdin ? 'a stream' : 'an address';
    throw new UsageError(`${what} is on this machine, and '${String(one)}' is ${it}`);
  }
}
