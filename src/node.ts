/**
 * The front door for Node: what index.ts has, with paths, files, Buffers and native zlib.
 */

import type * as node from 'node:fs';
import type { Interface } from 'node:readline';
import type { BootOptions } from './host/boot.ts';
import type { Bank, BootDevice } from './host/device.ts';
import { Host as BootedHost } from './host/host.ts';
import { type StateVerbs, stateVerbs } from './lifecycle/state-verbs.ts';
import type { BankVerification } from './lifecycle/verify-bank.ts';
import { nativeCodec } from './node/native-codecs.ts';
import { platform } from './node/visorfs.ts';

export {
  CorruptError,
  type ErrorPlace,
  ForeignError,
  type FullRamdisk,
  VisorError,
} from './base/errors.ts';
export { modeLetters } from './base/mode.ts';
export { bytesSource, type Source } from './base/source.ts';
export { appendableIndex } from './codec/appended-index.ts';
export type { Disk } from './disk/disk.ts';
export { memoryDisk } from './disk/memory-disk.ts';
export type { ArMember } from './format/ar.ts';
export type { BootCfg, BootModule } from './format/boot-cfg.ts';
export type { Bulletin, ComponentSpec } from './format/bulletin.ts';
export type { DepotVendor } from './format/depot-index.ts';
export { EsxConf } from './format/esx-conf.ts';
export type { ImageProfile, ProfilePlace } from './format/image-profile.ts';
export type { TarKind } from './format/tar-entry.ts';
export type { TarFlavour } from './format/tar-header.ts';
export type { TarRecord } from './format/tar-record.ts';
export type {
  VibChecksum,
  VibConstraint,
  VibContent,
  VibDescriptor,
  VibPayload,
  VibPlatform,
  VibRelationship,
  VibUrl,
} from './format/vib-descriptor.ts';
export type { VibMetadata } from './format/vib-metadata.ts';
export type { VisorLayout } from './format/visor-write.ts';
export type { AnswerOptions } from './host/answers.ts';
export {
  AutoBackup,
  type AutoBackupOptions,
  atMinuteOne,
  type BackupCause,
  type BackupRecord,
  type BackupTimer,
} from './host/auto-backup.ts';
export type { BootableBank, BootedBank } from './host/bank.ts';
export type { BlobBank, BlobFile, BlobInfo } from './host/blob-info.ts';
export { blobBytes, blobDevice, blobInfo, createBlob, isBlob } from './host/blobs.ts';
export type { BootOptions } from './host/boot.ts';
export type { BlobOptions, BlobSizes } from './host/create-blob.ts';
export { type Bank, type BootDevice, memoryDevice } from './host/device.ts';
export { diffStates } from './host/diff-states.ts';
export type { HostEvent } from './host/events.ts';
export type { Host as BootedHost } from './host/host.ts';
export type { HttpDeviceOptions } from './host/http-device.ts';
export type { StateOptions } from './host/kept-state.ts';
export type { BootProgress, HostModule } from './host/load.ts';
export type { SkippedBank } from './host/loader.ts';
export {
  plannedRollback,
  type Rollback,
  RollbackError,
  rollBack,
} from './host/rollback.ts';
export type { StateArchive } from './host/states.ts';
export { Image, type SharedImage } from './layer/image.ts';
export type { ArchiveBytes } from './layer/input.ts';
export type { Vib } from './layer/open.ts';
export { esxRamdisks, type RamdiskOptions } from './layer/ramdisk.ts';
export type { Sealed, SealOptions } from './layer/seal.ts';
export type { Opener } from './layer/share.ts';
export { seekIndexOf, type Tardisk } from './layer/tardisk.ts';
export type { VibPackage } from './layer/vib-package.ts';
export type { Converted, TarListing, VisorTarOptions } from './layer/vmtar.ts';
export type { HostImage, StrayModule } from './lifecycle/host-image.ts';
export type {
  HostSoftware,
  InstallOptions,
  ProfileComparison,
  ProfileOptions,
  SoftwareHost,
} from './lifecycle/host-software.ts';
export type { RekeyedBank, Rekeying } from './lifecycle/rekey.ts';
export { bundleOffers, profileOffer, softwareOf } from './lifecycle/software-of.ts';
export type { BankStateReading, StateReading, StateVerbs } from './lifecycle/state-verbs.ts';
export type { ChangeOptions, ChangeProgress, ChangeResult } from './lifecycle/transaction.ts';
export type { BankVerification, ModuleVerification } from './lifecycle/verify-bank.ts';
export type { LintBank, LintFinding, LintKind, LintOptions, LintReport } from './lint/lint.ts';
export { type LintLevel, type LintRule, lintRules } from './lint/rule.ts';
export type { LintRuleId } from './lint/rules.ts';
export type { Fetch, FetchAnswer, FetchOptions, RetryOptions } from './net/fetch.ts';
export {
  createBundle,
  createVib,
  type LintInput,
  lint,
  listTar,
  openBundle,
  openTardisk,
  openTardisks,
  openVib,
  openVibPackage,
  packVisorTar,
  seal,
  unpackVisorTar,
  verifyBundle,
  verifyVib,
  vibOffer,
} from './node/archives.ts';
export { type BankAccess, type BankHandlerOptions, bankHandler } from './node/bank-handler.ts';
export { deviceLock, type LockOptions, whileLocked } from './node/device-lock.ts';
export { type FileDiskOptions, fileDisk, newFileDisk } from './node/file-disk.ts';
export { fileSource } from './node/file-source.ts';
export { folderDepot } from './node/folder-depot.ts';
export { folderDevice } from './node/folder-device.ts';
export type { ArchiveInput, OpenOptions } from './node/inputs.ts';
export { fetchFile, httpDevice, openAnswer } from './node/network.ts';
export { Tree } from './node/tree.ts';
export { mount, VisorFs } from './node/visorfs.ts';
export { constants } from './nodefs/constants.ts';
export type { Dir } from './nodefs/dir.ts';
export type { Dirent } from './nodefs/dirent.ts';
export type { FileHandle } from './nodefs/file-handle.ts';
export type { NodeFs, PromisesFs } from './nodefs/fs.ts';
export type { BigIntStats, StatFs, Stats } from './nodefs/stats.ts';
export { type TraceRecord, type TraceSink, trace, traceLine } from './nodefs/trace.ts';
export type { StatWatcher } from './nodefs/watched-stats.ts';
export type { FSWatcher } from './nodefs/watchers.ts';
export {
  type Aspect,
  type ComparedEntry,
  type CompareStep,
  compareTrees,
  type TreeDifference,
} from './report/compare.ts';
export type { Change } from './report/diff.ts';
export { type RecordedVib, recordedVibs } from './report/installed.ts';
export {
  type ProblemListener,
  type ProblemOptions,
  type RamdiskProblem,
  ramdiskProblems,
} from './report/problems.ts';
export {
  type GrowthMark,
  growthMark,
  type LabelShare,
  ramdiskTop,
  type Top,
  type TopFile,
  type TopLabel,
  type TopOptions,
} from './report/top.ts';
export type { RamdiskRow, TardiskRow, Vdf } from './report/vdf.ts';
export type { VduRow } from './report/vdu.ts';
export type { Provenance, WhyCover, WhyKind, WhyRamdisk, WhyRow } from './report/why.ts';
export { ACCEPTANCE_LEVELS, type AcceptanceLevel, shownLevel } from './software/acceptance.ts';
export type { CreatedVib, PayloadContent, VibManifest } from './software/create.ts';
export type { BundleManifest, BundleProgress, CreatedBundle } from './software/create-bundle.ts';
export type { Depot, DepotProgress, DepotPublishedVib, DepotVib } from './software/depot.ts';
export type { DepotSource } from './software/depot-source.ts';
export type { VibFinding, VibFindingCode } from './software/findings.ts';
export type {
  InstalledPayload,
  InstalledProfile,
  InstalledVib,
} from './software/installed-profile.ts';
export type { ProfileOffer, VibOffer } from './software/offer.ts';
export type { PayloadEntry } from './software/payload-tar.ts';
export type { BundleOptions } from './software/place.ts';
export type { VibSigner } from './software/sign.ts';
export type {
  NamedBytes,
  SignatureOptions,
  SignatureStatus,
  SignatureVerdict,
} from './software/signature.ts';
export { SoftwareError, type SoftwareErrorKind } from './software/software-error.ts';
export type { PayloadVerification, VerifyOptions, VibVerification } from './software/verify.ts';
export type {
  DepotFinding,
  DepotFindingCode,
  DepotVerification,
  DepotVibVerification,
  VerifyDepotOptions,
} from './software/verify-depot.ts';
export { compareVersions as compareVibVersions } from './software/vib-version.ts';
export type { Answer, AnsweredFile, AnsweredTree } from './state/answer.ts';
export type { StateKey } from './state/seal-marks.ts';
export type { StateFile, StateReason } from './state/select.ts';
export { StateError, type StateErrorCode } from './state/state-error.ts';
export type { StateObstacle, StateVerdict } from './state/verdict.ts';
export type { SlabMaker } from './store/pages.ts';
export type { Attributes } from './vfs/attributes.ts';
export type { Time } from './vfs/content.ts';
export type { Identity } from './vfs/credentials.ts';
export type { TreeEvent, TreeEventKind, TreeListener } from './vfs/feed.ts';
export type { Clock } from './vfs/live.ts';
export type { RamdiskEvent, RamdiskListener, RamdiskState, Ramdisks } from './vfs/ramdisks.ts';
export type { Path } from './vfs/resolve.ts';
export type { DirectoryEntry, Space, TreeOptions } from './vfs/shapes.ts';
export { Snapshot } from './vfs/snapshot.ts';
export type { Origin } from './vfs/tree.ts';
export type { UnsavedChange, VisorFsOptions, Why } from './visorfs.ts';

/** Pure, so that whoever asks for none of its verbs has nothing of them. */
const states = /* @__PURE__ */ stateVerbs(platform);

/**
 * What is in the bytes of a state.tgz. Throws StateError where it is encrypted and no key is given,
 * or another, CorruptError where it is no state.
 *
 * @example
 * const { build, isEncrypted, tardisk } = await readState(await host.backup());
 * console.log(build, isEncrypted, tardisk.fileCount); // 8.0.3-0.0.24000000 false 1
 */
export const readState: StateVerbs['readState'] = (...given) => states.readState(...given);

/**
 * The state in a bank of a device, in the one that is booted unless said; no file where it was
 * never saved. Throws ENOENT where there is no such bank, and as `readState`.
 *
 * @example
 * const { tardisk } = await readBankState(folderDevice('host'));
 * console.log(new VisorFs(Image.of(tardisk)).fs.readdirSync('/etc/vmware')); // [ 'esx.conf' ]
 */
export const readBankState: StateVerbs['readBankState'] = (...given) =>
  states.readBankState(...given);

/**
 * Encrypts the state in all banks of a device with another key, or makes it plain. Throws
 * StateError, CorruptError, RangeError for a key that is none; then every bank has what it had.
 *
 * @example
 * const device = folderDevice('host');
 * const [{ bank, before, after }] = await rekeyState(device, { newKey: 'a passphrase' });
 * console.log(bank, before, after); // host plain encrypted
 */
export const rekeyState: StateVerbs['rekeyState'] = (...given) => states.rekeyState(...given);

declare module './nodefs/fs.js' {
  // Only Node has streams, so only where this door is open has the face what makes them.
  interface NodeFs<B extends Uint8Array = Uint8Array> {
    createReadStream: typeof node.createReadStream;
    createWriteStream: typeof node.createWriteStream;
    ReadStream: typeof node.ReadStream;
    WriteStream: typeof node.WriteStream;
    FileReadStream: typeof node.ReadStream;
    FileWriteStream: typeof node.WriteStream;
  }
}

declare module './nodefs/runtime.js' {
  interface StreamTypes {
    readonly readStream: node.ReadStream;
    readonly writeStream: node.WriteStream;
    readonly lines: Interface;
  }
}

/** A booted host. */
export type Host = BootedHost<Buffer>;

/**
 * A machine, booted from its device: `boot` gives a Host.
 *
 * @example
 * const host = await Host.boot(folderDevice('host'), { ramdisks: esxRamdisks() });
 * console.log(host.bank, host.build); // host 8.0.3-0.0.24000000
 * console.log(host.vfs.vdf().ramdisks.length); // 7
 */
export const Host = {
  /**
   * Boots `device`, the default bank or the next one where that does not hold, and writes what a
   * boot loader writes. Throws CorruptError where none can be booted, RollbackError, and ENOSPC
   * where the state does not fit.
   */
  boot: (device: BootDevice, options?: BootOptions): Promise<Host> =>
    BootedHost.boot(platform, device, options),
};

/**
 * Whether the modules of `bank` are what its sha256.sum and its image database say; `onModule` is
 * told before each. Nothing is written, and what does not hold is listed, not thrown.
 *
 * @example
 * const [bank] = await folderDevice('host').banks();
 * const { modules, problems } = await verifyBank(bank);
 * console.log(problems, modules.map(({ file, verdict }) => `${file} ${verdict}`).slice(0, 2));
 * // [] [ 'b.b00 holds', 'jumpstrt.gz holds' ]
 */
export async function verifyBank(
  bank: Bank,
  onModule?: (file: string, done: number, count: number) => void,
): Promise<BankVerification> {
  return (await import('./lifecycle/verify-bank.ts')).verifyBank(bank, nativeCodec, onModule);
}

/**
 * The sha256.sum that `bank` is to have, by its `verification`: a sum for each module. Null where
 * it has that. Throws CorruptError where a module is missing or not what it has to be.
 *
 * @example
 * const [bank] = await folderDevice('host').banks();
 * await bank.remove('sha256.sum');
 * const digests = await completedDigests(bank, await verifyBank(bank));
 * await bank.write('sha256.sum', digests);
 * console.log(await completedDigests(bank, await verifyBank(bank))); // null
 */
export async function completedDigests(
  bank: Bank,
  verification: BankVerification,
): Promise<Uint8Array | null> {
  return (await import('./lifecycle/verify-bank.ts')).completedDigests(bank, verification);
}
