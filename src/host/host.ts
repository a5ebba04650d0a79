/**
 * A host: a VisorFs booted from a device, and the way its state gets back there.
 *
 *   boot      a bank that holds ─► its modules in listed order ─► state.tgz written on top
 *   backup    the state of this instant, as the bytes of a state.tgz
 *   rebuild   that, put into the bank: under a temporary name, synced, renamed
 *   reboot    everything in memory is forgotten, and the device booted again
 *
 * Modules that are no archives (the kernel, options) are kept by name and not mounted. After boot
 * the device is touched by nothing but `rebuild` and `reboot`, and by nothing at all where the host
 * is diskless.
 */

import type { Codec } from '../codec/codec.ts';
import type { TreeDifference } from '../report/compare.ts';
import { STATE_FILE } from '../state/archive.ts';
import type { Platform, VisorFs } from '../visorfs.ts';
import { type BootedBank, pendingBank } from './bank.ts';
import type { Booted, BootOptions } from './boot.ts';
import type { BootDevice } from './device.ts';
import { diffStates } from './diff-states.ts';
import { type TellEvent, teller } from './events.ts';
import { keptState } from './kept-state.ts';
import type { HostModule } from './load.ts';
import type { SkippedBank } from './loader.ts';
import { preferSaved, saveState } from './save.ts';

/**
 * A booted host.
 *
 * @example
 * const host = await Host.boot(folderDevice('host'));
 * console.log(host.bank, host.build, host.modules.length); // host 8.0.3-0.0.24000000 8
 * host.vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
 * await host.rebuild(); // the state into the bank
 * await host.reboot();
 * console.log(host.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8').includes('Lab')); // true
 */
export class Host<B extends Uint8Array = Uint8Array> {
  readonly #origin: BootDevice;
  readonly #platform: Platform<B>;
  readonly #options: BootOptions;
  #booted: Booted<B>;
  readonly #followers = new Set<() => void>();
  /** The last use of the device; it never fails. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    device: BootDevice,
    platform: Platform<B>,
    options: BootOptions,
    booted: Booted<B>,
  ) {
    this.#origin = device;
    this.#platform = platform;
    this.#options = options;
    this.#booted = booted;
  }

  /**
   * Boots `device`: the default bank, or the next one where that does not hold. Throws CorruptError
   * where none can be booted, RollbackError where a roll back was asked for and cannot be, ENOSPC
   * where the state does not fit into the ramdisks, StateError where it is encrypted with another
   * key than `stateKey`, or a newer image has made it, RangeError where `stateKey` is none.
   */
  static async boot<B extends Uint8Array>(
    platform: Platform<B>,
    device: BootDevice,
    options: BootOptions = {},
  ): Promise<Host<B>> {
    const booted = await booting(platform, device, options);
    // A roll back is asked for once, not at each reboot.
    return new Host(device, platform, { ...options, rollback: false }, booted);
  }

  /** What was booted: the cache where the network failed. Once it is left, all of it is ENXIO. */
  get device(): BootDevice {
    return this.#booted.device;
  }

  /** Whether the device was closed when the host was up: `rebuild` and `reboot` are ENXIO then. */
  get isDiskless(): boolean {
    return this.#options.isDiskless === true;
  }

  /** Whether the cache was booted, as the network failed. */
  get isCached(): boolean {
    return this.#booted.isCached;
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

  /** The banks that this boot passed over, and why; those that are empty too. */
  get skipped(): readonly SkippedBank[] {
    return this.#booted.skipped;
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
   *
   * @example
   * const { build, tardisk } = await readState(await host.backup());
   * console.log(build, tardisk.fileCount); // 8.0.3-0.0.24000000 1
   */
  async backup(): Promise<Uint8Array> {
    const { build } = this;
    const blob = await this.vfs.backup();
    return keptState(blob, build, this.#options, this.#platform.crypto);
  }

  /**
   * How the state of this instant differs from that in `bank`, the booted one unless said, sorted
   * by path. Throws ENOENT where there is no such bank, and as `readState`.
   *
   * @example
   * host.vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
   * console.log((await host.stateDiff()).map(({ path, change }) => `${path} ${change}`));
   * // [ '/etc/vmware/esx.conf changed' ]
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
   * leaves the old state there. Throws ENXIO for a diskless host, EROFS where the device is one
   * over the network.
   *
   * @example
   * host.vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
   * await host.rebuild();
   * console.log(await host.stateDiff()); // []
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
      else this.#booted = { ...this.#booted, ...(await preferSaved(booted)) };
      return blob.length;
    });
  }

  /**
   * Forgets everything in memory and boots the device again: what was not rebuilt is gone. Throws
   * as `boot`, and goes on as it was then.
   *
   * @example
   * host.vfs.fs.writeFileSync('/tmp/a', '');
   * await host.reboot();
   * console.log(host.vfs.fs.existsSync('/tmp/a')); // false
   */
  reboot(): Promise<void> {
    return this.inTurn(async () => {
      const from = this.isDiskless ? this.device : this.#origin;
      const booted = await booting(this.#platform, from, this.#options);
      for (const tardisk of this.vfs.image.tardisks) tardisk.close();
      this.#booted = booted;
      for (const follower of this.#followers) follower();
    });
  }

  /**
   * Calls `follower` when a reboot is done and `vfs` is another tree, until what it returns is
   * called. It must not throw.
   */
  onReboot(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Tells `onEvent` of something that happened now. */
  get tell(): TellEvent {
    return teller(this.#options.onEvent, this.vfs.live.clock);
  }

  /**
   * Runs `act` on the bank that was booted, when what was asked of the device before is done, well
   * or not; what is asked later waits for it. So `act` must not wait for a rebuild or a reboot.
   */
  inTurn<T>(act: (booted: BootedBank) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => act(this.#booted));
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** Boots, with what a page has loaded only then. */
async function booting<B extends Uint8Array>(
  platform: Platform<B>,
  device: BootDevice,
  options: BootOptions,
): Promise<Booted<B>> {
  return (await import('./boot.ts')).bootFrom(platform, device, options);
}
