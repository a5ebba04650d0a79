/**
 * What lies within gzip: taken out, within a limit, and told apart.
 *
 * Not here: VIBs (vib.ts), and gzip that is read without being decoded (seek.ts).
 */

import { text } from '../base/bytes.ts';
import { CorruptError, ForeignError } from '../base/errors.ts';
import { GZIP_LAYERS_MAX_COUNT } from '../base/limits.ts';
import { bytesSource, readBytes, type Source } from '../base/source.ts';
import { type Codec, isGzip } from '../codec/codec.ts';
import { BLOCK_BYTES, looksLikeTar, tarFlavour } from '../format/tar-header.ts';
import { Tardisk } from './tardisk.ts';

const TAR_OR_VIB = 'wanted is tar, visor tar or a VIB, in gzip or not';

/**
 * `source` without its gzip layers; `source` itself where it has none. The outermost one may have
 * been taken off already, which gave `once`.
 */
export async function decoded(
  source: Source,
  codec: Codec,
  limitBytes: number,
  once: Source | null = null,
): Promise<Source> {
  let plain = once ?? source;
  for (let layers = once === null ? 0 : 1; startsAsGzip(plain); layers++) {
    if (layers === GZIP_LAYERS_MAX_COUNT) {
      const claim = `is gzip in gzip in gzip; ${GZIP_LAYERS_MAX_COUNT} layers are the limit`;
      throw new CorruptError(source.name, 0, claim);
    }
    const stored = readBytes(plain, 0, plain.size);
    plain = bytesSource(await codec.gunzip(stored, limitBytes, source.name), source.name);
  }
  if (plain !== source) source.close();
  return plain;
}

/** Whether `source` starts as gzip does. */
export function startsAsGzip(source: Source): boolean {
  return isGzip(readBytes(source, 0, Math.min(3, source.size)));
}

/** The first bytes of `source`, which say what it is. */
export function headOf(source: Source): Uint8Array {
  return readBytes(source, 0, Math.min(BLOCK_BYTES, source.size));
}

/** Whether `source` is meant as a tar. */
export function isTar(source: Source): boolean {
  const head = headOf(source);
  // With a magic of tar but a wrong checksum it is a tar that lies: indexing says where.
  return looksLikeTar(head) || (head.length === BLOCK_BYTES && tarFlavour(head, 0) !== 'v7');
}

/** The tar in `plain`, indexed as `name`. Throws ForeignError where it is none. */
export function index(plain: Source, head: Uint8Array, name: string, storedBytes: number): Tardisk {
  if (!isTar(plain)) throw new ForeignError(plain.name, 0, whatItIs(head, TAR_OR_VIB));
  return Tardisk.index(plain, name, storedBytes);
}

/** What to say of bytes that are no archive we read: what they are, where that is known. */
export function whatItIs(head: Uint8Array, wanted: string): string {
  const known: readonly [start: readonly number[], what: string][] = [
    [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'is compressed with xz'],
    [[0x28, 0xb5, 0x2f, 0xfd], 'is compressed with zstd'],
    [[0x42, 0x5a, 0x68], 'is compressed with bzip2'],
    [[0x50, 0x4b, 0x03, 0x04], 'is a zip'],
    [[0x3c], `starts as markup does: '${text(head, 0, Math.min(20, head.length))}'`],
  ];
  if (head.length === 0) return 'is empty: no archive is';
  const [, what] = known.find(([start]) => start.every((byte, at) => head[at] === byte)) ?? [];
  return `${what ?? 'is no archive: no tar header at its start has a right checksum'}; ${wanted}`;
}
