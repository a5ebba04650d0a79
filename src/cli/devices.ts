/**
 * Boot devices: a folder with banks, a disk with banks in a file, or a bank at an address.
 *
 * Which of the first two it is, its bytes say: a disk starts with a protective MBR.
 */

import fs from 'node:fs';
import path from 'node:path';
import {
  type Bank,
  type BlobInfo,
  type BootDevice,
  blobDevice,
  blobInfo,
  type Disk,
  fileDisk,
  folderDevice,
  type HttpDeviceOptions,
  httpDevice,
  isBlob,
} from '../node.ts';
import { CommandError, type Output } from './output.ts';
import { fullAt } from './whole-file.ts';

/** A device, open until it is closed. */
export interface OpenDevice {
  readonly device: BootDevice;
  close(): void;
}

/** Whether `name` is an address of http or https. */
export function isAddress(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/** Whether the file `name` is a disk with partitions. */
export async function isBlobFile(name: string): Promise<boolean> {
  const stats = fs.statSync(name);
  if (!stats.isFile() && !stats.isBlockDevice()) return false;
  const disk = readable(name);
  try {
    return await isBlob(disk);
  } finally {
    disk.close();
  }
}

/**
/** How a device is opened. */
export interface DeviceOpening {
  /** It is only read unless this is so. */
  readonly isWritten?: boolean | undefined;
  /** It has no other bank than this. */
  readonly bank?: string | undefined;
  /** How it is fetched where it is an address. */
  readonly fetching?: HttpDeviceOptions;
}

/**
 * The device at `name`; null where it is a file of another kind. Ctrl-C ends what is fetched, and
 * leaves no file of it half written. Throws CommandError where it has not the bank that was named.
 */
export async function openDevice(
  name: string,
  out: Output,
  { isWritten = false, bank, fetching = {} }: DeviceOpening = {},
): Promise<OpenDevice | null> {
  const found = await openWhole(name, isWritten, { signal: out.signal, ...fetching });
  const opened = found && isWritten ? { ...found, device: whole(found.device, out) } : found;
  if (opened === null || bank === undefined) return opened;
  try {
    return { ...opened, device: await onlyBank(opened.device, bank) };
  } catch (error) {
    opened.close();
    throw error;
  }
}

async function openWhole(
  name: string,
  isWritten: boolean,
  fetching: HttpDeviceOptions,
): Promise<OpenDevice | null> {
  if (isAddress(name)) return { device: await httpDevice(name, fetching), close: () => {} };
  if (fs.statSync(name).isDirectory()) return { device: folderDevice(name), close: () => {} };
  if (!(await isBlobFile(name))) return null;
  const disk = isWritten ? fileDisk(name) : readable(name);
  return { device: await blobDevice(disk), close: () => disk.close() };
}

/** `device`, of which each file is written to its end or not at all, whatever comes meanwhile. */
function whole(device: BootDevice, out: Output): BootDevice {
  const banks = async (): Promise<Bank[]> =>
    (await device.banks()).map((bank) => ({
      name: bank.name,
      list: () => bank.list(),
      open: (file) => bank.open(file),
      write: (file, bytes) =>
        out
          .whole(() => bank.write(file, bytes))
          .catch((error: unknown) => {
            throw fullAt(`${bank.name}/${file}`, error);
          }),
      remove: (file) => out.whole(() => bank.remove(file)),
    }));
  return { name: device.name, banks };
}

async function onlyBank(device: BootDevice, name: string): Promise<BootDevice> {
  const banks = await device.banks();
  const bank = banks.find((one) => one.name === name);
  if (bank !== undefined) return { name: device.name, banks: async () => [bank] };
  const names = banks.map((one) => `'${one.name}'`).join(', ') || 'none';
  throw new CommandError(`there is no bank '${name}' on '${device.name}'; it has ${names}`);
}

/** A device on this machine, and a bank of it where one is named. */
export interface DeviceName {
  readonly name: string;
  readonly bank?: string;
}

/** What `given` names: a device, or a bank of one as `device:bank` where that is no file. */
export function deviceName(given: string): DeviceName {
  const colon = isAddress(given) ? -1 : given.lastIndexOf(':');
  if (colon <= 0 || colon === given.length - 1 || fs.existsSync(given)) return { name: given };
  return { name: given.slice(0, colon), bank: given.slice(colon + 1) };
}

/** As `openDevice`. Throws CommandError where nothing is at `name`, or no device. */
export async function openedDevice(
  name: string,
  out: Output,
  opening: DeviceOpening = {},
): Promise<OpenDevice> {
  if (!fs.existsSync(name)) throw new CommandError(`there is no boot device '${name}'`);
  const opened = await openDevice(name, out, opening);
  if (opened !== null) return opened;
  throw new CommandError(
    `'${name}' is no boot device: it is neither a folder nor a disk with banks`,
  );
}

/**
 * The device at `name` to keep a bank on: a folder is made where nothing is there yet. Throws
 * CommandError where it can be none.
 */
export async function openCache(name: string, out: Output): Promise<OpenDevice> {
  if (isAddress(name)) throw new CommandError(`a cache is on this machine, which '${name}' is not`);
  const stats = fs.statSync(name, { throwIfNoEntry: false });
  const isEmpty = stats === undefined || (stats.isDirectory() && fs.readdirSync(name).length === 0);
  if (isEmpty) makeBank(name, stats === undefined);
  const opened = await openDevice(name, out, { isWritten: true });
  if (opened !== null) return opened;
  throw new CommandError(`'${name}' is no cache: it is neither a folder nor a disk with banks`);
}

/** What is on the disk image `name`. Throws CommandError where it is not there or is none. */
export async function infoOf(name: string): Promise<BlobInfo> {
  const stats = fs.statSync(name, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandError(`there is no image '${name}'`);
  if (stats.isDirectory()) throw new CommandError(`'${name}' is a folder, no disk image`);
  const disk = readable(name);
  try {
    return await blobInfo(disk);
  } finally {
    disk.close();
  }
}

function readable(name: string): Disk {
  return fileDisk(name, { isReadOnly: true });
}

/** Makes a folder with an empty bank; what is above it must be there. */
function makeBank(name: string, isNew: boolean): void {
  try {
    // Not recursively: node goes round for ever where a folder cannot be made in /proc.
    if (isNew) fs.mkdirSync(name);
    fs.mkdirSync(path.join(name, 'bootbank'));
  } catch (error) {
    throw new CommandError(`nothing can be kept at '${name}': ${(error as Error).message}`);
  }
}
