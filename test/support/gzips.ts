/**
 * One tar in every kind of gzip there is, and seek indexes of them with spans as short as wanted.
 */

import zlib from 'node:zlib';
import { gzip as pakoGzip } from 'pako';
import { concatBytes, putU32, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import type { Codec } from '../../src/codec/codec.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { decodedWithPoints } from '../../src/codec/restart-points.ts';
import { encodeSeekIndex } from '../../src/codec/seek-index.ts';
import { encodeSkeleton } from '../../src/layer/skeleton.ts';
import { tarOf } from './archives.ts';
import { type Prng, prng } from './prng.ts';

const WORDS = 'the host agent reads state from disk and a ramdisk keeps what was written'.split(
  ' ',
);

/** A tar of files that pack well, of one that does not, and of one of zeros: about 500 KB. */
export function mixedTar(seed = 1): Uint8Array {
  const chance = prng(seed);
  const files = Array.from({ length: 16 }, (_, index) => ({
    path: `usr/lib/part-${index % 5}/file-${index}`,
    content: words(chance, 200 + chance.below(40_000)),
  }));
  return tarOf([
    { path: 'usr/' },
    ...files,
    { path: 'noise', content: chance.bytes(70_000) },
    { path: 'zeros', content: new Uint8Array(100_000) },
    { path: 'usr/link', target: 'lib' },
    { path: 'last', content: words(chance, 30_000) },
  ]);
}

/** `plain` in gzip, by how it was made. */
export function gzipsOf(plain: Uint8Array): Readonly<Record<string, Uint8Array>> {
  // Copies, since a Buffer's slice is none.
  const made = Object.entries(inEveryWay(plain));
  return Object.fromEntries(made.map(([how, bytes]) => [how, Uint8Array.from(bytes)]));
}

function inEveryWay(plain: Uint8Array): Record<string, Uint8Array> {
  const { Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = zlib.constants;
  return {
    'gzip -1': zlib.gzipSync(plain, { level: 1 }),
    'gzip -6': zlib.gzipSync(plain),
    'gzip -9': zlib.gzipSync(plain, { level: 9 }),
    'blocks of a few hundred symbols': zlib.gzipSync(plain, { memLevel: 1 }),
    'stored blocks': zlib.gzipSync(plain, { level: 0 }),
    'fixed codes': zlib.gzipSync(plain, { strategy: Z_FIXED, memLevel: 1 }),
    'codes without copies': zlib.gzipSync(plain, { strategy: Z_HUFFMAN_ONLY, memLevel: 2 }),
    'runs only': zlib.gzipSync(plain, { strategy: Z_RLE, memLevel: 1 }),
    'a window of 512 bytes': zlib.gzipSync(plain, { windowBits: 9, memLevel: 1 }),
    pako: pakoGzip(plain, { level: 6, memLevel: 3 }),
    'a member for each 10,000 bytes': concatBytes(
      slices(plain, 10_000).map((slice) => zlib.gzipSync(slice)),
    ),
    'members long and short': concatBytes([
      zlib.gzipSync(plain.subarray(0, 250_000), { memLevel: 1 }),
      ...slices(plain.subarray(250_000, 260_000), 700).map((slice) => zlib.gzipSync(slice)),
      zlib.gzipSync(new Uint8Array(0)),
      zlib.gzipSync(plain.subarray(260_000), { memLevel: 1 }),
      zlib.gzipSync(new Uint8Array(0)),
    ]),
    bgzip: concatBytes([...slices(plain, 65_280), new Uint8Array(0)].map(bgzipMember)),
    'every field that a header has': withFields(zlib.gzipSync(plain, { memLevel: 1 })),
    'flushed blocks': flushed(plain),
    'zeros behind it': concatBytes([zlib.gzipSync(plain, { memLevel: 1 }), new Uint8Array(100)]),
  };
}

/** The seek index of the gzipped tar `stored`, with spans of `spanBytes`. */
export function indexFor(stored: Uint8Array, codec: Codec, spanBytes: number): Promise<Uint8Array> {
  const options = { limitBytes: 1 << 30, archive: 'made', spanBytes };
  const { plain, spans } = decodedWithPoints(stored, codec, options);
  const skeleton = encodeSkeleton(bytesSource(plain, 'made'));
  const source = bytesSource(stored, 'made');
  return encodeSeekIndex({ stored: source, plain, spans: spans!, skeleton }, codec);
}

/** `bytes` in slices of `length`. */
export function slices(bytes: Uint8Array, length: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * length, (at + 1) * length));
}

function words(chance: Prng, length: number): Uint8Array {
  let all = '';
  while (all.length < length) all += `${chance.pick(WORDS)} ${chance.below(50)} `;
  return utf8(all.slice(0, length));
}

/** A member with its own size in a field, as bgzip writes it. */
function bgzipMember(slice: Uint8Array): Uint8Array {
  const deflated = zlib.deflateRawSync(slice);
  const size = 18 + deflated.length + 8;
  const head = [31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, size - 1, (size - 1) >> 8];
  return concatBytes([Uint8Array.from(head), deflated, trailer(slice)]);
}

function withFields(member: Uint8Array): Uint8Array {
  const head = Uint8Array.from([31, 139, 8, 30, 1, 2, 3, 4, 0, 3, 5, 0, 1, 2, 1, 0, 9]);
  const named = concatBytes([head, utf8('a name\0a comment\0')]);
  const sum = crc32(named);
  const headSum = Uint8Array.from([sum, sum >> 8]);
  return concatBytes([named, headSum, member.subarray(10)]);
}

/** One member whose encoder was told to flush after each 20,000 bytes. */
function flushed(plain: Uint8Array): Uint8Array {
  const { Z_SYNC_FLUSH, Z_FINISH } = zlib.constants;
  const parts = slices(plain, 20_000);
  const deflated = parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    return zlib.deflateRawSync(part, { finishFlush: isLast ? Z_FINISH : Z_SYNC_FLUSH });
  });
  const head = Uint8Array.from([31, 139, 8, 0, 0, 0, 0, 0, 0, 255]);
  return concatBytes([head, ...deflated, trailer(plain)]);
}

function trailer(bytes: Uint8Array): Uint8Array {
  const end = new Uint8Array(8);
  putU32(end, 0, crc32(bytes));
  putU32(end, 4, bytes.length);
  return end;
}
