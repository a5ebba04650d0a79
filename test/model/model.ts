/**
 * A file system as obvious as can be: objects that point at each other, nothing shared, nothing
 * saved. It has no image and no layers, because whoever uses a tree is not to notice that it has.
 *
 * What it refuses it refuses by POSIX, as Linux does, and where VisorFS says more: EXDEV between
 * ramdisks and EBUSY for the directory that one covers. It never runs out of anything.
 */

import * as flag from '../../src/vfs/flags.ts';

export type Kind = 'directory' | 'file' | 'link' | 'device';

/** A file of any kind. */
export interface Node {
  readonly kind: Kind;
  mode: number;
  uid: number;
  gid: number;
  /** What the tree says its number is: it must never change. */
  ino: number;
  content: Uint8Array;
  target: string;
  /** Names that lead here, but of directories. */
  links: number;
  readonly names: Map<string, Node>;
  above: Node | null;
  /** The ramdisk that covers exactly this directory. */
  ramdisk: string | null;
}

interface Place {
  readonly directory: Node;
  readonly name: string;
  readonly node: Node | null;
  /** Whether it ended in a name and not in `/`, `.` or `..`. */
  readonly isName: boolean;
}

interface Open {
  readonly node: Node;
  readonly flags: number;
  position: number;
}

/** What the model refuses with. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

const SYMLINKS = 40;

function refuse(code: string): never {
  throw new Refusal(code);
}

export function newNode(kind: Kind, mode: number): Node {
  const content = new Uint8Array(0);
  const names = new Map<string, Node>();
  const rest = { uid: 0, gid: 0, ino: 0, target: '', links: 1 };
  return { kind, mode, content, names, above: null, ramdisk: null, ...rest };
}

export function linkCount(node: Node): number {
  if (node.kind !== 'directory') return node.links;
  if (node.links === 0) return 0;
  return 2 + [...node.names.values()].filter(({ kind }) => kind === 'directory').length;
}

function isWithin(node: Node, above: Node): boolean {
  for (let at: Node | null = node; at !== null; at = at.above) if (at === above) return true;
  return false;
}

function ramdiskOf(directory: Node): string {
  for (let at: Node | null = directory; at !== null; at = at.above) {
    if (at.ramdisk !== null) return at.ramdisk;
  }
  return refuse('no ramdisk');
}

/** The model: every verb returns what the tree's does, or throws Refusal. */
export class Model {
  readonly root: Node;
  readonly #open = new Map<number, Open>();

  constructor(root: Node) {
    this.root = root;
  }

  resolve(path: string, follow: boolean): Place {
    let parts = path.split('/').filter((part) => part !== '');
    let directory = this.root;
    for (let links = 0; ; ) {
      const name = parts.shift();
      if (name === undefined) return { directory, name: '', node: directory, isName: false };
      if (name === '..') directory = directory.above ?? directory;
      if (name === '.' || name === '..') continue;
      const node = directory.names.get(name) ?? null;
      const isLast = parts.length === 0;
      if (node === null) {
        if (isLast) return { directory, name, node, isName: true };
        return refuse('ENOENT');
      }
      if (node.kind === 'link' && (!isLast || follow)) {
        links += 1;
        if (links > SYMLINKS) refuse('ELOOP');
        parts = [...node.target.split('/').filter((part) => part !== ''), ...parts];
        if (node.target.startsWith('/')) directory = this.root;
      } else if (isLast) return { directory, name, node, isName: true };
      else if (node.kind !== 'directory') refuse('ENOTDIR');
      else directory = node;
    }
  }

  at(path: string, follow = true): Node {
    return this.resolve(path, follow).node ?? refuse('ENOENT');
  }

  mkdir(path: string, mode: number): void {
    this.#add(this.resolve(path, false), newNode('directory', mode));
  }

  symlink(target: string, path: string): void {
    const place = this.resolve(path, false);
    this.#add(place, { ...newNode('link', 0o777), target });
  }

  link(existing: string, path: string): void {
    const from = this.resolve(existing, false);
    if (from.node === null) refuse('ENOENT');
    const to = this.resolve(path, false);
    if (to.node !== null) refuse('EEXIST');
    if (from.node!.kind === 'directory') refuse('EPERM');
    if (ramdiskOf(from.directory) !== ramdiskOf(to.directory)) refuse('EXDEV');
    to.directory.names.set(to.name, from.node!);
    from.node!.links += 1;
  }

  unlink(path: string): void {
    const { directory, name, node, isName } = this.resolve(path, false);
    if (!isName) refuse('EISDIR');
    if (node === null) refuse('ENOENT');
    if (node!.kind === 'directory') refuse('EISDIR');
    directory.names.delete(name);
    node!.links -= 1;
  }

  rmdir(path: string): void {
    const { directory, name, node, isName } = this.resolve(path, false);
    if (!isName) refuse(path.endsWith('..') ? 'ENOTEMPTY' : path === '/' ? 'EBUSY' : 'EINVAL');
    if (node === null) refuse('ENOENT');
    if (node!.kind !== 'directory') refuse('ENOTDIR');
    if (node!.ramdisk !== null) refuse('EBUSY');
    if (node!.names.size > 0) refuse('ENOTEMPTY');
    directory.names.delete(name);
    node!.links = 0;
  }

  rename(source: string, target: string): void {
    const from = this.resolve(source, false);
    const to = this.resolve(target, false);
    if (!from.isName || !to.isName) refuse('EBUSY');
    const node = from.node ?? refuse('ENOENT');
    const isDir = node.kind === 'directory';
    if (isDir && isWithin(to.directory, node)) refuse('EINVAL');
    if (ramdiskOf(from.directory) !== ramdiskOf(to.directory)) refuse('EXDEV');
    if (node.ramdisk !== null) refuse('EBUSY');
    if (to.node === node) return;
    if (to.node !== null && isWithin(from.directory, to.node)) refuse('ENOTEMPTY');
    if (to.node !== null) this.#replace(to.node, isDir);
    from.directory.names.delete(from.name);
    to.directory.names.set(to.name, node);
    if (isDir) node.above = to.directory;
  }

  open(path: string, flags: number, mode: number, fd: number): void {
    const has = (bit: number): boolean => (flags & bit) !== 0;
    if (has(flag.O_CREAT) && has(flag.O_DIRECTORY)) refuse('EINVAL');
    const isExclusive = has(flag.O_CREAT) && has(flag.O_EXCL);
    const place = this.resolve(path, !has(flag.O_NOFOLLOW) && !isExclusive);
    const isWriting = (flags & flag.O_ACCMODE) !== flag.O_RDONLY || has(flag.O_TRUNC);
    if (place.node === null && !has(flag.O_CREAT)) refuse('ENOENT');
    if (place.node !== null) {
      if (isExclusive) refuse('EEXIST');
      const { kind } = place.node;
      if (kind === 'directory' && (isWriting || has(flag.O_CREAT))) refuse('EISDIR');
      if (kind !== 'directory' && has(flag.O_DIRECTORY)) refuse('ENOTDIR');
      if (kind === 'link') refuse('ELOOP');
      if (kind === 'device') refuse('ENXIO');
    }
    const node = place.node ?? this.#add(place, newNode('file', mode));
    if (has(flag.O_TRUNC)) node.content = new Uint8Array(0);
    this.#open.set(fd, { node, flags, position: 0 });
  }

  close(fd: number): void {
    this.opened(fd);
    this.#open.delete(fd);
  }

  opened(fd: number): Open {
    return this.#open.get(fd) ?? refuse('EBADF');
  }

  read(fd: number, length: number, position: number | null): Uint8Array {
    const file = this.opened(fd);
    if ((file.flags & flag.O_ACCMODE) === flag.O_WRONLY) refuse('EBADF');
    if (file.node.kind === 'directory') refuse('EISDIR');
    const start = position ?? file.position;
    const read = file.node.content.slice(start, start + length);
    if (position === null) file.position += read.length;
    return read;
  }

  write(fd: number, bytes: Uint8Array, position: number | null): void {
    const file = this.opened(fd);
    if ((file.flags & flag.O_ACCMODE) === flag.O_RDONLY) refuse('EBADF');
    const { node } = file;
    const isAppending = (file.flags & flag.O_APPEND) !== 0;
    const start = isAppending ? node.content.length : (position ?? file.position);
    const end = start + bytes.length;
    if (bytes.length > 0) {
      const grown = new Uint8Array(Math.max(node.content.length, end));
      grown.set(node.content);
      grown.set(bytes, start);
      node.content = grown;
    }
    if (position === null) file.position = end;
  }

  ftruncate(fd: number, size: number): void {
    const { node, flags } = this.opened(fd);
    if ((flags & flag.O_ACCMODE) === flag.O_RDONLY) refuse('EINVAL');
    this.#resize(node, size);
  }

  truncate(path: string, size: number): void {
    const node = this.at(path);
    if (node.kind === 'directory') refuse('EISDIR');
    if (node.kind === 'device') refuse('ENXIO');
    this.#resize(node, size);
  }

  #resize(node: Node, size: number): void {
    const content = new Uint8Array(size);
    content.set(node.content.subarray(0, Math.min(size, node.content.length)));
    node.content = content;
  }

  #add({ directory, name, node }: Place, made: Node): Node {
    if (node !== null) refuse('EEXIST');
    directory.names.set(name, made);
    if (made.kind === 'directory') made.above = directory;
    return made;
  }

  #replace(over: Node, isDir: boolean): void {
    const overDir = over.kind === 'directory';
    if (isDir && !overDir) refuse('ENOTDIR');
    if (!isDir && overDir) refuse('EISDIR');
    if (over.ramdisk !== null) refuse('EBUSY');
    if (over.names.size > 0) refuse('ENOTEMPTY');
    over.links = overDir ? 0 : over.links - 1;
  }
}
