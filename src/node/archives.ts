/**
 * Archives and packages, opened, verified and made: what both doors do, with what Node has for it.
 */

import { allOrNone } from '../base/together.ts';
import * as open from '../layer/open.ts';
import type { Sealed, SealOptions } from '../layer/seal.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import type { VibPackage } from '../layer/vib-package.ts';
import type { Converted, TarListing, VisorTarOptions } from '../layer/vmtar.ts';
import type { LintBank, LintOptions, LintReport, LintSubject } from '../lint/lint.ts';
import type { CreatedVib, PayloadContent, VibManifest } from '../software/create.ts';
import type { BundleManifest, BundleProgress, CreatedBundle } from '../software/create-bundle.ts';
import type { Depot } from '../software/depot.ts';
import type { DepotSource } from '../software/depot-source.ts';
import type { VibOffer } from '../software/offer.ts';
import type { BundleOptions } from '../software/place.ts';
import type { VibSigner } from '../software/sign.ts';
import { openTardisks as openAnyTardisks } from '../software/tardisks.ts';
import type { VerifyOptions, VibVerification } from '../software/verify.ts';
import type { DepotVerification, VerifyDepotOptions } from '../software/verify-depot.ts';
import {
  type ArchiveInput,
  type OpenOptions,
  placeOf,
  placing,
  sourceIn,
  UNNAMED,
} from './inputs.ts';
import { nativeCodec } from './native-codecs.ts';

/** Something for `lint`: an archive of any kind, a bank, or a depot, which is closed then. */
export type LintInput =
  | { readonly name: string; readonly archive: ArchiveInput }
  | { readonly name: string; readonly bank: LintBank }
  | { readonly name: string; readonly depot: DepotSource };

/**
 * Indexes one archive: tar, visor tar or a VIB with one payload, compressed or not. A plain tar
 * stays in its file, which is open until the tardisk is closed. Throws CorruptError, and node's own
 * errors.
 */
export async function openTardisk(input: ArchiveInput, options?: OpenOptions): Promise<Tardisk> {
  const placed = placing(input, options);
  return open.openTardisk(await sourceIn(input, options?.name), nativeCodec, placed);
}

/**
 * Indexes every tardisk of an archive: one of a tar, all payloads of a VIB, of an offline bundle
 * those of the newest of each of its VIBs. Throws as `openTardisk`.
 */
export async function openTardisks(
  input: ArchiveInput,
  options?: OpenOptions,
): Promise<readonly Tardisk[]> {
  const placed = placing(input, options);
  return openAnyTardisks(await sourceIn(input, options?.name), nativeCodec, placed);
}

/**
 * Opens a VIB: its descriptor, its signature, and its payloads as tardisks. Throws as
 * `openTardisk`.
 */
export async function openVib(
  input: ArchiveInput,
  options?: Omit<OpenOptions, 'index' | 'cacheBytes'>,
): Promise<open.Vib> {
  return open.openVib(await sourceIn(input, options?.name), nativeCodec, options);
}

/**
 * Opens an offline bundle, a depot in a folder or in a place of any kind, or what is at an address
 * of http or https: a depot where that ends in `/` or `.xml`, else a bundle. Close it. Throws
 * CorruptError where it lies, ForeignError where it is none, an error with the code
 * ERR_VISORFS_FETCH where a server does not give it, and node's own errors; whether it holds,
 * `verifyBundle` says.
 */
export async function openBundle(
  input: ArchiveInput | DepotSource,
  options: BundleOptions & { readonly name?: string } = {},
): Promise<Depot> {
  const { openPlace } = await import('../software/place.ts');
  return openPlace(await placeOf(input, options.name), nativeCodec, options);
}

/**
 * Whether `bundle` and all VIBs in it hold what they say: what does not is listed, not thrown.
 */
export async function verifyBundle(
  bundle: Depot,
  options?: VerifyDepotOptions,
): Promise<DepotVerification> {
  return (await import('../software/verify-depot.ts')).verifyDepot(bundle, nativeCodec, options);
}

/**
 * Makes an offline bundle of `vibs`; the same input gives the same bytes. Throws CorruptError where
 * one is no VIB, RangeError where they, or the manifest, do not go together.
 */
export async function createBundle(
  vibs: readonly ArchiveInput[],
  manifest?: BundleManifest,
  onProgress?: BundleProgress,
): Promise<CreatedBundle> {
  const opening = vibs.map((vib) => sourceIn(vib, undefined));
  const sources = await allOrNone(opening, (source) => source.close());
  try {
    const create = await import('../software/create-bundle.ts');
    return await create.createBundle(sources, nativeCodec, manifest, onProgress);
  } finally {
    for (const source of sources) source.close();
  }
}

/**
 * Opens a VIB as what it is made of: descriptor, signature, payloads as they are stored. Close it.
 * Throws CorruptError where it is none; whether it holds, `verifyVib` says.
 */
export async function openVibPackage(
  input: ArchiveInput,
  options: { readonly name?: string } = {},
): Promise<VibPackage> {
  const layer = await import('../layer/vib-package.ts');
  return layer.openVibPackage(await sourceIn(input, options.name), nativeCodec);
}

/**
 * Whether `vib` holds what its descriptor says: what does not is listed, not thrown. The signature
 * is looked at only with `options.signature`.
 */
export async function verifyVib(
  vib: VibPackage,
  options?: VerifyOptions,
): Promise<VibVerification> {
  return (await import('../software/verify.ts')).verifyVib(vib, nativeCodec, options);
}

/** The VIB in `input` to install; `origin` is recorded with it. Throws as `openVibPackage`. */
export async function vibOffer(input: ArchiveInput, origin = UNNAMED): Promise<VibOffer> {
  const software = await import('../software/offer.ts');
  return software.vibOffer(await sourceIn(input, origin), nativeCodec, origin);
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
  return (await import('../software/create.ts')).createVib(manifest, payloads, signer);
}

/**
 * Says what ESXi or this engine would trip over in `subjects`, looked at one after the other as if
 * a host had them all. What lies is a finding; throws only what reading a file throws.
 */
export async function lint(
  subjects: readonly LintInput[],
  options?: LintOptions,
): Promise<LintReport[]> {
  const room = await import('../lint/lint.ts');
  const opened = subjects.map((subject): LintSubject => {
    if (!('archive' in subject)) return subject;
    const { name, archive } = subject;
    return { name, open: async () => sourceIn(archive, name) };
  });
  return room.lint(opened, nativeCodec, options);
}

/**
 * The tar in `input` as an eStargz: mounted without being decoded, here and by container tools, and
 * still a gzipped tar. Throws as `openTardisk`.
 */
export async function seal(input: ArchiveInput, options?: SealOptions): Promise<Sealed> {
  const { seal: sealed } = await import('../layer/seal.ts');
  return sealed(await sourceIn(input, undefined), nativeCodec, options);
}

/**
 * The tar in `input`, of any kind, compressed or not, as a visor tar, as ESXi's vmtar makes it;
 * close it. Throws as `openTardisk`.
 */
export async function packVisorTar(
  input: ArchiveInput,
  options?: VisorTarOptions,
): Promise<Converted> {
  const { packVisorTar: pack } = await import('../layer/vmtar.ts');
  return pack(await sourceIn(input, undefined), nativeCodec, options);
}

/**
 * The visor tar in `input`, compressed or not, as a GNU tar, which packs into the same visor tar
 * again; close it. Throws as `openTardisk`.
 */
export async function unpackVisorTar(input: ArchiveInput): Promise<Converted> {
  const { unpackVisorTar: unpack } = await import('../layer/vmtar.ts');
  return unpack(await sourceIn(input, undefined), nativeCodec);
}

/** What is in the tar in `input`, of any kind, compressed or not. Throws as `openTardisk`. */
export async function listTar(input: ArchiveInput): Promise<TarListing> {
  const { listTar: list } = await import('../layer/vmtar.ts');
  return list(await sourceIn(input, undefined), nativeCodec);
}
