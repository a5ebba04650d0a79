/**
 * A bundle or depot, wherever it lies.
 */

import { readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { isZip } from '../format/zip-start.ts';
import { type FetchOptions, fetched } from '../net/fetch.ts';
import { FetchError } from '../net/fetch-error.ts';
import { bundleDepot } from './bundle.ts';
import { type Depot, type DepotProgress, openDepot } from './depot.ts';
import type { DepotSource } from './depot-source.ts';
import { httpDepot } from './http-depot.ts';

/** How to open a bundle. */
export interface BundleOptions extends FetchOptions {
  /** Told of each file of metadata. */
  readonly onProgress?: DepotProgress;
}

/**
 * Opens the bundle in a Source, the depot in a place of one, or what is at an address of http or
 * https: a depot where that ends in `/` or in `.xml`, else a bundle, which is fetched whole. Throws
 * CorruptError where it lies, ForeignError where it is none, FetchError where a server does not
 * give it.
 */
export async function openPlace(
  place: Source | DepotSource | URL,
  codec: Codec,
  options: BundleOptions = {},
): Promise<Depot> {
  const { onProgress, ...fetching } = options;
  return openDepot(await depotAt(place, codec, fetching), codec, onProgress);
}

async function depotAt(
  place: Source | DepotSource | URL,
  codec: Codec,
  options: FetchOptions,
): Promise<DepotSource> {
  if (!(place instanceof URL)) return 'list' in place ? place : bundleDepot(place, codec);
  const { href, pathname } = place;
  if (/(\/|\.xml)$/.test(pathname)) return httpDepot(href, options);
  const file = await fetched(href, options);
  if (file === null) throw new FetchError(href, null, 'there is no such file');
  if (isZip(readBytes(file, 0, Math.min(4, file.size)))) return bundleDepot(file, codec);
  const claim = 'is no zip; the address of a depot ends in / or in index.xml';
  throw new FetchError(href, null, claim);
}
