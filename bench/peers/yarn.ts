/**
 * Yarn's ZipFS: an archive mounted in place, as this engine does with tar, but a zip.
 */

import { type Fs, type Mounter, subject } from '../peers.ts';
import { walkBareTar } from './bare-tar.ts';
import { rival } from './rivals.ts';

interface ZipFs extends Fs {
  mkdirpSync(path: string): void;
  getBufferAndClose(): Buffer;
}

interface Libzip {
  readonly ZipFS: new (
    zip: Buffer | null,
    options: { readonly libzip: unknown; readonly readOnly?: boolean },
  ) => ZipFs;
  getLibzipSync(): unknown;
}

/** Mounts zips; not made for more than one. */
export async function yarnMounter(): Promise<Mounter> {
  const { ZipFS, getLibzipSync } = await rival<Libzip>('@yarnpkg/libzip');
  const libzip = getLibzipSync();
  return async (zip = new Uint8Array(0)) => {
    const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.length);
    return subject(new ZipFS(bytes, { libzip, readOnly: true }));
  };
}

/** The files of the ustar archive `tar` as a zip, deflated. */
export async function zipOf(tar: Uint8Array): Promise<Uint8Array> {
  const { ZipFS, getLibzipSync } = await rival<Libzip>('@yarnpkg/libzip');
  const zip = new ZipFS(null, { libzip: getLibzipSync() });
  walkBareTar(tar, (path, isDirectory, start, size) => {
    if (isDirectory) zip.mkdirpSync(path);
    else zip.writeFileSync(path, Buffer.from(tar.subarray(start, start + size)));
  });
  return zip.getBufferAndClose();
}
