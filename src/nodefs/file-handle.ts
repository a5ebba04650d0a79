/// <reference lib="esnext.disposable" preserve="true" />
/**
 * `FileHandle`: an open file as promises.open gives it, over the verbs on descriptors.
 *
 * Every method is the verb of the same meaning with the descriptor in front, as a promise. Streams
 * of it hold it: it says 'close' at once when it is closed, and is closed when the last of them is.
 *
 * Its streams are those of the runtime; where there are none, so are they not here. Lines and web
 * streams are everywhere.
 */

import { EventEmitter } from 'events';
import { closedError, fault } from './argument-errors.ts';
import type { Arguments } from './arguments.ts';
import type { Verb } from './flavours.ts';
import { linesOf } from './lines.ts';
import type { Runtime, StreamClasses, StreamType } from './runtime.ts';
import type {
  BufferOptions,
  Chunks,
  EncodingOptions,
  HandleStreamOptions,
  Mode,
  Position,
  ReadFields,
  StatOptions,
  TimeLike,
  WriteFields,
  WriteOptions,
} from './signatures.ts';
import type { BigIntStats, Stats } from './stats.ts';

/** What a web stream of a file gives at a time, in bytes. */
const WEB_CHUNK_BYTES = 64 << 10;
/** The same for one that is read into buffers of the reader's. */
const BYOB_CHUNK_BYTES = 16 << 10;

/** What a FileHandle stands on. */
export interface HandleGround<B extends Uint8Array = Uint8Array> {
  readonly under: { readonly runtime: Runtime<B>; readonly check: Arguments };
  /** The promised verb `name`. */
  later(name: string): Verb;
  verb(name: string): Verb;
  readonly streams: StreamClasses;
}

/** An open file. Made by `promises.open`. */
export class FileHandle<B extends Uint8Array = Uint8Array> extends EventEmitter {
  #fd: number;
  readonly #ground: HandleGround<B>;
  /** Who has it open: whoever opened it, and its streams. */
  #holders = 1;
  #closing: Promise<void> | null = null;
  #closed: ((closing: Promise<void>) => void) | null = null;
  #isStreamed = false;

  constructor(fd: number, ground: HandleGround<B>) {
    super();
    this.#fd = fd;
    this.#ground = ground;
  }

  /** Keeps `handle` open until it is released. */
  static hold(handle: FileHandle): void {
    handle.#holders += 1;
  }

  /** Lets go of `handle`; the last one who does closes it, if it is to be closed. */
  static release(handle: FileHandle): void {
    handle.#holders -= 1;
    if (handle.#holders === 0 && handle.#closed !== null) handle.#closed(handle.#shut());
  }

  /** The descriptor, or -1 once it is closed. */
  get fd(): number {
    return this.#fd;
  }

  /**
   * Closes the file, once its streams are closed too; a second time does nothing. A function of its
   * own, as node's: it may be passed around.
   */
  close = (): Promise<void> => {
    if (this.#fd < 0) return Promise.resolve();
    if (this.#closing !== null) return this.#closing;
    this.#holders -= 1;
    const closing =
      this.#holders <= 0
        ? this.#shut()
        : new Promise<void>((resolve) => {
            this.#closed = resolve;
          });
    this.#closing = closing;
    this.emit('close');
    return closing;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shut(): Promise<void> {
    const fd = this.#fd;
    this.#fd = -1;
    this.#ground.verb('close')(fd);
  }

  /** A stream of what is left of the file, or of the part that `options` name. */
  createReadStream(options?: HandleStreamOptions): StreamType<'readStream'> {
    const { ReadStream } = this.#ground.streams;
    return new ReadStream(undefined, this.#streamOptions(options)) as never;
  }

  /** A stream that writes where the file stands, or from `options.start` on. */
  createWriteStream(options?: HandleStreamOptions): StreamType<'writeStream'> {
    const { WriteStream } = this.#ground.streams;
    return new WriteStream(undefined, this.#streamOptions(options)) as never;
  }

  #streamOptions(options: unknown): object {
    return { ...this.#ground.under.check.options(options), fd: this };
  }

  /** The lines of what is left, without their ends. The file is closed behind the last. */
  readLines(options?: HandleStreamOptions): StreamType<'lines'> | AsyncIterable<string> {
    const { lines } = this.#ground.under.runtime;
    if (lines === undefined) return linesOf(this, this.#ground.under.check.options(options));
    return lines(this.createReadStream(options) as object);
  }

  /**
   * A web stream of what is left: of ArrayBuffers, or with `type: 'bytes'` of what readers lay out.
   * Throws ERR_INVALID_STATE for a second one, and once the file is closed.
   */
  readableWebStream({ type }: { readonly type?: 'bytes' | undefined } = {}): ReadableStream {
    const refused = this.#fd < 0 ? 'closed' : this.#closing !== null ? 'closing' : '';
    const state = refused || (this.#isStreamed ? 'locked' : '');
    if (state !== '') {
      const message = `Invalid state: The FileHandle is ${state}`;
      throw fault(Error, 'ERR_INVALID_STATE', message);
    }
    const { check } = this.#ground.under;
    if (type !== undefined && typeof type !== 'string') {
      throw check.wrongType('options.type', 'of type string', type);
    }
    this.#isStreamed = true;
    FileHandle.hold(this as unknown as FileHandle);
    const stream = type === 'bytes' ? this.#byteStream() : this.#bufferStream();
    this.once('close', () => {
      // Whoever reads it has its own say; what it ends with is not ours.
      if (!stream.locked) stream.cancel().catch(() => {});
    });
    return stream;
  }

  #bufferStream(): ReadableStream {
    return new ReadableStream<ArrayBuffer>({
      pull: async (controller) => {
        const chunk = new Uint8Array(WEB_CHUNK_BYTES);
        const { bytesRead } = await this.read(chunk, 0, WEB_CHUNK_BYTES, null);
        if (bytesRead > 0) controller.enqueue(chunk.buffer.slice(0, bytesRead));
        else this.#ended(controller);
      },
      cancel: () => this.#ended(),
    });
  }

  #byteStream(): ReadableStream {
    return new ReadableStream({
      type: 'bytes',
      autoAllocateChunkSize: BYOB_CHUNK_BYTES,
      pull: async (controller) => {
        const request = controller.byobRequest!;
        const view = request.view!;
        const { bytesRead } = await this.read(view as Uint8Array, 0, view.byteLength, null);
        if (bytesRead === 0) this.#ended(controller);
        request.respond(bytesRead);
      },
      cancel: () => this.#ended(),
    });
  }

  #ended(controller?: { close(): void }): void {
    controller?.close();
    FileHandle.release(this as unknown as FileHandle);
  }

  read<T extends ArrayBufferView = B>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: Position,
  ): Promise<{ bytesRead: number; buffer: T }>;
  read<T extends ArrayBufferView = B>(
    buffer: T,
    fields?: ReadFields,
  ): Promise<{ bytesRead: number; buffer: T }>;
  read<T extends ArrayBufferView = B>(
    fields?: ReadFields & { readonly buffer?: T },
  ): Promise<{ bytesRead: number; buffer: T }>;
  read(...given: unknown[]): Promise<{ bytesRead: number; buffer: never }> {
    return this.#run('read', given);
  }

  readv<T extends readonly ArrayBufferView[]>(
    buffers: T,
    position?: number | null,
  ): Promise<{ bytesRead: number; buffers: T }> {
    return this.#run('readv', [buffers, position]);
  }

  write<T extends ArrayBufferView>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: number | null,
  ): Promise<{ bytesWritten: number; buffer: T }>;
  write<T extends ArrayBufferView>(
    buffer: T,
    fields?: WriteFields,
  ): Promise<{ bytesWritten: number; buffer: T }>;
  write(
    text: string,
    position?: number | null,
    encoding?: string | null,
  ): Promise<{ bytesWritten: number; buffer: string }>;
  write(...given: unknown[]): Promise<{ bytesWritten: number; buffer: never }> {
    return this.#run('write', given);
  }

  writev<T extends readonly ArrayBufferView[]>(
    buffers: T,
    position?: number | null,
  ): Promise<{ bytesWritten: number; buffers: T }> {
    return this.#run('writev', [buffers, position]);
  }

  /** What is left of the file from where it stands. */
  readFile(options?: BufferOptions | null): Promise<B>;
  readFile(options: EncodingOptions): Promise<string>;
  readFile(options?: unknown): Promise<string | B> {
    return this.#run('readFile', [options]);
  }

  /** Writes where the file stands. */
  writeFile(data: string | ArrayBufferView | Chunks, options?: WriteOptions): Promise<void> {
    return this.#run('writeFile', [data, options]);
  }

  /** The same as `writeFile`: whether it appends is for how the file was opened. */
  appendFile(data: string | ArrayBufferView | Chunks, options?: WriteOptions): Promise<void> {
    return this.#run('writeFile', [data, options]);
  }

  stat(options?: StatOptions & { readonly bigint?: false }): Promise<Stats>;
  stat(options: StatOptions & { readonly bigint: true }): Promise<BigIntStats>;
  stat(options?: StatOptions): Promise<Stats | BigIntStats> {
    return this.#run('fstat', [options]);
  }

  truncate(length?: number): Promise<void> {
    return this.#run('ftruncate', [length]);
  }

  chmod(mode: Mode): Promise<void> {
    return this.#run('fchmod', [mode]);
  }

  chown(uid: number, gid: number): Promise<void> {
    return this.#run('fchown', [uid, gid]);
  }

  utimes(atime: TimeLike, mtime: TimeLike): Promise<void> {
    return this.#run('futimes', [atime, mtime]);
  }

  sync(): Promise<void> {
    return this.#run('fsync', []);
  }

  datasync(): Promise<void> {
    return this.#run('fdatasync', []);
  }

  async #run<T>(name: string, given: readonly unknown[]): Promise<T> {
    if (this.#fd < 0) throw closedError(name);
    return (await this.#ground.later(name)(this.#fd, ...given)) as T;
  }
}
