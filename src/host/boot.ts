/**
 * A boot: of the banks that the loader finds, the first that holds.
 *
 *   banks ─► the default ─► modules, each against its sum ─► state ─► answer ─► bootstate 0
 *      ▲                          │ missing, lies, cannot be read │
 *      └─────── the next one ◄────┴───────────────────────────────┘
 *
 * ESXi stops at such a bank, and somebody presses Shift+R. Here the next one is taken and the boot
 * says so; an upgrade that failed is invalid then, as the next boot of ESXi would have made it. A
 * bank that was good stays as it is: it may have been the device that failed for a moment. What is
 * no fault of a bank (a key that is missing, an answer, a ramdisk that is too small) ends the boot,
 * and an upgrade has its one try still.
 */

import { BOOTSTATE } from '../format/bootstate.ts';
import { Image } from '../layer/image.ts';
import { ramdiskProblems } from '../report/problems.ts';
import { checkStateKey, isSealed } from '../state/seal-marks.ts';
import type { Tree } from '../vfs/tree.ts';
import { type Platform, VisorFs, type VisorFsOptions } from '../visorfs.ts';
import { type BootableBank, type BootedBank, bankFault } from './bank.ts';
import type { BootDevice } from './device.ts';
import { type HostEvent, type TellEvent, teller } from './events.ts';
import { keptState, type StateDoubt, type StateOptions, stateToBoot } from './kept-state.ts';
import { type BootProgress, type HostModule, loadAll } from './load.ts';
import {
  confirmBank,
  giveBackTry,
  type LoaderOptions,
  markBank,
  noBank,
  type SkippedBank,
  scanBanks,
} from './loader.ts';
import { bootStateless, type Ended, type StatelessOptions } from './stateless.ts';
import { Vobd } from './vobd.ts';

/** How to boot; the rest is as for a VisorFs. */
export interface BootOptions extends VisorFsOptions, LoaderOptions, StateOptions, StatelessOptions {
  readonly onProgress?: (progress: BootProgress) => void;
  /** Hears of what an administrator should know of this host; it must not throw. */
  readonly onEvent?: (event: HostEvent) => void;
  /** Whether the host logs them, as ESXi's vobd does, in its /var/log/vobd.log: not unless said. */
  readonly vobd?: boolean;
}

/** What a boot found. */
export interface Booted<B extends Uint8Array> extends BootedBank, Ended {
  readonly vfs: VisorFs<B>;
  readonly modules: readonly HostModule[];
  /** The banks that were not booted, those that are empty too. */
  readonly skipped: readonly SkippedBank[];
}

/** The same, wherever it ended. */
type Found<B extends Uint8Array> = Omit<Booted<B>, keyof Ended>;

/**
 * Boots `device`. Throws CorruptError that says what is wrong with each bank where none can be
 * booted, RollbackError where a roll back cannot be, ENOSPC where the state does not fit into the
 * ramdisks, StateError where its key is missing or wrong or a newer image made it: another bank
 * would be no way out of that. RangeError where the key is none, and what the answer throws.
 */
export async function bootFrom<B extends Uint8Array>(
  platform: Platform<B>,
  device: BootDevice,
  options: BootOptions,
): Promise<Booted<B>> {
  if (options.stateKey !== undefined) checkStateKey(options.stateKey);
  const events: HostEvent[] = [];
  const note = (event: HostEvent): void => {
    events.push(event);
    options.onEvent?.(event);
  };
  const tell = teller(note, options.clock ?? platform.clock);
  const boot = (one: BootDevice) => bootBanks(platform, one, options, tell);
  const confirm = async (found: Found<B>): Promise<Found<B>> =>
    options.dryRun === true ? found : { ...found, ...(await confirmBank(found, tell)) };
  const { isDiskless = false, answer, cache } = options;
  const isPlain = !isDiskless && answer === undefined && cache === undefined;
  const { codec, crypto } = platform;
  const booted = isPlain
    ? { ...(await confirm(await boot(device))), device, isCached: false }
    : await bootStateless<B, Found<B>>(device, options, {
        codec,
        tell,
        boot,
        confirm,
        giveBack: (found) => giveBackTry([found], tell, options),
        stateOf: (given, { bank, cfg }) => {
          return stateToBoot(given, { bank, cfg }, options, crypto, doubtOf(tell));
        },
        keptOf: async (given, { cfg }) => {
          const isKept = options.stateKey === undefined || isSealed(given);
          return isKept ? given : keptState(given, cfg.build, options, crypto);
        },
      });
  watchRamdisks(booted.vfs, options, events);
  return booted;
}

/** Boots the first bank of `device` that holds; whether it came up is not said there yet. */
async function bootBanks<B extends Uint8Array>(
  platform: Platform<B>,
  device: BootDevice,
  options: BootOptions,
  tell: TellEvent,
): Promise<Found<B>> {
  const { bootable, skipped: passed } = await scanBanks(device, tell, options);
  const failed: BootableBank[] = [];
  const skipped = [...passed];
  for (const found of bootable) {
    try {
      const loaded = await loadBank(platform, found, options, tell);
      return { ...found, ...loaded, failed, skipped };
    } catch (error) {
      const reason = await faultOf(error, () => giveBackTry(bootable, tell, options));
      failed.push(found);
      skipped.push({ bank: found.bank.name, reason });
      await giveUp(found, reason, options, tell);
    }
  }
  throw noBank(device, skipped);
}

/** As bankFault; where it throws, `undo` comes first. */
async function faultOf(error: unknown, undo: () => Promise<void>): Promise<string> {
  try {
    return bankFault(error);
  } catch (other) {
    await undo();
    throw other;
  }
}

/** Tells and logs what happens to the ramdisks of `vfs`, and logs `events` before it. */
function watchRamdisks(
  vfs: Tree,
  { onEvent, vobd = false }: BootOptions,
  events: readonly HostEvent[],
): void {
  const log = vobd ? new Vobd(vfs.acting({}), vfs.live.clock()) : null;
  if (log === null && onEvent === undefined) return;
  for (const event of events) log?.note(event);
  ramdiskProblems(vfs, (problem) => {
    log?.note(problem);
    onEvent?.(problem);
  });
}

async function giveUp(
  found: BootableBank,
  reason: string,
  { dryRun = false }: BootOptions,
  tell: TellEvent,
): Promise<void> {
  const { bank, cfg } = found;
  const isUpgrade = cfg.bootstate === BOOTSTATE.dirty;
  if (isUpgrade && !dryRun) await markBank(bank, BOOTSTATE.invalid, tell);
  const now = dryRun ? 'the next boot makes it invalid' : 'it is invalid now';
  const since = isUpgrade ? `; its upgrade failed, and ${now}` : '';
  const message = `${bank.name} is not booted: ${reason}${since}.`;
  tell('visorfs.boot.bank.skipped', 'error', message);
}

/** Loads one bank: its tree, and what is in it. What fails leaves nothing open. */
async function loadBank<B extends Uint8Array>(
  platform: Platform<B>,
  found: BootableBank,
  options: BootOptions,
  tell: TellEvent,
): Promise<{ vfs: VisorFs<B>; modules: readonly HostModule[] }> {
  const loaded = await loadAll(platform, found, tell, options.onProgress);
  try {
    const tardisks = loaded.flatMap(({ tardisk }) => (tardisk === null ? [] : [tardisk]));
    const vfs = new VisorFs(Image.of(...tardisks), options, platform);
    for (const { kind, bytes } of loaded) {
      if (kind !== 'state') continue;
      await vfs.restore(await stateToBoot(bytes, found, options, platform.crypto, doubtOf(tell)));
    }
    const modules = loaded.map(({ file, kind, storedBytes }) => ({ file, kind, storedBytes }));
    return { vfs, modules };
  } catch (error) {
    for (const { tardisk } of loaded) tardisk?.close();
    throw error;
  }
}

/** Tells of what is odd about a state that is taken. */
function doubtOf(tell: TellEvent): StateDoubt {
  return (what, message) => tell(`visorfs.state.${what}`, 'warning', message);
}
