/**
 * One live tree as one user has it: POSIX's verbs on paths and descriptors.
 *
 *   View ── Resolver   path to place            ── Names     verbs on names
 *        ── Live       image and delta as one   ── Content   verbs on one inode
 *        ── Handles    open files
 *
 * Several views of one tree share all but who acts (credentials.ts): they see the same files, and
 * what one opened the others may use by its descriptor, as threads of one process may whose fsuid
 * differs. A view is some small objects; nothing is copied for it.
 *
 * Every verb is an ordinary call that never awaits. It refuses with a placeless VisorError; whoever
 * knows the system call adds it. A verb that throws has changed nothing.
 *
 * Not here: what comes and goes under the tree (tree.ts), node's arguments and flavours (nodefs/).
 */

import { NO_BYTES, utf8 } from '../base/bytes.ts';
import { type ErrnoCode, VisorError } from '../base/errors.ts';
import { PATH_MAX_BYTES } from '../base/limits.ts';
import { isDirectory, isSymlink } from '../base/mode.ts';
import { ROOT_INO } from '../layer/image.ts';
import { noteRead } from './atime.ts';
import type { Attributes } from './attributes.ts';
import { Content, type Time } from './content.ts';
import type { Room } from './costs.ts';
import type { Credentials } from './credentials.ts';
import type { TreeListener } from './feed.ts';
import * as flag from './flags.ts';
import type { Handles, OpenFile, Target } from './handles.ts';
import { type Ino, isOriginal, NO_INO } from './ino.ts';
import type { Listing } from './listing.ts';
import type { Live } from './live.ts';
import { Names } from './names.ts';
import { spaceOf } from './ramdisks.ts';
import { type Path, Resolver } from './resolve.ts';
import type { DirectoryEntry, Space } from './shapes.ts';

/** One live tree as one user has it. */
export class View {
  /** Image and delta as one, for reports. Not for callers to change. */
  readonly live: Live;
  readonly #who: Credentials;
  readonly #handles: Handles;
  readonly #listing: Listing;
  readonly #resolver: Resolver;
  readonly #names: Names;
  readonly #content: Content;

  /** `live` and what is open of it as `who` has them; `listing` says how directories show. */
  constructor(live: Live, handles: Handles, listing: Listing, who: Credentials) {
    this.live = live;
    this.#who = who;
    this.#handles = handles;
    this.#listing = listing;
    this.#resolver = new Resolver(live, who);
    this.#names = new Names(live, handles, who);
    this.#content = new Content(live, who);
  }

  /**
   * Calls `listener` at every change of the tree from now on, whoever makes it; returns what stops
   * that. It may look, and must not change the tree (feed.ts).
   */
  on(_event: 'change', listener: TreeListener): () => void {
    return this.#handles.listen(listener);
  }

  /** The inode at `path`. Throws ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, as all that take a path. */
  lookup(path: Path, follow = true): Ino {
    return this.#resolver.ino(path, follow);
  }

  /** The inode at `path`, or why there is none: for callers to whom that need be no error. */
  seek(path: Path, follow = true): Ino | ErrnoCode {
    return this.#resolver.seek(path, follow);
  }

  /** Whether all of `wanted` (R_OK, W_OK, X_OK) may be done with the inode `ino`. */
  may(ino: Ino, wanted: number): boolean {
    return this.#who.may(this.live, ino, wanted);
  }

  /** Whether the inode `ino` is that of who acts, or he is root. */
  owns(ino: Ino): boolean {
    return this.#who.owns(this.live, ino);
  }

  /** Whether something is at `path`. */
  has(path: Path): boolean {
    return this.#resolver.find(path, true) !== NO_INO;
  }

  /** What is known of the inode at `path`; of the link itself unless `follow`. */
  stat(path: Path, follow = true): Attributes {
    return this.live.attributes(this.#resolver.ino(path, follow));
  }

  /**
   * What is in the directory `of`, a path or a descriptor, sorted by the bytes of the names. Throws
   * ENOTDIR, EACCES, EBADF.
   */
  readdir(of: Path | number): DirectoryEntry[] {
    if (typeof of !== 'number') return this.#listing.entries(this.#listed(of));
    const { ino } = this.#handles.at(of);
    if (this.live.nlink(ino) === 0) return [];
    noteRead(this.live, ino);
    return this.#listing.entries(ino);
  }

  /** The names in the directory `path` as text, sorted as bytes. Throws ENOTDIR, EACCES. */
  names(path: Path): string[] {
    return this.#listing.names(this.#listed(path));
  }

  /** Calls `visit` for every name in `path`, sorted as bytes. Throws ENOTDIR, EACCES. */
  eachName(path: Path, visit: (name: string, mode: number) => void): void {
    this.#listing.each(this.#listed(path), visit);
  }

  /** Where the symbolic link `path` leads. Throws EINVAL where it is none. */
  readlink(path: Path): Uint8Array {
    const ino = this.#resolver.ino(path, false);
    if (!isSymlink(this.live.mode(ino))) throw new VisorError('EINVAL');
    noteRead(this.live, ino);
    return this.live.target(ino);
  }

  /** The path of `path` without links, `.` and `..`, as bytes. */
  realpath(path: Path): Uint8Array {
    return this.#resolver.realpath(path);
  }

  /** Makes a directory, if `room` fits beside it. Throws EEXIST, EPERM for `.#…`, ENOSPC. */
  mkdir(path: Path, mode = 0o777, room?: Room): void {
    const spot = this.#resolver.spot(path, 'never');
    this.#names.mkdir(spot, mode, room);
  }

  /**
   * Makes `path` and the directories missing above it, all or none; how many bytes of `path` lead
   * to the first, or 0 where it cannot be done name by name (resolve.ts). Throws EPERM, ENOSPC.
   */
  mkdirs(path: Path, mode: number): number {
    const missing = this.#resolver.missing(path);
    if (missing === null) return 0;
    this.#names.mkdirs(missing, mode);
    return missing.end;
  }

  /** Makes a symbolic link at `path` to `target`. Throws EEXIST, EPERM for `.#…`, ENOSPC. */
  symlink(target: Path, path: Path): void {
    const bytes = typeof target === 'string' ? utf8(target) : target;
    if (bytes.length === 0) throw new VisorError('ENOENT');
    if (bytes.length >= PATH_MAX_BYTES) throw new VisorError('ENAMETOOLONG');
    this.#names.symlink(this.#resolver.spot(path, 'never'), bytes);
  }

  /**
   * Gives the file at `existing` the name `path` too. Throws EEXIST, EPERM, EXDEV across ramdisks,
   * EMLINK, ENOSPC.
   */
  link(existing: Path, path: Path): void {
    const { ino, directory } = this.#resolver.spot(existing, false);
    if (ino === NO_INO) throw new VisorError('ENOENT');
    this.#names.link(ino, directory, this.#resolver.spot(path, 'never'));
  }

  /** Takes a name away. Throws EISDIR, EPERM for `.#…`, ENOSPC where a whiteout does not fit. */
  unlink(path: Path): void {
    this.#names.unlink(this.#resolver.spot(path, 'never'));
  }

  /** Removes an empty directory. Throws ENOTEMPTY, ENOTDIR, EBUSY, ENOSPC for the whiteout. */
  rmdir(path: Path): void {
    if (!this.rmdirIfEmpty(path)) throw new VisorError('ENOTEMPTY');
  }

  /** As `rmdir`, but says whether it did: not where something lies in the directory. */
  rmdirIfEmpty(path: Path): boolean {
    return this.#names.rmdir(this.#resolver.spot(path, 'never'));
  }

  /** Renames `source` to `target`, over what is there: as rename(2), with EXDEV across ramdisks. */
  rename(source: Path, target: Path): void {
    const from = this.#resolver.spot(source, 'never');
    this.#names.rename(from, this.#resolver.spot(target, 'never'));
  }

  /** Opens `path` by open(2)'s flags, Linux's numbers; returns a descriptor. Throws as open(2). */
  open(path: Path, flags: number, mode = 0o666): number {
    return this.#handles.open(this.reach(path, flags, mode));
  }

  /**
   * As `open`, but what is opened has no descriptor and need not be closed: for verbs that are over
   * before anything else happens. A file is made only if `room` fits beside it.
   */
  reach(path: Path, given: number, mode: number, room?: Room): OpenFile {
    const flags = flag.heeded(given);
    const creates = (flags & flag.O_CREAT) !== 0;
    if (creates && (flags & flag.O_DIRECTORY) !== 0) throw new VisorError('EINVAL');
    this.#handles.checkRoom();
    const isExclusive = creates && (flags & flag.O_EXCL) !== 0;
    const follow = (flags & flag.O_NOFOLLOW) === 0 && !isExclusive;
    // What is not to be made needs no copy of its name.
    const spot = creates ? this.#resolver.creatable(path, follow) : null;
    let ino = spot?.ino ?? this.#resolver.ino(path, follow);
    const { directory } = this.#resolver;
    // To be named in the feed: by a reader only while somebody listens.
    const isNamed = flag.isWriting(flags) || this.#handles.feed !== null;
    const name = spot?.name ?? (isNamed ? this.#resolver.name() : NO_BYTES);
    const isNew = ino === NO_INO;
    if (!isNew) this.#content.checkOpen(ino, flags, isExclusive);
    else ino = this.#names.create(spot!, mode, room);
    const ramdisk = this.#payer(directory, ino);
    const file: OpenFile = { ino, flags, ramdisk, isNew, directory, name, position: 0 };
    if (isNew || (flags & flag.O_TRUNC) === 0) return file;
    this.#content.truncate(file, 0);
    this.#tell('modified', file);
    return file;
  }

  /** Closes `fd`. Throws EBADF. */
  close(fd: number): void {
    const ino = this.#handles.close(fd);
    if (ino === null || isOriginal(ino)) return;
    const row = this.live.rowOf(ino);
    if (row === 0 || this.live.delta.inodes.nlink(row) > 0) return;
    this.live.drop(row);
    this.#handles.feed?.forgotten(ino);
  }

  /** What is known of the open file `fd`. Throws EBADF. */
  fstat(fd: number): Attributes {
    return this.live.attributes(this.#handles.ino(fd));
  }

  /**
   * Reads into `target` from `position`, or from where the file stands; returns how many bytes.
   * Throws EBADF, EISDIR.
   */
  read(fd: number, target: Uint8Array, position: number | null): number {
    const file = this.#handles.at(fd);
    if (!flag.isReading(file.flags)) throw new VisorError('EBADF');
    this.#content.checkData(file.ino);
    const count = this.#content.read(file.ino, target, position ?? file.position);
    if ((file.flags & flag.O_NOATIME) === 0) noteRead(this.live, file.ino);
    if (position === null) file.position += count;
    return count;
  }

  /**
   * Writes `bytes` at `position`, or where the file stands, or at its end; all of them. Throws
   * EBADF, ENOSPC, EFBIG.
   */
  write(of: number | OpenFile, bytes: Uint8Array, position: number | null): number {
    const file = this.#writable(of);
    // Not even where the file stands changes: with O_APPEND that would be its end.
    if (bytes.length === 0) return 0;
    const isAppending = (file.flags & flag.O_APPEND) !== 0;
    const offset = isAppending ? this.live.size(file.ino) : (position ?? file.position);
    this.#content.write(file, bytes, offset);
    this.#tell('modified', file);
    if (position === null) file.position = offset + bytes.length;
    return bytes.length;
  }

  /** Sets the size of the open file `fd`. Throws EINVAL unless it is for writing, ENOSPC, EFBIG. */
  ftruncate(fd: number, size: number): void {
    const file = this.#handles.at(fd);
    if (!flag.isWriting(file.flags)) throw new VisorError('EINVAL');
    this.#content.truncate(file, size);
    this.#tell('modified', file);
  }

  /** The open file `fd`. Throws EBADF. */
  openFile(fd: number): Readonly<OpenFile> {
    return this.#handles.at(fd);
  }

  /**
   * Makes `bytes` all that an open file holds, and `mode` its permission bits where it is given, or
   * throws and leaves it as it was.
   */
  replace(of: number | OpenFile, bytes: Uint8Array, mode?: number): void {
    const file = this.#writable(of);
    this.#content.replace(file, bytes, mode);
    if (bytes.length > 0 || !file.isNew) this.#tell('modified', file);
    if (mode !== undefined) this.#tell('attributes', file);
  }

  /** Sets the size of the file `path`. Throws EISDIR, EACCES, ENOSPC, EFBIG. */
  truncate(path: Path, size: number): void {
    const target = this.#target(path, true);
    this.#content.checkData(target.ino);
    this.#who.check(this.live, target.ino, flag.W_OK);
    this.#content.truncate(target, size);
    this.#tell('modified', target);
  }

  /** Sets the permission bits of a path or of an open file. */
  chmod(of: Path | number, mode: number): void {
    const target = this.#target(of, true);
    this.#content.chmod(target, mode);
    this.#tell('attributes', target);
  }

  /** Sets the owner of a path, of the link itself or of an open file; -1 leaves one as it is. */
  chown(of: Path | number, uid: number, gid: number, follow = true): void {
    const target = this.#target(of, follow);
    this.#content.chown(target, uid, gid);
    this.#tell('attributes', target);
  }

  /** Sets the times of a path, of the link itself or of an open file. */
  utimes(of: Path | number, atime: Time, mtime: Time, follow = true): void {
    const target = this.#target(of, follow);
    this.#content.utimes(target, atime, mtime);
    this.#tell('attributes', target);
  }

  /**
   * The bytes of the file `path`, in place and without a copy where they lie in memory in one
   * piece, else a copy. They must not be written to, and are good until the file is written. Throws
   * EISDIR, EACCES, EFBIG for a copy of 2 GiB and more.
   *
   * @example
   * const bytes = vfs.view('/etc/motd'); // to be read only
   * console.log(bytes.length === vfs.fs.statSync('/etc/motd').size); // true
   */
  view(path: Path): Uint8Array {
    const ino = this.#resolver.ino(path, true);
    this.#content.checkData(ino);
    this.#who.check(this.live, ino, flag.R_OK);
    noteRead(this.live, ino);
    return this.#content.view(ino);
  }

  /** A copy of the data of the inode `ino`, which is not noted. Throws EFBIG for 2 GiB and more. */
  copyOf(ino: Ino): Uint8Array {
    return this.#content.copy(ino);
  }

  /** Copies the data of the inode `ino` from its start into `target`; returns how many bytes. */
  copyInto(ino: Ino, target: Uint8Array): number {
    noteRead(this.live, ino);
    return this.#content.read(ino, target, 0);
  }

  /** What the ramdisk that covers `path` has. */
  statfs(path: Path): Space {
    return spaceOf(this.live, this.#target(path, true).ramdisk);
  }

  /** The directory `path`, whose names may be read. */
  #listed(path: Path): Ino {
    const ino = this.#resolver.ino(path, true);
    if (!isDirectory(this.live.mode(ino))) throw new VisorError('ENOTDIR');
    this.#who.check(this.live, ino, flag.R_OK);
    noteRead(this.live, ino);
    return ino;
  }

  /** Who pays for a change of `ino`, found in `directory`. */
  #payer(directory: Ino, ino: Ino): number {
    const isDir = !isOriginal(ino) && isDirectory(this.live.mode(ino));
    return this.live.ramdiskOf(isDir ? ino : directory);
  }

  #target(path: Path | number, follow: boolean): Target {
    if (typeof path === 'number') return this.#handles.at(path);
    const ino = this.#resolver.ino(path, follow);
    const { directory } = this.#resolver;
    const name = this.#handles.feed === null ? NO_BYTES : this.#resolver.name();
    return { ino, directory, name, ramdisk: this.#payer(directory, ino) };
  }

  /** Tells whoever listens that something was done to `target`. */
  #tell(kind: 'modified' | 'attributes', target: Target): void {
    const { feed } = this.#handles;
    if (feed === null) return;
    const { ino } = target;
    const { live } = this;
    if (!isDirectory(live.mode(ino))) {
      feed.changed(kind, ino, target.name.length === 0 ? null : target);
      return;
    }
    // A directory has one name, whichever way it was reached; the root has none.
    const isNamed = ino !== ROOT_INO && live.nlink(ino) > 0;
    const at = isNamed ? { directory: live.parentOf(ino), name: live.nameOf(ino).slice() } : null;
    feed.changed(kind, ino, at);
  }

  #writable(of: number | OpenFile): OpenFile {
    const file = typeof of === 'number' ? this.#handles.at(of) : of;
    if (!flag.isWriting(file.flags)) throw new VisorError('EBADF');
    return file;
  }
}
