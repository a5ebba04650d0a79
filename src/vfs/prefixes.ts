/**
 * Directories by the path that led to them: what makes a lookup cost one name, however deep it is.
 *
 *   /srv/app/lib/index.js       the resolver asks for the bytes before the last slash,
 *   ────────────                and goes on from the directory that they led to before
 *
 * One table serves all trees. An entry is good while its stamp is the one that its tree has now;
 * a tree takes a new stamp, which nobody had before, when what it gave an answer about may have
 * changed: a directory or a symbolic link was moved or removed, a tardisk came or went, a ramdisk
 * was removed (`Live.restamp`). Making names and removing files never does that, since only
 * directories that were found are kept. So the table holds no tree alive, and a tree costs nothing
 * for having it.
 *
 *   slot    64 words:  bytes of the path · directory · links followed · the path, 244 bytes
 *   a path hashes to a pair of slots, the younger first; a third one takes the place of the elder
 *
 * Paths are kept as they were written and compared in full: `/a/./b` and `/a/b` are two. What links
 * were followed counts, as the limit on them is one for the whole path.
 *
 * Invariant: with the table and without it, every path leads to the same place
 * (test/vfs/prefixes.test.ts, with a model).
 */

import { PREFIXES_MAX_COUNT } from '../base/limits.ts';
import { type Ino, NO_INO } from './ino.ts';

const SLOT_WORDS = 64;
const LENGTH = 0;
const DIRECTORY = 1;
const LINKS = 2;
const PATH = 3;

/** Longest path that is kept, in bytes. */
const KEPT_MAX_BYTES = (SLOT_WORDS - PATH) * 4;

let lastStamp = 0;

/** A stamp that nobody had before. */
export function nextStamp(): number {
  lastStamp += 1;
  return lastStamp;
}

/** Directories by path, of all trees. `path` is where the path asked about lies, at its start. */
export class Prefixes {
  readonly #path: Uint8Array;
  readonly #pathWords: Int32Array;
  readonly #slots = new Int32Array(PREFIXES_MAX_COUNT * SLOT_WORDS);
  readonly #bytes = new Uint8Array(this.#slots.buffer);
  /** 0 in slots that were never used. */
  readonly #stamps = new Float64Array(PREFIXES_MAX_COUNT);
  #links = 0;

  constructor(path: Uint8Array<ArrayBuffer>) {
    this.#path = path;
    this.#pathWords = new Int32Array(path.buffer);
  }

  /** How many links were followed to what was found last. */
  get links(): number {
    return this.#links;
  }

  /**
   * Where the first `length` bytes of the path lead in the tree with `stamp`, or NO_INO where that
   * is not known.
   */
  find(stamp: number, length: number): Ino {
    if (length > KEPT_MAX_BYTES) return NO_INO;
    const first = this.#pairOf(stamp, length);
    const slot = this.#holds(first, stamp, length) ? first : first + 1;
    if (slot !== first && !this.#holds(slot, stamp, length)) return NO_INO;
    this.#links = this.#slots[slot * SLOT_WORDS + LINKS]!;
    return this.#slots[slot * SLOT_WORDS + DIRECTORY]!;
  }

  /**
   * Keeps that the first `length` bytes of the path lead to `directory` in the tree with `stamp`,
   * over `links` links. They were not found before.
   */
  keep(stamp: number, length: number, directory: Ino, links: number): void {
    if (length > KEPT_MAX_BYTES) return;
    const slot = this.#pairOf(stamp, length);
    const at = slot * SLOT_WORDS;
    // The younger of a pair comes first.
    this.#stamps[slot + 1] = this.#stamps[slot]!;
    this.#slots.copyWithin(at + SLOT_WORDS, at, at + SLOT_WORDS);
    this.#stamps[slot] = stamp;
    this.#slots[at + LENGTH] = length;
    this.#slots[at + DIRECTORY] = directory;
    this.#slots[at + LINKS] = links;
    this.#bytes.set(this.#path.subarray(0, length), (at + PATH) * 4);
  }

  #holds(slot: number, stamp: number, length: number): boolean {
    const at = slot * SLOT_WORDS;
    if (this.#stamps[slot] !== stamp || this.#slots[at + LENGTH] !== length) return false;
    const words = length >> 2;
    for (let word = 0; word < words; word++) {
      if (this.#slots[at + PATH + word] !== this.#pathWords[word]) return false;
    }
    const byteAt = (at + PATH) * 4;
    for (let index = words * 4; index < length; index++) {
      if (this.#bytes[byteAt + index] !== this.#path[index]) return false;
    }
    return true;
  }

  /** The first of the two slots for the first `length` bytes of the path. */
  #pairOf(stamp: number, length: number): number {
    let hash = Math.imul(stamp | 0, 0x9e3779b1) ^ length;
    const words = length >> 2;
    for (let word = 0; word < words; word++) hash = mixed(hash, this.#pathWords[word]!);
    for (let index = words * 4; index < length; index++) hash = mixed(hash, this.#path[index]!);
    return (hash ^ (hash >>> 15)) & (PREFIXES_MAX_COUNT - 2);
  }
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x85ebca6b);
  return product ^ (product >>> 13);
}
