/**
 * Putting a state into a bank.
 */

import { moduleName, parseBootCfg, withBootCfg } from '../format/boot-cfg.ts';
import { STATE_FILE } from '../state/archive.ts';
import { BOOT_CFG, type BootableBank, readBankFile } from './bank.ts';

/** Writes the state `blob` into a bank, which lists it from then on. */
export async function saveState({ bank }: BootableBank, blob: Uint8Array): Promise<void> {
  await bank.write(STATE_FILE, blob);
  const before = await readBankFile(bank, BOOT_CFG);
  const { modules } = parseBootCfg(before, `${bank.name}/${BOOT_CFG}`);
  if (modules.some(({ file }) => moduleName(file) === STATE_FILE)) return;
  const listed = [...modules, { file: STATE_FILE, options: '' }];
  await bank.write(BOOT_CFG, withBootCfg(before, { modules: listed }));
}
