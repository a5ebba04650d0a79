/**
 * A shell that is spoken to line by line: just-bash runs a script and forgets everything but the
 * files, so that what a shell keeps is carried here from one line to the next.
 *
 *   kept       variables, the working directory, aliases, functions of lines that were typed, $?
 *   not kept   what `set` and `shopt` switch, functions of files that `.` reads
 *
 * A line runs between two commands of ours: one gives $? the code of the line before, the other
 * takes the code at its end. Where that one is not reached, and the line speaks of leaving, it left.
 */

import type { Bash } from 'just-bash';

/** What is needed of just-bash. */
export type JustBash = Pick<
  typeof import('just-bash'),
  'Bash' | 'getCommandNames' | 'latin1FromBytes' | 'parse' | 'serialize'
>;

/** What came of a line. */
export interface Ran {
  /** What was written to stdout. */
  readonly bytes: Uint8Array;
  readonly stderr: string;
  readonly code: number;
  /** Whether the line left the shell. */
  readonly left: boolean;
}

/** How a script is run. */
export interface Running {
  readonly signal: AbortSignal;
  readonly stdin?: Uint8Array;
}

/** The commands before and after each line, and the one that takes what a script writes. */
const BEFORE = '__visorfs_before';
const AFTER = '__visorfs_after';
const TAKE = '__visorfs_take';

/** The names of commands that a session has for itself. */
export const SESSION_COMMANDS: readonly string[] = [BEFORE, AFTER, TAKE];

/** What the interpreter sets itself. */
const OWN_VARIABLES = ['SHELLOPTS', 'BASHOPTS', '?', '_'];

const LEAVES = /\b(?:exit|logout)\b/;
const UNFINISHED = /got EOF|unexpected EOF|unterminated here-document/;
const GOES_ON = /(?:^|[^\\])(?:\\\\)*\\\n?$|(?:\||&&)\s*$/;

/** One session. */
export class Session {
  readonly #just: JustBash;
  readonly #bash: Bash;
  #env: Record<string, string>;
  #cwd: string;
  readonly #functions = new Map<string, string>();
  #code = 0;
  #isThrough = false;
  #taken: Uint8Array = new Uint8Array(0);

  constructor(just: JustBash, bash: Bash, env: Readonly<Record<string, string>>, cwd: string) {
    this.#just = just;
    this.#bash = bash;
    this.#env = { ...env };
    this.#cwd = cwd;
    bash.registerCommand({
      name: BEFORE,
      execute: async ([code = '0']) => ({ stdout: '', stderr: '', exitCode: Number(code) }),
    });
    bash.registerCommand({
      name: AFTER,
      execute: async ([code = '0']) => {
        this.#isThrough = true;
        return { stdout: '', stderr: '', exitCode: Number(code) };
      },
    });
    bash.registerCommand({
      name: TAKE,
      execute: async (_, { stdin }) => {
        this.#taken = Buffer.from(just.latin1FromBytes(stdin), 'latin1');
        return { stdout: '', stderr: '', exitCode: 0 };
      },
    });
  }

  /** Where it stands. */
  get cwd(): string {
    return this.#cwd;
  }

  /** The exit code of the last line. */
  get code(): number {
    return this.#code;
  }

  /** Says that the last line was ended from outside, with `code`. */
  interrupted(code: number): void {
    this.#code = code;
  }

  /** Its aliases and functions. */
  get aliases(): string[] {
    const prefix = 'BASH_ALIAS_';
    const names = Object.keys(this.#env).filter((name) => name.startsWith(prefix));
    return [...names.map((name) => name.slice(prefix.length)), ...this.#functions.keys()];
  }

  /** Whether `text` is only the beginning of something. */
  isUnfinished(text: string): boolean {
    if (GOES_ON.test(text)) return true;
    try {
      this.#just.serialize(this.#just.parse(text));
      return false;
    } catch (error) {
      return UNFINISHED.test((error as Error).message);
    }
  }

  /** Runs one line, or several that belong together. */
  async line(text: string, running: Running): Promise<Ran> {
    const functions = [...this.#functions.values()].join('\n');
    const ahead = `shopt -s expand_aliases\n${functions}\n${BEFORE} ${this.#code}\n`;
    this.#isThrough = false;
    const ran = await this.#exec(`${ahead}${text}\n${AFTER} $?\n`, running);
    if (this.#isThrough) this.#remember(text);
    this.#code = ran.code;
    return { ...ran, left: !this.#isThrough && !running.signal.aborted && LEAVES.test(text) };
  }

  /**
   * Runs `text` as a script of its own: what it sets is gone when it is done. What it writes is
   * taken through a pipe, which keeps bytes that are no text.
   */
  async script(text: string, running: Running): Promise<Ran> {
    const [env, cwd] = [this.#env, this.#cwd];
    this.#taken = new Uint8Array(0);
    const piped = `( ${text}\n) | ${TAKE}\nexit \${PIPESTATUS[0]}\n`;
    const ran = await this.#exec(this.#isWhole(text) ? piped : text, running);
    [this.#env, this.#cwd] = [env, cwd];
    this.#code = ran.code;
    return { ...ran, bytes: Buffer.concat([this.#taken, ran.bytes]), left: true };
  }

  #isWhole(text: string): boolean {
    try {
      this.#just.parse(text);
      return true;
    } catch {
      // Whoever runs it says what is wrong with it.
      return false;
    }
  }

  async #exec(text: string, { signal, stdin }: Running): Promise<Omit<Ran, 'left'>> {
    const result = await this.#bash.exec(text, {
      rawScript: true,
      env: this.#env,
      replaceEnv: true,
      cwd: this.#cwd,
      signal,
      ...(stdin === undefined
        ? {}
        : { stdin: Buffer.from(stdin).toString('latin1'), stdinKind: 'bytes' as const }),
    });
    const { stdout, stderr, exitCode, env } = result;
    this.#env = Object.fromEntries(
      Object.entries(env).filter(([name]) => !OWN_VARIABLES.includes(name)),
    );
    this.#cwd = env['PWD'] ?? this.#cwd;
    return { bytes: Buffer.from(stdout), stderr, code: exitCode };
  }

  /** Keeps the functions that `text` defines by itself, not those in a branch of it. */
  #remember(text: string): void {
    const script = this.#just.parse(text);
    for (const statement of script.statements) {
      for (const { commands } of statement.pipelines) {
        for (const command of commands) {
          if (command.type !== 'FunctionDef') continue;
          const only = {
            ...statement,
            pipelines: [{ ...statement.pipelines[0]!, commands: [command] }],
          };
          this.#functions.set(
            command.name,
            this.#just.serialize({ ...script, statements: [{ ...only, operators: [] }] }),
          );
        }
      }
    }
  }
}
