/**
 * The verbs on whole files as their promised flavour has them: it gives and takes FileHandles where
 * the others have descriptors, and writes what comes in pieces.
 *
 * Pieces are written as they come: what was written before one that fails stays, as in node.
 */

import { abortError } from './argument-errors.ts';
import type { Options } from './arguments.ts';
import { FileHandle, type HandleGround } from './file-handle.ts';
import { promised, type Verb, type Verbs } from './flavours.ts';
import type { Chunks } from './signatures.ts';

/** The verbs that promises have in a way of their own. */
export function fileVerbs<B extends Uint8Array>(ground: Omit<HandleGround<B>, 'later'>): Verbs {
  const { verb } = ground;
  const { check, runtime } = ground.under;

  /** Writes what `chunks` gives to the open file `fd`, from where it stands. */
  async function pour(fd: number, chunks: Chunks, options: unknown): Promise<void> {
    const { encoding, signal } = check.options(options);
    for await (const chunk of chunks) {
      if (signal?.aborted) throw abortError(signal);
      verb('write')(fd, check.content(chunk, encoding), 0, null, null);
    }
  }

  const onHandles: Verbs = {
    read: verb('readHandled'),
    readFile: verb('readFile'),
    // An empty buffer is written whatever else was asked for, and to whatever file.
    write: (fd, data, ...rest) =>
      ArrayBuffer.isView(data) && data.byteLength === 0
        ? { bytesWritten: 0, buffer: data }
        : verb('write')(fd, data, ...rest),
    writeFile: (fd, data, options) =>
      isChunks(data) ? pour(fd, data, options) : verb('writeFile')(fd, data, options),
  };
  const handles: HandleGround<B> = {
    under: ground.under,
    verb,
    get streams() {
      return ground.streams;
    },
    later: (name) => promised(onHandles[name] ?? verb(name), runtime),
  };

  const written =
    (name: 'writeFile' | 'appendFile', otherwise: string): Verb =>
    async (file, data, options) => {
      if (file instanceof FileHandle) return file.writeFile(data, options);
      if (!isChunks(data)) return verb(name)(check.path(file), data, options);
      const { flag, mode } = check.options(options);
      const fd = verb('open')(file, flag || otherwise, mode) as number;
      try {
        await pour(fd, data, options);
      } finally {
        verb('close')(fd);
      }
      return undefined;
    };

  // Only here an empty flag is none.
  const readable = (options: Options): Options => ({ ...options, flag: options['flag'] || 'r' });

  return {
    open: (...given) => new FileHandle(verb('open')(...given) as number, handles),
    readFile: (file, options) =>
      file instanceof FileHandle
        ? file.readFile(options)
        : verb('readFile')(check.path(file), readable(check.options(options))),
    writeFile: written('writeFile', 'w'),
    appendFile: written('appendFile', 'a'),
    // Neither a descriptor, nor whether it is a boolean that says how deep, is asked here.
    truncate: (file, length) => verb('truncate')(check.path(file), length),
    readdir: (file, given) => {
      const options = check.options(given);
      return verb('readdir')(file, { ...options, recursive: Boolean(options['recursive']) });
    },
  };
}

/** Whether `data` is to be written piece by piece. */
function isChunks(data: unknown): data is Chunks {
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data)) return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}
