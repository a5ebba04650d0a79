/**
 * The payloads of VIBs of the corpus, gunzipped: of VIBs that are files, and of those in bundles.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bytesSource, readBytes } from '../../src/base/source.ts';
import { isGzip } from '../../src/codec/codec.ts';
import { arMembers } from '../../src/format/ar.ts';
import { corpusPath } from './corpus.ts';
import { unzipped } from './zips.ts';

/** One payload, and where it lies: `bundle.zip!some.vib!payload1`. */
export interface Payload {
  readonly place: string;
  readonly bytes: Uint8Array;
}

/** All payloads of the corpus; none where there is no corpus. */
export function corpusPayloads(): Payload[] {
  const folder = corpusPath('vib');
  if (folder === null) return [];
  const files = readdirSync(folder, { recursive: true }).map(String).sort();
  return files.flatMap((file) => {
    if (!/\.(vib|zip)$/.test(file)) return [];
    return payloadsIn(file, new Uint8Array(readFileSync(join(folder, file))));
  });
}

function payloadsIn(place: string, bytes: Uint8Array): Payload[] {
  if (place.endsWith('.zip')) {
    return [...unzipped(bytes)].flatMap(([name, member]) => payloadsIn(`${place}!${name}`, member));
  }
  if (!place.endsWith('.vib')) return [];
  const source = bytesSource(bytes, place);
  return arMembers(source).flatMap(({ name, dataOffset, size }) => {
    const stored = readBytes(source, dataOffset, size);
    if (!isGzip(stored)) return [];
    return [{ place: `${place}!${name}`, bytes: new Uint8Array(gunzipSync(stored)) }];
  });
}
