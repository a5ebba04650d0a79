/**
 * The engine alone, for any runtime.
 *
 * In a file of its own, as bundlers keep or drop an object whole: beside what VisorFs is given, the
 * clock would bring the face of node:fs.
 */

import type { TreeOptions, TreePlatform } from '../vfs/shapes.ts';
import { type Origin, Tree as TreeOn } from '../vfs/tree.ts';

/** What every runtime has: a clock, and ordinary arrays. */
export const treePlatform: Required<TreePlatform> = {
  clock: Date.now,
  slabs: (size) => new Uint8Array(size),
};

/**
 * The engine alone: one image and the ramdisks over it, with POSIX's verbs and without a face.
 *
 * Every verb is a call that never awaits, changes all or nothing, and throws VisorError, with a
 * `code` and, of a full ramdisk, which limit of which is `full`. What is wrong with a path says
 * only that: whoever called knows it. Paths are absolute, as text or as bytes; content is bytes,
 * sizes and offsets too; times are seconds and nanoseconds; flags and modes are Linux's numbers
 * (`constants`).
 *
 * A VisorFs is a tree with more: `fs`, reports (`vdf`, `changes`, `why`, `diff`) and state. Each is
 * made of the other, or of a snapshot of it, and is a fork then. In a page a tree weighs a good
 * third less.
 *
 * @example
 * const tree = new Tree(Image.of(await openTardisk(tgz))); // bytes, a Blob or a Source
 * const fd = tree.open('/opt/log', constants.O_WRONLY | constants.O_CREAT, 0o644);
 * tree.write(fd, new TextEncoder().encode('up\n'), null); // where the file stands
 * tree.close(fd);
 * console.log(tree.names('/opt'), tree.stat('/opt/log').size); // [ 'log' ] 3
 * console.log(tree.view('/etc/kept.conf').length); // 5
 */
export class Tree extends TreeOn {
  constructor(of?: Origin, options?: TreeOptions) {
    super(of, options, treePlatform);
  }
}
