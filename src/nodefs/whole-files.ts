/**
 * The verbs on whole files: readFile, writeFile, appendFile, copyFile.
 *
 * All or nothing: what does not fit leaves an existing file with its old content, and no trace of
 * one that was to be made. So a file is made only if its data fits too, an old one is opened
 * without O_TRUNC, and `View.replace` swaps contents only when the new ones are sure to fit. Node
 * truncates first, and loses both.
 */

import { NO_BYTES } from '../base/bytes.ts';
import { located, VisorError } from '../base/errors.ts';
import { PAGE_BYTES, WHOLE_FILE_MAX_BYTES } from '../base/limits.ts';
import { isDirectory, isRegular, PERMISSIONS } from '../base/mode.ts';
import {
  O_ACCMODE,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_SYNC,
  O_TRUNC,
  O_WRONLY,
  R_OK,
} from '../vfs/flags.ts';
import type { OpenFile } from '../vfs/handles.ts';
import type { Path } from '../vfs/resolve.ts';
import { invalidEncoding, tooLarge } from './argument-errors.ts';
import { isFd } from './arguments.ts';
import { constants } from './constants.ts';
import type { Footing } from './footing.ts';
import { at, shownPath } from './refusals.ts';

/** What `readFile` asks for at a time where the file says it is empty, in bytes. */
const CHUNK_BYTES = 8192;

/** The verbs on whole files. */
export function wholeFileVerbs<B extends Uint8Array>({ tree, runtime, check, given }: Footing<B>) {
  /** What is left of the open file `fd`. Node's way to text does not begin with fstat. */
  function rest(fd: number, encoding: unknown): Uint8Array {
    const isText = encoding === 'utf8' || encoding === 'utf-8';
    const { size, mode } = at(() => tree.fstat(fd), isText ? 'read' : 'fstat');
    if (size > WHOLE_FILE_MAX_BYTES) throw tooLarge(size);
    const buffer = new Uint8Array(isRegular(mode) && size > 0 ? size : CHUNK_BYTES);
    const count = at(() => tree.read(fd, buffer, null), 'read');
    return count === buffer.length ? buffer : buffer.subarray(0, count);
  }

  /** The content of `path`, without opening it, as nobody can tell: a copy, or text. */
  function content(path: Path, encoding: string | null | undefined): string | B {
    const ino = tree.seek(path);
    if (typeof ino === 'string') {
      throw new VisorError(ino, { syscall: 'open', path: shownPath(path) });
    }
    if (!tree.may(ino, R_OK)) {
      throw new VisorError('EACCES', { syscall: 'open', path: shownPath(path) });
    }
    const mode = tree.live.mode(ino);
    if (!isRegular(mode)) {
      // Opening a directory works; it is reading it that does not, and node says so.
      if (isDirectory(mode)) throw new VisorError('EISDIR', { syscall: 'read' });
      throw new VisorError('ENXIO', { syscall: 'open', path: shownPath(path) });
    }
    const size = tree.live.size(ino);
    if (size > WHOLE_FILE_MAX_BYTES) throw tooLarge(size);
    if (encoding) return decoded(tree.view(path), encoding);
    const bytes = runtime.allocate(size);
    tree.copyInto(ino, bytes);
    return bytes;
  }

  /** `bytes` in `encoding`. Unlike where names are given, 'buffer' is none for content. */
  function decoded(bytes: Uint8Array, encoding: string | null | undefined): string | B {
    if (encoding === 'buffer') throw invalidEncoding(encoding);
    return given(bytes, encoding);
  }

  /** Opens `path` to be given `size` bytes: a file is made for them only if they fit too. */
  function reached(path: Path, flags: number, mode: number, size: number): OpenFile {
    const bytes = Math.ceil(size / PAGE_BYTES) * PAGE_BYTES;
    return tree.reach(path, flags & ~O_TRUNC, mode, { bytes, inodes: 0 });
  }

  function write(file: unknown, data: unknown, given: unknown, otherwise: 'w' | 'a'): void {
    const options = check.options(given);
    const flush = options['flush'];
    if (flush !== undefined && flush !== null) check.boolean(flush, 'options.flush');
    const bytes = check.content(data, options.encoding);
    if (isFd(file)) {
      const fd = check.fd(file);
      // Of nothing nothing is written, and so nobody asks whether it may be.
      if (bytes.length > 0) at(() => tree.write(fd, bytes, null), 'write');
      return;
    }
    const path = check.path(file);
    const flags = check.flags(options['flag'] || otherwise);
    const mode = check.mode(options['mode'], 0o666);
    let open: OpenFile | undefined;
    try {
      open = reached(path, flags, mode, bytes.length);
      const replaces = (flags & O_TRUNC) !== 0 && (flags & O_ACCMODE) !== O_RDONLY;
      if (replaces) tree.replace(open, bytes);
      else if (bytes.length > 0) tree.write(open, bytes, null);
    } catch (error) {
      // Where it is the data that does not fit, node would have it from write(2).
      const isData = error instanceof VisorError && error.full?.limit === 'bytes';
      const isOpened = open !== undefined || isData;
      const place = isOpened ? { syscall: 'write' } : { syscall: 'open', path: shownPath(path) };
      throw located(error, place);
    }
  }

  function copy(source: Path, target: Path, bits: number): void {
    const { mode, ino, size } = tree.stat(source);
    if (!tree.may(ino, R_OK)) throw new VisorError('EACCES');
    const exclusive = (bits & constants.COPYFILE_EXCL) !== 0 ? O_EXCL : 0;
    const isNew = !tree.has(target);
    const file = reached(target, O_WRONLY | O_CREAT | exclusive, mode & PERMISSIONS, size);
    try {
      if (file.ino === ino) return;
      // It will get the mode of the source too, which only its owner may give it.
      if (!tree.owns(file.ino)) throw new VisorError('EPERM');
      // Only now, as the kernel does: a bad target is told before a bad source.
      // Of nothing nothing is read, which shows in when the source was.
      const isNothing = size === 0 && isRegular(mode);
      tree.replace(file, isNothing ? NO_BYTES : tree.view(source), mode & PERMISSIONS);
    } catch (error) {
      // The path may have led through a dangling link: it is what the link names that was made.
      if (isNew) tree.unlink(tree.realpath(target));
      throw error;
    }
  }

  return {
    readFile(file: unknown, options?: unknown): string | B {
      const { encoding, flag } = check.options(options);
      if (isFd(file)) return decoded(rest(check.fd(file), encoding), encoding);
      const path = check.path(file);
      const flags = check.flags(flag ?? 'r');
      if ((flags & ~O_SYNC) === O_RDONLY) {
        return content(path, encoding);
      }
      const fd = at(() => tree.open(path, flags), 'open', path);
      try {
        return decoded(rest(fd, encoding), encoding);
      } finally {
        tree.close(fd);
      }
    },

    writeFile: (file: unknown, data: unknown, options?: unknown): void =>
      write(file, data, options, 'w'),

    appendFile: (file: unknown, data: unknown, options?: unknown): void =>
      write(file, data, options, 'a'),

    copyFile(from: unknown, to: unknown, mode?: unknown): void {
      const source = check.path(from, 'src');
      const target = check.path(to, 'dest');
      const bits = check.bits(mode);
      at(() => copy(source, target, bits), 'copyfile', source, target);
    },
  };
}
