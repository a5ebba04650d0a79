/**
 * A folder as a boot device.
 *
 * The folder is one bank where boot.cfg lies in it; else each folder in it that has a boot.cfg is
 * (`bootbank`, `altbootbank`). A write goes under a temporary name, is synced, renamed over the old
 * file, and the folder synced: a crash at any point leaves the old file or the new one.
 */

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
      if ((await fs.readdir(folder)).includes(BOOT_CFG)) return [folderBank(folder)];
      const entries = await fs.readdir(folder, { withFileTypes: true });
      const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      const banks = names.sort().map((name) => folderBank(path.join(folder, name)));
      const held = await Promise.all(
        banks.map(async (bank) => (await bank.list()).includes(BOOT_CFG)),
      );
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
      const temporary = path.join(folder, `.${file}.new`);
      try {
        const handle = await fs.open(temporary, 'w');
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

/** A rename is on the medium only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
