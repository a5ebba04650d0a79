/**
 * Directory entries: which name in which directory is which inode.
 *
 *   rows    6 numbers an entry (entry-rows.ts)
 *   slots   rows by the hash of directory and name (slots.ts)
 *   names   the bytes of all names (names.ts)
 *
 * All three are tables in chunks (chunks.ts): flat ones for an image, which never changes once it
 * is made; small ones for what is written, so that a fork shares what neither side writes to.
 *
 * Every directory that has entries has a row of its own under the empty name. Its `next` and
 * `previous` are the first and the last entry, which makes listing a walk in the order of creation;
 * its `child` is the row of the entry that names this directory (its home), which makes `..` and a
 * rename of a directory of any size one step.
 *
 * A lookup costs one probe on average, a miss likewise, however many entries there are. Names may
 * be chosen to collide: a table in which probes get long is hashed anew under another seed. Names
 * are compared as bytes.
 *
 * Invariants, of which `verify` checks the first three; test/store/dirents.test.ts attacks them all
 * with a model:
 *
 *   1. (directory, name) is there once      2. every entry is in its directory's list once
 *   3. slots reach every row                4. rows and names not in use are reused
 *
 * Not here: what an inode is, what a child number means (a whiteout is one), and who pays.
 */

import { assert } from '../base/assert.ts';
import { FLAT } from './chunks.ts';
import type { DirentsMemory } from './dirents-memory.ts';
import {
  CHILD,
  DIRECTORY,
  EntryRows,
  NAME_LENGTH,
  NAME_OFFSET,
  NEXT,
  NONE,
  PREVIOUS,
  STRIDE,
} from './entry-rows.ts';
import { hashOf } from './hash.ts';
import { Names } from './names.ts';
import { Slots } from './slots.ts';

export { NONE } from './entry-rows.ts';

/** Chunks of a table that forks, of 6, 4 and 8 KiB: what a first write after a fork copies. */
const ROWS_SHIFT = 8;
const SLOTS_SHIFT = 9;
const NAMES_SHIFT = 13;

/** Bytes of a name in system images, on average. */
const USUAL_NAME_BYTES = 16;

/**
 * Steps to a free slot before the table is hashed anew: chance alone does not come near, and names
 * that collide under one seed do not under the next, so each time takes as many new names.
 */
const PROBES_MAX = 512;

const NO_NAME = new Uint8Array(0);

/** Directory entries of one tree: of a tardisk, of an image, or of what was written. */
export class Dirents {
  #rows: EntryRows;
  #slots: Slots;
  #seed = 0;
  #names: Names;
  /** The directory that was last added to, and its head: archives come directory by directory. */
  #lastDirectory = NONE;
  #lastHead = NONE;

  /** An empty table: of flat memory, or of small chunks where it is to be forked. */
  constructor(layout: 'flat' | 'forking' = 'flat') {
    const isFlat = layout === 'flat';
    this.#rows = new EntryRows(isFlat ? FLAT : ROWS_SHIFT);
    this.#slots = new Slots(isFlat ? FLAT : SLOTS_SHIFT);
    this.#names = new Names(isFlat ? FLAT : NAMES_SHIFT);
  }

  /** The table that `memory` is; it must not change any more, here or there. */
  static of(memory: DirentsMemory): Dirents {
    const table = new Dirents();
    table.#rows = EntryRows.of(memory.rows);
    table.#seed = memory.seed;
    table.#slots = Slots.of(memory.slots);
    table.#names = Names.of(memory.names);
    return table;
  }

  /** The memory of this table, which must be a flat one that does not change any more. */
  memory(): DirentsMemory {
    return {
      rows: this.#rows.memory(),
      seed: this.#seed,
      slots: this.#slots.memory(),
      names: this.#names.memory(),
    };
  }

  /** Makes room in a flat table for `count` more entries, so that it need not grow by and by. */
  reserve(count: number, nameBytes = count * USUAL_NAME_BYTES): void {
    this.#rows.chunks.fit(this.#rows.count + count);
    this.#names.reserve(nameBytes);
    this.#slots.reserve(count);
  }

  /** Bytes of all names, and rows in use: what `reserve` needs to hear to hold another table. */
  get extent(): { readonly count: number; readonly nameBytes: number } {
    return { count: this.#rows.count, nameBytes: this.#names.endOffset };
  }

  /** Memory of rows, slots and names, in bytes. */
  get byteSize(): number {
    return this.#rows.chunks.byteSize + this.#slots.chunks.byteSize + this.#names.byteSize;
  }

  /** The hash of a name, for `find` and then `add`: good until the next entry is added. */
  hash(directory: number, name: Uint8Array, start: number, end: number): number {
    return hashOf(this.#seed, directory, name, start, end);
  }

  /** The entry called `name[start, end)` in `directory`, or NONE. */
  find(
    directory: number,
    name: Uint8Array,
    start: number,
    end: number,
    hash = hashOf(this.#seed, directory, name, start, end),
  ): number {
    const { arrays, shift, mask } = this.#slots.chunks;
    const slotMask = this.#slots.mask;
    for (let slot = hash & slotMask; ; slot = (slot + 1) & slotMask) {
      const slots = arrays[slot >>> shift]!;
      const at = (slot & mask) * 2;
      const row = slots[at + 1]! - 1;
      if (row < 0) return NONE;
      if (slots[at] === hash && this.#isNamed(row, directory, name, start, end)) return row;
    }
  }

  /**
   * Adds `name[start, end)` to `directory` as `child`, last in its list. The name must not be there
   * yet.
   */
  add(
    directory: number,
    name: Uint8Array,
    start: number,
    end: number,
    child: number,
    hash = hashOf(this.#seed, directory, name, start, end),
  ): number {
    const row = this.#insert(directory, name, start, end, child, hash);
    const head = directory === this.#lastDirectory ? this.#lastHead : this.#headOf(directory);
    this.#lastDirectory = directory;
    this.#lastHead = head;
    const heads = this.#rows.chunks.own(head);
    const at = (head & this.#rows.chunks.mask) * STRIDE;
    const last = heads[at + PREVIOUS]!;
    heads[at + PREVIOUS] = row;
    if (last === NONE) heads[at + NEXT] = row;
    else this.#rows.set(last, NEXT, row);
    this.#rows.set(row, PREVIOUS, last);
    return row;
  }

  /** Takes `entry` out. */
  remove(entry: number): void {
    const head = this.find(this.directory(entry), NO_NAME, 0, 0);
    const next = this.#rows.at(entry, NEXT);
    const previous = this.#rows.at(entry, PREVIOUS);
    this.#rows.set(previous === NONE ? head : previous, NEXT, next);
    this.#rows.set(next === NONE ? head : next, PREVIOUS, previous);
    this.#erase(entry);
    if (this.#rows.at(head, NEXT) === NONE && this.#rows.at(head, CHILD) === NONE)
      this.#erase(head);
    this.#squeezeNames();
  }

  /** What `entry` names. */
  child(entry: number): number {
    return this.#rows.at(entry, CHILD);
  }

  /** Makes `entry` name `child`. */
  setChild(entry: number, child: number): void {
    this.#rows.set(entry, CHILD, child);
  }

  /** The directory `entry` is in. */
  directory(entry: number): number {
    return this.#rows.at(entry, DIRECTORY);
  }

  /** Bytes of the name of `entry`. */
  nameLength(entry: number): number {
    return this.#rows.at(entry, NAME_LENGTH);
  }

  /** The name of `entry`, in place: good until the next change. */
  nameBytes(entry: number): Uint8Array {
    return this.#names.bytes(this.#rows.at(entry, NAME_OFFSET), this.#rows.at(entry, NAME_LENGTH));
  }

  /** The name of `entry` as text. */
  name(entry: number): string {
    return this.#names.text(this.#rows.at(entry, NAME_OFFSET), this.#rows.at(entry, NAME_LENGTH));
  }

  /** The first entry of `directory`, or NONE. */
  first(directory: number): number {
    const head = this.find(directory, NO_NAME, 0, 0);
    return head === NONE ? NONE : this.#rows.at(head, NEXT);
  }

  /** The entry after `entry` in its directory, or NONE. */
  next(entry: number): number {
    return this.#rows.at(entry, NEXT);
  }

  /** The entry that names `directory`, or NONE. */
  home(directory: number): number {
    const head = this.find(directory, NO_NAME, 0, 0);
    return head === NONE ? NONE : this.#rows.at(head, CHILD);
  }

  /** Says that `entry` names `directory`; NONE forgets it. */
  setHome(directory: number, entry: number): void {
    const found = entry === NONE ? this.find(directory, NO_NAME, 0, 0) : this.#headOf(directory);
    if (found === NONE) return;
    this.#rows.set(found, CHILD, entry);
    if (entry === NONE && this.#rows.at(found, NEXT) === NONE) this.#erase(found);
  }

  /** The same entries as a table that changes on its own: what neither writes to is shared. */
  fork(): Dirents {
    const copy = new Dirents();
    copy.#rows = this.#rows.fork();
    copy.#slots = this.#slots.fork();
    copy.#seed = this.#seed;
    copy.#names = this.#names.fork();
    return copy;
  }

  /** Gives back what it shares with forks. Nothing may be asked of it then. */
  release(): void {
    this.#rows.chunks.release();
    this.#slots.chunks.release();
    this.#names.release();
  }

  /** Gives back the room kept for growth: for tables that will not change any more. */
  trim(): void {
    this.#rows.chunks.fit(this.#rows.count);
    this.#names.trim();
  }

  /** Calls `visit` for the entries that `other`, of one line with this, has not or not alike. */
  eachApart(other: Dirents, isAlike: (child: number) => boolean, visit: (entry: number) => void) {
    this.#rows.each(other.#rows, null, (row) => {
      const [name, child] = [this.nameBytes(row), this.child(row)];
      const isThere = row < other.#rows.count && child === other.child(row) && isAlike(child);
      if (isThere && other.#isNamed(row, this.directory(row), name, 0, name.length)) return;
      visit(row);
    });
  }

  /**
   * Calls `visit` for every entry, of those that name one of `children` if there are any, but for
   * what `other`, a table of one line with this, has as well for sure.
   */
  eachNaming(
    children: ReadonlySet<number> | null,
    other: Dirents | null,
    visit: (entry: number) => void,
  ): void {
    this.#rows.each(other === null ? null : other.#rows, children, visit);
  }

  /**
   * Slots that the dearest lookup goes through: what a test holds against names chosen to collide.
   */
  longestProbe(): number {
    return this.#slots.longestProbe();
  }

  /** Checks the invariants; throws where one does not hold. */
  verify(): void {
    let live = 0;
    let heads = 0;
    for (let row = 0; row < this.#rows.count; row++) {
      if (this.#rows.isFree(row)) continue;
      const directory = this.directory(row);
      live += 1;
      const name = this.nameBytes(row);
      assert(this.find(directory, name, 0, name.length) === row, `row ${row} is found by its name`);
      if (name.length > 0) continue;
      heads += 1;
      live -= this.#verifyList(row, directory);
    }
    assert(live === heads, 'every entry is in one list');
  }

  #verifyList(head: number, directory: number): number {
    let count = 0;
    let previous = NONE;
    for (let row = this.#rows.at(head, NEXT); row !== NONE; row = this.next(row)) {
      assert(this.directory(row) === directory, 'a list holds one directory');
      assert(this.#rows.at(row, PREVIOUS) === previous, 'a list goes both ways');
      previous = row;
      count += 1;
    }
    assert(this.#rows.at(head, PREVIOUS) === previous, 'a list ends at its end');
    return count;
  }

  #isNamed(row: number, directory: number, name: Uint8Array, start: number, end: number): boolean {
    const { arrays, shift, mask } = this.#rows.chunks;
    const rows = arrays[row >>> shift]!;
    const at = (row & mask) * STRIDE;
    const length = end - start;
    if (rows[at + DIRECTORY] !== directory || rows[at + NAME_LENGTH] !== length) return false;
    return this.#names.is(rows[at + NAME_OFFSET]!, length, name, start);
  }

  #headOf(directory: number): number {
    const found = this.find(directory, NO_NAME, 0, 0);
    if (found !== NONE) return found;
    const hash = hashOf(this.#seed, directory, NO_NAME, 0, 0);
    const head = this.#insert(directory, NO_NAME, 0, 0, NONE, hash);
    this.#rows.set(head, NEXT, NONE);
    this.#rows.set(head, PREVIOUS, NONE);
    return head;
  }

  /** A row for `name` in `directory`, in no list yet; its NEXT is NONE. */
  #insert(
    directory: number,
    name: Uint8Array,
    start: number,
    end: number,
    child: number,
    hash: number,
  ): number {
    const row = this.#rows.take();
    const offset = this.#names.add(name, start, end);
    const rows = this.#rows.chunks.own(row);
    const at = (row & this.#rows.chunks.mask) * STRIDE;
    rows[at + DIRECTORY] = directory;
    rows[at + CHILD] = child;
    rows[at + NAME_OFFSET] = offset;
    rows[at + NAME_LENGTH] = end - start;
    rows[at + NEXT] = NONE;
    const steps = this.#slots.add(hash, row);
    if (steps > PROBES_MAX) this.#hashAnew();
    return row;
  }

  /** Hashes every row under the next seed: somebody chose names that collide under this one. */
  #hashAnew(): void {
    this.#seed += 1;
    this.#slots.chunks.release();
    this.#slots = new Slots(this.#slots.chunks.shift, this.#slots.mask + 1);
    for (let row = 0; row < this.#rows.count; row++) {
      if (this.#rows.isFree(row)) continue;
      this.#slots.add(this.#hashOfRow(row), row);
    }
  }

  #erase(row: number): void {
    const length = this.nameLength(row);
    this.#slots.remove(this.#hashOfRow(row), row);
    this.#names.forget(length);
    this.#rows.free(row);
    this.#lastDirectory = NONE;
  }

  #hashOfRow(row: number): number {
    const offset = this.#rows.at(row, NAME_OFFSET);
    return this.#names.hash(this.#seed, this.directory(row), offset, this.nameLength(row));
  }

  #squeezeNames(): void {
    if (!this.#names.isMostlyGarbage) return;
    const older = this.#names;
    this.#names = older.emptied();
    for (let row = 0; row < this.#rows.count; row++) {
      const length = this.#rows.at(row, NAME_LENGTH);
      if (this.#rows.isFree(row) || length === 0) continue;
      const name = older.bytes(this.#rows.at(row, NAME_OFFSET), length);
      this.#rows.set(row, NAME_OFFSET, this.#names.add(name, 0, length));
    }
    older.release();
  }
}
