// The partition table: what is written is read again, and what lies is refused with what it claims.
// Attacked by changing each field that is believed.

import { expect, test } from 'vitest';
import { putU32 } from '../../src/base/bytes.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { memoryDisk } from '../../src/disk/memory-disk.ts';
import {
  partitionDisk,
  readPartitions,
  writePartitions,
  writeProtectiveMbr,
} from '../../src/disk/partitions.ts';
import { encodeProtectiveMbr, isProtectiveMbr } from '../../src/format/gpt.ts';

const SECTORS = 4096;
const GUID = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const OWN = '01234567-89AB-CDEF-0123-456789ABCDEF';
const PARTITIONS = [
  { number: 1, type: GUID, guid: OWN, firstSector: 64, lastSector: 127, name: 'EFI' },
  { number: 5, type: GUID, guid: OWN, firstSector: 1000, lastSector: 2999, name: 'ÄÖ bank' },
];

async function table(): Promise<Uint8Array> {
  const bytes = new Uint8Array(SECTORS * 512);
  const disk = memoryDisk(bytes);
  await writePartitions(disk, OWN, PARTITIONS);
  await writeProtectiveMbr(disk);
  return bytes;
}

/** Sets a field of the header in `sector`, and makes its sums right again. */
function forged(bytes: Uint8Array, sector: number, offset: number, value: number): void {
  const header = bytes.subarray(sector * 512, sector * 512 + 512);
  putU32(header, offset, value);
  putU32(header, 16, 0);
  putU32(header, 16, crc32(header.subarray(0, 92)));
}

test('what is written is read again', async () => {
  const read = await readPartitions(memoryDisk(await table()));
  expect(read).toEqual({ diskGuid: OWN, headerSector: 1, damage: null, partitions: PARTITIONS });
});

test('the second table is believed where the first is broken, which is told', async () => {
  for (const offset of [0x200, 0x210, 0x238, 0x400, 0x400 + 56]) {
    const bytes = await table();
    bytes[offset]! ^= 1;
    const read = await readPartitions(memoryDisk(bytes));
    expect(read.partitions).toEqual(PARTITIONS);
    expect(read.headerSector).toBe(SECTORS - 1);
    expect(read.damage).not.toBe(null);
  }
});

test('an image on a larger disk has its second table where the image ended', async () => {
  const larger = new Uint8Array(SECTORS * 1024);
  larger.set(await table());
  larger[0x400]! ^= 1;
  expect((await readPartitions(memoryDisk(larger))).headerSector).toBe(SECTORS - 1);
});

test('two broken tables are refused', async () => {
  const bytes = await table();
  bytes[0x200]! ^= 1;
  bytes[bytes.length - 512]! ^= 1;
  await expect(readPartitions(memoryDisk(bytes))).rejects.toThrow('has no GPT that holds');
});

test.each<[string, number, number, string]>([
  ['a header of 4 GiB', 12, 0xffffffff, 'its header has 4294967295 bytes'],
  ['a header of nothing', 12, 0, 'its header has 0 bytes'],
  ['a header from elsewhere', 24, 7, 'says that it is sector 7'],
  ['entries behind the end', 72, 0x7fffffff, 'its entries would be behind its end'],
  ['a billion entries', 80, 1e9, 'it has 1000000000 entries'],
  ['entries of 4 GiB', 84, 0xfffffff8, 'its entries have 4294967288 bytes'],
  ['entries of 7 bytes', 84, 7, 'its entries have 7 bytes'],
  ['fewer entries than were summed', 80, 4, 'another CRC-32'],
])('%s are refused, though the sum is right', async (_what, offset, value, claim) => {
  const bytes = await table();
  forged(bytes, 1, offset, value);
  bytes[bytes.length - 512]! ^= 1;
  await expect(readPartitions(memoryDisk(bytes))).rejects.toThrow(claim);
});

test('partitions that overlap or end before they start are refused', async () => {
  const [one, other] = PARTITIONS as [(typeof PARTITIONS)[0], (typeof PARTITIONS)[0]];
  const disk = memoryDisk(await table());
  await writePartitions(disk, OWN, [one, { ...other, firstSector: 127 }]);
  await expect(readPartitions(disk)).rejects.toThrow('the partitions 1 and 5 overlap');
  await writePartitions(disk, OWN, [{ ...one, lastSector: 3 }]);
  await expect(readPartitions(disk)).rejects.toThrow('partition 1 ends before it starts');
});

test('a partition behind the end of the disk is refused when it is asked for', async () => {
  const disk = memoryDisk((await table()).subarray(0, 1500 * 512));
  const { partitions } = await readPartitions(disk);
  expect(() => partitionDisk(disk, partitions[1]!)).toThrow('but the archive ends at');
  expect(partitionDisk(disk, partitions[0]!).size).toBe(64 * 512);
});

test('a disk has a GPT if its MBR protects one, beside a boot partition too', async () => {
  const bytes = await table();
  bytes.fill(0, 0, 512);
  await expect(readPartitions(memoryDisk(bytes))).rejects.toThrow('no protective MBR');
  const hybrid = encodeProtectiveMbr(SECTORS).bytes;
  hybrid.copyWithin(462, 446, 462);
  hybrid[450] = 0x0c;
  expect(isProtectiveMbr(hybrid)).toBe(true);
});
