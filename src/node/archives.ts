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
import { type ArchiveInput, type OpenOptions, placeOf, placing, sourceIn } from './inputs.ts';
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
 *
 * @example
 * const tardisk = await openTardisk('images/bank/sb.v00', { name: 'base' });
 * const vfs = new VisorFs(Image.of(tardisk));
 * console.log(tardisk.name, vfs.fs.readdirSync('/etc').length); // base 21
 */
export async function openTardisk(input: ArchiveInput, options?: OpenOptions): Promise<Tardisk> {
  const placed = placing(input, options);
  return open.openTardisk(await sourceIn(input, options?.name), nativeCodec, placed);
}

/**
 * Indexes every tardisk of an archive: one of a tar, all payloads of a VIB, of an offline bundle
 * those of the newest of each of its VIBs. Throws as `openTardisk`.
 *
 * @example
 * const tardisks = await openTardisks('bundle.zip');
 * console.log(tardisks.map(({ name }) => name)); // [ 'hostd', 'fdm' ]
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
 *
 * @example
 * const { descriptor, tardisks } = await openVib('images/vibs/hostd.vib');
 * console.log(descriptor.id, tardisks.length); // visorfs_bootbank_hostd_8.0.3-0.0.24000000 1
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
 *
 * @example
 * const bundle = await openBundle('bundle.zip'); // or 'depot', or an address
 * console.log(bundle.vibs.map(({ id }) => id));
 * // [ 'visorfs_bootbank_hostd_8.0.3-0.0.24000000', 'visorfs_bootbank_fdm_8.0.3-0.0.24000000' ]
 * console.log(bundle.profiles.map(({ name }) => name)); // [ 'Lab' ]
 * bundle.close();
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
 *
 * @example
 * const bundle = await openBundle('bundle.zip');
 * const { vibs, findings } = await verifyBundle(bundle);
 * console.log(findings, vibs.map(({ verification }) => verification?.findings)); // [] [ [], [] ]
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
 *
 * @example
 * import { writeFileSync } from 'node:fs';
 * const vibs = ['images/vibs/hostd.vib', 'images/vibs/fdm.vib'];
 * const { pieces } = await createBundle(vibs, { profiles: [{ name: 'Lab' }] });
 * writeFileSync('mine.zip', Buffer.concat(pieces));
 * console.log((await openBundle('mine.zip')).profiles[0].vibIds.length); // 2
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
 *
 * @example
 * const vib = await openVibPackage('images/vibs/hostd.vib');
 * const [payload] = vib.descriptor.payloads;
 * console.log(payload.name, payload.type, vib.stored(payload.name).length); // hostd vgz 172774
 * vib.close();
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
 *
 * @example
 * const { declaredLevel, signature, findings } = await verifyVib(
 *   await openVibPackage('images/vibs/hostd.vib'),
 * );
 * console.log(declaredLevel, signature.status, findings); // community unsigned []
 */
export async function verifyVib(
  vib: VibPackage,
  options?: VerifyOptions,
): Promise<VibVerification> {
  return (await import('../software/verify.ts')).verifyVib(vib, nativeCodec, options);
}

/**
 * The VIB in `input` to install; `origin`, the name of its file unless said, is recorded with it.
 * Throws as `openVibPackage`.
 *
 * @example
 * const offer = await vibOffer('images/vibs/debug-tools.vib');
 * console.log(offer.descriptor.name, offer.origin); // debug-tools debug-tools.vib
 */
export async function vibOffer(input: ArchiveInput, origin?: string): Promise<VibOffer> {
  const software = await import('../software/offer.ts');
  const source = await sourceIn(input, origin);
  return software.vibOffer(source, nativeCodec, origin ?? source.name);
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
 * const [report] = await lint([{ name: 'a.tar', archive: 'images/evil/checksum-wrong.tar' }]);
 * console.log(report.kind, report.findings.map(({ rule, level }) => `${rule} ${level}`));
 * // tar [ 'corrupt error' ]
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
 *
 * @example
 * import { writeFileSync } from 'node:fs';
 * const { pieces, entryCount } = await seal('images/bank/hostd.v00');
 * writeFileSync('hostd.tgz', Buffer.concat(pieces)); // for tar and container tools, and here:
 * const vfs = await mount('hostd.tgz');
 * console.log(entryCount, vfs.fs.readdirSync('/')); // 19 [ 'etc', 'usr', 'var' ]
 */
export async function seal(input: ArchiveInput, options?: SealOptions): Promise<Sealed> {
  const { seal: sealed } = await import('../layer/seal.ts');
  return sealed(await sourceIn(input, undefined), nativeCodec, options);
}

/**
 * The tar in `input`, of any kind, compressed or not, as a visor tar, as ESXi's vmtar makes it;
 * close it. Throws as `openTardisk`.
 *
 * @example
 * const tar = await packVisorTar('images/good/sticky.tgz', { layout: '6.7' });
 * const bytes = Buffer.concat([...tar.pieces()]);
 * console.log(bytes.length === tar.size, tar.paths.slice(0, 2));
 * // true [ 'etc/', 'etc/kept.conf' ]
 * tar.close();
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
 *
 * @example
 * const tar = await unpackVisorTar('images/good/visor-8.0.vtar');
 * const bytes = Buffer.concat([...tar.pieces()]); // for GNU tar
 * console.log(tar.layout, bytes.length === tar.size); // 8.0 true
 * tar.close();
 */
export async function unpackVisorTar(input: ArchiveInput): Promise<Converted> {
  const { unpackVisorTar: unpack } = await import('../layer/vmtar.ts');
  return unpack(await sourceIn(input, undefined), nativeCodec);
}

/**
 * What is in the tar in `input`, of any kind, compressed or not. Throws as `openTardisk`.
 *
 * @example
 * const { isVisor, layout, entries } = await listTar('images/good/visor-8.0.vtar');
 * console.log(isVisor, layout, entries.length); // true 8.0 10
 */
export async function listTar(input: ArchiveInput): Promise<TarListing> {
  const { listTar: list } = await import('../layer/vmtar.ts');
  return list(await sourceIn(input, undefined), nativeCodec);
}
