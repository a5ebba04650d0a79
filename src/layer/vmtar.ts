/**
 * Tars into visor tars and back, as ESXi's vmtar does it.
 *
 *   tar, compressed or not  ──► packVisorTar   ──► visor tar in one of three layouts
 *   visor tar, the same     ──► unpackVisorTar ──► GNU tar, which GNU tar, Python and ESXi read
 *
 * Headers are made when a conversion starts, so what cannot be converted is refused before a byte
 * is out; data is read when its piece is asked for, so a file is never in memory twice, and one
 * that lies on a disk not even once.
 *
 * A visor tar as vmtar writes it comes back from the tar that is made of it byte for byte, in the
 * same layout (test/corpus/vmtar.test.ts): entries keep their order and their fields, and what a
 * header says of program text that its file does not, goes into a pax record. Others come back as
 * vmtar would have written them. What no visor tar can say is left out on the way in: fractions of
 * seconds, holes (sparse files are written whole), extended attributes.
 *
 * Not here: what the headers look like (format/visor-write.ts).
 */

import { concatBytes, text } from '../base/bytes.ts';
import { CorruptError, ForeignError } from '../base/errors.ts';
import type { Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { visorTextOf } from '../format/elf-text.ts';
import { BLOCK_BYTES } from '../format/tar-header.ts';
import { type TarRecord, tarEntries } from '../format/tar-record.ts';
import { encodeGnuEntry, paddingOf } from '../format/tar-write.ts';
import {
  encodeTextRecord,
  isSameText,
  NO_TEXT,
  TEXT_KEY,
  type VisorText,
} from '../format/visor-text.ts';
import {
  encodeVisorEntry,
  placeVisorData,
  VISOR_LAYOUTS,
  type VisorEntry,
  type VisorLayout,
  visorHeaderBytes,
} from '../format/visor-write.ts';
import { type KeptEntry, keptEntries, readKept } from './kept-entries.ts';
import { openPlainTar } from './open.ts';

/** An archive on its way into another form. */
export interface Converted {
  /** What it will have, in bytes. */
  readonly size: number;
  /** The names of its entries, in their order. */
  readonly paths: readonly string[];
  /** Of the visor tar, made or taken apart; null where vmtar would have made another of it. */
  readonly layout: VisorLayout | null;
  /**
   * Its bytes, one piece after the other, made as they are asked for; whoever gets one must not
   * write to it. Throws CorruptError where the archive shrank meanwhile.
   */
  pieces(): Iterable<Uint8Array>;
  /** Gives back the archive that it is made of. No pieces can be had any more. */
  close(): void;
}

/** How to make a visor tar. */
export interface VisorTarOptions {
  /** Where data goes: as the tools of this ESXi put it; '8.0' unless said. */
  readonly layout?: VisorLayout;
}

/** What a tar of any kind holds. */
export interface TarListing {
  /** Of the archive without compression, in bytes. */
  readonly size: number;
  readonly isVisor: boolean;
  /** The newest layout that a visor tar has all its data in; null where it is in none. */
  readonly layout: VisorLayout | null;
  readonly entries: readonly TarRecord[];
}

/** Data is copied in pieces of at most so many bytes. */
const PIECE_BYTES = 1 << 20;

const ZEROS = new Uint8Array(8 * BLOCK_BYTES);

/** The type of a file that is mapped. */
const MAPPED = '7';

/** Two blocks of zeros, with which a tar ends. */
const END_BYTES = 2 * BLOCK_BYTES;

/**
 * The tar in `stored`, of any kind, compressed or not, as a visor tar; close it. Throws
 * CorruptError where the tar lies, or says what visor headers cannot hold.
 */
export async function packVisorTar(
  stored: Source,
  codec: Codec,
  { layout = '8.0' }: VisorTarOptions = {},
): Promise<Converted> {
  return converting(await openPlainTar(stored, codec), (source) => {
    const entries = slashedEntries(source).map((entry): KeptEntry & VisorEntry => {
      return { ...entry, text: entry.said ?? textOf(source, entry) };
    });
    const headerBytes = entries.reduce((sum, entry) => sum + visorHeaderBytes(entry), 0);
    const { dataOffsets, size } = held(source, 0, () =>
      placeVisorData(entries, headerBytes, layout),
    );
    const headers = entries.map((entry, index) =>
      held(source, entry.headerOffset, () => encodeVisorEntry(entry, dataOffsets[index]!)),
    );
    return { size, layout, entries, parts: visorParts(headers, entries, dataOffsets, size) };
  });
}

/**
 * The visor tar in `stored`, compressed or not, as a GNU tar; close it. Throws CorruptError where
 * it lies, ForeignError where it is another tar.
 */
export async function unpackVisorTar(stored: Source, codec: Codec): Promise<Converted> {
  return converting(await openPlainTar(stored, codec), (source) => {
    const entries = slashedEntries(source);
    if (entries.some(({ flavour }) => flavour !== 'visor') || entries.length === 0) {
      throw new ForeignError(source.name, 0, 'is no visor tar, but another kind of tar');
    }
    const headers = entries.map((entry) => encodeGnuEntry(entry, recordsOf(source, entry)));
    const bytes = entries.map(({ size }, index) => headers[index]!.length + padded(size));
    const size = bytes.reduce((sum, one) => sum + one, END_BYTES);
    const layout = layoutOf(entries, source.size);
    return { size, layout, entries, parts: gnuParts(headers, entries) };
  });
}

/** What is in the tar in `stored`, of any kind, compressed or not. Throws CorruptError. */
export async function listTar(stored: Source, codec: Codec): Promise<TarListing> {
  const source = await openPlainTar(stored, codec);
  try {
    const entries = tarEntries(source);
    const isVisor = entries[0]?.flavour === 'visor';
    const { size } = source;
    const places = entries.map((entry) => {
      return { ...entry, said: { ...NO_TEXT, isMapped: entry.typeflag === MAPPED } };
    });
    return { size, isVisor, layout: isVisor ? layoutOf(places, size) : null, entries };
  } finally {
    source.close();
  }
}

/** A run of a converted archive: bytes that are there, so many zeros, or the data of an entry. */
type Part = Uint8Array | number | KeptEntry;

interface Plan {
  readonly size: number;
  readonly layout: VisorLayout | null;
  readonly entries: readonly KeptEntry[];
  readonly parts: readonly Part[];
}

/** Runs `plan` over `source`, which is closed where that throws. */
function converting(source: Source, plan: (source: Source) => Plan): Converted {
  try {
    const { size, layout, entries, parts } = plan(source);
    return {
      size,
      layout,
      paths: entries.map(({ path }) => text(path)),
      pieces: () => piecesOf(source, parts),
      close: () => source.close(),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

function* piecesOf(source: Source, parts: readonly Part[]): Generator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part;
    else if (typeof part === 'number') yield ZEROS.subarray(0, part);
    else {
      for (let offset = 0; offset < part.size; offset += PIECE_BYTES) {
        yield readKept(source, part, offset, Math.min(PIECE_BYTES, part.size - offset));
      }
    }
  }
}

function visorParts(
  headers: readonly Uint8Array[],
  entries: readonly KeptEntry[],
  dataOffsets: readonly number[],
  size: number,
): Part[] {
  const table = concatBytes([...headers, ZEROS.subarray(0, BLOCK_BYTES)]);
  const parts: Part[] = [table];
  let end = table.length;
  entries.forEach((entry, index) => {
    if (entry.size === 0) return;
    parts.push(dataOffsets[index]! - end, entry);
    end = dataOffsets[index]! + entry.size;
  });
  return [...parts, size - end];
}

function gnuParts(headers: readonly Uint8Array[], entries: readonly KeptEntry[]): Part[] {
  const parts = entries.flatMap((entry, index): Part[] => {
    return [headers[index]!, entry, paddingOf(entry.size)];
  });
  return [...parts, END_BYTES];
}

function padded(size: number): number {
  return size + paddingOf(size);
}

const SLASH = 0x2f;

/** The entries of `source`, with a slash behind directories and none behind all else. */
function slashedEntries(source: Source): KeptEntry[] {
  return keptEntries(source).map((entry) => ({ ...entry, path: slashed(entry) }));
}

function slashed({ kind, path }: KeptEntry): Uint8Array {
  if (kind === 'directory') {
    return path.at(-1) === SLASH ? path : concatBytes([path, Uint8Array.of(SLASH)]);
  }
  // Files of other types may have one, but those of type 0 are directories by it.
  let end = path.length;
  while (end > 0 && path[end - 1] === SLASH) end--;
  return path.subarray(0, end);
}

function textOf(source: Source, entry: KeptEntry): VisorText {
  if (entry.kind !== 'file') return NO_TEXT;
  return visorTextOf(entry.size, (target, offset) => {
    target.set(readKept(source, entry, offset, target.length));
  });
}

/** What `entry` says of its text that its bytes do not. */
function recordsOf(source: Source, entry: KeptEntry): Record<string, Uint8Array> {
  const { said } = entry;
  if (said === null || isSameText(said, textOf(source, entry))) return {};
  return { [TEXT_KEY]: encodeTextRecord(said) };
}

/** Runs `encode`; what a header cannot hold is a claim of `source` at `offset`. */
function held<T>(source: Source, offset: number, encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CorruptError(source.name, offset, error.message);
  }
}

/** The layout that the data of a visor tar of `size` bytes is in; null where it is in none. */
function layoutOf(
  entries: readonly Pick<KeptEntry, 'size' | 'headerOffset' | 'dataOffset' | 'said'>[],
  size: number,
): VisorLayout | null {
  const files = entries.map((entry) => ({ size: entry.size, text: entry.said ?? NO_TEXT }));
  const headerBytes = entries.at(-1)!.headerOffset + BLOCK_BYTES;
  const fits = (layout: VisorLayout): boolean => {
    const places = placeVisorData(files, headerBytes, layout);
    if (places.size !== size) return false;
    return places.dataOffsets.every((at, index) => at === 0 || at === entries[index]!.dataOffset);
  };
  return VISOR_LAYOUTS.find(fits) ?? null;
}
