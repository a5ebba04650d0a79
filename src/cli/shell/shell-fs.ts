/**
 * The tree as the shell's interpreter sees it: the tree itself, and three things that make it a
 * place to run commands in without leaving a trace there.
 *
 *   /bin/vdf          a command that the tree has no file for is found all the same, by whoever
 *                     asks for that very name; no listing shows it
 *   /dev/null         takes and gives nothing, where the tree has no file there, or the device
 *   ELF programs      run nowhere here: in the place of one a line of shell runs that says so, or
 *                     the command of that name
 *
 * The interpreter asks whether a program exists, what it is, and for its text, in this order and
 * with nothing between: so a program that is run is told from a file that is read.
 *
 * Each call lets the rest of the process have its turn now and then, Ctrl-C above all.
 */

import { setImmediate as turn } from 'node:timers/promises';
import { BashFs, type BashStat, type Shown } from '../../doors/just-bash.ts';

const NULL = '/dev/null';
const CALLS_AT_ONCE = 64;
const ELF = '\x7fELF';

const COMMAND: BashStat = {
  isFile: true,
  isDirectory: false,
  isSymbolicLink: false,
  mode: 0o555,
  size: 0,
  mtime: new Date(0),
  dev: 0,
  ino: 0,
};

/** What stands in for programs. */
export interface StandIns {
  /** The commands that the interpreter has, by name. */
  readonly commands: ReadonlySet<string>;
  /** Those that take the place of a script of the tree in /sbin. */
  readonly own: ReadonlySet<string>;
  /** Whether an ELF program counts as started, as at boot, or fails as what runs nowhere. */
  isBooting: boolean;
  /** The ELF programs that were to run while booting. */
  readonly programs: string[];
}

/** A file system for just-bash over what `shown` shows. */
export class ShellFs extends BashFs {
  readonly #standIns: StandIns;
  /** The program that is asked for, and how far. */
  #asked = { path: '', step: '' };
  #calls = 0;
  /** Hears of each text that is read, as `.` reads one. */
  onText: ((text: string) => void) | null = null;

  constructor(shown: Shown, standIns: StandIns) {
    super(shown);
    this.#standIns = standIns;
    // What would be laid out with these is shown instead, so the interpreter must not find them.
    Object.defineProperties(this, {
      mkdirSync: { value: undefined },
      writeFileSync: { value: undefined },
    });
  }

  override async exists(path: string): Promise<boolean> {
    await this.#breathe();
    this.#asked = { path, step: 'exists' };
    return this.#isCommand(path) || path === NULL || super.exists(path);
  }

  override async stat(path: string): Promise<BashStat> {
    await this.#breathe();
    const isNext = this.#asked.path === path && this.#asked.step === 'exists';
    this.#asked = { path, step: isNext ? 'stat' : '' };
    try {
      return await super.stat(path);
    } catch (error) {
      if (this.#isCommand(path) || path === NULL) return COMMAND;
      throw error;
    }
  }

  override async readFile(...args: Parameters<BashFs['readFile']>): Promise<string> {
    const [path] = args;
    const isRun = this.#asked.path === path && this.#asked.step === 'stat';
    this.#asked = { path: '', step: '' };
    if (await this.#isNull(path)) return '';
    const text = await super.readFile(...args);
    this.onText?.(text);
    return isRun ? (this.#standInFor(path, text) ?? text) : text;
  }

  override async readFileBytes(path: string): Promise<never> {
    await this.#breathe();
    return (await this.#isNull(path)) ? ('' as never) : super.readFileBytes(path);
  }

  override async readFileBuffer(path: string): Promise<Uint8Array> {
    return (await this.#isNull(path)) ? new Uint8Array(0) : super.readFileBuffer(path);
  }

  override async writeFile(...args: Parameters<BashFs['writeFile']>): Promise<void> {
    await this.#breathe();
    if (!(await this.#isNull(args[0]))) await said(super.writeFile(...args));
  }

  override async appendFile(...args: Parameters<BashFs['appendFile']>): Promise<void> {
    await this.#breathe();
    if (!(await this.#isNull(args[0]))) await said(super.appendFile(...args));
  }

  override async cp(...args: Parameters<BashFs['cp']>): Promise<void> {
    await said(super.cp(...args));
  }

  override async mkdir(...args: Parameters<BashFs['mkdir']>): Promise<void> {
    await said(super.mkdir(...args));
  }

  async #breathe(): Promise<void> {
    this.#calls += 1;
    if (this.#calls % CALLS_AT_ONCE === 0) await turn();
  }

  async #isNull(path: string): Promise<boolean> {
    if (path !== NULL) return false;
    if (!(await super.exists(path))) return true;
    const { isFile, isDirectory } = await super.stat(path);
    return !isFile && !isDirectory;
  }

  /** Whether `path` is where a command is, and the tree has nothing there. */
  #isCommand(path: string): boolean {
    const name = /^\/bin\/([^/]+)$/.exec(path)?.[1];
    return name !== undefined && this.#standIns.commands.has(name);
  }

  /** What runs in the place of the program at `path`; null where it runs itself. */
  #standInFor(path: string, text: string): string | null {
    const { commands, own, isBooting, programs } = this.#standIns;
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (path === `/sbin/${name}` && own.has(name)) return `${name} "$@"\n`;
    if (!text.startsWith(ELF)) return null;
    if (commands.has(name)) return `${name} "$@"\n`;
    if (isBooting) {
      programs.push(path);
      return 'exit 0\n';
    }
    return `echo ${quoted(`${path}: cannot run: it is an ELF program`)} >&2\nexit 126\n`;
  }
}

/** `text` as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What `act` gives; of a full ramdisk it says so in the words of every shell. */
async function said<T>(act: Promise<T>): Promise<T> {
  try {
    return await act;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== 'ENOSPC') throw error;
    const told = message.replace('no space left on device', 'No space left on device');
    throw Object.assign(new Error(told, { cause: error }), { code });
  }
}
