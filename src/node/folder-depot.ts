/**
 * A folder as a depot: what an offline bundle is when it is unpacked.
 *
 * Only files that really lie in the folder are there: a symbolic link that leads out of it leads to
 * nothing, as whoever made the depot did not make this machine's files.
 */

import fs from 'node:fs/promises';
import path from 'node:path';
import type { DepotSource } from '../software/depot-source.ts';
import { fileSource } from './file-source.ts';

/**
 * The depot in `folder`. Throws node's own errors when it is read.
 *
 * @example
 * const bundle = await openBundle(folderDepot('depot'));
 * console.log(bundle.vibs[0].path); // vib20/hostd/visorfs_bootbank_hostd_8.0.3-0.0.24000000.vib
 */
export function folderDepot(folder: string): DepotSource {
  return {
    name: path.basename(path.resolve(folder)),
    async open(file) {
      const place = await realPath(path.join(folder, file));
      const root = await fs.realpath(folder);
      if (place === null || !place.startsWith(root + path.sep)) return null;
      return (await fs.stat(place)).isFile() ? fileSource(place, path.basename(file)) : null;
    },
    async list() {
      const entries = await fs.readdir(folder, { withFileTypes: true, recursive: true });
      const files = entries.filter((entry) => entry.isFile());
      const paths = files.map(({ parentPath, name }) =>
        path.relative(folder, path.join(parentPath, name)),
      );
      return paths.map((one) => one.split(path.sep).join('/')).sort();
    },
    close: () => undefined,
  };
}

/** Where `place` really is; null where nothing is. */
async function realPath(place: string): Promise<string | null> {
  try {
    return await fs.realpath(place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
