/**
 * Zips in memory, said in a line.
 */

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import type { Codec } from '../../src/codec/codec.ts';
import { zipEntries } from '../../src/format/zip.ts';
import { encodeZip } from '../../src/format/zip-write.ts';
import { openZipEntry, zipContent } from '../../src/layer/zip.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';

/** Names and what they hold. */
export type ZipFiles = Readonly<Record<string, string | Uint8Array>>;

/** The bytes of a zip of `files`. */
export async function zipOf(files: ZipFiles, codec: Codec = nativeCodec): Promise<Uint8Array> {
  const contents = Object.entries(files).map(([name, content]) => {
    return zipContent(name, typeof content === 'string' ? utf8(content) : content, codec);
  });
  return concatBytes(encodeZip(await Promise.all(contents)));
}

/** What the zip in `bytes` holds, by the names of its files. */
export function unzipped(bytes: Uint8Array, codec: Codec = nativeCodec): Map<string, Uint8Array> {
  const source = bytesSource(bytes, 'a.zip');
  const files = zipEntries(source).filter(({ kind }) => kind !== 'directory');
  return new Map(
    files.map((entry) => {
      const member = openZipEntry(source, entry, codec);
      return [entry.name, member.resident(0, member.size)!];
    }),
  );
}
