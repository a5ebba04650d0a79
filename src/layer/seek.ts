/**
 * Opening a gzipped tar without decoding it, and making what that takes.
 *
 *   first    stored ──► decoded, restart points ──► walk ──► skeleton ──► seek index ──┐
 *   then     stored + seek index ◄──────────────────────────────────────────────────────┘
 *              └─► the same walk, over the skeleton ──► Tardisk over a SeekSource
 *
 * The first time ends as every other does, so an index that was made has been used once.
 */

import { CorruptError } from '../base/errors.ts';
import { decodedLimitBytes, SPAN_BYTES, SPAN_CACHE_BYTES } from '../base/limits.ts';
import { bytesSource, readBytes, type Source } from '../base/source.ts';
import { type Codec, isGzip } from '../codec/codec.ts';
import { decodedWithPoints } from '../codec/restart-points.ts';
import { checkBinding, encodeSeekIndex, parseSeekIndex } from '../codec/seek-index.ts';
import { SeekSource } from '../codec/seek-source.ts';
import { encodeSkeleton, Skeleton } from './skeleton.ts';
import { Tardisk } from './tardisk.ts';

/** Where the seek index of one archive is kept. */
export interface IndexPlace {
  /** The index that is there; null where none is. */
  load(): Uint8Array | null;
  save(index: Uint8Array): void;
}

/** How to open, and what the Tardisk is called. */
export interface SeekOptions {
  readonly name: string;
  readonly limitBytes: number;
  readonly cacheBytes?: number | undefined;
}

/**
 * The gzipped tar in the first `archiveSize` bytes of `stored`, by its seek index `bytes`. Throws
 * CorruptError where that lies or is of another archive.
 */
export function openByIndex(
  stored: Source,
  bytes: Uint8Array,
  codec: Codec,
  { name, limitBytes, cacheBytes = SPAN_CACHE_BYTES }: SeekOptions,
  archiveSize = stored.size,
): Tardisk {
  const indexName = `${stored.name}'s seek index`;
  const index = parseSeekIndex(bytes, codec, limitBytes, indexName);
  checkBinding(index, stored, codec, archiveSize);
  const source = new SeekSource(stored, index, codec, cacheBytes);
  // Here and now: handing so little to another thread takes longer than decoding it.
  const skeleton = codec.gunzipNow(index.skeleton, decodedLimitBytes(index.skeleton.length));
  if (skeleton === null) throw new CorruptError(indexName, 0, 'the skeleton is not sound gzip');
  return source.through(new Skeleton(skeleton, source), () =>
    Tardisk.index(source, name, stored.size),
  );
}

/** As `openByIndex`, by the index in `place`; null where there is none, or it does not serve. */
export function openByPlace(
  stored: Source,
  place: IndexPlace,
  codec: Codec,
  options: SeekOptions,
): Tardisk | null {
  const index = place.load();
  if (index === null) return null;
  try {
    return openByIndex(stored, index, codec, options);
  } catch (error) {
    // It is made anew, and that says whether it is the archive that lies.
    if (error instanceof CorruptError) return null;
    throw error;
  }
}

/**
 * What the gzip in `stored` holds: its seek index where that is a tar, and always its bytes. Throws
 * CorruptError where it is not sound.
 */
export async function decodedOnce(
  stored: Source,
  codec: Codec,
  limitBytes: number,
  isTar: (plain: Source) => boolean,
): Promise<{ readonly plain: Source; readonly index: Uint8Array | null }> {
  const bytes = readBytes(stored, 0, stored.size);
  const options = { limitBytes, archive: stored.name, spanBytes: SPAN_BYTES };
  const { plain, spans } = decodedWithPoints(bytes, codec, options);
  const source = bytesSource(plain, stored.name);
  if (spans === null || isGzip(plain) || !isTar(source)) return { plain: source, index: null };
  const skeleton = encodeSkeleton(source);
  const index = await encodeSeekIndex({ stored, plain, spans, skeleton }, codec);
  return { plain: source, index };
}
