/**
 * The lines that were typed, from one session to the next: a file of this machine that only its
 * owner may read. Where it cannot be kept, that is said once and the shell goes on.
 *
 *   shell_history     each line is appended as it is typed, by all shells that run
 *   shell_history.1   the lines before: what the file was when it had its fill
 *
 * Nothing is ever written anew, so shells that run at once lose each other no line: a file that has
 * its fill is renamed, by one of them.
 */

import fs from 'node:fs';
import path from 'node:path';
import type { Output } from '../output.ts';

const FILE = 'shell_history';
/** A lock is held for less than this. */
const LOCK_MAX_MS = 10_000;

/** What was typed, the newest first, as readline takes it. */
export class History {
  /** So many lines are kept. */
  static readonly MAX = 1000;
  /** The newest first. */
  readonly lines: string[];
  readonly #file: string;
  readonly #out: Output;
  #isKept = true;

  private constructor(file: string, lines: string[], out: Output) {
    this.#file = file;
    this.lines = lines;
    this.#out = out;
  }

  /** The history that is kept in `folder`; an empty one where there is none. */
  static in(folder: string, out: Output): History {
    const file = path.join(folder, FILE);
    let kept: string[] = [];
    let isFull = false;
    try {
      const last = linesOf(file);
      kept = [...linesOf(before(file)), ...last];
      isFull = last.length >= History.MAX;
    } catch (error) {
      out.complain(`visorfs: no history: ${(error as Error).message}\n`);
    }
    const history = new History(file, kept.slice(-History.MAX).reverse(), out);
    if (isFull) history.#keep(() => history.#turnOver());
    return history;
  }

  /** Adds what was typed, each of its lines; one that starts with a blank stays out. */
  add(text: string): void {
    if (text.startsWith(' ') || !this.#isKept) return;
    this.#keep(() => {
      fs.mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      fs.appendFileSync(this.#file, `${text}\n`, { mode: 0o600 });
    });
  }

  /** Starts a new file, where no other shell does so at this moment. */
  #turnOver(): void {
    const lock = `${this.#file}.lock`;
    const age = Date.now() - (fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    // Whoever made it was killed.
    if (age > LOCK_MAX_MS) fs.rmSync(lock, { force: true });
    try {
      fs.closeSync(fs.openSync(lock, 'wx', 0o600));
    } catch (error) {
      if ((error as { code?: string }).code === 'EEXIST') return;
      throw error;
    }
    try {
      // One that had the lock before has done it meanwhile.
      if (linesOf(this.#file).length >= History.MAX) fs.renameSync(this.#file, before(this.#file));
    } finally {
      fs.rmSync(lock, { force: true });
    }
  }

  #keep(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#isKept = false;
      this.#out.complain(`visorfs: the history is not kept: ${(error as Error).message}\n`);
    }
  }
}

/** The file with the lines before those of `file`. */
function before(file: string): string {
  return `${file}.1`;
}

function linesOf(file: string): string[] {
  try {
    return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  }
}
