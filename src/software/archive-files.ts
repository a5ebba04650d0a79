/**
 * The names in a tardisk that are no directories, each with its path.
 */

import { text } from '../base/bytes.ts';
import { isDirectory } from '../base/mode.ts';
import { ROOT_ROW } from '../layer/table.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { NONE } from '../store/dirents.ts';

/** One name that leads to no directory. */
export interface ArchiveFile {
  /** Without a leading slash; what is no UTF-8 shows otherwise. */
  readonly path: string;
  readonly row: number;
}

/** All that lies in `tardisk` but directories; those of a directory in the archive's order. */
export function archiveFiles({ dirents, mode }: Tardisk): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  const pending: [row: number, path: string][] = [[ROOT_ROW, '']];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const [directory, above] = at;
    for (let entry = dirents.first(directory); entry !== NONE; entry = dirents.next(entry)) {
      const row = dirents.child(entry);
      const path = above + text(dirents.nameBytes(entry));
      if (isDirectory(mode[row]!)) pending.push([row, `${path}/`]);
      else files.push({ path, row });
    }
  }
  return files;
}
