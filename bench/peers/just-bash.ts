/**
 * The file system of just-bash: a flat Map of paths that speaks promises.
 *
 * It is asked about mounting, promises and memory. Its reads hand out its own buffers, and it keeps
 * what it is given: copies are made on the way in, as the others do.
 */

import { type Fs, type Mounter, subject } from '../peers.ts';
import { gunzipped, walkBareTar } from './bare-tar.ts';
import { rival } from './rivals.ts';

interface InMemoryFs {
  stat(path: string): Promise<{ readonly size: number }>;
  readFileBuffer(path: string): Promise<Uint8Array>;
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  writeFileSync(path: string, bytes: Uint8Array): void;
  mkdirSync(path: string, options: { readonly recursive: true }): void;
}

/** Copies archives into an InMemoryFs. */
export async function justBashMounter(): Promise<Mounter> {
  const { InMemoryFs } = await rival<{ InMemoryFs: new () => InMemoryFs }>('just-bash');
  return async (...archives) => {
    const fs = new InMemoryFs();
    for (const archive of archives) {
      const tar = gunzipped(archive);
      walkBareTar(tar, (path, isDirectory, start, size) => {
        if (isDirectory) fs.mkdirSync(path, { recursive: true });
        else fs.writeFileSync(path, tar.slice(start, start + size));
      });
    }
    return subject(fs as unknown as Fs, {
      stat: (path) => fs.stat(path),
      readFile: (path) => fs.readFileBuffer(path),
      writeFile: (path, bytes) => fs.writeFile(path, bytes),
    });
  };
}
