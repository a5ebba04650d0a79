/**
 * Directory entries: which name in which directory is which inode.
 *
 *   rows    6 numbers an entry:  directory · child · name offset · name length · next · previous
 *   slots   open addressing, linear probing: pairs of (hash, row + 1), 0 where free
 *   names   the bytes of all names, one after the other
 *
 * Every directory that has entries has a row of its own under the empty name. Its `next` and
 * `previous` are the first and the last entry, which makes listing a walk in the order of creation;
 * its `child` is the row of the entry that names this directory (its home), which makes `..` and a
 * rename of a directory of any size one step.
 *
 * A lookup costs one probe on average, a miss likewise, however many entries there are. Names may
 * be chosen to collide: a table in which probes get long is hashed anew under another seed. Names
 * are compared as bytes. Removing closes the gap in the slots at once, so no tombstones pile up;
 * names removed are squeezed out when they are more than half of all.
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
import { text } from '../base/bytes.ts';
import { resized, roomFor } from './columns.ts';

/** No entry. */
export const NONE = -1;

const STRIDE = 6;
const DIRECTORY = 0;
const CHILD = 1;
const NAME_OFFSET = 2;
const NAME_LENGTH = 3;
const NEXT = 4;
const PREVIOUS = 5;

/** `directory` of a row that is free; its NEXT is then the next free row. */
const FREE = -2;

const FIRST_SLOTS = 16;

/** Steps to a free slot before the table is hashed anew: chance alone does not come near. */
const PROBES_MAX = 512;
/** How often that may help: names that collide under one seed do not under the next. */
const SEEDS_MAX = 8;
const SQUEEZE_FLOOR_BYTES = 4096;

const NO_NAME = new Uint8Array(0);

/** Directory entries of one tree: of a tardisk, of an image, or of what was written. */
export class Dirents {
  #rows = new Int32Array(8 * STRIDE);
  #rowCount = 0;
  #freeRow = NONE;
  #slots = new Int32Array(FIRST_SLOTS * 2);
  #usedSlots = 0;
  #seed = 0;
  #names = new Uint8Array(64);
  #namesEnd = 0;
  #garbageBytes = 0;

  /** Memory of rows, slots and names, in bytes. */
  get byteSize(): number {
    return this.#rows.byteLength + this.#slots.byteLength + this.#names.byteLength;
  }

  /** The entry called `name[start, end)` in `directory`, or NONE. */
  find(directory: number, name: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length / 2 - 1;
    const hash = hashOf(this.#seed, directory, name, start, end);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot * 2 + 1]! - 1;
      if (row < 0) return NONE;
      if (this.#slots[slot * 2] === hash && this.#isNamed(row, directory, name, start, end)) {
        return row;
      }
    }
  }

  /**
   * Adds `name[start, end)` to `directory` as `child`, last in its list. The name must not be there
   * yet.
   */
  add(directory: number, name: Uint8Array, start: number, end: number, child: number): number {
    const head = this.#headOf(directory);
    const row = this.#insert(directory, name, start, end, child);
    const last = this.#rows[head * STRIDE + PREVIOUS]!;
    this.#rows[row * STRIDE + NEXT] = NONE;
    this.#rows[row * STRIDE + PREVIOUS] = last;
    this.#rows[head * STRIDE + PREVIOUS] = row;
    if (last === NONE) this.#rows[head * STRIDE + NEXT] = row;
    else this.#rows[last * STRIDE + NEXT] = row;
    return row;
  }

  /** Takes `entry` out. */
  remove(entry: number): void {
    const at = entry * STRIDE;
    const directory = this.#rows[at + DIRECTORY]!;
    const head = this.find(directory, NO_NAME, 0, 0);
    const next = this.#rows[at + NEXT]!;
    const previous = this.#rows[at + PREVIOUS]!;
    this.#rows[(previous === NONE ? head : previous) * STRIDE + NEXT] = next;
    this.#rows[(next === NONE ? head : next) * STRIDE + PREVIOUS] = previous;
    this.#erase(entry);
    const isBare =
      this.#rows[head * STRIDE + NEXT] === NONE && this.#rows[head * STRIDE + CHILD] === NONE;
    if (isBare) this.#erase(head);
    this.#squeezeNames();
  }

  /** What `entry` names. */
  child(entry: number): number {
    return this.#rows[entry * STRIDE + CHILD]!;
  }

  /** Makes `entry` name `child`. */
  setChild(entry: number, child: number): void {
    this.#rows[entry * STRIDE + CHILD] = child;
  }

  /** The directory `entry` is in. */
  directory(entry: number): number {
    return this.#rows[entry * STRIDE + DIRECTORY]!;
  }

  /** Bytes of the name of `entry`. */
  nameLength(entry: number): number {
    return this.#rows[entry * STRIDE + NAME_LENGTH]!;
  }

  /** The name of `entry`, in place: good until the next change. */
  nameBytes(entry: number): Uint8Array {
    const offset = this.#rows[entry * STRIDE + NAME_OFFSET]!;
    return this.#names.subarray(offset, offset + this.nameLength(entry));
  }

  /** The name of `entry` as text. */
  name(entry: number): string {
    const offset = this.#rows[entry * STRIDE + NAME_OFFSET]!;
    return text(this.#names, offset, offset + this.nameLength(entry));
  }

  /** The first entry of `directory`, or NONE. */
  first(directory: number): number {
    const head = this.find(directory, NO_NAME, 0, 0);
    return head === NONE ? NONE : this.#rows[head * STRIDE + NEXT]!;
  }

  /** The entry after `entry` in its directory, or NONE. */
  next(entry: number): number {
    return this.#rows[entry * STRIDE + NEXT]!;
  }

  /** The entry that names `directory`, or NONE. */
  home(directory: number): number {
    const head = this.find(directory, NO_NAME, 0, 0);
    return head === NONE ? NONE : this.#rows[head * STRIDE + CHILD]!;
  }

  /** Says that `entry` names `directory`; NONE forgets it. */
  setHome(directory: number, entry: number): void {
    const found = entry === NONE ? this.find(directory, NO_NAME, 0, 0) : this.#headOf(directory);
    if (found === NONE) return;
    this.#rows[found * STRIDE + CHILD] = entry;
    if (entry === NONE && this.#rows[found * STRIDE + NEXT] === NONE) this.#erase(found);
  }

  /** A copy that changes on its own. */
  clone(): Dirents {
    const copy = new Dirents();
    copy.#rows = this.#rows.slice();
    copy.#rowCount = this.#rowCount;
    copy.#freeRow = this.#freeRow;
    copy.#slots = this.#slots.slice();
    copy.#usedSlots = this.#usedSlots;
    copy.#seed = this.#seed;
    copy.#names = this.#names.slice();
    copy.#namesEnd = this.#namesEnd;
    copy.#garbageBytes = this.#garbageBytes;
    return copy;
  }

  /** Gives back the room kept for growth: for tables that will not change any more. */
  trim(): void {
    this.#rows = resized(this.#rows, this.#rowCount * STRIDE);
    this.#names = resized(this.#names, this.#namesEnd);
  }

  /**
   * Slots that the dearest lookup goes through: what a test holds against names chosen to collide.
   */
  longestProbe(): number {
    const mask = this.#slots.length / 2 - 1;
    let longest = 0;
    for (let slot = 0; slot <= mask; slot++) {
      if (this.#slots[slot * 2 + 1] === 0) continue;
      longest = Math.max(longest, (slot - (this.#slots[slot * 2]! & mask)) & mask);
    }
    return longest;
  }

  /** Checks the invariants; throws where one does not hold. */
  verify(): void {
    let live = 0;
    for (let row = 0; row < this.#rowCount; row++) {
      const directory = this.#rows[row * STRIDE + DIRECTORY]!;
      if (directory === FREE) continue;
      live += 1;
      const name = this.nameBytes(row);
      assert(this.find(directory, name, 0, name.length) === row, `row ${row} is found by its name`);
      if (name.length === 0) live -= this.#verifyList(row, directory);
    }
    assert(live === this.#headCount(), 'every entry is in one list');
  }

  #verifyList(head: number, directory: number): number {
    let count = 0;
    let previous = NONE;
    for (let row = this.#rows[head * STRIDE + NEXT]!; row !== NONE; row = this.next(row)) {
      assert(this.directory(row) === directory, 'a list holds one directory');
      assert(this.#rows[row * STRIDE + PREVIOUS] === previous, 'a list goes both ways');
      previous = row;
      count += 1;
    }
    assert(this.#rows[head * STRIDE + PREVIOUS] === previous, 'a list ends at its end');
    return count;
  }

  #headCount(): number {
    let count = 0;
    for (let row = 0; row < this.#rowCount; row++) {
      const at = row * STRIDE;
      if (this.#rows[at + DIRECTORY] !== FREE && this.#rows[at + NAME_LENGTH] === 0) count += 1;
    }
    return count;
  }

  #isNamed(row: number, directory: number, name: Uint8Array, start: number, end: number): boolean {
    const at = row * STRIDE;
    if (this.#rows[at + DIRECTORY] !== directory) return false;
    const length = end - start;
    if (this.#rows[at + NAME_LENGTH] !== length) return false;
    const offset = this.#rows[at + NAME_OFFSET]!;
    for (let index = 0; index < length; index++) {
      if (this.#names[offset + index] !== name[start + index]) return false;
    }
    return true;
  }

  #headOf(directory: number): number {
    const found = this.find(directory, NO_NAME, 0, 0);
    if (found !== NONE) return found;
    const head = this.#insert(directory, NO_NAME, 0, 0, NONE);
    this.#rows[head * STRIDE + NEXT] = NONE;
    this.#rows[head * STRIDE + PREVIOUS] = NONE;
    return head;
  }

  #insert(directory: number, name: Uint8Array, start: number, end: number, child: number): number {
    const row = this.#takeRow();
    const at = row * STRIDE;
    this.#rows[at + DIRECTORY] = directory;
    this.#rows[at + CHILD] = child;
    this.#rows[at + NAME_OFFSET] = this.#appendName(name, start, end);
    this.#rows[at + NAME_LENGTH] = end - start;
    if ((this.#usedSlots + 1) * 3 > this.#slots.length) this.#growSlots();
    this.#usedSlots += 1;
    const steps = this.#fillSlot(hashOf(this.#seed, directory, name, start, end), row);
    if (steps > PROBES_MAX && this.#seed < SEEDS_MAX) this.#hashAnew();
    return row;
  }

  #takeRow(): number {
    const row = this.#freeRow;
    if (row !== NONE) {
      this.#freeRow = this.#rows[row * STRIDE + NEXT]!;
      return row;
    }
    this.#rows = roomFor(this.#rows, (this.#rowCount + 1) * STRIDE);
    this.#rowCount += 1;
    return this.#rowCount - 1;
  }

  #appendName(name: Uint8Array, start: number, end: number): number {
    const offset = this.#namesEnd;
    this.#names = roomFor(this.#names, offset + end - start);
    for (let index = start; index < end; index++) {
      this.#names[offset + index - start] = name[index]!;
    }
    this.#namesEnd = offset + end - start;
    return offset;
  }

  /** Puts `row` into the first free slot from `hash` on; returns how many steps away that was. */
  #fillSlot(hash: number, row: number): number {
    const mask = this.#slots.length / 2 - 1;
    const wanted = hash & mask;
    let slot = wanted;
    while (this.#slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot * 2] = hash;
    this.#slots[slot * 2 + 1] = row + 1;
    return (slot - wanted) & mask;
  }

  /** Hashes every row under the next seed: somebody chose names that collide under this one. */
  #hashAnew(): void {
    this.#seed += 1;
    this.#slots.fill(0);
    for (let row = 0; row < this.#rowCount; row++) {
      const directory = this.#rows[row * STRIDE + DIRECTORY]!;
      if (directory === FREE) continue;
      const name = this.nameBytes(row);
      this.#fillSlot(hashOf(this.#seed, directory, name, 0, name.length), row);
    }
  }

  #growSlots(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot + 1] !== 0) this.#fillSlot(old[slot]!, old[slot + 1]! - 1);
    }
  }

  #erase(row: number): void {
    const at = row * STRIDE;
    const name = this.nameBytes(row);
    this.#clearSlot(hashOf(this.#seed, this.#rows[at + DIRECTORY]!, name, 0, name.length), row);
    this.#garbageBytes += name.length;
    this.#rows[at + DIRECTORY] = FREE;
    this.#rows[at + NEXT] = this.#freeRow;
    this.#freeRow = row;
  }

  /** Frees the slot of `row` and moves back those behind it that probed past it. */
  #clearSlot(hash: number, row: number): void {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    let hole = hash & mask;
    while (slots[hole * 2 + 1] !== row + 1) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot * 2 + 1] !== 0; slot = (slot + 1) & mask) {
      const wanted = slots[slot * 2]! & mask;
      // It may move back only if the hole lies between where it wants to be and where it is.
      if (((slot - wanted) & mask) < ((slot - hole) & mask)) continue;
      slots[hole * 2] = slots[slot * 2]!;
      slots[hole * 2 + 1] = slots[slot * 2 + 1]!;
      hole = slot;
    }
    slots[hole * 2] = 0;
    slots[hole * 2 + 1] = 0;
    this.#usedSlots -= 1;
  }

  #squeezeNames(): void {
    if (this.#garbageBytes < SQUEEZE_FLOOR_BYTES || this.#garbageBytes * 2 < this.#namesEnd) return;
    const names = new Uint8Array(this.#namesEnd - this.#garbageBytes);
    let end = 0;
    for (let row = 0; row < this.#rowCount; row++) {
      const at = row * STRIDE;
      if (this.#rows[at + DIRECTORY] === FREE) continue;
      names.set(this.nameBytes(row), end);
      this.#rows[at + NAME_OFFSET] = end;
      end += this.#rows[at + NAME_LENGTH]!;
    }
    this.#names = names;
    this.#namesEnd = end;
    this.#garbageBytes = 0;
  }
}

/**
 * FNV-1a over the name, begun with the directory and the seed, its high bits folded into the low
 * ones that pick a slot.
 */
function hashOf(
  seed: number,
  directory: number,
  name: Uint8Array,
  start: number,
  end: number,
): number {
  let hash = Math.imul(directory ^ (0x811c9dc5 + seed * 0x3c6ef373), 0x9e3779b1);
  for (let index = start; index < end; index++) {
    hash = Math.imul(hash ^ name[index]!, 0x01000193);
  }
  return hash ^ (hash >>> 15);
}
