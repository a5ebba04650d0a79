/**
 * What differs between two trees of one line: files added, modified and deleted.
 *
 *   rows      in chunks that the two do not share: inodes that may differ, and where they are named
 *   entries   in chunks that the two do not share: names that may differ
 *   tables    of the images, where a tardisk came or went: every name of them
 *
 * Each of these names is looked up on both sides. So what is the same costs nothing but one look
 * through the names for those of the inodes that differ, and no path is walked.
 *
 * A directory counts as modified only where its mode or owner is another, not because something in
 * it changed; one that has another name is deleted and added without what lies in it. A file that
 * was branched and has the old content again still counts as modified.
 */

import { compareBytes, concatBytes, latin1, text, utf8 } from '../base/bytes.ts';
import { isDirectory } from '../base/mode.ts';
import { Delta } from '../layer/delta.ts';
import { ROOT_INO } from '../layer/image.ts';
import { type Dirents, NONE } from '../store/dirents.ts';
import { Budget } from '../store/ledger.ts';
import { type Ino, NO_INO } from '../vfs/ino.ts';
import { Live } from '../vfs/live.ts';

/** One difference. */
export interface Change {
  readonly path: string;
  readonly change: 'added' | 'modified' | 'deleted';
}

const SLASH = utf8('/');

/** How `live` differs from its image, sorted by path. */
export function changesOf(live: Live): Change[] {
  return diffOf(new Live(live.image, new Delta(new Budget(0)), live.clock), live);
}

/** How `newer` differs from `older`, of which it is a fork or the other way round; by path. */
export function diffOf(older: Live, newer: Live): Change[] {
  return new Difference(older, newer).changes();
}

class Difference {
  readonly #older: Live;
  readonly #newer: Live;
  readonly #changes: [path: Uint8Array, change: Change['change']][] = [];
  /** Directory and name of what was looked at, so that it is looked at once. */
  readonly #seen = new Set<string>();
  readonly #reachable = new Map<Live, Map<Ino, boolean>>();

  constructor(older: Live, newer: Live) {
    this.#older = older;
    this.#newer = newer;
  }

  changes(): Change[] {
    const [older, newer] = [this.#older, this.#newer];
    this.#names(older, newer);
    this.#names(newer, older);
    const apart = new Set<Ino>();
    newer.delta.inodes.eachApart(older.delta.inodes, (row) => apart.add(newer.inoOf(row)));
    older.delta.inodes.eachApart(newer.delta.inodes, (row) => apart.add(older.inoOf(row)));
    this.#named(apart);
    if (apart.has(ROOT_INO) && this.#isModified(ROOT_INO, ROOT_INO)) {
      this.#changes.push([SLASH, 'modified']);
    }
    this.#changes.sort(([one], [other]) => compareBytes(one, other));
    return this.#changes.map(([path, change]) => ({ path: text(path), change }));
  }

  /** Looks at the names of `live` that `other` may not have. */
  #names(live: Live, other: Live): void {
    const { dirents } = live.delta;
    dirents.eachApart(other.delta.dirents, (entry) => this.#look(live, dirents, entry));
    if (live.image === other.image) return;
    const below = live.image.dirents;
    below.eachApart(other.image.dirents, (entry) => this.#look(live, below, entry));
  }

  /** Looks at the names that lead to one of `inos`. */
  #named(inos: ReadonlySet<Ino>): void {
    if (inos.size === 0) return;
    const [older, newer] = [this.#older, this.#newer];
    const seen = (live: Live, table: Dirents) => (entry: number) => this.#look(live, table, entry);
    const [now, before] = [newer.delta.dirents, older.delta.dirents];
    now.eachNaming(inos, null, seen(newer, now));
    before.eachNaming(inos, now, seen(older, before));
    const [image, other] = [newer.image.dirents, older.image.dirents];
    image.eachNaming(inos, null, seen(newer, image));
    other.eachNaming(inos, image, seen(older, other));
  }

  /** Compares what the two have under the name `entry`, if anybody can see it. */
  #look(live: Live, table: Dirents, entry: number): void {
    const said = table.directory(entry);
    const isImages = table === live.image.dirents;
    const directory = isImages ? (live.uppers.get(said) ?? said) : said;
    const name = table.nameBytes(entry);
    const key = `${directory}/${latin1(name, 0, name.length)}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const newer = this.#newer;
    if (!this.#isThere(newer, directory)) return;
    const was = this.#before(directory, name);
    const is = newer.lookup(directory, name, 0, name.length);
    const change = is === NO_INO ? 'deleted' : was === NO_INO ? 'added' : 'modified';
    if (was === is && (is === NO_INO || !this.#isModified(was, is))) return;
    if (was !== NO_INO && is !== NO_INO && was !== is && this.#isMerged(was, is)) return;
    const above = directory === ROOT_INO ? [] : [newer.pathOf(directory)];
    this.#changes.push([concatBytes([...above, SLASH, name]), change]);
  }

  /** What the older one has under `name` in the newer one's `directory`. */
  #before(directory: Ino, name: Uint8Array): Ino {
    const lower = this.#newer.lower(directory);
    for (const there of [directory, lower]) {
      if (there !== NO_INO && this.#isThere(this.#older, there)) {
        return this.#older.lookup(there, name, 0, name.length);
      }
    }
    return NO_INO;
  }

  /** Whether `is` shows the directory `was` of the image, with the same mode and owner. */
  #isMerged(was: Ino, is: Ino): boolean {
    return this.#newer.lower(is) === was && !this.#isModified(was, is);
  }

  #isModified(was: Ino, is: Ino): boolean {
    const [older, newer] = [this.#older, this.#newer];
    const rows = [older.rowOf(was), newer.rowOf(is)] as const;
    if (rows[0] === 0 && rows[1] === 0) return was !== is;
    const [before, now] = [older.attributes(was), newer.attributes(is)];
    const isOwnedAlike = before.uid === now.uid && before.gid === now.gid;
    if (before.mode !== now.mode || !isOwnedAlike) return true;
    if (isDirectory(now.mode)) return false;
    if (rows[0] === 0 || rows[1] === 0 || was !== is) return true;
    return (
      !newer.delta.inodes.isSame(rows[1], older.delta.inodes, rows[0]) ||
      pagesOf(newer, rows[1]) !== pagesOf(older, rows[0])
    );
  }

  /** Whether `directory` can be reached in `live`, and is not covered or gone. */
  #isThere(live: Live, directory: Ino): boolean {
    if (directory === ROOT_INO) return true;
    let known = this.#reachable.get(live);
    if (known === undefined) {
      known = new Map();
      this.#reachable.set(live, known);
    }
    const found = known.get(directory);
    if (found !== undefined) return found;
    const parent = homeOf(live, directory);
    const name = parent === NO_INO ? SLASH : live.nameOf(directory);
    const isThere =
      parent !== NO_INO &&
      this.#isThere(live, parent) &&
      live.lookup(parent, name, 0, name.length) === directory;
    known.set(directory, isThere);
    return isThere;
  }
}

/** The directory that has a name for `directory`, or NO_INO where none has. */
function homeOf(live: Live, directory: Ino): Ino {
  const isOurs = live.delta.dirents.home(directory) !== NONE;
  const lower = live.lower(directory);
  const isImages = lower !== NO_INO && live.image.dirents.home(lower) !== NONE;
  return isOurs || isImages ? live.parentOf(directory) : NO_INO;
}

/** The pages of `row`, by which two of one line are the same exactly where their content is. */
function pagesOf(live: Live, row: number): string {
  const pages: number[] = [];
  live.delta.data.eachPage(row, (index, page) => pages.push(index, page));
  return pages.join();
}
