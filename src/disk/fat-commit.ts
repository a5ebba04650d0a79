/**
 * One file of the root of a FAT16 put in place of another, so that a power cut leaves one of them.
 *
 *   sync   what was read may not be on the medium yet: whoever wrote it may have been killed
 *   1      the content, into clusters that nobody owns; the tables, where these are a chain and
 *          what nobody owned is free
 *   sync
 *   2      one sector of the root: the entry names the new chain and size
 *   sync
 *   3      the tables again, where the chain before is free
 *
 * Invariants, which test/powercut attacks at each of these writes:
 *
 *   1. no write but 2 touches what the root leads to, so before it all is as it was
 *   2. the root never leads to a chain that is not on the medium
 *   3. a chain is free only once the root on the medium does not lead to it
 *   4. what a cut commit leaves is owned by nobody, so the next one frees it in step 1
 *
 * Step 3 waits for no sync: where it is lost, the old chain is owned by nobody, and 4 holds.
 * Sectors of the tables that do not change are not written.
 *
 * Removing is steps 2 and 3: it writes to nothing that was free, so it need not sync first. Pieces
 * of a long name that lie in an earlier sector go with step 3, as a piece without its entry is
 * passed over.
 */

import { VisorError } from '../base/errors.ts';
import { emptyFat16, FIRST_CLUSTER, fatEntry, putFat16Entry } from '../format/fat.ts';
import {
  deleteFatEntries,
  FAT_ENTRY_BYTES,
  fatDirectoryEnd,
  freeFatEntry,
  isNamed,
  putFatContent,
  putFatEntry,
  shortNameOf,
} from '../format/fat-directory.ts';
import { type Disk, SECTOR_BYTES } from './disk.ts';
import { extentsOf, FatVolume } from './fat-volume.ts';

/**
 * Puts `bytes` under the name `file` into the root of the FAT16 on `disk`, whole or not at all; it
 * is on the medium when this returns. Throws EROFS where it is a FAT32, EINVAL where the name is
 * none of 8.3 letters, EISDIR where a directory has it, ENOSPC where clusters or the root do not
 * suffice beside what is there, and then nothing has changed.
 */
export async function commitFile(disk: Disk, file: string, bytes: Uint8Array): Promise<void> {
  const volume = await opened(disk);
  const { shape } = volume;
  const before = found(volume, file);
  const root = volume.root.slice();
  const entryOffset = before?.record.entryOffset ?? placed(root, file);
  const chain = freeClusters(volume, Math.ceil(bytes.length / shape.clusterBytes));
  putFatContent(root, entryOffset, chain[0] ?? 0, bytes.length);

  await disk.sync();
  await writeContent(volume, chain, bytes);
  await writeEnd(volume, root, entryOffset);
  await writeTables(volume, chain);
  await disk.sync();
  await writeRootSector(volume, root, entryOffset);
  await disk.sync();
  await sweep(volume, chain, before?.chain);
}

/** Takes `file` away from the root of the FAT16 on `disk`, where it is there. Throws EROFS. */
export async function removeFile(disk: Disk, file: string): Promise<void> {
  const volume = await opened(disk);
  const before = found(volume, file);
  if (before === undefined) return;
  const { startOffset, entryOffset } = before.record;
  const root = volume.root.slice();
  deleteFatEntries(root, startOffset, entryOffset + FAT_ENTRY_BYTES);

  await writeRootSector(volume, root, entryOffset);
  await disk.sync();
  await sweep(volume, [], before.chain);
  const entrySector = sectorOf(entryOffset);
  for (let at = sectorOf(startOffset); at < entrySector; at += SECTOR_BYTES) {
    await writeRootSector(volume, root, at);
  }
}

async function opened(disk: Disk): Promise<FatVolume> {
  const volume = await FatVolume.open(disk);
  if (volume.shape.kind !== 'FAT16') throw new VisorError('EROFS');
  return volume;
}

/** The file that is to be replaced. */
function found(volume: FatVolume, file: string): FatVolume['files'][number] | undefined {
  const one = volume.files.find(({ record }) => isNamed(record, file));
  if (one?.record.isDirectory) throw new VisorError('EISDIR', { syscall: 'open', path: file });
  return one;
}

/** Makes an entry for a new file in `root`; returns where. */
function placed(root: Uint8Array, file: string): number {
  const name = shortNameOf(file);
  if (name === null) throw new VisorError('EINVAL', { syscall: 'open', path: file });
  const offset = freeFatEntry(root);
  if (offset === null) throw new VisorError('ENOSPC', { syscall: 'open', path: file });
  // What lies behind the end means nothing, and would mean something once the end moves there.
  const end = fatDirectoryEnd(root);
  if (offset === end) root.fill(0, end);
  putFatEntry(root, offset, name);
  return offset;
}

/** `count` clusters that nobody owns. Throws ENOSPC. */
function freeClusters({ owned, fats, shape }: FatVolume, count: number): readonly number[] {
  const chain: number[] = [];
  for (let cluster = FIRST_CLUSTER; chain.length < count; cluster++) {
    if (cluster === owned.length) throw new VisorError('ENOSPC');
    if (owned[cluster] === 0 && fatEntry(fats[0]!, shape.kind, cluster) !== 'bad') {
      chain.push(cluster);
    }
  }
  return chain;
}

async function writeContent(
  { disk, shape }: FatVolume,
  chain: readonly number[],
  bytes: Uint8Array,
): Promise<void> {
  let done = 0;
  for (const { offset, length } of extentsOf(shape, chain)) {
    const piece = bytes.subarray(done, done + length);
    const whole = new Uint8Array(Math.ceil(piece.length / SECTOR_BYTES) * SECTOR_BYTES);
    whole.set(piece);
    await disk.write(offset, whole);
    done += length;
  }
}

/** Writes the tables as they are when `chain` is owned beside what is. */
async function writeTables(volume: FatVolume, chain: readonly number[]): Promise<void> {
  const { shape, owned, fats, disk } = volume;
  const next = emptyFat16(shape);
  // What tools keep in the first two, and behind the last, is theirs.
  next.set(fats[0]!.subarray(0, FIRST_CLUSTER * 2));
  for (let cluster = FIRST_CLUSTER; cluster < owned.length; cluster++) {
    const isKept = owned[cluster] === 1 || fatEntry(fats[0]!, shape.kind, cluster) === 'bad';
    if (isKept) next.set(fats[0]!.subarray(cluster * 2, cluster * 2 + 2), cluster * 2);
  }
  chain.forEach((cluster, index) => {
    putFat16Entry(next, cluster, chain[index + 1] ?? 'last');
  });
  for (const [index, fat] of fats.entries()) {
    for (let at = 0; at < next.length; at += SECTOR_BYTES) {
      const sector = next.subarray(at, at + SECTOR_BYTES);
      if (sector.every((byte, within) => byte === fat[at + within])) continue;
      await disk.write(shape.fatOffset + index * shape.fatBytes + at, sector);
      fat.set(sector, at);
    }
  }
}

/** Where the end of the directory moves into another sector, what is there must say so first. */
async function writeEnd(volume: FatVolume, root: Uint8Array, entryOffset: number): Promise<void> {
  const after = sectorOf(entryOffset) + SECTOR_BYTES;
  const isAtEnd = entryOffset === fatDirectoryEnd(volume.root);
  if (!isAtEnd || after !== entryOffset + FAT_ENTRY_BYTES || after >= root.length) return;
  if (volume.root[after] !== 0) await writeRootSector(volume, root, after);
}

function sectorOf(offset: number): number {
  return offset - (offset % SECTOR_BYTES);
}

async function writeRootSector(
  { disk, shape }: FatVolume,
  root: Uint8Array,
  offset: number,
): Promise<void> {
  const start = sectorOf(offset);
  await disk.write(shape.rootOffset + start, root.subarray(start, start + SECTOR_BYTES));
}

/** Frees the chain that the root no longer leads to. */
async function sweep(
  volume: FatVolume,
  chain: readonly number[],
  before: FatVolume['files'][number]['chain'] | undefined,
): Promise<void> {
  // Whose clusters a chain that lies had is not known here; the next commit knows.
  if (!Array.isArray(before)) return;
  for (const cluster of before) volume.owned[cluster] = 0;
  try {
    await writeTables(volume, chain);
  } catch {
    // What was to be done is done and on the medium; the next commit frees what this could not.
  }
}
