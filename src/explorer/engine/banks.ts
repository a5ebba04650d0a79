/**
 * Boot devices out of what a page is given: a folder of files, or a disk image.
 *
 * Nothing is written to either: what changes is in memory, and goes out as a new disk image.
 */

import {
  type Bank,
  type BootDevice,
  blobBytes,
  createBlob,
  type Host,
  memoryDisk,
  type Source,
  VisorError,
} from '../../index.ts';
import { Refusal } from '../protocol.ts';
import { blobSource } from './blob-source.ts';
import type { Task } from './task.ts';

const BOOT_CFG = 'boot.cfg';
const STATE_FILE = 'state.tgz';
/** Room for the tables of a FAT and for the ends of its clusters. */
const SPARE_BYTES = 4 << 20;
const BANK_MIN_BYTES = 32 << 20;

/**
 * The banks in the folder `name`, which has `files` by their paths: whatever has a boot.cfg. Throws
 * Refusal where nothing has.
 */
export function folderOfBanks(
  name: string,
  files: ReadonlyMap<string, Blob>,
  task: Task,
): BootDevice {
  const homes = [...files.keys()].filter((path) => `/${path}`.endsWith(`/${BOOT_CFG}`));
  if (homes.length === 0) {
    throw new Refusal(
      `the folder '${name}' is no bank: it has no ${BOOT_CFG}. Open the archives in it as files.`,
    );
  }
  const banks = homes.sort().map((path) => {
    const home = path.slice(0, -BOOT_CFG.length);
    return folderBank(home === '' ? name : `${name}/${home.slice(0, -1)}`, home, files, task);
  });
  return { name, banks: async () => banks };
}

function folderBank(
  name: string,
  home: string,
  files: ReadonlyMap<string, Blob>,
  task: Task,
): Bank {
  const isIn = (path: string): boolean =>
    path.startsWith(home) && !path.slice(home.length).includes('/');
  const refuse = async (): Promise<never> => {
    throw new VisorError('EROFS', { syscall: 'write', path: name });
  };
  return {
    name,
    list: async () => [...files.keys()].filter(isIn).map((path) => path.slice(home.length)),
    open: async (file) => {
      await task.breathe();
      const found = files.get(home + file);
      if (found === undefined) throw new VisorError('ENOENT', { syscall: 'open', path: file });
      return blobSource(found, file);
    },
    write: refuse,
    remove: refuse,
  };
}

/** The bank of `device` that `host` was booted from. */
export async function bankOf(host: Host): Promise<Bank> {
  const banks = await host.device.banks();
  return banks.find(({ name }) => name === host.bank)!;
}

/**
 * A new disk image with the bank of `host` on it, and the state of this instant. Throws as
 * `createBlob`.
 */
export async function deviceOf(host: Host, task: Task): Promise<Uint8Array> {
  const bank = await bankOf(host);
  const names = (await bank.list()).filter((name) => name !== STATE_FILE);
  const state = new Blob([(await host.backup()) as Uint8Array<ArrayBuffer>]);
  const sources: Source[] = [blobSource(state, STATE_FILE)];
  for (const name of names) sources.push(await bank.open(name));
  const bytes = sources.reduce((sum, { size }) => sum + size, 0);
  const sizes = { bankSize: Math.max(BANK_MIN_BYTES, Math.ceil(bytes * 1.02) + SPARE_BYTES) };
  const made = new Uint8Array(await blobBytes(sizes));
  await createBlob(memoryDisk(made), {
    ...sizes,
    guid: crypto.randomUUID().toUpperCase(),
    banks: { bootbank: sources },
    onProgress: ({ file, done, count }) => task.step(done, count, `writing ${file}`),
  });
  return made;
}
