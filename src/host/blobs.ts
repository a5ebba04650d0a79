/**
 * Boot devices that are disks, for the front doors: loaded when first asked for, as a page that has
 * none needs none of it.
 */

import type { Disk } from '../disk/disk.ts';
import type { BlobInfo } from './blob-info.ts';
import type { BlobOptions, BlobSizes } from './create-blob.ts';
import type { BootDevice } from './device.ts';

/** Whether `disk` starts as a disk with partitions does: a protective MBR. */
export async function isBlob(disk: Disk): Promise<boolean> {
  return (await import('../disk/partitions.ts')).hasPartitions(disk);
}

/**
 * `disk` as a boot device, its partitions 5 and 6 being the banks, FAT16 or FAT32; only FAT16 is
 * written. Nothing is read before it is booted.
 */
export async function blobDevice(disk: Disk): Promise<BootDevice> {
  return (await import('./blob-device.ts')).blobDevice(disk);
}

/** Bytes of a disk for a device of `sizes`. Throws RangeError for a size that cannot be. */
export async function blobBytes(sizes: BlobSizes = {}): Promise<number> {
  return (await import('./create-blob.ts')).blobBytes(sizes);
}

/**
 * Makes `disk`, which holds nothing, a boot device: a GPT with an empty EFI system partition, two
 * banks of FAT16 and an empty partition for dumps. Throws EEXIST where its first sector is not
 * zeros, RangeError for a size or GUID that cannot be, ENOSPC where it or a bank is too small,
 * EINVAL where a file has no name of 8.3 letters; then nothing was written.
 */
export async function createBlob(disk: Disk, options: BlobOptions): Promise<void> {
  return (await import('./create-blob.ts')).createBlob(disk, options);
}

/** What is on `disk`. Throws CorruptError where it has no partition table that holds. */
export async function blobInfo(disk: Disk): Promise<BlobInfo> {
  return (await import('./blob-info.ts')).blobInfo(disk);
}
