/**
 * The table of a tardisk: what indexing an archive gives, as flat columns.
 *
 *   row 1         the root, whether the archive names it or not; there is no row 0
 *   row n         one inode: several names where the archive has hard links
 *   dirents       (directory row, name) to row
 *
 *   mode          type and permissions; 0 where a later entry took the last name of the row
 *   size          bytes of a file, or of where a symbolic link leads
 *   place         of a file       where its data lies in the archive; IN_PIECES where it is sparse
 *                 of a symlink    where its target starts in `targets`
 *                 of a device     its number
 *                 of a directory  how many directories are in it
 *   uid gid mtimeNanoseconds extraNames
 *                 columns that most archives leave at 0: they end after the last row that is not,
 *                 so what is behind their end is 0
 *   implied       a bit for each directory that no entry describes
 *
 * Nothing here is an object for each file, and a column is one typed array: it may lie in shared
 * memory as it is.
 */

import type { Dirents } from '../store/dirents.ts';

/**
 * The row of the root: the number that `/` has in every image, so that one tardisk is one already.
 */
export const ROOT_ROW = 1;

/** The `place` of a file whose data is in pieces. */
export const IN_PIECES = -1;

/** What indexing an archive gives. Nobody changes it any more. */
export interface TardiskTable {
  readonly dirents: Dirents;
  /** One more than the highest row. */
  readonly rowCount: number;
  readonly mode: Uint16Array;
  readonly size: Float64Array;
  readonly place: Float64Array;
  /** Whole seconds since 1970, negative before. */
  readonly mtimeSeconds: Float64Array;
  readonly mtimeNanoseconds: Uint32Array;
  readonly uid: Uint32Array;
  readonly gid: Uint32Array;
  /** How many names a row has beyond its first. */
  readonly extraNames: Uint32Array;
  readonly extraNameCount: number;
  readonly implied: Uint8Array;
  readonly targets: Uint8Array;
  /** Of sparse files: see pieces.ts. */
  readonly pieces: ReadonlyMap<number, Float64Array>;
  /** Regular files; one with several names counts once. */
  readonly fileCount: number;
  /** Bytes of all regular files. */
  readonly contentBytes: number;
}

/** Memory of `table`, in bytes. */
export function tableBytes(table: TardiskTable): number {
  const { dirents, mode, size, place, mtimeSeconds, mtimeNanoseconds, uid, gid } = table;
  const { extraNames, implied, targets, pieces } = table;
  const columns: ArrayBufferView[] = [mode, size, place, mtimeSeconds, mtimeNanoseconds, uid, gid];
  columns.push(extraNames, implied, targets, ...pieces.values());
  return columns.reduce((sum, { byteLength }) => sum + byteLength, dirents.byteSize);
}
