/**
 * Which bank is booted, and what its boot.cfg says.
 *
 * A bank counts if it has a boot.cfg with a build, and is not marked as failed: bootstate 0 (good)
 * or 1 (upgraded, not booted yet). Of those the highest `updated` wins, the first of two alike.
 */

import { CorruptError } from '../base/errors.ts';
import { readBytes } from '../base/source.ts';
import { type BootCfg, parseBootCfg } from '../format/boot-cfg.ts';
import type { Bank, BootDevice } from './device.ts';

export const BOOT_CFG = 'boot.cfg';

/** The highest bootstate that may be booted. */
const UPGRADING = 1;

/** A bank and its boot.cfg. */
export interface BootableBank {
  readonly bank: Bank;
  readonly cfg: BootCfg;
}

/**
 * The bank to boot from `device`. Throws CorruptError where there is none, saying what is wrong
 * with each.
 */
export async function bankToBoot(device: BootDevice): Promise<BootableBank> {
  const reasons: string[] = [];
  let best: BootableBank | null = null;
  for (const bank of await device.banks()) {
    const found = await bootable(bank);
    if (typeof found === 'string') reasons.push(`${bank.name}: ${found}`);
    else if (best === null || found.cfg.updated > best.cfg.updated) best = found;
  }
  if (best !== null) return best;
  const why = reasons.length === 0 ? 'it has no bank' : reasons.join('; ');
  throw new CorruptError(device.name, 0, `no bank can be booted: ${why}`);
}

/**
 * The bank of `device` that the next boot takes instead of `booted`, because it was updated since;
 * null where there is none.
 */
export async function pendingBank(
  device: BootDevice,
  booted: BootableBank,
): Promise<BootableBank | null> {
  let best = booted;
  for (const bank of await device.banks()) {
    if (bank.name === booted.bank.name) continue;
    const found = await bootable(bank);
    if (typeof found !== 'string' && found.cfg.updated > best.cfg.updated) best = found;
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

async function bootable(bank: Bank): Promise<BootableBank | string> {
  try {
    if (!(await bank.list()).includes(BOOT_CFG)) return `has no ${BOOT_CFG}`;
    const cfg = parseBootCfg(await readBankFile(bank, BOOT_CFG), `${bank.name}/${BOOT_CFG}`);
    if (cfg.build === '') return 'its boot.cfg names no build';
    if (cfg.bootstate > UPGRADING) return `its bootstate is ${cfg.bootstate}`;
    return { bank, cfg };
  } catch (error) {
    if (error instanceof CorruptError) return error.message;
    throw error;
  }
}
