/**
 * A shell that is spoken to line by line: just-bash runs a script and forgets everything but the
 * files, so that what a shell keeps is carried here from one line to the next.
 *
 *   kept       variables, the working directory, aliases, functions of lines that were typed, $?
 *   not kept   what `set` and `shopt` switch, functions of files that `.` reads
 *
 * A line runs between two commands of ours: one gives $? the code of the line before, the other
 * takes the code at its end. Where that is not reached, and the line speaks of leaving, it left.
 */

import type { Bash, BashExecResult, ExecOptions } from 'just-bash';
import { printable } from '../printable.ts';

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

type Executed = Pick<BashExecResult, 'stdout' | 'stderr' | 'exitCode' | 'env'>;

/** How a script is run. */
export interface Running {
  readonly signal: AbortSignal;
  readonly stdin?: Uint8Array;
}

/** The commands before and after each line. */
const BEFORE = '__visorfs_before';
const AFTER = '__visorfs_after';

/** The names of commands that a session has for itself. */
export const SESSION_COMMANDS: readonly string[] = [BEFORE, AFTER];

/** What the interpreter sets itself. */
const OWN_VARIABLES = ['SHELLOPTS', 'BASHOPTS', '?', '_'];

/** The code of what the tree refuses. */
const REFUSED = 1;

const BELL = 0x07;
const CR = 0x0d;
const ESCAPE = 0x1b;
const BLANK = 0x20;
const BYTE_MAX = 0xff;

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
  #isRefused = false;

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
    this.#isRefused = false;
    const ran = await this.#exec(`${ahead}${text}\n${AFTER} $?\n`, running);
    if (this.#isThrough) this.#remember(text);
    this.#code = ran.code;
    return { ...ran, left: this.#hasLeft(text, running.signal) };
  }

  #hasLeft(text: string, signal: AbortSignal): boolean {
    return !this.#isThrough && !this.#isRefused && !signal.aborted && LEAVES.test(text);
  }

  /** Runs `text` as a script of its own: what it sets is gone when it is done. */
  async script(text: string, running: Running): Promise<Ran> {
    const [env, cwd] = [this.#env, this.#cwd];
    const ran = await this.#exec(text, running);
    [this.#env, this.#cwd] = [env, cwd];
    this.#code = ran.code;
    return { ...ran, left: true };
  }

  async #exec(text: string, { signal, stdin }: Running): Promise<Omit<Ran, 'left'>> {
    const result = await this.#executed(text, {
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
    return { bytes: bytesOf(stdout), stderr, code: exitCode };
  }

  /**
   * What just-bash makes of `text`. A redirection that the tree refuses ends all of it there, and
   * takes what was written before along.
   */
  async #executed(text: string, options: ExecOptions): Promise<Executed> {
    try {
      return await this.#bash.exec(text, options);
    } catch (error) {
      this.#isRefused = true;
      const stderr = `bash: ${printable((error as Error).message)}\n`;
      return { stdout: '', stderr, exitCode: REFUSED, env: this.#env };
    }
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

/**
 * What just-bash gives as `stdout`: text where it all is, else a byte in each character, and it
 * does not say which. What holds letters of control that no terminal is sent is bytes.
 */
function bytesOf(stdout: string): Uint8Array {
  let isBytes = false;
  for (let at = 0; at < stdout.length; at++) {
    const code = stdout.charCodeAt(at);
    if (code > BYTE_MAX) return Buffer.from(stdout);
    isBytes ||=
      code < BELL || (code > CR && code < BLANK && code !== ESCAPE) || isHighControl(code);
  }
  return Buffer.from(stdout, isBytes ? 'latin1' : 'utf8');
}

/** Whether `code` is DEL or one of the controls above it, which no text has. */
function isHighControl(code: number): boolean {
  return code >= 0x7f && code < 0xa0;
}
