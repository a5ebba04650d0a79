/**
 * A person at a terminal in a shell: a prompt, lines that can be edited, a history, Tab.
 *
 *   Ctrl-C     ends the line that runs, or throws away the one that is typed; never the shell
 *   Ctrl-D     leaves, as exit does
 *   > …        the line before is not finished
 */

import readline from 'node:readline';
import { counted } from '../figures.ts';
import { ExitError, type Output, type Terminal } from '../output.ts';
import { completionsOf } from './completion.ts';
import { History } from './history.ts';
import type { Shell } from './open-shell.ts';
import type { Session } from './session.ts';

const PROFILE = '/etc/profile';
const CONTINUED = '> ';

/** 128 + SIGINT. */
const INTERRUPTED = 130;

const CTRL_C = '\x03';
/** What ends looking: q, Ctrl-C, Ctrl-D. */
const QUITS = ['q', 'Q', CTRL_C, '\x04'];

/** How somebody sits there. */
export interface Sitting {
  /** Whether lines are kept for the next time. */
  readonly keepsHistory: boolean;
}

/** Lets whoever is at the terminal of `out` use `shell`; returns the exit code. */
export async function sitAtTerminal(
  shell: Shell,
  out: Output,
  { keepsHistory }: Sitting,
): Promise<number> {
  const terminal = out.terminal!;
  const history = keepsHistory ? History.in(terminal.stateFolder, out) : null;
  const before = shell.live.vfs.snapshot();
  const lines = new Lines(shell, terminal, history);
  const killed = (): void => out.complain(killedText(shell.live.vfs.diff(before).length));
  out.signal.addEventListener('abort', killed);
  try {
    if (shell.live.vfs.fs.existsSync(PROFILE)) await lines.run(`. ${PROFILE}`);
    for (;;) {
      const text = await lines.next();
      if (text === null) break;
      if (text.trim() === '') continue;
      history?.add(text);
      if (await lines.run(text)) break;
    }
  } finally {
    out.signal.removeEventListener('abort', killed);
    lines.close();
  }
  const lost = lostText(await shell.saving.lost(before));
  before.release();
  if (lost !== '') out.complain(lost);
  return shell.session.code;
}

/** What is said at the end of what is gone. */
function lostText({ never, notYet }: { readonly never: number; readonly notYet: number }): string {
  const parts = [
    ...(notYet > 0 ? [`${counted(notYet, 'file')} of state that no backup saved`] : []),
    ...(never > 0 ? [`${counted(never, 'change')} that no backup would save`] : []),
  ];
  return parts.length === 0 ? '' : `visorfs: gone with this shell: ${parts.join(', ')}\n`;
}

/** What is said where a signal ends the shell: there is no time to look at the device. */
function killedText(changes: number): string {
  return changes === 0 ? '' : `visorfs: gone with this shell: ${counted(changes, 'change')}\n`;
}

/** Lines from a terminal, and what they write. */
class Lines {
  readonly #session: Session;
  readonly #terminal: Terminal;
  readonly #shell: Shell;
  /** Whether something else reads the keys. */
  #isAside = false;
  #reader: readline.Interface;
  /** What was typed, the newest first. */
  #typed: string[];
  /** Lines that came while another ran. */
  readonly #pending: string[] = [];
  #waiting: ((line: string | null) => void) | null = null;
  #isClosed = false;
  /** Ends the line that runs. */
  #running: AbortController | null = null;
  /** The lines before of what is not finished. */
  #begun: string[] = [];

  constructor(shell: Shell, terminal: Terminal, history: History | null) {
    this.#shell = shell;
    this.#session = shell.session;
    this.#terminal = terminal;
    this.#typed = history?.lines ?? [];
    this.#reader = this.#open();
    shell.seats.seat = { terminal, untilQuit: () => this.#untilQuit() };
  }

  #open(): readline.Interface {
    const reader = readline.createInterface({
      input: this.#terminal.input,
      output: this.#terminal.output,
      terminal: true,
      history: [...this.#typed],
      historySize: History.MAX,
      removeHistoryDuplicates: true,
      completer: (line: string) => completionsOf(line, this.#shell),
    });
    reader.on('history', (lines) => {
      this.#typed = lines;
    });
    reader.on('line', (line) => this.#take(line));
    reader.on('close', () => {
      if (this.#isAside) return;
      this.#isClosed = true;
      this.#waiting?.(null);
    });
    reader.on('SIGINT', () => this.#interrupt());
    return reader;
  }

  /** As a seat has it; what was typed of a line meanwhile is gone. */
  async #untilQuit(): Promise<void> {
    const { input } = this.#terminal;
    this.#isAside = true;
    this.#reader.close();
    input.setRawMode(true);
    input.resume();
    try {
      if ((await quitKey(input)) === CTRL_C) throw new ExitError(INTERRUPTED);
    } finally {
      this.#isAside = false;
      this.#reader = this.#open();
    }
  }

  /** What is typed next, all lines of it; null where nothing more comes. */
  async next(): Promise<string | null> {
    for (;;) {
      const line = await this.#line();
      if (line === null) {
        this.#terminal.output.write('\n');
        return null;
      }
      this.#begun.push(line);
      const text = this.#begun.join('\n');
      if (this.#session.isUnfinished(text)) continue;
      this.#begun = [];
      return text;
    }
  }

  /** Runs `text` and shows what it writes; whether it left the shell. */
  async run(text: string): Promise<boolean> {
    this.#running = new AbortController();
    const { signal } = this.#running;
    try {
      const { bytes, stderr, left } = await this.#session.line(text, { signal });
      // Of a line that was ended the interpreter complains; what it wrote till then is shown.
      this.#show(bytes, signal.aborted ? '' : stderr);
      return left;
    } finally {
      if (signal.aborted) this.#session.interrupted(INTERRUPTED);
      this.#running = null;
    }
  }

  close(): void {
    this.#reader.close();
  }

  #line(): Promise<string | null> {
    const pending = this.#pending.shift();
    if (pending !== undefined) return Promise.resolve(pending);
    if (this.#isClosed) return Promise.resolve(null);
    this.#reader.setPrompt(this.#prompt());
    this.#reader.prompt();
    return new Promise((resolve) => {
      this.#waiting = (line) => {
        this.#waiting = null;
        resolve(line);
      };
    });
  }

  #take(line: string): void {
    if (this.#waiting === null) this.#pending.push(line);
    else this.#waiting(line);
  }

  #prompt(): string {
    return this.#begun.length > 0 ? CONTINUED : `[root@visorfs:${this.#session.cwd}] `;
  }

  #interrupt(): void {
    this.#terminal.output.write('^C\n');
    this.#pending.length = 0;
    if (this.#running !== null) {
      this.#running.abort();
      return;
    }
    this.#begun = [];
    // Nothing to run, and the line that was typed is gone.
    this.#reader.write(null, { ctrl: true, name: 'e' });
    this.#reader.write(null, { ctrl: true, name: 'u' });
    this.#reader.setPrompt(this.#prompt());
    this.#reader.prompt();
  }

  #show(bytes: Uint8Array, stderr: string): void {
    const { output } = this.#terminal;
    output.write(bytes);
    output.write(stderr);
  }
}

/** The key of `QUITS` that comes next from `input`, which gives each as it is typed. */
function quitKey(input: Terminal['input']): Promise<string> {
  return new Promise((resolve) => {
    const done = (key: string): void => {
      input.off('data', hear);
      input.off('end', end);
      resolve(key);
    };
    const hear = (keys: Buffer | string): void => {
      const key = [...String(keys)].find((one) => QUITS.includes(one));
      if (key !== undefined) done(key);
    };
    const end = (): void => done('');
    input.on('data', hear);
    input.on('end', end);
  });
}
