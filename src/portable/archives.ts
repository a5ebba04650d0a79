/**
 * Archives and packages, opened, verified and made: what both doors do, with what every runtime
 * has.
 */

import type { Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { type ArchiveBytes, sourceOf } from '../layer/input.ts';
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

/** gzip, loaded with the first archive, so that a page without any has it not. */
export const codec = async (): Promise<Codec> => (await import('../codec/gzip.ts')).portableCodec;

const UNNAMED = 'archive';

/** Something for `lint`: an archive of any kind, a bank, or a depot, which is closed then. */
export type LintInput =
  | { readonly name: string; readonly archive: ArchiveBytes }
  | { readonly name: string; readonly bank: LintBank }
  | { readonly name: string; readonly depot: DepotSource };

/**
 * Indexes one archive: tar, visor tar or a VIB with one payload, compressed or not. Throws
 * CorruptError.
 *
 * @example
 * const tardisk = await openTardisk(tgz, { name: 'base' }); // bytes, a Blob or a Source
 * const vfs = new VisorFs(Image.of(tardisk));
 * console.log(tardisk.name, vfs.fs.readdirSync('/')); // base [ 'etc', 'opt' ]
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
 *
 * @example
 * const tardisks = await openTardisks(file);
 * console.log(tardisks.map(({ name }) => name)); // [ 'hostd' ]
 */
export async function openTardisks(
  input: ArchiveBytes,
  options?: open.OpenOptions,
): Promise<readonly Tardisk[]> {
  return openAnyTardisks(await sourceOf(input, options?.name ?? UNNAMED), await codec(), options);
}

/**
 * Opens a VIB: its descriptor, its signature, and its payloads as tardisks. Throws CorruptError.
 *
 * @example
 * const { descriptor, tardisks } = await openVib(file);
 * console.log(descriptor.id, tardisks.length); // visorfs_bootbank_hostd_8.0.3-0.0.24000000 1
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
 *
 * @example
 * const { pieces } = await createBundle([file]);
 * const bundle = await openBundle(new Blob(pieces)); // or an address
 * console.log(bundle.vibs.map(({ id }) => id)); // [ 'visorfs_bootbank_hostd_8.0.3-0.0.24000000' ]
 * bundle.close();
 */
export async function openBundle(
  input: ArchiveBytes | DepotSource | URL | string,
  options: BundleOptions & { readonly name?: string } = {},
): Promise<Depot> {
  const { openPlace } = await import('../software/place.ts');
  return openPlace(await placeOf(input, options.name ?? UNNAMED), await codec(), options);
}

/**
 * Whether `bundle` and all VIBs in it hold what they say: what does not is listed, not thrown.
 *
 * @example
 * const { pieces } = await createBundle([file]);
 * const { vibs, findings } = await verifyBundle(await openBundle(new Blob(pieces)));
 * console.log(findings, vibs.map(({ verification }) => verification?.findings)); // [] [ [] ]
 */
export async function verifyBundle(
  bundle: Depot,
  options?: VerifyDepotOptions,
): Promise<DepotVerification> {
  return (await import('../software/verify-depot.ts')).verifyDepot(bundle, await codec(), options);
}

/**
 * Makes an offline bundle of `vibs`; the same input gives the same bytes. Throws CorruptError where
 * one is no VIB, RangeError where they, or the manifest, do not go together.
 *
 * @example
 * const { pieces, size } = await createBundle([file], { profiles: [{ name: 'Lab' }] });
 * const zip = new Blob(pieces); // for a link to download it by
 * console.log(zip.size === size, (await openBundle(zip)).profiles[0].name); // true Lab
 */
export async function createBundle(
  vibs: readonly ArchiveBytes[],
  manifest?: BundleManifest,
  onProgress?: BundleProgress,
): Promise<CreatedBundle> {
  const sources = await Promise.all(vibs.map((vib) => sourceOf(vib, UNNAMED)));
  const create = await import('../software/create-bundle.ts');
  return create.createBundle(sources, await codec(), manifest, onProgress);
}

/**
 * Opens a VIB as what it is made of: descriptor, signature, payloads as they are stored. Close it.
 * Throws CorruptError where it is none; whether it holds, `verifyVib` says.
 *
 * @example
 * const vib = await openVibPackage(file);
 * const [payload] = vib.descriptor.payloads;
 * console.log(payload.name, payload.type, vib.stored(payload.name).length); // hostd vgz 172774
 * vib.close();
 */
export async function openVibPackage(
  input: ArchiveBytes,
  options: { readonly name?: string } = {},
): Promise<VibPackage> {
  const layer = await import('../layer/vib-package.ts');
  return layer.openVibPackage(await sourceOf(input, options.name ?? UNNAMED), await codec());
}

/**
 * Whether `vib` holds what its descriptor says: what does not is listed, not thrown. The signature
 * is looked at only with `options.signature`.
 *
 * @example
 * const { declaredLevel, findings } = await verifyVib(await openVibPackage(file));
 * console.log(declaredLevel, findings); // community []
 */
export async function verifyVib(
  vib: VibPackage,
  options?: VerifyOptions,
): Promise<VibVerification> {
  return (await import('../software/verify.ts')).verifyVib(vib, await codec(), options);
}

/**
 * The VIB in `input` to install; `origin` is recorded with it. Throws as `openVibPackage`.
 *
 * @example
 * const offer = await vibOffer(file, 'hostd.vib');
 * console.log(offer.descriptor.name, offer.origin); // hostd hostd.vib
 */
export async function vibOffer(input: ArchiveBytes, origin = UNNAMED): Promise<VibOffer> {
  const software = await import('../software/offer.ts');
  return software.vibOffer(await sourceOf(input, origin), await codec(), origin);
}

/**
 * Makes a VIB of `payloads`; the same input gives the same bytes. Throws RangeError for what cannot
 * be in one, CorruptError where the signer's key or certificates are none.
 *
 * @example
 * const content = new TextEncoder().encode('#!/bin/sh\n');
 * const what = { kind: 'file', mode: 0o755, mtimeSeconds: 0, content, target: '' };
 * const { descriptor, bytes } = await createVib(
 *   { name: 'hello', version: '1.0-1', vendor: 'lab' },
 *   [{ name: 'hello', type: 'tgz', entries: [{ path: 'opt/hello', ...what }] }],
 * );
 * console.log(descriptor.id, (await mount(bytes)).fs.readdirSync('/opt'));
 * // lab_bootbank_hello_1.0-1 [ 'hello' ]
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
 *
 * @example
 * const [report] = await lint([{ name: 'hostd.vib', archive: file }]);
 * console.log(report.kind, report.findings.filter(({ level }) => level === 'error')); // vib []
 */
export async function lint(
  subjects: readonly LintInput[],
  options?: LintOptions,
): Promise<LintReport[]> {
  const room = await import('../lint/lint.ts');
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
 *
 * @example
 * const { pieces, entryCount } = await seal(tgz);
 * const vfs = await mount(new Blob(pieces));
 * console.log(entryCount, vfs.fs.readdirSync('/')); // 5 [ 'etc', 'opt' ]
 */
export async function seal(input: ArchiveBytes, options?: SealOptions): Promise<Sealed> {
  const { seal: sealed } = await import('../layer/seal.ts');
  return sealed(await sourceOf(input, UNNAMED), await codec(), options);
}

/**
 * The tar in `input`, of any kind, compressed or not, as a visor tar, as ESXi's vmtar makes it;
 * close it. Throws CorruptError.
 *
 * @example
 * const tar = await packVisorTar(tgz, { layout: '6.7' });
 * const visor = new Blob([...tar.pieces()]);
 * console.log(tar.layout, visor.size === tar.size); // 6.7 true
 * tar.close();
 */
export async function packVisorTar(
  input: ArchiveBytes,
  options?: VisorTarOptions,
): Promise<Converted> {
  const { packVisorTar: pack } = await import('../layer/vmtar.ts');
  return pack(await sourceOf(input, UNNAMED), await codec(), options);
}

/**
 * The visor tar in `input`, compressed or not, as a GNU tar, which packs into the same visor tar
 * again; close it. Throws CorruptError.
 *
 * @example
 * const visor = await packVisorTar(tgz);
 * const tar = await unpackVisorTar(new Blob([...visor.pieces()]));
 * console.log(tar.layout, tar.paths.length === visor.paths.length); // 8.0 true
 * tar.close();
 */
export async function unpackVisorTar(input: ArchiveBytes): Promise<Converted> {
  const { unpackVisorTar: unpack } = await import('../layer/vmtar.ts');
  return unpack(await sourceOf(input, UNNAMED), await codec());
}

/**
 * What is in the tar in `input`, of any kind, compressed or not. Throws CorruptError.
 *
 * @example
 * const { isVisor, entries } = await listTar(tgz);
 * console.log(isVisor, entries.length); // false 5
 */
export async function listTar(input: ArchiveBytes): Promise<TarListing> {
  const { listTar: list } = await import('../layer/vmtar.ts');
  return list(await sourceOf(input, UNNAMED), await codec());
}

async function placeOf(
  input: ArchiveBytes | DepotSource | URL | string,
  name: string,
): Promise<Source | DepotSource | URL> {
  if (typeof input === 'string') return new URL(input);
  return input instanceof URL || 'list' in input ? input : sourceOf(input, name);
}
