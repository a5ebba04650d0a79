/**
 * Damage to archives: bytes flipped, numbers replaced, pieces cut, moved, and spliced in from
 * another archive.
 *
 * Half of what is done to a tar has its sums made right again; else nothing behind a sum would ever
 * be reached. Of a gzip, a VIB and a zip half the damage is done to what lies within, and packed
 * again with right sums, sizes and lengths.
 */

import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { concatBytes, text, utf8 } from '../../src/base/bytes.ts';
import { bytesSource, readBytes } from '../../src/base/source.ts';
import { isGzip } from '../../src/codec/codec.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { type ArContent, arMembers, encodeAr } from '../../src/format/ar.ts';
import { tarFlavour } from '../../src/format/tar-header.ts';
import { METHOD } from '../../src/format/zip.ts';
import { encodeZip, type ZipContent } from '../../src/format/zip-write.ts';
import { summed } from '../format/tar-blocks.ts';
import type { Prng } from '../support/prng.ts';
import { unzipped } from '../support/zips.ts';
import { type ArchiveKind, kindOf, type Specimen } from './archive-specimens.ts';

/** Bytes that mean something somewhere. */
const LOADED = [
  0, 0x20, 0x0a, 0x2f, 0x2e, 0x30, 0x37, 0x39, 0x3d, 0x4c, 0x53, 0x67, 0x78, 0x80, 0xff,
];

/** Where tar headers have numbers, and how long those are. */
const NUMBERS: readonly (readonly [offset: number, length: number])[] = [
  ...([
    [100, 8],
    [108, 8],
    [116, 8],
    [124, 12],
    [136, 12],
    [329, 8],
    [337, 8],
  ] as const),
  ...([
    [386, 12],
    [398, 12],
    [410, 12],
    [422, 12],
    [483, 12],
  ] as const),
];

/** Where visor headers have theirs, of 4 bytes each. */
const VISOR_NUMBERS = [496, 500, 504, 508];

const BLOCK_BYTES = 512;
const INNER_MAX_BYTES = 1 << 20;

type Wound = (bytes: Buffer, random: Prng, other: Uint8Array) => Uint8Array;

const flipBit: Wound = (bytes, random) => {
  bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  return bytes;
};

const fillRun: Wound = (bytes, random) => {
  const at = random.below(bytes.length);
  return bytes.fill(random.pick(LOADED), at, Math.min(at + 1 + random.below(12), bytes.length));
};

const putChance: Wound = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes.set(random.bytes(Math.min(8, bytes.length - at)), at);
  return bytes;
};

const copyWithin: Wound = (bytes, random) => {
  const [at, from, to] = [bytes, bytes, bytes].map(({ length }) => random.below(length));
  return bytes.copyWithin(at!, Math.min(from!, to!), Math.max(from!, to!));
};

const copyBlock: Wound = (bytes, random) => {
  const block = (): number => random.below(bytes.length) & -BLOCK_BYTES;
  const from = block();
  return bytes.copyWithin(block(), from, from + BLOCK_BYTES);
};

const cutEnd: Wound = (bytes, random) => bytes.subarray(0, 1 + random.below(bytes.length));

const cutPiece: Wound = (bytes, random) => {
  const at = random.below(bytes.length);
  const isWhole = random.below(2) === 0;
  const from = isWhole ? at & -BLOCK_BYTES : at;
  const count = isWhole ? BLOCK_BYTES * (1 + random.below(3)) : 1 + random.below(64);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + count)]);
};

const splice: Wound = (bytes, random, other) => {
  const isWhole = random.below(2) === 0;
  const round = (at: number): number => (isWhole ? at & -BLOCK_BYTES : at);
  const from = round(random.below(other.length));
  const piece = other.subarray(from, from + 1 + random.below(isWhole ? 2048 : 64));
  const at = round(random.below(bytes.length));
  const rest = bytes.subarray(random.below(2) === 0 ? at : at + piece.length);
  return Buffer.concat([bytes.subarray(0, at), piece, rest]);
};

/** A number that is far off, or nearly right. */
function oddNumber(random: Prng, near: number): number {
  const powers = [2 ** 31, 2 ** 32, 2 ** 33, 2 ** 53, 2 ** 63, 8 ** 7, 8 ** 11, 512, 4096];
  const base = random.pick([0, near, near, random.pick(powers)]);
  return Math.max(0, base + random.pick([-1, 0, 0, 1, random.below(1024)]));
}

/** Replaces a number of a header by octal, base 256, decimal, or no number at all. */
const replaceNumber: Wound = (bytes, random) => {
  const [offset, length] = random.pick(NUMBERS);
  const at = (random.below(bytes.length) & -BLOCK_BYTES) + offset;
  if (at + length > bytes.length) return bytes;
  const value = oddNumber(random, random.below(bytes.length));
  const written = random.pick([
    `${value.toString(8).padStart(length - 1, '0')}\0`,
    value.toString(8).padStart(length, ' '),
    `\x80${'\0'.repeat(Math.max(0, length - 9))}${latin1Of(value)}`,
    `-${value.toString(8)}`,
    String(value).padEnd(length, ' '),
  ]);
  bytes.write(written.slice(0, length), at, 'latin1');
  return bytes;
};

function latin1Of(value: number): string {
  const wide = Buffer.alloc(8);
  wide.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)));
  return wide.toString('latin1');
}

const replaceVisorNumber: Wound = (bytes, random) => {
  const at = (random.below(bytes.length) & -BLOCK_BYTES) + random.pick(VISOR_NUMBERS);
  if (at + 4 > bytes.length) return bytes;
  bytes.writeUInt32LE(oddNumber(random, random.below(bytes.length)) % 2 ** 32, at);
  return bytes;
};

const replaceType: Wound = (bytes, random) => {
  const at = (random.below(bytes.length) & -BLOCK_BYTES) + 156;
  if (at < bytes.length) bytes[at] = random.pick([...Buffer.from('0123457KLSgxDVNM\0')]);
  return bytes;
};

/** Replaces a run of digits wherever one is: lengths of pax records, sizes of ar and of XML. */
const replaceDigits: Wound = (bytes, random) => {
  const all = [...bytes.toString('latin1').matchAll(/\d{1,10}/g)];
  if (all.length === 0) return bytes;
  const { index, 0: digits } = random.pick(all);
  const value = String(oddNumber(random, Number(digits)));
  const isSameLength = random.below(2) === 0;
  const put = isSameLength ? value.slice(0, digits.length).padEnd(digits.length, ' ') : value;
  const behind = bytes.subarray(index + digits.length);
  return Buffer.concat([bytes.subarray(0, index), Buffer.from(put), behind]);
};

const replaceU32: Wound = (bytes, random) => {
  if (bytes.length < 4) return bytes;
  const at = random.below(bytes.length - 3);
  bytes.writeUInt32LE(oddNumber(random, bytes.length) % 2 ** 32, at);
  return bytes;
};

/** Head and tail of compressed streams and of zips are where their sizes are. */
const replaceAtEnd: Wound = (bytes, random) => {
  const at = random.below(2) === 0 ? random.below(32) : bytes.length - 1 - random.below(64);
  if (at >= 0 && at < bytes.length) bytes[at] = random.pick([...LOADED, random.below(256)]);
  return bytes;
};

const ANY: readonly Wound[] = [flipBit, fillRun, putChance, copyWithin, cutEnd, cutPiece, splice];
const OF_TAR = [copyBlock, replaceNumber, replaceNumber, replaceType, replaceDigits];
const WOUNDS: Readonly<Record<ArchiveKind, readonly Wound[]>> = {
  tar: [...ANY, ...OF_TAR],
  visor: [...ANY, ...OF_TAR, replaceVisorNumber, replaceVisorNumber],
  gzip: [...ANY, replaceAtEnd, replaceU32],
  vib: [...ANY, replaceDigits, replaceDigits],
  zip: [...ANY, replaceAtEnd, replaceU32, replaceU32],
  xz: [...ANY, replaceAtEnd, replaceU32],
  lzma: [...ANY, replaceAtEnd, replaceU32],
  zstd: [...ANY, replaceAtEnd, replaceU32],
};

/** Damage to what lies within, packed again; null where nothing is there to be damaged. */
type Within = (bytes: Uint8Array, other: Specimen, random: Prng) => Uint8Array | null;

const WITHIN: Readonly<Partial<Record<ArchiveKind, Within>>> = {
  gzip: woundedGzip,
  vib: woundedPayload,
  zip: woundedMember,
};

/** `specimen` damaged as `random` says, with pieces of `other` in it. */
export function wounded(specimen: Specimen, other: Specimen, random: Prng): Uint8Array {
  const { kind, bytes } = specimen;
  const within = random.below(2) === 0 ? WITHIN[kind]?.(bytes, other, random) : null;
  if (within !== null && within !== undefined) return within;
  let damaged: Uint8Array = Buffer.from(bytes);
  for (let count = 1 + random.below(4); count > 0 && damaged.length > 0; count--) {
    damaged = random.pick(WOUNDS[kind])(Buffer.from(damaged), random, other.bytes);
  }
  const isTar = kind === 'tar' || kind === 'visor';
  if (isTar && random.below(2) === 0) putSums(damaged, kind === 'visor' && random.below(2) === 0);
  return new Uint8Array(damaged);
}

/** Makes the sums of what looks like headers right: file data has no NUL before a blank here. */
function putSums(bytes: Uint8Array, isSigned: boolean): void {
  for (let at = 0; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) {
    const block = bytes.slice(at, at + BLOCK_BYTES);
    const isMagic = tarFlavour(block, 0) !== 'v7';
    if (isMagic || block[154] === 0 || block[155] === 0x20) {
      if (block.some((byte) => byte !== 0)) bytes.set(summed(new Uint8Array(block), isSigned), at);
    }
  }
}

function woundedGzip(bytes: Uint8Array, other: Specimen, random: Prng): Uint8Array | null {
  const limit = { maxOutputLength: INNER_MAX_BYTES };
  const inner = soundly(() => new Uint8Array(gunzipSync(bytes, limit)));
  if (inner === null || inner.length === 0) return null;
  const specimen = { name: 'inner', kind: kindOf(inner), bytes: inner };
  return gzipSync(wounded(specimen, other, random), { level: random.pick([0, 1, 6]) });
}

/** A VIB with a damaged payload or descriptor, whose member and descriptor give its new size. */
function woundedPayload(bytes: Uint8Array, other: Specimen, random: Prng): Uint8Array | null {
  const members = membersOf(bytes).filter(({ bytes: own }) => own.length > 0);
  if (members.length === 0) return null;
  const chosen = random.pick(members);
  const inner = isGzip(chosen.bytes) ? woundedGzip(chosen.bytes, other, random) : null;
  const wound = random.pick(WOUNDS.vib);
  const damaged = inner ?? wound(Buffer.from(chosen.bytes), random, other.bytes);
  return encodeAr(
    members.map((member) => {
      if (member === chosen) return { name: member.name, bytes: damaged };
      if (member.name !== DESCRIPTOR) return member;
      return { ...member, bytes: resized(member.bytes, chosen.bytes.length, damaged.length) };
    }),
  );
}

const DESCRIPTOR = 'descriptor.xml';

function membersOf(bytes: Uint8Array): ArContent[] {
  const source = bytesSource(bytes, 'vib');
  const members = soundly(() => arMembers(source)) ?? [];
  return members.map(({ name, dataOffset, size }) => {
    return { name: name.slice(0, 15), bytes: readBytes(source, dataOffset, size) };
  });
}

/** `descriptor` with the size `after` in place of `before`. */
function resized(descriptor: Uint8Array, before: number, after: number): Uint8Array {
  return utf8(text(descriptor).replace(`size="${before}"`, `size="${after}"`));
}

/** A zip with one damaged member, whose sums and sizes are right. */
function woundedMember(bytes: Uint8Array, other: Specimen, random: Prng): Uint8Array | null {
  const files = soundly(() => [...unzipped(bytes)]) ?? [];
  const full = files.filter(([, plain]) => plain.length > 0);
  if (full.length === 0) return null;
  const [chosen] = random.pick(full);
  const contents = files.map(([name, plain]): ZipContent => {
    // An XML is text as a descriptor is.
    const kind = name.endsWith('.xml') ? 'vib' : kindOf(plain);
    const own = name === chosen ? wounded({ name, kind, bytes: plain }, other, random) : plain;
    const said = { name, size: own.length, crc32: crc32(own) };
    return random.below(2) === 0
      ? { ...said, method: METHOD.stored, stored: own }
      : { ...said, method: METHOD.deflate, stored: new Uint8Array(deflateRawSync(own)) };
  });
  return concatBytes(encodeZip(contents));
}

/** What `read` gives; null where it refuses: what is evil is damaged as it is. */
function soundly<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    // Whatever is wrong with it, reading.ts will hear of it.
    return null;
  }
}
