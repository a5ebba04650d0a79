/**
 * What a command has of the world: somewhere to write, somewhere to complain, a clock, an end.
 *
 * A command never says `process` and never exits: main.ts makes an Output of the process, a test
 * makes one of strings. What goes wrong is thrown, and program.ts turns it into a line and a code.
 *
 *   UsageError    the command line is wrong                       exit code 2
 *   OutputClosed  whoever read what we write has gone (EPIPE)     exit code 0
 *   ExitError     the command has codes of its own, as diff does  its own exit code
 *   anything else a file, an archive, a limit said no             exit code 1
 */

import type { Host, VisorFs } from '../node.ts';

/** What may be said of every command. */
export interface GlobalOptions {
  /** Keep an index beside an archive that is mounted. */
  readonly index?: 'keep';
  /** The file with the key of the state; `-` is stdin. */
  readonly keyFile?: string;
  /** Boot with a state that a newer image has made. */
  readonly forceState?: true;
}

/** A tree that stands open while commands act on it, as a shell has one. */
export interface LiveTree {
  readonly vfs: VisorFs;
  /** The `fs` of whoever acts there: what it writes is counted as his. */
  readonly fs: VisorFs['fs'];
  /** The host, where a bank was booted. */
  readonly host: Host | null;
  /** The path that who stands somewhere in the tree means by `path`. */
  resolve(path: string): string;
  /** Runs a line of shell there; absent where there is no shell. */
  readonly run?: (line: string) => Promise<Answer>;
  /** The place before the terminal; absent where nobody sits there. */
  readonly seat?: Seat;
}

/** What came of a line of shell. */
export interface Answer {
  readonly stdout: Uint8Array;
  readonly stderr: string;
  readonly code: number;
}

/** A terminal that a command may have for itself, below a shell. */
export interface Seat {
  readonly terminal: Terminal;
  /** Waits until q is typed, or Ctrl-C, which rejects with ExitError; nothing else reads keys. */
  untilQuit(): Promise<void>;
}

/** The world as a command sees it. */
export interface Output {
  /**
   * Writes to stdout; settles when it is taken. Throws OutputClosed where nobody reads any more.
   */
  write(chunk: string | Uint8Array): Promise<void>;
  /**
   * All that comes in by stdin: the same, however often it is asked for. Throws CommandError where
   * it is more than 1 GiB.
   */
  readAll(): Promise<Uint8Array>;
  /** What the user calls `file`, which may have been fetched; it is itself unless said. */
  readonly nameOf?: (file: string) => string;
  /** Writes to stderr. */
  complain(text: string): void;
  /** Whether stderr is a terminal, and progress has a reader. */
  readonly isTerminal: boolean;
  /** What was said of this command and would be of any other. */
  readonly options: GlobalOptions;
  /** The variables of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks whoever sits at the terminal, and gives the line they answer; null where nobody does. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** Milliseconds that only go forward. */
  now(): number;
  /** Aborted by Ctrl-C: listeners undo at once what is half done. */
  readonly signal: AbortSignal;
  /** Runs `act` to its end, where Ctrl-C comes meanwhile too: the command ends behind it. */
  whole<T>(act: () => Promise<T>): Promise<T>;
  /** Runs `act` while Ctrl-C is for a program at the terminal that it started. */
  lent<T>(act: () => Promise<T>): Promise<T>;
  /** The tree that commands act on where one stands open; they take no images then. */
  readonly live?: LiveTree;
  /** Where somebody sits at a terminal, both ways. */
  readonly terminal?: Terminal;
}

/** A terminal that somebody types at. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** The folder for what is kept from one session to the next; nothing makes it but need. */
  readonly stateFolder: string;
}

/** The command line is wrong; the message says how. */
export class UsageError extends Error {}
UsageError.prototype.name = 'UsageError';

/** What was asked for cannot be done; the message names the thing and says why. */
export class CommandError extends Error {}
CommandError.prototype.name = 'CommandError';

/** The command ends with a code of its own; a message, where there is one, is still to be said. */
export class ExitError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message = '') {
    super(message);
    this.exitCode = exitCode;
  }
}
ExitError.prototype.name = 'ExitError';

/** Nobody reads stdout any more. */
export class OutputClosed extends Error {}
OutputClosed.prototype.name = 'OutputClosed';

/** `value` as one line of JSON. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** Lets other work of the process run, an interrupt above all. Throws where there was one. */
export async function breathe({ signal }: Output): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
