/**
 * The payloads of VIBs of the corpus, gunzipped: of VIBs that are files, and of those in bundles.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { bytesSource, readBytes } from '../../src/base/source.ts';
import { isGzip } from '../../src/codec/codec.ts';
import { arMembers } from '../../src/format/ar.ts';
import { corpusPath } from './corpus.ts';

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
    return zipMembers(bytes).flatMap((member) =>
      payloadsIn(`${place}!${member.place}`, member.bytes),
    );
  }
  if (!place.endsWith('.vib')) return [];
  const source = bytesSource(bytes, place);
  return arMembers(source).flatMap(({ name, dataOffset, size }) => {
    const stored = readBytes(source, dataOffset, size);
    if (!isGzip(stored)) return [];
    return [{ place: `${place}!${name}`, bytes: new Uint8Array(gunzipSync(stored)) }];
  });
}

/** The members of a zip as real bundles are: stored or deflated, nothing of zip64. */
function zipMembers(bytes: Uint8Array): Payload[] {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const members: Payload[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((o) => zip.readUInt16LE(at + o));
    const place = zip.toString('utf8', at + 46, at + 46 + nameBytes!);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const stored = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    const isStored = zip.readUInt16LE(at + 10) === 0;
    members.push({ place, bytes: new Uint8Array(isStored ? stored : inflateRawSync(stored)) });
    at += 46 + nameBytes! + extraBytes! + commentBytes!;
  }
  return members;
}
