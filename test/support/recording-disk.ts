/**
 * Disks for tests: one that knows all that was done to it, and one that lies over bytes which many
 * share.
 */

import type { Disk } from '../../src/disk/disk.ts';

/** What was done to a disk; a mark is what the test itself noted in between. */
export type DiskEvent =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'sync' }
  | { readonly kind: 'mark' };

const SECTOR_BYTES = 512;

/** Sectors over bytes that stay as they are. Writes of whole sectors only. */
export class OverlayDisk implements Disk {
  readonly name: string = 'overlay';
  readonly size: number;
  readonly #base: Uint8Array;
  readonly #sectors: Map<number, Uint8Array>;

  constructor(base: Uint8Array, sectors: ReadonlyMap<number, Uint8Array> = new Map()) {
    this.#base = base;
    this.#sectors = new Map(sectors);
    this.size = base.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset + length > this.size) throw new Error('a read behind the end');
    const bytes = this.#base.slice(offset, offset + length);
    const first = Math.floor(offset / SECTOR_BYTES);
    const last = Math.ceil((offset + length) / SECTOR_BYTES);
    for (let sector = first; sector < last; sector++) {
      const written = this.#sectors.get(sector);
      if (written === undefined) continue;
      const at = sector * SECTOR_BYTES - offset;
      const start = Math.max(0, -at);
      bytes.set(written.subarray(start, Math.min(SECTOR_BYTES, length - at)), at + start);
    }
    return bytes;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset + bytes.length > this.size) throw new Error('a write behind the end');
    for (const [sector, written] of sectorsOf(offset, bytes)) this.#sectors.set(sector, written);
  }

  async sync(): Promise<void> {}

  close(): void {}

  /** The same content, by itself from now on. */
  copy(): OverlayDisk {
    return new OverlayDisk(this.#base, this.#sectors);
  }
}

/** An overlay that notes what is done to it. */
export class RecordingDisk extends OverlayDisk {
  readonly events: DiskEvent[] = [];
  /** Hears of each mark. */
  onMark: () => void = () => {};

  override async write(offset: number, bytes: Uint8Array): Promise<void> {
    await super.write(offset, bytes);
    this.events.push({ kind: 'write', offset, bytes: bytes.slice() });
  }

  override async sync(): Promise<void> {
    this.events.push({ kind: 'sync' });
  }

  mark(): void {
    this.events.push({ kind: 'mark' });
    this.onMark();
  }
}

/** The sectors that a write of `bytes` at `offset` writes. Throws where it writes a part of one. */
export function sectorsOf(offset: number, bytes: Uint8Array): [number, Uint8Array][] {
  if (offset % SECTOR_BYTES !== 0 || bytes.length % SECTOR_BYTES !== 0) {
    throw new Error(`a write of ${bytes.length} bytes at ${offset}: no whole sectors`);
  }
  return Array.from({ length: bytes.length / SECTOR_BYTES }, (_, index) => {
    const at = index * SECTOR_BYTES;
    return [offset / SECTOR_BYTES + index, bytes.slice(at, at + SECTOR_BYTES)];
  });
}
