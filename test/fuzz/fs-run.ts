/**
 * One sequence of calls on both sides, call by call: the first difference, or none.
 *
 * Compared are results, errors with all they say, what a call made of buffers, and at the end every
 * name with its attributes and content. With dials, every name's attributes and times after every
 * call. A callback that never comes, comes twice or comes too early is a difference.
 */

import { pictureOf, plain, unreadPictureOf, wordsOf } from './fs-answers.ts';
import type { Arg, BytesArg, Call, Flavour, Sequence } from './fs-calls.ts';
import { DEVIATIONS, deviation, type Outcome } from './fs-deviations.ts';
import type { Side } from './fs-sides.ts';

/** Where the sides differ; `lines` are the calls up to there. */
export interface Difference {
  readonly at: string;
  readonly kernel: unknown;
  readonly ours: unknown;
  readonly lines: readonly string[];
}

/** What is open: by a descriptor, or as promises have it. */
interface FileHandle {
  close(): Promise<void>;
}
/** An open file, and who opened it: for him acts what promises have. */
interface Open {
  readonly file: number | FileHandle;
  readonly who: number;
}
type Callable = Readonly<Record<string, (...given: unknown[]) => unknown>>;

/** After so long a callback is taken for one that never comes. */
const PATIENCE_MS = 10_000;

/** The verbs on descriptors as FileHandle calls them. */
const FD_VERBS: Readonly<Record<string, string>> = {
  fstat: 'stat',
  ftruncate: 'truncate',
  fchmod: 'chmod',
  fchown: 'chown',
  futimes: 'utimes',
  fsync: 'sync',
  fdatasync: 'datasync',
};

/**
 * Runs `sequence` on both sides, whose scenes are built; tells the first difference. The names of
 * deviations that it meets are added to `met`.
 */
export async function difference(
  kernel: Side,
  ours: Side,
  { calls, flavour, isImaged }: Sequence,
  met: Set<string>,
): Promise<Difference | null> {
  const theirs = new Run(kernel, flavour, isImaged, false);
  const mine = new Run(ours, flavour, isImaged, true);
  const runs = [theirs, mine] as const;
  const differs = (at: string, [one, other]: readonly unknown[]): Difference | null =>
    isSame(one, other) ? null : { at, kernel: one, ours: other, lines: theirs.lines };
  try {
    for (const call of calls) {
      for (const run of runs) run.tick();
      const both = [await theirs.call(call), await mine.call(call)] as const;
      const wrong = differs('this call', both);
      const known = deviation(call, flavour, both, wrong === null);
      if (known !== undefined) {
        const isParted =
          differs(
            'the tree',
            runs.map((run) => run.picture()),
          ) !== null;
        if (isParted || wrong !== null) met.add(known);
        // To look whether they parted is to read, which shows in times from now on.
        if (isParted || theirs.isTimed || DEVIATIONS[known]!.isUnfinished) return null;
        continue;
      }
      const found = wrong ?? differsInTimes(runs, differs);
      if (found !== null) return found;
    }
    if (flavour !== 'sync') await new Promise(setImmediate);
    return (
      differs(
        'the tree at the end',
        runs.map((run) => run.picture()),
      ) ??
      differs(
        'callbacks',
        runs.map((run) => run.faults),
      )
    );
  } finally {
    for (const run of runs) await run.close();
  }
}

function differsInTimes(
  runs: readonly Run[],
  differs: (at: string, both: readonly unknown[]) => Difference | null,
): Difference | null {
  if (!runs[0]!.isTimed) return null;
  return differs(
    'attributes and times after this call',
    runs.map((run) => run.unreadPicture()),
  );
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
  readonly #flavour: Flavour;
  readonly #isImaged: boolean;
  readonly #isOurs: boolean;
  readonly #open: Open[] = [];
  /** The calls so far as they could be written, what was open as it was then. */
  readonly lines: string[] = [];
  /** What callbacks did that they may not. */
  readonly faults: string[] = [];

  constructor(side: Side, flavour: Flavour, isImaged: boolean, isOurs: boolean) {
    this.#side = side;
    this.#flavour = flavour;
    this.#isImaged = isImaged;
    this.#isOurs = isOurs;
  }

  get isTimed(): boolean {
    return this.#side.dial !== null;
  }

  get #origin(): { root: string; dial: Side['dial']; isImaged: boolean } {
    return { root: this.#side.root, dial: this.#side.dial, isImaged: this.#isImaged };
  }

  tick(): void {
    this.#side.dial?.tick();
  }

  picture(): string[] {
    return this.#side.asSelf((fs) => pictureOf(fs, this.#origin));
  }

  unreadPicture(): string[] {
    return this.#side.asSelf((fs) => unreadPictureOf(fs, this.#origin));
  }

  /** Makes `call` and waits until it is answered. */
  async call({ verb, args, who }: Call): Promise<Outcome> {
    if (this.#open.length === 0 && args.some((arg) => 'fd' in arg)) return {};
    const [first] = args;
    const held =
      first !== undefined && 'fd' in first ? this.#open[this.#indexOf(first)] : undefined;
    const acting = this.#flavour === 'promises' ? (held?.who ?? who) : who;
    this.lines.push(this.#written(verb, args, acting));
    const given = args.map((arg) => this.#argument(arg));
    while (given.length > 0 && given.at(-1) === undefined) given.pop();
    try {
      const begun = this.#side.as(acting, (fs) =>
        this.#begun(fs as unknown as Callable, verb, given),
      );
      const result = begun instanceof Promise ? await begun : begun;
      return { result: [this.#answered({ verb, args, who }, result), ...given.map(filled)] };
    } catch (error) {
      return { error: wordsOf(error, this.#origin) };
    }
  }

  #begun(fs: Callable, verb: string, given: readonly unknown[]): unknown {
    if (this.#flavour === 'sync') return fs[`${verb}Sync`]!(...given);
    if (this.#flavour === 'callback' || verb === 'exists') return this.#calledBack(fs, verb, given);
    const [file, ...rest] = given;
    if (typeof file === 'object' && file !== null && 'fd' in file && verb !== 'writeFile') {
      return (file as unknown as Callable)[FD_VERBS[verb] ?? verb]!(...rest);
    }
    return (fs['promises'] as unknown as Callable)[verb]!(...given);
  }

  #calledBack(fs: Callable, verb: string, given: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let answers = 0;
      let hasReturned = false;
      const timer = setTimeout(() => reject(new Error(`${verb} never called back`)), PATIENCE_MS);
      fs[verb]!(...given, (...answer: unknown[]) => {
        clearTimeout(timer);
        // Node itself does now and then.
        if (!hasReturned && this.#isOurs) this.faults.push(`${verb} called back too early`);
        answers += 1;
        if (answers > 1) this.faults.push(`${verb} called back ${answers} times`);
        const [error, result] = verb === 'exists' ? [null, answer[0]] : answer;
        if (error) reject(error);
        else resolve(result);
      });
      hasReturned = true;
    });
  }

  #answered({ verb, args, who }: Call, result: unknown): unknown {
    if (verb === 'open') {
      this.#open.push({ file: result as Open['file'], who });
      return 'open';
    }
    if (verb === 'close') this.#open.splice(this.#indexOf(args[0]!), 1);
    if (verb === 'opendir') return this.#sorted(entriesOf(result as Directory));
    // Node goes through directories in another order here than there; ours has one order.
    const isAnyOrder = this.#flavour !== 'sync' && verb === 'readdir';
    return isAnyOrder ? this.#sorted(result as unknown[]) : plain(result, this.#origin);
  }

  #sorted(entries: readonly unknown[]): unknown[] {
    const keyed = entries.map((one) => plain(one, this.#origin));
    return keyed.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    for (const { file } of this.#open) {
      if (typeof file === 'number') this.#side.asSelf((fs) => fs.closeSync(file));
      else await file.close();
    }
  }

  #indexOf(arg: Arg): number {
    return 'fd' in arg ? arg.fd % this.#open.length : -1;
  }

  #argument(arg: Arg): unknown {
    if ('path' in arg) {
      const whole = `${this.#side.root}/${arg.path}`;
      return arg.isBytes ? Buffer.concat([Buffer.from(whole), Buffer.of(0xff)]) : whole;
    }
    if ('fd' in arg) return this.#open[this.#indexOf(arg)]!.file;
    return 'bytes' in arg ? bytesOf(arg) : arg.value;
  }

  /** A call as a line that could be run. */
  #written(verb: string, args: readonly Arg[], who: number): string {
    const shown = args.map((arg) => {
      if ('path' in arg) return `${arg.isBytes ? 'bytesAt' : 'at'}(${JSON.stringify(arg.path)})`;
      if ('fd' in arg) {
        const at = this.#indexOf(arg);
        return verb === 'close' ? `open.splice(${at}, 1)[0]` : `open[${at}]`;
      }
      if ('bytes' in arg) return writtenBytes(arg);
      return arg.value === undefined ? 'undefined' : JSON.stringify(arg.value);
    });
    while (shown.at(-1) === 'undefined') shown.pop();
    const call = `${verb}${this.#flavour === 'sync' ? 'Sync' : ''}(${shown.join(', ')})`;
    const made = `${this.#flavour === 'promises' ? 'await promises' : 'fs'}[${who}].${call}`;
    return `${verb === 'open' ? `open.push(${made})` : made};`;
  }
}

function bytesOf({ bytes, as }: BytesArg): unknown {
  if (as === 'text') return bytes[0];
  const buffers = bytes.map((one) =>
    typeof one === 'string' ? Buffer.from(one) : Buffer.alloc(one),
  );
  return as === 'buffers' ? buffers : buffers[0];
}

function writtenBytes({ bytes, as }: BytesArg): string {
  const shown = bytes.map((one) => {
    if (typeof one === 'number') return `Buffer.alloc(${one})`;
    const text = one.length > 20 ? `'${one[0]}'.repeat(${one.length})` : `'${one}'`;
    return as === 'text' ? text : `Buffer.from(${text})`;
  });
  return as === 'buffers' ? `[${shown.join(', ')}]` : shown[0]!;
}

interface Directory {
  readSync(): unknown;
  closeSync(): void;
}

/** All entries of a Dir, which is closed. */
function entriesOf(dir: Directory): unknown[] {
  const all: unknown[] = [];
  for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) all.push(entry);
  dir.closeSync();
  return all;
}

/** What a call left in a buffer that it was to fill. */
function filled(given: unknown): unknown {
  const isFilled = Buffer.isBuffer(given) || (Array.isArray(given) && Buffer.isBuffer(given[0]));
  return isFilled ? [given].flat().map((one: Buffer) => one.toString('latin1')) : undefined;
}
