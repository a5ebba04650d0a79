/**
 * What the node:fs face needs of its platform, and no more.
 *
 * The face itself is the same in Node and in browsers. How bytes are handed back, how text becomes
 * bytes, when a callback is called and chance differ, so they are an argument: Node's own are in
 * node/node-runtime.ts, and `portableRuntime` is what every JavaScript platform has. What time it
 * is, the clock of the tree says.
 */

import { utf8 } from '../base/bytes.ts';
import { fault } from './argument-errors.ts';
import type { Arguments } from './arguments.ts';
import { decodedText, encodedText, isEncodingName } from './encodings.ts';
import type { Verb } from './flavours.ts';
import type { Footing } from './footing.ts';
import { shown } from './inspect.ts';
import { type Turns, turns } from './turns.ts';

/** What of a URL is looked at: `URL` is one. */
export interface UrlLike {
  readonly href: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly pathname: string;
}

/** One part of a pattern: a name, a symbol for `**`, or what tests names. */
export type GlobPart = string | symbol | { test(name: string): boolean };

/** A pattern of glob, its braces expanded: the parts of each, and the text that they were. */
export interface GlobPattern {
  readonly set: readonly (readonly GlobPart[])[];
  readonly globParts: readonly (readonly string[])[];
  match(path: string): boolean;
}

/**
 * Begins a walk over what `verb` finds for `patterns`: the paths found, and how each is to be given
 * back. Throws where the call is wrong.
 */
export type Glob = (
  under: Footing,
  verb: (name: string) => Verb,
  patterns: unknown,
  options: unknown,
) => { results(): Iterable<string>; shown(path: string): unknown };

/** What the node:fs face needs of its platform; `B` is what callers get bytes as. */
export interface Runtime<B extends Uint8Array = Uint8Array> extends Turns {
  /** The same memory as the kind of bytes that callers get. */
  bytes(bytes: Uint8Array): B;
  /** `size` bytes that the caller will fill, of what callers get. */
  allocate(size: number): B;
  /** Whether `name` is an encoding that `encode` and `decode` know. */
  isEncoding(name: string): boolean;
  /** The bytes of `text` in `encoding`. */
  encode(text: string, encoding: string): Uint8Array;
  /** `bytes` as text of `encoding`. */
  decode(bytes: Uint8Array, encoding: string): string;
  /** `count` random bytes. */
  random(count: number): Uint8Array;
  /** The path that a file: URL names. Throws ERR_INVALID_URL_SCHEME and ERR_INVALID_FILE_URL_*. */
  urlPath(url: UrlLike): string;
  /** The walks of glob, where there is a library for its patterns. */
  readonly glob?: Glob;
  /** `value` as messages show it. */
  inspect(value: unknown): string;
  /** Keeps the program running from now on, where the platform ends one with nothing to do. */
  readonly stay?: () => Stay;
  /** Streams of files, where the platform has node's. */
  readonly streams?: (
    verbs: StreamVerbs,
    check: Arguments,
    defer: Runtime['defer'],
  ) => StreamClasses;
  /** The lines of a stream of text, where the platform has streams. */
  readonly lines?: (stream: object) => AsyncIterable<string>;
}

/** What keeps a program running until it ends, but while it is unref'd. */
export interface Stay {
  ref(): void;
  unref(): void;
  end(): void;
}

/** What a stream needs of the face, in node's flavours of it. */
export interface StreamVerbs {
  readonly open: Verb;
  readonly read: Verb;
  readonly readSync: (
    fd: number,
    target: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ) => number;
  readonly write: Verb;
  readonly writev: Verb;
  readonly fsync: Verb;
  readonly close: Verb;
}

/** The classes of streams over one tree. */
export interface StreamClasses {
  readonly ReadStream: new (path: unknown, options?: unknown) => object;
  readonly WriteStream: new (path: unknown, options?: unknown) => object;
}

/**
 * The types of the streams that a platform has, which its front door adds: `readStream`,
 * `writeStream` and `lines`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: what is added differs by platform
export interface StreamTypes {}

/** The type of the streams of `name`; where the platform has none they cannot be made. */
export type StreamType<name extends string> =
  StreamTypes extends Readonly<Record<name, infer S>> ? S : never;

/** The path of `url`, as POSIX has it on every platform: the tree has no drive letters. */
function portableUrlPath(url: UrlLike): string {
  if (url.protocol !== 'file:') {
    throw fault(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
  }
  if (url.hostname !== '') {
    const message = 'File URL host must be "localhost" or empty on linux';
    throw fault(TypeError, 'ERR_INVALID_FILE_URL_HOST', message);
  }
  if (/%2f/i.test(url.pathname)) {
    const message = 'File URL path must not include encoded / characters';
    throw fault(TypeError, 'ERR_INVALID_FILE_URL_PATH', message);
  }
  return decodeURIComponent(url.pathname);
}

/** Calls `task` once the event loop went round: timers of no time are kept waiting in browsers. */
function afterTurn(task: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    task();
  };
  port2.postMessage(null);
}

/** What every JavaScript platform has: bytes are Uint8Arrays, callbacks are microtasks. */
export const portableRuntime: Runtime = {
  bytes: (bytes) => bytes,
  allocate: (size) => new Uint8Array(size),
  isEncoding: isEncodingName,
  encode: (text, encoding) => (encoding === 'utf8' ? utf8(text) : encodedText(text, encoding)),
  decode: decodedText,
  ...turns(queueMicrotask, afterTurn),
  random: (count) => crypto.getRandomValues(new Uint8Array(count)),
  urlPath: portableUrlPath,
  inspect: shown,
};
