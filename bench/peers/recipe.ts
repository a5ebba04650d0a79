/**
 * The recipes in the wild: tar-stream, a file's chunks joined, written where they belong; and back,
 * through a stream of gzip.
 *
 * At their best as well: the archive comes in one piece, and directories are made when their entry
 * comes, not again for every file.
 */

import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import type { Fs } from '../peers.ts';

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

/** Packs the files at `paths` of `fs` in gzip. */
export async function packTar(fs: Fs, paths: readonly string[]): Promise<Uint8Array> {
  const entries = pack();
  const gzip = createGzip();
  entries.pipe(gzip);
  for (const path of paths) entries.entry({ name: path.slice(1) }, fs.readFileSync(path) as Buffer);
  entries.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of gzip) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
