/**
 * Open files: descriptors, their positions, and how often each inode is open.
 *
 * A file that lost its last name lives until its last descriptor is closed, as POSIX has it.
 * Descriptors are small integers from 3 on; one that was closed is used again first.
 *
 * The feed of changes hangs here (feed.ts): this is what all views of a tree share, and what the
 * collector watches, so that a listener who knows its tree does not keep it.
 */

import { NO_BYTES, sameBytes } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { OPEN_FILES_MAX_COUNT } from '../base/limits.ts';
import { Feed, type TreeListener } from './feed.ts';
import { O_PATH } from './flags.ts';
import { type Ino, NO_INO } from './ino.ts';

const FIRST_FD = 3;
/** So few files are looked through faster than they are counted. */
const COUNTED_MIN_FILES = 32;

/** One open file. */
export interface OpenFile {
  readonly ino: Ino;
  /** As open(2) has them, with Linux's numbers. */
  readonly flags: number;
  /** The ramdisk that pays for what is written through it. */
  readonly ramdisk: number;
  /** Whether it was made to be opened. */
  readonly isNew: boolean;
  /** The directory and the name it goes by in the feed, if known: else NO_INO and no bytes. */
  directory: Ino;
  name: Uint8Array;
  /** Where the next read or write without a position goes, in bytes. */
  position: number;
}

/** What a verb acts on, who pays for it, and the name by which it was reached. */
export type Target = Pick<OpenFile, 'ino' | 'ramdisk' | 'directory' | 'name'>;

/** A name in a directory. */
interface Place {
  readonly directory: Ino;
  readonly name: Uint8Array;
}

/** The open files of one VisorFs. */
export class Handles {
  /** Tells of what changes; null where nobody listens. */
  feed: Feed | null = null;
  readonly #files: (OpenFile | undefined)[] = [];
  readonly #free: number[] = [];
  /**
   * How often each inode is open, once there are so many files that looking through them is slow.
   */
  #counts: Map<Ino, number> | null = null;
  #openCount = 0;

  /** Descriptors in use. */
  get openCount(): number {
    return this.#openCount;
  }

  isOpen(ino: Ino): boolean {
    if (this.#openCount === 0) return false;
    if (this.#counts !== null) return this.#counts.has(ino);
    for (const file of this.#files) if (file?.ino === ino) return true;
    return false;
  }

  /** Calls `listener` at every change from now on; returns what stops that. */
  listen(listener: TreeListener): () => void {
    const own: TreeListener = (event) => listener(event);
    this.feed ??= new Feed();
    this.feed.add(own);
    return () => {
      this.feed?.delete(own);
      if (this.feed?.isIdle) this.feed = null;
    };
  }

  /** The name `from` of `ino` became `to`: who opened it by that goes by this. */
  moved(ino: Ino, from: Place, to: Place): void {
    if (!this.isOpen(ino)) return;
    for (const file of this.all()) {
      if (file.ino !== ino || file.directory !== from.directory) continue;
      if (!sameBytes(file.name, from.name)) continue;
      file.directory = to.directory;
      file.name = to.name;
    }
  }

  /** `directory` is gone: what was opened in it has no name to go by any more. */
  orphan(directory: Ino): void {
    if (this.#openCount === 0) return;
    for (const file of this.all()) {
      if (file.directory !== directory) continue;
      file.directory = NO_INO;
      file.name = NO_BYTES;
    }
  }

  /** Throws EMFILE where no more files can be opened: before anything is made to be opened. */
  checkRoom(): void {
    if (this.#openCount >= OPEN_FILES_MAX_COUNT) throw new VisorError('EMFILE');
  }

  /** Opens `file`, for which there is room; returns its descriptor. */
  open(file: OpenFile): number {
    const index = this.#free.pop() ?? this.#files.length;
    this.#files[index] = file;
    this.#openCount += 1;
    if (this.#counts !== null) this.#count(file.ino, 1);
    else if (this.#files.length > COUNTED_MIN_FILES) this.#countAll();
    return index + FIRST_FD;
  }

  /** The open file `fd`, to be used. Throws EBADF, also where O_PATH opened only its name. */
  at(fd: number): OpenFile {
    const file = this.#files[fd - FIRST_FD];
    if (file === undefined || (file.flags & O_PATH) !== 0) throw new VisorError('EBADF');
    return file;
  }

  /** The inode of the open file `fd`, of whose name too. Throws EBADF. */
  ino(fd: number): Ino {
    const file = this.#files[fd - FIRST_FD];
    if (file === undefined) throw new VisorError('EBADF');
    return file.ino;
  }

  /**
   * Closes `fd`; returns its inode if this was the last descriptor of it, else null. Throws EBADF.
   */
  close(fd: number): Ino | null {
    const ino = this.ino(fd);
    this.#files[fd - FIRST_FD] = undefined;
    this.#free.push(fd - FIRST_FD);
    this.#openCount -= 1;
    if (this.#counts !== null) this.#count(ino, -1);
    return this.isOpen(ino) ? null : ino;
  }

  /** Forgets every open file. Their descriptors are not used again: they are EBADF for good. */
  closeAll(): void {
    this.#files.fill(undefined);
    this.#free.length = 0;
    this.#counts?.clear();
    this.#openCount = 0;
  }

  #countAll(): void {
    this.#counts = new Map();
    for (const { ino } of this.all()) this.#count(ino, 1);
  }

  #count(ino: Ino, by: number): void {
    const count = (this.#counts!.get(ino) ?? 0) + by;
    if (count > 0) this.#counts!.set(ino, count);
    else this.#counts!.delete(ino);
  }

  /** Every open file. */
  *all(): Generator<OpenFile> {
    for (const file of this.#files) if (file !== undefined) yield file;
  }
}
