/**
 * top: what fills the ramdisks, and who: the largest, the fastest growing, the last changed, and
 * what each label has.
 *
 *   a file       its pages, each of whoever made the file grow by it
 *   a link       its target, of whoever made the link
 *   a directory  the names in it, each of whoever made it, whiteouts among them
 *
 * Bytes are those that the ledgers charge, and every one is counted once: the rows of the labels of
 * a ramdisk add up to what vdf says that it uses. What went is nobody's growth, and what a label
 * gave up is taken from it.
 *
 * How fast something grows is told from a mark: what everything was at one moment, to compare with
 * what it is later. Nothing is noted in between, so that nobody pays who does not ask. A file is
 * told from another one in its row by when it was made; where the clock stood still, it is not.
 *
 * Not here: how it is noted whose a page is (store/labels.ts), columns and rounding (cli/).
 */

import { PAGE_BYTES } from '../base/limits.ts';
import { isDirectory, isRegular } from '../base/mode.ts';
import { nameCost } from '../layer/delta.ts';
import { NONE } from '../store/dirents.ts';
import { BIRTHTIME, CTIME } from '../store/inodes.ts';
import { NO_LABEL } from '../store/labels.ts';
import type { Live } from '../vfs/live.ts';
import type { Tree } from '../vfs/tree.ts';
import { placesOf } from './vdu.ts';

/** What a label has, or made something grow by, in bytes; null is whoever had no label. */
export interface LabelShare {
  readonly label: string | null;
  readonly bytes: number;
}

/** One file, link or directory that a ramdisk is charged for. */
export interface TopFile {
  /** Absolute, of the first of its names; null where it is open and has none any more. */
  readonly path: string | null;
  readonly kind: 'file' | 'directory' | 'other';
  readonly ramdisk: string;
  /** What the ramdisk is charged for it, in bytes. */
  readonly bytes: number;
  /** How many of them came since the mark; less than 0 where it shrank, 0 without a mark. */
  readonly grownBytes: number;
  /** The label of who made it, or was the first to change what an image gave. */
  readonly maker: string | null;
  /** Whose the bytes are, the most first. */
  readonly grownBy: readonly LabelShare[];
  /** When it was made, and when it changed last, in milliseconds since 1970. */
  readonly madeMs: number;
  readonly changedMs: number;
}

/** What one label has in one ramdisk. */
export interface TopLabel extends LabelShare {
  readonly ramdisk: string;
  /** Inodes that it made. */
  readonly inodes: number;
  /** As of a file. */
  readonly grownBytes: number;
}

/** What fills the ramdisks, each list with the most first. */
export interface Top {
  /** When it was looked at, and when the mark was set, in milliseconds since 1970. */
  readonly atMs: number;
  readonly sinceMs: number | null;
  /** By bytes. */
  readonly largest: readonly TopFile[];
  /** By bytes since the mark: what grew, and nothing without a mark. */
  readonly growing: readonly TopFile[];
  /** By when they changed last. */
  readonly newest: readonly TopFile[];
  /** All labels of each ramdisk, by bytes. */
  readonly labels: readonly TopLabel[];
}

/** What to look at. */
export interface TopOptions {
  /** Only this ramdisk: all unless said. */
  readonly ramdisk?: string | undefined;
  /** How many files a list has at the most: 10 unless said. */
  readonly limit?: number | undefined;
  /** What growth is told from: a mark of the same tree. */
  readonly since?: GrowthMark | undefined;
}

/** What everything in the ramdisks was at one moment. */
export interface GrowthMark {
  readonly atMs: number;
  /** By row of the delta: when it was made, and its bytes. */
  readonly rows: ReadonlyMap<number, { readonly madeMs: number; readonly bytes: number }>;
  /** Bytes by ramdisk and label. */
  readonly labels: ReadonlyMap<string, number>;
}

/**
 * A moment of `tree` to tell growth from, by its clock.
 *
 * @example
 * const since = growthMark(vfs);
 * vfs.fs.writeFileSync('/tmp/core', new Uint8Array(2 ** 20));
 * const [{ path, grownBytes }] = ramdiskTop(vfs, { since }).growing;
 * console.log(path, grownBytes); // /tmp/core 1048576
 */
export function growthMark(tree: Tree): GrowthMark {
  const { live } = tree;
  const { inodes } = live.delta;
  const rows = new Map<number, { madeMs: number; bytes: number }>();
  for (const row of inodes.used()) {
    const bytes = sumOf(sharesOf(live, row));
    rows.set(row, { bytes, madeMs: timeOf(live, row, BIRTHTIME) });
  }
  const labels = new Map(labelsOf(live).map((label) => [keyOf(label), label.bytes]));
  return { atMs: live.clock(), rows, labels };
}

/**
 * What fills the ramdisks of `tree`, or one of them. Costs a walk through the whole tree. Throws
 * RangeError for a limit that is none, and where there is no ramdisk of that name.
 *
 * @example
 * vfs.as({ label: 'hostd' }).writeFileSync('/tmp/core', new Uint8Array(2 ** 20));
 * const { largest, labels } = ramdiskTop(vfs, { limit: 1 });
 * console.log(largest[0].path, largest[0].bytes, largest[0].maker); // /tmp/core 1048576 hostd
 * console.log(labels[0].label, labels[0].bytes); // hostd 1048612
 */
export function ramdiskTop(tree: Tree, options: TopOptions = {}): Top {
  const { ramdisk, limit = 10, since } = options;
  if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError(`${limit} is no limit`);
  const { live } = tree;
  const isKnown = live.delta.ramdisks.some((known) => known?.name === ramdisk);
  if (ramdisk !== undefined && !isKnown) throw new RangeError(`there is no ramdisk '${ramdisk}'`);
  const isMeant = (name: string): boolean => ramdisk === undefined || name === ramdisk;
  const files = filesOf(tree, since).filter((file) => isMeant(file.ramdisk));
  const most = (by: (file: TopFile) => number): TopFile[] =>
    files.toSorted((one, other) => by(other) - by(one)).slice(0, limit);
  return {
    atMs: live.clock(),
    sinceMs: since?.atMs ?? null,
    largest: most(({ bytes }) => bytes),
    growing: most(({ grownBytes }) => grownBytes).filter(({ grownBytes }) => grownBytes > 0),
    newest: most(({ changedMs }) => changedMs),
    labels: labelsOf(live, since).filter((label) => isMeant(label.ramdisk)),
  };
}

/** Everything that a ramdisk is charged for. */
function filesOf(tree: Tree, since: GrowthMark | undefined): TopFile[] {
  const { live } = tree;
  const { delta } = live;
  const files: TopFile[] = [];
  const seen = new Set<number>();
  for (const [ino, path] of placesOf(tree)) {
    const row = live.rowOf(ino);
    if (row === 0 || seen.has(row)) continue;
    seen.add(row);
    const mode = delta.inodes.mode(row);
    const shares = sharesOf(live, row);
    const bytes = sumOf(shares);
    const madeMs = timeOf(live, row, BIRTHTIME);
    const before = since?.rows.get(row);
    const marked = since === undefined ? bytes : before?.madeMs === madeMs ? before.bytes : 0;
    files.push({
      path,
      kind: isDirectory(mode) ? 'directory' : isRegular(mode) ? 'file' : 'other',
      ramdisk: delta.ledgerOf(row).name,
      bytes,
      grownBytes: bytes - marked,
      maker: labelOf(live, makerOf(live, row)),
      grownBy: Array.from(shares, ([number, bytes]) => ({ label: labelOf(live, number), bytes }))
        .filter((share) => share.bytes > 0)
        .sort((one, other) => other.bytes - one.bytes),
      madeMs,
      changedMs: timeOf(live, row, CTIME),
    });
  }
  return files;
}

/** What every label has in every ramdisk. */
function labelsOf(live: Live, since?: GrowthMark): TopLabel[] {
  const sums = new Map<string, { ramdisk: string; label: number; bytes: number; inodes: number }>();
  const add = (ramdisk: string, label: number, bytes: number, inodes: number): void => {
    const key = keyOf({ ramdisk, label: labelOf(live, label) });
    const sum = sums.get(key) ?? { ramdisk, label, bytes: 0, inodes: 0 };
    sum.bytes += bytes;
    sum.inodes += inodes;
    sums.set(key, sum);
  };
  for (const row of live.delta.inodes.used()) {
    const { name } = live.delta.ledgerOf(row);
    add(name, makerOf(live, row), 0, 1);
    for (const [label, bytes] of sharesOf(live, row)) add(name, label, bytes, 0);
  }
  const rows = [...sums.values()].map(({ label, ...sum }): TopLabel => {
    const shown = { ...sum, label: labelOf(live, label) };
    const marked = since === undefined ? sum.bytes : (since.labels.get(keyOf(shown)) ?? 0);
    return { ...shown, grownBytes: sum.bytes - marked };
  });
  return rows.sort((one, other) => other.bytes - one.bytes || other.inodes - one.inodes);
}

/** What `row` is charged for, in bytes, by the number of the label whose it is. */
function sharesOf(live: Live, row: number): ReadonlyMap<number, number> {
  const { delta } = live;
  const { labels } = delta.pages;
  const shares = new Map<number, number>();
  const add = (label: number, bytes: number): void => {
    shares.set(label, (shares.get(label) ?? 0) + bytes);
  };
  if (labels === null) add(NO_LABEL, delta.data.pageCount(row) * PAGE_BYTES);
  else delta.data.eachPage(row, (_index, page) => add(labels.ofPage(page), PAGE_BYTES));
  add(makerOf(live, row), delta.inodes.target.get(row)?.length ?? 0);
  if (!isDirectory(delta.inodes.mode(row))) return shares;
  const { dirents, makers } = delta;
  for (let at = dirents.first(live.inoOf(row)); at !== NONE; at = dirents.next(at)) {
    add(makers?.at(makers.entries, at) ?? NO_LABEL, nameCost(dirents.nameLength(at)));
  }
  return shares;
}

/** The number of the label of who made `row`. */
function makerOf({ delta: { makers } }: Live, row: number): number {
  return makers?.at(makers.rows, row) ?? NO_LABEL;
}

function labelOf(live: Live, number: number): string | null {
  return live.delta.pages.labels?.nameOf(number) ?? null;
}

function keyOf({ ramdisk, label }: Pick<TopLabel, 'ramdisk' | 'label'>): string {
  return JSON.stringify([ramdisk, label]);
}

function sumOf(shares: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const bytes of shares.values()) sum += bytes;
  return sum;
}

/** Time `which` of `row`, in milliseconds since 1970. */
function timeOf({ delta: { inodes } }: Live, row: number, which: number): number {
  return inodes.seconds(row, which) * 1000 + inodes.nanoseconds(row, which) / 1e6;
}
