/**
 * Images for other threads: the same tables over SharedArrayBuffers, as postMessage takes them.
 *
 *   image  ──share()──►  SharedImage  ──postMessage──►  SharedImage  ──Image.from()──►  image
 *             copies once               copies nothing                copies nothing
 *
 * A shared image is a plain record of typed arrays, numbers and names. What lies in ordinary memory
 * is copied into shared memory once, tables and archives alike; what lies there already is not. An
 * archive that lies in a file is opened again wherever the image arrives.
 *
 * What arrives is the program's own memory and trusted like it: nothing of it is checked again.
 */

import { CorruptError } from '../base/errors.ts';
import { bytesSource, type Source } from '../base/source.ts';
import { Dirents } from '../store/dirents.ts';
import type { DirentsMemory } from '../store/dirents-memory.ts';
import type { TardiskTable } from './table.ts';

/** A tardisk in shared memory. */
export interface SharedTardisk {
  readonly name: string;
  readonly sourceName: string;
  readonly sourceSize: number;
  /** The archive without compression; null where it lies in a file. */
  readonly bytes: Uint8Array | null;
  readonly storedBytes: number;
  readonly table: Omit<TardiskTable, 'dirents'> & { readonly dirents: DirentsMemory };
}

/** What opens the archive called `name`, where it does not lie in memory. */
export type Opener = (name: string) => Source;

/** `table` in shared memory. */
export function sharedTable(table: TardiskTable): SharedTardisk['table'] {
  const { rowCount, extraNameCount, fileCount, contentBytes } = table;
  return {
    dirents: sharedDirents(table.dirents),
    ...{ rowCount, extraNameCount, fileCount, contentBytes },
    mode: shared(table.mode),
    size: shared(table.size),
    place: shared(table.place),
    mtimeSeconds: shared(table.mtimeSeconds),
    mtimeNanoseconds: shared(table.mtimeNanoseconds),
    uid: shared(table.uid),
    gid: shared(table.gid),
    extraNames: shared(table.extraNames),
    implied: shared(table.implied),
    targets: shared(table.targets),
    pieces: new Map([...table.pieces].map(([row, pieces]) => [row, shared(pieces)])),
  };
}

/** The table that `sharedTable` made. */
export function tableFrom(table: SharedTardisk['table']): TardiskTable {
  return { ...table, dirents: Dirents.of(table.dirents) };
}

/** The bytes of `source` in shared memory; null where they are not in memory. */
export function sharedBytes(source: Source): Uint8Array | null {
  const resident = source.resident(0, source.size);
  return resident === null ? null : shared(resident);
}

/**
 * The archive of a tardisk that arrived. Throws TypeError where it lies in a file and nothing opens
 * that, CorruptError where that is of another size by now.
 */
export function sourceFrom(tardisk: SharedTardisk, open: Opener | undefined): Source {
  const { bytes, sourceName, sourceSize } = tardisk;
  if (bytes !== null) return bytesSource(bytes, sourceName);
  if (open === undefined) {
    throw new TypeError(`'${sourceName}' lies in a file: pass Image.from what opens it`);
  }
  const source = open(sourceName);
  if (source.size === sourceSize) return source;
  source.close();
  const claim = `has ${source.size} bytes, and ${sourceSize} when it was shared`;
  throw new CorruptError(sourceName, 0, claim);
}

/** `dirents` in shared memory. */
export function sharedDirents(dirents: Dirents): DirentsMemory {
  const memory = dirents.memory();
  return {
    ...memory,
    rows: { ...memory.rows, numbers: shared(memory.rows.numbers) },
    slots: { ...memory.slots, pairs: shared(memory.slots.pairs) },
    names: { ...memory.names, bytes: shared(memory.names.bytes) },
  };
}

type Column = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** `column` in shared memory: itself where it lies there, else a copy. */
export function shared<C extends Column>(column: C): C {
  if (typeof SharedArrayBuffer !== 'function') {
    throw new TypeError('there is no SharedArrayBuffer here: pages must be isolated to have one');
  }
  if (column.buffer instanceof SharedArrayBuffer || column.length === 0) return column;
  type Make = new (memory: SharedArrayBuffer) => C;
  const copy = new (column.constructor as Make)(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}
