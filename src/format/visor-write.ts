/**
 * Writing visor tars as vmtar does: byte for byte what it makes of the same entries.
 *
 *   layout  data is at multiples of                             the archive ends
 *   6.5     512; of 4096 after a '7', and a '7' itself          with the last data
 *   6.7     4096                                                with the last data
 *   8.0     4096                                                with zeros up to a multiple of 512
 *
 *   | header | header | …             | zeros | gap | data | gap | data | …
 *
 * All headers, one block of zeros, then the data in the order of its headers; gaps are zeros. Texts
 * and numbers are as tar-header.ts has them, octal with a NUL behind it; a directory's name ends in
 * a slash; the sum is of signed bytes. Device numbers of what is no device are NUL or "0000000" as
 * they are in the tar that is converted: both occur, as GNU tar writes NUL into its own format and
 * zeros into POSIX's.
 *
 * What no real one was ever seen to have is written for those who read visor tars:
 *
 *   a file of no bytes           the offset 0, which means "behind the header", where nothing is
 *   links, devices, fifos        the same; their types are tar's own
 *   a name or target over 100    as in GNU tar: 'L' or 'K' ahead of the header, with the whole of
 *                                it right behind them; the prefix stays empty
 *
 * A time below a second is left out. What a field cannot hold (a time before 1970, an owner above
 * 2097151, an archive past 4 GiB) is refused.
 *
 * Not here: pages of text (visor-text.ts), the way from an archive to entries (layer/vmtar.ts).
 */

import { concatBytes } from '../base/bytes.ts';
import { PAGE_BYTES } from '../base/limits.ts';
import { BLOCK_BYTES, encodeTarHeader } from './tar-header.ts';
import { encodeLongNames, type GnuEntry, shortRecord } from './tar-write.ts';
import type { VisorText } from './visor-text.ts';

/** The layouts, by the ESXi whose tools write them; the newest first. */
export const VISOR_LAYOUTS = ['8.0', '6.7', '6.5'] as const;

/** A layout of visor tars, by the ESXi whose vmtar writes it: '8.0', '6.7' or '6.5'. */
export type VisorLayout = (typeof VISOR_LAYOUTS)[number];

/** What a visor tar is to say of an entry. */
export interface VisorEntry extends GnuEntry {
  /** Of all but files NO_TEXT. */
  readonly text: VisorText;
}

/** Where the data of a visor tar is. */
export interface VisorPlaces {
  /** Of each entry, where its data starts; 0 where it has none. */
  readonly dataOffsets: readonly number[];
  /** Of the whole archive, in bytes. */
  readonly size: number;
}

/** An offset has 32 bits. */
const SIZE_MAX_BYTES = 2 ** 32;

/**
 * Where `layout` puts the data of `entries`, whose headers have `headerBytes`. Throws RangeError
 * where offsets cannot say it.
 */
export function placeVisorData(
  entries: readonly Pick<VisorEntry, 'size' | 'text'>[],
  headerBytes: number,
  layout: VisorLayout,
): VisorPlaces {
  let end = headerBytes + BLOCK_BYTES;
  let isPaged = layout !== '6.5';
  const dataOffsets = entries.map(({ size, text: { isMapped } }) => {
    if (size === 0) return 0;
    const offset = roundedUp(end, isPaged || isMapped ? PAGE_BYTES : BLOCK_BYTES);
    end = offset + size;
    isPaged = layout !== '6.5' || isMapped;
    return offset;
  });
  const size = layout === '8.0' ? roundedUp(end, BLOCK_BYTES) : end;
  if (size <= SIZE_MAX_BYTES) return { dataOffsets, size };
  throw new RangeError(`makes a visor tar of ${size} bytes; ${SIZE_MAX_BYTES} are the most`);
}

function roundedUp(count: number, unit: number): number {
  return Math.ceil(count / unit) * unit;
}

/** Bytes of all headers that `encodeVisorEntry` gives for `entry`, wherever its data is. */
export function visorHeaderBytes(entry: Pick<VisorEntry, 'path' | 'target'>): number {
  const long = encodeLongNames('visor', entry);
  return long.reduce((sum, { length }) => sum + length, BLOCK_BYTES);
}

/**
 * The headers of `entry`, whose data is at `dataOffset`. Throws RangeError where they cannot hold
 * what it says.
 */
export function encodeVisorEntry(entry: VisorEntry, dataOffset: number): Uint8Array {
  const said = { ...shortRecord(entry), ...entry.text, dataOffset };
  const typeflag = entry.text.isMapped ? '7' : said.typeflag;
  const header = encodeTarHeader({ flavour: 'visor', ...said, typeflag });
  return concatBytes([...encodeLongNames('visor', entry), header]);
}
