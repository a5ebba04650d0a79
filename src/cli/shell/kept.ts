/**
 * What a shell keeps from one line to the next, beside its plain variables: said by the builtins of
 * the interpreter at the end of a line, and brought back by them ahead of the next.
 *
 *   declare -p   arrays, and what is exported, read-only, an integer, a reference
 *   set +o       the options of set; not noexec, which no shell at a terminal heeds
 *   shopt -p     those of shopt
 *   declare -F   the names of functions, whose bodies the interpreter does not print
 *
 * Functions are kept as the interpreter has parsed them: from the lines that were typed and from
 * the files that `.` read. One whose definition neither has, as `eval` makes it, is not kept; where
 * a line has several of one name, it is the last.
 *
 * Not kept: the stack of `pushd`, what `exec` redirected.
 */

import type { ScriptNode, StatementNode } from 'just-bash';

/** The words of the shell that say it, in the order of `Said`. */
export const SAY = [
  '"$(\\declare -p)"',
  '"$(\\set +o)"',
  '"$(\\builtin shopt -p)"',
  '"$(\\declare -F)"',
].join(' ');

/** What they said. */
export type Said = readonly [variables: string, options: string, shopts: string, names: string];

/** What the interpreter sets itself, or a plain variable that goes another way. */
const OWN = /^declare (?:--|-\S+ (?:BASHOPTS|SHELLOPTS|PIPESTATUS)=)/;
const SET = /^set -o (?!noexec$)/;
/** They tell of each command; so of the commands that bring things back, none comes after. */
const TELLING = /^set -o (?:errexit|verbose|xtrace)$/;

/** What is kept. */
export class Kept {
  #variables: string[] = [];
  #options: string[] = [];
  #shopts: string[] = ['shopt -s expand_aliases'];
  readonly #functions = new Map<string, StatementNode>();

  /** The names of the functions. */
  get functions(): string[] {
    return [...this.#functions.keys()];
  }

  /** Whether a command that fails ends the shell. */
  get isErrexit(): boolean {
    return this.#options.includes('set -o errexit');
  }

  /** Whether a function says `word`. */
  says(word: RegExp): boolean {
    return word.test(JSON.stringify(this.definitions));
  }

  /** Lines of shell that bring back all but the functions. */
  get lines(): string {
    const quiet = this.#options.filter((line) => !TELLING.test(line));
    const telling = this.#options.filter((line) => TELLING.test(line));
    return [...this.#shopts, ...this.#variables, ...quiet, ...telling].join('\n');
  }

  /** The definitions of the functions. */
  get definitions(): StatementNode[] {
    return [...this.#functions.values()];
  }

  /** Keeps what was `said` at the end of a line, with the functions that `scripts` may define. */
  keep([variables, options, shopts, names]: Said, scripts: readonly ScriptNode[]): void {
    const declared = variables.split(/\n(?=declare )/).filter((line) => line !== '');
    this.#variables = declared.filter((line) => !OWN.test(line)).map(assigned);
    this.#options = options.split('\n').filter((line) => SET.test(line));
    this.#shopts = shopts.split('\n').filter((line) => line !== '');
    const there = new Set(names.split('\n').map((line) => line.split(' ').at(-1)!));
    for (const script of scripts) {
      for (const [name, definition] of definitionsIn(script)) this.#functions.set(name, definition);
    }
    for (const name of this.functions) if (!there.has(name)) this.#functions.delete(name);
  }
}

/**
 * A declaration of an array with its assignment apart: in one, the interpreter loses what follows
 * a blank in an element.
 */
function assigned(declaration: string): string {
  const [, flags, name, elements] = /^declare -(\S+) (\w+)=(\(.*\))$/s.exec(declaration) ?? [];
  if (flags === undefined) return declaration;
  const kind = flags.includes('A') ? 'A' : 'a';
  return `declare -${kind} ${name}\n${name}=${elements}\ndeclare -${flags} ${name}`;
}

/** The functions that are defined anywhere in `script`, each as a statement of its own. */
function definitionsIn(script: ScriptNode): [string, StatementNode][] {
  const found: [string, StatementNode][] = [];
  const look = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if ('type' in part && part.type === 'FunctionDef') {
      const definition = part as Extract<CommandNode, { type: 'FunctionDef' }>;
      found.push([definition.name, statementOf(definition)]);
    }
    for (const inner of Object.values(part)) look(inner);
  };
  look(script);
  return found;
}

type CommandNode = StatementNode['pipelines'][number]['commands'][number];

function statementOf(command: CommandNode): StatementNode {
  const pipelines = [{ type: 'Pipeline' as const, commands: [command], negated: false }];
  return { type: 'Statement', pipelines, operators: [], background: false };
}
