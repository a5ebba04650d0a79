/**
 * Open files: descriptors, their positions, and how often each inode is open.
 *
 * A file that lost its last name lives until its last descriptor is closed, as POSIX has it.
 * Descriptors are small integers from 3 on; one that was closed is used again first.
 */

import { VisorError } from '../base/errors.ts';
import { OPEN_FILES_MAX_COUNT } from '../base/limits.ts';
import { O_PATH } from './flags.ts';
import type { Ino } from './ino.ts';

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
  /** Where the next read or write without a position goes, in bytes. */
  position: number;
}

/** The open files of one VisorFs. */
export class Handles {
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
