/**
 * The door for Node's own node:vfs (Node 26, `--experimental-vfs`): a vfs as a provider of files,
 * so that fs, require and import of the whole process find them.
 *
 *   import { create, VirtualProvider } from 'node:vfs';
 *   const root = create(visorProvider(vfs, VirtualProvider)).mount();
 *   require(`${root}/app.js`);
 *
 * Nearly every verb of a provider is one of `vfs.fs` with the same arguments, so it is that one.
 * Only what is open has a shape of its own: an object with both flavours of each verb on it.
 *
 * The class to extend is passed in: the module is there in few of the Nodes that this runs on.
 * Paths in errors are those in the vfs.
 */

import type { VisorFs } from '../index.ts';

type Fs = VisorFs['fs'];

/** node:vfs's class of providers, as far as it is looked at here. */
export type ProviderClass<P extends object = object> = abstract new () => P;

// biome-ignore lint/suspicious/noExplicitAny: verbs have every signature there is
type Verb = (...given: any[]) => unknown;

/** The verbs of a provider that are those of `fs`, in both flavours. */
const VERBS = [
  'access',
  'appendFile',
  'chmod',
  'chown',
  'copyFile',
  'lchown',
  'link',
  'lstat',
  'lutimes',
  'mkdir',
  'readFile',
  'readdir',
  'readlink',
  'realpath',
  'rename',
  'rm',
  'rmdir',
  'stat',
  'statfs',
  'symlink',
  'truncate',
  'unlink',
  'utimes',
  'writeFile',
] as const;

/** What is used of a vfs: its `fs`, of whichever user. */
export interface Shown {
  readonly fs: Pick<
    Fs,
    | `${(typeof VERBS)[number] | 'exists' | 'open' | 'close'}Sync`
    | 'watch'
    | 'watchFile'
    | 'unwatchFile'
  > & { readonly promises: Pick<Fs['promises'], 'watch'> };
}

/** The verbs on what is open, and those of `fs` on a descriptor that they are. */
const ON_OPEN: Readonly<Record<string, string>> = {
  chmod: 'fchmodSync',
  chown: 'fchownSync',
  datasync: 'fdatasyncSync',
  readFile: 'readFileSync',
  stat: 'fstatSync',
  sync: 'fsyncSync',
  truncate: 'ftruncateSync',
  utimes: 'futimesSync',
  writeFile: 'writeFileSync',
};

/** The verbs on what is open that tell how many bytes, and of which buffer. */
const COUNTING: Readonly<Record<string, readonly [count: string, of: string]>> = {
  read: ['bytesRead', 'buffer'],
  readv: ['bytesRead', 'buffers'],
  write: ['bytesWritten', 'buffer'],
  writev: ['bytesWritten', 'buffers'],
};

/**
 * A provider of node:vfs over the tree that `vfs` shows in its `fs`.
 *
 * @example
 * import { create, VirtualProvider } from 'node:vfs';
 * vfs.fs.writeFileSync('/answer.mjs', 'export default 6 * 7;');
 * const root = create(visorProvider(vfs, VirtualProvider)).mount();
 * console.log((await import(`${root}/answer.mjs`)).default); // 42
 */
export function visorProvider<P extends object>(
  { fs }: Shown,
  VirtualProvider: ProviderClass<P>,
): P {
  class VisorProvider extends (VirtualProvider as ProviderClass<object>) {
    get readonly(): boolean {
      return false;
    }

    get supportsSymlinks(): boolean {
      return true;
    }

    get supportsWatch(): boolean {
      return true;
    }

    openSync(path: string, flags?: string | number, mode?: number): OpenFile {
      return new OpenFile(fs, path, fs.openSync(path, flags, mode), flags ?? 'r', mode ?? 0o666);
    }

    async open(path: string, flags?: string | number, mode?: number): Promise<OpenFile> {
      return this.openSync(path, flags, mode);
    }

    existsSync(path: string): boolean {
      return fs.existsSync(path);
    }

    async exists(path: string): Promise<boolean> {
      return fs.existsSync(path);
    }
  }
  for (const verb of VERBS) {
    define(VisorProvider.prototype, `${verb}Sync`, fs[`${verb}Sync`] as Verb);
    define(VisorProvider.prototype, verb, (fs.promises as unknown as Record<string, Verb>)[verb]!);
  }
  define(VisorProvider.prototype, 'watch', fs.watch);
  define(VisorProvider.prototype, 'watchAsync', fs.promises.watch);
  define(VisorProvider.prototype, 'watchFile', fs.watchFile);
  define(VisorProvider.prototype, 'unwatchFile', fs.unwatchFile);
  return new VisorProvider() as P;
}

/** What a provider opens: node:vfs asks it for every verb on the file. */
class OpenFile {
  readonly path: string;
  readonly flags: string | number;
  readonly mode: number;
  readonly #fs: Shown['fs'];
  #fd: number;

  constructor(fs: Shown['fs'], path: string, fd: number, flags: string | number, mode: number) {
    this.#fs = fs;
    this.#fd = fd;
    this.path = path;
    this.flags = flags;
    this.mode = mode;
  }

  static {
    for (const [verb, sync] of Object.entries(ON_OPEN)) {
      OpenFile.#both(verb, ({ fs, fd }, given) => fs[sync]!(fd, ...given));
    }
    // Whether it appends is for how it was opened.
    OpenFile.#both('appendFile', ({ fs, fd }, given) => fs['writeFileSync']!(fd, ...given));
    for (const [verb, [count, of]] of Object.entries(COUNTING)) {
      const act = ({ fs, fd }: Opened, given: unknown[]): unknown =>
        fs[`${verb}Sync`]!(fd, ...given);
      define(OpenFile.prototype, `${verb}Sync`, function (this: OpenFile, ...given) {
        return act(this.#opened, given);
      });
      define(OpenFile.prototype, verb, async function (this: OpenFile, ...given) {
        return { [count]: act(this.#opened, given), [of]: given[0] };
      });
    }
  }

  /** Defines `verb` in both flavours: what `act` does with what is open. */
  static #both(verb: string, act: (on: Opened, given: unknown[]) => unknown): void {
    define(OpenFile.prototype, `${verb}Sync`, function (this: OpenFile, ...given) {
      return act(this.#opened, given);
    });
    define(OpenFile.prototype, verb, async function (this: OpenFile, ...given) {
      return act(this.#opened, given);
    });
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  closeSync(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    this.#fs.closeSync(fd);
  }

  async close(): Promise<void> {
    this.closeSync();
  }

  get #opened(): Opened {
    return { fs: this.#fs as unknown as Opened['fs'], fd: this.#fd };
  }
}

interface Opened {
  readonly fs: Readonly<Record<string, Verb>>;
  readonly fd: number;
}

function define(on: object, name: string, value: Verb): void {
  Object.defineProperty(on, name, { value, writable: true, configurable: true });
}
