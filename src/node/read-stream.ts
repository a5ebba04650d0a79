/**
 * `createReadStream` over a tree: node's own ReadStream, told to open, read and close here.
 *
 * Node lets the three verbs be given as an option, so all that a stream does beside them (options,
 * events, errors, when it closes) is node's by construction, not by imitation. Only what moves the
 * bytes is done anew: before the event loop goes on, and with chunks cut in pairs from one
 * allocation, since one of 64 KiB for each costs as much as the copy into it. Where that fails,
 * node's own way to read fails the same way, and says so.
 *
 * It is not done within `_read`: what is pushed there is kept behind the chunk that is handed out,
 * and a listener that destroys the stream at the first chunk would still get the second.
 */

import { ReadStream } from 'node:fs';
import type { Options } from '../nodefs/arguments.ts';
import type { StreamVerbs } from '../nodefs/runtime.ts';

/** What chunks are cut from, in bytes. */
const SLAB_BYTES = 128 << 10;

/** A stream of the file `path`, or of the open file in `options`, read by `verbs`. */
export function readStream(
  path: string | Uint8Array,
  options: Options,
  verbs: StreamVerbs,
): ReadStream {
  return new TreeReadStream(path, options, verbs);
}

/** What `ReadStream` is made by, which its types leave out. */
const NodeReadStream = ReadStream as unknown as new (
  path: string | Uint8Array,
  options: object,
) => ReadStream & { readonly fd: number; _read(size: number): void };

class TreeReadStream extends NodeReadStream {
  readonly #readSync: StreamVerbs['readSync'];
  readonly #start: number | undefined;
  readonly #endOffset: number;
  #slab = Buffer.alloc(0);

  constructor(path: string | Uint8Array, options: Options, verbs: StreamVerbs) {
    const { open, read, readSync, close } = verbs;
    // What options inherit counts as well.
    const fs = { value: { open, read, close }, enumerable: true };
    super(path, Object.create(options, { fs }) as object);
    this.#readSync = readSync;
    // Numbers, if they are there: node has refused anything else by now.
    const { start, end } = options as { start?: number; end?: number };
    this.#start = start;
    this.#endOffset = end === undefined ? Infinity : end + 1;
  }

  override _read(size: number): void {
    process.nextTick(() => this.#fill(size));
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
        count = this.#readSync(this.fd, this.#slab, 0, length, position);
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
