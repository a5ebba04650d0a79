/**
 * A folder as a boot device.
 *
 *   host/boot.cfg …                   the folder is one bank, and host/altbootbank is the other
 *   host/bootbank/, host/altbootbank/ each folder that has a boot.cfg is a bank, and so is a folder
 *                                     of these two names without one, or one that is yet to be made
 *
 * A write goes under a temporary name, is synced, renamed over the old file, and the folder synced:
 * a crash at any point leaves the old file or the new one. Temporary names are never the same, so
 * that two writers cannot mix; one that a crash leaves is in nobody's way.
 */

import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Bank, BootDevice } from '../host/device.ts';
import { fileSource } from './file-source.ts';

const BOOT_CFG = 'boot.cfg';
/** The two banks of a host. */
const PAIR = ['bootbank', 'altbootbank'] as const;

/**
 * The folder `folder` as a boot device. Nothing is read before it is booted; what fails
 * then is node's own error.
 *
 * @example
 * const host = await Host.boot(folderDevice('host'));
 * host.vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
 * await host.rebuild(); // host/state.tgz is another now
 * const again = await Host.boot(folderDevice('host'));
 * console.log(again.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8').includes('Lab')); // true
 */
export function folderDevice(folder: string): BootDevice {
  return {
    name: folder,
    async banks() {
      const entries = await fs.readdir(folder, { withFileTypes: true });
      if (entries.some(({ name }) => name === BOOT_CFG)) {
        const own = folderBank(folder);
        const other = PAIR.find((name) => name !== own.name && name !== PAIR[0]) ?? PAIR[0];
        return [own, folderBank(path.join(folder, other))];
      }
      const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      const isPair = PAIR.some((name) => names.includes(name));
      // The order of partitions 5 and 6: of two banks alike the boot loader takes the first.
      const all = new Set([...(isPair ? PAIR : []), ...names.sort()]);
      const banks = [...all].map((name) => folderBank(path.join(folder, name)));
      const held = await Promise.all(banks.map(hasBootCfg));
      return banks.filter(({ name }, index) => held[index] || PAIR.some((one) => one === name));
    },
  };
}

function folderBank(folder: string): Bank {
  return {
    name: path.basename(path.resolve(folder)),
    async list() {
      const entries = await readdirIfThere(folder);
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
    open: async (file) => fileSource(path.join(folder, file), file),
    async write(file, bytes) {
      if ((await fs.mkdir(folder, { recursive: true })) !== undefined) {
        await syncFolder(path.dirname(folder));
      }
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
    async remove(file) {
      try {
        await fs.unlink(path.join(folder, file));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        throw error;
      }
      await syncFolder(folder);
    },
  };
}

/** What lies in `folder`; nothing where that is not there. */
async function readdirIfThere(folder: string): Promise<Dirent[]> {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
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
