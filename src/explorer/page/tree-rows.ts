/**
 * The rows of a tree that is open in places, without making any that nobody looks at: a directory
 * of 100,000 names costs what was shown of it.
 *
 *   row 0   /              a branch has: how many names are in it; those that came; and at their
 *   row 1     bin  ▸       places the branches below it that are open. A row's number is what is
 *   row 2     etc  ▾       before it in its branch, and all rows of the branches open there.
 *   row 3       motd
 *   row 4     var  ▸
 */

import type { EntryRow } from '../protocol.ts';

/** One directory that is open. */
interface Branch {
  readonly path: string;
  readonly level: number;
  /** Names in it. */
  readonly count: number;
  /** Those that came, by their places. */
  readonly entries: Map<number, EntryRow>;
  /** Branches that are open, by their places. */
  readonly open: Map<number, Branch>;
  readonly above: Branch | null;
  /** Its own place in the branch above. */
  readonly at: number;
}

/** One row. */
export interface Row {
  /** What is there; undefined where it has not come yet. */
  readonly entry: EntryRow | undefined;
  /** The directory that it is in, and which of its names it is. */
  readonly directory: string;
  readonly place: number;
  readonly count: number;
  /** 1 for `/`. */
  readonly level: number;
  readonly isOpen: boolean;
  /** The number of the row of its directory; -1 for `/`. */
  readonly above: number;
}

const ROOT: EntryRow = {
  ...{ name: '/', path: '/', kind: 'directory', letters: 'drwxr-xr-x', size: 0 },
  ...{ mtimeSeconds: 0, target: null, tardisk: null, ramdisk: null },
};

/** All rows; the first is `/`. */
export class Rows {
  readonly #top: Branch = {
    ...{ path: '', level: 1, count: 1, above: null, at: 0 },
    entries: new Map([[0, ROOT]]),
    open: new Map(),
  };

  /** How many there are. */
  get size(): number {
    return sizeOf(this.#top);
  }

  /** The row with the number `index`, which is below `size`. */
  at(index: number): Row {
    const [branch, place] = locate(this.#top, index);
    return {
      entry: branch.entries.get(place),
      directory: branch.path,
      place,
      count: branch.count,
      level: branch.level,
      isOpen: branch.open.has(place),
      above: branch === this.#top ? -1 : indexIn(branch.above!, branch.at),
    };
  }

  /** Opens the directory at `index`, in which there are `count` names. */
  open(index: number, count: number): void {
    const [branch, place] = locate(this.#top, index);
    branch.open.set(place, {
      ...{ path: branch.entries.get(place)!.path, level: branch.level + 1, count },
      ...{ above: branch, at: place, entries: new Map(), open: new Map() },
    });
  }

  /** Closes the directory at `index`, and all that is open below it. */
  close(index: number): void {
    const [branch, place] = locate(this.#top, index);
    branch.open.delete(place);
  }

  /** Takes it that `entries` are in `directory` from `place` on; nothing where that is closed. */
  fill(directory: string, place: number, entries: readonly EntryRow[]): void {
    const branch = this.#branch(directory);
    entries.forEach((entry, index) => {
      branch?.entries.set(place + index, entry);
    });
  }

  /** The number of the row of `directory` at `place`; -1 where the directory is not open. */
  indexOf(directory: string, place: number): number {
    const branch = this.#branch(directory);
    return branch === undefined ? -1 : indexIn(branch, place);
  }

  /** The number of the row of `path`; -1 where it has not come. */
  find(path: string): number {
    if (path === ROOT.path) return 0;
    const branch = this.#branch(path.slice(0, path.lastIndexOf('/')) || ROOT.path);
    const found = [...(branch?.entries ?? [])].find(([, entry]) => entry.path === path);
    return found === undefined ? -1 : indexIn(branch!, found[0]);
  }

  /** The directories that are open, each after the one that it is in. */
  opened(): string[] {
    const paths: string[] = [];
    const visit = (branch: Branch): void => {
      if (branch !== this.#top) paths.push(branch.path);
      for (const below of branch.open.values()) visit(below);
    };
    visit(this.#top);
    return paths;
  }

  #branch(path: string): Branch | undefined {
    if (path === '') return this.#top;
    const visit = (branch: Branch): Branch | undefined => {
      if (branch.path === path) return branch;
      for (const below of branch.open.values()) {
        const isOnTheWay = path === below.path || path.startsWith(`${below.path}/`);
        if (isOnTheWay || below.path === ROOT.path) return visit(below);
      }
      return undefined;
    };
    return visit(this.#top);
  }
}

function sizeOf({ count, open }: Branch): number {
  let size = count;
  for (const below of open.values()) size += sizeOf(below);
  return size;
}

/** The branch and the place in it of what is `index` rows below the start of `branch`. */
function locate(branch: Branch, index: number): [branch: Branch, place: number] {
  let rest = index;
  for (const [place, below] of [...branch.open].sort(([one], [other]) => one - other)) {
    if (rest <= place) break;
    const size = sizeOf(below);
    if (rest <= place + size) return locate(below, rest - place - 1);
    rest -= size;
  }
  return [branch, rest];
}

function indexIn(branch: Branch, place: number): number {
  let index = place;
  for (const [at, below] of branch.open) if (at < place) index += sizeOf(below);
  return branch.above === null ? index : index + indexIn(branch.above, branch.at) + 1;
}
