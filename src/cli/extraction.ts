/**
 * Out of the images, onto the disk of this machine.
 *
 * An image is hostile until shown otherwise, and the target folder may be full of traps:
 *
 *   1. Nothing is written outside the target. Every directory on the way is made here or is a real
 *      directory: a symbolic link in its place is never gone through, but refused or replaced.
 *   2. Nothing is half written. A file is made under a temporary name, which must be new, gets all
 *      it should have, and is then renamed into its place.
 *   3. Nothing is overwritten unless asked for, and that is checked before anything is written.
 *   4. Modes and times are set last and exactly, those of directories when all in them is there.
 *
 * setuid and setgid speak of an owner, so they come with owners only. What cannot be made without
 * privileges (devices) or at all (fifos, sockets) is told to `skipped` and left out.
 *
 * Not here: another process that swaps directories for links while we write. Node has no openat.
 */

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { VisorFs } from '../node.ts';
import { type Attributes, type Entry, joined } from './entries.ts';
import { breathe, CommandError, type Output } from './output.ts';
import { fullAt } from './whole-file.ts';

/** What is copied at once, in bytes. */
const CHUNK_BYTES = 1 << 20;
const SPECIAL_BITS = 0o6000;
/** After so many entries an interrupt is listened to. */
const BREATH_COUNT = 64;

/** How to extract. */
export interface ExtractionOptions {
  readonly overwrites: boolean;
  readonly keepsOwners: boolean;
  readonly skipped: (entry: Entry) => void;
}

/** What was extracted. */
export interface Extracted {
  files: number;
  directories: number;
  links: number;
  bytes: number;
}

/** One extraction of entries of `vfs` into the folder `target`. */
export class Extraction {
  readonly counts: Extracted = { files: 0, directories: 0, links: 0, bytes: 0 };
  readonly #vfs: VisorFs;
  readonly #target: Buffer;
  readonly #options: ExtractionOptions;
  readonly #out: Output;
  /** What every temporary name of this extraction ends in. */
  readonly #mark = randomUUID();
  /** Real directories within the target, seen or made: nothing is put anywhere else. */
  readonly #directories = new Set<string>();
  /** The first place of a file that has several names. */
  readonly #places = new Map<number, Buffer>();
  /** Directories whose attributes come last: children after parents. */
  readonly #unfinished: (readonly [Buffer, Attributes])[] = [];
  /** A file that is being written, under its temporary name. */
  #temporary: Buffer | null = null;

  constructor(vfs: VisorFs, target: string, options: ExtractionOptions, out: Output) {
    this.#vfs = vfs;
    this.#target = Buffer.from(path.resolve(target));
    this.#options = options;
    this.#out = out;
  }

  /**
   * Throws CommandError where `entries` would overwrite something or go through a link. Writes
   * nothing.
   */
  check(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (isRoot(entry)) continue;
      const place = this.#placeOf(entry);
      const there = fs.lstatSync(place, { throwIfNoEntry: false });
      if (there === undefined) continue;
      const merges = entry.type === 'directory' && there.isDirectory();
      if (merges) continue;
      if (there.isDirectory())
        throw new CommandError(`'${place}' is a directory: it is in the way`);
      if (this.#options.overwrites) continue;
      throw new CommandError(`'${place}' is there already; --force overwrites it`);
    }
  }

  /**
   * Extracts `entries`, parents before children; calls `done` after each. What fails leaves what
   * was whole.
   */
  async run(entries: readonly Entry[], done: (entry: Entry) => void): Promise<void> {
    const undo = (): void => this.#clean();
    this.#out.signal.addEventListener('abort', undo);
    try {
      fs.mkdirSync(this.#target, { recursive: true });
      this.#directories.add(keyOf(this.#target));
      for (const [index, entry] of entries.entries()) {
        if (index % BREATH_COUNT === 0) await breathe(this.#out);
        if (!isRoot(entry)) await this.#extract(entry);
        done(entry);
      }
      for (const [place, attributes] of this.#unfinished.reverse()) {
        const directory = fs.openSync(place, 'r');
        try {
          this.#dress(directory, attributes);
        } finally {
          fs.closeSync(directory);
        }
      }
    } finally {
      this.#clean();
      this.#out.signal.removeEventListener('abort', undo);
    }
  }

  async #extract(entry: Entry): Promise<void> {
    const place = this.#placeOf(entry);
    if (!this.#directories.has(keyOf(directoryOf(place)))) {
      throw new CommandError(`'${entry.path}' lies in no directory of this extraction`);
    }
    switch (entry.type) {
      case 'directory':
        this.#makeDirectory(place, entry.attributes);
        this.counts.directories += 1;
        return;
      case 'file':
        await this.#makeFile(place, entry);
        this.counts.files += 1;
        return;
      case 'link':
        this.#makeLink(place, entry);
        this.counts.links += 1;
        return;
      default:
        this.#options.skipped(entry);
    }
  }

  /**
   * Where `entry` goes. Throws CommandError for a name that this machine would understand as more
   * than one.
   */
  #placeOf({ bytes, name, path: shown }: Entry): Buffer {
    const isPlain = name !== '.' && name !== '..' && (path.sep === '/' || !/[\\/:]/.test(name));
    if (!isPlain) throw new CommandError(`'${shown}' has a name that this machine cannot have`);
    return Buffer.from(joined(this.#target, bytes.subarray(1)));
  }

  #makeDirectory(place: Buffer, attributes: Attributes): void {
    const there = fs.lstatSync(place, { throwIfNoEntry: false });
    const isThere = there?.isDirectory() === true;
    if (there !== undefined && !isThere) fs.unlinkSync(place);
    // Only ours until all in it is there, and writable whatever its mode will be.
    if (isThere) fs.chmodSync(place, (there.mode & 0o7777) | 0o700);
    else fs.mkdirSync(place, 0o700);
    this.#directories.add(keyOf(place));
    this.#unfinished.push([place, attributes]);
  }

  async #makeFile(place: Buffer, entry: Entry): Promise<void> {
    const { attributes } = entry;
    const first = this.#places.get(attributes.ino);
    this.#temporary = this.#temporaryBeside(place);
    if (first !== undefined) fs.linkSync(first, this.#temporary);
    else {
      try {
        await this.#fill(this.#temporary, entry);
      } catch (error) {
        throw fullAt(place.toString(), error);
      }
    }
    this.#settle(place);
    if (first === undefined && attributes.nlink > 1) this.#places.set(attributes.ino, place);
  }

  async #fill(temporary: Buffer, { bytes, attributes }: Entry): Promise<void> {
    const source = this.#vfs.open(bytes, 0);
    try {
      const file = fs.openSync(temporary, 'wx', 0o600);
      try {
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, attributes.size)));
        let position = 0;
        for (;;) {
          const count = this.#vfs.read(source, chunk, null);
          if (count === 0) break;
          // A hole stays one: zeros are passed over, and the size is set at the end.
          if (isZero(chunk, count)) position += count;
          else position = writeAll(file, chunk, count, position);
          this.counts.bytes += count;
          if (count === CHUNK_BYTES) await breathe(this.#out);
        }
        fs.ftruncateSync(file, position);
        this.#dress(file, attributes);
      } finally {
        fs.closeSync(file);
      }
    } finally {
      this.#vfs.close(source);
    }
  }

  #makeLink(place: Buffer, { bytes, attributes }: Entry): void {
    const { uid, gid } = attributes;
    this.#temporary = this.#temporaryBeside(place);
    fs.symlinkSync(Buffer.from(this.#vfs.readlink(bytes)), this.#temporary);
    if (this.#options.keepsOwners) fs.lchownSync(this.#temporary, uid, gid);
    const time = secondsOf(attributes);
    fs.lutimesSync(this.#temporary, time, time);
    this.#settle(place);
  }

  /** Gives the open file `file` its owner, mode and time. */
  #dress(file: number, attributes: Attributes): void {
    const { mode, uid, gid } = attributes;
    const { keepsOwners } = this.#options;
    // A change of owner takes the special bits away, so it comes first.
    if (keepsOwners) fs.fchownSync(file, uid, gid);
    fs.fchmodSync(file, mode & (keepsOwners ? 0o7777 : 0o7777 & ~SPECIAL_BITS));
    const time = secondsOf(attributes);
    fs.futimesSync(file, time, time);
  }

  #temporaryBeside(place: Buffer): Buffer {
    return Buffer.from(joined(directoryOf(place), Buffer.from(`.visorfs-${this.#mark}`)));
  }

  /** Puts the temporary file into its place. */
  #settle(place: Buffer): void {
    fs.renameSync(this.#temporary!, place);
    this.#temporary = null;
  }

  #clean(): void {
    if (this.#temporary !== null) fs.rmSync(this.#temporary, { force: true });
    this.#temporary = null;
  }
}

function secondsOf({ mtimeSeconds, mtimeNanoseconds }: Attributes): number {
  return mtimeSeconds + mtimeNanoseconds / 1e9;
}

function directoryOf(place: Buffer): Buffer {
  return place.subarray(0, place.lastIndexOf('/'));
}

/** The target is the caller's, and stays as it is whatever an image says of its root. */
function isRoot({ bytes }: Entry): boolean {
  return bytes.length === 1;
}

/** A path as text, whatever its bytes are. */
function keyOf(place: Buffer): string {
  return place.toString('latin1');
}

function isZero(chunk: Buffer, count: number): boolean {
  for (let index = 0; index < count; index++) if (chunk[index] !== 0) return false;
  return true;
}

/** Writes the first `count` bytes of `chunk` at `position`; returns where they end. */
function writeAll(file: number, chunk: Buffer, count: number, position: number): number {
  let at = 0;
  while (at < count) at += fs.writeSync(file, chunk, at, count - at, position + at);
  return position + count;
}
