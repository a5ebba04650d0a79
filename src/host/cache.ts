/**
 * Keeping what was booted over the network on a device: stateless caching.
 *
 *   1  the bank that is kept now is the one that the boot loader would take; where it has the same
 *      files with the same bytes, nothing is written
 *   2  the other bank is written: its boot.cfg goes first, so that nobody boots what is half done;
 *      then each file that differs, then what the boot.cfg listed and nobody lists any more goes
 *   3  boot.cfg comes last, and counts one higher: from here on this bank is the one that is booted
 *
 * Sums of the modules are kept with them (sha256.sum): those of the bank, or what came sums up to.
 *
 * So a power cut leaves the image that was kept before, or the new one. A device of one bank has
 * only that one to be written, and a cut leaves none: the network is there then.
 *
 * What does not fit or cannot be written is told, and the host goes on: it is booted already.
 */

import { sameBytes } from '../base/bytes.ts';
import { CorruptError, VisorError } from '../base/errors.ts';
import type { Codec } from '../codec/codec.ts';
import {
  type BootCfg,
  bootModules,
  moduleName,
  parseBootCfg,
  withBootCfg,
} from '../format/boot-cfg.ts';
import { type BankVerdict, bankVerdict } from '../format/bootstate.ts';
import { DIGEST_LIST, encodeDigests } from '../format/digest-list.ts';
import { hexSum } from '../software/checksum.ts';
import { STATE_FILE } from '../state/archive.ts';
import { BOOT_CFG, readBankFile } from './bank.ts';
import type { Bank, BootDevice } from './device.ts';
import { digestedFiles } from './digests.ts';
import type { TellEvent } from './events.ts';

/** Files of a bank by their names. */
type Files = ReadonlyMap<string, Uint8Array>;

/** Writes `files`, a whole bank, to `cache` unless it has them; tells of it, and never throws. */
export async function writeCache(
  cache: BootDevice,
  files: Files,
  codec: Codec,
  tell: TellEvent,
): Promise<void> {
  try {
    const bank = await written(cache, await summed(files, codec));
    if (bank === null) return;
    const message = `What was booted is kept in ${bank} of ${cache.name}.`;
    tell('visorfs.boot.cache.written', 'info', message);
  } catch (error) {
    // The host is up: whoever asked for a cache has to hear that there is none, or an old one.
    const message = `What was booted cannot be kept on ${cache.name}: ${(error as Error).message}`;
    tell('visorfs.boot.cache.failed', 'error', message);
  }
}

/** `files` with the sums of its modules, where the bank said none: a device may lie some day. */
async function summed(files: Files, codec: Codec): Promise<Files> {
  if (files.has(DIGEST_LIST)) return files;
  const sums = new Map<string, string>();
  for (const file of digestedFiles(parseBootCfg(files.get(BOOT_CFG)!, BOOT_CFG))) {
    const bytes = files.get(file);
    if (bytes !== undefined) sums.set(file.toLowerCase(), await hexSum('sha-256', bytes, codec));
  }
  return new Map([...files, [DIGEST_LIST, encodeDigests(sums)]]);
}

/** The name of the bank that was written; null where nothing had to be. */
async function written(cache: BootDevice, files: Files): Promise<string | null> {
  const banks = await cache.banks();
  const verdicts = await Promise.all(banks.map(verdictOn));
  // Not the one of the highest `updated`: that may have been rolled back, and nobody boots it.
  const usable = verdicts.map((one) => (one?.problem === null ? one.cfg.updated : 0));
  const newest = Math.max(...usable);
  const current = newest > 0 ? usable.indexOf(newest) : -1;
  const highest = Math.max(0, ...verdicts.map((one) => one?.cfg.updated ?? 0));
  const wanted = (updated: number): Files =>
    new Map([...files, [BOOT_CFG, cfgFor(files, updated)]]);
  if (current >= 0 && (await holds(banks[current]!, wanted(newest)))) return null;
  const target = banks.findIndex((_bank, index) => index !== current);
  const bank = banks[Math.max(0, target)];
  if (bank === undefined) throw new VisorError('ENXIO', { syscall: 'open', path: cache.name });
  await put(bank, verdicts[Math.max(0, target)]?.cfg ?? null, wanted(highest + 1));
  return bank.name;
}

/** Writes `files` to `bank`, whose boot.cfg said `before`. */
async function put(bank: Bank, before: BootCfg | null, files: Files): Promise<void> {
  await bank.remove(BOOT_CFG);
  const there = new Set(await bank.list());
  for (const [file, bytes] of files) {
    if (file === BOOT_CFG || (there.has(file) && (await isSame(bank, file, bytes)))) continue;
    await bank.write(file, bytes);
  }
  const listed = before === null ? [] : bootModules(before);
  for (const { file } of listed) {
    const name = moduleName(file);
    if (name !== null && there.has(name) && !files.has(name)) await bank.remove(name);
  }
  await bank.write(BOOT_CFG, files.get(BOOT_CFG)!);
}

/** The boot.cfg of `files` for a bank of a device: a state that an answer gave is listed too. */
function cfgFor(files: Files, updated: number): Uint8Array {
  const bytes = files.get(BOOT_CFG)!;
  const { modules } = parseBootCfg(bytes, BOOT_CFG);
  const isListed = modules.some(({ file }) => moduleName(file) === STATE_FILE);
  const isMissing = files.has(STATE_FILE) && !isListed;
  const listed = [...modules, { file: STATE_FILE, options: '' }];
  const changes = { prefix: '', bootstate: 0, updated };
  return withBootCfg(bytes, isMissing ? { ...changes, modules: listed } : changes);
}

/** Whether `bank` has `files`, and no state that is not among them. */
async function holds(bank: Bank, files: Files): Promise<boolean> {
  const there = new Set(await bank.list());
  if (there.has(STATE_FILE) && !files.has(STATE_FILE)) return false;
  for (const [file, bytes] of files) {
    if (!there.has(file) || !(await isSame(bank, file, bytes))) return false;
  }
  return true;
}

async function isSame(bank: Bank, file: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return sameBytes(await readBankFile(bank, file), bytes);
  } catch (error) {
    // A file that lies is none that is kept: it is written anew.
    if (error instanceof CorruptError) return false;
    throw error;
  }
}

/** What the boot loader makes of `bank`; null where it has no boot.cfg that can be read. */
async function verdictOn(bank: Bank): Promise<BankVerdict | null> {
  try {
    if (!(await bank.list()).includes(BOOT_CFG)) return null;
    return bankVerdict(await readBankFile(bank, BOOT_CFG), `${bank.name}/${BOOT_CFG}`);
  } catch (error) {
    // Such a bank is not booted, and is as good as empty.
    if (error instanceof CorruptError) return null;
    throw error;
  }
}
