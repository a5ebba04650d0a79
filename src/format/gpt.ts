/**
 * The partition table of a disk: GPT, and the MBR that protects it. Sectors have 512 bytes.
 *
 *   sector 0     protective MBR           last - 32 …    the entries again
 *   1            header                   last           a header again, for these
 *   2 … 33       128 entries
 *
 *   off  len  MBR                                 off  len  entry
 *   446   16  00, 00 02 00, type ee, ff ff ff,      0   16  GUID of the type; zeros: none
 *             first sector 1, count of sectors     16   16  GUID of its own
 *   462   48  three more, zeros                    32    8  first sector
 *   510    2  55 aa                                40    8  last sector
 *                                                  48    8  attributes
 *                                                  56   72  name in UTF-16, zeros behind it
 *   off  len  header
 *     0    8  "EFI PART"                     48    8  last sector for partitions
 *     8    4  00 00 01 00                    56   16  GUID of the disk
 *    12    4  bytes of the header, 92        72    8  sector of the entries
 *    16    4  CRC-32 of these, itself as 0   80    4  count of entries
 *    24    8  sector of this header          84    4  bytes of each, 128
 *    32    8  sector of the other            88    4  CRC-32 of all entries
 *    40    8  first sector for partitions
 *
 * All is little-endian; of a GUID its first three groups are too. The number of a partition is the
 * place of its entry, from 1.
 *
 * Read are any of the four entries of an MBR with the type ee (some hold a boot partition as well),
 * and headers and entries that are longer than what is known of them.
 *
 * Not here: which of the two headers is believed (disk/partitions.ts). The CRC-32 is handed in.
 */

import { putU32, u16, u32, u64, utf8 } from '../base/bytes.ts';
import { GPT_ENTRIES_MAX_COUNT, GPT_ENTRY_MAX_BYTES } from '../base/limits.ts';

const SECTOR_BYTES = 512;
const HEADER_BYTES = 92;
const ENTRY_BYTES = 128;
const ENTRIES_COUNT = 128;
const ENTRIES_SECTORS = (ENTRY_BYTES * ENTRIES_COUNT) / SECTOR_BYTES;
const NAME_OFFSET = 56;
const NAME_UNITS = 36;
const MBR_ENTRY_OFFSETS = [446, 462, 478, 494];
const TYPE_PROTECTIVE = 0xee;
const SIGNATURE = utf8('EFI PART');

/** The first sector that partitions may have, and how many at the end they may not. */
export const GPT_FIRST_SECTOR = 2 + ENTRIES_SECTORS;
export const GPT_LAST_SECTORS = 1 + ENTRIES_SECTORS;

/** CRC-32 of bytes. */
export type Crc32 = (bytes: Uint8Array) => number;

/** What a header says. */
export interface GptHeader {
  readonly sector: number;
  readonly otherSector: number;
  readonly diskGuid: string;
  readonly entriesSector: number;
  readonly entryCount: number;
  readonly entryBytes: number;
  readonly entriesCrc32: number;
}

/** One partition. */
export interface GptPartition {
  /** From 1. */
  readonly number: number;
  readonly type: string;
  readonly guid: string;
  readonly firstSector: number;
  /** The last one that is its own. */
  readonly lastSector: number;
  readonly name: string;
}

/** Whether `sector`, the first of a disk, says that a GPT follows. */
export function isProtectiveMbr(sector: Uint8Array): boolean {
  if (sector[510] !== 0x55 || sector[511] !== 0xaa) return false;
  return MBR_ENTRY_OFFSETS.some((offset) => sector[offset + 4] === TYPE_PROTECTIVE);
}

/** What the header in `sector`, the one numbered `own`, says; or why it is none, as text. */
export function parseGptHeader(sector: Uint8Array, own: number, crc32: Crc32): GptHeader | string {
  if (!SIGNATURE.every((byte, index) => sector[index] === byte)) return 'there is no "EFI PART"';
  const size = u32(sector, 12);
  if (size < HEADER_BYTES || size > SECTOR_BYTES) return `its header has ${size} bytes`;
  const summed = sector.slice(0, size);
  summed.fill(0, 16, 20);
  if (crc32(summed) !== u32(sector, 16)) return 'its header has another CRC-32';
  if (u64(sector, 24) !== own) return `its header says that it is sector ${u64(sector, 24)}`;
  const [entryCount, entryBytes] = [u32(sector, 80), u32(sector, 84)];
  if (entryCount > GPT_ENTRIES_MAX_COUNT) return `it has ${entryCount} entries`;
  if (entryBytes < ENTRY_BYTES || entryBytes > GPT_ENTRY_MAX_BYTES || entryBytes % 8 !== 0) {
    return `its entries have ${entryBytes} bytes`;
  }
  return {
    sector: own,
    otherSector: u64(sector, 32),
    diskGuid: guidAt(sector, 56),
    entriesSector: u64(sector, 72),
    entryCount,
    entryBytes,
    entriesCrc32: u32(sector, 88),
  };
}

/** The partitions in the entries `bytes` of `header`; or why they are none, as text. */
export function parseGptEntries(
  bytes: Uint8Array,
  { entryCount, entryBytes, entriesCrc32 }: GptHeader,
  crc32: Crc32,
): readonly GptPartition[] | string {
  if (crc32(bytes) !== entriesCrc32) return 'its entries have another CRC-32';
  const partitions: GptPartition[] = [];
  for (let index = 0; index < entryCount; index++) {
    const offset = index * entryBytes;
    if (bytes.subarray(offset, offset + 16).every((byte) => byte === 0)) continue;
    partitions.push({
      number: index + 1,
      type: guidAt(bytes, offset),
      guid: guidAt(bytes, offset + 16),
      firstSector: u64(bytes, offset + 32),
      lastSector: u64(bytes, offset + 40),
      name: nameAt(bytes, offset + NAME_OFFSET),
    });
  }
  return overlapOf(partitions) ?? partitions;
}

/** A piece of a disk: where it belongs, in sectors, and what it is. */
export interface GptPiece {
  readonly sector: number;
  readonly bytes: Uint8Array;
}

/** Both headers and their entries, for a disk of `sectorCount` sectors, without the MBR. */
export function encodeGpt(
  sectorCount: number,
  diskGuid: string,
  partitions: readonly GptPartition[],
  crc32: Crc32,
): readonly GptPiece[] {
  const entries = new Uint8Array(ENTRY_BYTES * ENTRIES_COUNT);
  for (const partition of partitions) putEntry(entries, partition);
  const last = sectorCount - 1;
  const header = (own: number, other: number, entriesSector: number): GptPiece => {
    const bytes = new Uint8Array(SECTOR_BYTES);
    bytes.set(SIGNATURE);
    putU32(bytes, 8, 0x00010000);
    putU32(bytes, 12, HEADER_BYTES);
    putU64(bytes, 24, own);
    putU64(bytes, 32, other);
    putU64(bytes, 40, GPT_FIRST_SECTOR);
    putU64(bytes, 48, last - GPT_LAST_SECTORS);
    putGuid(bytes, 56, diskGuid);
    putU64(bytes, 72, entriesSector);
    putU32(bytes, 80, ENTRIES_COUNT);
    putU32(bytes, 84, ENTRY_BYTES);
    putU32(bytes, 88, crc32(entries));
    putU32(bytes, 16, crc32(bytes.subarray(0, HEADER_BYTES)));
    return { sector: own, bytes };
  };
  return [
    header(1, last, 2),
    { sector: 2, bytes: entries },
    { sector: last - ENTRIES_SECTORS, bytes: entries },
    header(last, 1, last - ENTRIES_SECTORS),
  ];
}

/** The first sector of a disk of `sectorCount` sectors that has a GPT. */
export function encodeProtectiveMbr(sectorCount: number): GptPiece {
  const bytes = new Uint8Array(SECTOR_BYTES);
  bytes.set([0x00, 0x00, 0x02, 0x00, TYPE_PROTECTIVE, 0xff, 0xff, 0xff], MBR_ENTRY_OFFSETS[0]);
  putU32(bytes, 454, 1);
  putU32(bytes, 458, Math.min(sectorCount - 1, 0xffffffff));
  bytes.set([0x55, 0xaa], 510);
  return { sector: 0, bytes };
}

/** Whether `text` is a GUID as people write it. */
export function isGuid(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}

/** Why `partitions` cannot all be there; null where they can. */
function overlapOf(partitions: readonly GptPartition[]): string | null {
  const sorted = [...partitions].sort((one, other) => one.firstSector - other.firstSector);
  for (const [index, { number, firstSector, lastSector }] of sorted.entries()) {
    if (lastSector < firstSector) return `partition ${number} ends before it starts`;
    const before = sorted[index - 1];
    if (before !== undefined && before.lastSector >= firstSector) {
      return `the partitions ${before.number} and ${number} overlap`;
    }
  }
  return null;
}

function putEntry(entries: Uint8Array, partition: GptPartition): void {
  const offset = (partition.number - 1) * ENTRY_BYTES;
  putGuid(entries, offset, partition.type);
  putGuid(entries, offset + 16, partition.guid);
  putU64(entries, offset + 32, partition.firstSector);
  putU64(entries, offset + 40, partition.lastSector);
  for (let index = 0; index < partition.name.length; index++) {
    const unit = partition.name.charCodeAt(index);
    entries.set([unit & 0xff, unit >>> 8], offset + NAME_OFFSET + index * 2);
  }
}

function putU64(bytes: Uint8Array, offset: number, value: number): void {
  putU32(bytes, offset, value);
  putU32(bytes, offset + 4, Math.floor(value / 2 ** 32));
}

function nameAt(bytes: Uint8Array, offset: number): string {
  let name = '';
  for (let index = 0; index < NAME_UNITS; index++) {
    const unit = u16(bytes, offset + index * 2);
    if (unit === 0) break;
    name += String.fromCharCode(unit);
  }
  return name;
}

/** Where the digits of a GUID as text lie in its bytes. */
const GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

function guidAt(bytes: Uint8Array, offset: number): string {
  const digits = GUID_ORDER.map((at) => bytes[offset + at]!.toString(16).padStart(2, '0')).join('');
  return digits.toUpperCase().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function putGuid(bytes: Uint8Array, offset: number, guid: string): void {
  const digits = guid.replaceAll('-', '');
  GUID_ORDER.forEach((at, index) => {
    bytes[offset + at] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  });
}
