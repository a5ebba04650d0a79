/**
 * vdf: how full the ramdisks are, and what the tardisks take. Rows of plain numbers, in bytes.
 *
 * Ramdisks are read off their ledgers, so that what is printed is what is charged. A tardisk takes
 * `spaceBytes` of memory or file, its archive without compression; `usedBytes` of that are files.
 *
 * Not here: columns and rounding (cli/), single paths (vdu.ts).
 */

import type { Tree } from '../vfs/tree.ts';

/** One ramdisk: what it may hold, holds, and has left. */
export interface RamdiskRow {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly availableBytes: number;
  readonly maxInodes: number;
  readonly usedInodes: number;
}

/** One tardisk, the bottom one first. */
export interface TardiskRow {
  readonly name: string;
  readonly spaceBytes: number;
  readonly usedBytes: number;
  readonly storedBytes: number;
  readonly files: number;
}

/** What vdf shows. */
export interface Vdf {
  readonly tardisks: readonly TardiskRow[];
  readonly ramdisks: readonly RamdiskRow[];
}

/** How full `tree` is. */
export function vdfOf(tree: Tree): Vdf {
  return {
    tardisks: tree.image.tardisks.map((tardisk) => ({
      name: tardisk.name,
      spaceBytes: tardisk.source.size,
      usedBytes: tardisk.contentBytes,
      storedBytes: tardisk.storedBytes,
      files: tardisk.fileCount,
    })),
    ramdisks: tree.ramdisks.list().map((ramdisk) => ({
      name: ramdisk.name,
      path: ramdisk.path,
      sizeBytes: ramdisk.maxBytes,
      usedBytes: ramdisk.usedBytes,
      availableBytes: ramdisk.maxBytes - ramdisk.usedBytes,
      maxInodes: ramdisk.maxInodes,
      usedInodes: ramdisk.usedInodes,
    })),
  };
}
