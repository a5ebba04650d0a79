/**
 * The recipe in the wild: tar-stream, a file's chunks joined, written where they belong.
 *
 * At its best as well: the archive comes in one piece, and directories are made when their entry
 * comes, not again for every file.
 */

import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Fs } from './peers.ts';

/** Extracts `archive`, in gzip or not, into `fs`. */
export function extractTar(archive: Uint8Array, fs: Fs): Promise<void> {
  const entries = extract();
  entries.on('entry', (header, stream, next) => {
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk) => chunks.push(chunk as Uint8Array));
    stream.on('end', () => {
      const path = `/${header.name}`;
      if (header.type === 'directory') fs.mkdirSync(path, { recursive: true });
      else fs.writeFileSync(path, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      next();
    });
  });
  return new Promise((resolve, reject) => {
    entries.on('finish', () => resolve());
    entries.on('error', reject);
    if (archive[0] !== 0x1f || archive[1] !== 0x8b) {
      entries.end(archive);
      return;
    }
    const gunzip = createGunzip();
    gunzip.on('error', reject);
    gunzip.on('data', (chunk: Uint8Array) => {
      if (entries.write(chunk)) return;
      gunzip.pause();
      entries.once('drain', () => gunzip.resume());
    });
    gunzip.on('end', () => entries.end(null));
    gunzip.end(archive);
  });
}
