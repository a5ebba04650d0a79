/**
 * The door for archives: from bytes of any kind to a Tardisk.
 *
 *   gzip, once or twice  ──►  tar in any dialect, visor tar        ──►  Tardisk
 *                        ──►  VIB: ar with descriptor and payloads ──►  Tardisk per payload
 *
 * What an archive is, its bytes say; its name is never asked. This is the one place that awaits:
 * whatever must be decoded is decoded here, within a limit that follows from what is stored
 * (base/limits.ts), and everything after is synchronous.
 *
 * A gzipped tar whose seek index is at hand is not decoded (seek.ts).
 *
 * Whoever opens a Source here gives it away: it is closed where it is not needed any more or where
 * opening fails, else with the Tardisk.
 */

import { text } from '../base/bytes.ts';
import { CorruptError, ForeignError } from '../base/errors.ts';
import { decodedLimitBytes, GZIP_LAYERS_MAX_COUNT } from '../base/limits.ts';
import { bytesSource, readBytes, type Source } from '../base/source.ts';
import { indexBehind } from '../codec/appended-index.ts';
import { type Codec, isGzip } from '../codec/codec.ts';
import { type ArMember, arMembers, isAr } from '../format/ar.ts';
import { BLOCK_BYTES, looksLikeTar, tarFlavour } from '../format/tar-header.ts';
import {
  parseVibDescriptor,
  type VibDescriptor,
  type VibPayload,
} from '../format/vib-descriptor.ts';
import { decodedOnce, type IndexPlace, openByIndex, openByPlace } from './seek.ts';
import { openStargz } from './stargz.ts';
import { Tardisk } from './tardisk.ts';

const DESCRIPTOR_MEMBER = 'descriptor.xml';
const SIGNATURE_MEMBER = 'sig.pkcs7';
/** Payloads of other types (`boot`, …) are no archives. */
const TARDISK_TYPES: ReadonlySet<string> = new Set(['vgz', 'tgz', 'vtar', 'tar']);

const TAR = 'wanted is tar or visor tar, in gzip or not';
const TAR_OR_VIB = 'wanted is tar, visor tar or a VIB, in gzip or not';

/** How to open an archive. */
export interface OpenOptions {
  /**
   * What to call it; the name of the source unless said. Of a VIB, the names of its payloads count.
   */
  readonly name?: string;
  /** What it may decode to, in bytes: follows from its stored size unless said. */
  readonly maxDecodedBytes?: number;
  /**
   * Of a gzipped tar, its seek index: then it is not decoded, but where it is read. 'make' makes
   * the index, for `seekIndexOf`. Nothing else is opened in another way by it.
   */
  readonly index?: Uint8Array | 'make';
  /** What is kept of what was decoded by a seek index, in bytes: 16 MiB at most unless said. */
  readonly cacheBytes?: number;
}

/** As OpenOptions, with an index that is kept somewhere: made where it is not there, or stale. */
export interface OpenPlaceOptions extends Omit<OpenOptions, 'index'> {
  readonly index?: Uint8Array | 'make' | IndexPlace;
}

/** A VIB: what it says of itself, and its payloads as tardisks. */
export interface Vib {
  readonly descriptor: VibDescriptor;
  /** The detached CMS signature over the descriptor's bytes, in PEM; empty where nobody signed. */
  readonly signature: Uint8Array;
  /** Its payloads that are archives, in the descriptor's order. */
  readonly tardisks: readonly Tardisk[];
}

/**
 * Indexes the archive in `source`: a tar of any kind gives one tardisk, a VIB one for each payload.
 * Throws CorruptError where it lies or decodes to more than it may, ForeignError where it is
 * neither.
 */
export function openTardisks(
  source: Source,
  codec: Codec,
  options: OpenPlaceOptions = {},
): Promise<readonly Tardisk[]> {
  return owning(source, async () => {
    const limit = options.maxDecodedBytes ?? decodedLimitBytes(source.size);
    const seeking = await sought(source, codec, limit, options);
    if (seeking instanceof Tardisk) return [seeking];
    const plain = await decoded(source, codec, limit, seeking);
    const head = headOf(plain);
    if (isAr(head)) return (await vibIn(plain, codec, limit)).tardisks;
    return [index(plain, head, options.name ?? source.name, source.size)];
  });
}

/**
 * As `openTardisks`, for what holds exactly one; a VIB of several payloads, or none, is refused.
 */
export async function openTardisk(
  source: Source,
  codec: Codec,
  options: OpenPlaceOptions = {},
): Promise<Tardisk> {
  const tardisks = await openTardisks(source, codec, options);
  const [only] = tardisks;
  if (only !== undefined && tardisks.length === 1) return only;
  const claim = `is a VIB with ${tardisks.length} payloads to mount: open it as a VIB`;
  throw new CorruptError(source.name, 0, claim);
}

/**
 * Opens the VIB in `source` with all its payloads. Throws CorruptError where it is none or lies.
 */
export function openVib(source: Source, codec: Codec, options: OpenOptions = {}): Promise<Vib> {
  const limit = options.maxDecodedBytes ?? decodedLimitBytes(source.size);
  return owning(source, () => vibIn(inMemory(source), codec, limit));
}

/**
 * The tar in `source` as it is without gzip, decoded whole. Throws CorruptError where it lies,
 * ForeignError where it is none.
 */
export function openPlainTar(source: Source, codec: Codec): Promise<Source> {
  return owning(source, async () => {
    const plain = await decoded(source, codec, decodedLimitBytes(source.size));
    if (isTar(plain)) return plain;
    const head = headOf(plain);
    const claim = isAr(head) ? `is a VIB, or another ar; ${TAR}` : whatItIs(head, TAR);
    throw new ForeignError(plain.name, 0, claim);
  });
}

/** Runs `open` and closes `source` where it throws. */
async function owning<T>(source: Source, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    source.close();
    throw error;
  }
}

/**
 * The gzipped tar in `source` by its seek index, given, kept or made; else what was decoded on the
 * way, or null where nothing was.
 */
async function sought(
  source: Source,
  codec: Codec,
  limitBytes: number,
  { index: wanted, name = source.name, cacheBytes }: OpenPlaceOptions,
): Promise<Tardisk | Source | null> {
  const options = { name, limitBytes, cacheBytes };
  const behind = startsAsGzip(source) ? indexBehind(source) : null;
  if (wanted instanceof Uint8Array) {
    return openByIndex(source, wanted, codec, options, behind?.archiveSize);
  }
  if (behind !== null) {
    return openByIndex(source, behind.index, codec, options, behind.archiveSize);
  }
  if (!startsAsGzip(source)) return null;
  const stargz = await openStargz(source, codec, options);
  if (stargz !== null || wanted === undefined) return stargz;
  const kept = wanted === 'make' ? null : openByPlace(source, wanted, codec, options);
  if (kept !== null) return kept;
  const { plain, index } = await decodedOnce(source, codec, limitBytes, isTar);
  if (index === null) return plain;
  const tardisk = openByIndex(source, index, codec, options);
  if (wanted !== 'make') wanted.save(index);
  return tardisk;
}

/**
 * `source` without its gzip layers; `source` itself where it has none. The outermost one may have
 * been taken off already, which gave `once`.
 */
async function decoded(
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

function startsAsGzip(source: Source): boolean {
  return isGzip(readBytes(source, 0, Math.min(3, source.size)));
}

function headOf(source: Source): Uint8Array {
  return readBytes(source, 0, Math.min(BLOCK_BYTES, source.size));
}

/** Whether `source` is meant as a tar. */
function isTar(source: Source): boolean {
  const head = headOf(source);
  // With a magic of tar but a wrong checksum it is a tar that lies: indexing says where.
  return looksLikeTar(head) || (head.length === BLOCK_BYTES && tarFlavour(head, 0) !== 'v7');
}

function index(plain: Source, head: Uint8Array, name: string, storedBytes: number): Tardisk {
  if (!isTar(plain)) throw new ForeignError(plain.name, 0, whatItIs(head, TAR_OR_VIB));
  return Tardisk.index(plain, name, storedBytes);
}

async function vibIn(plain: Source, codec: Codec, limitBytes: number): Promise<Vib> {
  const source = inMemory(plain);
  const members = arMembers(source);
  const xml = memberBytes(source, named(source, members, DESCRIPTOR_MEMBER));
  const descriptor = parseVibDescriptor(xml, `${source.name}!${DESCRIPTOR_MEMBER}`);
  const signature = members.find(({ name }) => name === SIGNATURE_MEMBER);
  const payloads = descriptor.payloads.filter(({ type }) => TARDISK_TYPES.has(type));
  // One after the other, since they share the limit: many payloads are no way around it.
  const tardisks: Tardisk[] = [];
  let left = limitBytes;
  for (const payload of payloads) {
    const tardisk = await payloadIn(source, members, payload, codec, left);
    tardisks.push(tardisk);
    left -= tardisk.source.size;
  }
  return {
    descriptor,
    signature: signature === undefined ? new Uint8Array(0) : memberBytes(source, signature),
    tardisks,
  };
}

async function payloadIn(
  source: Source,
  members: readonly ArMember[],
  payload: VibPayload,
  codec: Codec,
  limitBytes: number,
): Promise<Tardisk> {
  const member = named(source, members, payload.name);
  if (payload.size !== null && payload.size !== member.size) {
    const { name, size } = payload;
    const claim = `the descriptor gives payload '${name}' ${size} bytes, its member ${member.size}`;
    throw new CorruptError(source.name, member.headerOffset, claim);
  }
  const stored = bytesSource(memberBytes(source, member), `${source.name}!${payload.name}`);
  const plain = await decoded(stored, codec, limitBytes);
  const head = headOf(plain);
  return index(plain, head, payload.name, member.size);
}

function named(source: Source, members: readonly ArMember[], name: string): ArMember {
  const member = members.find((one) => one.name === name);
  if (member === undefined)
    throw new CorruptError(source.name, 0, `the VIB has no member '${name}'`);
  return member;
}

function memberBytes(source: Source, { dataOffset, size }: ArMember): Uint8Array {
  return readBytes(source, dataOffset, size);
}

/** `source` itself where its bytes are in memory, else a copy of them, and `source` closed. */
function inMemory(source: Source): Source {
  if (source.resident(0, source.size) !== null) return source;
  const bytes = readBytes(source, 0, source.size);
  source.close();
  return bytesSource(bytes, source.name);
}

/** What to say of bytes that are no archive we read: what they are, where that is known. */
function whatItIs(head: Uint8Array, wanted: string): string {
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
