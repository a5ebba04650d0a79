/**
 * Who is measured: this engine and its rivals, all behind the same verbs of node:fs.
 *
 *   visorfs           openTardisk, Image, VisorFs as a user has them, with one wide ramdisk
 *   memfs             filled by a copy loop by hand, which is memfs at its best
 *   memfs-tar-stream  filled by tar-stream, as found in the wild; asked about mounting only
 *   kernel            node:fs on tmpfs, or on the temporary folder where there is no /dev/shm
 *   floor             floor.ts
 *
 * A rival is loaded only in the process that measures it, so that it is alone there: its call sites
 * stay monomorphic and its memory is its own.
 */

import nodeFs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { u32 } from '../src/base/bytes.ts';
import { copyTar } from './bare-tar.ts';
import { FloorFs } from './floor.ts';

/** The verbs that are measured, as node:fs has them. */
export interface Fs {
  statSync(path: string): { readonly size: number };
  existsSync(path: string): boolean;
  openSync(path: string, flags: string): number;
  closeSync(fd: number): void;
  readSync(fd: number, target: Uint8Array, start: number, length: number, from: number): number;
  writeSync(fd: number, bytes: Uint8Array, start: number, length: number, to: number): number;
  readFileSync(path: string): Uint8Array;
  readdirSync(path: string): string[];
  writeFileSync(path: string, bytes: Uint8Array): void;
  appendFileSync(path: string, bytes: Uint8Array): void;
  unlinkSync(path: string): void;
  renameSync(older: string, newer: string): void;
  mkdirSync(path: string, options: { readonly recursive: true }): unknown;
  rmSync(path: string, options: { readonly recursive: true }): void;
}

/** Who can be asked. */
export type Peer = 'visorfs' | 'memfs' | 'memfs-tar-stream' | 'kernel' | 'floor';

/** The peers of a question about one operation. */
export const PEERS: readonly Peer[] = ['visorfs', 'memfs', 'kernel', 'floor'];

/** A file system to measure. */
export interface Subject {
  readonly fs: Fs;
  /** What paths start with; they go on with a slash. */
  readonly root: string;
  /** Gives back what it holds outside this process. */
  close(): void;
}

/** The folder in memory, if the machine has one, for kernel trees and for archives. */
export function memoryFolder(): string {
  return nodeFs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
}

/** The archive in `file` mounted where it lies, by this engine; closing gives the file back. */
export async function mountedFile(file: string): Promise<Subject> {
  const { openTardisk, Image, VisorFs } = await import('../src/node.ts');
  const tardisk = await openTardisk(file);
  const vfs = new VisorFs(Image.of(tardisk), { ramdisks: [WIDE_RAMDISK] });
  return { ...subject(vfs.fs as unknown as Fs), close: () => tardisk.close() };
}

/** A mounter of `peer`: from the bytes of an archive, in gzip or not, to a readable tree. */
export async function mounterOf(peer: Peer): Promise<(archive: Uint8Array) => Promise<Subject>> {
  switch (peer) {
    case 'visorfs': {
      const { openTardisk, Image, VisorFs } = await import('../src/node.ts');
      return async (archive) => {
        const tardisk = await openTardisk(archive, { name: 'image' });
        const vfs = new VisorFs(Image.of(tardisk), { ramdisks: [WIDE_RAMDISK] });
        return subject(vfs.fs as unknown as Fs);
      };
    }
    case 'memfs': {
      const { memfs } = await import('memfs');
      return async (archive) => {
        const fs = memfs().fs as unknown as Fs;
        copyTar(gunzipped(archive), fs, '');
        return subject(fs);
      };
    }
    case 'memfs-tar-stream': {
      const { memfs } = await import('memfs');
      const { extractTar } = await import('./recipe.ts');
      return async (archive) => {
        const fs = memfs().fs as unknown as Fs;
        await extractTar(archive, fs);
        return subject(fs);
      };
    }
    case 'kernel':
      return async (archive) => {
        const root = nodeFs.mkdtempSync(path.join(memoryFolder(), 'visorfs-bench-kernel-'));
        copyTar(gunzipped(archive), nodeFs as unknown as Fs, root);
        const close = (): void => nodeFs.rmSync(root, { recursive: true });
        return { fs: nodeFs as unknown as Fs, root, close };
      };
    case 'floor':
      return async (archive) => subject(FloorFs.of(gunzipped(archive)));
  }
}

/** An empty tree of `peer`. */
export async function emptySubject(peer: Peer): Promise<Subject> {
  return (await mounterOf(peer))(new Uint8Array(1024));
}

/** Ample, so that no figure is the figure of a refusal. */
const WIDE_RAMDISK = { name: 'root', path: '/', size: '1gb', inodes: 1_000_000 };

function subject(fs: Fs): Subject {
  return { fs, root: '', close: () => {} };
}

/**
 * `archive` without gzip: in one piece of the size that its trailer claims, which is the fastest
 * way.
 */
function gunzipped(archive: Uint8Array): Uint8Array {
  if (archive[0] !== 0x1f || archive[1] !== 0x8b) return archive;
  return gunzipSync(archive, { chunkSize: Math.max(64, u32(archive, archive.length - 4) + 1) });
}
