/**
 * A tardisk: one archive, indexed in place, immutable.
 *
 * Opening one reads the headers and nothing else. What is kept of an entry is a row of numbers (38
 * bytes) and its name; file data stays where the archive has it and is copied once, to whoever
 * reads it. Any number of images and VisorFs share one Tardisk.
 *
 *   row 1         the root, whether the archive names it or not; there is no row 0
 *   row n         one inode: several names where the archive has hard links
 *   dirents       (directory row, name) to row
 *
 * An archive can only name what is inside the mount: a leading `/` or `./` is dropped, `..` is
 * refused, so is an entry below a file or a link of the same archive. Of two entries with one name
 * the last wins, directories merge, and parents that are missing are made, all as GNU tar extracts.
 * Hard links may lead to earlier and to later entries.
 *
 * Not here: what an archive looks like (format/tar-walk.ts), which of two tardisks wins (image.ts).
 */

import { text } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { impliedMaxCount, NAME_MAX_BYTES } from '../base/limits.ts';
import {
  isDirectory,
  isRegular,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFREG,
} from '../base/mode.ts';
import type { Source } from '../base/source.ts';
import { type TarEntry, walkTar } from '../format/tar-walk.ts';
import { resized, roomFor } from '../store/columns.ts';
import { Dirents, NONE } from '../store/dirents.ts';
import { type PendingLink, resolveLinks, rowAt, UNRESOLVED } from './hard-links.ts';
import { readPieces } from './pieces.ts';

/**
 * The row of the root: the number that `/` has in every image, so that one tardisk is one already.
 */
export const ROOT_ROW = 1;

const SLASH = 0x2f;
const DOT = 0x2e;

/** Bytes of a file and its header in system images, on average. */
const USUAL_FILE_BYTES = 8192;
const ROWS_GUESS_MAX = 1 << 16;

const TYPE_BITS = {
  file: S_IFREG,
  directory: S_IFDIR,
  symlink: S_IFLNK,
  character: S_IFCHR,
  block: S_IFBLK,
  fifo: S_IFIFO,
} as const;

/** One archive, indexed in place. Made by `Tardisk.index`. */
export class Tardisk {
  /** What `tardisk list`, `unmount` and messages call it. */
  readonly name: string;
  /** The archive without compression. */
  readonly source: Source;
  /** Bytes it was stored in, compressed or not. */
  readonly storedBytes: number;
  /** (directory row, name) to row. Not to be changed. */
  readonly dirents = new Dirents();
  readonly root = ROOT_ROW;

  mode = new Uint16Array(64);
  uid = new Uint32Array(64);
  gid = new Uint32Array(64);
  size = new Float64Array(64);
  mtimeSeconds = new Float64Array(64);
  mtimeNanoseconds = new Uint32Array(64);
  /**
   * Where the data lies in `source`; for a link, its target in `#targets`; for a device, its
   * number.
   */
  place = new Float64Array(64);
  readonly #pieces = new Map<number, Float64Array>();
  /** Directories that no entry describes: the root at first, and parents that are missing. */
  readonly #implied = new Set<number>([ROOT_ROW]);
  #targets = new Uint8Array(0);
  #targetsEnd = 0;
  #rowCount = ROOT_ROW;
  #fileCount = 0;
  #contentBytes = 0;

  private constructor(source: Source, name: string, storedBytes: number) {
    this.source = source;
    this.name = name;
    this.storedBytes = storedBytes;
  }

  /**
   * Indexes the tar in `source`. Throws CorruptError where it is none or lies, and keeps nothing
   * then.
   */
  static index(source: Source, name: string, storedBytes = source.size): Tardisk {
    const disk = new Tardisk(source, name, storedBytes);
    disk.#fill();
    return disk;
  }

  /** One more than the highest row. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Regular files; one with several names counts once. */
  get fileCount(): number {
    return this.#fileCount;
  }

  /** Bytes of all regular files, which mounting left in place. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /** Memory of the index, in bytes: what mounting costs beyond the archive itself. */
  get indexBytes(): number {
    return this.dirents.byteSize + this.#rowCount * 38 + this.#targets.length;
  }

  /** Whether the directory `row` is there only because something lies below it. */
  isImplied(row: number): boolean {
    return this.#implied.has(row);
  }

  /**
   * Fills `target` with the data of `row` from `offset` on; the caller keeps it within the size.
   */
  readInto(row: number, target: Uint8Array, offset: number): void {
    const pieces = this.#pieces.get(row);
    if (pieces === undefined) this.source.readInto(target, this.place[row]! + offset);
    else readPieces(this.source, pieces, target, offset);
  }

  /** The data of `row` in place, or null where it is not in memory in one piece. */
  view(row: number): Uint8Array | null {
    if (this.#pieces.has(row)) return null;
    return this.source.resident(this.place[row]!, this.size[row]!);
  }

  /** Where the symbolic link `row` leads. */
  target(row: number): Uint8Array {
    const offset = this.place[row]!;
    return this.#targets.subarray(offset, offset + this.size[row]!);
  }

  /** Gives back the source. Files of it cannot be read any more. */
  close(): void {
    this.source.close();
  }

  #fill(): void {
    // As many rows as files of usual size would be: most archives then grow their columns never.
    const guess = Math.min(ROWS_GUESS_MAX, Math.floor(this.source.size / USUAL_FILE_BYTES));
    this.#reshape(Math.max(this.mode.length, guess), resized);
    this.#addRow(S_IFDIR | 0o755, 0, 0, 0, 0);
    const links: PendingLink[] = [];
    walkTar(this.source, (entry) => {
      const place = this.#placeOf(entry);
      if (entry.kind === 'link') this.#linkNow(entry, place, links);
      else this.#put(entry, place);
    });
    resolveLinks(this, links, this.source.name);
    this.#count();
    this.#trim();
  }

  /**
   * The directory that holds `entry`, made where it is missing, and where in its path the name is.
   */
  #placeOf(entry: TarEntry): Place {
    const { path } = entry;
    const place: Place = { directory: ROOT_ROW, start: 0, end: 0 };
    for (let start = 0; start < path.length; ) {
      let end = start;
      while (end < path.length && path[end] !== SLASH) end += 1;
      const length = end - start;
      if (length > 0 && !(length === 1 && path[start] === DOT)) {
        this.#checkName(entry, start, end);
        if (place.end > 0) place.directory = this.#enter(entry, place);
        place.start = start;
        place.end = end;
      }
      start = end + 1;
    }
    return place;
  }

  #checkName(entry: TarEntry, start: number, end: number): void {
    const { path } = entry;
    if (end - start === 2 && path[start] === DOT && path[start + 1] === DOT) {
      this.#refuse(entry, `leads out of the archive by '..'`);
    }
    if (end - start > NAME_MAX_BYTES) {
      this.#refuse(entry, `has a name of ${end - start} bytes; ${NAME_MAX_BYTES} is the limit`);
    }
  }

  /** Goes down into the directory at `place`, which is made where it is missing. */
  #enter(entry: TarEntry, { directory, start, end }: Place): number {
    const found = this.dirents.find(directory, entry.path, start, end);
    if (found !== NONE) {
      const row = this.dirents.child(found);
      if (row !== UNRESOLVED && isDirectory(this.mode[row]!)) return row;
      this.#refuse(entry, `lies below '${text(entry.path, 0, end)}', which is no directory`);
    }
    const row = this.#addRow(S_IFDIR | 0o755, 0, 0, entry.mtimeSeconds, entry.mtimeNanoseconds);
    const made = this.dirents.add(directory, entry.path, start, end, row);
    this.dirents.setHome(row, made);
    this.#implied.add(row);
    if (this.#implied.size > impliedMaxCount(this.source.size)) {
      this.#refuse(entry, `implies directories without end: ${this.#implied.size} are not named`);
    }
    return row;
  }

  #put(entry: TarEntry, place: Place): void {
    const { kind } = entry;
    const found = this.#occupant(entry, place);
    const old = found === NONE ? (place.end === 0 ? ROOT_ROW : NONE) : this.dirents.child(found);
    if (old >= 0 && kind === 'directory' && isDirectory(this.mode[old]!)) {
      this.#describe(old, entry);
      return;
    }
    if (place.end === 0) this.#refuse(entry, `is a ${kind} without a name`);
    const row = this.#addRow(0, 0, 0, 0, 0);
    this.#describe(row, entry);
    if (found !== NONE) this.#evict(found);
    const made = this.dirents.add(place.directory, entry.path, place.start, place.end, row);
    if (kind === 'directory') this.dirents.setHome(row, made);
  }

  #occupant(entry: TarEntry, { directory, start, end }: Place): number {
    return end === 0 ? NONE : this.dirents.find(directory, entry.path, start, end);
  }

  #describe(row: number, entry: TarEntry): void {
    if (entry.kind === 'link') return;
    this.#implied.delete(row);
    this.mode[row] = TYPE_BITS[entry.kind] | entry.mode;
    this.uid[row] = entry.uid;
    this.gid[row] = entry.gid;
    this.mtimeSeconds[row] = entry.mtimeSeconds;
    this.mtimeNanoseconds[row] = entry.mtimeNanoseconds;
    switch (entry.kind) {
      case 'file':
        this.size[row] = entry.size;
        this.place[row] = entry.dataOffset;
        if (entry.pieces !== null) this.#pieces.set(row, entry.pieces.slice());
        break;
      case 'symlink':
        this.size[row] = entry.target.length;
        this.place[row] = this.#addTarget(entry.target);
        break;
      case 'character':
      case 'block':
        this.place[row] = deviceNumber(entry.deviceMajor, entry.deviceMinor);
        break;
      case 'directory':
      case 'fifo':
        break;
    }
  }

  /** Takes the name `entry` out, and with a directory all that is below it: something covers it. */
  #evict(entry: number): void {
    const row = this.dirents.child(entry);
    if (row >= 0 && isDirectory(this.mode[row]!)) {
      for (let below = this.dirents.first(row); below !== NONE; below = this.dirents.first(row)) {
        this.#evict(below);
      }
      this.dirents.setHome(row, NONE);
    }
    this.dirents.remove(entry);
  }

  #linkNow(entry: TarEntry, place: Place, links: PendingLink[]): void {
    if (place.end === 0) this.#refuse(entry, 'is a link without a name');
    const row = rowAt(this, entry.target);
    const found = this.#occupant(entry, place);
    if (found !== NONE) {
      if (this.dirents.child(found) === row) return;
      this.#evict(found);
    }
    const { directory, start, end } = place;
    const made = this.dirents.add(directory, entry.path, start, end, row ?? UNRESOLVED);
    if (row !== null && !isDirectory(this.mode[row]!)) return;
    this.dirents.setChild(made, UNRESOLVED);
    const { headerOffset } = entry;
    const name = entry.path.slice(start, end);
    links.push({ directory, name, headerOffset, target: entry.target.slice() });
  }

  /** Counts the files that names lead to: what a later entry replaced is not among them. */
  #count(): void {
    const seen = new Uint8Array(this.#rowCount);
    const pending = [ROOT_ROW];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const { dirents } = this;
      for (let entry = dirents.first(at); entry !== NONE; entry = dirents.next(entry)) {
        const row = dirents.child(entry);
        if (isDirectory(this.mode[row]!)) pending.push(row);
        if (!isRegular(this.mode[row]!) || seen[row] === 1) continue;
        seen[row] = 1;
        this.#fileCount += 1;
        this.#contentBytes += this.size[row]!;
      }
    }
  }

  #addRow(
    mode: number,
    uid: number,
    gid: number,
    mtimeSeconds: number,
    mtimeNanoseconds: number,
  ): number {
    const row = this.#rowCount++;
    if (row >= this.mode.length) this.#reshape(row + 1, roomFor);
    this.mode[row] = mode;
    this.uid[row] = uid;
    this.gid[row] = gid;
    this.mtimeSeconds[row] = mtimeSeconds;
    this.mtimeNanoseconds[row] = mtimeNanoseconds;
    return row;
  }

  #addTarget(target: Uint8Array): number {
    const offset = this.#targetsEnd;
    this.#targets = roomFor(this.#targets, offset + target.length);
    this.#targets.set(target, offset);
    this.#targetsEnd = offset + target.length;
    return offset;
  }

  #trim(): void {
    this.#reshape(this.#rowCount, resized);
    this.#targets = resized(this.#targets, this.#targetsEnd);
    this.dirents.trim();
  }

  #reshape(length: number, shape: typeof resized): void {
    this.mode = shape(this.mode, length);
    this.uid = shape(this.uid, length);
    this.gid = shape(this.gid, length);
    this.size = shape(this.size, length);
    this.mtimeSeconds = shape(this.mtimeSeconds, length);
    this.mtimeNanoseconds = shape(this.mtimeNanoseconds, length);
    this.place = shape(this.place, length);
  }

  #refuse(entry: TarEntry, claim: string): never {
    const path = text(entry.path);
    throw new CorruptError(this.source.name, entry.headerOffset, `the entry '${path}' ${claim}`);
  }
}

/**
 * A directory, and the name in it as a range of the entry's path; `end` 0 means the root itself.
 */
interface Place {
  directory: number;
  start: number;
  end: number;
}

/** Major and minor as Linux packs them into `st_rdev`. */
function deviceNumber(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + (minor >>> 8) * 0x100000;
}
