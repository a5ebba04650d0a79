/**
 * `Dir`: a directory whose names are handed out one after another, as opendir gives it.
 *
 * What is in it is looked at when the first name is asked for, wherever the directory is by then;
 * it is open until that, or until it is closed. `recursive` goes on into each directory as it is
 * handed out; symbolic links are not followed. Names come sorted by their bytes.
 *
 * Node reads in batches of `bufferSize`, and of a directory below the first no more than one: here
 * the size is checked and of no effect, as all that is read lies in memory.
 */

/// <reference lib="esnext.disposable" preserve="true" />
import { closedDirectory, concurrentDirectory } from './argument-errors.ts';
import type { Dirent } from './dirent.ts';

/** What a Dir asks of whoever opened it. */
export interface DirGround<N> {
  /** What is in the directory that was opened. */
  first(): Dirent<N>[];
  /** Closes that. */
  close(): void;
  /** What is in the directory at `path`. */
  below(path: string): Dirent<N>[];
  /** The path of what `entry` names. */
  pathOf(entry: Dirent<N>): string;
  defer(task: () => void): void;
  callback(value: unknown, name: string): (...values: unknown[]) => void;
}

type Read<N> = (error: unknown, entry?: Dirent<N> | null) => void;

/** An open directory. Made by `opendir`. */
export class Dir<N = string> {
  readonly #path: string;
  readonly #isRecursive: boolean;
  readonly #ground: DirGround<N>;
  #entries: Dirent<N>[] | null = null;
  #next = 0;
  #isClosed = false;
  /** Whether a first answer is on its way that is not told yet. */
  #isLooking = false;

  constructor(path: string, isRecursive: boolean, ground: DirGround<N>) {
    this.#path = path;
    this.#isRecursive = isRecursive;
    this.#ground = ground;
  }

  /** The path as it was given to opendir. */
  get path(): string {
    return this.#path;
  }

  /** The next name, or null behind the last: to `callback`, or promised. Throws ERR_DIR_CLOSED. */
  read(): Promise<Dirent<N> | null>;
  read(callback: (error: Error | null, entry: Dirent<N> | null) => void): void;
  read(callback?: unknown): unknown {
    if (this.#isClosed) throw closedDirectory();
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.#tell((error, entry) => (error === null ? resolve(entry) : reject(error)));
      });
    }
    this.#tell(this.#ground.callback(callback, 'callback') as Read<N>);
    return undefined;
  }

  /** The next name, or null. Throws ERR_DIR_CLOSED, ERR_DIR_CONCURRENT_OPERATION. */
  readSync(): Dirent<N> | null {
    this.#check();
    return this.#take();
  }

  /** Closes it: tells `callback`, or promises. Closed twice is ERR_DIR_CLOSED. */
  close(): Promise<void>;
  close(callback: (error: Error | null) => void): void;
  close(callback?: unknown): unknown {
    if (callback === undefined) {
      return new Promise<void>((resolve, reject) => {
        this.#shut((error) => (error === null ? resolve() : reject(error)));
      });
    }
    this.#shut(this.#ground.callback(callback, 'callback'));
    return undefined;
  }

  /** Closes it. Throws ERR_DIR_CLOSED, ERR_DIR_CONCURRENT_OPERATION. */
  closeSync(): void {
    this.#check();
    this.#end();
  }

  /** Every name that is left; it is closed behind the last, or where the loop is left. */
  async *entries(): AsyncGenerator<Dirent<N>, undefined> {
    try {
      for (let entry = await this.read(); entry !== null; entry = await this.read()) yield entry;
    } finally {
      await this.close();
    }
    return undefined;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Dirent<N>, undefined> {
    return this.entries();
  }

  #check(): void {
    if (this.#isClosed) throw closedDirectory();
    if (this.#isLooking) throw concurrentDirectory();
  }

  #tell(answer: Read<N>): void {
    let entry: Dirent<N> | null;
    this.#isLooking = this.#entries === null;
    try {
      entry = this.#take();
    } catch (error) {
      this.#answer(() => answer(error));
      return;
    }
    this.#answer(() => answer(null, entry));
  }

  #answer(task: () => void): void {
    this.#ground.defer(() => {
      this.#isLooking = false;
      task();
    });
  }

  #shut(answer: (error: unknown) => void): void {
    const error = this.#isClosed ? closedDirectory() : null;
    if (error === null) this.#end();
    this.#ground.defer(() => answer(error));
  }

  #look(): Dirent<N>[] {
    const entries = this.#ground.first();
    this.#ground.close();
    return entries;
  }

  #end(): void {
    this.#isClosed = true;
    if (this.#entries === null) this.#ground.close();
  }

  #take(): Dirent<N> | null {
    this.#entries ??= this.#look();
    const entry = this.#entries[this.#next];
    if (entry === undefined) return null;
    if (this.#isRecursive && entry.isDirectory()) {
      for (const below of this.#ground.below(this.#ground.pathOf(entry))) this.#entries.push(below);
    }
    this.#next += 1;
    return entry;
  }
}
