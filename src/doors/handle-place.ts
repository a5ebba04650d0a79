/**
 * Where a handle of file-system-access.ts leads: a path in a vfs, what is asked of it in the words
 * of browsers, and who has it open for writing.
 */

import type { VisorFs } from '../index.ts';

type Fs = VisorFs['fs'];

/** What is used of a vfs: its `fs`, of whichever user. */
export interface Shown {
  readonly fs: Pick<
    Fs,
    | 'closeSync'
    | 'fstatSync'
    | 'ftruncateSync'
    | 'mkdirSync'
    | 'openSync'
    | 'readFileSync'
    | 'readSync'
    | 'readdirSync'
    | 'rmSync'
    | 'statSync'
    | 'writeFileSync'
    | 'writeSync'
  >;
}

/** Who has each file open for writing, of all trees, by its path: 'sync', or how many writables. */
const LOCKS = new WeakMap<Shown['fs'], Map<string, 'sync' | number>>();

/** Errors by the codes of what a tree refuses. */
const NAMES: Readonly<Record<string, string>> = {
  ENOENT: 'NotFoundError',
  ENOTDIR: 'NotFoundError',
  EISDIR: 'TypeMismatchError',
  ENOTEMPTY: 'InvalidModificationError',
  ENOSPC: 'QuotaExceededError',
  EFBIG: 'QuotaExceededError',
  ENOMEM: 'QuotaExceededError',
  EACCES: 'NotAllowedError',
  EPERM: 'NotAllowedError',
  EROFS: 'NotAllowedError',
};

/** A path in a vfs, and what is asked of it. */
export class Place {
  readonly fs: Shown['fs'];
  readonly path: string;
  readonly #vfs: Shown;

  constructor(vfs: Shown, path: string) {
    this.#vfs = vfs;
    this.fs = vfs.fs;
    this.path = path;
  }

  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  below(name: string): Place {
    return new Place(this.#vfs, this.path === '/' ? `/${name}` : `${this.path}/${name}`);
  }

  /** What is there, or null. */
  kind(): 'file' | 'directory' | null {
    const stats = this.try(() => this.fs.statSync(this.path, { throwIfNoEntry: false }));
    if (stats?.isDirectory()) return 'directory';
    return stats?.isFile() ? 'file' : null;
  }

  /** Throws NotFoundError, or TypeMismatchError where something else than `kind` is there. */
  check(kind: 'file' | 'directory'): void {
    const found = this.kind();
    if (found === null) throw refusal('NotFoundError', `nothing is at '${this.path}'`);
    if (found !== kind) throw refusal('TypeMismatchError', `'${this.path}' is no ${kind}`);
  }

  /** What `act` returns; its refusals as the exceptions of browsers. */
  try<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined) throw error;
      throw refusal(NAMES[code] ?? 'InvalidStateError', message);
    }
  }

  get #locks(): Map<string, 'sync' | number> {
    let locks = LOCKS.get(this.fs);
    if (locks === undefined) {
      locks = new Map();
      LOCKS.set(this.fs, locks);
    }
    return locks;
  }

  get isLocked(): boolean {
    const prefix = `${this.path}/`;
    return [...this.#locks.keys()].some((path) => path === this.path || path.startsWith(prefix));
  }

  /** Throws NoModificationAllowedError where others write it so that this may not. */
  lock(how: 'sync' | 'writable'): void {
    const held = this.#locks.get(this.path);
    if (held === 'sync' || (how === 'sync' && held !== undefined)) {
      throw refusal('NoModificationAllowedError', `'${this.path}' is open for writing`);
    }
    this.#locks.set(this.path, how === 'sync' ? 'sync' : (held ?? 0) + 1);
  }

  unlock(): void {
    const held = this.#locks.get(this.path);
    if (typeof held === 'number' && held > 1) this.#locks.set(this.path, held - 1);
    else this.#locks.delete(this.path);
  }
}

/** The exception of browsers called `name`. */
export function refusal(name: string, message: string): DOMException {
  return new DOMException(message, name);
}
