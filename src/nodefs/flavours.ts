/**
 * One implementation, three flavours, derived by rule.
 *
 *   verb         what it is            a wrong call        a refusal          two results
 *   verbSync     the verb itself       throws              throws             the first
 *   verb         verb + callback       throws              callback(error)    callback(null, …both)
 *   promises     a promise of it       rejects             rejects            both, as an object
 *
 * The work is done within the call; only the answer waits until the caller has returned. The error
 * is the same object in every flavour.
 */

import { CorruptError } from '../base/errors.ts';
import { abortError } from './argument-errors.ts';
import type { Arguments } from './arguments.ts';
import type { Runtime } from './runtime.ts';

// biome-ignore lint/suspicious/noExplicitAny: verbs have every signature there is
export type Verb = (...given: any[]) => unknown;
export type Verbs = Readonly<Record<string, Verb>>;

/** What `util.promisify` looks for; the registry has it on every platform. */
const PROMISIFY = Symbol.for('nodejs.util.promisify.custom');

/** Verbs with two results, and what node calls them. */
const PAIRS: Readonly<Record<string, readonly [string, string]>> = {
  read: ['bytesRead', 'buffer'],
  readv: ['bytesRead', 'buffers'],
  write: ['bytesWritten', 'buffer'],
  writev: ['bytesWritten', 'buffers'],
};

/** `verb`, which is called `name`, as `verbSync`: itself, but for those with two results. */
export function synchronous(name: string, verb: Verb): Verb {
  const first = PAIRS[name]?.[0];
  if (first === undefined) return verb;
  return (...given) => (verb(...given) as Record<string, unknown>)[first];
}

/**
 * `verb` as a function that promises its result, or that it was aborted by the signal among its
 * options: before it began, or before anyone could have seen what came of it.
 */
export function promised(
  verb: Verb,
  { defer, isWaiting }: Pick<Runtime, 'defer' | 'isWaiting'>,
): Verb {
  return async (...given) => {
    const signal = signalIn(given);
    try {
      if (signal?.aborted) throw abortError(signal);
      let result = verb(...given);
      // To wait for nothing costs as much as a small verb.
      if (signal || result instanceof Promise) result = await result;
      if (signal?.aborted) throw abortError(signal);
      return result;
    } finally {
      if (isWaiting()) await new Promise<void>(defer);
    }
  };
}

/** The signal among the options of a call, which stand last. */
function signalIn(given: readonly unknown[]): AbortSignal | undefined {
  const last = given.at(-1) as { readonly signal?: unknown } | null | undefined;
  if (typeof last !== 'object' || last === null || ArrayBuffer.isView(last)) return undefined;
  const { signal } = last;
  const isSignal = typeof signal === 'object' && signal !== null && 'aborted' in signal;
  return isSignal ? (signal as AbortSignal) : undefined;
}

/** `verb`, which is called `name`, with a callback behind its arguments. */
export function callbacked(
  name: string,
  verb: Verb,
  check: Arguments,
  { defer }: Pick<Runtime, 'defer'>,
): Verb {
  const call: Verb = (...given) => {
    const last = given.findLastIndex((value) => typeof value === 'function');
    // No verb takes a callback alone.
    const end = last === 0 ? given.length : last;
    const isLone = name === 'close' && given.length === 1;
    const callback = isLone
      ? rethrow
      : check.callback(given[end], name === 'opendir' ? 'callback' : 'cb');
    defer(answer(verb, name, isLone ? given : given.slice(0, end), callback));
  };
  if (PAIRS[name] !== undefined || name === 'exists') {
    Object.defineProperty(call, PROMISIFY, {
      value: async (...given: unknown[]) => verb(...given),
    });
  }
  return call;
}

/**
 * Runs `verb` at once; what comes back hands its answer to `callback`. Throws where the call was
 * wrong.
 */
function answer(
  verb: Verb,
  name: string,
  given: readonly unknown[],
  callback: (...values: unknown[]) => void,
): () => void {
  let result: unknown;
  const signal = signalIn(given);
  if (signal?.aborted) return () => callback(abortError(signal));
  try {
    result = verb(...given);
  } catch (error) {
    if (!isRefusalOfAnyKind(error)) throw error;
    return name in PAIRS ? () => callback(error, 0, given[1]) : () => callback(error);
  }
  if (name === 'exists') return () => callback(result);
  const pair = PAIRS[name];
  if (pair !== undefined) {
    const { [pair[0]]: count, [pair[1]]: buffer } = result as Record<string, unknown>;
    return () => callback(null, count, buffer);
  }
  return () => {
    if (signal?.aborted) callback(abortError(signal));
    else if (result === undefined) callback(null);
    else callback(null, result);
  };
}

/** What `close` does without a callback. */
function rethrow(error: unknown): void {
  if (error !== null) throw error;
}

/**
 * A refusal of the engine or of what an archive lies in, bytes that lie, or one of the two of
 * node's own that go to the callback.
 */
function isRefusalOfAnyKind(error: unknown): boolean {
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  if (typeof errno === 'number' || error instanceof CorruptError) return true;
  return code === 'ERR_FS_EISDIR' || code === 'ERR_FS_FILE_TOO_LARGE';
}
