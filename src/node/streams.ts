/**
 * ReadStream and WriteStream over a tree: node's own, told to open, read, write and close here.
 *
 * Node lets the verbs be given as an option, so all that a stream does beside them (options,
 * events, errors, back pressure, when it closes) is node's by construction, not by imitation. A
 * FileHandle in place of a descriptor is held while its stream is open, and closes the stream when
 * it closes.
 *
 * Only what moves the bytes of a read is done anew: when a callback would be called, and with
 * chunks cut in pairs from one allocation, since one of 64 KiB for each costs as much as the copy.
 * Where that fails, node's own way to read fails the same way, and says so. It is not done within
 * `_read`: what is pushed there is kept behind the chunk that is handed out, and a listener that
 * destroys the stream at the first chunk would still get the second.
 */

import * as node from 'node:fs';
import { notImplemented } from '../nodefs/argument-errors.ts';
import type { Arguments, Options } from '../nodefs/arguments.ts';
import { FileHandle } from '../nodefs/file-handle.ts';
import type { Runtime, StreamClasses, StreamVerbs } from '../nodefs/runtime.ts';

/** What chunks are cut from, in bytes. */
const SLAB_BYTES = 128 << 10;

/** What node's streams are made by, which their types leave out. */
type Made<S> = new (path: unknown, options: object) => S;

const NodeReadStream = node.ReadStream as unknown as Made<
  node.ReadStream & { readonly fd: number; _read(size: number): void }
>;
const NodeWriteStream = node.WriteStream as unknown as Made<node.WriteStream>;

type StreamClass = new (path: unknown, given?: unknown) => object;
type Old = (path: unknown, options: object) => void;

/** The classes of streams over the tree that `verbs` act on. */
export function streamsOver(
  verbs: StreamVerbs,
  check: Arguments,
  defer: Runtime['defer'],
): StreamClasses {
  const { readSync, ...operations } = verbs;

  class ReadStream extends NodeReadStream {
    readonly #isOurs: boolean;
    readonly #start: number | undefined;
    readonly #endOffset: number;
    #slab = Buffer.alloc(0);

    constructor(path: unknown, given?: unknown) {
      const options = check.options(given);
      super(path, redirected(options, operations));
      closeWith(options['fd'], this);
      // Numbers, if they are there: node has refused anything else by now.
      const { start, end, fs } = options as { start?: number; end?: number; fs?: object };
      this.#isOurs = !fs;
      this.#start = start;
      this.#endOffset = end === undefined ? Infinity : end + 1;
    }

    override _read(size: number): void {
      // What an old way of inheriting made is node's stream alone, as is one of others' verbs.
      if (#slab in this && this.#isOurs) defer(() => this.#fill(size));
      else super._read(size);
    }

    #fill(size: number): void {
      if (this.destroyed) return;
      const offset = (this.#start ?? 0) + this.bytesRead;
      const length = Math.min(size, this.#endOffset - offset);
      let count = 0;
      if (length > 0) {
        if (this.#slab.length < length) {
          this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, length));
        }
        const position = this.#start === undefined ? null : offset;
        try {
          count = readSync(this.fd, this.#slab, 0, length, position);
        } catch {
          // Node's own way fails as well, and knows what a stream does then.
          super._read(size);
          return;
        }
      }
      this.bytesRead += count;
      this.push(count === 0 ? null : this.#slab.subarray(0, count));
      this.#slab = this.#slab.subarray(count);
    }
  }

  class WriteStream extends NodeWriteStream {
    constructor(path: unknown, given?: unknown) {
      const options = check.options(given);
      super(path, redirected(options, operations));
      closeWith(options['fd'], this);
    }
  }

  const callable = <C extends StreamClass>(of: C, its: unknown): C =>
    new Proxy(of, {
      apply(_of, on, [path, given]) {
        if (!(on instanceof of)) return new of(path, given);
        // As functions inherit: they call the one above on what they make.
        const options = check.options(given);
        Reflect.apply(its as Old, on, [path, redirected(options, operations)]);
        closeWith(options['fd'], on as unknown as node.ReadStream);
        return on;
      },
    });
  return {
    ReadStream: callable(ReadStream, NodeReadStream),
    WriteStream: callable(WriteStream, NodeWriteStream),
  };
}

/**
 * `options` for node's stream, with the verbs that it is to use unless it was given others; what
 * they inherit counts too. Throws ERR_METHOD_NOT_IMPLEMENTED for others on a FileHandle.
 */
function redirected(options: Options, operations: object): object {
  const copy: Record<string, unknown> = {};
  for (const key in options) copy[key] = options[key];
  const { fd, fs } = copy;
  if (!(fd instanceof FileHandle)) return { ...copy, fs: fs || operations };
  if (fs) throw notImplemented('FileHandle with fs');
  FileHandle.hold(fd);
  return { ...copy, fs: operationsOf(fd), fd: fd.fd };
}

/** Closes `stream` when the FileHandle that it may be of closes. */
function closeWith(fd: unknown, stream: node.ReadStream | node.WriteStream): void {
  if (fd instanceof FileHandle) fd.on('close', () => stream.close());
}

type Answer = (error: unknown, count?: number, of?: unknown) => void;

/** The verbs on `handle` as a stream calls them. */
function operationsOf(handle: FileHandle): object {
  return {
    read(_fd: number, to: Buffer, offset: number, length: number, at: number, answer: Answer) {
      handle.read(to, offset, length, at).then(
        ({ bytesRead, buffer }) => answer(null, bytesRead, buffer),
        (error) => answer(error, 0, to),
      );
    },
    write(_fd: number, of: Buffer, offset: number, length: number, at: number, answer: Answer) {
      handle.write(of, offset, length, at).then(
        ({ bytesWritten, buffer }) => answer(null, bytesWritten, buffer),
        (error) => answer(error, 0, of),
      );
    },
    writev(_fd: number, of: Buffer[], at: number, answer: Answer) {
      handle.writev(of, at).then(
        ({ bytesWritten, buffers }) => answer(null, bytesWritten, buffers),
        (error) => answer(error, 0, of),
      );
    },
    fsync(_fd: number, answer: Answer) {
      handle.sync().then(() => answer(null), answer);
    },
    close(_fd: number, answer: Answer) {
      FileHandle.release(handle);
      handle.close().then(() => answer(null), answer);
    },
  };
}
