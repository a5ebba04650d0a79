/**
 * What an administrator should hear of ramdisks: that one refused, and that one fills up, with the
 * file and the label of whoever was at it.
 *
 *   esx.problem.visorfs.ramdisk.full              error    bytes: ESXi's name and its words
 *   esx.problem.visorfs.ramdisk.inodetable.full   error    inodes: likewise
 *   visorfs.ramdisk.high                          warning  use rose to a threshold; a name of ours
 *
 * ESXi writes two blanks after "full.", and so do these. It names the application where a file
 * could not be created; here that is the label, and left out where there is none.
 *
 * Nobody wants to hear it at each write. A threshold is told of once, and again when use was 5
 * points below it in between; of several that one verb passes, the highest. A refusal is told of
 * once for each file and label, and again when something was given back in between.
 *
 * They are told after the verb, so that a listener may write to the tree himself. While nobody
 * listens there is nothing: the thresholds are looked at when the feed tells of a change.
 *
 * Not here: who writes them to a log (host/vobd.ts).
 */

import { text } from '../base/bytes.ts';
import type { FullRamdisk } from '../base/errors.ts';
import type { Ledger } from '../store/ledger.ts';
import type { Named, TreeEvent } from '../vfs/feed.ts';
import { type Ino, NO_INO } from '../vfs/ino.ts';
import type { Live } from '../vfs/live.ts';
import type { Tree } from '../vfs/tree.ts';

/** Something about a ramdisk that an administrator should hear of: a HostEvent with its fields. */
export interface RamdiskProblem extends FullRamdisk {
  readonly id:
    | 'esx.problem.visorfs.ramdisk.full'
    | 'esx.problem.visorfs.ramdisk.inodetable.full'
    | 'visorfs.ramdisk.high';
  readonly severity: 'warning' | 'error';
  /** A sentence or two; of a refusal, ESXi's. */
  readonly message: string;
  /** By the clock of the tree, in milliseconds since 1970. */
  readonly atMs: number;
  /** The file that could not be written, or that grew last; null where none is known. */
  readonly path: string | null;
  /** The label of whoever was at it, if any. */
  readonly label: string | null;
}

/** When to tell of a ramdisk that fills up. */
export interface ProblemOptions {
  /** Shares of a limit, above 0 and below 1: 0.8 and 0.9 unless said. */
  readonly thresholds?: readonly number[];
}

/** Is told of each problem as it happens. */
export type ProblemListener = (problem: RamdiskProblem) => void;

/** So far below a threshold use must fall before that is told of again, as a share of the limit. */
const HYSTERESIS = 0.05;
/** So many refusals are remembered as told. */
const TOLD_MAX_COUNT = 256;
const LIMITS = ['bytes', 'inodes'] as const;

/**
 * Tells `listener` of every problem of the ramdisks of `tree` from now on; returns what stops that.
 * Throws RangeError for a threshold that is none.
 *
 * @example
 * const vfs = new VisorFs(undefined, { ramdisks: [{ name: 'box', path: '/', size: '64kb' }] });
 * ramdiskProblems(vfs, ({ id, path, label }) => {
 *   console.log(id, path, label); // visorfs.ramdisk.high /core hostd
 * });
 * vfs.as({ label: 'hostd' }).writeFileSync('/core', new Uint8Array(56_000));
 */
export function ramdiskProblems(
  tree: Tree,
  listener: ProblemListener,
  { thresholds = [0.8, 0.9] }: ProblemOptions = {},
): () => void {
  for (const share of thresholds) {
    if (!(share > 0 && share < 1)) throw new RangeError(`${share} is no share between 0 and 1`);
  }
  const { live } = tree;
  const watch = new Watch(live, listener, thresholds.toSorted());
  // The feed keeps the watch, and goes with the tree; the tables, which are kept longer, must not.
  const refused = new WeakRef(watch.refused);
  live.refused ??= new Set();
  live.refused.add(refused);
  const deaf = tree.on('change', (event) => watch.changed(event));
  return () => {
    deaf();
    live.refused?.delete(refused);
    if (live.refused?.size === 0) live.refused = null;
  };
}

/** What one listener was told of one tree. */
class Watch {
  readonly #live: Live;
  readonly #listener: ProblemListener;
  /** Ascending. */
  readonly #thresholds: readonly number[];
  /** How many thresholds were told of, by ramdisk and limit. */
  readonly #levels = new Map<string, number>();
  /** Refusals that were told of, and what was in use then. */
  readonly #told = new Map<string, number>();

  constructor(live: Live, listener: ProblemListener, thresholds: readonly number[]) {
    this.#live = live;
    this.#listener = listener;
    this.#thresholds = thresholds;
  }

  readonly refused = (full: FullRamdisk, at: Named): void => {
    const path = this.#pathOf(at);
    const label = this.#label();
    const key = JSON.stringify([full.ramdisk, full.limit, path, label]);
    if (full.used >= (this.#told.get(key) ?? Infinity)) return;
    if (this.#told.size >= TOLD_MAX_COUNT) this.#told.clear();
    this.#told.set(key, full.used);
    const id = `esx.problem.visorfs.ramdisk.${full.limit === 'bytes' ? '' : 'inodetable.'}full`;
    const message = refusalOf(full, path, label);
    this.#tell({
      ...full,
      id: id as RamdiskProblem['id'],
      severity: 'error',
      message,
      path,
      label,
    });
  };

  changed({ kind, ino, directory, name }: TreeEvent): void {
    const { delta } = this.#live;
    if (kind === 'whole') {
      for (const ramdisk of delta.ramdisks) if (ramdisk) this.#look(ramdisk.ledger, null);
      return;
    }
    const payers = new Set([directory, ino].map((one) => this.#payerOf(one)));
    for (const ledger of payers) if (ledger !== null) this.#look(ledger, { directory, name });
  }

  /** The ledger that pays for what was written of `ino`; null where nothing was. */
  #payerOf(ino: Ino): Ledger | null {
    const { delta } = this.#live;
    const row = ino <= NO_INO ? 0 : this.#live.rowOf(ino);
    return row === 0 || delta.inodes.mode(row) === 0 ? null : delta.ledgerOf(row);
  }

  #look({ name: ramdisk, usedBytes, usedInodes, limits }: Ledger, at: Named | null): void {
    for (const limit of LIMITS) {
      const isBytes = limit === 'bytes';
      const used = isBytes ? usedBytes : usedInodes;
      const max = isBytes ? limits.maxBytes : limits.maxInodes;
      const key = `${limit} ${ramdisk}`;
      const before = this.#levels.get(key) ?? 0;
      const level = this.#levelOf(used / max, before);
      if (level === before) continue;
      this.#levels.set(key, level);
      if (level < before) continue;
      const path = at === null ? null : this.#pathOf(at);
      const label = this.#label();
      const full = { ramdisk, limit, used, max };
      const message = riseOf(full, this.#thresholds[level - 1]!, path, label);
      this.#tell({
        ...full,
        id: 'visorfs.ramdisk.high',
        severity: 'warning',
        message,
        path,
        label,
      });
    }
  }

  /** How many thresholds `share` is above, where it was above `before` of them. */
  #levelOf(share: number, before: number): number {
    let level = before;
    while (level > 0 && share < this.#thresholds[level - 1]! - HYSTERESIS) level -= 1;
    while (level < this.#thresholds.length && share >= this.#thresholds[level]!) level += 1;
    return level;
  }

  #pathOf({ directory, name }: Named): string | null {
    if (directory === NO_INO || name.length === 0) return null;
    const above = text(this.#live.pathOf(directory));
    return `${above === '/' ? '' : above}/${text(name)}`;
  }

  #label(): string | null {
    const { labels } = this.#live.delta.pages;
    return labels?.nameOf(labels.acting) ?? null;
  }

  #tell(problem: Omit<RamdiskProblem, 'atMs'>): void {
    const told = { ...problem, atMs: this.#live.clock() };
    queueMicrotask(() => this.#listener(told));
  }
}

/** ESXi's words for what a full ramdisk refused. */
function refusalOf({ ramdisk, limit }: FullRamdisk, path: string | null, label: string | null) {
  const file = path === null ? 'a file' : `the file ${path}`;
  if (limit === 'bytes') {
    return `The ramdisk '${ramdisk}' is full.  As a result, ${file} could not be written.`;
  }
  const by = label === null ? '' : ` by the application '${label}'`;
  const result = `As a result, ${file} could not be created${by}.`;
  return `The file table of the ramdisk '${ramdisk}' is full.  ${result}`;
}

function riseOf(full: FullRamdisk, share: number, path: string | null, label: string | null) {
  const { ramdisk, limit, used, max } = full;
  const what = limit === 'bytes' ? 'The ramdisk' : 'The file table of the ramdisk';
  const percent = Math.round(share * 1000) / 10;
  const use = `${what} '${ramdisk}' is ${percent} % full: ${used} of ${max} ${limit} are used.`;
  const by = label === null ? '' : `, by the application '${label}'`;
  return path === null ? use : `${use}  The file ${path} was changed last${by}.`;
}
