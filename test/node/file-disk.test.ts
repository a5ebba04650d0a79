// Files as disks: what is written is in the file, and what cannot be is refused by name.

import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileDisk, newFileDisk } from '../../src/node.ts';
import { newFolder } from '../support/fat-tools.ts';

const { folder, remove } = newFolder();
afterAll(remove);

test('a new file has its size, all zeros, and is never one that is there', async () => {
  const file = join(folder, 'new');
  const disk = newFileDisk(file, 2048);
  await disk.write(512, new Uint8Array(512).fill(7));
  await disk.sync();
  disk.close();
  disk.close();
  const want = new Uint8Array(2048).fill(7, 512, 1024);
  expect(readFileSync(file).equals(want)).toBe(true);
  expect(() => newFileDisk(file, 2048)).toThrow('EEXIST');
});

test('a disk that is only read is EROFS to writes, and syncs', async () => {
  const file = join(folder, 'read');
  writeFileSync(file, new Uint8Array(1024));
  const disk = fileDisk(file, { isReadOnly: true });
  const writing = disk.write(0, new Uint8Array(512));
  await expect(writing).rejects.toMatchObject({ code: 'EROFS', path: file });
  await disk.sync();
  disk.close();
});

test('what lies behind the end is refused, also where the file has shrunk', async () => {
  const file = join(folder, 'short');
  writeFileSync(file, new Uint8Array(1024));
  const disk = fileDisk(file);
  await expect(disk.read(1000, 25)).rejects.toThrow('the archive ends at 0x400');
  await expect(disk.write(1024, new Uint8Array(1))).rejects.toThrow('the archive ends at 0x400');
  truncateSync(file, 512);
  await expect(disk.read(0, 1024)).rejects.toThrow('the file ends here by now');
  disk.close();
});
