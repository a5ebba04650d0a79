/**
 * The front door for any runtime: nothing of Node's, no Buffer.
 *
 * Archives come in as bytes, Blobs or Sources; gzip is done by pako; reads give Uint8Array. The
 * door for Node (node.ts) exports the same names, and more.
 */

import type { Source } from './base/source.ts';
import { allOrNone } from './base/together.ts';
import type { Codec } from './codec/codec.ts';
import type { BootDevice } from './host/device.ts';
import { Host as BootedHost, type BootOptions } from './host/host.ts';
import { Image } from './layer/image.ts';
import { type ArchiveBytes, sourceOf } from './layer/input.ts';
import * as open from './layer/open.ts';
import type { Sealed, SealOptions } from './layer/seal.ts';
import type { Tardisk } from './layer/tardisk.ts';
import type { VibPackage } from './layer/vib-package.ts';
import type { Converted, TarListing, VisorTarOptions } from './layer/vmtar.ts';
import { type StateVerbs, stateVerbs } from './lifecycle/state-verbs.ts';
import type { LintBank, LintOptions, LintReport, LintSubject } from './lint/lint.ts';
import { portableRuntime } from './nodefs/runtime.ts';
import type { CreatedVib, PayloadContent, VibManifest } from './software/create.ts';
import type { BundleManifest, BundleProgress, CreatedBundle } from './software/create-bundle.ts';
import type { Depot } from './software/depot.ts';
import type { DepotSource } from './software/depot-source.ts';
import type { VibOffer } from './software/offer.ts';
import type { BundleOptions } from './software/place.ts';
import type { VibSigner } from './software/sign.ts';
import { openTardisks as openAnyTardisks } from './software/tardisks.ts';
import type { VerifyOptions, VibVerification } from './software/verify.ts';
import type { DepotVerification, VerifyDepotOptions } from './software/verify-depot.ts';
import type { Snapshot } from './vfs/snapshot.ts';
import { type Platform, VisorFs as VisorFsOn, type VisorFsOptions } from './visorfs.ts';

export { CorruptError, ForeignError, type FullRamdisk, VisorError } from './base/errors.ts';
export { modeLetters } from './base/mode.ts';
export type { Source } from './base/source.ts';
export { appendableIndex } from './codec/appended-index.ts';
export type { Disk } from './disk/disk.ts';
export { memoryDisk } from './disk/memory-disk.ts';
export type { Bulletin } from './format/bulletin.ts';
export { EsxConf } from './format/esx-conf.ts';
export type { ImageProfile } from './format/image-profile.ts';
export type { TarRecord } from './format/tar-record.ts';
export type { VibDescriptor } from './format/vib-descriptor.ts';
export type { VisorLayout } from './format/visor-write.ts';
export type { BlobBank, BlobFile, BlobInfo } from './host/blob-info.ts';
export { blobBytes, blobDevice, blobInfo, createBlob, isBlob } from './host/blobs.ts';
export type { BlobOptions, BlobSizes } from './host/create-blob.ts';
export { type Bank, type BootDevice, memoryDevice } from './host/device.ts';
export { diffStates } from './host/diff-states.ts';
export type { HostEvent } from './host/events.ts';
export type { BootOptions } from './host/host.ts';
export type { StateOptions } from './host/kept-state.ts';
export type { BootProgress, HostModule } from './host/load.ts';
export type { StateArchive } from './host/states.ts';
export { Image, type SharedImage } from './layer/image.ts';
export type { ArchiveBytes } from './layer/input.ts';
export type { OpenOptions, Vib } from './layer/open.ts';
export { esxRamdisks, type RamdiskOptions } from './layer/ramdisk.ts';
export type { Sealed, SealOptions } from './layer/seal.ts';
export { seekIndexOf, type Tardisk } from './layer/tardisk.ts';
export type { VibPackage } from './layer/vib-package.ts';
export type { Converted, TarListing, VisorTarOptions } from './layer/vmtar.ts';
export type { HostImage, StrayModule } from './lifecycle/host-image.ts';
export type { HostSoftware, InstallOptions, ProfileOptions } from './lifecycle/host-software.ts';
export type { RekeyedBank, Rekeying } from './lifecycle/rekey.ts';
export { bundleOffers, profileOffer, softwareOf } from './lifecycle/software-of.ts';
export type { BankStateReading, StateReading, StateVerbs } from './lifecycle/state-verbs.ts';
export type { ChangeOptions, ChangeResult } from './lifecycle/transaction.ts';
export type { LintBank, LintFinding, LintKind, LintOptions, LintReport } from './lint/lint.ts';
export { type LintLevel, type LintRule, lintRules } from './lint/rule.ts';
export type { LintRuleId } from './lint/rules.ts';
export {
  type Aspect,
  type ComparedEntry,
  type CompareStep,
  compareTrees,
  type TreeDifference,
} from './report/compare.ts';
export type { Change } from './report/diff.ts';
export { type RecordedVib, recordedVibs } from './report/installed.ts';
export type { RamdiskRow, TardiskRow, Vdf } from './report/vdf.ts';
export type { VduRow } from './report/vdu.ts';
export type { Provenance, WhyCover, WhyKind, WhyRamdisk, WhyRow } from './report/why.ts';
export { ACCEPTANCE_LEVELS, type AcceptanceLevel, shownLevel } from './software/acceptance.ts';
export type { CreatedVib, PayloadContent, VibManifest } from './software/create.ts';
export type { BundleManifest, BundleProgress, CreatedBundle } from './software/create-bundle.ts';
export type { Depot, DepotProgress, DepotVib } from './software/depot.ts';
export type { DepotSource } from './software/depot-source.ts';
export type { VibFinding, VibFindingCode } from './software/findings.ts';
export type { Fetch, FetchOptions } from './software/http-depot.ts';
export type { InstalledProfile, InstalledVib } from './software/installed-profile.ts';
export type { ProfileOffer, VibOffer } from './software/offer.ts';
export type { PayloadEntry } from './software/payload-tar.ts';
export type { BundleOptions } from './software/place.ts';
export type { VibSigner } from './software/sign.ts';
export type { NamedBytes, SignatureOptions, SignatureVerdict } from './software/signature.ts';
export { SoftwareError, type SoftwareErrorKind } from './software/software-error.ts';
export type { VerifyOptions, VibVerification } from './software/verify.ts';
export type {
  DepotFinding,
  DepotVerification,
  VerifyDepotOptions,
} from './software/verify-depot.ts';
export { compareVersions as compareVibVersions } from './software/vib-version.ts';
export type { StateKey } from './state/seal-marks.ts';
export type { StateFile, StateReason } from './state/select.ts';
export { StateError, type StateErrorCode } from './state/state-error.ts';
export type { StateObstacle, StateVerdict } from './state/verdict.ts';
export type { Identity } from './vfs/credentials.ts';
export type { RamdiskState } from './vfs/ramdisks.ts';
export { Snapshot } from './vfs/snapshot.ts';
export type { VisorFsOptions, Why } from './visorfs.ts';

/** gzip, loaded with the first archive, so that a page without any has it not. */
const codec = async (): Promise<Codec> => (await import('./codec/gzip.ts')).portableCodec;

const platform: Platform<Uint8Array> = {
  codec,
  runtime: portableRuntime,
  clock: Date.now,
  slabs: (size) => new Uint8Array(size),
  crypto: globalThis.crypto,
};

const UNNAMED = 'archive';

/** Pure, so that whoever asks for none of its verbs has nothing of them. */
const states = /* @__PURE__ */ stateVerbs(platform);

/** What is in a state.tgz: see `StateVerbs`. */
export const readState: StateVerbs['readState'] = (...given) => states.readState(...given);

/** The state in a bank: see `StateVerbs`. */
export const readBankState: StateVerbs['readBankState'] = (...given) =>
  states.readBankState(...given);

/** Another key for the state of a device: see `StateVerbs`. */
export const rekeyState: StateVerbs['rekeyState'] = (...given) => states.rekeyState(...given);

/** Something for `lint`: an archive of any kind, a bank, or a depot, which is closed then. */
export type LintInput =
  | { readonly name: string; readonly archive: ArchiveBytes }
  | { readonly name: string; readonly bank: LintBank }
  | { readonly name: string; readonly depot: DepotSource };

/**
 * One image and the ramdisks over it; empty, with one ramdisk of 32 MiB, unless told otherwise. Of
 * a snapshot it is a fork.
 */
export class VisorFs extends VisorFsOn<Uint8Array> {
  constructor(of?: Image | Snapshot, options?: VisorFsOptions) {
    super(of, options, platform);
  }
}

/** A booted host. */
export type Host = BootedHost<Uint8Array>;

export const Host = {
  /**
   * Boots `device`. Throws CorruptError where no bank can be booted or a module lies, ENOSPC where
   * the state does not fit.
   */
  boot: (device: BootDevice, options?: BootOptions): Promise<Host> =>
    BootedHost.boot(platform, device, options),
};

/**
 * Indexes one archive: tar, visor tar or a VIB with one payload, compressed or not. Throws
 * CorruptError.
 */
export async function openTardisk(
  input: ArchiveBytes,
  options?: open.OpenOptions,
): Promise<Tardisk> {
  return open.openTardisk(await sourceOf(input, options?.name ?? UNNAMED), await codec(), options);
}

/**
 * Indexes every tardisk of an archive: one of a tar, all payloads of a VIB, of an offline bundle
 * those of the newest of each of its VIBs. Throws CorruptError.
 */
export async function openTardisks(
  input: ArchiveBytes,
  options?: open.OpenOptions,
): Promise<readonly Tardisk[]> {
  return openAnyTardisks(await sourceOf(input, options?.name ?? UNNAMED), await codec(), options);
}

/**
 * Opens a VIB: its descriptor, its signature, and its payloads as tardisks. Throws CorruptError.
 */
export async function openVib(
  input: ArchiveBytes,
  options?: Omit<open.OpenOptions, 'index' | 'cacheBytes'>,
): Promise<open.Vib> {
  return open.openVib(await sourceOf(input, options?.name ?? UNNAMED), await codec(), options);
}

/**
 * Opens an offline bundle, a depot in a place of any kind, or what is at an address: a depot where
 * that ends in `/` or `.xml`, else a bundle. Close it. Throws CorruptError where it lies,
 * ForeignError where it is none, and an error with the code ERR_VISORFS_FETCH where a server does
 * not give it; whether it holds, `verifyBundle` says.
 */
export async function openBundle(
  input: ArchiveBytes | DepotSource | URL | string,
  options: BundleOptions & { readonly name?: string } = {},
): Promise<Depot> {
  const { openPlace } = await import('./software/place.ts');
  return openPlace(await placeOf(input, options.name ?? UNNAMED), await codec(), options);
}

/**
 * Whether `bundle` and all VIBs in it hold what they say: what does not is listed, not thrown.
 */
export async function verifyBundle(
  bundle: Depot,
  options?: VerifyDepotOptions,
): Promise<DepotVerification> {
  return (await import('./software/verify-depot.ts')).verifyDepot(bundle, await codec(), options);
}

/**
 * Makes an offline bundle of `vibs`; the same input gives the same bytes. Throws CorruptError where
 * one is no VIB, RangeError where they, or the manifest, do not go together.
 */
export async function createBundle(
  vibs: readonly ArchiveBytes[],
  manifest?: BundleManifest,
  onProgress?: BundleProgress,
): Promise<CreatedBundle> {
  const sources = await Promise.all(vibs.map((vib) => sourceOf(vib, UNNAMED)));
  const create = await import('./software/create-bundle.ts');
  return create.createBundle(sources, await codec(), manifest, onProgress);
}

/**
 * Opens a VIB as what it is made of: descriptor, signature, payloads as they are stored. Close it.
 * Throws CorruptError where it is none; whether it holds, `verifyVib` says.
 */
export async function openVibPackage(
  input: ArchiveBytes,
  options: { readonly name?: string } = {},
): Promise<VibPackage> {
  const layer = await import('./layer/vib-package.ts');
  return layer.openVibPackage(await sourceOf(input, options.name ?? UNNAMED), await codec());
}

/**
 * Whether `vib` holds what its descriptor says: what does not is listed, not thrown. The signature
 * is looked at only with `options.signature`.
 */
export async function verifyVib(
  vib: VibPackage,
  options?: VerifyOptions,
): Promise<VibVerification> {
  return (await import('./software/verify.ts')).verifyVib(vib, await codec(), options);
}

/** The VIB in `input` to install; `origin` is recorded with it. Throws as `openVibPackage`. */
export async function vibOffer(input: ArchiveBytes, origin = UNNAMED): Promise<VibOffer> {
  const software = await import('./software/offer.ts');
  return software.vibOffer(await sourceOf(input, origin), await codec(), origin);
}

/**
 * Makes a VIB of `payloads`; the same input gives the same bytes. Throws RangeError for what cannot
 * be in one, CorruptError where the signer's key or certificates are none.
 */
export async function createVib(
  manifest: VibManifest,
  payloads: readonly PayloadContent[],
  signer?: VibSigner,
): Promise<CreatedVib> {
  return (await import('./software/create.ts')).createVib(manifest, payloads, signer);
}

/**
 * Says what ESXi or this engine would trip over in `subjects`, looked at one after the other as if
 * a host had them all. What lies is a finding; throws only what reading a file throws.
 */
export async function lint(
  subjects: readonly LintInput[],
  options?: LintOptions,
): Promise<LintReport[]> {
  const room = await import('./lint/lint.ts');
  const opened = subjects.map((subject): LintSubject => {
    if (!('archive' in subject)) return subject;
    const { name, archive } = subject;
    return { name, open: async () => sourceOf(archive, name) };
  });
  return room.lint(opened, await codec(), options);
}

/**
 * The tar in `input` as an eStargz: mounted without being decoded, here and by container tools, and
 * still a gzipped tar. Throws CorruptError.
 */
export async function seal(input: ArchiveBytes, options?: SealOptions): Promise<Sealed> {
  const { seal: sealed } = await import('./layer/seal.ts');
  return sealed(await sourceOf(input, UNNAMED), await codec(), options);
}

/**
 * The tar in `input`, of any kind, compressed or not, as a visor tar, as ESXi's vmtar makes it;
 * close it. Throws CorruptError.
 */
export async function packVisorTar(
  input: ArchiveBytes,
  options?: VisorTarOptions,
): Promise<Converted> {
  const { packVisorTar: pack } = await import('./layer/vmtar.ts');
  return pack(await sourceOf(input, UNNAMED), await codec(), options);
}

/**
 * The visor tar in `input`, compressed or not, as a GNU tar, which packs into the same visor tar
 * again; close it. Throws CorruptError.
 */
export async function unpackVisorTar(input: ArchiveBytes): Promise<Converted> {
  const { unpackVisorTar: unpack } = await import('./layer/vmtar.ts');
  return unpack(await sourceOf(input, UNNAMED), await codec());
}

/** What is in the tar in `input`, of any kind, compressed or not. Throws CorruptError. */
export async function listTar(input: ArchiveBytes): Promise<TarListing> {
  const { listTar: list } = await import('./layer/vmtar.ts');
  return list(await sourceOf(input, UNNAMED), await codec());
}

/** Mounts `archives` over each other, the last on top, in a new VisorFs. Throws CorruptError. */
export async function mount(...archives: readonly ArchiveBytes[]): Promise<VisorFs> {
  const openings = archives.map((archive) => openTardisks(archive));
  const opened = await allOrNone(openings, (tardisks) => {
    for (const tardisk of tardisks) tardisk.close();
  });
  return new VisorFs(Image.of(...opened.flat()));
}

async function placeOf(
  input: ArchiveBytes | DepotSource | URL | string,
  name: string,
): Promise<Source | DepotSource | URL> {
  if (typeof input === 'string') return new URL(input);
  return input instanceof URL || 'list' in input ? input : sourceOf(input, name);
}
