/**
 * The signatures of the face: what TypeScript knows of the verbs, apart from what they do.
 *
 * Most verbs have one signature, said once in `PlainVerbs` and derived for the three flavours by
 * the types `Synchronous`, `Promised` and `Callbacked`, as flavours.ts derives the functions. Those
 * whose result depends on their options have overloads, which no mapped type carries over; they
 * are spelled out for each flavour in overloads.ts.
 */

import type { UrlLike } from './runtime.ts';

/** A path, whichever way it is given. */
export type PathLike = string | Uint8Array | UrlLike;

/** Permission bits: a number, or octal digits. */
export type Mode = number | string;

/** Seconds since 1970, or a Date. */
export type TimeLike = number | string | Date;

/** Where in a file; null is where it stands. */
export type Position = number | bigint | null;

/** Node's names of text encodings. */
export type Encoding =
  | 'ascii'
  | 'utf8'
  | 'utf-8'
  | 'utf16le'
  | 'utf-16le'
  | 'ucs2'
  | 'ucs-2'
  | 'base64'
  | 'base64url'
  | 'latin1'
  | 'binary'
  | 'hex';

/** An encoding, or options that have one. */
export type EncodingOptions =
  | Encoding
  | {
      readonly encoding: Encoding;
      readonly flag?: string | number | undefined;
      readonly signal?: AbortSignal | undefined;
    };

/** Options without an encoding. */
export interface BufferOptions {
  readonly encoding?: null | undefined;
  readonly flag?: string | number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What names are given as: text unless said. */
export type NameOptions =
  | Encoding
  | { readonly encoding?: Encoding | null | undefined }
  | null
  | undefined;

/** The same, asking for bytes. */
export type NameBufferOptions = 'buffer' | { readonly encoding: 'buffer' };

export interface StatOptions {
  readonly bigint?: boolean | undefined;
}

export type WriteOptions =
  | Encoding
  | {
      readonly encoding?: Encoding | null | undefined;
      readonly mode?: Mode | undefined;
      readonly flag?: string | number | undefined;
      readonly flush?: boolean | undefined;
      readonly signal?: AbortSignal | undefined;
    }
  | null
  | undefined;

/** How `watch` is to watch. */
export interface WatchOptions {
  readonly encoding?: Encoding | 'buffer' | null | undefined;
  readonly persistent?: boolean | undefined;
  readonly recursive?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The same, of `promises.watch`. */
export interface WatchQueueOptions extends WatchOptions {
  /** How many events wait at most: 2048 unless said. */
  readonly maxQueue?: number | undefined;
  /** What comes of more: they are dropped, unless it is an error. */
  readonly overflow?: 'ignore' | 'error' | 'throw' | undefined;
}

/** What `promises.watch` gives; the name is text or bytes. */
export interface WatchEvent<N = string> {
  readonly eventType: 'rename' | 'change';
  readonly filename: N;
}

/** How `watchFile` is to watch. */
export interface WatchFileOptions {
  readonly bigint?: boolean | undefined;
  readonly persistent?: boolean | undefined;
  readonly interval?: number | undefined;
}

export interface ReadFields {
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
  readonly position?: Position | undefined;
}

export interface WriteFields {
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
  readonly position?: number | null | undefined;
}

export interface MakeOptions {
  readonly recursive?: boolean | undefined;
  readonly mode?: Mode | undefined;
}

export interface RemoveDirectoryOptions {
  readonly recursive?: boolean | undefined;
  readonly maxRetries?: number | undefined;
  readonly retryDelay?: number | undefined;
}

export interface RemoveOptions extends RemoveDirectoryOptions {
  readonly force?: boolean | undefined;
}

/** What the promised flavour of writeFile takes beside bytes and text: them, one after another. */
export type Chunks = Iterable<string | ArrayBufferView> | AsyncIterable<string | ArrayBufferView>;

/** How a stream of an open file is to be. */
export interface HandleStreamOptions {
  readonly encoding?: Encoding | null | undefined;
  readonly autoClose?: boolean | undefined;
  readonly emitClose?: boolean | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly highWaterMark?: number | undefined;
  readonly flush?: boolean | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

/** The verbs on paths that have one signature. */
export interface PlainVerbs {
  access(path: PathLike, mode?: number): void;
  chmod(path: PathLike, mode: Mode): void;
  chown(path: PathLike, uid: number, gid: number): void;
  copyFile(source: PathLike, target: PathLike, mode?: number): void;
  lchown(path: PathLike, uid: number, gid: number): void;
  link(existing: PathLike, path: PathLike): void;
  lutimes(path: PathLike, atime: TimeLike, mtime: TimeLike): void;
  rename(source: PathLike, target: PathLike): void;
  rm(path: PathLike, options?: RemoveOptions): void;
  rmdir(path: PathLike, options?: RemoveDirectoryOptions): void;
  symlink(target: PathLike, path: PathLike, type?: string | null): void;
  truncate(path: PathLike, length?: number | null): void;
  unlink(path: PathLike): void;
  utimes(path: PathLike, atime: TimeLike, mtime: TimeLike): void;
}

/** The verbs on descriptors that have one signature. */
export interface DescriptorVerbs {
  close(fd: number): void;
  fchmod(fd: number, mode: Mode): void;
  fchown(fd: number, uid: number, gid: number): void;
  fdatasync(fd: number): void;
  fsync(fd: number): void;
  ftruncate(fd: number, length?: number | null): void;
  futimes(fd: number, atime: TimeLike, mtime: TimeLike): void;
}

/** The verbs that take an open file, which `File` stands for, in the place of a path. */
export interface WholeFileVerbs<File, Pieces = never> {
  appendFile(
    file: PathLike | File,
    data: string | ArrayBufferView | Pieces,
    options?: WriteOptions,
  ): void;
  writeFile(
    file: PathLike | File,
    data: string | ArrayBufferView | Pieces,
    options?: WriteOptions,
  ): void;
}

/** node's callback: an error, or null and the result. */
export type Callback<R> = (error: NodeError | null, result: R) => void;

/** The same, of a verb without a result. */
export type Done = (error: NodeError | null) => void;

/** What an error of this file system may carry: node's ErrnoException. */
export interface NodeError extends Error {
  errno?: number | undefined;
  code?: string | undefined;
  path?: string | undefined;
  syscall?: string | undefined;
}

/** `verb` as `verbSync`. */
export type Synchronous<V> = {
  [K in keyof V & string as `${K}Sync`]: V[K];
};

/** `verb` as a function that promises its result. */
export type Promised<V> = {
  [K in keyof V]: V[K] extends (...given: infer A) => infer R ? (...given: A) => Promise<R> : never;
};

/**
 * `verb`, which has no result, with a callback behind its arguments; a last optional one may be
 * left out.
 */
export type Callbacked<V> = {
  [K in keyof V]: V[K] extends (...given: infer A) => void ? WithDone<A> : never;
};

type WithDone<A extends readonly unknown[]> =
  A extends Required<A>
    ? (...given: [...A, done: Done]) => void
    : A extends readonly [infer One, _?: infer Last]
      ? (...given: [One, done: Done] | [One, Last | undefined, done: Done]) => void
      : A extends readonly [infer One, infer Two, _?: infer Last]
        ? (...given: [One, Two, done: Done] | [One, Two, Last | undefined, done: Done]) => void
        : never;
