/**
 * Opening an eStargz by its table of contents, without decoding it.
 *
 *   table     etc/motd at 110, bin/big at 204 and 812, …
 *   tar       header | 23 bytes | header | 4 MiB | 5 MB | …         as its headers would have it
 *   skeleton    ▪▪▪               ▪▪▪                               written from the table
 *   spans              ▪▪▪▪▪▪▪▪            ▪▪▪▪▪▪ ▪▪▪▪▪             decoded where they are read
 *
 * The table becomes a skeleton that the same walk goes over, with all its checks: what names and
 * links may be is said once. Chunks are whole gzip members, so their sums are checked as they are
 * decoded; the SHA-256 that the table has of each is not, since browsers have none at once.
 *
 * Extended attributes and what the tar's own headers say are not looked at.
 */

import { CorruptError } from '../base/errors.ts';
import {
  DEFLATE_MAX_RATIO,
  SPAN_CACHE_BYTES,
  SPAN_MAX_BYTES,
  TOC_MAX_BYTES,
} from '../base/limits.ts';
import { bytesSource, readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { Span } from '../codec/seek-index.ts';
import { SeekSource, type Shortcut } from '../codec/seek-source.ts';
import { FOOTER_BYTES, tocRange } from '../codec/stargz-footer.ts';
import { parseToc, TOC_NAME, type TocChunk, type TocEntry } from '../format/stargz-toc.ts';
import { BLOCK_BYTES } from '../format/tar-header.ts';
import { tarEntries } from '../format/tar-record.ts';
import { encodeTarEntry, paddingOf } from '../format/tar-write.ts';
import type { SeekOptions } from './seek.ts';
import { Skeleton, skeletonOf } from './skeleton.ts';
import { Tardisk } from './tardisk.ts';

/**
 * The eStargz in `stored`, by its table; null where it is none, or has chunks too long to seek in.
 * Throws CorruptError where the table lies.
 */
export async function openStargz(
  stored: Source,
  codec: Codec,
  { name, limitBytes, cacheBytes = SPAN_CACHE_BYTES }: SeekOptions,
): Promise<Tardisk | null> {
  const tailOffset = Math.max(0, stored.size - FOOTER_BYTES);
  const table = tocRange(readBytes(stored, tailOffset, stored.size - tailOffset), stored.size);
  if (table === null) return null;
  const entries = await tocIn(stored, table, codec);
  if (entries.some(({ chunks }) => longest(chunks) > SPAN_MAX_BYTES)) return null;
  const { spans, ranges, size } = laidOut(entries, table.start, stored.name);
  if (size > limitBytes) {
    const claim = `its table of contents claims ${size} bytes; ${limitBytes} are the limit`;
    throw new CorruptError(stored.name, table.start, claim);
  }
  const source = new SeekSource(stored, { size, spans, bytes: null }, codec, cacheBytes);
  const skeleton: Shortcut = new Skeleton(skeletonOf(ranges), source);
  return source.through(skeleton, () => Tardisk.index(source, name, stored.size));
}

async function tocIn(
  stored: Source,
  { start, end }: { readonly start: number; readonly end: number },
  codec: Codec,
): Promise<TocEntry[]> {
  const { name } = stored;
  const packed = readBytes(stored, start, end - start);
  const tar = bytesSource(await codec.gunzip(packed, TOC_MAX_BYTES, `${name}!toc`), `${name}!toc`);
  const record = tarEntries(tar).find(({ path }) => path === TOC_NAME);
  if (record === undefined) throw new CorruptError(name, start, `has no '${TOC_NAME}' here`);
  return parseToc(readBytes(tar, record.dataOffset, record.size), name);
}

/** The most that has to be decoded for one of `chunks`: what lies ahead of it is decoded too. */
function longest(chunks: readonly TocChunk[]): number {
  return chunks.reduce((most, { skipped, size }) => Math.max(most, skipped + size), 0);
}

/** A gzip member that has chunks of files. */
interface Member {
  readonly storedEnd: number;
  /** What must be decoded of it for all its chunks. */
  readonly decodedSize: number;
}

/** The tar that `entries` make: its headers, the spans of its data, and how long it is. */
function laidOut(entries: readonly TocEntry[], tocOffset: number, archive: string) {
  const members = membersOf(entries, tocOffset, archive);
  const ranges: [offset: number, bytes: Uint8Array][] = [];
  const spans: Span[] = [];
  let at = 0;
  for (const entry of entries) {
    const header = headerOf(entry, archive);
    ranges.push([at, header]);
    at += header.length;
    for (const { storedOffset, skipped, offset, size } of entry.chunks) {
      const place = { storedOffset, ...members.get(storedOffset)!, bit: null, skipped };
      spans.push({ ...place, offset: at + offset, size, sum: null, window: NOTHING });
    }
    at += entry.size + paddingOf(entry.size);
  }
  ranges.push([at, new Uint8Array(2 * BLOCK_BYTES)]);
  return { ranges, spans, size: at + 2 * BLOCK_BYTES };
}

const NOTHING = new Uint8Array(0);

function headerOf(entry: TocEntry, archive: string): Uint8Array {
  try {
    return encodeTarEntry(entry);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CorruptError(archive, 0, `its table of contents: ${error.message}`);
  }
}

/**
 * The members that have chunks of `entries`, by where they start. Each ends at the latest where the
 * next one starts, the last one at the table.
 */
function membersOf(
  entries: readonly TocEntry[],
  tocOffset: number,
  archive: string,
): ReadonlyMap<number, Member> {
  const sizes = new Map<number, number>();
  for (const { storedOffset, skipped, size } of entries.flatMap(({ chunks }) => chunks)) {
    sizes.set(storedOffset, Math.max(skipped + size, sizes.get(storedOffset) ?? 0));
  }
  const starts = [...sizes.keys()].sort((one, other) => one - other);
  const members = starts.map((storedOffset, index): [number, Member] => {
    const storedEnd = starts[index + 1] ?? tocOffset;
    const decodedSize = sizes.get(storedOffset)!;
    if (storedOffset >= tocOffset || decodedSize > (storedEnd - storedOffset) * DEFLATE_MAX_RATIO) {
      const claim = `its table of contents claims ${decodedSize} bytes here, which it has not`;
      throw new CorruptError(archive, storedOffset, claim);
    }
    return [storedOffset, { storedEnd, decodedSize }];
  });
  return new Map(members);
}
