/**
 * A disk: bytes that can be written, and a promise about what a power cut leaves of them.
 *
 *   read    what was written last, on the medium or not
 *   write   until the next `sync`, each sector of 512 bytes may be as it was or as it was written
 *           at any time since the last one: each by itself, in any order
 *   sync    all that was written before is on the medium when it returns
 *
 * A sector is written whole or not at all. Nothing else is assumed, and a test tries it all
 * (test/powercut): what must not be torn is one sector, and what must come first is synced first.
 *
 * Not here: disks that are files (node/file-disk.ts), what lies on a disk (partitions.ts).
 */

import { VisorError } from '../base/errors.ts';
import { checkRange } from '../base/source.ts';

/** What is written whole or not at all, in bytes. */
export const SECTOR_BYTES = 512;

/** Bytes that can be read and written at any offset. */
export interface Disk {
  /** What messages call it. */
  readonly name: string;
  /** Bytes it holds. */
  readonly size: number;
  /** `length` bytes from `offset` on, as a copy of its own. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Writes `bytes` at `offset`; whole sectors. They are the caller's again when it returns. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Settles when all that was written is on the medium. */
  sync(): Promise<void>;
  /** Gives back what it holds open. */
  close(): void;
}

/** `size` bytes of `outer` from `start` on, as a disk. Closing it leaves `outer` open. */
export function windowDisk(outer: Disk, start: number, size: number, name: string): Disk {
  checkRange(outer, start, size, `'${name}'`);
  const disk: Disk = {
    name,
    size,
    async read(offset, length) {
      checkRange(disk, offset, length, 'a read');
      return outer.read(start + offset, length);
    },
    async write(offset, bytes) {
      // Whoever writes has found the place by itself, so beyond the end is no lie of any bytes.
      if (offset + bytes.length > size) throw new VisorError('ENXIO');
      return outer.write(start + offset, bytes);
    },
    sync: () => outer.sync(),
    close() {},
  };
  return disk;
}
