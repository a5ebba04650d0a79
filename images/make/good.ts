/**
 * Small archives that are right, each named for what is uncommon about it, and what they hold.
 *
 * A clone of the project can try every dialect without any tool but its own. What an archive must
 * list as is said next to its bytes and apart from them, and `good/listing.tsv` has it as a table:
 *
 *   archive  mode  names  uid  gid  size  mtime  path  target  sha-256 of the content, 16 digits
 *
 * Directories that an archive does not name are in it: whoever reads the archive makes them.
 */

import { compareBytes, utf8 } from '../../src/base/bytes.ts';
import { MTIME_SECONDS, type TreeEntry } from './tree.ts';
import { hashOf } from './vib.ts';

/** What an entry must be read as where that is not what a TreeEntry says. */
export interface Oddity {
  /** Seconds since 1970, with a fraction where there is one. */
  readonly mtime?: string;
  /** Names that the file has. */
  readonly names?: number;
  /** The first letter of `ls -l`, for what a TreeEntry has no kind for. */
  readonly letter?: string;
}

/** One thing that an archive must be read as. */
export type Listed = TreeEntry & Oddity;

export interface GoodArchive {
  readonly name: string;
  /** What is uncommon about it. */
  readonly says: string;
  readonly bytes: Uint8Array;
  /** What each tardisk of it must list as: one, but for VIBs of several payloads. */
  readonly tardisks: readonly (readonly Listed[])[];
}

/** A GoodArchive of one tardisk. */
export function good(
  name: string,
  says: string,
  bytes: Uint8Array,
  entries: readonly Listed[],
): GoodArchive {
  return { name, says, bytes, tardisks: [entries] };
}

const LETTERS = { file: '-', directory: 'd', symlink: 'l', link: '-' } as const;

/** `archives` as lines of `good/listing.tsv`, in the order of their names. */
export function listing(archives: readonly GoodArchive[]): string {
  const lines = archives.flatMap(({ name, says, tardisks }) => [
    `# ${name}: ${says}`,
    ...tardisks.flatMap(listedRows).map((row) => `${name}\t${row}`),
  ]);
  return `${lines.join('\n')}\n`;
}

/** What a tardisk of `entries` must list as, in the order of their paths' bytes. */
export function listedRows(entries: readonly Listed[]): string[] {
  const byPath = [...entries].sort((one, other) => {
    return compareBytes(utf8(one.path), utf8(other.path));
  });
  return byPath.map(rowOf);
}

function rowOf(entry: Listed): string {
  const { kind, path, uid, gid, target, content, mtime = String(MTIME_SECONDS), names = 1 } = entry;
  const mode = `${entry.letter ?? LETTERS[kind]}${entry.mode.toString(8).padStart(4, '0')}`;
  const isFile = (entry.letter ?? LETTERS[kind]) === '-';
  const size = kind === 'symlink' ? utf8(target).length : content.length;
  const shown = kind === 'symlink' ? target : '';
  const sum = isFile ? hashOf('sha-256', content).slice(0, 16) : '';
  return [mode, names, uid, gid, size, mtime, path, shown, sum].join('\t');
}
