/**
 * The state of one tree: listed, saved, brought back.
 *
 * A backup is of one instant: all bytes are taken before the first await, and writes that go on
 * meanwhile are in the next one. A restore happens whole or not at all: it is checked and weighed
 * against the ramdisks first.
 *
 * Not here: which files are state (select.ts), the archive (archive.ts), where it is kept (host/).
 */

import { isDirectory, PERMISSIONS } from '../base/mode.ts';
import type { Codec } from '../codec/codec.ts';
import type { TreeEvent } from '../vfs/feed.ts';
import { NO_INO } from '../vfs/ino.ts';
import type { Place } from '../vfs/place.ts';
import type { View } from '../vfs/view.ts';
import type { StateMember } from './archive.ts';
import { restoreInto } from './restore.ts';
import { directoryAt, type FoundFile, findState, keyOf, type StateFile } from './select.ts';
import { type StateVerdict, verdictOn } from './verdict.ts';

/** The state of one tree. */
export class State {
  readonly #tree: View;
  readonly #codec: () => Promise<Codec>;
  readonly #roots: readonly string[];

  constructor(tree: View, codec: () => Promise<Codec>, roots: readonly string[]) {
    this.#tree = tree;
    this.#codec = codec;
    this.#roots = roots;
  }

  /** What the next backup will save, and why; sorted by path. */
  list(): StateFile[] {
    return this.#find().map(({ path, reason, size, mode }) => ({ path, reason, size, mode }));
  }

  /** Whether the next backup will save what is at `place`, and why or why not. */
  verdict(place: Place): StateVerdict {
    return verdictOn(this.#tree, place, this.#roots, this.#tree.live.restored);
  }

  /**
   * The state of this instant as the bytes of a state.tgz. Throws EFBIG for a file of 2 GiB and
   * more.
   */
  async backup(): Promise<Uint8Array> {
    const members = this.#find().map((file) => this.#member(file));
    // Loaded when it is first asked for, as gzip is: most programs save no state.
    const { packState } = await import('./archive.ts');
    return packState(members, await this.#codec());
  }

  /**
   * Writes the files of the state.tgz `blob` over what is there; the next backup saves them again.
   *
   * Throws CorruptError where it is no state, StateError where it is encrypted, ENOSPC, ENOTDIR,
   * EISDIR or EPERM where a file does not fit into the tree; then nothing has changed.
   */
  async restore(blob: Uint8Array): Promise<void> {
    const { openState } = await import('./archive.ts');
    const local = await openState(blob, await this.#codec());
    const restored = restoreInto(this.#tree, local).map(keyOf);
    const { live } = this.#tree;
    live.restored = new Set([...live.restored, ...restored]);
  }

  /** Whether the absolute `path` is spelled as one below a state root. */
  isBelowRoots(path: string): boolean {
    return this.#roots.some((root) => root === '/' || path.startsWith(`${root}/`));
  }

  /**
   * Calls `listener` when something below the state roots may have changed, until what it returns
   * is called; never for what certainly lies elsewhere. As a listener of the feed.
   */
  watch(listener: () => void): () => void {
    return this.#tree.on('change', (event) => {
      if (this.#concerns(event)) listener();
    });
  }

  #concerns({ kind, ino, directory, fromDirectory }: TreeEvent): boolean {
    if (kind === 'forgotten') return false;
    // A directory that moves may be above a root, or have been.
    if (kind === 'moved' && isDirectory(this.#tree.live.mode(ino))) return true;
    const known = [directory, fromDirectory].filter((one) => one !== NO_INO);
    // Without a directory it may be anywhere.
    if (known.length === 0) return true;
    const { live } = this.#tree;
    const tops = this.#roots.map((root) => directoryAt(this.#tree, root));
    return known.some((one) => tops.some((top) => top !== NO_INO && live.isWithin(one, top)));
  }

  #find(): FoundFile[] {
    return findState(this.#tree, this.#roots, this.#tree.live.restored);
  }

  #member({ bytes: path, ino, attributes }: FoundFile): StateMember {
    const { mode, uid, gid, mtimeSeconds } = attributes;
    const bytes = this.#tree.copyOf(ino);
    return { path: path.subarray(1), mode: mode & PERMISSIONS, uid, gid, mtimeSeconds, bytes };
  }
}
