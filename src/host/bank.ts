/**
 * A bank and what its boot.cfg says: the words that boot, backup and installation share.
 */

import { CorruptError, VisorError } from '../base/errors.ts';
import { readBytes } from '../base/source.ts';
import type { BootCfg } from '../format/boot-cfg.ts';
import { BOOTSTATE, bankVerdict } from '../format/bootstate.ts';
import { StateError } from '../state/state-error.ts';
import type { Bank, BootDevice } from './device.ts';

export const BOOT_CFG = 'boot.cfg';

/** A bank and its boot.cfg. */
export interface BootableBank {
  readonly bank: Bank;
  readonly cfg: BootCfg;
}

/** The bank that was booted, and those by name that should have been and could not. */
export interface BootedBank extends BootableBank {
  readonly failed: readonly BootableBank[];
}

/**
 * The bank of `device` that the next boot takes instead of `booted`, because it was updated since;
 * null where there is none. One that could not be booted is none until an installation has made it
 * another.
 */
export async function pendingBank(
  device: BootDevice,
  booted: BootedBank,
): Promise<BootableBank | null> {
  let best: BootableBank = booted;
  for (const bank of await device.banks()) {
    if (bank.name === booted.bank.name) continue;
    const found = await nextOf(bank);
    if (found === null || found.cfg.updated <= best.cfg.updated) continue;
    const isUpgrading = found.cfg.bootstate === BOOTSTATE.dirty;
    const hasFailed = booted.failed.some(({ bank: { name } }) => name === bank.name);
    if (isUpgrading || !hasFailed) best = found;
  }
  return best === booted ? null : best;
}

/** The bytes of `file` in `bank`. Throws ENOENT. */
export async function readBankFile(bank: Bank, file: string): Promise<Uint8Array> {
  const source = await bank.open(file);
  try {
    return readBytes(source, 0, source.size);
  } finally {
    source.close();
  }
}

/**
 * What `error` says is wrong with the bank that was read or written; throws it where it is no
 * matter of a bank: memory, a ramdisk that is full, a key that is not the state's, a server that
 * fails, a mistake of ours.
 */
export function bankFault(error: unknown): string {
  const { code, message } = error as { code?: unknown; message: string };
  const isOfHost = error instanceof VisorError && (error.full !== undefined || code === 'ENOMEM');
  const isOfNetwork = code === 'ERR_VISORFS_FETCH';
  const isOfState = error instanceof StateError;
  if (typeof code !== 'string' || isOfHost || isOfNetwork || isOfState) throw error;
  return message;
}

/** `bank` as the next boot has it; null where that passes it over. */
async function nextOf(bank: Bank): Promise<BootableBank | null> {
  try {
    if (!(await bank.list()).includes(BOOT_CFG)) return null;
    const bytes = await readBankFile(bank, BOOT_CFG);
    const { cfg, problem } = bankVerdict(bytes, `${bank.name}/${BOOT_CFG}`);
    return problem === null ? { bank, cfg } : null;
  } catch (error) {
    // The boot loader goes on as if such a bank were not there, and tells of it then.
    if (error instanceof CorruptError) return null;
    throw error;
  }
}
