/**
 * What lies within compression: taken out layer by layer within one limit, and told apart.
 *
 *   gzip, xz, zstd, LZMA  ──►  the same again, COMPRESSIONS_MAX_COUNT deep at the most  ──►  plain
 *
 * Not here: how each is undone (codec/compression.ts), VIBs (vib.ts), and gzip that is read without
 * being decoded (seek.ts).
 */

import { text } from '../base/bytes.ts';
import { CorruptError, ForeignError } from '../base/errors.ts';
import { COMPRESSIONS_MAX_COUNT } from '../base/limits.ts';
import { bytesSource, readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { type Compression, compressionOf, unpack } from '../codec/compression.ts';
import { BLOCK_BYTES, looksLikeTar, tarFlavour } from '../format/tar-header.ts';
import { Tardisk } from './tardisk.ts';

const TAR_OR_VIB = 'wanted is tar, visor tar or a VIB, compressed or not';

/** What is within the outermost compression of an archive. */
export interface Peeled {
  readonly compression: Compression;
  readonly plain: Source;
  /** Bytes behind the stream: where there is a signature, it is these. */
  readonly trailingBytes: number;
}

/**
 * `source` without its outermost compression, in memory; null where it has none. Throws
 * CorruptError where it is not sound or decodes to more than `limitBytes`, ForeignError where it is
 * coded in a way that is not read. `source` stays open.
 */
export async function peeled(
  source: Source,
  codec: Codec,
  limitBytes: number,
): Promise<Peeled | null> {
  const compression = compressionIn(source);
  if (compression === null) return null;
  const { name, size } = source;
  const stored = readBytes(source, 0, size);
  const { plain, storedBytes } = await unpack(stored, compression, limitBytes, name, codec);
  return { compression, plain: bytesSource(plain, name), trailingBytes: size - storedBytes };
}

/**
 * `source` without any compression; `source` itself where it has none. The outermost layer may have
 * been taken off already, which gave `once`. No layer may decode to more than `limitBytes`.
 */
export async function decoded(
  source: Source,
  codec: Codec,
  limitBytes: number,
  once: Source | null = null,
): Promise<Source> {
  let plain = once ?? source;
  for (let layers = once === null ? 0 : 1; compressionIn(plain) !== null; layers++) {
    if (layers === COMPRESSIONS_MAX_COUNT) {
      const claim = `is compressed more than ${COMPRESSIONS_MAX_COUNT} times, which is the limit`;
      throw new CorruptError(source.name, 0, claim);
    }
    plain = (await peeled(plain, codec, limitBytes))!.plain;
  }
  if (plain !== source) source.close();
  return plain;
}

function compressionIn(source: Source): Compression | null {
  const head = headOf(source);
  const compression = compressionOf(head);
  // A name may start as a magic does: a right sum decides, as for GNU tar. LZMA has no magic.
  const isPlain = compression === 'LZMA' ? isTar(source) : looksLikeTar(head);
  return isPlain ? null : compression;
}

/** Whether `source` starts as gzip does, and is no tar whose first name does so. */
export function startsAsGzip(source: Source): boolean {
  return compressionIn(source) === 'gzip';
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
    [[0x42, 0x5a, 0x68], 'is compressed with bzip2, which is not read'],
    [[0x50, 0x4b, 0x03, 0x04], 'is a zip'],
    [[0x3c], `starts as markup does: '${text(head, 0, Math.min(20, head.length))}'`],
  ];
  if (head.length === 0) return 'is empty: no archive is';
  const [, what] = known.find(([start]) => start.every((byte, at) => head[at] === byte)) ?? [];
  return `${what ?? 'is no archive: no tar header at its start has a right checksum'}; ${wanted}`;
}
