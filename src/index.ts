/**
 * The front door for any runtime: nothing of Node's, no Buffer.
 *
 * Archives come in as bytes, Blobs or Sources; gzip is done by pako; reads give Uint8Array. The
 * door for Node (node.ts) exports the same names, and more.
 */

import { allOrNone } from './base/together.ts';
import type { Codec } from './codec/codec.ts';
import type { BootDevice } from './host/device.ts';
import { Host as BootedHost, type BootOptions } from './host/host.ts';
import { Image } from './layer/image.ts';
import { type ArchiveBytes, sourceOf } from './layer/input.ts';
import * as open from './layer/open.ts';
import type { Sealed, SealOptions } from './layer/seal.ts';
import type { Tardisk } from './layer/tardisk.ts';
import type { Converted, TarListing, VisorTarOptions } from './layer/vmtar.ts';
import { portableRuntime } from './nodefs/runtime.ts';
import type { Snapshot } from './vfs/snapshot.ts';
import { type Platform, VisorFs as VisorFsOn, type VisorFsOptions } from './visorfs.ts';

export { CorruptError, ForeignError, type FullRamdisk, VisorError } from './base/errors.ts';
export { modeLetters } from './base/mode.ts';
export type { Source } from './base/source.ts';
export { appendableIndex } from './codec/appended-index.ts';
export { EsxConf } from './format/esx-conf.ts';
export type { TarRecord } from './format/tar-record.ts';
export type { VibDescriptor } from './format/vib-descriptor.ts';
export type { VisorLayout } from './format/visor-write.ts';
export { type Bank, type BootDevice, memoryDevice } from './host/device.ts';
export type { BootOptions, BootProgress, HostModule } from './host/host.ts';
export { Image, type SharedImage } from './layer/image.ts';
export type { ArchiveBytes } from './layer/input.ts';
export type { OpenOptions, Vib } from './layer/open.ts';
export { esxRamdisks, type RamdiskOptions } from './layer/ramdisk.ts';
export type { Sealed, SealOptions } from './layer/seal.ts';
export { seekIndexOf, type Tardisk } from './layer/tardisk.ts';
export type { Converted, TarListing, VisorTarOptions } from './layer/vmtar.ts';
export type { Change } from './report/diff.ts';
export type { RamdiskRow, TardiskRow, Vdf } from './report/vdf.ts';
export type { VduRow } from './report/vdu.ts';
export type { StateFile, StateReason } from './state/select.ts';
export type { Identity } from './vfs/credentials.ts';
export type { RamdiskState } from './vfs/ramdisks.ts';
export { Snapshot } from './vfs/snapshot.ts';
export type { VisorFsOptions } from './visorfs.ts';

/** gzip, loaded with the first archive, so that a page without any has it not. */
const codec = async (): Promise<Codec> => (await import('./codec/gzip.ts')).portableCodec;

const platform: Platform<Uint8Array> = {
  codec,
  runtime: portableRuntime,
  clock: Date.now,
  slabs: (size) => new Uint8Array(size),
};

const UNNAMED = 'archive';

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
 * Indexes one archive: tar, visor tar or a VIB with one payload, in gzip or not. Throws
 * CorruptError.
 */
export async function openTardisk(
  input: ArchiveBytes,
  options?: open.OpenOptions,
): Promise<Tardisk> {
  return open.openTardisk(await sourceOf(input, options?.name ?? UNNAMED), await codec(), options);
}

/**
 * Indexes every tardisk of an archive: one of a tar, all payloads of a VIB. Throws CorruptError.
 */
export async function openTardisks(
  input: ArchiveBytes,
  options?: open.OpenOptions,
): Promise<readonly Tardisk[]> {
  return open.openTardisks(await sourceOf(input, options?.name ?? UNNAMED), await codec(), options);
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
 * The tar in `input` as an eStargz: mounted without being decoded, here and by container tools, and
 * still a gzipped tar. Throws CorruptError.
 */
export async function seal(input: ArchiveBytes, options?: SealOptions): Promise<Sealed> {
  const { seal: sealed } = await import('./layer/seal.ts');
  return sealed(await sourceOf(input, UNNAMED), await codec(), options);
}

/**
 * The tar in `input`, of any kind, in gzip or not, as a visor tar, as ESXi's vmtar makes it; close
 * it. Throws CorruptError.
 */
export async function packVisorTar(
  input: ArchiveBytes,
  options?: VisorTarOptions,
): Promise<Converted> {
  const { packVisorTar: pack } = await import('./layer/vmtar.ts');
  return pack(await sourceOf(input, UNNAMED), await codec(), options);
}

/**
 * The visor tar in `input`, in gzip or not, as a GNU tar, which packs into the same visor tar
 * again; close it. Throws CorruptError.
 */
export async function unpackVisorTar(input: ArchiveBytes): Promise<Converted> {
  const { unpackVisorTar: unpack } = await import('./layer/vmtar.ts');
  return unpack(await sourceOf(input, UNNAMED), await codec());
}

/** What is in the tar in `input`, of any kind, in gzip or not. Throws CorruptError. */
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
