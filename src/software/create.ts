/**
 * A VIB from a manifest and trees of files.
 *
 *   entries ──► GNU tar (─► visor tar) ──► gzip ──► payload ──┐ sums
 *   manifest ────────────────────────────────────► descriptor ┴──► signature ──► ar
 *
 * The same manifest and files give the same bytes, on every machine: nothing is taken from a clock,
 * gzip is the portable one everywhere, and what is left out has a fixed value. A signature by RSA
 * is the same each time too, one by an elliptic curve is not (sign.ts).
 *
 * What is left out of a manifest: `type` is bootbank, `summary` the name, `description` the
 * summary, `releaseDate` 2000-01-01, the level community; live install and removal are allowed, and
 * it is ready for stateless hosts; all else is empty or false.
 */

import { concatBytes, NO_BYTES } from '../base/bytes.ts';
import { bytesSource } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { encodeAr } from '../format/ar.ts';
import {
  encodeVibDescriptor,
  parseVibDescriptor,
  type VibContent,
  type VibDescriptor,
  type VibPayload,
} from '../format/vib-descriptor.ts';
import { DESCRIPTOR_MEMBER, SIGNATURE_MEMBER } from '../layer/vib-package.ts';
import { packVisorTar } from '../layer/vmtar.ts';
import { acceptanceLevel } from './acceptance.ts';
import { hexSum } from './checksum.ts';
import { completeEntries, gnuTar, type PayloadEntry } from './payload-tar.ts';
import type { VibSigner } from './sign.ts';

/** What an author says of a VIB. */
export type VibManifest = Pick<VibContent, 'name' | 'version' | 'vendor'> &
  Partial<Omit<VibContent, 'files' | 'payloads' | 'relationships'>> & {
    readonly relationships?: Partial<VibContent['relationships']>;
  };

/** A payload to be. */
export interface PayloadContent {
  /** Its name in the VIB: at most 16 bytes; the first 8 become its name on a bank. */
  readonly name: string;
  /** `tgz` is a GNU tar in gzip, `vgz` a visor tar as ESXi 8.0 has it. */
  readonly type: 'tgz' | 'vgz';
  readonly entries: readonly PayloadEntry[];
}

/** A VIB that was made. */
export interface CreatedVib {
  readonly bytes: Uint8Array;
  readonly descriptor: VibDescriptor;
}

/** 2000-01-01 00:00 UTC: what VMware's reproducible builds stamp on every file. */
export const STAMP_SECONDS = 946684800;
const STAMP_DATE = '2000-01-01T00:00:00+00:00';

const WORD = /^[A-Za-z0-9][\w.+-]*$/;
const PAYLOAD_NAME = /^[A-Za-z0-9][\w.+-]{0,15}$/;
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what no XML can hold.
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * Makes a VIB of `payloads`, described by `manifest` and signed by `signer` where there is one.
 * Throws RangeError where a name, a path or a level is none, or the level takes a signature;
 * CorruptError where the signer's key or certificates are none, or a visor tar cannot hold an
 * entry.
 */
export async function createVib(
  manifest: VibManifest,
  payloads: readonly PayloadContent[],
  signer?: VibSigner,
): Promise<CreatedVib> {
  checkManifest(manifest, signer !== undefined);
  checkPayloads(payloads);
  const { portableCodec } = await import('../codec/gzip.ts');
  const built = [];
  const files: string[] = [];
  for (const payload of payloads) {
    const entries = completeEntries(payload.entries, STAMP_SECONDS);
    files.push(...entries.filter(({ kind }) => kind !== 'directory').map(({ path }) => path));
    const tar = await tarOf(payload, entries, portableCodec);
    const stored = await portableCodec.gzip(tar);
    built.push({ stored, described: await described(payload, tar, stored, portableCodec) });
  }
  checkFiles(files);
  const content = {
    ...contentOf(manifest),
    files,
    payloads: built.map((payload) => payload.described),
  };
  const descriptor = encodeVibDescriptor(content);
  const signature =
    signer === undefined ? NO_BYTES : await (await import('./sign.ts')).sign(descriptor, signer);
  const bytes = encodeAr([
    { name: DESCRIPTOR_MEMBER, bytes: descriptor },
    { name: SIGNATURE_MEMBER, bytes: signature },
    ...built.map(({ stored, described: { name } }) => ({ name, bytes: stored })),
  ]);
  return { bytes, descriptor: parseVibDescriptor(descriptor, DESCRIPTOR_MEMBER) };
}

/** The archive in a payload. Throws CorruptError for what a visor tar cannot hold. */
async function tarOf(
  { name, type }: PayloadContent,
  entries: readonly PayloadEntry[],
  codec: Codec,
): Promise<Uint8Array> {
  const tar = gnuTar(entries);
  return type === 'tgz'
    ? tar
    : concatBytes([...(await packVisorTar(bytesSource(tar, name), codec)).pieces()]);
}

/** What a descriptor says of a payload, with the three sums that VMware's tools write. */
async function described(
  { name, type }: PayloadContent,
  tar: Uint8Array,
  stored: Uint8Array,
  codec: Codec,
): Promise<VibPayload> {
  return {
    name,
    type,
    size: stored.length,
    uncompressedSize: tar.length,
    checksums: [
      { type: 'sha-256', verifyProcess: 'gunzip', value: await hexSum('sha-256', tar, codec) },
      { type: 'sha-256', verifyProcess: null, value: await hexSum('sha-256', stored, codec) },
      { type: 'sha-1', verifyProcess: 'gunzip', value: await hexSum('sha-1', tar, codec) },
    ],
  };
}

function contentOf(manifest: VibManifest): Omit<VibContent, 'files' | 'payloads'> {
  const { summary = manifest.name } = manifest;
  const relationships = {
    depends: [],
    conflicts: [],
    replaces: [],
    provides: [],
    compatibleWith: [],
  };
  return {
    type: 'bootbank',
    description: summary,
    releaseDate: STAMP_DATE,
    urls: [],
    tags: [],
    maintenanceMode: false,
    platforms: [],
    acceptanceLevel: 'community',
    liveInstallAllowed: true,
    liveRemoveAllowed: true,
    cimomRestart: false,
    statelessReady: true,
    overlay: false,
    ...manifest,
    summary,
    relationships: { ...relationships, ...manifest.relationships },
  };
}

function checkManifest(manifest: VibManifest, isSigned: boolean): void {
  for (const key of ['name', 'version', 'vendor'] as const) {
    if (!WORD.test(manifest[key])) {
      throw new RangeError(`'${manifest[key]}' is no ${key}: letters, digits and . _ + - make one`);
    }
  }
  const { acceptanceLevel: word = 'community', releaseDate = STAMP_DATE } = manifest;
  if (!DATE.test(releaseDate) || Number.isNaN(Date.parse(releaseDate))) {
    throw new RangeError(`'${releaseDate}' is no date like ${STAMP_DATE}`);
  }
  const level = acceptanceLevel(word);
  if (level === null) throw new RangeError(`there is no acceptance level '${word}'`);
  if (level !== 'community' && !isSigned) {
    throw new RangeError(`the acceptance level '${word}' takes a signature`);
  }
  const strayed = textsIn(manifest).find((one) => NO_XML.test(one));
  if (strayed !== undefined) {
    throw new RangeError(`${JSON.stringify(strayed)} has characters that no descriptor can hold`);
  }
}

/** All text that is anywhere in `value`. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function checkPayloads(payloads: readonly PayloadContent[]): void {
  if (payloads.length === 0) throw new RangeError('a VIB takes at least one payload');
  const names = new Set([DESCRIPTOR_MEMBER, SIGNATURE_MEMBER]);
  for (const { name } of payloads) {
    if (!PAYLOAD_NAME.test(name)) {
      throw new RangeError(
        `'${name}' is no name of a payload: 1 to 16 letters, digits and . _ + -`,
      );
    }
    if (names.has(name)) throw new RangeError(`'${name}' is taken as the name of a payload`);
    names.add(name);
  }
}

function checkFiles(files: readonly string[]): void {
  const seen = new Set<string>();
  for (const file of files) {
    if (NO_XML.test(file)) {
      throw new RangeError(`${JSON.stringify(file)} is a name that no descriptor can hold`);
    }
    if (seen.has(file)) throw new RangeError(`two payloads have the file '${file}'`);
    seen.add(file);
  }
}
