// FAT file systems that lie: chains that loop, cross, lead out or into what is free; sizes beyond
// what is there; names that are none. And what fills up, and what only FAT32 has.

import { expect, test } from 'vitest';
import { putU16, putU32, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import type { Disk } from '../../src/disk/disk.ts';
import { commitFile, removeFile } from '../../src/disk/fat-commit.ts';
import { createFat16 } from '../../src/disk/fat-create.ts';
import { FatVolume } from '../../src/disk/fat-volume.ts';
import { memoryDisk } from '../../src/disk/memory-disk.ts';
import { shortNameOf } from '../../src/format/fat-directory.ts';

const SIZE = 3 << 20;
const FAT = 4 * 512;

interface Made {
  readonly bytes: Uint8Array;
  readonly disk: Disk;
}

/** Two files: `a.v00` in clusters 2 to 4, `b.v00` in 5 and 6. */
async function made(): Promise<Made> {
  const bytes = new Uint8Array(SIZE);
  const disk = memoryDisk(bytes);
  const files = [
    bytesSource(new Uint8Array(1500).fill(1), 'a.v00'),
    bytesSource(new Uint8Array(1000).fill(2), 'b.v00'),
  ];
  await createFat16(disk, { size: SIZE, firstSector: 0, serial: 1 }, files);
  return { bytes, disk };
}

const rootOf = ({ bytes }: Made): Uint8Array => {
  const fatSectors = bytes[22]! | (bytes[23]! << 8);
  return bytes.subarray((4 + fatSectors) * 512, (4 + fatSectors + 32) * 512);
};

async function readAll(disk: Disk, name: string): Promise<Uint8Array> {
  const volume = await FatVolume.open(disk);
  return volume.read(volume.file(name)!);
}

test.each<[string, number, number, string]>([
  ['loops', 4, 2, 'cluster 2, which is somebody'],
  ['loops onto itself', 3, 3, 'cluster 3, which is somebody'],
  ['leads out of the table', 3, 0xffe0, 'goes on at cluster 65504'],
  ['leads into what is free', 4, 100, 'which the table calls free'],
  ['leads into nothing', 3, 1, 'which the table calls nothing'],
  ['leads into what is bad', 3, 0xfff7, 'which the table calls bad'],
  ['ends before its file does', 2, 0xffff, 'has 1500 bytes, and clusters for 512'],
])(
  'a chain that %s is told when its file is read, and the other is read',
  async (_what, cluster, next, claim) => {
    const one = await made();
    putU16(one.bytes, FAT + cluster * 2, next);
    await expect(readAll(one.disk, 'a.v00')).rejects.toThrow(claim);
    expect(await readAll(one.disk, 'b.v00')).toEqual(new Uint8Array(1000).fill(2));
  },
);

test('a chain that crosses another is the first one, and the second file lies', async () => {
  const one = await made();
  putU16(one.bytes, FAT + 5 * 2, 3);
  await expect(readAll(one.disk, 'b.v00')).rejects.toThrow('cluster 3, which is somebody');
  expect(await readAll(one.disk, 'a.v00')).toEqual(new Uint8Array(1500).fill(1));
});

test('a file that lies can be replaced, and then holds what it was given', async () => {
  const one = await made();
  putU16(one.bytes, FAT + 4 * 2, 2);
  await commitFile(one.disk, 'a.v00', new Uint8Array(700).fill(3));
  expect(await readAll(one.disk, 'a.v00')).toEqual(new Uint8Array(700).fill(3));
  expect(await readAll(one.disk, 'b.v00')).toEqual(new Uint8Array(1000).fill(2));
});

test.each<[string, number, number, number, string]>([
  ['sectors of 4096 bytes', 11, 2, 4096, 'sectors of 4096 bytes'],
  ['clusters of 3 sectors', 13, 1, 3, 'clusters of 3 sectors'],
  ['no reserved sectors', 14, 2, 0, 'its FAT where its boot sector is'],
  ['three FATs', 16, 1, 3, 'has 3 FATs'],
  ['more sectors than its partition', 19, 2, 0xffff, 'has 65535 sectors'],
  ['a FAT for fewer clusters', 22, 2, 2, 'and FATs of 1024 bytes'],
  ['a FAT larger than all', 22, 2, 0xffff, 'and no cluster'],
  ['a root of nothing', 17, 2, 0, 'and 0 entries in its root'],
])('a boot sector with %s is refused', async (_what, offset, width, value, claim) => {
  const { bytes, disk } = await made();
  if (width === 1) bytes[offset] = value;
  else putU16(bytes, offset, value);
  await expect(FatVolume.open(disk)).rejects.toThrow(claim);
});

test('what is no FAT, or FAT12, is foreign', async () => {
  await expect(FatVolume.open(memoryDisk(new Uint8Array(4096)))).rejects.toThrow('no boot sector');
  await expect(FatVolume.open(memoryDisk(new Uint8Array(10)))).rejects.toThrow('no boot sector');
  const { bytes, disk } = await made();
  putU16(bytes, 19, 2000);
  await expect(FatVolume.open(disk)).rejects.toThrow('FAT12, which is not read');
});

test('a directory that leads to itself is refused', async () => {
  const one = await made();
  const root = rootOf(one);
  root[32 + 11] = 0x10;
  const inside = one.bytes.subarray(rootOf(one).byteOffset - one.bytes.byteOffset + 32 * 512);
  inside.set(root.subarray(32, 64), 3 * 512);
  await expect(FatVolume.open(one.disk)).rejects.toThrow('which is somebody');
});

test('a commit that does not fit is ENOSPC, and changes nothing', async () => {
  const { bytes, disk } = await made();
  const before = bytes.slice();
  const volume = await FatVolume.open(disk);
  const tooLong = new Uint8Array(volume.freeBytes + 1);
  await expect(commitFile(disk, 'a.v00', tooLong)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(Buffer.compare(bytes, before)).toBe(0);
  await commitFile(disk, 'c.v00', new Uint8Array(volume.freeBytes));
  await expect(commitFile(disk, 'a.v00', utf8('x'))).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await readAll(disk, 'a.v00')).toEqual(new Uint8Array(1500).fill(1));
});

test('a root that is full takes no new file, but one in place of another', async () => {
  const { disk } = await made();
  for (let index = 2; index < 512; index++) await commitFile(disk, `f${index}`, new Uint8Array(0));
  await expect(commitFile(disk, 'more', utf8('x'))).rejects.toMatchObject({ code: 'ENOSPC' });
  await commitFile(disk, 'F2', utf8('x'));
  await removeFile(disk, 'f3');
  await commitFile(disk, 'more', utf8('y'));
  expect(await readAll(disk, 'f2')).toEqual(utf8('x'));
  expect((await FatVolume.open(disk)).files).toHaveLength(512);
});

test('what lies behind the end of the root does not come to life', async () => {
  const one = await made();
  const root = rootOf(one);
  // Files up to the last entry of the first sector; garbage in the second, which nobody reads yet.
  for (let index = 2; index < 15; index++) await commitFile(one.disk, `f${index}`, utf8('x'));
  root.fill(0x41, 512, 1024);
  root.fill(0x41, 16 * 32 - 31, 512);
  await commitFile(one.disk, 'last', utf8('x'));
  const { files } = await FatVolume.open(one.disk);
  expect(files.map(({ record }) => record.name).slice(14)).toEqual(['f14', 'last']);
});

test('bad clusters are neither used nor freed', async () => {
  const { bytes, disk } = await made();
  for (const cluster of [7, 9]) putU16(bytes, FAT + cluster * 2, 0xfff7);
  await commitFile(disk, 'c.v00', new Uint8Array(1500).fill(4));
  const volume = await FatVolume.open(disk);
  expect(volume.file('c.v00')?.chain).toEqual([8, 10, 11]);
  expect([bytes[FAT + 14], bytes[FAT + 15]]).toEqual([0xf7, 0xff]);
});

test('a name that FAT cannot say in 8.3 letters is EINVAL, a directory EISDIR', async () => {
  const one = await made();
  for (const name of ['', '.', '..', 'a.b.c', 'ninechars', 'a.long', 'ä', 'a b', 'a/b']) {
    expect(shortNameOf(name), name).toBe(null);
    await expect(commitFile(one.disk, name, utf8('x'))).rejects.toMatchObject({ code: 'EINVAL' });
  }
  rootOf(one)[32 + 11] = 0x10;
  await expect(commitFile(one.disk, 'b.v00', utf8('x'))).rejects.toMatchObject({ code: 'EISDIR' });
});

test('names have no case, and writing in another case replaces', async () => {
  const { disk } = await made();
  await commitFile(disk, 'A.V00', utf8('x'));
  await commitFile(disk, 'Mixed.Tgz', utf8('y'));
  const { files } = await FatVolume.open(disk);
  expect(files.map(({ record }) => record.name)).toEqual(['a.v00', 'b.v00', 'mixed.tgz']);
  expect(await readAll(disk, 'a.v00')).toEqual(utf8('x'));
});

test('a file whose size is a lie of 4 GiB is told, not allocated', async () => {
  const one = await made();
  putU32(rootOf(one), 28, 0xffffffff);
  await expect(readAll(one.disk, 'a.v00')).rejects.toThrow('has 4294967295 bytes');
});
