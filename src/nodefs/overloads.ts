/**
 * The verbs whose result depends on their options, spelled out for each flavour.
 *
 * `B` is the kind of bytes that callers get. What is here is typed only: nothing of it runs.
 */

import type { Dir } from './dir.ts';
import type { Dirent } from './dirent.ts';
import type { FileHandle } from './file-handle.ts';
import type {
  BufferOptions,
  Callback,
  Done,
  Encoding,
  EncodingOptions,
  MakeOptions,
  Mode,
  NameBufferOptions,
  NameOptions,
  NodeError,
  PathLike,
  Position,
  ReadFields,
  StatOptions,
  WatchEvent,
  WatchFileOptions,
  WatchOptions,
  WatchQueueOptions,
  WriteFields,
} from './signatures.ts';
import type { BigIntStats, StatFs, Stats } from './stats.ts';
import type { StatWatcher } from './watched-stats.ts';
import type { FSWatcher } from './watchers.ts';

type Big = StatOptions & { readonly bigint: true };
type OpenDirFields = { readonly bufferSize?: number | undefined } & Deep;
type OpenDirOptions =
  | Encoding
  | null
  | undefined
  | ({ readonly encoding?: Encoding | null | undefined } & OpenDirFields);
type OpenDirBufferOptions = 'buffer' | ({ readonly encoding: 'buffer' } & OpenDirFields);
type Small = StatOptions & { readonly bigint?: false | undefined };
type Missing = { readonly throwIfNoEntry: false };
type Deep = { readonly recursive?: boolean | undefined };
type Typed = { readonly withFileTypes: true };
type Untyped = { readonly withFileTypes?: false | undefined };

type TextNames =
  | Exclude<NameOptions, object>
  | (Exclude<NameOptions, string | null | undefined> & Untyped & Deep);
type ByteNames = 'buffer' | ({ readonly encoding: 'buffer' } & Untyped & Deep);
type TextEntries = Exclude<NameOptions, string | null | undefined> & Typed & Deep;
type ByteEntries = { readonly encoding: 'buffer' } & Typed & Deep;
type AnyMode = Mode | MakeOptions | null | undefined;
type DeepMode = MakeOptions & { readonly recursive: true };
type FlatMode = Mode | (MakeOptions & { readonly recursive?: false | undefined }) | null;
type LooseRead = BufferOptions | EncodingOptions | string | null | undefined;

/** stat and lstat, synchronously. */
export interface StatSync {
  (path: PathLike, options?: undefined): Stats;
  (path: PathLike, options: Small & Missing): Stats | undefined;
  (path: PathLike, options: Big & Missing): BigIntStats | undefined;
  (path: PathLike, options: Small & { readonly throwIfNoEntry?: boolean | undefined }): Stats;
  (path: PathLike, options: Big & { readonly throwIfNoEntry?: boolean | undefined }): BigIntStats;
  (
    path: PathLike,
    options?: StatOptions & { readonly throwIfNoEntry?: boolean | undefined },
  ): Stats | BigIntStats | undefined;
}

/** What of the synchronous flavour has overloads. */
export interface SyncOverloads<B extends Uint8Array> {
  existsSync(path: PathLike): boolean;
  fstatSync(fd: number, options?: Small): Stats;
  fstatSync(fd: number, options: Big): BigIntStats;
  fstatSync(fd: number, options?: StatOptions): Stats | BigIntStats;
  lstatSync: StatSync;
  mkdirSync(path: PathLike, options: DeepMode): string | undefined;
  mkdirSync(path: PathLike, options?: FlatMode): void;
  mkdirSync(path: PathLike, options?: AnyMode): string | undefined;
  mkdtempSync(prefix: PathLike, options?: NameOptions): string;
  mkdtempSync(prefix: PathLike, options: NameBufferOptions): B;
  openSync(path: PathLike, flags?: string | number, mode?: Mode | null): number;
  opendirSync(path: PathLike, options?: OpenDirOptions): Dir;
  opendirSync(path: PathLike, options: OpenDirBufferOptions): Dir<B>;
  readFileSync(file: PathLike | number, options?: BufferOptions | null): B;
  readFileSync(file: PathLike | number, options: EncodingOptions): string;
  readFileSync(file: PathLike | number, options?: LooseRead): string | B;
  readSync(
    fd: number,
    buffer: ArrayBufferView,
    offset: number,
    length: number,
    position: Position,
  ): number;
  readSync(fd: number, buffer: ArrayBufferView, fields?: ReadFields): number;
  readdirSync(path: PathLike, options?: TextNames): string[];
  readdirSync(path: PathLike, options: ByteNames): B[];
  readdirSync(path: PathLike, options: TextEntries): Dirent[];
  readdirSync(path: PathLike, options: ByteEntries): Dirent<B>[];
  readlinkSync(path: PathLike, options?: NameOptions): string;
  readlinkSync(path: PathLike, options: NameBufferOptions): B;
  readvSync(fd: number, buffers: readonly ArrayBufferView[], position?: number | null): number;
  realpathSync: RealpathSync<B> & { native: RealpathSync<B> };
  statSync: StatSync;
  statfsSync(path: PathLike, options?: Small): StatFs;
  statfsSync(path: PathLike, options: Big): StatFs<bigint>;
  statfsSync(path: PathLike, options?: StatOptions): StatFs | StatFs<bigint>;
  writeSync(
    fd: number,
    buffer: ArrayBufferView,
    offset?: number | null,
    length?: number | null,
    position?: number | null,
  ): number;
  writeSync(fd: number, buffer: ArrayBufferView, fields?: WriteFields): number;
  writeSync(fd: number, text: string, position?: number | null, encoding?: string | null): number;
  writevSync(fd: number, buffers: readonly ArrayBufferView[], position?: number | null): number;
}

/** realpathSync and realpathSync.native. */
export interface RealpathSync<B> {
  (path: PathLike, options?: NameOptions): string;
  (path: PathLike, options: NameBufferOptions): B;
}

type Pair<T> = (error: NodeError | null, count: number, buffer: T) => void;

/** realpath and realpath.native, with a callback. */
export interface RealpathCallback<B> {
  (path: PathLike, callback: Callback<string>): void;
  (path: PathLike, options: NameOptions, callback: Callback<string>): void;
  (path: PathLike, options: NameBufferOptions, callback: Callback<B>): void;
}

/** stat and lstat, with a callback. */
export interface StatCallback {
  (path: PathLike, callback: Callback<Stats>): void;
  (path: PathLike, options: Small | undefined, callback: Callback<Stats>): void;
  (path: PathLike, options: Big, callback: Callback<BigIntStats>): void;
  (path: PathLike, options: StatOptions, callback: Callback<Stats | BigIntStats>): void;
}

/** What of the flavour with callbacks has overloads. */
export interface CallbackOverloads<B extends Uint8Array> {
  close(fd: number, callback?: Done): void;
  exists(path: PathLike, callback: (exists: boolean) => void): void;
  fstat(fd: number, callback: Callback<Stats>): void;
  fstat(fd: number, options: Small | undefined, callback: Callback<Stats>): void;
  fstat(fd: number, options: Big, callback: Callback<BigIntStats>): void;
  fstat(fd: number, options: StatOptions, callback: Callback<Stats | BigIntStats>): void;
  lstat: StatCallback;
  mkdir(path: PathLike, callback: Done): void;
  mkdir(path: PathLike, options: DeepMode, callback: Made): void;
  mkdir(path: PathLike, options: FlatMode | undefined, callback: Done): void;
  mkdir(path: PathLike, options: AnyMode, callback: Made): void;
  mkdtemp(prefix: PathLike, callback: Callback<string>): void;
  mkdtemp(prefix: PathLike, options: NameOptions, callback: Callback<string>): void;
  mkdtemp(prefix: PathLike, options: NameBufferOptions, callback: Callback<B>): void;
  open(path: PathLike, callback: Callback<number>): void;
  open(path: PathLike, flags: string | number | undefined, callback: Callback<number>): void;
  open(
    path: PathLike,
    flags: string | number | undefined,
    mode: Mode | null | undefined,
    callback: Callback<number>,
  ): void;
  openAsBlob(path: PathLike, options?: { readonly type?: string | undefined }): Promise<Blob>;
  opendir(path: PathLike, callback: Callback<Dir>): void;
  opendir(path: PathLike, options: OpenDirOptions, callback: Callback<Dir>): void;
  opendir(path: PathLike, options: OpenDirBufferOptions, callback: Callback<Dir<B>>): void;
  read<T extends ArrayBufferView>(
    fd: number,
    buffer: T,
    offset: number,
    length: number,
    position: Position,
    callback: Pair<T>,
  ): void;
  read<T extends ArrayBufferView>(
    fd: number,
    buffer: T,
    fields: ReadFields,
    callback: Pair<T>,
  ): void;
  read<T extends ArrayBufferView>(fd: number, buffer: T, callback: Pair<T>): void;
  read<T extends ArrayBufferView = B>(
    fd: number,
    fields: ReadFields & { readonly buffer?: T },
    callback: Pair<T>,
  ): void;
  read(fd: number, callback: Pair<B>): void;
  readFile(file: PathLike | number, callback: Callback<B>): void;
  readFile(
    file: PathLike | number,
    options: BufferOptions | null | undefined,
    callback: Callback<B>,
  ): void;
  readFile(file: PathLike | number, options: EncodingOptions, callback: Callback<string>): void;
  readFile(file: PathLike | number, options: LooseRead, callback: Callback<string | B>): void;
  readdir(path: PathLike, callback: Callback<string[]>): void;
  readdir(path: PathLike, options: TextNames, callback: Callback<string[]>): void;
  readdir(path: PathLike, options: ByteNames, callback: Callback<B[]>): void;
  readdir(path: PathLike, options: TextEntries, callback: Callback<Dirent[]>): void;
  readdir(path: PathLike, options: ByteEntries, callback: Callback<Dirent<B>[]>): void;
  readlink(path: PathLike, callback: Callback<string>): void;
  readlink(path: PathLike, options: NameOptions, callback: Callback<string>): void;
  readlink(path: PathLike, options: NameBufferOptions, callback: Callback<B>): void;
  readv<T extends readonly ArrayBufferView[]>(fd: number, buffers: T, callback: Pair<T>): void;
  readv<T extends readonly ArrayBufferView[]>(
    fd: number,
    buffers: T,
    position: number | null,
    callback: Pair<T>,
  ): void;
  realpath: RealpathCallback<B> & { native: RealpathCallback<B> };
  stat: StatCallback;
  statfs(path: PathLike, callback: Callback<StatFs>): void;
  statfs(path: PathLike, options: Small | undefined, callback: Callback<StatFs>): void;
  statfs(path: PathLike, options: Big, callback: Callback<StatFs<bigint>>): void;
  write<T extends ArrayBufferView>(
    fd: number,
    buffer: T,
    offset: number | null | undefined,
    length: number | null | undefined,
    position: number | null | undefined,
    callback: Pair<T>,
  ): void;
  write<T extends ArrayBufferView>(
    fd: number,
    buffer: T,
    offset: number | null | undefined,
    length: number | null | undefined,
    callback: Pair<T>,
  ): void;
  write<T extends ArrayBufferView>(
    fd: number,
    buffer: T,
    fields: WriteFields | number | null | undefined,
    callback: Pair<T>,
  ): void;
  write<T extends ArrayBufferView>(fd: number, buffer: T, callback: Pair<T>): void;
  write(
    fd: number,
    text: string,
    position: number | null | undefined,
    encoding: string | null | undefined,
    callback: Pair<string>,
  ): void;
  write(
    fd: number,
    text: string,
    position: number | null | undefined,
    callback: Pair<string>,
  ): void;
  write(fd: number, text: string, callback: Pair<string>): void;
  writev<T extends readonly ArrayBufferView[]>(fd: number, buffers: T, callback: Pair<T>): void;
  writev<T extends readonly ArrayBufferView[]>(
    fd: number,
    buffers: T,
    position: number | null,
    callback: Pair<T>,
  ): void;
}

type Heard<N> = (eventType: 'rename' | 'change', filename: N) => void;
type TextWatch = (WatchOptions & { readonly encoding?: Encoding | null | undefined }) | Encoding;
type ByteWatch = (WatchOptions & { readonly encoding: 'buffer' }) | 'buffer';
type Looked<S> = (current: S, previous: S) => void;
type SmallWatch = WatchFileOptions & { readonly bigint?: false | undefined };
type BigWatch = WatchFileOptions & { readonly bigint: true };

/** watch, watchFile and unwatchFile. */
export interface WatchOverloads<B extends Uint8Array> {
  watch(path: PathLike, listener?: Heard<string>): FSWatcher;
  watch(path: PathLike, options: TextWatch | null | undefined, listener?: Heard<string>): FSWatcher;
  watch(path: PathLike, options: ByteWatch, listener?: Heard<B>): FSWatcher;
  watchFile(path: PathLike, listener: Looked<Stats>): StatWatcher;
  watchFile(path: PathLike, options: SmallWatch, listener: Looked<Stats>): StatWatcher;
  watchFile(path: PathLike, options: BigWatch, listener: Looked<BigIntStats>): StatWatcher;
  unwatchFile(path: PathLike, listener?: Looked<Stats> | Looked<BigIntStats>): void;
}

type Made = (error: NodeError | null, path?: string) => void;

/** What of the flavour with promises has overloads. */
export interface PromiseOverloads<B extends Uint8Array> {
  lstat: StatPromise;
  mkdir(path: PathLike, options: DeepMode): Promise<string | undefined>;
  mkdir(path: PathLike, options?: FlatMode): Promise<void>;
  mkdir(path: PathLike, options?: AnyMode): Promise<string | undefined>;
  mkdtemp(prefix: PathLike, options?: NameOptions): Promise<string>;
  mkdtemp(prefix: PathLike, options: NameBufferOptions): Promise<B>;
  open(path: PathLike, flags?: string | number, mode?: Mode): Promise<FileHandle<B>>;
  opendir(path: PathLike, options?: OpenDirOptions): Promise<Dir>;
  opendir(path: PathLike, options: OpenDirBufferOptions): Promise<Dir<B>>;
  readFile(file: PathLike | FileHandle<B>, options?: BufferOptions | null): Promise<B>;
  readFile(file: PathLike | FileHandle<B>, options: EncodingOptions): Promise<string>;
  readFile(file: PathLike | FileHandle<B>, options?: LooseRead): Promise<string | B>;
  readdir(path: PathLike, options?: TextNames): Promise<string[]>;
  readdir(path: PathLike, options: ByteNames): Promise<B[]>;
  readdir(path: PathLike, options: TextEntries): Promise<Dirent[]>;
  readdir(path: PathLike, options: ByteEntries): Promise<Dirent<B>[]>;
  readlink(path: PathLike, options?: NameOptions): Promise<string>;
  readlink(path: PathLike, options: NameBufferOptions): Promise<B>;
  realpath(path: PathLike, options?: NameOptions): Promise<string>;
  realpath(path: PathLike, options: NameBufferOptions): Promise<B>;
  stat: StatPromise;
  statfs(path: PathLike, options?: Small): Promise<StatFs>;
  statfs(path: PathLike, options: Big): Promise<StatFs<bigint>>;
  statfs(path: PathLike, options?: StatOptions): Promise<StatFs | StatFs<bigint>>;
  watch(
    path: PathLike,
    options?: WatchQueueOptions & { readonly encoding?: Encoding | null | undefined },
  ): AsyncGenerator<WatchEvent>;
  watch(
    path: PathLike,
    options: WatchQueueOptions & { readonly encoding: 'buffer' },
  ): AsyncGenerator<WatchEvent<B>>;
}

/** stat and lstat, promised. */
export interface StatPromise {
  (path: PathLike, options?: Small): Promise<Stats>;
  (path: PathLike, options: Big): Promise<BigIntStats>;
  (path: PathLike, options?: StatOptions): Promise<Stats | BigIntStats>;
}
