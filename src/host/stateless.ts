/**
 * Boots that do not end where they began: without the device, without its state, or without the
 * network.
 *
 *   diskless   all files are read into memory; after the boot the device is closed, and whatever is
 *              asked of it then is ENXIO
 *   stateless  the state in the bank is as if it were not there, and an answer is asked for one
 *   cached     what was read is kept until the host is up, and written to the cache (cache.ts);
 *              where the network fails, the cache is booted, which has the last answer too
 *
 * Each is a device in front of the device, so a boot knows nothing of it.
 */

import { VisorError } from '../base/errors.ts';
import { PERMISSIONS } from '../base/mode.ts';
import { bytesSource, readBytes } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { Answer, AnsweredFile } from '../state/answer.ts';
import { STATE_FILE } from '../state/archive.ts';
import type { VisorFs } from '../visorfs.ts';
import { writeCache } from './cache.ts';
import type { Bank, BootDevice } from './device.ts';
import type { TellEvent } from './events.ts';

/** How a boot is to end. */
export interface StatelessOptions {
  /** Closes the device once the host is up. */
  readonly isDiskless?: boolean;
  /** What gives the state in place of the bank. */
  readonly answer?: Answer;
  /** Keeps what was booted over the network, and is booted where that is gone. */
  readonly cache?: BootDevice;
}

/** Where a boot ended. */
export interface Ended {
  /** What the host has as its device from now on. */
  readonly device: BootDevice;
  /** Whether the cache was booted, as the network failed. */
  readonly isCached: boolean;
}

/** What a boot gives. */
interface Up<B extends Uint8Array> {
  readonly vfs: VisorFs<B>;
}

/** What a boot is made of. */
export interface Ways<T> {
  readonly codec: () => Promise<Codec>;
  readonly tell: TellEvent;
  readonly boot: (device: BootDevice) => Promise<T>;
  /** Says on the device that `booted` has come up. */
  readonly confirm: (booted: T) => Promise<T>;
  /** Says there that it did not come up by no fault of its bank. */
  readonly giveBack: (booted: T) => Promise<void>;
  /** The plain state that `booted` takes, of an answer; throws where it is not to be taken. */
  readonly stateOf: (given: Uint8Array, booted: T) => Promise<Uint8Array>;
  /** The same as a cache keeps it. */
  readonly keptOf: (given: Uint8Array, booted: T) => Promise<Uint8Array>;
}

/**
 * Boots `device` by `boot` as `options` say. Throws what that and the answer throw: where the
 * network failed and the cache cannot be booted either, what the network threw.
 */
export async function bootStateless<B extends Uint8Array, T extends Up<B>>(
  device: BootDevice,
  { isDiskless = false, answer, cache }: StatelessOptions,
  { codec, tell, boot, confirm, giveBack, stateOf, keptOf }: Ways<T>,
): Promise<T & Ended> {
  const once = async (from: BootDevice, asked?: Answer, kept?: Kept): Promise<T & Ended> => {
    const hidden = asked === undefined ? from : withoutState(from);
    const left = isDiskless ? leaving(hidden) : null;
    const device = left?.device ?? hidden;
    const booted = await boot(kept?.device(device) ?? device);
    if (asked !== undefined) {
      const given = await answered<B, T>(asked, booted, { stateOf, giveBack });
      kept?.set(STATE_FILE, await keptOf(given, booted));
    }
    const confirmed = await confirm(booted);
    left?.leave();
    return { ...confirmed, device, isCached: from === cache };
  };
  if (cache === undefined) return once(device, answer);
  const kept = new Kept();
  let fault: Error;
  try {
    const booted = await once(device, answer, kept);
    await writeCache(cache, kept.taken(), await codec(), tell);
    if (isDiskless) cache.close?.();
    return booted;
  } catch (error) {
    if (!isNetworkFault(error)) throw error;
    fault = error;
  }
  kept.taken();
  const booted = await bootCached(cache, answer, fault, tell, once);
  if (isDiskless) device.close?.();
  return booted;
}

/**
 * Restores what `answer` gives, and returns it as it was given. Throws why it cannot be; then
 * nothing of the boot is left open.
 */
async function answered<B extends Uint8Array, T extends Up<B>>(
  answer: Answer,
  booted: T,
  { stateOf, giveBack }: Pick<Ways<T>, 'stateOf' | 'giveBack'>,
): Promise<Uint8Array> {
  const { vfs } = booted;
  try {
    const given = await answer.state((path) => fileAt(vfs, path));
    await vfs.restore(await stateOf(given, booted));
    return given;
  } catch (error) {
    for (const tardisk of vfs.image.tardisks) tardisk.close();
    await giveBack(booted);
    throw error;
  }
}

function fileAt<B extends Uint8Array>({ fs }: VisorFs<B>, path: string): AnsweredFile | null {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return null;
  const { mode, uid, gid, mtimeMs } = stats;
  const mtimeSeconds = Math.floor(mtimeMs / 1000);
  return { bytes: fs.readFileSync(path), mode: mode & PERMISSIONS, uid, gid, mtimeSeconds };
}

async function bootCached<T>(
  cache: BootDevice,
  answer: Answer | undefined,
  fault: Error,
  tell: TellEvent,
  once: (from: BootDevice, asked?: Answer) => Promise<T>,
): Promise<T> {
  try {
    const booted = await withLastAnswer(answer, tell, (asked) => once(cache, asked));
    const message = `The network failed (${fault.message}): booted what ${cache.name} keeps of it.`;
    tell('visorfs.boot.cache.used', 'warning', message);
    return booted;
  } catch (error) {
    const message = `${cache.name} cannot be booted in its place: ${(error as Error).message}`;
    tell('visorfs.boot.cache.unusable', 'error', message);
    throw fault;
  }
}

/** Boots with `answer`, or with the last one that the cache keeps where that cannot be had. */
async function withLastAnswer<T>(
  answer: Answer | undefined,
  tell: TellEvent,
  boot: (asked: Answer | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await boot(answer);
  } catch (error) {
    if (answer === undefined || !isNetworkFault(error)) throw error;
    const message = `No answer came (${error.message}): the state is the last one that was kept.`;
    tell('visorfs.boot.answer.kept', 'warning', message);
    return boot(undefined);
  }
}

function isNetworkFault(error: unknown): error is Error {
  return (error as { code?: unknown }).code === 'ERR_VISORFS_FETCH';
}

/** What a boot reads, until it is taken. */
class Kept {
  #files: Map<string, Uint8Array> | null = new Map();

  /** What was kept; from now on nothing more is. */
  taken(): ReadonlyMap<string, Uint8Array> {
    const files = this.#files ?? new Map();
    this.#files = null;
    return files;
  }

  device(device: BootDevice): BootDevice {
    return seenAs(device, (bank) => ({
      ...bank,
      open: async (file) => {
        const source = await bank.open(file);
        this.#files?.set(file, readBytes(source, 0, source.size));
        return source;
      },
    }));
  }

  set(file: string, bytes: Uint8Array): void {
    this.#files?.set(file, bytes);
  }
}

/** `device` as if its banks had no state. */
function withoutState(device: BootDevice): BootDevice {
  return seenAs(device, (bank) => ({
    ...bank,
    list: async () => (await bank.list()).filter((file) => file !== STATE_FILE),
  }));
}

/** `device` until it is left; all that is read of it is in memory. */
function leaving(device: BootDevice): { readonly device: BootDevice; leave(): void } {
  let isLeft = false;
  const check = (syscall: string): void => {
    if (isLeft) throw new VisorError('ENXIO', { syscall, path: device.name });
  };
  const left = seenAs(device, (bank) => ({
    name: bank.name,
    async list() {
      check('scandir');
      return bank.list();
    },
    async open(file) {
      check('open');
      const source = await bank.open(file);
      const bytes = readBytes(source, 0, source.size);
      source.close();
      return bytesSource(bytes, source.name);
    },
    async write(file, bytes) {
      check('write');
      return bank.write(file, bytes);
    },
    async remove(file) {
      check('unlink');
      return bank.remove(file);
    },
  }));
  const banks = async (): Promise<readonly Bank[]> => {
    check('open');
    return left.banks();
  };
  const leave = (): void => {
    isLeft = true;
    device.close?.();
  };
  return { device: { ...left, banks }, leave };
}

function seenAs(device: BootDevice, bankAs: (bank: Bank) => Bank): BootDevice {
  return {
    name: device.name,
    banks: async () => (await device.banks()).map(bankAs),
    close: () => device.close?.(),
  };
}
