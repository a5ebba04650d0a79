/**
 * The first sector of a FAT file system, and what one entry of its table says.
 *
 *   boot sector, reserved | FAT | FAT | root directory | clusters 2, 3, …       FAT16
 *   boot sector, reserved | FAT | FAT | clusters 2, 3, …                        FAT32
 *
 *   off  len  both
 *     0    3  jump, eb 3c 90                       24    2  sectors of a track
 *     3    8  who made it                          26    2  heads
 *    11    2  bytes of a sector, here 512          28    4  sectors ahead of it on the disk
 *    13    1  sectors of a cluster, 2^0 … 2^7      32    4  sectors, where 19 is 0
 *    14    2  sectors ahead of the first FAT      510    2  55 aa
 *    16    1  FATs, 1 or 2
 *    17    2  entries of the root; 0: FAT32
 *    19    2  sectors, where they fit
 *    21    1  medium, f8
 *    22    2  sectors of a FAT; 0: FAT32
 *
 *   off  len  FAT16                               off  len  FAT32
 *    36    1  drive, 80                            36    4  sectors of a FAT
 *    38    1  29: the next three are there         40    2  bit 7: only the FAT of bits 0-3 is kept
 *    39    4  serial number                        44    4  first cluster of the root
 *    43   11  label
 *    54    8  "FAT16   ", which decides nothing
 *
 * The count of clusters decides which it is: below 4,085 FAT12, which is not read, below 65,525
 * FAT16, else FAT32. An entry of a FAT has 2 or 4 bytes, of these 28 bits:
 *
 *   0  free     1  nothing     2 …  the cluster that follows     …f7  bad     …f8 on  the last
 *
 * Entries 0 and 1 are no clusters'. Sizes are believed only as far as the partition reaches.
 *
 * What is written here is FAT16 with one FAT: two can differ after a power cut, one cannot, and
 * every reader takes it.
 */

import { putU16, putU32, u16, u32, utf8 } from '../base/bytes.ts';
import { CorruptError, ForeignError } from '../base/errors.ts';
import { FAT_TABLE_MAX_BYTES } from '../base/limits.ts';

const SECTOR_BYTES = 512;
const FAT12_MAX_CLUSTERS = 4084;
const FAT16_MAX_CLUSTERS = 65524;
/** From here on, in 16 bits, an entry is no cluster that follows. */
const BAD = 0xfff7;

/** The first cluster there is. */
export const FIRST_CLUSTER = 2;

/** How a FAT file system lies in its partition: offsets and sizes in bytes from its start. */
export interface FatShape {
  readonly kind: 'FAT16' | 'FAT32';
  readonly clusterBytes: number;
  readonly clusterCount: number;
  readonly fatOffset: number;
  /** Bytes of one FAT. */
  readonly fatBytes: number;
  readonly fatCount: number;
  /** Which FAT is read. */
  readonly activeFat: number;
  /** Of FAT16; of FAT32 the root is a chain. */
  readonly rootOffset: number;
  readonly rootBytes: number;
  /** Of FAT32, else 0. */
  readonly rootCluster: number;
  readonly dataOffset: number;
}

/**
 * How the file system lies whose first sector is `sector`, in a partition of `size` bytes that
 * `name` names. Throws ForeignError where it is no FAT, CorruptError where it is one that lies.
 */
export function parseFatShape(sector: Uint8Array, size: number, name: string): FatShape {
  if (sector[510] !== 0x55 || sector[511] !== 0xaa || u16(sector, 11) === 0) {
    throw new ForeignError(name, 0, 'starts with no boot sector of a FAT file system');
  }
  const lies = (offset: number, claim: string): CorruptError =>
    new CorruptError(name, offset, claim);
  if (u16(sector, 11) !== SECTOR_BYTES) {
    throw lies(11, `has sectors of ${u16(sector, 11)} bytes, and only 512 are read`);
  }
  const [clusterSectors, reserved, fatCount] = [sector[13]!, u16(sector, 14), sector[16]!];
  if (clusterSectors === 0 || (clusterSectors & (clusterSectors - 1)) !== 0) {
    throw lies(13, `has clusters of ${clusterSectors} sectors`);
  }
  if (reserved === 0) throw lies(14, 'has its FAT where its boot sector is');
  if (fatCount < 1 || fatCount > 2) throw lies(16, `has ${fatCount} FATs`);
  const sectors = u16(sector, 19) === 0 ? u32(sector, 32) : u16(sector, 19);
  if (sectors * SECTOR_BYTES > size) {
    throw lies(32, `has ${sectors} sectors, and its partition ${Math.floor(size / SECTOR_BYTES)}`);
  }
  const rootEntries = u16(sector, 17);
  const fatSectors = u16(sector, 22) === 0 ? u32(sector, 36) : u16(sector, 22);
  const rootSectors = Math.ceil((rootEntries * 32) / SECTOR_BYTES);
  const dataSector = reserved + fatCount * fatSectors + rootSectors;
  const clusterCount = Math.floor((sectors - dataSector) / clusterSectors);
  if (clusterCount < 1) throw lies(22, `has FATs of ${fatSectors} sectors, and no cluster`);
  if (clusterCount <= FAT12_MAX_CLUSTERS) {
    throw new ForeignError(name, 0, `has ${clusterCount} clusters: FAT12, which is not read`);
  }
  const kind = clusterCount <= FAT16_MAX_CLUSTERS ? 'FAT16' : 'FAT32';
  const fatBytes = fatSectors * SECTOR_BYTES;
  if (fatBytes < (clusterCount + FIRST_CLUSTER) * (kind === 'FAT16' ? 2 : 4)) {
    throw lies(22, `has ${clusterCount} clusters, and FATs of ${fatBytes} bytes`);
  }
  if (fatBytes > FAT_TABLE_MAX_BYTES) {
    throw lies(36, `has FATs of ${fatBytes} bytes; ${FAT_TABLE_MAX_BYTES} are the most`);
  }
  if ((kind === 'FAT16') !== rootEntries > 0) {
    throw lies(17, `has ${clusterCount} clusters and ${rootEntries} entries in its root`);
  }
  const flags = kind === 'FAT32' ? u16(sector, 40) : 0;
  const activeFat = (flags & 0x80) === 0 ? 0 : flags & 0x0f;
  if (activeFat >= fatCount) throw lies(40, `keeps its FAT ${activeFat}, of ${fatCount}`);
  return {
    kind,
    clusterBytes: clusterSectors * SECTOR_BYTES,
    clusterCount,
    fatOffset: reserved * SECTOR_BYTES,
    fatBytes,
    fatCount,
    activeFat,
    rootOffset: (reserved + fatCount * fatSectors) * SECTOR_BYTES,
    rootBytes: rootSectors * SECTOR_BYTES,
    rootCluster: kind === 'FAT32' ? u32(sector, 44) : 0,
    dataOffset: dataSector * SECTOR_BYTES,
  };
}

/** What the table says of a cluster: the number that follows, or a word. */
export type FatEntry = number | 'free' | 'bad' | 'last' | 'nothing';

/** The entry of `cluster` in the table `fat`. */
export function fatEntry(fat: Uint8Array, kind: FatShape['kind'], cluster: number): FatEntry {
  const wide = kind === 'FAT32' ? u32(fat, cluster * 4) & 0x0fffffff : u16(fat, cluster * 2);
  const end = kind === 'FAT32' ? 0x0fff0000 | BAD : BAD;
  if (wide === 0) return 'free';
  if (wide === 1) return 'nothing';
  if (wide < end) return wide;
  return wide === end ? 'bad' : 'last';
}

/** Says in the table `fat`, of FAT16, what follows `cluster`: another, or nothing. */
export function putFat16Entry(fat: Uint8Array, cluster: number, next: number | 'free' | 'last') {
  putU16(fat, cluster * 2, next === 'free' ? 0 : next === 'last' ? 0xffff : next);
}

/** Where bytes of `cluster` start, from the start of the partition. */
export function clusterOffset(shape: FatShape, cluster: number): number {
  return shape.dataOffset + (cluster - FIRST_CLUSTER) * shape.clusterBytes;
}

/** Sectors ahead of the FAT: the boot sector, the one where ESXi keeps an id, and two more. */
const RESERVED_SECTORS = 4;
const ROOT_ENTRIES = 512;
/** Large enough for little FATs, small enough for small files: see `newFat16`. */
const CLUSTERS_AIM = 16384;
/** 32 KiB: more is not taken everywhere. */
const CLUSTER_MAX_SECTORS = 64;
/** Sizes that are multiples of both suit tools that still count in tracks and heads. */
const TRACK_SECTORS = 32;
const HEADS = 64;

/** What a bank may have, in bytes: what FAT16 can say with such clusters, in whole MiB. */
export const FAT16_MIN_BYTES = 3 << 20;
export const FAT16_MAX_BYTES = 2047 << 20;

/** What is said of a new FAT16. */
export interface NewFat16 {
  /** Bytes of its partition, whole MiB between FAT16_MIN_BYTES and FAT16_MAX_BYTES. */
  readonly size: number;
  /** Sectors ahead of it on the disk. */
  readonly firstSector: number;
  readonly serial: number;
}

/** The boot sector of a new FAT16, whose clusters are the smallest of which there are not many. */
export function encodeFat16({ size, firstSector, serial }: NewFat16): Uint8Array {
  const sectors = size / SECTOR_BYTES;
  let clusterSectors = 1;
  while (sectors / clusterSectors > CLUSTERS_AIM && clusterSectors < CLUSTER_MAX_SECTORS) {
    clusterSectors *= 2;
  }
  // Some entries too many for the sectors that the FAT itself takes, which harms nobody.
  const fatSectors = Math.ceil((sectors / clusterSectors + FIRST_CLUSTER) / (SECTOR_BYTES / 2));
  const sector = new Uint8Array(SECTOR_BYTES);
  sector.set([0xeb, 0x3c, 0x90]);
  sector.set(utf8('visorfs '), 3);
  putU16(sector, 11, SECTOR_BYTES);
  sector[13] = clusterSectors;
  putU16(sector, 14, RESERVED_SECTORS);
  sector[16] = 1;
  putU16(sector, 17, ROOT_ENTRIES);
  if (sectors < 0x10000) putU16(sector, 19, sectors);
  else putU32(sector, 32, sectors);
  sector[21] = 0xf8;
  putU16(sector, 22, fatSectors);
  putU16(sector, 24, TRACK_SECTORS);
  putU16(sector, 26, HEADS);
  putU32(sector, 28, firstSector);
  sector[36] = 0x80;
  sector[38] = 0x29;
  putU32(sector, 39, serial);
  sector.set(utf8('NO NAME    FAT16   '), 43);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

/** An empty FAT of `shape`. */
export function emptyFat16({ fatBytes }: FatShape): Uint8Array {
  const fat = new Uint8Array(fatBytes);
  putU16(fat, 0, 0xfff8);
  putU16(fat, 2, 0xffff);
  return fat;
}
