/**
 * What opens a whole thing to be looked at: opendir and openAsBlob.
 *
 * A Blob has the content of the moment: node's reads the file when it is read itself, and cannot be
 * read any more once the file was changed.
 */

import { text } from '../base/bytes.ts';
import { O_DIRECTORY, O_RDONLY } from '../vfs/flags.ts';
import type { Path } from '../vfs/resolve.ts';
import { fault } from './argument-errors.ts';
import type { Options } from './arguments.ts';
import { Dir } from './dir.ts';
import { Dirent } from './dirent.ts';
import type { Verb } from './flavours.ts';
import type { Footing } from './footing.ts';
import { joinedPath } from './path-text.ts';
import { at, shownPath } from './refusals.ts';

/** opendir. */
export function openingVerbs<B extends Uint8Array>(under: Footing<B>) {
  const { tree, runtime, check, given: shown } = under;
  return {
    opendir(file: unknown, options?: unknown): Dir<string | B> {
      const path = check.path(file);
      const given: Options = { bufferSize: 32, ...check.options(options) };
      const { encoding, recursive, bufferSize } = given;
      check.integer(bufferSize, 'options.bufferSize', 1, 2 ** 32 - 1);
      const fd = at(() => tree.open(path, O_RDONLY | O_DIRECTORY), 'opendir', path);
      const coding = encoding || 'utf8';
      const listed = (of: string | number, above: string): Dirent<string | B>[] =>
        at(() => tree.readdir(of), 'opendir', above).map(
          ({ bytes, mode }) => new Dirent(shown(bytes, coding), mode, above),
        );
      return new Dir<string | B>(path as string, Boolean(recursive), {
        first: () => listed(fd, path as string),
        close: () => tree.close(fd),
        below: (above) => listed(above, above),
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
