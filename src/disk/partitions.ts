/**
 * The partitions of a disk: read from whichever of the two tables holds, and written.
 *
 * The first header is believed where it and its entries hold, else the one at the end of the disk,
 * else the one that the first would name: an image that was copied to a larger disk has its second
 * header where the image ended. A disk without a protective MBR has no GPT, whatever else it says,
 * so the one sector that makes a new disk one is the first.
 */

import { CorruptError, ForeignError } from '../base/errors.ts';
import { crc32 } from '../codec/crc32.ts';
import {
  encodeGpt,
  encodeProtectiveMbr,
  type GptHeader,
  type GptPartition,
  isProtectiveMbr,
  parseGptEntries,
  parseGptHeader,
} from '../format/gpt.ts';
import { type Disk, SECTOR_BYTES, windowDisk } from './disk.ts';

/** The partitions of a disk, and which table says so. */
export interface PartitionTable {
  readonly diskGuid: string;
  /** The sector of the header that is believed. */
  readonly headerSector: number;
  /** Why the first header was not believed; null where it was. */
  readonly damage: string | null;
  readonly partitions: readonly GptPartition[];
}

/** Whether `disk` starts as one with a GPT does. */
export async function hasPartitions(disk: Disk): Promise<boolean> {
  return disk.size >= SECTOR_BYTES * 3 && isProtectiveMbr(await disk.read(0, SECTOR_BYTES));
}

/**
 * The partitions of `disk`. Throws ForeignError where it has no GPT, CorruptError where neither of
 * its tables holds.
 */
export async function readPartitions(disk: Disk): Promise<PartitionTable> {
  if (!(await hasPartitions(disk))) {
    throw new ForeignError(disk.name, 0, 'has no protective MBR, so it is no disk with a GPT');
  }
  const first = await headerAt(disk, 1);
  const table = await tableOf(disk, first);
  if (typeof table !== 'string') return table;
  const others = [sectorsOf(disk) - 1];
  if (typeof first !== 'string') others.push(first.otherSector);
  for (const sector of others) {
    const other = await tableOf(disk, await headerAt(disk, sector));
    if (typeof other !== 'string') return { ...other, damage: table };
  }
  throw new CorruptError(disk.name, SECTOR_BYTES, `has no GPT that holds: ${table}`);
}

/**
 * Writes `partitions` to `disk`, all but its first sector: it has a GPT once that is written by
 * `writeProtectiveMbr`.
 */
export async function writePartitions(
  disk: Disk,
  diskGuid: string,
  partitions: readonly GptPartition[],
): Promise<void> {
  for (const { sector, bytes } of encodeGpt(sectorsOf(disk), diskGuid, partitions, crc32)) {
    await disk.write(sector * SECTOR_BYTES, bytes);
  }
}

/** Writes the first sector of a disk with a GPT. */
export async function writeProtectiveMbr(disk: Disk): Promise<void> {
  await disk.write(0, encodeProtectiveMbr(sectorsOf(disk)).bytes);
}

/** The partition as a disk of its own. Throws CorruptError where `disk` ends before it does. */
export function partitionDisk(disk: Disk, partition: GptPartition): Disk {
  const { number, firstSector, lastSector } = partition;
  const size = (lastSector - firstSector + 1) * SECTOR_BYTES;
  return windowDisk(disk, firstSector * SECTOR_BYTES, size, `${disk.name}, partition ${number}`);
}

function sectorsOf(disk: Disk): number {
  return Math.floor(disk.size / SECTOR_BYTES);
}

async function headerAt(disk: Disk, sector: number): Promise<GptHeader | string> {
  if (sector >= sectorsOf(disk)) return `its header would be sector ${sector}, behind its end`;
  return parseGptHeader(await disk.read(sector * SECTOR_BYTES, SECTOR_BYTES), sector, crc32);
}

async function tableOf(disk: Disk, header: GptHeader | string): Promise<PartitionTable | string> {
  if (typeof header === 'string') return header;
  const length = header.entryCount * header.entryBytes;
  const offset = header.entriesSector * SECTOR_BYTES;
  if (offset + length > disk.size) return 'its entries would be behind its end';
  const partitions = parseGptEntries(await disk.read(offset, length), header, crc32);
  if (typeof partitions === 'string') return partitions;
  return { diskGuid: header.diskGuid, headerSector: header.sector, damage: null, partitions };
}
