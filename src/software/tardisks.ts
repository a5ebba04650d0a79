/**
 * The door for whatever can be mounted: a bundle is all its VIBs, anything else is an archive.
 *
 * Not here: archives (layer/open.ts), bundles (bundle-tardisks.ts), which few programs load.
 */

import { readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { BLOCK_BYTES, looksLikeTar } from '../format/tar-header.ts';
import { isZip } from '../format/zip-start.ts';
import { type OpenPlaceOptions, openTardisks as openArchive } from '../layer/open.ts';
import type { Tardisk } from '../layer/tardisk.ts';

/**
 * The tardisks of what is in `source`, which is given away: one of a tar, all payloads of a VIB, of
 * a bundle those of its VIBs. Throws CorruptError where it lies, ForeignError where it is none of
 * these.
 */
export async function openTardisks(
  source: Source,
  codec: Codec,
  options: OpenPlaceOptions = {},
): Promise<readonly Tardisk[]> {
  const head = readBytes(source, 0, Math.min(BLOCK_BYTES, source.size));
  if (!isZip(head) || looksLikeTar(head)) {
    return openArchive(source, codec, options);
  }
  const { bundleTardisks } = await import('./bundle-tardisks.ts');
  return bundleTardisks(source, codec, options.maxDecodedBytes);
}
