/**
 * An offline bundle from VIBs, in the layout that VMware's own tools write.
 *
 *   index.xml
 *   vendor-index.xml                         once for each version of ESXi that it is for
 *   metadata.zip
 *     vendor-index.xml  vmware.xml
 *     vibs/<name>-<number>.xml               the number is of the VIB's sum, and may be negative
 *     bulletins/<id>.xml  profiles/<name>.xml
 *   vib20/<name>/<id>.vib
 *
 * The same VIBs and the same manifest give the same bytes, on every machine: nothing is taken from
 * a clock, what wants a time has that of the newest VIB unless the manifest says, and deflate is by
 * the portable codec. VIBs are stored: they are compressed already, and so are read in place.
 */

import { concatBytes } from '../base/bytes.ts';
import { readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { Bulletin } from '../format/bulletin.ts';
import { encodeBulletin, encodeMetadataResponse } from '../format/bulletin-write.ts';
import { encodeDepotIndex, encodeVendorIndex } from '../format/depot-index.ts';
import { encodeImageProfile, type ImageProfile } from '../format/image-profile.ts';
import type { VibPlatform } from '../format/vib-descriptor.ts';
import { encodeVibMetadata, type VibMetadata } from '../format/vib-metadata.ts';
import { whyNoPath } from '../format/zip.ts';
import { encodeZip, type ZipContent } from '../format/zip-write.ts';
import { vibPackageIn } from '../layer/vib-package.ts';
import { storedContent, zipContent } from '../layer/zip.ts';
import { acceptanceLevel, compareLevels } from './acceptance.ts';
import { hexSum } from './checksum.ts';
import { INDEX_PATH, METADATA_FOLDERS, RESPONSE_PATH } from './depot.ts';

/** What an author says of a bundle; what is left out follows from its VIBs. */
export interface BundleManifest {
  /** Who publishes it: the vendor of the first VIB unless said. */
  readonly vendor?: string;
  /** The vendor, for programs. */
  readonly vendorCode?: string;
  /** The versions of ESXi it is for: those that its VIBs name, else any, unless said. */
  readonly platforms?: readonly string[];
  /** Each has at least an id; `vibIds` are all VIBs unless said. */
  readonly bulletins?: readonly (Pick<Bulletin, 'id'> & Partial<Bulletin>)[];
  /** Each has at least a name; `vibIds` are all VIBs unless said. */
  readonly profiles?: readonly (Pick<ImageProfile, 'name'> & Partial<ImageProfile>)[];
}

/** How far making a bundle has come: VIBs. */
export type BundleProgress = (progress: {
  readonly done: number;
  readonly count: number;
  readonly what: string;
}) => void;

/** A bundle that was made. */
export interface CreatedBundle {
  /** The zip, in pieces that follow each other. */
  readonly pieces: readonly Uint8Array[];
  readonly size: number;
  readonly vibs: readonly VibMetadata[];
  readonly bulletins: readonly Bulletin[];
  readonly profiles: readonly ImageProfile[];
}

const VENDOR_INDEX_PATH = 'vendor-index.xml';
const METADATA_PATH = 'metadata.zip';
const PRODUCT = 'embeddedEsx';
const ANY_VERSION = ['5.*', '6.*', '7.*', '8.*'];
/** Of a bundle whose VIBs have no date. */
const FIRST_DATE = '1980-01-01T00:00:00+00:00';

/**
 * A bundle of `vibs`, in their order, as `manifest` says. Throws CorruptError where one is no VIB,
 * RangeError where two have one id, where an id or name cannot be one of a file, or where the
 * manifest wants a VIB that is not among them.
 */
export async function createBundle(
  vibs: readonly Source[],
  codec: Codec,
  manifest: BundleManifest = {},
  onProgress?: BundleProgress,
): Promise<CreatedBundle> {
  const { portableCodec } = await import('../codec/gzip.ts');
  const metadata: VibMetadata[] = [];
  const files: ZipContent[] = [];
  const described: File[] = [];
  for (const [done, source] of vibs.entries()) {
    onProgress?.({ done, count: vibs.length, what: source.name });
    const bytes = readBytes(source, 0, source.size);
    const sum = await hexSum('sha-256', bytes, codec);
    const one = metadataOf(source, bytes.length, sum);
    metadata.push(one);
    files.push(storedContent(one.relativePath, bytes, codec));
    const file = `${METADATA_FOLDERS.vibs}${one.descriptor.name}-${numberOf(sum)}.xml`;
    described.push([file, encodeVibMetadata(one)]);
  }
  const plan = planOf(metadata, manifest);
  for (const bulletin of plan.bulletins) {
    const path = `${METADATA_FOLDERS.bulletins}${bulletin.id}.xml`;
    described.push([path, encodeBulletin(bulletin)]);
  }
  for (const profile of plan.profiles) {
    const path = `${METADATA_FOLDERS.profiles}${profile.name}.xml`;
    described.push([path, encodeImageProfile(profile)]);
  }
  const vendorIndex = encodeVendorIndex(
    plan.platforms.map(({ productLineId: productId, version, locale }) => {
      return { productId, version, locale, url: METADATA_PATH, channelName: 'default' };
    }),
  );
  const deflated = (all: readonly File[]): Promise<ZipContent[]> => {
    return Promise.all(all.map(([path, bytes]) => zipContent(path, bytes, portableCodec)));
  };
  const metadataFiles = await deflated([
    [VENDOR_INDEX_PATH, vendorIndex],
    [RESPONSE_PATH, encodeMetadataResponse(plan.date, plan.bulletins, metadata)],
    ...described,
  ]);
  const bundleFiles = await deflated([
    [INDEX_PATH, encodeDepotIndex([plan.vendor])],
    [VENDOR_INDEX_PATH, vendorIndex],
    [METADATA_PATH, concatBytes(zip(metadataFiles))],
  ]);
  const pieces = zip([...bundleFiles, ...files]);
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  return { pieces, size, vibs: metadata, bulletins: plan.bulletins, profiles: plan.profiles };
}

type File = readonly [path: string, bytes: Uint8Array];

/** A zip of `contents`. Throws RangeError where two have one path. */
function zip(contents: readonly ZipContent[]): readonly Uint8Array[] {
  const paths = new Set<string>();
  for (const { name } of contents) {
    if (paths.has(name)) throw new RangeError(`two files would be '${name}'`);
    paths.add(name);
  }
  return encodeZip(contents);
}

function metadataOf(source: Source, packedSize: number, sha256: string): VibMetadata {
  const { descriptor } = vibPackageIn(source);
  const { id, name } = descriptor;
  for (const part of [id, name]) checkPart(part);
  return {
    descriptor,
    relativePath: `vib20/${name}/${id}.vib`,
    packedSize,
    checksum: { type: 'sha-256', value: sha256 },
  };
}

/** Throws RangeError where `name` cannot be the name of a file. */
function checkPart(name: string): void {
  const why = name.includes('/') ? 'has a slash' : whyNoPath(name);
  if (why !== null) throw new RangeError(`'${name}' can be no name of a file: it ${why}`);
}

/** The first eight bytes of a sum in hexadecimal, as a signed number. */
function numberOf(sum: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${sum.slice(0, 16)}`));
}

interface Plan {
  readonly vendor: Parameters<typeof encodeDepotIndex>[0][number];
  readonly date: string;
  readonly platforms: readonly VibPlatform[];
  readonly bulletins: readonly Bulletin[];
  readonly profiles: readonly ImageProfile[];
}

/** All that a bundle of `metadata` says beside it. */
function planOf(metadata: readonly VibMetadata[], manifest: BundleManifest): Plan {
  const descriptors = metadata.map(({ descriptor }) => descriptor);
  const [first] = descriptors;
  const vibIds = descriptors.map(({ id }) => id);
  const vendor = manifest.vendor ?? first?.vendor ?? '';
  const date =
    descriptors
      .map(({ releaseDate }) => releaseDate)
      .sort()
      .at(-1) || FIRST_DATE;
  const said = descriptors.flatMap((one) => one.platforms.map(({ version }) => version));
  const named = [...new Set(said)].filter((version) => version !== '');
  const versions = manifest.platforms ?? (named.length > 0 ? named : ANY_VERSION);
  const platforms = versions.map((version) => {
    return { version, locale: '', productLineId: PRODUCT };
  });
  const bulletins = (manifest.bulletins ?? []).map((one): Bulletin => {
    const { summary = '' } = first ?? {};
    const texts = { vendor, summary, description: summary, kbUrl: '', contact: '' };
    const kinds = { severity: 'general', category: 'general', urgency: 'important' };
    const rest = { releaseType: 'extension', releaseDate: date, platforms, vibIds };
    return { componentName: null, componentVersion: null, ...texts, ...kinds, ...rest, ...one };
  });
  const levels = descriptors.flatMap((one) => acceptanceLevel(one.acceptanceLevel) ?? []);
  const lowest = [...levels].sort(compareLevels)[0] ?? 'community';
  const profiles = (manifest.profiles ?? []).map((one): ImageProfile => {
    const times = { creationTime: date, modifiedTime: date };
    const texts = { creator: vendor, acceptanceLevel: lowest, description: '' };
    return { ...times, ...texts, vibIds, ...one };
  });
  const there = new Set(vibIds);
  for (const [what, wanted] of [
    ...bulletins.map((one) => [one.id, one.vibIds] as const),
    ...profiles.map((one) => [one.name, one.vibIds] as const),
  ]) {
    checkPart(what);
    const lost = wanted.find((id) => !there.has(id));
    if (lost !== undefined) throw new RangeError(`'${what}' wants '${lost}', which is not given`);
  }
  const code = manifest.vendorCode ?? first?.vendor ?? '';
  return {
    vendor: { name: vendor, code, indexFile: VENDOR_INDEX_PATH, relativePath: '' },
    date,
    platforms,
    bulletins,
    profiles,
  };
}
