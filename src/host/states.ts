/**
 * States as tardisks, which can be mounted, listed, extracted and compared as all others are.
 *
 * Not here: comparing two (diff-states.ts), which is not loaded later, as compareTrees is not.
 */

import { VisorError } from '../base/errors.ts';
import type { Codec } from '../codec/codec.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { openState, packState, STATE_FILE } from '../state/archive.ts';
import { buildOf } from '../state/build-record.ts';
import type { StateKey } from '../state/seal-marks.ts';
import { readBankFile } from './bank.ts';
import type { Bank, BootDevice } from './device.ts';
import { plainState } from './kept-state.ts';
import { noBank, scanBanks } from './loader.ts';

/** What is in a state.tgz. */
export interface StateArchive {
  /** Of the image that made it; null where that is not recorded. */
  readonly build: string | null;
  readonly isEncrypted: boolean;
  /** Its files, with what a tar says of them. */
  readonly tardisk: Tardisk;
}

/** What reading a state takes of the platform. */
export interface StatePlatform {
  readonly codec: () => Promise<Codec>;
  readonly crypto: Crypto;
}

/**
 * What is in the state.tgz `blob`, which messages call `name`. Throws StateError where it is
 * encrypted and `key` is not what it was encrypted with, CorruptError where it is no state.
 */
export async function readState(
  blob: Uint8Array,
  platform: StatePlatform,
  key?: StateKey,
  name: string = STATE_FILE,
): Promise<StateArchive> {
  const plain = await plainState(blob, key, platform.crypto, name);
  const tardisk = await openState(plain, await platform.codec());
  return { build: buildOf(plain), isEncrypted: plain !== blob, tardisk };
}

/**
 * The state in the bank `name` of `device`, or in the one that is booted: without any file where it
 * was never saved. Throws ENOENT where there is no such bank, CorruptError where none can be
 * booted, and as `readState`.
 */
export async function bankState(
  device: BootDevice,
  name: string | undefined,
  platform: StatePlatform,
  key?: StateKey,
): Promise<StateArchive> {
  const bank = name === undefined ? await defaultBank(device) : await bankNamed(device, name);
  const isThere = (await bank.list()).includes(STATE_FILE);
  if (!isThere) return readState(await packState([], await platform.codec()), platform);
  const blob = await readBankFile(bank, STATE_FILE);
  return readState(blob, platform, key, `${bank.name}/${STATE_FILE}`);
}

/** The bank that the loader takes first; nothing is written. */
async function defaultBank(device: BootDevice): Promise<Bank> {
  const { bootable, skipped } = await scanBanks(device, () => {}, { dryRun: true });
  const [first] = bootable;
  if (first !== undefined) return first.bank;
  throw noBank(device, skipped);
}

async function bankNamed(device: BootDevice, name: string): Promise<Bank> {
  const bank = (await device.banks()).find((one) => one.name === name);
  if (bank !== undefined) return bank;
  throw new VisorError('ENOENT', { syscall: 'open', path: `${device.name}:${name}` });
}
