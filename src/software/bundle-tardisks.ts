/**
 * A bundle as an image: the payloads of its VIBs, stacked.
 *
 * Of each vendor and name only the newest VIB counts, as an installation would take it. They come
 * in the order of the metadata, so the VIB that is last there is on top; the order matters only
 * where one VIB overlays files of another.
 */

import { decodedLimitBytes } from '../base/limits.ts';
import type { Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { payloadTardisks } from '../layer/vib.ts';
import { bundleDepot, newestVibs } from './bundle.ts';
import { openDepot } from './depot.ts';

/**
 * The tardisks of the bundle in `source`, which is closed: they are in memory. Together they decode
 * to no more than `limitBytes`, which follows from the size of the bundle unless said. Throws
 * CorruptError where it is no bundle, or a VIB in it lies.
 */
export async function bundleTardisks(
  source: Source,
  codec: Codec,
  limitBytes: number = decodedLimitBytes(source.size),
): Promise<readonly Tardisk[]> {
  const bundle = await openDepot(await bundleDepot(source, codec), codec);
  const tardisks: Tardisk[] = [];
  let left = limitBytes;
  try {
    for (const vib of newestVibs(bundle)) {
      const opened = await bundle.openVib(vib);
      try {
        for (const tardisk of await payloadTardisks(opened, codec, left)) {
          tardisks.push(tardisk);
          left -= tardisk.source.size;
        }
      } finally {
        opened.close();
      }
    }
    return tardisks;
  } catch (error) {
    for (const tardisk of tardisks) tardisk.close();
    throw error;
  } finally {
    bundle.close();
  }
}
