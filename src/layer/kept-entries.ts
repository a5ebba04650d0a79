/**
 * The entries of a tar as records that outlive the walk over it: for what writes archives anew.
 *
 * Not here: rows of a Tardisk (index-tar.ts), which keep far less.
 */

import { CorruptError } from '../base/errors.ts';
import { decodedLimitBytes } from '../base/limits.ts';
import { readBytes, type Source } from '../base/source.ts';
import { walkTar } from '../format/tar-walk.ts';
import type { GnuEntry } from '../format/tar-write.ts';
import type { VisorText } from '../format/visor-text.ts';
import { readPieces } from './pieces.ts';

/** What is kept of an entry. */
export interface KeptEntry extends GnuEntry {
  readonly flavour: string;
  readonly headerOffset: number;
  readonly dataOffset: number;
  /** Of a sparse file, as TarEntry has them. */
  readonly pieces: Float64Array | null;
  /** What the archive says of a file's program text; null where it says nothing. */
  readonly said: VisorText | null;
}

/**
 * All entries of the tar in `source`. Throws CorruptError where it lies, or its sparse files are
 * more than its size accounts for.
 */
export function keptEntries(source: Source): KeptEntry[] {
  const entries: KeptEntry[] = [];
  const limitBytes = decodedLimitBytes(source.size);
  let sparseBytes = 0;
  walkTar(source, (entry) => {
    if (entry.pieces !== null) sparseBytes += entry.size;
    if (sparseBytes > limitBytes) {
      const claim = `makes ${sparseBytes} bytes of sparse files; ${limitBytes} are the limit`;
      throw new CorruptError(source.name, entry.headerOffset, claim);
    }
    entries.push({
      kind: entry.kind,
      flavour: entry.flavour,
      path: entry.path.slice(),
      target: entry.target.slice(),
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      uname: entry.uname(),
      gname: entry.gname(),
      size: entry.size,
      mtimeSeconds: entry.mtimeSeconds,
      mtimeNanoseconds: entry.mtimeNanoseconds,
      deviceMajor: entry.deviceMajor,
      deviceMinor: entry.deviceMinor,
      hasDeviceFields: entry.hasDeviceFields(),
      headerOffset: entry.headerOffset,
      dataOffset: entry.dataOffset,
      pieces: entry.pieces?.slice() ?? null,
      said: entry.kind === 'file' ? entry.visorText() : null,
    });
  });
  return entries;
}

/** `length` bytes of the file `entry` of `source` from `offset` on; in place where they can be. */
export function readKept(
  source: Source,
  { pieces, dataOffset }: KeptEntry,
  offset: number,
  length: number,
): Uint8Array {
  if (pieces === null) return readBytes(source, dataOffset + offset, length);
  const content = new Uint8Array(length);
  readPieces(source, pieces, content, offset);
  return content;
}
