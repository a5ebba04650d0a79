/**
 * A FAT file system as it was found: its root, and whose each cluster is.
 *
 * Everything is looked at when it is opened: every chain of every file in every directory is
 * followed once, and each cluster gets one owner. So a chain that loops, crosses another, leads out
 * of the table or into what is free is found before anything is read from it, and the clusters that
 * nobody owns are free, whatever the table says of them.
 *
 * A file whose chain lies is listed, and throws when it is read or what it owns is asked for; the
 * others are as good as ever. A directory that lies makes the whole file system unreadable: nobody
 * could say what it owned.
 *
 * Nothing is kept but what was read: whoever writes (fat-commit.ts) opens it anew.
 */

import { concatBytes } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { FAT_DIRECTORIES_MAX_COUNT, FAT_DIRECTORY_MAX_BYTES } from '../base/limits.ts';
import {
  clusterOffset,
  type FatShape,
  FIRST_CLUSTER,
  fatEntry,
  parseFatShape,
} from '../format/fat.ts';
import { type FatRecord, isNamed, parseFatDirectory } from '../format/fat-directory.ts';
import { type Disk, SECTOR_BYTES } from './disk.ts';

/** A file of the root. */
export interface FatFile {
  readonly record: FatRecord;
  /** Its clusters in order; or how its chain lies. */
  readonly chain: readonly number[] | CorruptError;
}

/** A run of clusters that follow each other on the disk: where, and how many bytes. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** A FAT file system, as it was when it was opened. */
export class FatVolume {
  readonly disk: Disk;
  readonly shape: FatShape;
  /** All its tables, as they are on the disk. */
  readonly fats: readonly Uint8Array[];
  /** The entries of the root. */
  readonly root: Uint8Array;
  /** 1 for each cluster that a file or directory has, by its number. */
  readonly owned: Uint8Array;
  #files: readonly FatFile[] = [];

  private constructor(disk: Disk, shape: FatShape, fats: readonly Uint8Array[], root: Uint8Array) {
    this.disk = disk;
    this.shape = shape;
    this.fats = fats;
    this.root = root;
    this.owned = new Uint8Array(shape.clusterCount + FIRST_CLUSTER);
  }

  /**
   * The file system on `disk`, a partition. Throws ForeignError where there is none that is read
   * here, CorruptError where it lies.
   */
  static async open(disk: Disk): Promise<FatVolume> {
    const start = disk.size < SECTOR_BYTES ? new Uint8Array(SECTOR_BYTES) : await disk.read(0, 512);
    const shape = parseFatShape(start, disk.size, disk.name);
    const fats: Uint8Array[] = [];
    for (let index = 0; index < shape.fatCount; index++) {
      fats.push(await disk.read(shape.fatOffset + index * shape.fatBytes, shape.fatBytes));
    }
    const fixedRoot = await disk.read(shape.rootOffset, shape.rootBytes);
    const volume = new FatVolume(disk, shape, fats, fixedRoot);
    if (shape.kind === 'FAT16') return volume.#explored();
    const chain = volume.#claim(shape.rootCluster, 'the root');
    if (chain instanceof CorruptError) throw chain;
    const root = new FatVolume(disk, shape, fats, await volume.#directory(chain, 'the root'));
    root.owned.set(volume.owned);
    return root.#explored();
  }

  /** The files of the root. */
  get files(): readonly FatFile[] {
    return this.#files;
  }

  /** Bytes that nobody owns. */
  get freeBytes(): number {
    const { clusterCount, clusterBytes } = this.shape;
    const free = this.owned.subarray(FIRST_CLUSTER).reduce((sum, owner) => sum + 1 - owner, 0);
    return Math.min(free, clusterCount) * clusterBytes;
  }

  /** The file that `name` means, in any case of its letters; undefined where there is none. */
  file(name: string): FatFile | undefined {
    return this.#files.find(({ record }) => !record.isDirectory && isNamed(record, name));
  }

  /** What `file` holds. Throws CorruptError where its chain lies. */
  async read({ record, chain }: FatFile): Promise<Uint8Array> {
    if (chain instanceof CorruptError) throw chain;
    const pieces: Uint8Array[] = [];
    let left = record.size;
    for (const { offset, length } of extentsOf(this.shape, chain)) {
      if (left <= 0) break;
      pieces.push(await this.disk.read(offset, Math.min(length, left)));
      left -= length;
    }
    return concatBytes(pieces);
  }

  /** Gives every cluster its owner, and the root its files. */
  async #explored(): Promise<this> {
    const { disk } = this;
    this.#files = parseFatDirectory(this.root).map((record) => this.#found(record));
    const ahead = this.#files.filter(({ record }) => record.isDirectory);
    let count = 0;
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      const { record, chain } = next;
      if (chain instanceof CorruptError) throw chain;
      count += 1;
      if (count > FAT_DIRECTORIES_MAX_COUNT) {
        const claim = `has more than ${FAT_DIRECTORIES_MAX_COUNT} directories`;
        throw new CorruptError(disk.name, this.shape.dataOffset, claim);
      }
      const inside = parseFatDirectory(await this.#directory(chain, `'${record.name}'`));
      const found = inside.map((one) => this.#found(one));
      ahead.push(...found.filter((file) => file.record.isDirectory));
    }
    return this;
  }

  #found(record: FatRecord): FatFile {
    const first = this.shape.kind === 'FAT16' ? record.firstCluster & 0xffff : record.firstCluster;
    const chain = this.#claim(first, `'${record.name}'`);
    if (chain instanceof CorruptError || record.isDirectory) return { record, chain };
    const bytes = chain.length * this.shape.clusterBytes;
    if (record.size <= bytes) return { record, chain };
    const claim = `'${record.name}' has ${record.size} bytes, and clusters for ${bytes}`;
    return { record, chain: this.#lie(claim) };
  }

  /** Owns the chain from `first` on for `who`; how it lies, as an error, where it does. */
  #claim(first: number, who: string): readonly number[] | CorruptError {
    const { owned, shape } = this;
    const chain: number[] = [];
    if (first === 0) return chain;
    for (let cluster = first; ; ) {
      if (cluster < FIRST_CLUSTER || cluster >= owned.length) {
        return this.#lie(`${who} goes on at cluster ${cluster}, of ${shape.clusterCount}`);
      }
      if (owned[cluster] === 1) {
        return this.#lie(`${who} goes on at cluster ${cluster}, which is somebody's already`);
      }
      owned[cluster] = 1;
      chain.push(cluster);
      const entry = fatEntry(this.fats[shape.activeFat]!, shape.kind, cluster);
      if (entry === 'last') return chain;
      if (typeof entry === 'string') {
        return this.#lie(`${who} has cluster ${cluster}, which the table calls ${entry}`);
      }
      cluster = entry;
    }
  }

  #lie(claim: string): CorruptError {
    return new CorruptError(this.disk.name, this.shape.fatOffset, claim);
  }

  async #directory(chain: readonly number[], who: string): Promise<Uint8Array> {
    const { clusterBytes } = this.shape;
    if (chain.length * clusterBytes > FAT_DIRECTORY_MAX_BYTES) {
      throw this.#lie(`${who} is a directory of more than ${FAT_DIRECTORY_MAX_BYTES} bytes`);
    }
    const extents = extentsOf(this.shape, chain);
    const reads = extents.map(({ offset, length }) => this.disk.read(offset, length));
    return concatBytes(await Promise.all(reads));
  }
}

/** Where the clusters of `chain` lie, those that follow each other as one. */
export function extentsOf(shape: FatShape, chain: readonly number[]): Extent[] {
  const extents: { offset: number; length: number }[] = [];
  for (const cluster of chain) {
    const offset = clusterOffset(shape, cluster);
    const last = extents.at(-1);
    if (last !== undefined && last.offset + last.length === offset) {
      last.length += shape.clusterBytes;
    } else extents.push({ offset, length: shape.clusterBytes });
  }
  return extents;
}
