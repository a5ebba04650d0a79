/**
 * What is installed on a host, and how that changes: `esxcli software` for a program.
 *
 *   images     running, and pending where another is booted next
 *   install    VIBs come, older or newer ones of their names go
 *   update     newer VIBs of names that are there come
 *   remove     VIBs go
 *   profiles   the same for all VIBs of a profile
 *   level      what the host accepts
 *
 * Changes are made one after the other and never while a state is saved or the host reboots. Each
 * is done whole, or throws SoftwareError and has changed nothing (transaction.ts).
 */

import { bytesSource } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { moduleName, parseBootCfg, withBootCfg } from '../format/boot-cfg.ts';
import { BOOT_CFG, type BootedBank, pendingBank, readBankFile } from '../host/bank.ts';
import type { Bank, BootDevice } from '../host/device.ts';
import { openTardisk } from '../layer/open.ts';
import { type AcceptanceLevel, compareLevels } from '../software/acceptance.ts';
import { encodeImageDb, IMAGE_DB_FILE } from '../software/image-db.ts';
import {
  changedProfile,
  dated,
  type InstalledProfile,
  type InstalledVib,
  isoTime,
  levelOf,
} from '../software/installed-profile.ts';
import type { ProfileOffer, VibOffer } from '../software/offer.ts';
import { type InstallMode, matching, type Resolution, resolve } from '../software/resolve.ts';
import { SoftwareError } from '../software/software-error.ts';
import { STATE_FILE } from '../state/archive.ts';
import { ROOT } from '../vfs/credentials.ts';
import type { Tree } from '../vfs/tree.ts';
import { BankChange, putModule } from './bank-change.ts';
import { type HostImage, haveSameVibs, imageOf, imageOnBank } from './host-image.ts';
import {
  type ChangeOptions,
  type ChangeResult,
  type ProfileNaming,
  reading,
  type Scene,
  Transaction,
  undo,
} from './transaction.ts';

/** What is asked of a host: `Host` is one. */
export interface SoftwareHost {
  readonly device: BootDevice;
  readonly vfs: Tree;
  /** What decompresses and hashes. */
  codec(): Promise<Codec>;
  /** Runs `act` on the bank that was booted, once what was asked of the device before is done. */
  inTurn<T>(act: (booted: BootedBank) => Promise<T>): Promise<T>;
}

/** What is installed on a bank. */
interface BankProfile {
  readonly bank: Bank;
  readonly profile: InstalledProfile;
}

/** How to take VIBs out of what is offered. */
export interface InstallOptions extends ChangeOptions {
  /** Only these: names, `name:version`, `vendor:name`, `vendor:name:version` or ids. */
  readonly names?: readonly string[];
}

/** How to install a profile. */
export interface ProfileOptions extends ChangeOptions {
  /** Lets VIBs go that the profile has not. */
  readonly okToRemove?: boolean;
}

/** How a host compares with a profile: ids of VIBs, sorted. */
export interface ProfileComparison {
  readonly hostProfile: string;
  readonly profile: string;
  readonly isCompliant: boolean;
  readonly onlyOnHost: readonly string[];
  readonly onlyInProfile: readonly string[];
}

/**
 * What is installed on one host.
 *
 * @example
 * const software = await softwareOf(host);
 * await software.setAcceptance('community');
 * await software.install([await vibOffer('images/vibs/debug-tools.vib')]);
 * console.log((await software.vibs()).map(({ descriptor }) => descriptor.id));
 * // [ 'visorfs_bootbank_debug-tools_1.2.0-3' ]
 * const { vibsRemoved } = await software.remove(['debug-tools']);
 * console.log(vibsRemoved); // [ 'visorfs_bootbank_debug-tools_1.2.0-3' ]
 */
export class HostSoftware {
  readonly #host: SoftwareHost;

  constructor(host: SoftwareHost) {
    this.#host = host;
  }

  /** What is installed on the host as it runs. Throws CorruptError where the database lies. */
  running(): Promise<HostImage> {
    return this.#host.inTurn(async ({ cfg }) => imageOf(this.#host.vfs.image.tardisks, cfg));
  }

  /**
   * What will be installed once it has booted again; null where that is what is booted already.
   * Throws CorruptError where the database lies.
   *
   * @example
   * const software = await softwareOf(host);
   * await software.setAcceptance('community');
   * const tools = await vibOffer('images/vibs/debug-tools.vib');
   * await software.install([tools], { noLiveInstall: true });
   * const { profile } = await software.pending();
   * console.log((await software.vibs()).length, profile.vibs.length); // 0 1
   */
  pending(): Promise<HostImage | null> {
    return this.#host.inTurn(async (booted) => {
      const pending = await pendingBank(this.#host.device, booted);
      if (pending === null) return null;
      const { tardisks } = this.#host.vfs.image;
      return imageOnBank(pending, tardisks, await this.#host.codec());
    });
  }

  /**
   * The installed VIBs that `names` ask for, all unless said, as the host runs or as it will once
   * it has booted again. Throws SoftwareError (NoMatchError).
   */
  async vibs(names?: readonly string[], isPending = false): Promise<readonly InstalledVib[]> {
    const image = isPending ? await this.pending() : await this.running();
    const vibs = image?.profile.vibs ?? [];
    return names === undefined ? vibs : matching(vibs, names);
  }

  /**
   * Installs VIBs of `offers`. Throws SoftwareError, and then nothing has changed.
   *
   * @example
   * const software = await softwareOf(host);
   * const bundle = await openBundle('bundle.zip');
   * const options = { names: ['fdm'], force: true, dryRun: true };
   * const { vibsInstalled } = await software.install(await bundleOffers(bundle), options);
   * console.log(vibsInstalled); // [ 'visorfs_bootbank_fdm_8.0.3-0.0.24000000' ]
   */
  install(offers: readonly VibOffer[], options: InstallOptions = {}): Promise<ChangeResult> {
    return this.#change('install', offers, options);
  }

  /** Updates installed VIBs from `offers`. Throws SoftwareError, and then nothing has changed. */
  update(offers: readonly VibOffer[], options: InstallOptions = {}): Promise<ChangeResult> {
    return this.#change('update', offers, options);
  }

  /**
   * Removes VIBs, which are asked for as `InstallOptions.names` are. Throws SoftwareError, and then
   * nothing has changed.
   */
  remove(names: readonly string[], options: ChangeOptions = {}): Promise<ChangeResult> {
    return this.#inScene(async (scene) => {
      const { profile } = scene.image;
      const removed = matching(profile.vibs, names).map(({ descriptor }) => descriptor);
      const resolution = { installed: [], removed, skipped: [] };
      return this.#run(scene, resolution, options, (vibs, time) =>
        changedProfile(profile, vibs, time),
      );
    });
  }

  /**
   * Installs what of `offer` is newer or not there; what else is there stays. Throws as `install`.
   */
  updateProfile(offer: ProfileOffer, options: ChangeOptions = {}): Promise<ChangeResult> {
    return this.#changeProfile('profile update', offer, options);
  }

  /**
   * Makes the host what `offer` is. Throws as `install`, and where VIBs would go that nobody said
   * may go.
   *
   * @example
   * const lab = await profileOffer([await openBundle('bundle.zip')], 'Lab');
   * const software = await softwareOf(host);
   * const { vibsInstalled } = await software.installProfile(lab, { force: true, dryRun: true });
   * console.log(vibsInstalled.length); // 2
   */
  installProfile(offer: ProfileOffer, options: ProfileOptions = {}): Promise<ChangeResult> {
    return this.#changeProfile('profile install', offer, options);
  }

  /**
   * How the host, as it runs, compares with `offer`. Throws CorruptError where the database lies.
   *
   * @example
   * const lab = await profileOffer([await openBundle('bundle.zip')], 'Lab');
   * const { isCompliant, onlyInProfile } = await (await softwareOf(host)).validateProfile(lab);
   * console.log(isCompliant, onlyInProfile[0]); // false visorfs_bootbank_fdm_8.0.3-0.0.24000000
   */
  async validateProfile(offer: ProfileOffer): Promise<ProfileComparison> {
    const { profile } = await this.running();
    const here = profile.vibs.map(({ descriptor }) => descriptor.id);
    const there = offer.vibs.map(({ descriptor }) => descriptor.id);
    const onlyOnHost = here.filter((id) => !there.includes(id)).sort();
    const onlyInProfile = there.filter((id) => !here.includes(id)).sort();
    return {
      hostProfile: profile.name,
      profile: offer.name,
      isCompliant: onlyOnHost.length === 0 && onlyInProfile.length === 0,
      onlyOnHost,
      onlyInProfile,
    };
  }

  /**
   * Sets the lowest level that the host accepts from now on, whatever boots next. Throws
   * SoftwareError (AcceptanceConfigError) where a VIB is installed that is below it, and then
   * nothing has changed.
   */
  setAcceptance(level: AcceptanceLevel): Promise<void> {
    return this.#host.inTurn(async (booted) => {
      const codec = await this.#host.codec();
      const { vfs } = this.#host;
      const { tardisks } = vfs.image;
      const images = await reading(() => this.#images(booted, codec));
      for (const { profile } of images) checkLevel(profile, level);
      const changes: BankChange[] = [];
      try {
        const databases: Uint8Array[] = [];
        for (const { bank, profile } of images) {
          const changed = { ...dated(profile, this.#time()), acceptanceLevel: level };
          const bytes = await encodeImageDb(changed, codec);
          const change = new BankChange(bank);
          changes.unshift(change);
          await putDatabase(change, bytes, codec);
          databases.push(bytes);
        }
        const source = bytesSource(databases[0]!, IMAGE_DB_FILE);
        const database = await openTardisk(source, codec);
        vfs.exchange(
          tardisks.filter(({ name }) => name === IMAGE_DB_FILE),
          [database],
        );
      } catch (error) {
        await undo(changes, error);
      }
    });
  }

  /** The image that runs, and the one that is booted next where that is another. */
  async #images(booted: BootedBank, codec: Codec): Promise<BankProfile[]> {
    const { vfs, device } = this.#host;
    const { tardisks } = vfs.image;
    const own = { bank: booted.bank, profile: imageOf(tardisks, booted.cfg).profile };
    const pending = await pendingBank(device, booted);
    if (pending === null) return [own];
    const { profile } = await imageOnBank(pending, tardisks, codec);
    return [own, { bank: pending.bank, profile }];
  }

  #time(): string {
    return isoTime(this.#host.vfs.live.clock());
  }

  #change(
    mode: InstallMode,
    offers: readonly VibOffer[],
    options: InstallOptions,
  ): Promise<ChangeResult> {
    return this.#inScene(async (scene) => {
      const { profile } = scene.image;
      const wanted = options.names === undefined ? offers : matching(offers, options.names);
      const present = profile.vibs.map(({ descriptor }) => descriptor);
      const resolution = resolve(present, wanted, mode);
      return this.#run(scene, resolution, options, (vibs, time) =>
        changedProfile(profile, vibs, time),
      );
    });
  }

  #changeProfile(
    mode: 'profile update' | 'profile install',
    offer: ProfileOffer,
    options: ProfileOptions,
  ): Promise<ChangeResult> {
    return this.#inScene(async (scene) => {
      const { profile } = scene.image;
      const present = profile.vibs.map(({ descriptor }) => descriptor);
      const resolution = resolve(present, offer.vibs, mode);
      const names = new Set(offer.vibs.map(({ descriptor }) => descriptor.name));
      const lost = resolution.removed.filter(({ name }) => !names.has(name));
      if (lost.length > 0 && !options.okToRemove) {
        const ids = lost.map(({ id }) => id).join(', ');
        throw new SoftwareError('ProfileValidationError', [
          `The image profile '${offer.name}' does not have VIB(s) ${ids}, ` +
            'which would be removed.',
          "To keep them, use 'profile update'; to let them go, use --ok-to-remove.",
        ]);
      }
      return this.#run(scene, resolution, options, (vibs, time) => {
        const { name, vendor } = offer;
        const named = { ...dated(profile, time), name, vendor, description: '' };
        const isWhole = vibs.every(({ descriptor }) => names.has(descriptor.name));
        return isWhole ? { ...named, vibs } : changedProfile(named, vibs, time);
      });
    });
  }

  #run(
    scene: Scene,
    resolution: Resolution<VibOffer>,
    options: ChangeOptions,
    naming: ProfileNaming,
  ): Promise<ChangeResult> {
    return new Transaction(scene, resolution, options).run(naming);
  }

  /** Runs `act` with the host as it is, while nothing else changes what is installed. */
  #inScene<T>(act: (scene: Scene) => Promise<T>): Promise<T> {
    return this.#host.inTurn(async (booted) => act(await reading(() => this.#scene(booted))));
  }

  async #scene(booted: BootedBank): Promise<Scene> {
    const { device, vfs } = this.#host;
    const codec = await this.#host.codec();
    const { tardisks } = vfs.image;
    const running = imageOf(tardisks, booted.cfg);
    const pending = await pendingBank(device, booted);
    const image = pending === null ? running : await imageOnBank(pending, tardisks, codec);
    const isCurrent = haveSameVibs(running.profile, image.profile);
    const base = pending ?? booted;
    const target = pending?.bank ?? otherBank(await device.banks(), booted.bank, device.name);
    const nowMs = vfs.live.clock();
    const tree = vfs.acting(ROOT);
    return { vfs, tree, codec, nowMs, booted, base, image, isCurrent, target };
  }
}

/** The bank that an installation is written to: not the one that was booted. */
function otherBank(banks: readonly Bank[], booted: Bank, device: string): Bank {
  const other = banks.find(({ name }) => name !== booted.name);
  if (other !== undefined) return other;
  const line = `${device} has no bank beside '${booted.name}' to install to.`;
  throw new SoftwareError('InstallationError', [line]);
}

/** Throws SoftwareError (AcceptanceConfigError) where `profile` has VIBs below `level`. */
function checkLevel({ vibs }: InstalledProfile, level: AcceptanceLevel): void {
  const below = vibs.filter(({ descriptor }) => compareLevels(levelOf(descriptor), level) < 0);
  if (below.length === 0) return;
  const ids = below.map(({ descriptor }) => descriptor.id).join(', ');
  throw new SoftwareError('AcceptanceConfigError', [
    `Unable to set acceptance level of ${level} due to installed VIBs ${ids} having a lower ` +
      'acceptance level.',
  ]);
}

/** Puts the database `bytes` into a bank, which lists it from then on. */
async function putDatabase(change: BankChange, bytes: Uint8Array, codec: Codec): Promise<void> {
  const { bank } = change;
  await putModule(change, IMAGE_DB_FILE, bytes, codec);
  const before = await readBankFile(bank, BOOT_CFG);
  const { modules } = parseBootCfg(before, `${bank.name}/${BOOT_CFG}`);
  if (modules.some(({ file }) => moduleName(file) === IMAGE_DB_FILE)) return;
  const state = modules.findIndex(({ file }) => moduleName(file) === STATE_FILE);
  const listed = [...modules];
  listed.splice(state < 0 ? listed.length : state, 0, { file: IMAGE_DB_FILE, options: '' });
  await change.put(BOOT_CFG, withBootCfg(before, { modules: listed }));
}
