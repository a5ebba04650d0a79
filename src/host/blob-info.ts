/**
 * What is on a boot device that is a disk: for people, so nothing of it is thrown but that it is
 * none.
 */

import { CorruptError } from '../base/errors.ts';
import type { Disk } from '../disk/disk.ts';
import { type FatFile, FatVolume } from '../disk/fat-volume.ts';
import { partitionDisk, readPartitions } from '../disk/partitions.ts';
import { type BootCfg, parseBootCfg } from '../format/boot-cfg.ts';
import type { GptPartition } from '../format/gpt.ts';
import { BOOT_CFG } from './bank.ts';
import { BANKS } from './blob-device.ts';

/** A file of a bank; `problem` says why it cannot be read, null where it can. */
export interface BlobFile {
  readonly name: string;
  readonly size: number;
  readonly problem: string | null;
}

/** A bank as a file system; without one, `problem` says why and there is nothing else. */
export interface BlobBank {
  readonly name: string;
  readonly partition: number;
  readonly kind: 'FAT16' | 'FAT32' | null;
  readonly clusterBytes: number;
  readonly freeBytes: number;
  readonly files: readonly BlobFile[];
  /** What its boot.cfg says; null where there is none, or none that can be read. */
  readonly boot: Pick<BootCfg, 'build' | 'updated' | 'bootstate'> | null;
  readonly problem: string | null;
}

/** A boot device that is a disk. */
export interface BlobInfo {
  readonly size: number;
  readonly guid: string;
  /** Why its first partition table is not believed, but the second; null where it is. */
  readonly damage: string | null;
  readonly partitions: readonly {
    readonly number: number;
    readonly name: string;
    readonly type: string;
    /** In bytes. */
    readonly offset: number;
    readonly size: number;
  }[];
  readonly banks: readonly BlobBank[];
}

/**
 * What is on `disk`. Throws ForeignError where it has no GPT, CorruptError where it has none that
 * holds.
 */
export async function blobInfo(disk: Disk): Promise<BlobInfo> {
  const { diskGuid, damage, partitions } = await readPartitions(disk);
  const banks: BlobBank[] = [];
  for (const partition of partitions) {
    const name = BANKS.get(partition.number);
    if (name !== undefined) banks.push(await bankInfo(disk, partition, name));
  }
  const rows = partitions.map(({ number, name, type, firstSector, lastSector }) => {
    return {
      number,
      name,
      type,
      offset: firstSector * 512,
      size: (lastSector - firstSector + 1) * 512,
    };
  });
  return { size: disk.size, guid: diskGuid, damage, partitions: rows, banks };
}

async function bankInfo(disk: Disk, partition: GptPartition, name: string): Promise<BlobBank> {
  const none = { name, partition: partition.number, kind: null, clusterBytes: 0, freeBytes: 0 };
  try {
    const volume = await FatVolume.open(partitionDisk(disk, partition));
    const { kind, clusterBytes } = volume.shape;
    const files = volume.files.filter(({ record }) => !record.isDirectory).map(fileInfo);
    const known = { ...none, kind, clusterBytes, freeBytes: volume.freeBytes, files };
    return { ...known, ...(await bootOf(volume, name)) };
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    return { ...none, files: [], boot: null, problem: error.message };
  }
}

function fileInfo({ record: { name, size }, chain }: FatFile): BlobFile {
  return { name, size, problem: chain instanceof CorruptError ? chain.claim : null };
}

async function bootOf(
  volume: FatVolume,
  bank: string,
): Promise<Pick<BlobBank, 'boot' | 'problem'>> {
  const file = volume.file(BOOT_CFG);
  if (file === undefined) return { boot: null, problem: `has no ${BOOT_CFG}` };
  try {
    const cfg = parseBootCfg(await volume.read(file), `${bank}/${BOOT_CFG}`);
    const { build, updated, bootstate } = cfg;
    return { boot: { build, updated, bootstate }, problem: null };
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    return { boot: null, problem: error.message };
  }
}
