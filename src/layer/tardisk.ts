/**
 * A tardisk: one archive, indexed in place, immutable.
 *
 * Opening one reads the headers and nothing else. What is kept of an entry is a row of numbers (26
 * bytes), its name and where that hangs; file data stays where the archive has it and is copied
 * once, to whoever reads it. Any number of images and VisorFs share one Tardisk.
 *
 * Not here: what the rows mean (table.ts), how an archive becomes rows (index-tar.ts), which of two
 * tardisks wins (image.ts).
 */

import { isDirectory } from '../base/mode.ts';
import type { Source } from '../base/source.ts';
import type { Dirents } from '../store/dirents.ts';
import { indexTar } from './index-tar.ts';
import { readPieces } from './pieces.ts';
import {
  type Opener,
  type SharedTardisk,
  sharedBytes,
  sharedTable,
  sourceFrom,
  tableFrom,
} from './share.ts';
import { type TardiskTable, tableBytes } from './table.ts';

/**
 * One archive, indexed in place. Made by `Tardisk.index`.
 *
 * @example
 * const tardisk = await openTardisk('images/bank/sb.v00');
 * const { name, fileCount, contentBytes, storedBytes } = tardisk;
 * console.log(name, fileCount, contentBytes, storedBytes); // sb.v00 55 4417744 1351361
 * tardisk.close();
 */
export class Tardisk {
  /** What `tardisk list`, `unmount` and messages call it. */
  readonly name: string;
  /** The archive without compression. */
  readonly source: Source;
  /** Bytes it was stored in, compressed or not. */
  readonly storedBytes: number;
  /** Its table, and the columns of that which are asked most. Not to be changed. */
  readonly table: TardiskTable;
  readonly dirents: Dirents;
  readonly mode: Uint16Array;
  readonly size: Float64Array;
  readonly place: Float64Array;
  readonly mtimeSeconds: Float64Array;
  /** What these three have nothing of is 0: see table.ts. */
  readonly mtimeNanoseconds: Uint32Array;
  readonly uid: Uint32Array;
  readonly gid: Uint32Array;
  #shared: SharedTardisk | null = null;

  private constructor(source: Source, name: string, storedBytes: number, table: TardiskTable) {
    this.source = source;
    this.name = name;
    this.storedBytes = storedBytes;
    this.table = table;
    this.dirents = table.dirents;
    this.mode = table.mode;
    this.size = table.size;
    this.place = table.place;
    this.mtimeSeconds = table.mtimeSeconds;
    this.mtimeNanoseconds = table.mtimeNanoseconds;
    this.uid = table.uid;
    this.gid = table.gid;
  }

  /**
   * Indexes the tar in `source`. Throws CorruptError where it is none or lies, and keeps nothing
   * then.
   */
  static index(source: Source, name: string, storedBytes = source.size): Tardisk {
    return new Tardisk(source, name, storedBytes, indexTar(source));
  }

  /** The tardisk that arrived from another thread: see `Image.from`. */
  static from(shared: SharedTardisk, open: Opener | undefined): Tardisk {
    const table = tableFrom(shared.table);
    return new Tardisk(sourceFrom(shared, open), shared.name, shared.storedBytes, table);
  }

  /** This tardisk in shared memory, into which it is copied once. */
  share(): SharedTardisk {
    const { source, name, storedBytes } = this;
    this.#shared ??= {
      ...{ name, storedBytes, sourceName: source.name, sourceSize: source.size },
      bytes: sharedBytes(source),
      table: sharedTable(this.table),
    };
    return this.#shared;
  }

  /** One more than the highest row. */
  get rowCount(): number {
    return this.table.rowCount;
  }

  /** Regular files; one with several names counts once. */
  get fileCount(): number {
    return this.table.fileCount;
  }

  /** Bytes of all regular files, which mounting left in place. */
  get contentBytes(): number {
    return this.table.contentBytes;
  }

  /** Memory of the index, in bytes: what mounting costs beyond the archive itself. */
  get indexBytes(): number {
    return tableBytes(this.table);
  }

  /** Names of `row`; of a directory, 2 and one for each directory in it; 0 where it has none. */
  nlink(row: number): number {
    const mode = this.mode[row]!;
    if (isDirectory(mode)) return 2 + this.place[row]!;
    return mode === 0 ? 0 : 1 + (this.table.extraNames[row] ?? 0);
  }

  /** Whether the directory `row` is there only because something lies below it. */
  isImplied(row: number): boolean {
    return ((this.table.implied[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }

  /**
   * Fills `target` with the data of `row` from `offset` on; the caller keeps it within the size.
   */
  readInto(row: number, target: Uint8Array, offset: number): void {
    const place = this.place[row]!;
    if (place >= 0) this.source.readInto(target, place + offset);
    else readPieces(this.source, this.table.pieces.get(row)!, target, offset);
  }

  /** The data of `row` in place, or null where it is not in memory in one piece. */
  view(row: number): Uint8Array | null {
    const place = this.place[row]!;
    return place < 0 ? null : this.source.resident(place, this.size[row]!);
  }

  /** Where the symbolic link `row` leads. */
  target(row: number): Uint8Array {
    const offset = this.place[row]!;
    return this.table.targets.subarray(offset, offset + this.size[row]!);
  }

  /** Gives back the source. Files of it cannot be read any more. */
  close(): void {
    this.source.close();
  }
}

/**
 * The seek index that `tardisk` reads by, given or made; null where it was decoded whole.
 *
 * @example
 * const made = await openTardisk('images/bank/sb.v00', { index: 'make' });
 * const index = seekIndexOf(made); // to be kept, wherever
 * const tardisk = await openTardisk('images/bank/sb.v00', { index }); // nothing is decoded
 * console.log(index.length, seekIndexOf(tardisk) !== null); // 17247 true
 */
export function seekIndexOf({ source }: Tardisk): Uint8Array | null {
  return source.seekIndex ?? null;
}
