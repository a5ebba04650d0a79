/**
 * Putting a state into a bank.
 */

import { moduleName, parseBootCfg, withBootCfg } from '../format/boot-cfg.ts';
import { BOOTSTATE } from '../format/bootstate.ts';
import { STATE_FILE } from '../state/archive.ts';
import { BOOT_CFG, type BootableBank, type BootedBank, readBankFile } from './bank.ts';

/** Writes the state `blob` into a bank, which lists it from then on. */
export async function saveState({ bank }: BootableBank, blob: Uint8Array): Promise<void> {
  await bank.write(STATE_FILE, blob);
  const before = await readBankFile(bank, BOOT_CFG);
  const { modules } = parseBootCfg(before, `${bank.name}/${BOOT_CFG}`);
  if (modules.some(({ file }) => moduleName(file) === STATE_FILE)) return;
  const listed = [...modules, { file: STATE_FILE, options: '' }];
  await bank.write(BOOT_CFG, withBootCfg(before, { modules: listed }));
}

/**
 * Makes `booted` the bank that is booted next where a state was saved to it because a newer bank
 * failed: that may have been for a moment, and its older state would be back with it. Returns what
 * its boot.cfg says then.
 */
export async function preferSaved({ bank, cfg, failed }: BootedBank): Promise<BootableBank> {
  const valid = failed.filter((one) => one.cfg.bootstate === BOOTSTATE.valid);
  const highest = Math.max(0, ...valid.map((one) => one.cfg.updated));
  if (highest < cfg.updated) return { bank, cfg };
  const updated = highest + 1;
  await bank.write(BOOT_CFG, withBootCfg(await readBankFile(bank, BOOT_CFG), { updated }));
  return { bank, cfg: { ...cfg, updated } };
}
