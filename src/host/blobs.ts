/**
 * Boot devices that are disks, for the front doors: loaded when first asked for, as a page that has
 * none needs none of it.
 */

import type { Disk } from '../disk/disk.ts';
import type { BlobInfo } from './blob-info.ts';
import type { BlobOptions, BlobSizes } from './create-blob.ts';
import type { BootDevice } from './device.ts';

/**
 * Whether `disk` starts as a disk with partitions does: a protective MBR.
 *
 * @example
 * console.log(await isBlob(fileDisk('boot.img'))); // true
 * console.log(await isBlob(fileDisk('host/sb.v00'))); // false
 */
export async function isBlob(disk: Disk): Promise<boolean> {
  return (await import('../disk/partitions.ts')).hasPartitions(disk);
}

/**
 * `disk` as a boot device, its partitions 5 and 6 being the banks, FAT16 or FAT32; only FAT16 is
 * written. Nothing is read before it is booted.
 *
 * @example
 * const host = await Host.boot(await blobDevice(fileDisk('boot.img')));
 * console.log(host.bank, (await host.rebuild()) > 0); // bootbank true
 */
export async function blobDevice(disk: Disk): Promise<BootDevice> {
  return (await import('./blob-device.ts')).blobDevice(disk);
}

/**
 * Bytes of a disk for a device of `sizes`. Throws RangeError for a size that cannot be.
 *
 * @example
 * console.log(await blobBytes(), await blobBytes({ bankSize: '100mb' })); // 90177536 232783872
 */
export async function blobBytes(sizes: BlobSizes = {}): Promise<number> {
  return (await import('./create-blob.ts')).blobBytes(sizes);
}

/**
 * Makes `disk`, which holds nothing, a boot device: a GPT with an empty EFI system partition, two
 * banks of FAT16 and an empty partition for dumps. Throws EEXIST where its first sector is not
 * zeros, RangeError for a size or GUID that cannot be, ENOSPC where it or a bank is too small,
 * EINVAL where a file has no name of 8.3 letters; then nothing was written.
 *
 * @example
 * const disk = memoryDisk(new Uint8Array(await blobBytes()));
 * const files = ['b.b00', 'sb.v00', 'boot.cfg'];
 * const bootbank = files.map((name) => fileSource(`images/bank/${name}`, name));
 * await createBlob(disk, { guid: crypto.randomUUID(), banks: { bootbank } });
 * const { banks } = await blobInfo(disk);
 * console.log(banks.map(({ name, files }) => `${name} ${files.length}`));
 * // [ 'bootbank 3', 'altbootbank 0' ]
 */
export async function createBlob(disk: Disk, options: BlobOptions): Promise<void> {
  return (await import('./create-blob.ts')).createBlob(disk, options);
}

/**
 * What is on `disk`, sizes in bytes. Throws ForeignError where it has no partition table,
 * CorruptError where it has none that holds.
 *
 * @example
 * const { partitions, banks } = await blobInfo(fileDisk('boot.img', { isReadOnly: true }));
 * console.log(partitions.length, banks.map(({ name }) => name)); // 4 [ 'bootbank', 'altbootbank' ]
 */
export async function blobInfo(disk: Disk): Promise<BlobInfo> {
  return (await import('./blob-info.ts')).blobInfo(disk);
}
