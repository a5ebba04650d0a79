/**
 * What the same archives cost where there is nothing to mount: extracted into memfs.
 *
 * memfs reads no archives, so they are opened as for mounting (gunzip, walk over the headers), and
 * then every directory is made and every file read and written. All of that is in the time, as all
 * of it has to be done before the first file can be used there. Modes, times and links it is
 * spared.
 */

import path from 'node:path';
import { Image, mount, openTardisk, VisorFs } from '../../node.ts';
import { entriesBelow, entryAt } from '../entries.ts';

/** Mounts the archives `files` of `folder`; returns how many milliseconds it took. */
export async function mountAgain(
  folder: string,
  files: readonly string[],
  now: () => number,
): Promise<number> {
  const start = now();
  const vfs = await mount(...files.map((file) => path.join(folder, file)));
  const elapsedMs = now() - start;
  for (const tardisk of vfs.image.tardisks) tardisk.close();
  return elapsedMs;
}

/** Extracts them into memfs; null where it is not installed, else as `mountAgain`. */
export async function extractIntoMemfs(
  folder: string,
  files: readonly string[],
  now: () => number,
): Promise<number | null> {
  const memfs = await importMemfs();
  if (memfs === null) return null;
  const volume = new memfs.Volume();
  const start = now();
  const opened = await Promise.all(files.map((file) => openTardisk(path.join(folder, file))));
  for (const tardisk of opened) {
    const vfs = new VisorFs(Image.of(tardisk));
    for (const entry of entriesBelow(vfs, entryAt(vfs, '/'))) {
      if (entry.type === 'directory') volume.mkdirSync(entry.path, { recursive: true });
      if (entry.type !== 'file') continue;
      volume.writeFileSync(entry.path, vfs.fs.readFileSync(entry.path));
    }
    tardisk.close();
  }
  return now() - start;
}

async function importMemfs(): Promise<typeof import('memfs') | null> {
  try {
    return await import('memfs');
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
