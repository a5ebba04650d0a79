/**
 * A shell that is spoken to line by line: just-bash runs a script and forgets everything but the
 * files, so that what a shell keeps is carried here from one line to the next (kept.ts has what).
 *
 *   [what is kept] [a command of ours: $?]  the line  [a command of ours: what to keep, $?]
 *
 * What stands before and after is put into the parsed line, so that its own lines keep their
 * numbers. Each runs in an interpreter of its own: one that ran before is not quite as new.
 * Where the end is not reached the plain variables are kept at most, and the shell is left only
 * where something speaks of leaving: an interpreter that gave up is no reason to.
 */

import type { Bash, BashExecResult, ExecOptions, ScriptNode } from 'just-bash';
import { printable } from '../printable.ts';
import { Kept, SAY, type Said } from './kept.ts';
import { quoted } from './shell-fs.ts';

/** What is needed of just-bash. */
export type JustBash = Pick<
  typeof import('just-bash'),
  'Bash' | 'getCommandNames' | 'latin1FromBytes' | 'parse' | 'serialize'
>;

/** A command that a session has for itself. */
type OwnCommand = Parameters<Bash['registerCommand']>[0];

/** What a session runs in. */
export interface Surroundings {
  readonly just: JustBash;
  /** A new interpreter. */
  readonly interpreter: () => Bash;
  readonly env: Readonly<Record<string, string>>;
  /** What is to be told of each text that is read as one. */
  readonly texts: { onText: ((text: string) => void) | null };
}

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

/** How a line is run. */
export interface Running {
  readonly signal: AbortSignal;
}

/** How a script is run. */
export interface ScriptRunning extends Running {
  /** $0, $1 and so on. */
  readonly words?: readonly string[];
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

const LEAVES = /\b(?:exit|logout|errexit|set\s+-\w*e)/;
/** A text that may define functions. */
const DEFINES = /\(\s*\)|\bfunction\s/;
/** A longer one is none that a shell would read. */
const TEXT_MAX = 1_000_000;
const UNFINISHED = /got EOF|unexpected EOF|unterminated here-document/;
const GOES_ON = /(?:^|[^\\])(?:\\\\)*\\\n?$|(?:\||&&)\s*$/;

/** One session. */
export class Session {
  readonly #just: JustBash;
  readonly #interpreter: () => Bash;
  readonly #texts: Surroundings['texts'];
  readonly #kept = new Kept();
  #env: Record<string, string>;
  #cwd = '/';
  #code = 0;
  /** Texts that may have left the shell, or defined a function: the line, and what it read. */
  #read: string[] = [];
  /** What was said at the end of the line; null where it was not reached. */
  #said: Said | null = null;
  #isRefused = false;
  /** Whether the next script that runs gets what is kept. */
  #isHeir = false;

  constructor({ just, interpreter, env, texts }: Surroundings) {
    this.#just = just;
    this.#interpreter = interpreter;
    this.#texts = texts;
    this.#env = { ...env };
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
    return [...names.map((name) => name.slice(prefix.length)), ...this.#kept.functions];
  }

  /** Gives what is kept to the script that a command of this line runs next. */
  bequeath(): void {
    this.#isHeir = true;
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
  async line(text: string, { signal }: Running): Promise<Ran> {
    this.#said = null;
    this.#isRefused = false;
    this.#read = [text];
    const bash = this.#interpreter();
    for (const command of this.#ownCommands()) bash.registerCommand(command);
    this.#isHeir = true;
    let isLine = true;
    bash.registerTransformPlugin({
      name: 'session',
      transform: ({ ast }) => {
        if (!this.#isHeir) return { ast };
        this.#isHeir = false;
        const [before, after] = isLine ? this.#around() : [this.#before(), []];
        isLine = false;
        return { ast: { ...ast, statements: [...before, ...ast.statements, ...after] } };
      },
    });
    this.#texts.onText = (read) => {
      const isOfUse = DEFINES.test(read) || LEAVES.test(read);
      if (read.length <= TEXT_MAX && isOfUse) this.#read.push(read);
    };
    try {
      const ran = await this.#exec(bash, text, { signal });
      this.#code = ran.code;
      const left = this.#hasLeft(signal);
      if (this.#said !== null) this.#kept.keep(this.#said, this.#read.flatMap(this.#parsed));
      return { ...ran, left };
    } finally {
      this.#texts.onText = null;
    }
  }

  /**
   * Runs `text` as a script of its own, with `words` as $0, $1 and so on: what it sets is gone when
   * it is done.
   */
  async script(text: string, { signal, words = ['bash'] }: ScriptRunning): Promise<Ran> {
    const [env, cwd] = [this.#env, this.#cwd];
    const line = ['bash -c', ...[text, ...words].map(quoted)].join(' ');
    const ran = await this.#exec(this.#interpreter(), line, { signal });
    [this.#env, this.#cwd] = [env, cwd];
    this.#code = ran.code;
    return { ...ran, left: true };
  }

  #ownCommands(): OwnCommand[] {
    const ended = (code = '0') => ({ stdout: '', stderr: '', exitCode: Number(code) });
    return [
      { name: BEFORE, execute: async ([code]) => ended(code) },
      {
        name: AFTER,
        execute: async ([code, ...said]) => {
          this.#said = said as unknown as Said;
          return ended(code);
        },
      },
    ];
  }

  /** What stands before a line, and after it. */
  #around(): [ScriptNode['statements'], ScriptNode['statements']] {
    // Where a command that fails ends the shell, none can have failed.
    const code = this.#kept.isErrexit ? 0 : this.#code;
    const start = this.#quietly(`${BEFORE} ${code}`);
    return [[...this.#before(), ...start], this.#quietly(`${AFTER} "$?" ${SAY}`)];
  }

  #before(): ScriptNode['statements'] {
    return [...this.#kept.definitions, ...this.#quietly(this.#kept.lines)];
  }

  /** `text`, which neither `set -x` nor `set -v` tells of. */
  #quietly(text: string): ScriptNode['statements'] {
    const { statements } = this.#just.parse(`{ ${text}\n} 2> /dev/null`);
    return statements.map(({ sourceText: _, ...statement }) => statement);
  }

  #hasLeft(signal: AbortSignal): boolean {
    if (this.#said !== null || this.#isRefused || signal.aborted) return false;
    const isSaid = this.#read.some((text) => LEAVES.test(text)) || this.#kept.says(LEAVES);
    return isSaid || this.#kept.isErrexit;
  }

  async #exec(bash: Bash, text: string, { signal }: Running): Promise<Omit<Ran, 'left'>> {
    const result = await this.#executed(bash, text, {
      rawScript: true,
      env: this.#env,
      replaceEnv: true,
      cwd: this.#cwd,
      signal,
    });
    const { stdout, stderr, exitCode, env } = result;
    this.#env = Object.fromEntries(
      Object.entries(env).filter(([name]) => !OWN_VARIABLES.includes(name)),
    );
    this.#cwd = env['PWD'] ?? this.#cwd;
    return { bytes: bytesOf(stdout), stderr, code: exitCode };
  }

  /**
   * What just-bash makes of `text`. What the tree refuses of a redirection that is in no group
   * (redirections.ts) ends all of it there, and takes what was written before along.
   */
  async #executed(bash: Bash, text: string, options: ExecOptions): Promise<Executed> {
    try {
      return await bash.exec(text, options);
    } catch (error) {
      this.#isRefused = true;
      const stderr = `bash: ${printable((error as Error).message)}\n`;
      return { stdout: '', stderr, exitCode: REFUSED, env: this.#env };
    }
  }

  /** `text` as a script; nothing where it is none. */
  readonly #parsed = (text: string): ScriptNode[] => {
    try {
      return [this.#just.parse(text)];
    } catch {
      // A text that was read for something else, or a script with an error that was told.
      return [];
    }
  };
}

/**
 * What just-bash gives as `stdout`: text where it all is, else a byte in each character, and it
 * does not say which. What holds letters of control that no terminal is sent is bytes.
 */
export function bytesOf(stdout: string): Uint8Array {
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
