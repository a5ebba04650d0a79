/**
 * One change of what is installed, all of it or nothing.
 *
 *   resolve    which VIBs come, go and stay                        (software/resolve.ts)
 *   check      levels, dependencies, files; then each VIB as such  refused: nothing was touched
 *   stage      payloads decoded into a ramdisk                     live only; memory is asked first
 *   write      the other bank, boot.cfg last                       (bank-change.ts)
 *   mount      what comes on top, what goes away: one exchange     live only
 *
 * ESXi mounts first, then writes the bank, and where that fails says that «a reboot is not safe».
 * Here mounting comes last, because it is one call that does all or nothing and awaits nothing:
 * what fails before it is undone on a bank that nobody runs from, and after it nothing can fail.
 *
 * Only what was not wrong before counts as wrong: a host that was forced into something can still
 * be changed elsewhere, and mended.
 */

import { VisorError } from '../base/errors.ts';
import { bytesSource } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { moduleName } from '../format/boot-cfg.ts';
import type { VibDescriptor } from '../format/vib-descriptor.ts';
import type { BootableBank } from '../host/bank.ts';
import type { Bank } from '../host/device.ts';
import { openTardisk } from '../layer/open.ts';
import { Tardisk } from '../layer/tardisk.ts';
import { isTardiskPayload } from '../layer/vib.ts';
import type { VibPackage } from '../layer/vib-package.ts';
import { archiveFiles } from '../software/archive-files.ts';
import { IMAGE_DB_FILE } from '../software/image-db.ts';
import {
  type InstalledProfile,
  type InstalledVib,
  isoTime,
} from '../software/installed-profile.ts';
import type { VibOffer } from '../software/offer.ts';
import { dependencyProblems, fileProblems, levelProblems } from '../software/problems.ts';
import type { Resolution } from '../software/resolve.ts';
import { SoftwareError } from '../software/software-error.ts';
import type { Tree } from '../vfs/tree.ts';
import type { View } from '../vfs/view.ts';
import {
  type Arrival,
  type ArrivalOptions,
  type ArrivingPayload,
  checkVib,
  fetched,
  ModuleNames,
  plainPayload,
} from './arrivals.ts';
import { BankChange, confirm, writeImage } from './bank-change.ts';
import type { HostImage } from './host-image.ts';
import {
  installedVibs,
  type NextImage,
  nextImage,
  overlaysOf,
  sortedVibs,
  stayingModules,
} from './next-image.ts';
import { checkMemory, Stage, type StagedPayload, stagingBytes } from './stage.ts';

/** How to change what is installed. */
export interface ChangeOptions extends ArrivalOptions {
  /** Says what would be done, as far as can be told without doing it. */
  readonly dryRun?: boolean;
  /** Passes over levels, dependencies, conflicts and overlays. */
  readonly force?: boolean;
  /** Leaves the running host as it is: what changes is the bank that is booted next. */
  readonly noLiveInstall?: boolean;
  /** The host is in maintenance mode: VIBs that ask for it may change while it runs. */
  readonly maintenanceMode?: boolean;
  /** Told of each VIB that was looked at, and of each module that is on the bank. */
  readonly onProgress?: (progress: ChangeProgress) => void;
}

/** How far a change has come: `done` of `count` VIBs or modules, the last of them `what`. */
export interface ChangeProgress {
  readonly what: string;
  readonly done: number;
  readonly count: number;
}

/** What came of a change. Lists are of ids, sorted. */
export interface ChangeResult {
  readonly message: string;
  readonly rebootRequired: boolean;
  readonly vibsInstalled: readonly string[];
  readonly vibsRemoved: readonly string[];
  readonly vibsSkipped: readonly string[];
}

/** A host at the moment of a change. */
export interface Scene {
  readonly vfs: Tree;
  /** `vfs` as root has it. */
  readonly tree: View;
  readonly codec: Codec;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly booted: BootableBank;
  /** The bank whose image is changed: the pending one where there is one, else the one booted. */
  readonly base: BootableBank;
  readonly image: HostImage;
  /** Whether what runs is what `image` says; else it takes a reboot anyway. */
  readonly isCurrent: boolean;
  /** The bank that is written. */
  readonly target: Bank;
}

/** The profile that has `vibs` since `time`. */
export type ProfileNaming = (vibs: readonly InstalledVib[], time: string) => InstalledProfile;

const DONE = 'Operation finished successfully.';
const REBOOT =
  'The update completed successfully, but the system needs to be rebooted for the changes to be ' +
  'effective.';
const UNCHANGED = 'Host is not changed.';
const DRY_RUN = 'Dryrun only, host not changed. The following installers will be applied: ';

/** One change of what is installed. */
export class Transaction {
  readonly #scene: Scene;
  readonly #options: ChangeOptions;
  readonly #resolution: Resolution<VibOffer>;
  readonly #removed: readonly InstalledVib[];
  readonly #kept: readonly InstalledVib[];

  constructor(scene: Scene, resolution: Resolution<VibOffer>, options: ChangeOptions) {
    this.#scene = scene;
    this.#options = options;
    this.#resolution = resolution;
    const going = new Set(resolution.removed.map(({ id }) => id));
    const { vibs } = scene.image.profile;
    this.#removed = vibs.filter(({ descriptor }) => going.has(descriptor.id));
    this.#kept = vibs.filter(({ descriptor }) => !going.has(descriptor.id));
  }

  /**
   * Does it; `naming` says what the profile is called then. Throws SoftwareError, and then the
   * running host and its banks are what they were.
   */
  async run(naming: ProfileNaming): Promise<ChangeResult> {
    const { installed } = this.#resolution;
    if (installed.length === 0 && this.#removed.length === 0) return this.#result(UNCHANGED, false);
    if (!this.#options.force) this.#checkTogether();
    const opened: VibPackage[] = [];
    try {
      return await this.#run(await this.#arrivals(opened), naming);
    } finally {
      for (const vib of opened) vib.close();
    }
  }

  async #run(arrivals: readonly Arrival[], naming: ProfileNaming): Promise<ChangeResult> {
    if (!this.#options.force) this.#checkFiles(arrivals);
    const isLive = this.#isLive(arrivals);
    const staged = isLive ? await this.#staged(arrivals) : [];
    if (isLive) this.#checkIdle();
    if (this.#options.dryRun) {
      const installers = isLive ? 'LiveImageInstaller, BootBankInstaller' : 'BootBankInstaller';
      return this.#result(`${DRY_RUN}[${installers}]`, !isLive);
    }
    const { nowMs, base, booted, codec } = this.#scene;
    const time = isoTime(nowMs);
    const vibs = sortedVibs([...this.#kept, ...installedVibs(arrivals, time)]);
    const staying = stayingModules(base, this.#removed);
    const next = await reading(() =>
      nextImage(base, booted, staying, arrivals, naming(vibs, time), codec),
    );
    await this.#apply(next, isLive ? staged : null);
    return this.#result(isLive ? DONE : REBOOT, !isLive);
  }

  /** Levels, dependencies and conflicts. */
  #checkTogether(): void {
    const { installed } = this.#resolution;
    const { profile } = this.#scene.image;
    const arriving = installed.map(({ descriptor }) => descriptor);
    const levels = levelProblems(arriving, profile.acceptanceLevel);
    if (levels.length > 0) {
      const command = 'visorfs host software acceptance set';
      const hint = `To change the host acceptance level, use the '${command}' command.`;
      throw new SoftwareError('AcceptanceConfigError', [...levels, hint]);
    }
    const before = dependencyProblems(descriptorsOf(profile.vibs));
    const offered = this.#resolution.skipped.map(({ descriptor }) => descriptor);
    const after = dependencyProblems([...descriptorsOf(this.#kept), ...arriving], offered);
    refuseNew(before, after);
  }

  /** Files that several claim. */
  #checkFiles(arrivals: readonly Arrival[]): void {
    const { profile, strays } = this.#scene.image;
    const claims = strays.map(({ file, files }) => ({ id: file, files, overlay: false }));
    const owned = new Set(arrivals.flatMap(({ payloads }) => payloads.map(({ file }) => file)));
    const before = fileProblems([...claims, ...descriptorsOf(profile.vibs)]);
    const after = fileProblems([
      ...claims.filter(({ id }) => !owned.has(id)),
      ...descriptorsOf(this.#kept),
      ...arrivals.map(({ vib }) => vib.descriptor),
    ]);
    refuseNew(before, after);
  }

  /** Has all VIBs that come, verified and with names for their modules; they go into `opened`. */
  async #arrivals(opened: VibPackage[]): Promise<Arrival[]> {
    const { base, image, codec, nowMs } = this.#scene;
    const staying = stayingModules(base, this.#removed).map(({ file }) => moduleName(file) ?? file);
    const names = new ModuleNames(base.bank, [base.cfg.kernel, ...staying], image.strays);
    const arrivals: Arrival[] = [];
    for (const offer of this.#resolution.installed) {
      const vib = await fetched(offer);
      opened.push(vib);
      await checkVib(vib, codec, nowMs, this.#options);
      arrivals.push({ offer, vib, payloads: await reading(() => names.arriving(vib)) });
      const { length: count } = this.#resolution.installed;
      this.#options.onProgress?.({ what: vib.descriptor.id, done: arrivals.length, count });
    }
    return arrivals;
  }

  /** Whether the running host can be changed, as the VIBs and the options say. */
  #isLive(arrivals: readonly Arrival[]): boolean {
    const { noLiveInstall = false, maintenanceMode = false } = this.#options;
    if (noLiveInstall || !this.#scene.isCurrent) return false;
    const comes = ({ vib: { descriptor }, payloads }: Arrival): boolean =>
      descriptor.liveInstallAllowed &&
      (maintenanceMode || !descriptor.maintenanceMode) &&
      // What would lie below something that is mounted already is a matter of the next boot.
      overlaysOf(descriptor, this.#kept).length === 0 &&
      payloads.every(({ payload, isThere }) => isThere || isTardiskPayload(payload));
    const goes = ({ descriptor }: InstalledVib): boolean =>
      descriptor.liveRemoveAllowed && (maintenanceMode || !descriptor.maintenanceMode);
    return arrivals.every(comes) && this.#removed.every(goes);
  }

  /**
   * The payloads to be mounted, decoded. Memory is asked before anything of the host is touched.
   */
  async #staged(arrivals: readonly Arrival[]): Promise<Staged[]> {
    const { codec, vfs } = this.#scene;
    const staged: Staged[] = [];
    for (const payload of arrivals.flatMap(({ payloads }) => payloads)) {
      if (payload.isThere) continue;
      staged.push({ ...payload, bytes: await plainPayload(payload, codec) });
      checkMemory(vfs, stagingBytes(staged));
    }
    return staged;
  }

  /** Throws SoftwareError (LiveInstallationError) where a file of what goes is open. */
  #checkIdle(): void {
    const { vfs } = this.#scene;
    const lines: string[] = [];
    for (const tardisk of this.#going()) {
      const rows = new Set(vfs.openRows(tardisk));
      if (rows.size === 0) continue;
      const open = archiveFiles(tardisk).filter(({ row }) => rows.has(row));
      const paths = open.map(({ path }) => `/${path}`).join(', ');
      lines.push(`/tardisks/${tardisk.name}: Device or resource busy; open: ${paths}`);
    }
    if (lines.length === 0) return;
    const way = 'Close the files, or use --no-live-install and reboot.';
    throw new SoftwareError('LiveInstallationError', [...lines, way]);
  }

  /** The mounted tardisks that go away. */
  #going(): Tardisk[] {
    const files = this.#removed.flatMap(({ payloads }) => payloads.map(({ file }) => file));
    const going = new Set([...files, IMAGE_DB_FILE]);
    return this.#scene.vfs.image.tardisks.filter(({ name }) => going.has(name));
  }

  /** Writes the bank and, where `staged` is given, changes the running host. */
  async #apply(next: NextImage, staged: readonly Staged[] | null): Promise<void> {
    const { vfs, tree, codec, target, booted } = this.#scene;
    const stage = new Stage(vfs, tree);
    const confirmation = new BankChange(booted.bank);
    const change = new BankChange(target);
    try {
      if (staged !== null) stage.fill(staged);
      const coming = (staged ?? []).map(({ file, bytes, stored }) =>
        Tardisk.index(bytesSource(bytes, file), file, stored.length),
      );
      const database = await openTardisk(bytesSource(next.database, IMAGE_DB_FILE), codec);
      await confirm(confirmation, booted);
      await writeImage(change, next.onBank, codec, this.#options.onProgress);
      if (staged !== null) this.#mount([...coming, database]);
    } catch (error) {
      await undo([change, confirmation], error);
    } finally {
      stage.clear();
    }
  }

  /** What was mounted may be in use by forks and snapshots, so it is not closed. */
  #mount(coming: readonly Tardisk[]): void {
    this.#checkIdle();
    this.#scene.vfs.exchange(this.#going(), coming);
  }

  #result(message: string, rebootRequired: boolean): ChangeResult {
    const { installed, skipped } = this.#resolution;
    const ids = (vibs: readonly { descriptor: VibDescriptor }[]): string[] =>
      vibs.map(({ descriptor }) => descriptor.id).sort();
    return {
      message,
      rebootRequired,
      vibsInstalled: ids(installed),
      vibsRemoved: ids(this.#removed),
      vibsSkipped: ids(skipped),
    };
  }
}

/** A payload to be mounted, with its archive. */
interface Staged extends ArrivingPayload, StagedPayload {}

function descriptorsOf(vibs: readonly InstalledVib[]): VibDescriptor[] {
  return vibs.map(({ descriptor }) => descriptor);
}

/** Throws SoftwareError (DependencyError) with the lines of `after` that are not in `before`. */
function refuseNew(before: readonly string[], after: readonly string[]): void {
  const lines = after.filter((line) => !before.includes(line));
  if (lines.length > 0) throw new SoftwareError('DependencyError', lines);
}

/** Runs `act`, which reads banks. Throws SoftwareError for whatever that throws. */
export async function reading<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw asSoftwareError(error);
  }
}

/** Takes `changes` back, in their order, and throws `error` as a SoftwareError. */
export async function undo(changes: readonly BankChange[], error: unknown): Promise<never> {
  const { kind, lines } = asSoftwareError(error);
  const left: string[] = [];
  for (const change of changes) {
    try {
      await change.undo();
    } catch (second) {
      left.push(`${change.bank.name} could not be put back: ${(second as Error).message}`);
    }
  }
  throw new SoftwareError(kind, [...lines, ...left], { cause: error });
}

function asSoftwareError(error: unknown): SoftwareError {
  if (error instanceof SoftwareError) return error;
  const isLive = error instanceof VisorError && error.syscall === 'mount';
  const kind = isLive ? 'LiveInstallationError' : 'InstallationError';
  return new SoftwareError(kind, [(error as Error).message], { cause: error });
}
