/// <reference lib="esnext.disposable" preserve="true" />
/**
 * `FileHandle`: an open file as promises.open gives it, over the verbs on descriptors.
 *
 * Every method is the verb of the same meaning with the descriptor in front, as a promise.
 *
 * Not here: its streams, lines and events.
 */

import { closedError } from './argument-errors.ts';
import type { Verb } from './flavours.ts';
import type {
  BufferOptions,
  EncodingOptions,
  Mode,
  Position,
  ReadFields,
  StatOptions,
  TimeLike,
  WriteFields,
  WriteOptions,
} from './signatures.ts';
import type { BigIntStats, Stats } from './stats.ts';

/** An open file. Made by `promises.open`. */
export class FileHandle<B extends Uint8Array = Uint8Array> {
  #fd: number;
  readonly #verb: (name: string) => Verb;

  constructor(fd: number, verb: (name: string) => Verb) {
    this.#fd = fd;
    this.#verb = verb;
  }

  /** The descriptor, or -1 once it is closed. */
  get fd(): number {
    return this.#fd;
  }

  /** Closes the file; a second time does nothing. */
  async close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0) this.#verb('close')(fd);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
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
  writeFile(data: string | ArrayBufferView, options?: WriteOptions): Promise<void> {
    return this.#run('writeFile', [data, options]);
  }

  /** The same as `writeFile`: whether it appends is for how the file was opened. */
  appendFile(data: string | ArrayBufferView, options?: WriteOptions): Promise<void> {
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
    return this.#verb(name)(this.#fd, ...given) as T;
  }
}
