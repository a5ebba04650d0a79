/**
 * From a tar to the table of a tardisk, in one walk over its headers.
 *
 * An archive can only name what is inside the mount: a leading `/` or `./` is dropped, `..` is
 * refused, so is an entry below a file or a link of the same archive. Of two entries with one name
 * the last wins, directories merge, and parents that are missing are made, all as GNU tar extracts.
 * Hard links may lead to earlier and to later entries.
 *
 * Not here: what an archive looks like (format/tar-walk.ts), how rows are kept and counted
 * (growing-table.ts).
 */

import { text } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { impliedMaxCount, NAME_MAX_BYTES } from '../base/limits.ts';
import { isDirectory, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG } from '../base/mode.ts';
import type { Source } from '../base/source.ts';
import { type TarEntry, walkTar } from '../format/tar-walk.ts';
import { NONE } from '../store/dirents.ts';
import { GrowingTable } from './growing-table.ts';
import { type PendingLink, resolveLinks, rowAt, UNRESOLVED } from './hard-links.ts';
import { IN_PIECES, ROOT_ROW, type TardiskTable } from './table.ts';
import { Trail } from './trail.ts';

const SLASH = 0x2f;
const DOT = 0x2e;

/** Bytes of a file and its header in system images, on average. */
const USUAL_FILE_BYTES = 8192;
const ROWS_GUESS_MIN = 32;
const ROWS_GUESS_MAX = 1 << 16;

/** Indexes the tar in `source`. Throws CorruptError where it is none or lies. */
export function indexTar(source: Source): TardiskTable {
  return new Indexer(source).table();
}

class Indexer {
  readonly #source: Source;
  readonly #table: GrowingTable;
  readonly #trail = new Trail(ROOT_ROW);
  readonly #links: PendingLink[] = [];
  /** The directory that holds the entry at hand, and where in its path the name is. */
  #directory = ROOT_ROW;
  #nameStart = 0;
  /** 0 means the root itself. */
  #nameEnd = 0;
  #nameHash = 0;

  constructor(source: Source) {
    this.#source = source;
    // As many rows as files of usual size would be: most archives then grow their columns never.
    const guess = Math.min(ROWS_GUESS_MAX, Math.floor(source.size / USUAL_FILE_BYTES));
    this.#table = new GrowingTable(Math.max(ROWS_GUESS_MIN, guess));
  }

  table(): TardiskTable {
    walkTar(this.#source, (entry) => {
      this.#locate(entry);
      if (entry.kind === 'link') this.#link(entry);
      else this.#put(entry);
    });
    resolveLinks(this.#table, this.#links, this.#source.name);
    this.#table.finish();
    return this.#table;
  }

  /** Finds the directory that holds `entry`, made where it is missing, and the name. */
  #locate(entry: TarEntry): void {
    const { pathBytes, pathStart, pathEnd } = entry;
    const known = this.#trail.resume(pathBytes, pathStart, pathEnd);
    this.#directory = this.#trail.row;
    this.#nameEnd = 0;
    for (let start = pathStart + known; start < pathEnd; ) {
      let end = start;
      while (end < pathEnd && pathBytes[end] !== SLASH) end += 1;
      const length = end - start;
      if (length > 0 && !(length === 1 && pathBytes[start] === DOT)) {
        this.#checkName(entry, start, end);
        if (this.#nameEnd > 0) this.#enter(entry, start);
        this.#nameStart = start;
        this.#nameEnd = end;
      }
      start = end + 1;
    }
    if (this.#nameEnd > 0 || known === 0) return;
    // The path leads to a directory of the trail itself: its name lies before what was skipped.
    this.#trail.clear();
    this.#locate(entry);
  }

  #checkName(entry: TarEntry, start: number, end: number): void {
    const { pathBytes } = entry;
    if (end - start === 2 && pathBytes[start] === DOT && pathBytes[start + 1] === DOT) {
      this.#refuse(entry, `leads out of the archive by '..'`);
    }
    if (end - start > NAME_MAX_BYTES) {
      this.#refuse(entry, `has a name of ${end - start} bytes; ${NAME_MAX_BYTES} is the limit`);
    }
  }

  /** Goes down into the directory of the name at hand; the path goes on at `next`. */
  #enter(entry: TarEntry, next: number): void {
    const { pathBytes, pathStart } = entry;
    const found = this.#occupant(entry);
    const row = found === NONE ? this.#imply(entry) : this.#table.dirents.child(found);
    if (row <= UNRESOLVED || !isDirectory(this.#table.mode[row]!)) {
      const above = text(pathBytes, pathStart, this.#nameEnd);
      this.#refuse(entry, `lies below '${above}', which is no directory`);
    }
    this.#trail.enter(row, pathBytes, pathStart, next);
    this.#directory = row;
  }

  /** A parent that is missing has the time of the entry that needs it. */
  #imply(entry: TarEntry): number {
    const table = this.#table;
    const row = table.addDirectory(entry.mtimeSeconds, entry.mtimeNanoseconds);
    this.#name(entry, row);
    if (table.impliedCount > impliedMaxCount(this.#source.size)) {
      this.#refuse(entry, `implies directories without end: ${table.impliedCount} are not named`);
    }
    return row;
  }

  /** The entry that has the name at hand, or NONE. */
  #occupant({ pathBytes }: TarEntry): number {
    const end = this.#nameEnd;
    if (end === 0) return NONE;
    const { dirents } = this.#table;
    const hash = dirents.hash(this.#directory, pathBytes, this.#nameStart, end);
    this.#nameHash = hash;
    return dirents.find(this.#directory, pathBytes, this.#nameStart, end, hash);
  }

  /** Gives the name at hand, which `#occupant` has looked for, to `row`. */
  #name({ pathBytes }: TarEntry, row: number): void {
    const hash = this.#nameHash;
    this.#table.name(this.#directory, pathBytes, this.#nameStart, this.#nameEnd, row, hash);
  }

  #put(entry: TarEntry): void {
    const table = this.#table;
    const found = this.#occupant(entry);
    const isRoot = this.#nameEnd === 0;
    const old = found === NONE ? (isRoot ? ROOT_ROW : NONE) : table.dirents.child(found);
    if (old >= 0 && entry.kind === 'directory' && isDirectory(table.mode[old]!)) {
      table.setDescribed(old);
      this.#describe(old, entry);
      return;
    }
    if (isRoot) this.#refuse(entry, `is a ${entry.kind} without a name`);
    const row = table.addRow();
    this.#describe(row, entry);
    if (found !== NONE) table.evict(found);
    this.#name(entry, row);
  }

  #describe(row: number, entry: TarEntry): void {
    const table = this.#table;
    table.setTime(row, entry.mtimeSeconds, entry.mtimeNanoseconds);
    table.setOwner(row, entry.uid, entry.gid);
    switch (entry.kind) {
      case 'file':
        table.mode[row] = S_IFREG | entry.mode;
        table.size[row] = entry.size;
        table.place[row] = entry.pieces === null ? entry.dataOffset : IN_PIECES;
        if (entry.pieces !== null) table.pieces.set(row, entry.pieces.slice());
        break;
      case 'directory':
        table.mode[row] = S_IFDIR | entry.mode;
        break;
      case 'symlink':
        table.mode[row] = S_IFLNK | entry.mode;
        table.size[row] = entry.target.length;
        table.place[row] = table.addTarget(entry.target);
        break;
      case 'character':
      case 'block':
        table.mode[row] = (entry.kind === 'block' ? S_IFBLK : S_IFCHR) | entry.mode;
        table.place[row] = deviceNumber(entry.deviceMajor, entry.deviceMinor);
        break;
      case 'fifo':
        table.mode[row] = S_IFIFO | entry.mode;
        break;
      case 'link':
        break;
    }
  }

  #link(entry: TarEntry): void {
    const { pathBytes, headerOffset } = entry;
    if (this.#nameEnd === 0) this.#refuse(entry, 'is a link without a name');
    const table = this.#table;
    const row = rowAt(table.dirents, entry.target);
    const isFile = row !== null && !isDirectory(table.mode[row]!);
    const found = this.#occupant(entry);
    if (found !== NONE && table.dirents.child(found) === row) return;
    // Counted before anything gives way: that may be the only other name of the same file.
    if (isFile) table.addName(row);
    if (found !== NONE) table.evict(found);
    const directory = this.#directory;
    const start = this.#nameStart;
    const end = this.#nameEnd;
    const mark = UNRESOLVED - this.#links.length;
    table.dirents.add(directory, pathBytes, start, end, isFile ? row : mark);
    if (isFile) return;
    const name = pathBytes.slice(start, end);
    this.#links.push({ directory, name, mark, headerOffset, target: entry.target.slice() });
  }

  #refuse(entry: TarEntry, claim: string): never {
    const path = text(entry.pathBytes, entry.pathStart, entry.pathEnd);
    throw new CorruptError(this.#source.name, entry.headerOffset, `the entry '${path}' ${claim}`);
  }
}

/** Major and minor as Linux packs them into `st_rdev`. */
function deviceNumber(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + (minor >>> 8) * 0x100000;
}
