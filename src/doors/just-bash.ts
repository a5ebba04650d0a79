/**
 * The door for just-bash: a vfs as the file system of its shell.
 *
 *   const bash = new Bash({ fs: bashFs(vfs) });
 *   await bash.exec('echo $((6 * 7)) > /answer');
 *
 * A ramdisk that is full fails the command that wrote, permissions hold for whoever `vfs.as` says,
 * and what the shell did is in `vfs.changes()`. just-bash asks for the paths of everything at once
 * to match globs: they are listed as often as it asks, which costs a walk over the tree.
 *
 * The shape is just-bash's IFileSystem, said again here so that it is only needed by who uses it.
 * Beside it just-bash looks for `mkdirSync` and `writeFileSync`, with which it lays out its
 * commands and devices when it starts; who has them already keeps them.
 */

import type { VisorFs } from '../index.ts';

type Fs = VisorFs['fs'];
type Stats = InstanceType<Fs['Stats']>;
type Content = string | Uint8Array;
type TextEncoding = 'utf8' | 'utf-8' | 'ascii' | 'binary' | 'base64' | 'hex' | 'latin1';
type Encoded = TextEncoding | { readonly encoding?: TextEncoding | null };

/** What is used of a vfs: its `fs`, of whichever user. */
export interface Shown {
  readonly fs: Pick<
    Fs,
    | 'appendFileSync'
    | 'chmodSync'
    | 'copyFileSync'
    | 'existsSync'
    | 'linkSync'
    | 'lstatSync'
    | 'mkdirSync'
    | 'readFileSync'
    | 'readdirSync'
    | 'readlinkSync'
    | 'realpathSync'
    | 'renameSync'
    | 'rmSync'
    | 'statSync'
    | 'symlinkSync'
    | 'utimesSync'
    | 'writeFileSync'
  >;
}

/** What `stat` tells. */
export interface BashStat {
  isFile: boolean;
  isDirectory: boolean;
  isSymbolicLink: boolean;
  mode: number;
  size: number;
  mtime: Date;
  dev: number;
  ino: number;
}

/** One name in a directory. */
export interface BashDirent {
  name: string;
  isFile: boolean;
  isDirectory: boolean;
  isSymbolicLink: boolean;
}

/** Permission bits of `mode`; just-bash keeps the type apart. */
const PERMISSIONS = 0o7777;

/**
 * The tree that `vfs` shows in its `fs`, as just-bash takes a file system.
 *
 * @example
 * import { Bash } from 'just-bash';
 * const bash = new Bash({ fs: bashFs(vfs) });
 * console.log((await bash.exec('echo $((6 * 7)) > /answer; cat /answer')).stdout.trim()); // 42
 * console.log(vfs.fs.existsSync('/answer')); // true
 */
export function bashFs(vfs: Shown): BashFs {
  return new BashFs(vfs);
}

/**
 * just-bash's IFileSystem over a vfs. Every verb rejects with the errors of `vfs.fs`.
 *
 * @example
 * const bash = new BashFs(vfs);
 * await bash.writeFile('/tmp/note', 'hello');
 * console.log(await bash.readFile('/tmp/note'), (await bash.stat('/tmp/note')).size); // hello 5
 */
export class BashFs {
  readonly #shown: Shown;

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  /** Asked for each time: who acts may change. */
  get #fs(): Shown['fs'] {
    return this.#shown.fs;
  }

  async readFile(path: string, options?: Encoded): Promise<string> {
    return this.#fs.readFileSync(path, encodingOf(options));
  }

  /** The bytes of a file as a string of characters from 0 to 255, which just-bash pipes on. */
  async readFileBytes(path: string): Promise<never> {
    // Branded there, so that nobody takes it for text; the brand cannot be named without it.
    return this.#fs.readFileSync(path, 'latin1') as never;
  }

  async readFileBuffer(path: string): Promise<Uint8Array> {
    return this.#fs.readFileSync(path);
  }

  async writeFile(path: string, content: Content, options?: Encoded): Promise<void> {
    this.#makeAbove(path);
    this.#fs.writeFileSync(path, content, encodingOf(options));
  }

  async appendFile(path: string, content: Content, options?: Encoded): Promise<void> {
    this.#makeAbove(path);
    this.#fs.appendFileSync(path, content, encodingOf(options));
  }

  async exists(path: string): Promise<boolean> {
    return this.#fs.existsSync(path);
  }

  async stat(path: string): Promise<BashStat> {
    return shown(this.#fs.statSync(path));
  }

  async lstat(path: string): Promise<BashStat> {
    return shown(this.#fs.lstatSync(path));
  }

  async mkdir(path: string, options?: { readonly recursive?: boolean }): Promise<void> {
    this.#fs.mkdirSync(path, { recursive: options?.recursive ?? false });
  }

  async readdir(path: string): Promise<string[]> {
    return this.#fs.readdirSync(path);
  }

  async readdirWithFileTypes(path: string): Promise<BashDirent[]> {
    return this.#fs.readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFile: entry.isFile(),
      isDirectory: entry.isDirectory(),
      isSymbolicLink: entry.isSymbolicLink(),
    }));
  }

  async rm(
    path: string,
    { recursive = false, force = false }: { recursive?: boolean; force?: boolean } = {},
  ): Promise<void> {
    const stats = this.#fs.lstatSync(path, { throwIfNoEntry: false });
    // An empty directory goes without being told to go into it, as in just-bash's own.
    const isEmpty = stats?.isDirectory() && this.#fs.readdirSync(path).length === 0;
    this.#fs.rmSync(path, { recursive: recursive || isEmpty === true, force });
  }

  /** Copies a file, or with `recursive` a directory; links are copied as links. */
  async cp(
    source: string,
    target: string,
    { recursive = false }: { recursive?: boolean } = {},
  ): Promise<void> {
    this.#copy(source, target, recursive);
  }

  async mv(source: string, target: string): Promise<void> {
    this.#fs.lstatSync(source);
    this.#makeAbove(target);
    try {
      this.#fs.renameSync(source, target);
    } catch (error) {
      // From one ramdisk to another, as mv(1) does it.
      if ((error as { code?: unknown }).code !== 'EXDEV') throw error;
      this.#copy(source, target, true);
      this.#fs.rmSync(source, { recursive: true });
    }
  }

  /** `path` seen from `base`, without `.` and `..`. */
  resolvePath(base: string, path: string): string {
    const names: string[] = [];
    for (const name of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
      if (name === '..') names.pop();
      else if (name !== '' && name !== '.') names.push(name);
    }
    return `/${names.join('/')}`;
  }

  /** The paths of everything, directories first; links are not followed. */
  getAllPaths(): string[] {
    const paths = ['/'];
    for (const above of paths) {
      for (const entry of this.#listed(above)) paths.push(entry);
    }
    return paths;
  }

  async chmod(path: string, mode: number): Promise<void> {
    this.#fs.chmodSync(path, mode);
  }

  async symlink(target: string, path: string): Promise<void> {
    this.#makeAbove(path);
    this.#fs.symlinkSync(target, path);
  }

  async link(existing: string, path: string): Promise<void> {
    this.#fs.lstatSync(existing);
    this.#makeAbove(path);
    this.#fs.linkSync(existing, path);
  }

  async readlink(path: string): Promise<string> {
    return this.#fs.readlinkSync(path);
  }

  async realpath(path: string): Promise<string> {
    return this.#fs.realpathSync(path);
  }

  async utimes(path: string, atime: Date, mtime: Date): Promise<void> {
    this.#fs.utimesSync(path, atime, mtime);
  }

  /** For just-bash to lay out its directories with. */
  mkdirSync(path: string, { recursive = false }: { readonly recursive?: boolean } = {}): void {
    this.#fs.mkdirSync(path, { recursive });
  }

  /** For just-bash to lay out its commands and devices with: what is there already stays. */
  writeFileSync(path: string, content: Content): void {
    if (this.#fs.existsSync(path)) return;
    this.#makeAbove(path);
    this.#fs.writeFileSync(path, content);
  }

  /** Makes the directories on the way to `path`: what makes a name does so in all of just-bash. */
  #makeAbove(path: string): void {
    const above = path.slice(0, path.lastIndexOf('/'));
    if (above !== '' && !this.#fs.existsSync(above)) {
      this.#fs.mkdirSync(above, { recursive: true });
    }
  }

  #listed(path: string): string[] {
    const stats = this.#fs.lstatSync(path, { throwIfNoEntry: false });
    if (!stats?.isDirectory()) return [];
    const above = path === '/' ? '' : path;
    return this.#fs.readdirSync(path).map((name) => `${above}/${name}`);
  }

  #copy(source: string, target: string, recursive: boolean): void {
    const stats = this.#fs.lstatSync(source);
    if (stats.isSymbolicLink()) {
      this.#makeAbove(target);
      // A link takes the place of a name that is there, as in cp(1); rm refuses a directory.
      const pointsAt = this.#fs.readlinkSync(source);
      this.#fs.rmSync(target, { force: true });
      this.#fs.symlinkSync(pointsAt, target);
    } else if (stats.isDirectory()) {
      if (!recursive) throw new Error(`EISDIR: is a directory, cp '${source}'`);
      this.#fs.mkdirSync(target, { recursive: true, mode: stats.mode & PERMISSIONS });
      for (const name of this.#fs.readdirSync(source)) {
        this.#copy(`${source}/${name}`, `${target}/${name}`, true);
      }
    } else {
      this.#makeAbove(target);
      this.#fs.copyFileSync(source, target);
    }
  }
}

function encodingOf(options: Encoded | undefined): TextEncoding {
  return (typeof options === 'string' ? options : options?.encoding) ?? 'utf8';
}

function shown(stats: Stats): BashStat {
  const { mode, size, mtime, dev, ino } = stats;
  return {
    isFile: stats.isFile(),
    isDirectory: stats.isDirectory(),
    isSymbolicLink: stats.isSymbolicLink(),
    mode: mode & PERMISSIONS,
    size,
    mtime,
    dev,
    ino,
  };
}
