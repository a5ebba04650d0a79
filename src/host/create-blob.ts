/**
 * A new boot device on a disk that holds nothing.
 *
 *   1 MiB of tables | 1 EFI system | 5 bootbank | 6 altbootbank | 7 dumps | 1 MiB of tables
 *
 * Partitions start and end at whole MiB. Those of 1 and 7 are left as they are; the banks are FAT16
 * and hold what they are given. The numbers and types are those of ESXi 6.x, whose 7 is for dumps;
 * all GUIDs and serial numbers follow from the one of the disk, so the same input gives the same
 * bytes.
 *
 * The first sector of the disk, without which nobody takes it for one with partitions, is written
 * when all else is on the medium: a power cut leaves the disk without a device, or with the whole.
 */

import { VisorError } from '../base/errors.ts';
import { parseSize } from '../base/size.ts';
import type { Source } from '../base/source.ts';
import { type Disk, SECTOR_BYTES } from '../disk/disk.ts';
import { checkFat16, createFat16 } from '../disk/fat-create.ts';
import { partitionDisk, writePartitions, writeProtectiveMbr } from '../disk/partitions.ts';
import { FAT16_MAX_BYTES, FAT16_MIN_BYTES, type NewFat16 } from '../format/fat.ts';
import { type GptPartition, isGuid } from '../format/gpt.ts';
import { BANKS } from './blob-device.ts';

const MIB = 1 << 20;

/**
 * Sizes, in bytes or as text (`250m`), rounded up to whole MiB: of the EFI system, of each bank,
 * and for dumps.
 */
export interface BlobSizes {
  readonly efiSize?: number | string;
  readonly bankSize?: number | string;
  readonly dumpSize?: number | string;
}

const EFI_BYTES = 4 * MIB;
const BANK_BYTES = 32 * MIB;
const DUMP_BYTES = 16 * MIB;

/** What a new device is made of. */
export interface BlobOptions extends BlobSizes {
  /** The GUID of the disk. */
  readonly guid: string;
  /** The files of the banks, by the name of the bank: `bootbank`, `altbootbank`. */
  readonly banks?: Readonly<Record<string, readonly Source[]>>;
  /** Told of each file that is written. */
  readonly onProgress?: (progress: { file: string; done: number; count: number }) => void;
}

const TYPES = {
  efi: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  bank: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
  dumps: '9D275380-40AD-11DB-BF97-000C2911D1B8',
};

/** Bytes of a disk for a device of `sizes`. Throws RangeError for a size that cannot be. */
export function blobBytes(sizes: BlobSizes = {}): number {
  const { efi, bank, dumps } = wholeSizes(sizes);
  return efi + 2 * bank + dumps + 2 * MIB;
}

/**
 * Makes `disk`, of `blobBytes` or more, a boot device. Throws EEXIST where its first sector is not
 * zeros, RangeError for a size or GUID that cannot be, ENOSPC where the disk or a bank is too
 * small, EINVAL where a file has no name of 8.3 letters; then nothing was written.
 */
export async function createBlob(disk: Disk, options: BlobOptions): Promise<void> {
  const { guid, banks = {}, onProgress } = options;
  if (!isGuid(guid)) throw new RangeError(`'${guid}' is no GUID`);
  if (blobBytes(options) > disk.size) throw new VisorError('ENOSPC');
  const start = await disk.read(0, SECTOR_BYTES);
  if (start.some((byte) => byte !== 0)) throw new VisorError('EEXIST');

  const partitions = partitionsOf(options);
  const fats = partitions.flatMap((partition) => {
    const bank = BANKS.get(partition.number);
    if (bank === undefined) return [];
    const fat = fatOf(partition);
    const files = banks[bank] ?? [];
    checkFat16(fat, files, bank);
    return [{ partition, fat, files }];
  });
  const count = fats.reduce((sum, { files }) => sum + files.length, 0);
  let done = 0;
  for (const { partition, fat, files } of fats) {
    await createFat16(partitionDisk(disk, partition), fat, files, ({ name }) => {
      done += 1;
      onProgress?.({ file: name, done, count });
    });
  }
  await writePartitions(disk, guid, partitions);
  await disk.sync();
  await writeProtectiveMbr(disk);
  await disk.sync();
}

function wholeSizes({
  efiSize = EFI_BYTES,
  bankSize = BANK_BYTES,
  dumpSize = DUMP_BYTES,
}: BlobSizes): { efi: number; bank: number; dumps: number } {
  const whole = (size: number | string, what: string, min: number, max: number): number => {
    const rounded = Math.ceil(parseSize(size) / MIB) * MIB;
    if (rounded >= min && rounded <= max) return rounded;
    throw new RangeError(`${what} has ${min / MIB} to ${max / MIB} MiB, not ${size}`);
  };
  return {
    efi: whole(efiSize, 'an EFI system partition', MIB, FAT16_MAX_BYTES),
    bank: whole(bankSize, 'a bank', FAT16_MIN_BYTES, FAT16_MAX_BYTES),
    dumps: whole(dumpSize, 'a partition for dumps', MIB, FAT16_MAX_BYTES),
  };
}

function partitionsOf(options: BlobOptions): readonly GptPartition[] {
  const { efi, bank, dumps } = wholeSizes(options);
  let offset = MIB;
  const next = (number: number, type: string, name: string, size: number): GptPartition => {
    const firstSector = offset / SECTOR_BYTES;
    offset += size;
    const lastSector = offset / SECTOR_BYTES - 1;
    return { number, type, guid: derived(options.guid, number), firstSector, lastSector, name };
  };
  return [
    next(1, TYPES.efi, 'EFI', efi),
    next(5, TYPES.bank, 'BOOTBANK1', bank),
    next(6, TYPES.bank, 'BOOTBANK2', bank),
    next(7, TYPES.dumps, 'VMKCORE', dumps),
  ];
}

function fatOf({ firstSector, lastSector, guid }: GptPartition): NewFat16 {
  const size = (lastSector - firstSector + 1) * SECTOR_BYTES;
  return { size, firstSector, serial: Number.parseInt(guid.slice(-8), 16) };
}

/** The GUID of partition `number` of the disk `guid`: its last two digits count on. */
function derived(guid: string, number: number): string {
  const last = (Number.parseInt(guid.slice(-2), 16) + number) & 0xff;
  return (guid.slice(0, -2) + last.toString(16).padStart(2, '0')).toUpperCase();
}
