/**
 * What opens a whole thing to be looked at: opendir and openAsBlob.
 *
 * A Blob has the content of the moment: node's reads the file when it is read itself, and cannot be
 * read any more once the file was changed.
 */

import { text } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { isDirectory } from '../base/mode.ts';
import { R_OK } from '../vfs/flags.ts';
import type { Path } from '../vfs/resolve.ts';
import { fault } from './argument-errors.ts';
import { Dir } from './dir.ts';
import { Dirent } from './dirent.ts';
import type { Verb } from './flavours.ts';
import type { Footing } from './footing.ts';
import { joinedPath } from './path-text.ts';
import { at, shownPath } from './refusals.ts';

/** opendir. */
export function openingVerbs<B extends Uint8Array>({ tree, runtime, check, given }: Footing<B>) {
  /** Throws where the directory `path` cannot be opened to be read. */
  function checkDirectory(path: Path): void {
    const ino = tree.lookup(path);
    if (!isDirectory(tree.live.mode(ino))) throw new VisorError('ENOTDIR');
    if (!tree.may(ino, R_OK)) throw new VisorError('EACCES');
  }

  return {
    opendir(file: unknown, options?: unknown): Dir<string | B> {
      const path = check.path(file);
      const { encoding, recursive, bufferSize } = check.options(options);
      at(() => checkDirectory(path), 'opendir', path);
      check.integer(bufferSize ?? 32, 'options.bufferSize', 1, 2 ** 32 - 1);
      const coding = encoding || 'utf8';
      return new Dir<string | B>(path as string, Boolean(recursive), {
        list: (above) =>
          at(() => tree.readdir(above), 'opendir', above).map(
            ({ bytes, mode }) => new Dirent(given(bytes, coding), mode, above),
          ),
        pathOf: ({ parentPath, name }) =>
          joinedPath(shownPath(parentPath), typeof name === 'string' ? name : text(name)),
        defer: runtime.defer,
        callback: (value, name) => check.callback(value, name),
      });
    },
  };
}

/** openAsBlob, which has no other flavours. Throws ERR_INVALID_ARG_VALUE where there is no file. */
export function blobs({ check }: Pick<Footing, 'check'>, readFile: Verb): Verb {
  return (file, given) => {
    const options = check.fields(given);
    const type = options['type'] || '';
    if (typeof type !== 'string') throw check.wrongType('options.type', 'of type string', type);
    const path = check.path(file);
    return Promise.resolve(new Blob([contentOf(path)], { type }));
  };

  function contentOf(path: Path): BlobPart {
    try {
      return readFile(path) as BlobPart;
    } catch (error) {
      const message = 'Unable to open file as blob';
      throw Object.assign(fault(TypeError, 'ERR_INVALID_ARG_VALUE', message), { cause: error });
    }
  }
}
