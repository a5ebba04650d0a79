/**
 * What is to be packed: entries of a tree, before any archive format has seen them.
 *
 * Everything that could differ between two builds is fixed here: the order of entries, the time
 * they all have, who owns them. Paths have no slash at either end.
 */

import { compareBytes, NO_BYTES, utf8 } from '../../src/base/bytes.ts';

/** 2000-01-01 00:00 UTC: what VMware's own reproducible builds stamp on every file. */
export const MTIME_SECONDS = 946684800;

export type TreeKind = 'file' | 'directory' | 'symlink' | 'link';

export interface TreeEntry {
  readonly kind: TreeKind;
  readonly path: string;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of files; empty for all else. */
  readonly content: Uint8Array;
  /** Of symbolic links as it stands, of hard links as a path of the same tree; else empty. */
  readonly target: string;
}

/** The directory `path`. */
export function directory(path: string, mode = 0o755): TreeEntry {
  return { kind: 'directory', path, mode, uid: 0, gid: 0, content: NO_BYTES, target: '' };
}

/** The file `path`; `content` that is text becomes UTF-8. */
export function file(path: string, content: string | Uint8Array, mode = 0o644): TreeEntry {
  const bytes = typeof content === 'string' ? utf8(content) : content;
  return { kind: 'file', path, mode, uid: 0, gid: 0, content: bytes, target: '' };
}

/** The symbolic link `path`, which leads to `target`. */
export function symlink(path: string, target: string): TreeEntry {
  return { kind: 'symlink', path, mode: 0o777, uid: 0, gid: 0, content: NO_BYTES, target };
}

/** One more name, `path`, of the file `target`. */
export function link(path: string, target: string, mode = 0o644): TreeEntry {
  return { kind: 'link', path, mode, uid: 0, gid: 0, content: NO_BYTES, target };
}

/** The name that an archive has for `entry`: a directory's ends in a slash. */
export function archivePath({ kind, path }: TreeEntry): string {
  return kind === 'directory' ? `${path}/` : path;
}

/** `entries` by the bytes of their names, so that every directory comes before what is in it. */
export function sorted(entries: readonly TreeEntry[]): TreeEntry[] {
  const keyed = entries.map((entry) => ({ entry, key: utf8(archivePath(entry)) }));
  return keyed.sort((one, other) => compareBytes(one.key, other.key)).map(({ entry }) => entry);
}
