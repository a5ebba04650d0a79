/**
 * What a payload holds, as the GNU tar that ESXi mounts.
 *
 * Entries are put into one order, by the bytes of their names; directories that are missing are
 * added, since ESXi wants each one named; owners are 0, root and root. So the same files give the
 * same tar, wherever and in whatever order they were found.
 */

import { compareBytes, concatBytes, NO_BYTES, utf8 } from '../base/bytes.ts';
import { NAME_MAX_BYTES, PATH_MAX_BYTES } from '../base/limits.ts';
import { BLOCK_BYTES } from '../format/tar-header.ts';
import { encodeGnuEntry, paddingOf } from '../format/tar-write.ts';

/** An entry of a payload. */
export interface PayloadEntry {
  /** Without a slash at either end. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'link';
  /** Permission bits, sticky among them. */
  readonly mode: number;
  readonly mtimeSeconds: number;
  /** What a file holds; of all else nothing. */
  readonly content: Uint8Array;
  /** Where a symlink leads; of a link the path of the file that it is one more name of. */
  readonly target: string;
}

/** Blocks come in twenties out of GNU tar. */
const RECORD_BYTES = 20 * BLOCK_BYTES;
const DIRECTORY_MODE = 0o755;

/**
 * `entries` in order, with every directory that they lie in, which has the time `mtimeSeconds`.
 * Throws RangeError for a path that is no path within the payload, that two entries have, or that
 * lies below what is no directory.
 */
export function completeEntries(
  entries: readonly PayloadEntry[],
  mtimeSeconds: number,
): PayloadEntry[] {
  const found = new Map<string, PayloadEntry>();
  for (const entry of entries) {
    checkPath(entry.path);
    if (found.has(entry.path)) throw new RangeError(`two entries are called '${entry.path}'`);
    found.set(entry.path, entry);
  }
  for (const { path } of entries) {
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      const above = path.slice(0, end);
      const directory = found.get(above) ?? directoryAt(above, mtimeSeconds);
      if (directory.kind !== 'directory') {
        throw new RangeError(`'${path}' lies below '${above}', which is no directory`);
      }
      found.set(above, directory);
    }
  }
  const keyed = [...found.values()].map((entry) => ({ entry, key: utf8(pathOf(entry)) }));
  return keyed.sort((one, other) => compareBytes(one.key, other.key)).map(({ entry }) => entry);
}

function checkPath(path: string): void {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
    throw new RangeError(`'${path}' is no path within a payload`);
  }
  const isLong = parts.some((part) => utf8(part).length > NAME_MAX_BYTES);
  if (isLong || utf8(path).length >= PATH_MAX_BYTES) {
    throw new RangeError(`'${path}' is too long for a path`);
  }
}

function directoryAt(path: string, mtimeSeconds: number): PayloadEntry {
  const kind = 'directory';
  return { path, kind, mode: DIRECTORY_MODE, mtimeSeconds, content: NO_BYTES, target: '' };
}

/** A directory's name ends in a slash. */
function pathOf({ path, kind }: PayloadEntry): string {
  return kind === 'directory' ? `${path}/` : path;
}

/**
 * The GNU tar of `entries`, which are complete: its blocks of zeros at the end as GNU tar has them.
 */
export function gnuTar(entries: readonly PayloadEntry[]): Uint8Array {
  // A hard link has to come after what it is a name of.
  const inOrder = [...entries].sort((one, other) => rank(one) - rank(other));
  const pieces = inOrder.flatMap((entry) => [
    headersOf(entry),
    entry.content,
    new Uint8Array(paddingOf(entry.content.length)),
  ]);
  const size = pieces.reduce((sum, { length }) => sum + length, 2 * BLOCK_BYTES);
  const whole = new Uint8Array(Math.ceil(size / RECORD_BYTES) * RECORD_BYTES);
  whole.set(concatBytes(pieces));
  return whole;
}

function rank({ kind }: PayloadEntry): number {
  return kind === 'link' ? 1 : 0;
}

function headersOf(entry: PayloadEntry): Uint8Array {
  const { kind, mode, mtimeSeconds, content, target } = entry;
  return encodeGnuEntry({
    kind,
    path: utf8(pathOf(entry)),
    target: utf8(target),
    mode,
    uid: 0,
    gid: 0,
    uname: 'root',
    gname: 'root',
    size: content.length,
    mtimeSeconds,
    mtimeNanoseconds: 0,
    deviceMajor: 0,
    deviceMinor: 0,
    hasDeviceFields: false,
  });
}
