/**
 * One sequence of calls on both sides, call by call: the first difference, or none.
 *
 * Compared are results, errors with all they say, and at the end every name with its attributes and
 * content. Times only where a call set them: what the clock gave differs.
 */

import type nodeFs from 'node:fs';
import type { Arg, Call } from './fs-calls.ts';
import type { AnyFs, Side } from './fs-sides.ts';

/** How a call went. */
interface Outcome {
  readonly error?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
}

/** Where the sides differ. */
export interface Difference {
  readonly step: number | 'the tree at the end';
  readonly kernel: unknown;
  readonly ours: unknown;
}

/** Later than any time that a call sets: what is beyond came from a clock. */
const CLOCK_SECONDS = 10_000;

/** After so long a callback is taken for one that never comes. */
const PATIENCE_MS = 10_000;

/**
 * What is not all or nothing on the kernel, but here: after such a call failed the trees differ, so
 * the sequence ends with it.
 */
const ALL_OR_NOTHING: ReadonlySet<string> = new Set(['copyFile', 'mkdir', 'rm']);

/**
 * Runs `calls` on both sides, whose scenes are built; tells the first difference. Where ours is
 * `isImaged`, files take what they take in their archive, and blocks are not compared.
 */
export function difference(
  kernel: Side,
  ours: Side,
  calls: readonly Call[],
  isImaged: boolean,
): Difference | null {
  const [theirs, mine] = [new Run(kernel, isImaged), new Run(ours, isImaged)];
  let found: Difference | null = null;
  let isWhole = true;
  for (let step = 0; step < calls.length && found === null && isWhole; step++) {
    const call = calls[step]!;
    const [one, other] = [theirs.call(call), mine.call(call)];
    if (!isSame(one, other)) found = { step, kernel: one, ours: other };
    else isWhole = one.error === undefined || !ALL_OR_NOTHING.has(call.verb);
  }
  if (found === null && isWhole) {
    const [one, other] = [kernel, ours].map((side) =>
      side.asRoot((fs) => pictureOf(fs, side.root, isImaged)),
    );
    if (!isSame(one, other)) found = { step: 'the tree at the end', kernel: one, ours: other };
  }
  theirs.close();
  mine.close();
  return found;
}

/**
 * The same with calls that answer later, each awaited before the next: promised where there is such
 * a flavour, and else every other call, with a callback where not.
 */
export async function differenceLater(
  kernel: Side,
  ours: Side,
  calls: readonly Call[],
): Promise<Difference | null> {
  const [theirs, mine] = [new Run(kernel, false), new Run(ours, false)];
  let found: Difference | null = null;
  let isWhole = true;
  for (let step = 0; step < calls.length && found === null && isWhole; step++) {
    const call = calls[step]!;
    const [one, other] = [
      await theirs.callLater(call, step % 2 === 0),
      await mine.callLater(call, step % 2 === 0),
    ];
    // Node's two ways of making directories name another part of the path; ours is the synchronous.
    const isKnown = call.verb === 'mkdir' && one.error !== undefined && other.error !== undefined;
    if (!isKnown && !isSame(one, other)) found = { step, kernel: one, ours: other };
    else isWhole = one.error === undefined || !ALL_OR_NOTHING.has(call.verb);
  }
  theirs.close();
  mine.close();
  return found;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, exact) === JSON.stringify(other, exact);
}

function exact(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value === undefined ? 'undefined' : value;
}

/** A sequence on one side. */
class Run {
  readonly #side: Side;
  readonly #open: number[] = [];

  readonly #isImaged: boolean;

  constructor(side: Side, isImaged: boolean) {
    this.#side = side;
    this.#isImaged = isImaged;
  }

  call({ verb, args, who }: Call): Outcome {
    if (this.#isIdle(args)) return { result: 'nothing is open' };
    const given = args.map((arg) => this.#argument(arg));
    return this.#side.as(who, (fs) => {
      try {
        const result = (fs as unknown as Callable)[`${verb}Sync`]!(...given);
        return this.#answered(verb, args, given, result);
      } catch (error) {
        return { error: this.#words(error) };
      }
    });
  }

  async callLater({ verb, args, who }: Call, isPromised: boolean): Promise<Outcome> {
    if (this.#isIdle(args)) return { result: 'nothing is open' };
    if (verb === 'readFile' && 'fd' in args[0]!) return { result: 'node loses its errors' };
    const given = args.map((arg) => this.#argument(arg));
    const isOfFd = args.some((arg) => 'fd' in arg) || verb === 'open' || verb === 'exists';
    try {
      const result = await this.#side.as(who, (fs) => {
        if (isPromised && !isOfFd) return (fs.promises as unknown as Callable)[verb]!(...given);
        return calledBack(fs as unknown as Callable, verb, given);
      });
      // Node goes through directories in another order here than there; ours has one order.
      const isListing = verb === 'readdir' && Array.isArray(result);
      return this.#answered(verb, args, given, isListing ? this.#sorted(result) : result);
    } catch (error) {
      return { error: this.#words(error) };
    }
  }

  #sorted(names: readonly unknown[]): unknown[] {
    const keyed = names.map((name) => [JSON.stringify(this.#plain(name)), name] as const);
    return keyed.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, name]) => name);
  }

  #isIdle(args: readonly Arg[]): boolean {
    return this.#open.length === 0 && args.some((arg) => 'fd' in arg);
  }

  #answered(
    verb: string,
    args: readonly Arg[],
    given: readonly unknown[],
    result: unknown,
  ): Outcome {
    if (verb === 'open') {
      this.#open.push(result as number);
      return { result: 'a descriptor' };
    }
    const [first] = args;
    if (verb === 'close' && 'fd' in first!) this.#open.splice(first.fd % this.#open.length, 1);
    return { result: [this.#plain(result), ...given.map(filled)] };
  }

  close(): void {
    this.#side.asRoot((fs) => {
      for (const fd of this.#open) fs.closeSync(fd);
    });
  }

  #argument(arg: Arg): unknown {
    if ('path' in arg) {
      const whole = `${this.#side.root}/${arg.path}`;
      return arg.isBytes ? Buffer.concat([Buffer.from(whole), Buffer.of(0xff)]) : whole;
    }
    if ('fd' in arg) return this.#open[arg.fd % this.#open.length];
    if ('bytes' in arg) {
      return typeof arg.bytes === 'string' ? Buffer.from(arg.bytes) : Buffer.alloc(arg.bytes);
    }
    return arg.value === 'two buffers' ? [Buffer.from('ab'), Buffer.from('cde')] : arg.value;
  }

  #words(error: unknown): Record<string, unknown> {
    const { name, code, errno, syscall, path, dest, message } = error as Record<string, unknown>;
    const all = { name, code, errno, syscall, path, dest, message };
    return this.#plain(all) as Record<string, unknown>;
  }

  /** `value` without the root, and without what two file systems need not agree on. */
  #plain(value: unknown): unknown {
    if (typeof value === 'string') return value.replaceAll(this.#side.root, '');
    if (typeof value !== 'object' || value === null) return value;
    if (Buffer.isBuffer(value)) return this.#plain(value.toString('latin1'));
    if (Array.isArray(value)) return value.map((one) => this.#plain(one));
    if ('nlink' in value) return plainStats(value as nodeFs.Stats, this.#isImaged);
    if ('bavail' in value) return Object.keys(value);
    if ('isFIFO' in value) {
      const { name, parentPath } = value as unknown as nodeFs.Dirent;
      const isDir = (value as unknown as nodeFs.Dirent).isDirectory();
      return [this.#plain(name), this.#plain(parentPath), isDir];
    }
    const fields = Object.entries(value).map(([key, field]) => [key, this.#plain(field)]);
    return Object.fromEntries(fields);
  }
}

type Callable = Readonly<Record<string, (...given: unknown[]) => unknown>>;

/** Calls `verb` with a callback; rejects where that is not called, or too often. */
function calledBack(fs: Callable, verb: string, given: readonly unknown[]): Promise<unknown> {
  const isDefined = given.findLastIndex((one) => one !== undefined) + 1;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${verb} never called back`)), PATIENCE_MS);
    fs[verb]!(...given.slice(0, isDefined), (...answer: unknown[]) => {
      clearTimeout(timer);
      const [error, result] = verb === 'exists' ? [null, answer[0]] : answer;
      if (error) reject(error);
      else resolve(result);
    });
  });
}

/** What a call left in a buffer that it was to fill. */
function filled(given: unknown): unknown {
  const isFilled = Buffer.isBuffer(given) || (Array.isArray(given) && Buffer.isBuffer(given[0]));
  return isFilled ? [given].flat().map((one: Buffer) => one.toString('latin1')) : undefined;
}

function plainStats(stats: nodeFs.Stats | nodeFs.BigIntStats, isImaged: boolean): unknown {
  const { mode, nlink, uid, gid, size, blocks, atimeMs, mtimeMs } = stats;
  const hasBlocks = stats.isFile() && !isImaged;
  const times = [atimeMs, mtimeMs].map((ms) => (Number(ms) < CLOCK_SECONDS * 1000 ? ms : 'now'));
  // Directories and links take what their file system pleases.
  return {
    mode,
    nlink,
    uid,
    gid,
    size: stats.isDirectory() || size,
    blocks: hasBlocks && blocks,
    times,
  };
}

/** Everything below `root`, a line for each name. */
function pictureOf(fs: AnyFs, root: string, isImaged: boolean): string[] {
  if (!fs.existsSync(root)) return ['nothing is left'];
  const lines: string[] = [];
  const above = Buffer.from(`${root}/`);
  const pending: Buffer[] = [Buffer.alloc(0)];
  for (const below of pending) {
    const at = Buffer.concat([above, below]);
    for (const name of fs.readdirSync(at, 'buffer')) {
      const path = Buffer.concat([at, name]);
      const stats = fs.lstatSync(path);
      const shown = Buffer.concat([below, name]).toString('latin1');
      lines.push(
        `${shown} ${JSON.stringify(plainStats(stats, isImaged))} ${contentOf(fs, path, stats)}`,
      );
      if (stats.isDirectory()) pending.push(Buffer.concat([below, name, Buffer.from('/')]));
    }
  }
  return lines.sort();
}

function contentOf(fs: AnyFs, path: Buffer, stats: nodeFs.Stats): string {
  if (stats.isSymbolicLink()) return `-> ${fs.readlinkSync(path)}`.slice(0, 40);
  if (!stats.isFile()) return '';
  const content = fs.readFileSync(path, 'latin1');
  return content.length <= 40 ? JSON.stringify(content) : `${content.length} ${hashOf(content)}`;
}

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}
