/**
 * What two file systems can be asked to agree on: answers without roots, inodes and letters that
 * were drawn by chance, and pictures of a tree.
 *
 * A time that a call set is compared as it is. One that a clock gave is the number of the call in
 * which it was stamped, where the side has a dial, and else only that it was a clock's.
 */

import type nodeFs from 'node:fs';
import { LONG, NAMES } from './fs-calls.ts';
import { type AnyFs, PLACES } from './fs-scene.ts';
import type { Side } from './fs-sides.ts';

/** Later than any time that a call sets: what is beyond came from a clock. */
const CLOCK_SECONDS = 10_000;

const KINDS = ['File', 'Directory', 'SymbolicLink', 'FIFO', 'Socket', 'BlockDevice'] as const;

/** Where the answers of a side come from, which is not told. */
export type Origin = Pick<Side, 'root' | 'dial'> & {
  /** Whether files take what they take in their archive, so that blocks cannot be compared. */
  readonly isImaged: boolean;
};

/** `value` without what need not be the same. */
export function plain(value: unknown, of: Origin): unknown {
  if (typeof value === 'string') return withoutChance(value.replaceAll(of.root, ''));
  if (typeof value !== 'object' || value === null) return value;
  if (Buffer.isBuffer(value)) return plain(value.toString('latin1'), of);
  if (Array.isArray(value)) return value.map((one) => plain(one, of));
  if ('nlink' in value) return plainStats(value as nodeFs.Stats, of);
  if ('bavail' in value) return Object.keys(value);
  if ('isFIFO' in value) {
    const { name, parentPath } = value as unknown as nodeFs.Dirent;
    return [plain(name, of), plain(parentPath, of), kindOf(value as unknown as nodeFs.Dirent)];
  }
  const fields = Object.entries(value).map(([key, field]) => [key, plain(field, of)]);
  return Object.fromEntries(fields);
}

/** What mkdtemp drew is blanked. */
function withoutChance(text: string): string {
  return text.includes('t-') ? text.replace(/t-[A-Za-z0-9]{6}/g, 't-XXXXXX') : text;
}

function kindOf(of: nodeFs.Dirent | nodeFs.StatsBase<number | bigint>): string | undefined {
  return KINDS.find((kind) => of[`is${kind}`]());
}

/** What an error says of itself. */
export function wordsOf(error: unknown, of: Origin): Record<string, unknown> {
  const { name, code, errno, syscall, path, dest, message } = error as Record<string, unknown>;
  const all = { name, code, errno, syscall, path, dest, message };
  return plain(all, of) as Record<string, unknown>;
}

function plainStats(stats: nodeFs.Stats | nodeFs.BigIntStats, of: Origin): unknown {
  const { mode, nlink, uid, gid, size, blocks, atimeMs, mtimeMs, ctimeMs, birthtimeMs } = stats;
  const times = [atimeMs, mtimeMs, ctimeMs, birthtimeMs].map((ms) => timeAt(Number(ms), of));
  // Directories and links take what their file system pleases.
  return {
    kind: kindOf(stats),
    mode,
    nlink,
    uid,
    gid,
    size: stats.isDirectory() || size,
    blocks: stats.isFile() && !of.isImaged && blocks,
    times,
  };
}

function timeAt(ms: number, { dial }: Origin): number | string {
  if (ms < CLOCK_SECONDS * 1000) return ms;
  return dial === null ? 'now' : `call ${dial.callAt(ms)}`;
}

/** Everything below the root of `side`, a line for each name: attributes and content. */
export function pictureOf(fs: AnyFs, of: Origin): string[] {
  if (!fs.existsSync(of.root)) return ['nothing is left'];
  const lines: string[] = [];
  const above = Buffer.from(`${of.root}/`);
  const pending: Buffer[] = [Buffer.alloc(0)];
  for (const below of pending) {
    const names = tried(() => fs.readdirSync(Buffer.concat([above, below]), 'buffer'), []);
    for (const name of names) {
      const path = Buffer.concat([above, below, name]);
      const stats = tried(() => fs.lstatSync(path), undefined);
      const shown = withoutChance(Buffer.concat([below, name]).toString('latin1'));
      if (stats === undefined) {
        lines.push(shown);
        continue;
      }
      const attributes = JSON.stringify(plainStats(stats, of));
      lines.push(`${shown} ${attributes} ${contentOf(fs, path, stats, of)}`);
      if (stats.isDirectory()) pending.push(Buffer.concat([below, name, Buffer.from('/')]));
    }
  }
  return lines.sort();
}

/** What `act` gives, or `otherwise` where he who looks may not. */
function tried<T>(act: () => T, otherwise: T): T {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    return otherwise;
  }
}

function contentOf(fs: AnyFs, path: Buffer, stats: nodeFs.Stats, of: Origin): string {
  if (stats.isSymbolicLink()) return `-> ${plain(fs.readlinkSync(path), of)}`.slice(0, 40);
  if (!stats.isFile()) return '';
  const content = tried(() => fs.readFileSync(path, 'latin1'), 'unreadable');
  return content.length <= 40 ? JSON.stringify(content) : `${content.length} ${hashOf(content)}`;
}

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

const BYTE = Buffer.of(0xff);
/** Every name that a call may make, but for those of mkdtemp and of cp. */
const ALL_NAMES: readonly Buffer[] = [
  ...[...NAMES, ...PLACES, LONG].map((name) => Buffer.from(name)),
  ...[...NAMES, ...PLACES, '', '.', '..'].map((name) => Buffer.concat([Buffer.from(name), BYTE])),
];

/** The same of attributes alone, by looking for each name there may be: nothing is read. */
export function unreadPictureOf(fs: AnyFs, of: Origin): string[] {
  const lines: string[] = [];
  const pending: Buffer[] = [Buffer.from(`${of.root}/`)];
  for (const above of pending) {
    for (const name of ALL_NAMES) {
      const path = Buffer.concat([above, name]);
      const stats = tried(() => fs.lstatSync(path, { throwIfNoEntry: false }), undefined);
      if (stats === undefined) continue;
      const shown = plain(path.toString('latin1'), of);
      lines.push(`${shown} ${JSON.stringify(plainStats(stats, of))}`);
      if (stats.isDirectory()) pending.push(Buffer.concat([path, Buffer.from('/')]));
    }
  }
  return lines;
}
