/**
 * A disk in memory. It is a file of its own since pages have it at once, and disks only when asked.
 */

import { checkRange } from '../base/source.ts';
import type { Disk } from './disk.ts';

/**
 * A disk in memory: `bytes`, which are kept and written to. Its verbs throw CorruptError past its
 * end.
 *
 * @example
 * const disk = memoryDisk(new Uint8Array(4096));
 * await disk.write(512, new Uint8Array([1, 2]));
 * console.log(disk.size, await disk.read(511, 3)); // 4096 Uint8Array(3) [ 0, 1, 2 ]
 */
export function memoryDisk(bytes: Uint8Array, name = 'memory'): Disk {
  const disk: Disk = {
    name,
    size: bytes.length,
    async read(offset, length) {
      checkRange(disk, offset, length, 'a read');
      return bytes.slice(offset, offset + length);
    },
    async write(offset, written) {
      checkRange(disk, offset, written.length, 'a write');
      bytes.set(written, offset);
    },
    async sync() {},
    close() {},
  };
  return disk;
}
