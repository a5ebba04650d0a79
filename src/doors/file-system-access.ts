/**
 * The door for browsers' File System Access: directories and files of a vfs as the handles that
 * `navigator.storage.getDirectory()` and the pickers give.
 *
 *   const root = directoryHandle(vfs);
 *   const file = await root.getFileHandle('note.txt', { create: true });
 *   const writable = await file.createWritable();
 *   await writable.write('hello');
 *   await writable.close();
 *
 * What a writable is given is kept beside the file until it is closed, and takes its place then as
 * a whole or not at all: a full ramdisk is a QuotaExceededError and leaves the file as it was. A
 * sync access handle writes into the file itself, and nobody else may write it meanwhile.
 *
 * Symbolic links show as what they lead to; what is neither file nor directory does not show.
 * Permission is granted: what `vfs.as` says of its user is a NotAllowedError when it is tried.
 */

import { Place, refusal, type Shown } from './handle-place.ts';
import { SyncAccessHandle, WritableFile } from './handle-writing.ts';

/**
 * The handle of the directory `path` of `vfs`, which must be there.
 *
 * @example
 * const root = directoryHandle(vfs);
 * const file = await root.getFileHandle('note.txt', { create: true });
 * const writable = await file.createWritable();
 * await writable.write('hello');
 * await writable.close();
 * console.log(vfs.fs.readFileSync('/note.txt', 'utf8')); // hello
 */
export function directoryHandle(vfs: Shown, path = '/'): DirectoryHandle {
  const place = new Place(vfs, path);
  place.check('directory');
  return new DirectoryHandle(place);
}

/** What both kinds of handles have. */
abstract class Handle {
  abstract readonly kind: 'file' | 'directory';
  protected readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  get name(): string {
    return this.place.name;
  }

  /** Whether `other` is a handle of the same place. */
  async isSameEntry(other: unknown): Promise<boolean> {
    if (!(other instanceof Handle) || other.kind !== this.kind) return false;
    return other.place.fs === this.place.fs && other.place.path === this.place.path;
  }

  async queryPermission(_descriptor?: object): Promise<'granted'> {
    return 'granted';
  }

  async requestPermission(_descriptor?: object): Promise<'granted'> {
    return 'granted';
  }

  /** The names from `above` to `handle`. */
  protected static pathFrom(above: Handle, handle: Handle): string[] | null {
    if (above.place.fs !== handle.place.fs) return null;
    const [start, whole] = [above.place.path, handle.place.path];
    if (start === whole) return [];
    const prefix = start === '/' ? '/' : `${start}/`;
    return whole.startsWith(prefix) ? whole.slice(prefix.length).split('/') : null;
  }
}

/**
 * A directory: FileSystemDirectoryHandle.
 *
 * @example
 * const etc = directoryHandle(vfs, '/etc');
 * const kinds = [];
 * for await (const [name, { kind }] of etc.entries()) kinds.push(`${name} ${kind}`);
 * console.log(kinds.slice(0, 3)); // [ 'build file', 'chkconfig.db file', 'group file' ]
 */
export class DirectoryHandle extends Handle {
  readonly kind = 'directory';

  /** The file `name`, made where it is not there and `create` says so. */
  async getFileHandle(name: string, { create = false } = {}): Promise<FileHandle> {
    const place = this.#child(name);
    if (create && place.kind() === null) {
      place.try(() => place.fs.writeFileSync(place.path, '', { flag: 'wx' }));
    }
    place.check('file');
    return new FileHandle(place);
  }

  /** The directory `name`, made where it is not there and `create` says so. */
  async getDirectoryHandle(name: string, { create = false } = {}): Promise<DirectoryHandle> {
    const place = this.#child(name);
    if (create && place.kind() === null) place.try(() => place.fs.mkdirSync(place.path));
    place.check('directory');
    return new DirectoryHandle(place);
  }

  /** Removes `name`; a directory that is not empty only if `recursive` says so. */
  async removeEntry(name: string, { recursive = false } = {}): Promise<void> {
    const place = this.#child(name);
    const kind = place.kind();
    if (kind === null) throw refusal('NotFoundError', `nothing is at '${place.path}'`);
    if (place.isLocked) {
      throw refusal('NoModificationAllowedError', `'${place.path}' is open for writing`);
    }
    const isFull = kind === 'directory' && place.fs.readdirSync(place.path).length > 0;
    if (isFull && !recursive) {
      throw refusal('InvalidModificationError', `'${place.path}' is not empty`);
    }
    place.try(() => place.fs.rmSync(place.path, { recursive: true }));
  }

  /** The names that lead to `handle` from here, or null where it does not lie below. */
  async resolve(handle: DirectoryHandle | FileHandle): Promise<string[] | null> {
    return Handle.pathFrom(this, handle);
  }

  async *entries(): AsyncGenerator<[string, DirectoryHandle | FileHandle], undefined> {
    this.place.check('directory');
    for (const name of this.place.try(() => this.place.fs.readdirSync(this.place.path))) {
      const place = this.place.below(name);
      const kind = place.kind();
      if (kind === 'directory') yield [name, new DirectoryHandle(place)];
      if (kind === 'file') yield [name, new FileHandle(place)];
    }
    return undefined;
  }

  async *keys(): AsyncGenerator<string, undefined> {
    for await (const [name] of this.entries()) yield name;
    return undefined;
  }

  async *values(): AsyncGenerator<DirectoryHandle | FileHandle, undefined> {
    for await (const [, handle] of this.entries()) yield handle;
    return undefined;
  }

  [Symbol.asyncIterator](): AsyncGenerator<[string, DirectoryHandle | FileHandle], undefined> {
    return this.entries();
  }

  #child(name: string): Place {
    const isName = name !== '' && name !== '.' && name !== '..' && !name.includes('/');
    if (!isName) throw new TypeError('Name is not allowed.');
    this.place.check('directory');
    return this.place.below(name);
  }
}

/**
 * A file: FileSystemFileHandle.
 *
 * @example
 * const handle = await directoryHandle(vfs, '/etc').getFileHandle('motd');
 * const motd = await handle.getFile();
 * console.log(motd.name, motd.size === vfs.fs.statSync('/etc/motd').size); // motd true
 */
export class FileHandle extends Handle {
  readonly kind = 'file';

  /** The file as it is now. */
  async getFile(): Promise<File> {
    const { place } = this;
    place.check('file');
    const lastModified = Math.trunc(place.fs.statSync(place.path).mtimeMs);
    const bytes = place.try(() => place.fs.readFileSync(place.path));
    return new File([bytes as Uint8Array<ArrayBuffer>], place.name, { lastModified });
  }

  /** A stream whose bytes become the file when it is closed. */
  async createWritable({ keepExistingData = false } = {}): Promise<WritableFile> {
    const { place } = this;
    place.check('file');
    const bytes = keepExistingData ? place.try(() => place.fs.readFileSync(place.path)) : undefined;
    place.lock('writable');
    return new WritableFile(place, bytes);
  }

  /** The file itself, to be read and written at once; nobody else may write it meanwhile. */
  async createSyncAccessHandle(): Promise<SyncAccessHandle> {
    const { place } = this;
    place.check('file');
    place.lock('sync');
    try {
      return new SyncAccessHandle(
        place,
        place.try(() => place.fs.openSync(place.path, 'r+')),
      );
    } catch (error) {
      place.unlock();
      throw error;
    }
  }
}
