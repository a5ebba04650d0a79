/**
 * What differs between two trees of one line: files added, modified and deleted.
 *
 *   rows      in chunks that the two do not share: inodes that may differ, and where they are named
 *   entries   in chunks that the two do not share: names that may differ
 *   tables    of the images, where a tardisk came or went: every name of them
 *
 * What each of these names leads to is looked up on both sides, at its path. So what is the same
 * costs nothing but one look through the names for those of the inodes that differ, and no tree is
 * walked.
 *
 * A directory counts as modified only where its mode or owner is another, not because something in
 * it changed, or where it is another directory: then all names in the two are compared. One that
 * has another name is deleted and added without what lies in it, but for what else changed there. A
 * file that was branched and has the old content again still counts as modified.
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
  readonly #counterparts = new Map<Live, Map<Ino, Ino>>();

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
    if (this.#isModified(ROOT_INO, ROOT_INO)) {
      this.#changes.push([SLASH, 'modified']);
    }
    this.#changes.sort(([one], [other]) => compareBytes(one, other));
    return this.#changes.map(([path, change]) => ({ path: text(path), change }));
  }

  /** Looks at the names of `live` that `other` may not have. */
  #names(live: Live, other: Live): void {
    const { dirents } = live.delta;
    const isAnything = (): boolean => true;
    dirents.eachApart(other.delta.dirents, isAnything, (entry) => this.#look(live, dirents, entry));
    if (live.image === other.image) return;
    const below = live.image.dirents;
    const isAlike = (ino: Ino): boolean => this.#isAlike(ino, ino);
    below.eachApart(other.image.dirents, isAlike, (entry) => this.#look(live, below, entry));
  }

  /**
   * Whether `was` of the older image is `is` of the newer one. A number alone does not say so: two
   * forks may give the same to what each of them mounts.
   */
  #isAlike(was: Ino, is: Ino): boolean {
    const [older, newer] = [this.#older.image, this.#newer.image];
    if (older === newer) return was === is;
    const isOfOne = older.tardiskOf(was) === newer.tardiskOf(is);
    return isOfOne && older.rowOf(was) === newer.rowOf(is);
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

  /** Compares what the two have under the name `entry`, at the path that it has in each. */
  #look(live: Live, table: Dirents, entry: number): void {
    const said = table.directory(entry);
    const isImages = table === live.image.dirents;
    const directory = isImages ? (live.uppers.get(said) ?? said) : said;
    const name = table.nameBytes(entry);
    const [older, newer] = [this.#older, this.#newer];
    if (this.#isThere(newer, directory)) {
      this.#compare(this.#counterpart(newer, older, directory), directory, name);
    }
    const now = this.#isThere(older, directory)
      ? this.#counterpart(older, newer, directory)
      : NO_INO;
    if (now !== NO_INO) this.#compare(directory, now, name);
  }

  /** Compares `name` in the directories of one path: `before` of the older, `now` of the newer. */
  #compare(before: Ino, now: Ino, name: Uint8Array): void {
    const key = `${now}/${latin1(name, 0, name.length)}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const [older, newer] = [this.#older, this.#newer];
    const was = before === NO_INO ? NO_INO : older.lookup(before, name, 0, name.length);
    const is = newer.lookup(now, name, 0, name.length);
    if (was === NO_INO && is === NO_INO) return;
    if (this.#isReplaced(was, is)) this.#inside(was, is);
    const change = is === NO_INO ? 'deleted' : was === NO_INO ? 'added' : 'modified';
    if (change === 'modified' && !this.#isModified(was, is)) return;
    const above = now === ROOT_INO ? [] : [newer.pathOf(now)];
    this.#changes.push([concatBytes([...above, SLASH, name]), change]);
  }

  /** Whether the directory `is` of the newer is another than the directory `was` of the older. */
  #isReplaced(was: Ino, is: Ino): boolean {
    const [older, newer] = [this.#older, this.#newer];
    if (was === is || was === NO_INO || is === NO_INO || newer.lower(is) === was) return false;
    return isDirectory(older.mode(was)) && isDirectory(newer.mode(is));
  }

  /** Compares all names in the directory `was` of the older and `is` of the newer, of one path. */
  #inside(was: Ino, is: Ino): void {
    const look = (table: Dirents, entry: number): void => {
      this.#compare(was, is, table.nameBytes(entry));
    };
    this.#older.list(was, look);
    this.#newer.list(is, look);
  }

  /** The directory of `other` at the path that `directory` has in `live`, or NO_INO. */
  #counterpart(live: Live, other: Live, directory: Ino): Ino {
    if (directory === ROOT_INO) return ROOT_INO;
    let known = this.#counterparts.get(live);
    if (known === undefined) {
      known = new Map();
      this.#counterparts.set(live, known);
    }
    const found = known.get(directory);
    if (found !== undefined) return found;
    const above = this.#counterpart(live, other, live.parentOf(directory));
    const name = live.nameOf(directory);
    const there = above === NO_INO ? NO_INO : other.lookup(above, name, 0, name.length);
    const ino = there !== NO_INO && isDirectory(other.mode(there)) ? there : NO_INO;
    known.set(directory, ino);
    return ino;
  }

  /** Whether `is` of the newer differs from `was` of the older in what is told of them. */
  #isModified(was: Ino, is: Ino): boolean {
    const [older, newer] = [this.#older, this.#newer];
    const rows = [older.rowOf(was), newer.rowOf(is)] as const;
    const isUnwritten = rows[0] === 0 && rows[1] === 0;
    if (isUnwritten && was === is && this.#isAlike(was, is)) return false;
    const [before, now] = [older.attributes(was), newer.attributes(is)];
    const isOwnedAlike = before.uid === now.uid && before.gid === now.gid;
    if (before.mode !== now.mode || !isOwnedAlike) return true;
    if (isDirectory(now.mode)) return this.#isReplaced(was, is);
    if (rows[0] === 0 || rows[1] === 0 || was !== is) return true;
    const { inodes } = newer.delta;
    return (
      !inodes.isSame(rows[1], older.delta.inodes, rows[0]) ||
      (inodes.below(rows[1]) > 0 &&
        !this.#isAlike(inodes.origin(rows[1]), inodes.origin(rows[1]))) ||
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
