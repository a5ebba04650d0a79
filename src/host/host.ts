/**
 * A host: a VisorFs booted from a device, and the way its state gets back there.
 *
 *   boot      boot.cfg ─► modules mounted in listed order ─► state.tgz written on top
 *   backup    the state of this instant, as the bytes of a state.tgz
 *   rebuild   that, put into the bank: under a temporary name, synced, renamed
 *   reboot    everything in memory is forgotten, and the device booted again
 *
 * Modules that are no archives (the kernel, options) are kept by name and not mounted. After boot
 * the device is touched by nothing but `rebuild` and `reboot`.
 */

import type { Codec } from '../codec/codec.ts';
import { Image } from '../layer/image.ts';
import type { TreeDifference } from '../report/compare.ts';
import { STATE_FILE } from '../state/archive.ts';
import { checkStateKey } from '../state/seal-marks.ts';
import { type Platform, VisorFs, type VisorFsOptions } from '../visorfs.ts';
import { type BootableBank, bankToBoot, pendingBank } from './bank.ts';
import type { BootDevice } from './device.ts';
import { diffStates } from './diff-states.ts';
import type { HostEvent } from './events.ts';
import { keptState, type StateDoubt, type StateOptions, stateToBoot } from './kept-state.ts';
import { type BootProgress, type HostModule, loadAll } from './load.ts';
import { saveState } from './save.ts';

/** How to boot; the rest is as for a VisorFs. */
export interface BootOptions extends VisorFsOptions, StateOptions {
  readonly onProgress?: (progress: BootProgress) => void;
  /** Hears of what an administrator should know of this host; it must not throw. */
  readonly onEvent?: (event: HostEvent) => void;
}

/** What a boot found. */
interface Booted<B extends Uint8Array> extends BootableBank {
  readonly vfs: VisorFs<B>;
  readonly modules: readonly HostModule[];
}

/** A booted host. */
export class Host<B extends Uint8Array = Uint8Array> {
  readonly device: BootDevice;
  readonly #platform: Platform<B>;
  readonly #options: BootOptions;
  #booted: Booted<B>;
  /** The last use of the device; it never fails. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    device: BootDevice,
    platform: Platform<B>,
    options: BootOptions,
    booted: Booted<B>,
  ) {
    this.device = device;
    this.#platform = platform;
    this.#options = options;
    this.#booted = booted;
  }

  /**
   * Boots `device`. Throws CorruptError where no bank can be booted or a module lies, ENOENT where
   * one is missing, ENOSPC where the state does not fit into the ramdisks, StateError where it is
   * encrypted with another key than `stateKey`, or a newer image has made it, RangeError where
   * `stateKey` is none.
   */
  static async boot<B extends Uint8Array>(
    platform: Platform<B>,
    device: BootDevice,
    options: BootOptions = {},
  ): Promise<Host<B>> {
    return new Host(device, platform, options, await bootFrom(platform, device, options));
  }

  /** The live tree of this boot. */
  get vfs(): VisorFs<B> {
    return this.#booted.vfs;
  }

  /** The name of the bank that was booted. */
  get bank(): string {
    return this.#booted.bank.name;
  }

  /** What boot.cfg says the build is. */
  get build(): string {
    return this.#booted.cfg.build;
  }

  /** The modules of the bank, in boot order. */
  get modules(): readonly HostModule[] {
    return this.#booted.modules;
  }

  /** What undoes and does compression here. */
  codec(): Promise<Codec> {
    return this.#platform.codec();
  }

  /**
   * The state of this instant as the bytes of a state.tgz, with the build of the image, and
   * encrypted where the host was booted with a key. Nothing is written.
   */
  async backup(): Promise<Uint8Array> {
    const { build } = this;
    const blob = await this.vfs.backup();
    return keptState(blob, build, this.#options, this.#platform.crypto);
  }

  /**
   * How the state of this instant differs from that in `bank`, the booted one unless said, sorted
   * by path. Throws ENOENT where there is no such bank, and as `readState`.
   */
  async stateDiff(bank: string = this.bank): Promise<TreeDifference[]> {
    const packing = this.vfs.backup();
    const { bankState, readState } = await import('./states.ts');
    const kept = await bankState(this.device, bank, this.#platform, this.#options.stateKey);
    return diffStates(kept, await readState(await packing, this.#platform));
  }

  /**
   * Writes the state of this instant into the bank, and into the one that an installation has made
   * the next to boot; returns its size in bytes. Several at once are done in turn. What fails
   * leaves the old state there.
   */
  rebuild(): Promise<number> {
    const packing = this.backup();
    return this.inTurn(async (booted) => {
      const blob = await packing;
      const { modules } = this.#booted;
      await saveState(booted, blob);
      if (!modules.some(({ file }) => file === STATE_FILE)) {
        const state: HostModule = { file: STATE_FILE, kind: 'state', storedBytes: blob.length };
        this.#booted = { ...this.#booted, modules: [...modules, state] };
      }
      const pending = await pendingBank(this.device, booted);
      if (pending !== null) await saveState(pending, blob);
      return blob.length;
    });
  }

  /**
   * Forgets everything in memory and boots the device again: what was not rebuilt is gone. Throws
   * as `boot`, and goes on as it was then.
   */
  reboot(): Promise<void> {
    return this.inTurn(async () => {
      const booted = await bootFrom(this.#platform, this.device, this.#options);
      for (const tardisk of this.vfs.image.tardisks) tardisk.close();
      this.#booted = booted;
    });
  }

  /**
   * Runs `act` on the bank that was booted, when what was asked of the device before is done, well
   * or not; what is asked later waits for it. So `act` must not wait for a rebuild or a reboot.
   */
  inTurn<T>(act: (booted: BootableBank) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => act({ bank: this.#booted.bank, cfg: this.#booted.cfg }));
    this.#last = turn.catch(() => {});
    return turn;
  }
}

async function bootFrom<B extends Uint8Array>(
  platform: Platform<B>,
  device: BootDevice,
  options: BootOptions,
): Promise<Booted<B>> {
  if (options.stateKey !== undefined) checkStateKey(options.stateKey);
  const found = await bankToBoot(device);
  const loaded = await loadAll(platform, found, options.onProgress);
  try {
    const tardisks = loaded.flatMap(({ tardisk }) => (tardisk === null ? [] : [tardisk]));
    const vfs = new VisorFs(Image.of(...tardisks), options, platform);
    const doubt: StateDoubt = (what, message) => {
      const id = `visorfs.state.${what}`;
      options.onEvent?.({ id, severity: 'warning', message, atMs: vfs.live.clock() });
    };
    for (const { kind, bytes } of loaded) {
      if (kind !== 'state') continue;
      await vfs.restore(await stateToBoot(bytes, found, options, platform.crypto, doubt));
    }
    const modules = loaded.map(({ file, kind, storedBytes }) => ({ file, kind, storedBytes }));
    return { ...found, vfs, modules };
  } catch (error) {
    for (const { tardisk } of loaded) tardisk?.close();
    throw error;
  }
}
