/**
 * A file as a disk: what is written is in the file at once, and on the medium after a sync.
 *
 * `fdatasync` is what a sync is: it takes the size along where that changed, and not the times.
 */

import fs from 'node:fs';
import { CorruptError, VisorError } from '../base/errors.ts';
import { checkRange } from '../base/source.ts';
import type { Disk } from '../disk/disk.ts';

/** How to open a file as a disk. */
export interface FileDiskOptions {
  /** Only to read: writing is EROFS then, and so it is where the file may not be written. */
  readonly isReadOnly?: boolean;
}

/**
 * The file or block device `path` as a disk, open until `close`. Throws node's own error where it
 * cannot be opened.
 *
 * @example
 * const disk = fileDisk('boot.img', { isReadOnly: true });
 * console.log(disk.size, await isBlob(disk)); // 13631488 true
 * disk.close();
 */
export function fileDisk(path: string, { isReadOnly = false }: FileDiskOptions = {}): Disk {
  const { fd, isWritable } = isReadOnly ? readable(path) : writable(path);
  return diskOf(path, fd, isWritable, sizeOf(fd));
}

/**
 * A new file of `size` bytes, all zeros, as a disk, open until `close`. Throws EEXIST where `path`
 * is there.
 *
 * @example
 * const disk = newFileDisk('new.img', await blobBytes());
 * await createBlob(disk, { guid: crypto.randomUUID() }); // two empty banks
 * console.log((await blobInfo(disk)).banks.map(({ name, kind }) => `${name} ${kind}`));
 * // [ 'bootbank FAT16', 'altbootbank FAT16' ]
 * disk.close();
 */
export function newFileDisk(path: string, size: number): Disk {
  const fd = fs.openSync(path, 'wx+');
  fs.ftruncateSync(fd, size);
  return diskOf(path, fd, true, size);
}

function readable(path: string): { fd: number; isWritable: boolean } {
  return { fd: fs.openSync(path, 'r'), isWritable: false };
}

function writable(path: string): { fd: number; isWritable: boolean } {
  try {
    return { fd: fs.openSync(path, 'r+'), isWritable: true };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    return readable(path);
  }
}

/** Bytes of what `fd` is: of a block device, as far as it can be read. */
function sizeOf(fd: number): number {
  const stats = fs.fstatSync(fd);
  if (!stats.isBlockDevice()) return stats.size;
  const probe = new Uint8Array(1);
  let [low, high] = [0, 2 ** 50];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fs.readSync(fd, probe, 0, 1, middle) === 1) low = middle + 1;
    else high = middle;
  }
  return low;
}

function diskOf(name: string, fd: number, isWritable: boolean, size: number): Disk {
  let isOpen = true;
  const disk: Disk = {
    name,
    size,
    async read(offset, length) {
      checkRange(disk, offset, length, 'a read');
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const count = await readAt(fd, bytes.subarray(done), offset + done);
        if (count === 0) throw new CorruptError(name, offset + done, 'the file ends here by now');
        done += count;
      }
      return bytes;
    },
    async write(offset, bytes) {
      checkRange(disk, offset, bytes.length, 'a write');
      if (!isWritable) throw new VisorError('EROFS', { syscall: 'write', path: name });
      for (let done = 0; done < bytes.length; ) {
        done += await writeAt(fd, bytes.subarray(done), offset + done);
      }
    },
    sync: () => (isWritable ? synced(fd) : Promise.resolve()),
    close() {
      if (isOpen) fs.closeSync(fd);
      isOpen = false;
    },
  };
  return disk;
}

function readAt(fd: number, target: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, target, 0, target.length, offset, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function writeAt(fd: number, bytes: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(fd, bytes, 0, bytes.length, offset, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function synced(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fdatasync(fd, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
