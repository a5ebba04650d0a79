/**
 * Hard links of one archive, which may lead to entries that come later.
 *
 * A link whose target is not there yet has its name at once, with a mark of its own below
 * UNRESOLVED for a row, so that what comes after it meets the name, and a later link may take it;
 * what it leads to is found out when all entries were seen. It may be another such link: the last
 * comes first then, which settles a chain in one turn, and after 40 turns whoever wrote the archive
 * meant no file.
 */

import { text } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { LINK_TURNS_MAX_COUNT } from '../base/limits.ts';
import { isDirectory } from '../base/mode.ts';
import { type Dirents, NONE } from '../store/dirents.ts';
import { ROOT_ROW } from './table.ts';

/** From here down, rows of names that are links to what was not there yet: one for each link. */
export const UNRESOLVED = -2;

const SLASH = 0x2f;
const DOT = 0x2e;

/** A name that waits for what it leads to. */
export interface PendingLink {
  readonly directory: number;
  readonly name: Uint8Array;
  /** What its name has for a row as long as it is this link's. */
  readonly mark: number;
  readonly headerOffset: number;
  readonly target: Uint8Array;
}

/** The names of one archive: what links are looked up in. */
export interface LinkTable {
  readonly dirents: Dirents;
  readonly mode: Uint16Array;
  /** Counts one more name of `row`. */
  addName(row: number): void;
}

/** The row that `path` leads to, or null where nothing has that name or it is not resolved. */
export function rowAt(dirents: Dirents, path: Uint8Array): number | null {
  let row = ROOT_ROW;
  for (let start = 0; start < path.length; ) {
    let end = start;
    while (end < path.length && path[end] !== SLASH) end += 1;
    const isSelf = end === start || (end - start === 1 && path[start] === DOT);
    if (!isSelf) {
      const entry = dirents.find(row, path, start, end);
      if (entry === NONE || dirents.child(entry) <= UNRESOLVED) return null;
      row = dirents.child(entry);
    }
    start = end + 1;
  }
  return row;
}

/**
 * Gives every link its file. Throws CorruptError, which names `archive`, for one that leads to
 * none.
 */
export function resolveLinks(
  table: LinkTable,
  links: readonly PendingLink[],
  archive: string,
): void {
  let pending = [...links].reverse();
  for (let turn = 0; turn < LINK_TURNS_MAX_COUNT && pending.length > 0; turn++) {
    const left = pending.filter((link) => !resolve(table, link));
    if (left.length === pending.length) break;
    pending = left;
  }
  const lost = pending.at(-1);
  if (lost === undefined) return;
  const what =
    rowAt(table.dirents, lost.target) === null ? 'is not in the archive' : 'cannot be linked to';
  const [name, target] = [text(lost.name), text(lost.target)];
  const claim = `the entry '${name}' is a hard link to '${target}', which ${what}`;
  throw new CorruptError(archive, lost.headerOffset, claim);
}

/** Whether `link` is settled: it leads to a file, or a later entry has its name. */
function resolve(table: LinkTable, { directory, name, mark, target }: PendingLink): boolean {
  const { dirents } = table;
  const entry = dirents.find(directory, name, 0, name.length);
  if (entry === NONE || dirents.child(entry) !== mark) return true;
  const row = rowAt(dirents, target);
  if (row === null || isDirectory(table.mode[row]!)) return false;
  dirents.setChild(entry, row);
  table.addName(row);
  return true;
}
