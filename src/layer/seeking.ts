/**
 * Which way a gzipped tar is read without being decoded, where there is one: by the index that was
 * given, that lies behind it, that an eStargz has within, or that is kept or made.
 *
 * Loaded with the first gzip that is opened.
 */

import type { Source } from '../base/source.ts';
import { indexBehind } from '../codec/appended-index.ts';
import type { Codec } from '../codec/codec.ts';
import type { OpenPlaceOptions } from './open.ts';
import { isTar, startsAsGzip } from './plain.ts';
import { decodedOnce, openByIndex, openByPlace } from './seek.ts';
import { openStargz } from './stargz.ts';
import type { Tardisk } from './tardisk.ts';

/**
 * The gzipped tar in `source` by its seek index, given, kept or made; else what was decoded on the
 * way, or null where nothing was.
 */
export async function openSeeking(
  source: Source,
  codec: Codec,
  limitBytes: number,
  { index: wanted, name = source.name, cacheBytes }: OpenPlaceOptions,
): Promise<Tardisk | Source | null> {
  const options = { name, limitBytes, cacheBytes };
  const behind = startsAsGzip(source) ? indexBehind(source) : null;
  if (wanted instanceof Uint8Array) {
    return openByIndex(source, wanted, codec, options, behind?.archiveSize);
  }
  if (behind !== null) {
    return openByIndex(source, behind.index, codec, options, behind.archiveSize);
  }
  if (!startsAsGzip(source)) return null;
  const stargz = await openStargz(source, codec, options);
  if (stargz !== null || wanted === undefined) return stargz;
  const kept = wanted === 'make' ? null : openByPlace(source, wanted, codec, options);
  if (kept !== null) return kept;
  const { plain, index } = await decodedOnce(source, codec, limitBytes, isTar);
  if (index === null) return plain;
  const tardisk = openByIndex(source, index, codec, options);
  if (wanted !== 'make') wanted.save(index);
  return tardisk;
}
