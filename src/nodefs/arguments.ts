/**
 * What callers pass, checked as node checks it and in node's words.
 *
 * Every check returns what the engine takes: a path as text or bytes, flags and modes as numbers,
 * a time as seconds and nanoseconds. What is wrong is a TypeError or RangeError, thrown before
 * anything has changed; the messages are node's, whose spelling is not always the same (`access`
 * and `copyFile` check their mode in C++ and say so in other words).
 */

import { VisorError } from '../base/errors.ts';
import type { Time } from '../vfs/content.ts';
import * as flag from '../vfs/flags.ts';
import type { Clock } from '../vfs/live.ts';
import type { Path } from '../vfs/resolve.ts';
import {
  type CodedError,
  fault,
  invalidType,
  invalidValue,
  outOfRange,
} from './argument-errors.ts';
import type { Runtime, UrlLike } from './runtime.ts';

/** The largest user or group id. */
const MAX_ID = 2 ** 32 - 1;
const MAX_INT32 = 2 ** 31 - 1;
const MAX_UINT32 = 2 ** 32 - 1;
/** What no time_t holds. */
const SECONDS_END = 2 ** 63;

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC } = flag;

const FLAGS: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'w+': O_TRUNC | O_CREAT | O_RDWR,
  'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'a+': O_APPEND | O_CREAT | O_RDWR,
  'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

/** The same flags, letters the other way round. */
const SWAPPED: Readonly<Record<string, string>> = {
  sr: 'rs',
  'sr+': 'rs+',
  xw: 'wx',
  'xw+': 'wx+',
  xa: 'ax',
  'xa+': 'ax+',
  sa: 'as',
  'sa+': 'as+',
};

/** Options as they are once checked: whatever the caller gave, by name. */
export interface Options {
  readonly encoding?: string | null;
  readonly signal?: AbortSignal | undefined;
  readonly [option: string]: unknown;
}

const NO_OPTIONS: Options = {};

/** Checks what callers pass, in the words of node. */
export class Arguments {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #inspect: (value: unknown) => string;

  /** `clock` is asked where node asks the time: one below zero means now. */
  constructor(runtime: Runtime, clock: Clock) {
    this.#clock = clock;
    this.#runtime = runtime;
    this.#inspect = runtime.inspect;
  }

  /** A path, whichever way it was given, without NUL. */
  path(value: unknown, name = 'path'): Path {
    const path = isUrl(value) ? this.#runtime.urlPath(value) : value;
    const isText = typeof path === 'string';
    if (!isText && !(path instanceof Uint8Array)) {
      throw this.wrongType(name, 'of type string or an instance of Buffer or URL', path);
    }
    const hasNul = isText ? path.includes('\0') : path.includes(0);
    if (!hasNul) return path;
    const reason = 'must be a string, Uint8Array, or URL without null bytes';
    throw invalidValue(name, path, this.#inspect, reason);
  }

  /** A descriptor. */
  fd(value: unknown): number {
    return this.integer(value, 'fd', 0, MAX_INT32);
  }

  /** The flags of open(2), from node's letters or as numbers. */
  flags(value: unknown, name = 'flags'): number {
    if (typeof value === 'number') return this.integer(value, name, -(2 ** 31), MAX_INT32);
    if (value === null || value === undefined) return O_RDONLY;
    const letters = typeof value === 'string' ? (SWAPPED[value] ?? value) : '';
    if (Object.hasOwn(FLAGS, letters)) return FLAGS[letters]!;
    throw invalidValue('flags', value, this.#inspect);
  }

  /** Permission bits: a number, or octal digits. */
  mode(value: unknown, otherwise?: number, name = 'mode'): number {
    const given = value ?? otherwise;
    if (typeof given !== 'string') return this.integer(given, name, 0, MAX_UINT32);
    if (/^[0-7]+$/.test(given)) {
      return this.integer(Number.parseInt(given, 8), name, 0, MAX_UINT32);
    }
    const reason = 'must be a 32-bit unsigned integer or an octal string';
    throw invalidValue(name, given, this.#inspect, reason);
  }

  /** The bits that `access` and `copyFile` take, 0 to 7. */
  bits(value: unknown): number {
    if (value === null || value === undefined) return 0;
    if (typeof value !== 'number') {
      throw fault(TypeError, 'ERR_INVALID_ARG_TYPE', 'mode must be int32 or null/undefined');
    }
    if (value >= 0 && value <= 7) return Math.trunc(value);
    if (!Number.isFinite(value)) {
      throw fault(RangeError, 'ERR_OUT_OF_RANGE', 'mode is out of range');
    }
    throw fault(RangeError, 'ERR_OUT_OF_RANGE', 'mode is out of range: >= 0 && <= 7');
  }

  /** A user or group id, or -1. */
  id(value: unknown, name: string): number {
    return this.integer(value, name, -1, MAX_ID);
  }

  /** A whole number from `min` to `max`. */
  integer(
    value: unknown,
    name: string,
    min = Number.MIN_SAFE_INTEGER,
    max = Number.MAX_SAFE_INTEGER,
  ): number {
    if (typeof value !== 'number') throw this.wrongType(name, 'of type number', value);
    if (!Number.isInteger(value)) throw this.outOfRange(name, 'an integer', value);
    if (value >= min && value <= max) return value;
    throw this.outOfRange(name, `>= ${min} && <= ${max}`, value);
  }

  boolean(value: unknown, name: string): boolean {
    if (typeof value === 'boolean') return value;
    throw this.wrongType(name, 'of type boolean', value);
  }

  callback(value: unknown, name = 'cb'): (...values: unknown[]) => void {
    if (typeof value === 'function') return value as (...values: unknown[]) => void;
    throw this.wrongType(name, 'of type function', value);
  }

  /** An AbortSignal: what has `aborted` is one, as node asks no more. */
  signal(value: unknown, name = 'options.signal'): void {
    if (typeof value === 'object' && value !== null && 'aborted' in value) return;
    throw this.wrongType(name, 'an instance of AbortSignal', value);
  }

  /** Options, or an encoding in their place. */
  options(value: unknown): Options {
    if (value === null || value === undefined) return NO_OPTIONS;
    if (typeof value === 'string') return { encoding: this.encoding(value) };
    if (typeof value !== 'object') {
      throw this.wrongType('options', 'one of type string or object', value);
    }
    const options = value as Options;
    this.encoding(options.encoding);
    if (options.signal !== undefined) this.signal(options.signal);
    return options;
  }

  /** Options that must be an object if they are there at all. */
  fields(value: unknown): Options {
    if (value === undefined) return NO_OPTIONS;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Options;
    }
    throw this.wrongType('options', 'of type object', value);
  }

  /** An encoding of node's, 'buffer' or nothing. */
  encoding<T>(value: T): T {
    const isText = typeof value === 'string';
    const isKnown = !value || (isText && (value === 'buffer' || this.#runtime.isEncoding(value)));
    if (isKnown) return value;
    throw invalidValue('encoding', value, this.#inspect, 'is invalid encoding');
  }

  /** The bytes to be written: of a view, or of text in `encoding`. */
  content(value: unknown, encoding: unknown, name = 'data'): Uint8Array {
    if (ArrayBuffer.isView(value)) return viewed(value);
    if (typeof value !== 'string') {
      const expected = 'of type string or an instance of Buffer, TypedArray, or DataView';
      throw this.wrongType(name, expected, value);
    }
    return this.#runtime.encode(value, (encoding as string | null | undefined) || 'utf8');
  }

  /** The bytes to be filled. */
  buffer(value: unknown): Uint8Array {
    if (ArrayBuffer.isView(value)) return viewed(value);
    throw this.wrongType('buffer', 'an instance of Buffer, TypedArray, or DataView', value);
  }

  /** Several views, as readv and writev take them. */
  buffers(value: unknown): Uint8Array[] {
    if (Array.isArray(value) && value.every((view) => ArrayBuffer.isView(view))) {
      return value.map(viewed);
    }
    throw this.wrongType('buffers', 'an ArrayBufferView[]', value);
  }

  wrongType(name: string, expected: string, actual: unknown): CodedError {
    return invalidType(name, expected, actual, this.#inspect);
  }

  wrongValue(name: string, actual: unknown, reason?: string): CodedError {
    return invalidValue(name, actual, this.#inspect, reason);
  }

  outOfRange(name: string, range: string, actual: unknown): CodedError {
    return outOfRange(name, range, actual, this.#inspect);
  }

  /** A time as seconds since 1970, of a Date or of text too; one below zero is now. */
  seconds(value: unknown, name = 'time'): number {
    // biome-ignore lint/suspicious/noDoubleEquals: node takes '1.50' and '' by this very test
    if (typeof value === 'string' && +value == (value as unknown)) return +value;
    if (typeof value === 'number' && Number.isFinite(value)) {
      return value < 0 ? this.#clock() / 1000 : value;
    }
    if (value instanceof Date) return value.getTime() / 1000;
    throw this.wrongType(name, 'an instance of Date or an Time in seconds', value);
  }
}

/** Whether `value` is a descriptor rather than a path: node asks no more than this. */
export function isFd(value: unknown): value is number {
  return typeof value === 'number' && value === (value | 0);
}

function isUrl(value: unknown): value is UrlLike {
  if (typeof value !== 'object' || value === null) return false;
  const { href, protocol, auth, path } = value as Record<string, unknown>;
  return Boolean(href && protocol) && auth === undefined && path === undefined;
}

function viewed(view: ArrayBufferView): Uint8Array {
  return view instanceof Uint8Array
    ? view
    : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/**
 * `time`, in seconds, as libuv turns a double into a timespec: cut, not rounded, to microseconds.
 * Throws EINVAL for what is no number, as a Date can be, or is beyond what a kernel takes.
 */
export function timeOf(time: number): Time {
  if (!(Math.abs(time) < SECONDS_END)) throw new VisorError('EINVAL');
  const whole = Math.trunc(time);
  const beyond = Math.trunc((time - whole) * 1e9);
  const nanoseconds = beyond - (beyond % 1000);
  if (nanoseconds >= 0) return { seconds: whole, nanoseconds };
  return { seconds: whole - 1, nanoseconds: nanoseconds + 1e9 };
}
