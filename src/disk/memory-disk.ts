/**
 * A disk in memory. It is a file of its own since pages have it at once, and disks only when asked.
 */

import { checkRange } from '../base/source.ts';
import type { Disk } from './disk.ts';

/** A disk in memory: `bytes`, which are kept and written to. */
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
