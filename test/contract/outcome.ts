/**
 * One call of one verb in one flavour, and everything that can be told of how it went.
 */

import type fs from 'node:fs';

export type Flavour = 'sync' | 'callback' | 'promises';

export const FLAVOURS: readonly Flavour[] = ['sync', 'callback', 'promises'];

/** Whatever has the shape of node:fs. */
export type AnyFs = typeof fs;

/** How a call went: the words of an error, or a result without what differs by machine. */
export interface Outcome {
  readonly how: 'returned' | 'threw' | 'called back';
  readonly error?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: verbs are called by name
type Callable = any;

/** Calls `verb` of `fs` in `flavour`. A callback that comes before the call returns is an error. */
export async function outcomeOf(
  fs: AnyFs,
  verb: string,
  flavour: Flavour,
  given: readonly unknown[],
): Promise<Outcome> {
  try {
    if (flavour === 'sync') return returned((fs as Callable)[`${verb}Sync`](...given));
    if (flavour === 'promises') return returned(await (fs.promises as Callable)[verb](...given));
    return await calledBack(fs, verb, given);
  } catch (error) {
    return { how: 'threw', error: wordsOf(error) };
  }
}

function calledBack(fs: AnyFs, verb: string, given: readonly unknown[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let hasReturned = false;
    (fs as Callable)[verb](...given, (...answer: unknown[]) => {
      if (!hasReturned) reject(new Error(`${verb} called back before it returned`));
      const [error, ...results] = verb === 'exists' ? [null, ...answer] : answer;
      if (error) resolve({ how: 'called back', error: wordsOf(error) });
      else resolve({ how: 'called back', result: results.map(plain) });
    });
    hasReturned = true;
  });
}

function returned(result: unknown): Outcome {
  return { how: 'returned', result: plain(result) };
}

/** What an error says of itself. */
export function wordsOf(error: unknown): Record<string, unknown> {
  const { name, code, errno, syscall, path, dest, message } = error as Record<string, unknown>;
  return { name, code, errno, syscall, path, dest, message };
}

/** `value` without what two file systems need not agree on: inodes, devices, times. */
export function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return { [value.constructor.name]: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  if ('isFIFO' in value) return plainInode(value as unknown as fs.Stats & fs.Dirent);
  if ('fd' in value) {
    (value as unknown as { close(): Promise<void> }).close();
    return 'a FileHandle';
  }
  if ('bavail' in value) {
    const { bsize } = value as unknown as { bsize: number | bigint };
    return `a StatFs of ${typeof bsize}s with ${Object.keys(value)}`;
  }
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}

function plainInode(of: fs.Stats & fs.Dirent): unknown {
  const { mode, nlink, uid, gid, size, name, parentPath, path } = of;
  const isDir = of.isDirectory();
  const types = [of.isFile(), isDir, of.isSymbolicLink(), of.isFIFO(), of.isSocket()];
  const devices = [of.isBlockDevice(), of.isCharacterDevice()];
  const names = { name: plain(name), parentPath, path };
  const fields = { mode, nlink, uid, gid, size: isDir ? typeof size : size };
  return { ...fields, ...names, types, devices, kind: of.constructor.name };
}
