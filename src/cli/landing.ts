/**
 * Images that are no files of this machine, made files of it: an address of http or https, stdin.
 *
 *   http://host/base.v00     fetched, where its first bytes are an archive's or a disk's
 *   http://host/bank/        left as it is: a bank, which is booted by its address (devices.ts)
 *   -                        all of stdin, up to 1 GiB (main.ts)
 *
 * Which of the first two an address is, is asked of the server: what ends in `/` or in .cfg is
 * a bank's, as is any other where there is no such file. What is fetched lies in a folder of its
 * own under the temporary one of the system until the command is done, fails or is interrupted. So
 * commands know files alone, and read them where they need them: memory holds them no longer than
 * it takes to fetch them.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Argument, type Command } from 'commander';
import { fetchFile } from '../node.ts';
import { isAddress } from './devices.ts';
import { type GlobalOptions, type Output, UsageError } from './output.ts';
import { checkHere, STDIN } from './places.ts';
import { Progress } from './progress.ts';

/** Where an argument may lie but on this machine. */
export interface LandingPlaces {
  /** `-` is stdin, which the command reads itself, or is refused; it is fetched unless said. */
  readonly stdin?: 'itself' | 'refused';
  /** An address is taken by the command itself; it is fetched, if no bank's, unless said. */
  readonly address?: 'itself';
  /** Several may stand between commas. */
  readonly commas?: boolean;
  /** What stands behind `--` are words of another command. */
  readonly untilDashes?: boolean;
  /** So is the first word of which this is true, and what stands behind it. */
  readonly until?: (word: string) => boolean;
}

/** What the user is told of an image from stdin. */
export const STDIN_NAME = 'stdin';

const PLACES = new WeakMap<Argument, LandingPlaces>();

/** An argument of a command that is an image, or several, and may lie elsewhere. */
export function landingArgument(flags: string, what: string, places: LandingPlaces = {}): Argument {
  const argument = new Argument(flags, what);
  PLACES.set(argument, places);
  return argument;
}

/** What one command fetched. */
export class Landing {
  readonly #out: Output;
  /** What the user calls the files. */
  readonly #names = new Map<string, string>();
  #folder: string | null = null;
  /** What reads it. */
  #stdinIsFor: string | null = null;
  readonly #remove = (): void => {
    if (this.#folder !== null) fs.rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  };

  constructor(out: Output) {
    this.#out = out;
  }

  /** What the user calls `file`. */
  readonly nameOf = (file: string): string => this.#names.get(file) ?? file;

  /**
   * Puts files in the place of what `command` was given. Throws UsageError where the key of
   * `options` wants stdin too, and what fetching throws.
   */
  async land(command: Command, { keyFile }: GlobalOptions): Promise<void> {
    checkHere(command);
    if (keyFile === STDIN) this.#stdinIsFor = '--key-file';
    const { registeredArguments, processedArgs } = command;
    for (const [index, argument] of registeredArguments.entries()) {
      const places = PLACES.get(argument);
      const given: unknown = processedArgs[index];
      if (places === undefined || given === undefined) continue;
      if (!Array.isArray(given)) {
        processedArgs[index] = await this.#landed(String(given), places);
        continue;
      }
      const words = wordsOf(given.map(String), places, command);
      const landed: string[] = [];
      for (const [at, name] of given.entries()) {
        landed.push(at < words ? await this.#landed(String(name), places) : String(name));
      }
      processedArgs[index] = landed;
    }
  }

  /** Removes all of it. */
  end(): void {
    this.#out.signal.removeEventListener('abort', this.#remove);
    this.#remove();
  }

  async #landed(given: string, places: LandingPlaces): Promise<string> {
    if (places.commas && given.includes(',') && !fs.existsSync(given)) {
      const landed: string[] = [];
      for (const one of given.split(',')) {
        landed.push(await this.#landed(one, { ...places, commas: false }));
      }
      return landed.join(',');
    }
    if (given === STDIN && places.stdin === 'refused') {
      throw new UsageError("'-' is stdin, which is read once only: put it into a file");
    }
    if (given === STDIN && places.stdin === undefined) return this.#fromStdin();
    if (isAddress(given) && places.address === undefined) return this.#fetched(given);
    return given;
  }

  async #fromStdin(): Promise<string> {
    if (this.#stdinIsFor !== null) {
      throw new UsageError(`an image and ${this.#stdinIsFor} both want stdin`);
    }
    this.#stdinIsFor = 'another';
    return this.#write(STDIN, STDIN_NAME, await this.#out.readAll());
  }

  async #fetched(address: string): Promise<string> {
    const { pathname } = new URL(address);
    if (/(\/|\.cfg)$/i.test(pathname)) return address;
    const bytes = await this.#bytesAt(address);
    if (bytes === null || !isImage(bytes)) return address;
    return this.#write(address, path.posix.basename(pathname), bytes);
  }

  /** The file at `address`; null where the server says that there is none to be had. */
  async #bytesAt(address: string): Promise<Uint8Array | null> {
    const { signal } = this.#out;
    const progress = new Progress(this.#out, 'fetching');
    try {
      return await fetchFile(address, {
        signal,
        onFetch: ({ done, size }) => progress.step(done, size ?? done, path.basename(address)),
      });
    } catch (error) {
      // Of a folder a server may say that it is not to be listed; its files are another matter.
      const { code, status } = error as { code?: string; status?: number | null };
      if (code === 'ERR_VISORFS_FETCH' && status === FORBIDDEN) return null;
      throw error;
    } finally {
      progress.end();
    }
  }

  #write(given: string, wanted: string, bytes: Uint8Array): string {
    if (this.#folder === null) {
      this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-'));
      this.#out.signal.addEventListener('abort', this.#remove);
    }
    // Each in a folder of its own, as two may have the same name; and no name is a path or a list.
    const folder = path.join(this.#folder, String(this.#names.size));
    const file = path.join(folder, wanted.replaceAll(/[^\w.+~-]/g, '_').slice(0, NAME_MAX));
    fs.mkdirSync(folder);
    fs.writeFileSync(file, bytes);
    this.#names.set(file, given === STDIN ? STDIN_NAME : given);
    return file;
  }
}

const FORBIDDEN = 403;
const NAME_MAX = 200;

/** How many of the words `given` to `command` are its own. */
function wordsOf(given: readonly string[], places: LandingPlaces, command: Command): number {
  const words = places.untilDashes ? given.length - behindDashes(command) : given.length;
  const end = places.until === undefined ? -1 : given.findIndex(places.until);
  return end < 0 ? words : Math.min(words, end);
}

/** How many words of `command` stand behind `--`. */
function behindDashes(command: Command): number {
  let top = command;
  while (top.parent !== null) top = top.parent;
  const { rawArgs } = top as Command & { rawArgs: readonly string[] };
  const dashes = rawArgs.indexOf('--');
  return dashes < 0 ? 0 : rawArgs.length - dashes - 1;
}

/** Where archives and disks have a mark, and what it is in hexadecimal. */
const MARKS: readonly (readonly [offset: number, mark: string])[] = [
  [0, '1f8b'],
  [0, 'fd377a585a00'],
  [0, '28b52ffd'],
  [0, '504b0304'],
  [0, '213c617263683e0a'],
  [257, '7573746172'],
  [257, '7669736f72'],
  [510, '55aa'],
];

/** Whether `bytes` start as an archive or a disk does. */
function isImage(bytes: Uint8Array): boolean {
  return MARKS.some(([offset, mark]) => {
    const length = mark.length / 2;
    return Buffer.from(bytes.subarray(offset, offset + length)).toString('hex') === mark;
  });
}
