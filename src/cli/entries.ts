/**
 * What lies in a tree, in the words of a listing.
 *
 * Paths are bytes: a name that is no UTF-8 is shown with replacement characters, but found by what
 * it is. Names sort by their bytes, so that every machine lists alike. Times are UTC.
 */

import type { VisorFs } from '../node.ts';

const S_IFMT = 0o170000;
const SLASH = 0x2f;

/** What an entry is. */
export type EntryType =
  | 'socket'
  | 'link'
  | 'file'
  | 'block device'
  | 'directory'
  | 'character device'
  | 'fifo';

const TYPES = new Map<number, EntryType>([
  [0o140000, 'socket'],
  [0o120000, 'link'],
  [0o100000, 'file'],
  [0o060000, 'block device'],
  [0o040000, 'directory'],
  [0o020000, 'character device'],
  [0o010000, 'fifo'],
]);

/** What is known of an entry, from `stat`. */
export type Attributes = ReturnType<VisorFs['stat']>;

/** One thing in a tree. */
export interface Entry {
  /** Absolute, for people. */
  readonly path: string;
  /** Absolute, as it is. */
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly type: EntryType;
  readonly attributes: Attributes;
  /** Where a symbolic link leads. */
  readonly target?: string;
}

/** The entry at `path`; a link itself unless `follow`. Throws as `stat`. */
export function entryAt(vfs: VisorFs, path: string | Uint8Array, follow = false): Entry {
  const bytes = typeof path === 'string' ? new TextEncoder().encode(path) : path;
  const shown = new TextDecoder().decode(bytes);
  const attributes = vfs.stat(bytes, follow);
  const type = typeOf(attributes.mode);
  const name = shown.slice(shown.lastIndexOf('/') + 1) || '/';
  const entry = { path: shown, bytes, name, type, attributes };
  if (type !== 'link') return entry;
  return { ...entry, target: new TextDecoder().decode(vfs.readlink(bytes)) };
}

/** What lies in the directory `directory`, sorted. */
export function entriesIn(vfs: VisorFs, directory: Uint8Array): Entry[] {
  const names = vfs.readdir(directory).map(({ bytes }) => bytes);
  names.sort(Buffer.compare);
  return names.map((name) => entryAt(vfs, joined(directory, name)));
}

/** All that lies below `entry`, parents before children, `entry` itself first. */
export function* entriesBelow(vfs: VisorFs, entry: Entry): Generator<Entry> {
  const pending = [entry];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    if (next.type !== 'directory') continue;
    for (const below of entriesIn(vfs, next.bytes).reverse()) pending.push(below);
  }
}

/** The path of `name` in `directory`. */
export function joined(directory: Uint8Array, name: Uint8Array): Uint8Array {
  const isSlashed = directory.at(-1) === SLASH;
  return Buffer.concat([directory, Buffer.from(isSlashed ? '' : '/'), name]);
}

/** What the mode `mode` is the mode of. */
export function typeOf(mode: number): EntryType {
  return TYPES.get(mode & S_IFMT)!;
}

/** The permission bits of `mode`, in four octal digits. */
export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** The time `seconds` in UTC, as ISO 8601 writes it; `@seconds` beyond what a calendar holds. */
export function utc(seconds: number, nanoseconds = 0): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `@${seconds}`;
  const fraction = nanoseconds === 0 ? '' : `.${String(nanoseconds).padStart(9, '0')}`;
  return date.toISOString().replace('.000Z', `${fraction}Z`);
}

/** Major and minor of a device, as Linux packs them. */
export function deviceOf(rdev: number): { major: number; minor: number } {
  const high = Math.floor(rdev / 0x100000);
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) + high * 0x100 };
}

/** An entry as JSON shows it. */
export function described({ path, type, attributes, target }: Entry): Record<string, unknown> {
  const { mode, uid, gid, nlink, ino, size, mtimeSeconds, mtimeNanoseconds, rdev } = attributes;
  return {
    path,
    type,
    mode: octal(mode),
    uid,
    gid,
    links: nlink,
    inode: ino,
    size,
    modified: utc(mtimeSeconds, mtimeNanoseconds),
    ...(target === undefined ? {} : { target }),
    ...(type.endsWith('device') ? deviceOf(rdev) : {}),
  };
}
