/**
 * A snapshot: all of a tree at one instant, which never changes.
 *
 * It shares every table and page with the tree it was taken of until that writes; what is held for
 * the snapshot alone is what the tree has overwritten or removed since. Of the memory that a tree
 * and its forks share (`memory`), shared pages count once, however many snapshots have them.
 *
 * Not here: what its bytes are (snapshot-bytes.ts), how two differ (report/diff.ts).
 */

import { VisorError } from '../base/errors.ts';
import { Image } from '../layer/image.ts';
import type { Ino } from './ino.ts';
import type { Live } from './live.ts';
import { snapshotBytes } from './snapshot-bytes.ts';
import { liveOfBytes } from './snapshot-open.ts';

/**
 * All of a tree at one instant. Made by `snapshot` of a VisorFs.
 *
 * @example
 * const before = vfs.snapshot();
 * vfs.fs.rmSync('/etc/motd');
 * const bytes = before.toBytes(); // to be kept: all but what the image has
 * const other = new VisorFs(Snapshot.from(bytes, vfs.image));
 * console.log(vfs.fs.existsSync('/etc/motd'), other.fs.existsSync('/etc/motd')); // false true
 * before.release();
 */
export class Snapshot {
  /** For reports, and for trees that start from it. Not to be changed. */
  readonly live: Live;

  constructor(live: Live) {
    this.live = live;
  }

  /** Bytes of pages that its files have, shared with others or not. */
  get pageBytes(): number {
    return this.live.delta.pageBytes;
  }

  /**
   * The snapshot in `bytes` that `toBytes` gave, over the same image. Throws CorruptError where
   * they are none, lie or are of another image.
   */
  static from(bytes: Uint8Array, image: Image = Image.of()): Snapshot {
    return new Snapshot(liveOfBytes(bytes, image));
  }

  /**
   * All of it as bytes, but for what the image has: lossless, and the same bytes for the same
   * state. Throws EINVAL where it was released.
   */
  toBytes(): Uint8Array {
    if (this.isReleased) throw new VisorError('EINVAL');
    return snapshotBytes(this.live);
  }

  /** What is only open: nothing, since a snapshot has no open files. */
  orphans(): readonly Ino[] {
    return [];
  }

  /** Whether it was given back. */
  get isReleased(): boolean {
    return this.live.delta.isReleased;
  }

  /**
   * Gives back at once what only it holds; nothing can be made of it then. One that is forgotten
   * instead is given back when the collector of the runtime finds it.
   */
  release(): void {
    this.live.delta.release();
  }
}
