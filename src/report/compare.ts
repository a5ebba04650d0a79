/**
 * How two trees differ that need not have anything to do with each other: two images, two banks.
 *
 * Both are walked together, name by name in the order of their bytes, links not followed. What is
 * on one side only is added or removed, with all that lies below it; what is on both is changed
 * where one of these is another, and all of them are told:
 *
 *   type      a file is a directory, …; then nothing else of the two is compared
 *   mode      permission bits
 *   owner     user or group
 *   size      bytes of a file
 *   content   bytes of a file, where the size is the same
 *   target    where a link leads
 *   device    major and minor
 *
 * Times alone are no difference: two builds of one source have others. Content is compared piece by
 * piece, so two files of any size take two buffers, and a walk takes the names of the directories
 * that it is in. It is a generator of a step for each path, so that whoever asks may stop, breathe,
 * and say how far it is.
 *
 * Not here: two trees of one line, which need no walk (diff.ts).
 */

import { concatBytes, latin1, NO_BYTES, sameBytes, text, utf8 } from '../base/bytes.ts';
import { isDevice, isDirectory, isRegular, isSymlink, PERMISSIONS, S_IFMT } from '../base/mode.ts';
import { ROOT_INO } from '../layer/image.ts';
import { Content } from '../vfs/content.ts';
import { ROOT } from '../vfs/credentials.ts';
import { type Ino, NO_INO } from '../vfs/ino.ts';
import type { Live } from '../vfs/live.ts';
import type { Tree } from '../vfs/tree.ts';

/** What of two entries of one path may be another. */
export type Aspect = 'type' | 'mode' | 'owner' | 'size' | 'content' | 'target' | 'device';

/** One side of a difference. */
export interface ComparedEntry {
  readonly kind: 'file' | 'directory' | 'symlink' | 'special';
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; of a directory 0. */
  readonly size: number;
  /** Of a symbolic link. */
  readonly target?: string;
  /** The tardisk that gives it; null where it was written over the image. */
  readonly tardisk: string | null;
}

/** One path that is not the same in both. */
export interface TreeDifference {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** What changed; empty for what is on one side only. */
  readonly aspects: readonly Aspect[];
  /** What each side has there; null where nothing. */
  readonly older: ComparedEntry | null;
  readonly newer: ComparedEntry | null;
}

/** One path was compared, or a piece of its content was. */
export interface CompareStep {
  readonly path: string;
  /** Null where both are the same, or where it is not known yet. */
  readonly difference: TreeDifference | null;
  /** Whether `path` is done. */
  readonly isDone: boolean;
}

const SLASH = utf8('/');

/** What is compared at once, in bytes. */
const PIECE_BYTES = 1 << 20;

/**
 * Compares `newer` with `older`, a step for each path below the root.
 *
 * @example
 * const older = await mount('images/bank/sb.v00');
 * const newer = await mount('images/bank/sb.v00', 'images/vibs/debug-tools.vib');
 * const steps = [...compareTrees(older, newer)];
 * const differences = steps.flatMap(({ difference }) => difference ?? []);
 * console.log(differences.map(({ path, change }) => `${change} ${path}`).slice(0, 2));
 * // [ 'changed /etc/motd', 'added /opt/debug-tools' ]
 */
export function compareTrees(older: Tree, newer: Tree): Generator<CompareStep> {
  return new Comparison(older.live, newer.live).steps();
}

/** A path, and what it leads to on each side; NO_INO where that side has it not. */
interface Pair {
  readonly path: Uint8Array;
  readonly older: Ino;
  readonly newer: Ino;
}

class Comparison {
  readonly #older: Live;
  readonly #newer: Live;
  readonly #read: readonly [Content, Content];
  #buffers: readonly [Uint8Array, Uint8Array] = [NO_BYTES, NO_BYTES];

  constructor(older: Live, newer: Live) {
    this.#older = older;
    this.#newer = newer;
    this.#read = [new Content(older, ROOT), new Content(newer, ROOT)];
  }

  *steps(): Generator<CompareStep> {
    const pending = this.#pairs(ROOT_INO, ROOT_INO, NO_BYTES).reverse();
    for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
      yield* this.#pair(pair);
      const was = directoryOf(this.#older, pair.older);
      const is = directoryOf(this.#newer, pair.newer);
      if (was !== NO_INO || is !== NO_INO) {
        pending.push(...this.#pairs(was, is, pair.path).reverse());
      }
    }
  }

  *#pair({ path, older, newer }: Pair): Generator<CompareStep> {
    const shown = text(path);
    const was = older === NO_INO ? null : entryOf(this.#older, older);
    const is = newer === NO_INO ? null : entryOf(this.#newer, newer);
    if (was === null || is === null) {
      const change = was === null ? 'added' : 'removed';
      const difference = { path: shown, change, aspects: [], older: was, newer: is } as const;
      yield { path: shown, difference, isDone: true };
      return;
    }
    const aspects = this.#aspects(older, newer);
    if (was.kind === 'file' && is.kind === 'file' && was.size === is.size) {
      for (const isSame of this.#contents(older, newer, was.size)) {
        if (!isSame) aspects.push('content');
        else yield { path: shown, difference: null, isDone: false };
      }
    }
    const difference =
      aspects.length === 0
        ? null
        : ({ path: shown, change: 'changed', aspects, older: was, newer: is } as const);
    yield { path: shown, difference, isDone: true };
  }

  #aspects(older: Ino, newer: Ino): Aspect[] {
    const was = this.#older.attributes(older);
    const is = this.#newer.attributes(newer);
    if ((was.mode & S_IFMT) !== (is.mode & S_IFMT)) return ['type'];
    const aspects: Aspect[] = [];
    if (was.mode !== is.mode) aspects.push('mode');
    if (was.uid !== is.uid || was.gid !== is.gid) aspects.push('owner');
    if (isRegular(was.mode) && was.size !== is.size) aspects.push('size');
    if (isDevice(was.mode) && was.rdev !== is.rdev) aspects.push('device');
    if (!isSymlink(was.mode)) return aspects;
    const targets = [this.#older.target(older), this.#newer.target(newer)] as const;
    return sameBytes(...targets) ? aspects : [...aspects, 'target'];
  }

  /** Whether each piece of two files of `size` bytes is the same; ends with a no. */
  *#contents(older: Ino, newer: Ino, size: number): Generator<boolean> {
    if (this.#buffers[0].length < Math.min(PIECE_BYTES, size)) {
      const length = Math.min(PIECE_BYTES, size);
      this.#buffers = [new Uint8Array(length), new Uint8Array(length)];
    }
    for (let offset = 0; offset < size; offset += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, size - offset);
      const [was, is] = this.#buffers.map((buffer) => buffer.subarray(0, length));
      this.#read[0].read(older, was!, offset);
      this.#read[1].read(newer, is!, offset);
      const isSame = sameBytes(was!, is!);
      yield isSame;
      if (!isSame) return;
    }
  }

  /** What is in the directories `was` and `is` of `path`, sorted by the bytes of the names. */
  #pairs(was: Ino, is: Ino, path: Uint8Array): Pair[] {
    const older = namesIn(this.#older, was);
    const newer = namesIn(this.#newer, is);
    const both = [...new Map([...older, ...newer])];
    // One character is one byte, so the keys sort as the names do.
    both.sort(([one], [other]) => (one < other ? -1 : 1));
    return both.map(([key, { name }]) => ({
      path: concatBytes([path, SLASH, name]),
      older: older.get(key)?.ino ?? NO_INO,
      newer: newer.get(key)?.ino ?? NO_INO,
    }));
  }
}

function directoryOf(live: Live, ino: Ino): Ino {
  return ino !== NO_INO && isDirectory(live.mode(ino)) ? ino : NO_INO;
}

/** The names in `directory`, by their bytes, one character each. */
function namesIn(live: Live, directory: Ino): Map<string, { name: Uint8Array; ino: Ino }> {
  const names = new Map<string, { name: Uint8Array; ino: Ino }>();
  if (directory === NO_INO) return names;
  live.list(directory, (table, entry, ino) => {
    const name = table.nameBytes(entry).slice();
    names.set(latin1(name, 0, name.length), { name, ino });
  });
  return names;
}

function entryOf(live: Live, ino: Ino): ComparedEntry {
  const { mode, uid, gid, size } = live.attributes(ino);
  const isFile = isRegular(mode);
  const isLink = isSymlink(mode);
  const kind = isFile ? 'file' : isLink ? 'symlink' : isDirectory(mode) ? 'directory' : 'special';
  const tardisk = live.rowOf(ino) === 0 ? (live.image.tardiskOf(ino)?.name ?? null) : null;
  return {
    ...{ kind, mode: mode & PERMISSIONS, uid, gid, size: isFile || isLink ? size : 0 },
    ...(isLink ? { target: text(live.target(ino)) } : {}),
    tardisk,
  };
}
