/**
 * Boot devices: a folder with banks, a disk with banks in a file, or a bank at an address.
 *
 * Which of the first two it is, its bytes say: a disk starts with a protective MBR.
 */

import fs from 'node:fs';
import path from 'node:path';
import {
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
import { CommandError } from './output.ts';

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
 * The device at `name`, only to be read unless it `isWritten`, fetched as `fetching` says where
 * that is an address; null where it is a file of another kind.
 */
export async function openDevice(
  name: string,
  isWritten = false,
  fetching: HttpDeviceOptions = {},
): Promise<OpenDevice | null> {
  if (isAddress(name)) return { device: await httpDevice(name, fetching), close: () => {} };
  if (fs.statSync(name).isDirectory()) return { device: folderDevice(name), close: () => {} };
  if (!(await isBlobFile(name))) return null;
  const disk = isWritten ? fileDisk(name) : readable(name);
  return { device: await blobDevice(disk), close: () => disk.close() };
}

/** As `openDevice`. Throws CommandError where nothing is at `name`, or no device. */
export async function openedDevice(name: string, isWritten = false): Promise<OpenDevice> {
  if (!fs.existsSync(name)) throw new CommandError(`there is no boot device '${name}'`);
  const opened = await openDevice(name, isWritten);
  if (opened !== null) return opened;
  throw new CommandError(
    `'${name}' is no boot device: it is neither a folder nor a disk with banks`,
  );
}

/**
 * The device at `name` to keep a bank on: a folder is made where nothing is there yet. Throws
 * CommandError where it can be none.
 */
export async function openCache(name: string): Promise<OpenDevice> {
  if (isAddress(name)) throw new CommandError(`a cache is on this machine, which '${name}' is not`);
  const stats = fs.statSync(name, { throwIfNoEntry: false });
  const isEmpty = stats === undefined || (stats.isDirectory() && fs.readdirSync(name).length === 0);
  if (isEmpty) fs.mkdirSync(path.join(name, 'bootbank'), { recursive: true });
  const opened = await openDevice(name, true);
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
