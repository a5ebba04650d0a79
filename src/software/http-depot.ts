/**
 * A depot over http or https: each file is fetched whole, when it is asked for.
 *
 * Nothing is fetched but what lies below the address of the depot: paths are relative, each of
 * their parts is encoded, and `..` never comes this far (depot-source.ts). Ranges are not asked
 * for: a VIB is needed whole, to be summed up.
 */

import { FETCHED_MAX_BYTES } from '../base/limits.ts';
import { type FetchOptions, fetched, isHttp } from '../net/fetch.ts';
import type { DepotSource } from './depot-source.ts';

/**
 * The depot at `address`, which is that of its folder, or of its index.xml. Nothing is fetched yet.
 * Throws TypeError where it is no address of http or https.
 */
export function httpDepot(address: string, options: FetchOptions = {}): DepotSource {
  const base = new URL(address);
  if (!isHttp(base)) throw new TypeError(`'${address}' is no address of http or https`);
  base.pathname = base.pathname.replace(/[^/]*\.xml$/, '').replace(/\/*$/, '/');
  base.search = '';
  base.hash = '';
  return {
    name: base.href,
    open(path, maxBytes = FETCHED_MAX_BYTES) {
      const limit = Math.min(maxBytes, options.maxBytes ?? FETCHED_MAX_BYTES);
      return fetched(new URL(encoded(path), base).href, { ...options, maxBytes: limit });
    },
    list: async () => null,
    close: () => undefined,
  };
}

/** The parts of `path` so that each is one part of an address, whatever it holds. */
function encoded(path: string): string {
  return `./${path.split('/').map(encodeURIComponent).join('/')}`;
}
