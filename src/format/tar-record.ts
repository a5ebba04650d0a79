/**
 * The entries of a tar as plain records that may be kept: for tools, tests and small archives. What
 * must be quick or must keep names as bytes walks by itself (tar-walk.ts).
 */

import { text } from '../base/bytes.ts';
import type { Source } from '../base/source.ts';
import type { TarKind } from './tar-entry.ts';
import type { TarFlavour } from './tar-header.ts';
import { walkTar } from './tar-walk.ts';

/** One entry: TarEntry with its text decoded. What is not UTF-8 has replacement characters. */
export interface TarRecord {
  readonly kind: TarKind;
  readonly flavour: TarFlavour;
  /** The type as one character; a NUL of old tars as '\0'. */
  readonly typeflag: string;
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly path: string;
  readonly target: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  readonly textPages: number;
  readonly fixupPages: number;
  /**
   * (offset in the file, length, offset in the archive) of each run of a sparse file, in threes.
   */
  readonly pieces: readonly number[] | null;
}

/** All entries of the tar in `source`. Throws CorruptError as `walkTar` does. */
export function tarEntries(source: Source): readonly TarRecord[] {
  const records: TarRecord[] = [];
  walkTar(source, (entry) => {
    records.push({
      kind: entry.kind,
      flavour: entry.flavour,
      typeflag: String.fromCharCode(entry.typeflag),
      headerOffset: entry.headerOffset,
      dataOffset: entry.dataOffset,
      size: entry.size,
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      uname: entry.uname(),
      gname: entry.gname(),
      mtimeSeconds: entry.mtimeSeconds,
      mtimeNanoseconds: entry.mtimeNanoseconds,
      path: text(entry.path),
      target: text(entry.target),
      deviceMajor: entry.deviceMajor,
      deviceMinor: entry.deviceMinor,
      textPages: entry.textPages,
      fixupPages: entry.fixupPages,
      pieces: entry.pieces === null ? null : Array.from(entry.pieces),
    });
  });
  return records;
}
