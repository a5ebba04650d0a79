/**
 * The lines that were typed, from one session to the next: a file of this machine that only its
 * owner may read. Where it cannot be kept, that is said once and the shell goes on.
 */

import fs from 'node:fs';
import path from 'node:path';
import type { Output } from '../output.ts';

const FILE = 'shell_history';

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
    try {
      kept = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).slice(-History.MAX);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') {
        out.complain(`visorfs: no history: ${(error as Error).message}\n`);
      }
    }
    const history = new History(file, [...kept].reverse(), out);
    // Shorten what has grown; who only looks makes no file.
    if (kept.length === History.MAX) history.#keep(() => history.#rewrite(kept));
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

  #rewrite(lines: readonly string[]): void {
    const temporary = `${this.#file}.${process.pid}`;
    fs.writeFileSync(temporary, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
    fs.renameSync(temporary, this.#file);
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
