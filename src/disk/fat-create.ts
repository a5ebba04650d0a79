/**
 * A new FAT16 with files in its root, in the order in which they are given, each in one run.
 *
 * Nothing is ordered and nothing is synced: nobody may take it for a file system before its disk
 * says that there is one, which whoever makes the disk says last.
 */

import { VisorError } from '../base/errors.ts';
import type { Source } from '../base/source.ts';
import {
  clusterOffset,
  emptyFat16,
  encodeFat16,
  type FatShape,
  FIRST_CLUSTER,
  type NewFat16,
  parseFatShape,
  putFat16Entry,
} from '../format/fat.ts';
import {
  FAT_ENTRY_BYTES,
  putFatContent,
  putFatEntry,
  shortNameOf,
} from '../format/fat-directory.ts';
import { type Disk, SECTOR_BYTES } from './disk.ts';

/** What is read and written at a time, in bytes. */
const PIECE_BYTES = 1 << 20;

/**
 * Throws EINVAL where a name of `files` is none of 8.3 letters, EEXIST where two are one to FAT,
 * ENOSPC where they do not fit into a FAT16 of `size` bytes; else says how it will lie.
 */
export function checkFat16(options: NewFat16, files: readonly Source[], name: string): FatShape {
  const shape = parseFatShape(encodeFat16(options), options.size, name);
  const names = new Set<string>();
  let clusters = 0;
  for (const file of files) {
    const place = { syscall: 'open', path: file.name };
    if (shortNameOf(file.name) === null) throw new VisorError('EINVAL', place);
    if (names.has(file.name.toLowerCase())) throw new VisorError('EEXIST', place);
    names.add(file.name.toLowerCase());
    clusters += clustersOf(shape, file);
    const fits = clusters <= shape.clusterCount && names.size * FAT_ENTRY_BYTES <= shape.rootBytes;
    if (!fits) throw new VisorError('ENOSPC', place);
  }
  return shape;
}

/**
 * Makes `disk` a FAT16 of `files`, and says of each how much of it is there. Throws as
 * `checkFat16`, before anything is written.
 */
export async function createFat16(
  disk: Disk,
  options: NewFat16,
  files: readonly Source[],
  onWritten: (file: Source) => void = () => {},
): Promise<void> {
  const shape = checkFat16(options, files, disk.name);
  const fat = emptyFat16(shape);
  const root = new Uint8Array(shape.rootBytes);
  let next = FIRST_CLUSTER;
  for (const [index, file] of files.entries()) {
    const first = next;
    next += clustersOf(shape, file);
    for (let cluster = first; cluster < next; cluster++) {
      putFat16Entry(fat, cluster, cluster + 1 < next ? cluster + 1 : 'last');
    }
    putFatEntry(root, index * FAT_ENTRY_BYTES, shortNameOf(file.name)!);
    putFatContent(root, index * FAT_ENTRY_BYTES, next === first ? 0 : first, file.size);
    await writeWhole(disk, clusterOffset(shape, first), file);
    onWritten(file);
  }
  const start = new Uint8Array(shape.fatOffset);
  start.set(encodeFat16(options));
  await disk.write(0, start);
  await disk.write(shape.fatOffset, fat);
  await disk.write(shape.rootOffset, root);
}

function clustersOf({ clusterBytes }: FatShape, { size }: Source): number {
  return Math.ceil(size / clusterBytes);
}

async function writeWhole(disk: Disk, start: number, file: Source): Promise<void> {
  for (let done = 0; done < file.size; done += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, file.size - done);
    const piece = new Uint8Array(Math.ceil(length / SECTOR_BYTES) * SECTOR_BYTES);
    file.readInto(piece.subarray(0, length), done);
    await disk.write(start + done, piece);
  }
}
