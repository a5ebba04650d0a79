/**
 * An offline bundle: a depot in a zip.
 *
 *   index.xml  vendor-index.xml  metadata.zip  vib20/<name>/<id>.vib
 *
 * VMware's own tools write it so; others put VIBs at the root and call the metadata otherwise. That
 * is read alike, since the indexes say where things are. A zip without an index whose only zip has
 * one is that bundle, packed once more.
 */

import { ForeignError } from '../base/errors.ts';
import type { Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { type Depot, type DepotVib, INDEX_PATH } from './depot.ts';
import { type DepotSource, zipDepot } from './depot-source.ts';
import { compareVersions } from './vib-version.ts';

/**
 * The bundle in `source`, which is closed with it, or where it fails, as the place of a depot.
 * Throws CorruptError where it lies, ForeignError where it is no bundle.
 */
export async function bundleDepot(source: Source, codec: Codec): Promise<DepotSource> {
  try {
    const outer = zipDepot(source, codec);
    const paths = (await outer.list())!;
    if (paths.includes(INDEX_PATH)) return outer;
    const zips = paths.filter((path) => path.toLowerCase().endsWith('.zip'));
    const [only] = zips;
    if (only !== undefined && zips.length === 1) {
      const inner = zipDepot((await outer.open(only))!, codec);
      if ((await inner.list())!.includes(INDEX_PATH)) {
        return { ...inner, close: () => source.close() };
      }
    }
    throw new ForeignError(source.name, 0, `is no bundle: it has no '${INDEX_PATH}'`);
  } catch (error) {
    source.close();
    throw error;
  }
}

/**
 * Of the VIBs of `depot` the newest of each vendor and name, in its order: what an installation
 * from it would take.
 */
export function newestVibs({ vibs }: Pick<Depot, 'vibs'>): readonly DepotVib[] {
  const newest = new Map<string, DepotVib>();
  for (const vib of vibs) {
    const { vendor, name, version } = vib.descriptor;
    const key = JSON.stringify([vendor, name]);
    const other = newest.get(key);
    const isNewer = other === undefined || compareVersions(version, other.descriptor.version) > 0;
    if (isNewer) newest.set(key, vib);
  }
  return vibs.filter((vib) => {
    const { vendor, name } = vib.descriptor;
    return newest.get(JSON.stringify([vendor, name])) === vib;
  });
}
