/**
 * Writing an archive of state over a live tree, whole or not at all.
 *
 * First everything is checked and its cost summed up, ramdisk by ramdisk; what does not fit is
 * refused there. What follows cannot fail. Directories that are missing are made; files keep what
 * the archive says of them: mode, owner, time.
 */

import { concatBytes, NO_BYTES, text, utf8 } from '../base/bytes.ts';
import { CorruptError, VisorError } from '../base/errors.ts';
import { PAGE_BYTES } from '../base/limits.ts';
import { isDirectory, isRegular, PERMISSIONS } from '../base/mode.ts';
import { nameCost } from '../layer/delta.ts';
import { ROOT_ROW } from '../layer/table.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { NONE } from '../store/dirents.ts';
import { Costs } from '../vfs/costs.ts';
import { O_CREAT, O_WRONLY } from '../vfs/flags.ts';
import { type Ino, isMarked, NO_INO } from '../vfs/ino.ts';
import type { View } from '../vfs/view.ts';

const SLASH = utf8('/');

/** One directory or file to restore; `row` is its row in the archive. */
interface Item {
  readonly path: Uint8Array;
  readonly name: Uint8Array;
  readonly row: number;
  /** What is at its path now. */
  readonly ino: Ino;
}

/**
 * Restores `local` into `tree`; returns the paths of the files written. Throws as `State.restore`.
 */
export function restoreInto(tree: View, local: Tardisk): Uint8Array[] {
  const { directories, files, costs } = new Plan(tree, local);
  costs.check(tree.live);
  for (const item of directories) {
    if (item.ino === NO_INO) tree.mkdir(item.path);
    if (item.ino === NO_INO || !local.isImplied(item.row)) describe(tree, local, item);
  }
  for (const item of files) {
    if (item.ino !== NO_INO && !isAlone(tree, item.ino)) tree.unlink(item.path);
    const bytes = new Uint8Array(local.size[item.row]!);
    local.readInto(item.row, bytes, 0);
    const fd = tree.open(item.path, O_CREAT | O_WRONLY);
    tree.replace(fd, bytes);
    tree.close(fd);
    describe(tree, local, item);
  }
  return files.map(({ path }) => path);
}

/**
 * Whether `ino` is a file with one name: it takes the new content. Of several names one is taken
 * away, so that the file under the others stays what it is.
 */
function isAlone(tree: View, ino: Ino): boolean {
  return isRegular(tree.live.mode(ino)) && tree.live.nlink(ino) === 1;
}

function describe(tree: View, local: Tardisk, { path, row }: Item): void {
  // A change of owner takes setuid and setgid away, so it comes first.
  tree.chown(path, local.uid[row] ?? 0, local.gid[row] ?? 0);
  tree.chmod(path, local.mode[row]! & PERMISSIONS);
  const nanoseconds = local.mtimeNanoseconds[row] ?? 0;
  const time = { seconds: local.mtimeSeconds[row]!, nanoseconds };
  tree.utimes(path, time, time);
}

/** What is to be done, checked, and what it will cost. */
class Plan {
  readonly directories: Item[] = [];
  readonly files: Item[] = [];
  readonly costs = new Costs();
  readonly #tree: View;
  readonly #local: Tardisk;
  readonly #branched = new Set<Ino>();

  constructor(tree: View, local: Tardisk) {
    this.#tree = tree;
    this.#local = local;
    this.#visit(ROOT_ROW, NO_BYTES, tree.lookup('/'), tree.live.ramdiskOf(tree.lookup('/')));
  }

  /**
   * Plans what `row` of the archive holds; `directory` is where it goes, NO_INO where that is to be
   * made.
   */
  #visit(row: number, path: Uint8Array, directory: Ino, ramdisk: number): void {
    const { dirents, mode } = this.#local;
    for (let entry = dirents.first(row); entry !== NONE; entry = dirents.next(entry)) {
      const name = dirents.nameBytes(entry).slice();
      const child = dirents.child(entry);
      const ino =
        directory === NO_INO ? NO_INO : this.#tree.live.lookup(directory, name, 0, name.length);
      const item: Item = { path: concatBytes([path, SLASH, name]), name, row: child, ino };
      if (isMarked(name)) throw new VisorError('EPERM');
      if (isDirectory(mode[child]!)) this.#planDirectory(item, directory, ramdisk);
      else this.#planFile(item, directory, ramdisk);
    }
  }

  #planDirectory(item: Item, parent: Ino, above: number): void {
    const { live } = this.#tree;
    const { ino } = item;
    if (ino !== NO_INO && !isDirectory(live.mode(ino))) throw new VisorError('ENOTDIR');
    this.directories.push(item);
    const ramdisk = ino === NO_INO ? above : live.ramdiskOf(ino);
    if (ino === NO_INO) this.#planName(parent, item.name, above);
    else if (!this.#local.isImplied(item.row)) this.#branch(ino, ramdisk);
    this.#visit(item.row, item.path, ino, ramdisk);
  }

  #planFile(item: Item, parent: Ino, ramdisk: number): void {
    const { live } = this.#tree;
    const { ino, row, path } = item;
    if (!isRegular(this.#local.mode[row]!)) {
      const claim = `'${text(path)}' is no file; state holds files`;
      throw new CorruptError(this.#local.source.name, 0, claim);
    }
    if (ino !== NO_INO && isDirectory(live.mode(ino))) throw new VisorError('EISDIR');
    this.files.push(item);
    let held = 0;
    if (ino !== NO_INO && isAlone(this.#tree, ino)) {
      this.#branch(ino, ramdisk);
      const known = live.rowOf(ino);
      held = known === 0 ? 0 : live.delta.data.pageCount(known);
      if (known !== 0) this.costs.addUnshared(live.delta.data.sharedPageCount(known) * PAGE_BYTES);
    } else {
      this.#planName(parent, item.name, ramdisk);
      // The file that loses a name counts its names in a row of its own.
      if (ino !== NO_INO) this.#branch(ino, ramdisk);
    }
    const pages = Math.ceil(this.#local.size[row]! / PAGE_BYTES);
    this.costs.add(ramdisk, Math.max(0, pages - held) * PAGE_BYTES, 0);
  }

  /** A new inode under a new name, in a directory that is branched for it. */
  #planName(parent: Ino, name: Uint8Array, ramdisk: number): void {
    const isMade = parent !== NO_INO;
    const entry = isMade ? this.#tree.live.entryOf(parent, name, 0, name.length) : NONE;
    this.costs.add(ramdisk, entry === NONE ? nameCost(name.length) : 0, 1);
    if (isMade) this.#branch(parent, ramdisk);
  }

  #branch(ino: Ino, ramdisk: number): void {
    if (this.#branched.has(ino)) return;
    this.#branched.add(ino);
    this.costs.add(ramdisk, 0, this.#tree.live.branchCost(ino));
  }
}
