/**
 * The door for Emscripten: a vfs as a type of file system that `FS.mount` takes.
 *
 *   Module.FS.mount(visorFsType(Module, vfs), {}, '/p')
 *   Module.FS.mount(visorFsType(Module, vfs), { root: '/etc', readOnly: true }, '/p')
 *   Module.FS.mount(visorFsType(Module, { fs: vfs.as({ uid: 1000 }) }), {}, '/p')
 *
 * An image mounted so is what Emscripten has no type for: an archive that is read where it lies. A
 * node there is a name here; what is open keeps its descriptor and outlives its name. Times,
 * owners, hard links, inode numbers and free space are the tree's own.
 *
 * Emscripten remembers nodes by their names and asks again only for what it does not know: what was
 * looked up there is to be removed and renamed there, or is not found under its old name here.
 * Symbolic links are followed by Emscripten, so absolute targets are paths there; it looks at the
 * bits of modes as well, and whoever the `fs` acts as is asked on top. Emscripten 4 and later.
 *
 * Not here: names that are no UTF-8, which the texts of Emscripten cannot say.
 */

import type { VisorError, VisorFs } from '../index.ts';

type Fs = VisorFs['fs'];
type Stats = InstanceType<Fs['Stats']>;
type Code = VisorError['code'];

/** What is used of a vfs: its verbs, of whichever kind of bytes. */
export interface Shown {
  readonly fs: Pick<
    Fs,
    | 'chmodSync'
    | 'closeSync'
    | 'fchmodSync'
    | 'fstatSync'
    | 'ftruncateSync'
    | 'futimesSync'
    | 'linkSync'
    | 'lstatSync'
    | 'lutimesSync'
    | 'mkdirSync'
    | 'openSync'
    | 'readSync'
    | 'readdirSync'
    | 'readlinkSync'
    | 'renameSync'
    | 'rmdirSync'
    | 'statSync'
    | 'statfsSync'
    | 'symlinkSync'
    | 'truncateSync'
    | 'unlinkSync'
    | 'utimesSync'
    | 'writeSync'
  >;
}

/** How a vfs is mounted: `root` is the directory of it that is shown, '/' unless said. */
export interface MountOptions {
  readonly root?: string;
  /** Whether all that would change something is refused with EROFS. */
  readonly readOnly?: boolean;
}

/** What is used of an Emscripten module. */
export interface EmscriptenModule {
  /** As the module exports it; its types differ by who wrote them. */
  readonly FS: object;
  /** The memory of the program; only mmap asks for it, which grows and is looked up each time. */
  readonly HEAPU8?: Uint8Array;
  /** Memory for mmap, which is refused with ENODEV where the module does not export this. */
  readonly mmapAlloc?: (size: number) => number;
}

/** What is used of a module's FS. */
export interface EmscriptenFs {
  // biome-ignore lint/suspicious/noExplicitAny: nodes are Emscripten's, and differ by its versions
  createNode(parent: any, name: string, mode: number, dev?: number): any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  lookupPath(path: string, options?: { follow?: boolean }): any;
  mkdirTree(path: string): void;
  mount(type: EmscriptenFsType, options: MountOptions, path: string): object;
  readonly ErrnoError: new (errno: number) => unknown;
}

/** What `FS.mount` takes as a type; the rest of it is between Emscripten and this. */
export interface EmscriptenFsType {
  mount(mount: object): object;
}

interface Mount {
  readonly opts: MountOptions;
}

interface Node {
  readonly parent: Node;
  readonly mount: Mount;
  name: string;
  mode: number;
  node_ops: object;
  stream_ops: object;
}

/** `shared` is common to a stream and its duplicates. */
interface Stream {
  readonly node: Node;
  readonly flags: number;
  readonly position: number;
  readonly shared: { fd?: number; count?: number };
}

/** What is to change; times are milliseconds. Of a chown, Emscripten does not say to whom. */
interface Change {
  readonly mode?: number;
  readonly size?: number;
  readonly atime?: number;
  readonly mtime?: number;
  readonly dontFollow?: boolean;
}

/** How to change one file, by its path or its descriptor. */
interface Changing {
  truncate(size: number): void;
  chmod(mode: number): void;
  utimes(atimeSeconds: number, mtimeSeconds: number): void;
  stat(): Stats;
}

/** Emscripten's numbers: they are WASI's, which are not those of Linux. */
const ERRNO: Readonly<Record<Code, number>> = {
  EACCES: 2,
  EBADF: 8,
  EBUSY: 10,
  EEXIST: 20,
  EFBIG: 22,
  EINVAL: 28,
  EIO: 29,
  EISDIR: 31,
  ELOOP: 32,
  EMFILE: 33,
  EMLINK: 34,
  ENAMETOOLONG: 37,
  ENOENT: 44,
  ENOMEM: 48,
  ENOSPC: 51,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  ENXIO: 60,
  EPERM: 63,
  EROFS: 69,
  EXDEV: 75,
};

/** As in errors of Emscripten itself, for what no tree refuses. */
const ENODEV = 43;

const TYPE_BITS = 0o170000;
const DIRECTORY = 0o040000;
const REGULAR = 0o100000;
const PERMISSION_BITS = 0o7777;
/** O_WRONLY, O_RDWR and O_APPEND, which are those of Linux. */
const OPEN_FLAGS = 0o2003;
const AT_SYMLINK_FOLLOW = 0x400;
const FROM_POSITION = 1;
const FROM_END = 2;

const isDirectory = ({ mode }: { mode: number }): boolean => (mode & TYPE_BITS) === DIRECTORY;
const isRegular = ({ mode }: { mode: number }): boolean => (mode & TYPE_BITS) === REGULAR;

/**
 * The tree that `vfs` shows in its `fs`, as a type of file system of `module`.
 *
 * @example
 * const { FS } = Module; // of a program that Emscripten built
 * FS.mkdir('/work');
 * FS.mount(visorFsType(Module, vfs), {}, '/work');
 * FS.writeFile('/work/note', 'written by a program');
 * console.log(vfs.fs.readFileSync('/note', 'utf8')); // written by a program
 */
export function visorFsType(module: EmscriptenModule, { fs }: Shown): EmscriptenFsType {
  const FS = module.FS as EmscriptenFs;

  /** What `act` returns; its refusals become Emscripten's. */
  const asked = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      const errno = ERRNO[(error as { code: Code }).code];
      throw errno === undefined ? error : new FS.ErrnoError(errno);
    }
  };
  const refuse = (errno: number): never => {
    throw new FS.ErrnoError(errno);
  };
  /** What `act` returns, which changes something where `node` is. */
  const changed = <T>({ mount }: Node, act: () => T): T =>
    mount.opts.readOnly ? refuse(ERRNO.EROFS) : asked(act);

  const pathOf = (node: Node): string => {
    let path = '';
    let at = node;
    for (; at.parent !== at; at = at.parent) path = `/${at.name}${path}`;
    const { root = '/' } = at.mount.opts;
    return root === '/' ? path || '/' : root + path;
  };
  const pathIn = (parent: Node, name: string): string => {
    const folder = pathOf(parent);
    return folder === '/' ? `/${name}` : `${folder}/${name}`;
  };
  const nodeOf = (parent: Node | null, name: string, mode: number): Node => {
    const node: Node = FS.createNode(parent, name, mode, 0);
    node.node_ops = nodeOps;
    node.stream_ops = streamOps;
    return node;
  };
  const made = (parent: Node, name: string): Node =>
    nodeOf(parent, name, asked(() => fs.lstatSync(pathIn(parent, name))).mode);

  const attributesOf = (stats: Stats): object => {
    const { dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks } = stats;
    const { atime, mtime, ctime } = stats;
    return { dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks, atime, mtime, ctime };
  };
  const apply = (node: Node, { mode, size, atime, mtime }: Change, on: Changing): void =>
    changed(node, () => {
      if (size !== undefined) on.truncate(size);
      if (mode !== undefined) {
        on.chmod(mode & PERMISSION_BITS);
        node.mode = mode;
      }
      if (atime !== undefined || mtime !== undefined) {
        const { atimeMs, mtimeMs } = on.stat();
        on.utimes((atime ?? atimeMs) / 1000, (mtime ?? mtimeMs) / 1000);
      }
    });
  const fdOf = ({ shared }: Stream): number => shared.fd ?? refuse(ERRNO.EBADF);

  const nodeOps = {
    getattr: (node: Node) => asked(() => attributesOf(fs.lstatSync(pathOf(node)))),

    setattr(node: Node, change: Change): void {
      const path = pathOf(node);
      const utimes = change.dontFollow ? fs.lutimesSync : fs.utimesSync;
      apply(node, change, {
        truncate: (size) => fs.truncateSync(path, size),
        chmod: (mode) => fs.chmodSync(path, mode),
        utimes: (atime, mtime) => utimes(path, atime, mtime),
        stat: () => fs.lstatSync(path),
      });
    },

    lookup(parent: Node, name: string): Node {
      const stats = asked(() => fs.lstatSync(pathIn(parent, name), { throwIfNoEntry: false }));
      return nodeOf(parent, name, stats === undefined ? refuse(ERRNO.ENOENT) : stats.mode);
    },

    mknod(parent: Node, name: string, mode: number): Node {
      const path = pathIn(parent, name);
      const permissions = mode & PERMISSION_BITS;
      changed(parent, () => {
        if (isDirectory({ mode })) fs.mkdirSync(path, permissions);
        else if (isRegular({ mode })) fs.closeSync(fs.openSync(path, 'wx', permissions));
        else refuse(ERRNO.EINVAL);
      });
      return made(parent, name);
    },

    rename(node: Node, parent: Node, name: string): void {
      changed(node, () => fs.renameSync(pathOf(node), pathIn(parent, name)));
      node.name = name;
    },

    link(parent: Node, name: string, older: string, flags: number): Node {
      const { node } = FS.lookupPath(older, { follow: (flags & AT_SYMLINK_FOLLOW) !== 0 });
      if (node.mount !== parent.mount) refuse(ERRNO.EXDEV);
      changed(parent, () => fs.linkSync(pathOf(node), pathIn(parent, name)));
      return made(parent, name);
    },

    symlink(parent: Node, name: string, target: string): Node {
      changed(parent, () => fs.symlinkSync(target, pathIn(parent, name)));
      return made(parent, name);
    },

    unlink: (parent: Node, name: string) =>
      changed(parent, () => fs.unlinkSync(pathIn(parent, name))),

    rmdir: (parent: Node, name: string) =>
      changed(parent, () => fs.rmdirSync(pathIn(parent, name))),

    readdir: (node: Node) => ['.', '..', ...asked(() => fs.readdirSync(pathOf(node)))],

    readlink: (node: Node) => asked(() => fs.readlinkSync(pathOf(node))),

    statfs(root = '/'): object {
      const { bsize, blocks, bfree, bavail, files, ffree } = asked(() => fs.statfsSync(root));
      return { bsize, frsize: bsize, blocks, bfree, bavail, files, ffree };
    },
  };

  const streamOps = {
    open(stream: Stream): void {
      const { node, shared, flags } = stream;
      if (!isRegular(node)) return;
      const access = flags & OPEN_FLAGS;
      if (access !== 0 && node.mount.opts.readOnly) refuse(ERRNO.EROFS);
      // What the other flags ask for, Emscripten has done.
      shared.fd = asked(() => fs.openSync(pathOf(node), access));
      shared.count = 1;
    },

    close({ shared }: Stream): void {
      if (shared.fd === undefined) return;
      shared.count! -= 1;
      if (shared.count === 0) fs.closeSync(shared.fd);
    },

    dup({ shared }: Stream): void {
      if (shared.fd !== undefined) shared.count! += 1;
    },

    getattr(stream: Stream): object {
      const { fd } = stream.shared;
      if (fd === undefined) return nodeOps.getattr(stream.node);
      return asked(() => attributesOf(fs.fstatSync(fd)));
    },

    setattr({ node, shared: { fd } }: Stream, change: Change): void {
      if (fd === undefined) nodeOps.setattr(node, change);
      else
        apply(node, change, {
          truncate: (size) => fs.ftruncateSync(fd, size),
          chmod: (mode) => fs.fchmodSync(fd, mode),
          utimes: (atime, mtime) => fs.futimesSync(fd, atime, mtime),
          stat: () => fs.fstatSync(fd),
        });
    },

    read: (stream: Stream, to: Uint8Array, offset: number, length: number, position: number) =>
      asked(() => fs.readSync(fdOf(stream), to, offset, length, position)),

    write: (stream: Stream, from: Uint8Array, offset: number, length: number, position: number) =>
      asked(() => fs.writeSync(fdOf(stream), from, offset, length, position)),

    llseek(stream: Stream, offset: number, whence: number): number {
      let position = offset;
      if (whence === FROM_POSITION) position += stream.position;
      else if (whence === FROM_END && stream.shared.fd !== undefined) {
        position += asked(() => fs.fstatSync(fdOf(stream))).size;
      }
      return position < 0 ? refuse(ERRNO.EINVAL) : position;
    },

    mmap(stream: Stream, length: number, position: number): object {
      if (stream.shared.fd === undefined || module.mmapAlloc === undefined) refuse(ENODEV);
      const ptr = module.mmapAlloc!(length);
      if (ptr === 0) refuse(ERRNO.ENOMEM);
      streamOps.read(stream, module.HEAPU8!, ptr, length, position);
      return { ptr, allocated: true };
    },

    /** What lies at the start of `bytes` goes where it was mapped from. */
    msync(stream: Stream, bytes: Uint8Array, offset: number, length: number): number {
      streamOps.write(stream, bytes, 0, length, offset);
      return 0;
    },
  };

  return {
    mount(mount: object): object {
      const { root = '/' } = (mount as Mount).opts;
      return nodeOf(null, '/', asked(() => fs.statSync(root)).mode);
    },
  };
}
