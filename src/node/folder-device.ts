/**
 * A folder as a boot device.
 *
 * The folder is one bank where boot.cfg lies in it; else each folder in it that has a boot.cfg is
 * (`bootbank`, `altbootbank`). A write goes under a temporary name, is synced, renamed over the old
 * file, and the folder synced: a crash at any point leaves the old file or the new one. Temporary
 * names are never the same, so that two writers cannot mix; one that a crash leaves is in nobody's
 * way.
 */

import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Bank, BootDevice } from '../host/device.ts';
import { fileSource } from './file-source.ts';

const BOOT_CFG = 'boot.cfg';

/** The folder `folder` as a boot device. Nothing is read before it is booted. */
export function folderDevice(folder: string): BootDevice {
  return {
    name: folder,
    async banks() {
      const entries = await fs.readdir(folder, { withFileTypes: true });
      if (entries.some(({ name }) => name === BOOT_CFG)) return [folderBank(folder)];
      const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      const banks = names.sort().map((name) => folderBank(path.join(folder, name)));
      const held = await Promise.all(banks.map(hasBootCfg));
      return banks.filter((_bank, index) => held[index]);
    },
  };
}

function folderBank(folder: string): Bank {
  return {
    name: path.basename(path.resolve(folder)),
    list: () => fs.readdir(folder),
    open: async (file) => fileSource(path.join(folder, file), file),
    async write(file, bytes) {
      const temporary = path.join(folder, `.${file}.${randomUUID()}.new`);
      try {
        const handle = await fs.open(temporary, 'wx');
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await fs.rename(temporary, path.join(folder, file));
      } catch (error) {
        await fs.rm(temporary, { force: true });
        throw error;
      }
      await syncFolder(folder);
    },
  };
}

/** Whether `bank` has a boot.cfg; a folder that may not be read is no bank. */
async function hasBootCfg(bank: Bank): Promise<boolean> {
  try {
    return (await bank.list()).includes(BOOT_CFG);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return false;
    throw error;
  }
}

/** A rename is on the medium only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
