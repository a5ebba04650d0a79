/**
 * Who is measured: this engine, its rivals and its floors.
 *
 *   visorfs     openTardisk, Image, VisorFs as a user has them, with one wide ramdisk
 *   memfs       filled by a copy loop by hand, which is memfs at its best
 *   tar-stream  memfs filled by tar-stream, as found in the wild
 *   kernel      node:fs on tmpfs, or on the temporary folder where there is no /dev/shm
 *   floor       floor.ts: a tree of Maps over the archive's own bytes
 *   table       table.ts: a header walk into a hash of numbers; asked about mounting
 *   gunzip      one native gunzip into a buffer of the right size, and nothing else
 *   just-bash   its InMemoryFs, which speaks promises only
 *   yarn        Yarn's ZipFS, over a zip of the same files
 *   zenfs       its InMemory, which large directories take minutes to fill
 *   unionfs     memfs volumes over each other
 *   erofs, squashfs, overlay     the kernel's, mounted, where root and the tools are here
 *
 * A peer is loaded only in the process that measures it, so that it is alone there: its call sites
 * stay monomorphic and its memory is its own.
 */

import type { Shelf } from './shelf.ts';

/** Who can be asked, in the order of the columns. */
export const PEERS = [
  'visorfs',
  'memfs',
  'tar-stream',
  'kernel',
  'floor',
  'table',
  'gunzip',
  'just-bash',
  'yarn',
  'zenfs',
  'unionfs',
  'erofs',
  'squashfs',
  'overlay',
] as const;

/** Who can be asked. */
export type Peer = (typeof PEERS)[number];

/** The peers of a question about one operation. */
export const ANCHORS: readonly Peer[] = ['visorfs', 'memfs', 'kernel', 'floor'];

/** What a listing with types gives of one entry. */
export interface Entry {
  readonly name: string;
  isDirectory(): boolean;
}

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
  readdirSync(path: string, options: { readonly withFileTypes: true }): Entry[];
  writeFileSync(path: string, bytes: Uint8Array): void;
  appendFileSync(path: string, bytes: Uint8Array): void;
  truncateSync(path: string, size: number): void;
  unlinkSync(path: string): void;
  renameSync(older: string, newer: string): void;
  mkdirSync(path: string, options: { readonly recursive: true }): unknown;
  rmSync(path: string, options: { readonly recursive: true }): void;
}

/** The promises that are measured. */
export interface PromisesFs {
  stat(path: string): Promise<{ readonly size: number }>;
  readFile(path: string): Promise<Uint8Array>;
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
}

/** A file system to measure. */
export interface Subject {
  readonly fs: Fs;
  readonly promises: PromisesFs;
  /** What paths start with; they go on with a slash. */
  readonly root: string;
  /** Memory it holds that this process does not report as its own, in bytes. */
  readonly unreportedBytes?: () => number;
  /** Gives back what it holds outside this process. */
  close(): void;
}

/** From archives, each in gzip or not, the last on top, to a readable tree. */
export type Mounter = (...archives: readonly Uint8Array[]) => Promise<Subject>;

/** The mounter of `peer`; trees that are not in this process lie on the `shelf`. */
export async function mounterOf(peer: Peer, shelf: Shelf): Promise<Mounter> {
  switch (peer) {
    case 'visorfs':
      return (await import('./peers/visorfs.ts')).mountVisorFs;
    case 'memfs':
      return (await import('./peers/memfs.ts')).mountMemfs;
    case 'tar-stream':
      return (await import('./peers/memfs.ts')).mountByTarStream;
    case 'kernel':
      return (await import('./peers/kernel.ts')).kernelMounter(shelf);
    case 'overlay':
      return (await import('./peers/kernel.ts')).overlayMounter(shelf);
    case 'floor':
      return (await import('./peers/floor.ts')).mountFloor;
    case 'just-bash':
      return (await import('./peers/just-bash.ts')).justBashMounter();
    case 'yarn':
      return (await import('./peers/yarn.ts')).yarnMounter();
    case 'zenfs':
      return (await import('./peers/zenfs.ts')).zenfsMounter();
    default:
      throw new TypeError(`${peer} is no file system to fill`);
  }
}

/** The image `name` of the shelf as a tree of `peer`. */
export async function subjectOf(peer: Peer, shelf: Shelf, name: string): Promise<Subject> {
  const mount = await mounterOf(peer, shelf);
  return mount(await shelf.read(`${name}.${peer === 'yarn' ? 'zip' : 'tar'}`));
}

/** An empty tree of `peer`. */
export async function emptySubject(peer: Peer, shelf: Shelf): Promise<Subject> {
  return (await mounterOf(peer, shelf))(new Uint8Array(1024));
}

/** A subject of this process, whose promises are those of `fs` unless it has others. */
export function subject(fs: Fs, promises: PromisesFs = promisesOf(fs)): Subject {
  return { fs, promises, root: '', close: () => {} };
}

function promisesOf(fs: Fs): PromisesFs {
  return {
    stat: async (path) => fs.statSync(path),
    readFile: async (path) => fs.readFileSync(path),
    writeFile: async (path, bytes) => fs.writeFileSync(path, bytes),
  };
}
