/**
 * `nodeFs`: the shape of node:fs over a tree.
 *
 * One implementation of every verb (verbs-on-paths, verbs-on-descriptors, whole-files, listings,
 * directories), three flavours of it by rule (flavours). Where node's own flavours differ in which
 * system call they say failed, another verb stands in for the flavour.
 *
 * The functions do not use `this`: they may be taken apart and passed around, as node's may.
 *
 * Not here: watch, streams, cp, opendir.
 */

import type { Tree } from '../vfs/tree.ts';
import { type Constants, constants } from './constants.ts';
import { directoryVerbs } from './directories.ts';
import { Dirent } from './dirent.ts';
import { FileHandle } from './file-handle.ts';
import { callbacked, promised, synchronous, type Verb, type Verbs } from './flavours.ts';
import { type Footing, footing } from './footing.ts';
import { listingVerbs } from './listings.ts';
import type { CallbackOverloads, PromiseOverloads, SyncOverloads } from './overloads.ts';
import type { Runtime } from './runtime.ts';
import type {
  Callbacked,
  DescriptorVerbs,
  PlainVerbs,
  Promised,
  Synchronous,
  WholeFileVerbs,
} from './signatures.ts';
import { BigIntStats, Stats } from './stats.ts';
import { descriptorVerbs } from './verbs-on-descriptors.ts';
import { pathVerbs } from './verbs-on-paths.ts';
import { wholeFileVerbs } from './whole-files.ts';

/** `fs.promises`. */
export interface PromisesFs<B extends Uint8Array = Uint8Array>
  extends Promised<PlainVerbs>,
    Promised<WholeFileVerbs<FileHandle<B>>>,
    PromiseOverloads<B> {
  constants: Constants;
}

/** The shape of node:fs; `B` is the kind of bytes that callers get. */
export interface NodeFs<B extends Uint8Array = Uint8Array>
  extends Synchronous<PlainVerbs>,
    Synchronous<DescriptorVerbs>,
    Synchronous<WholeFileVerbs<number>>,
    SyncOverloads<B>,
    Callbacked<PlainVerbs>,
    Callbacked<Omit<DescriptorVerbs, 'close'>>,
    Callbacked<WholeFileVerbs<number>>,
    CallbackOverloads<B> {
  promises: PromisesFs<B>;
  constants: Constants;
  F_OK: number;
  R_OK: number;
  W_OK: number;
  X_OK: number;
  Stats: typeof Stats;
  BigIntStats: typeof BigIntStats;
  Dirent: typeof Dirent;
}

const CLASSES = { Stats, BigIntStats, Dirent };

/** node:fs over `tree`, on `runtime`. */
export function nodeFs<B extends Uint8Array>(tree: Tree, runtime: Runtime<B>): NodeFs<B> {
  const under = footing(tree, runtime);
  const { check } = under;
  const { realpathNative, ...listings } = listingVerbs(under);
  const { rmLooking, rmdirPromised, ...directories } = directoryVerbs(under);
  const { exists, ...named } = pathVerbs(under);
  const later: Verbs = { rm: rmLooking, stat: throwing(named.stat), lstat: throwing(named.lstat) };
  const native: Verbs = { realpath: realpathNative };

  // Assigned and not spread, here and below: of many properties, V8 spreads forty times slower.
  const onPaths: Verbs = Object.assign(named, listings, directories, wholeFileVerbs(under));
  const all: Verbs = Object.assign({ exists }, onPaths, descriptorVerbs(under));
  const inSync = synchronous(all);
  Object.assign(inSync['realpathSync'] as Verb, { native: realpathNative });
  const calling = callbacked(Object.assign({}, all, later), check, runtime);
  const { realpath } = callbacked(native, check, runtime);
  Object.assign(calling['realpath'] as Verb, { native: realpath });

  const promising = (): object => {
    const own = { rmdir: rmdirPromised, ...onHandles(all, under) };
    return Object.assign(promised(Object.assign({}, onPaths, later, native, own)), { constants });
  };
  let promises: object | undefined;
  const face = Object.assign({}, inSync, calling, CLASSES, {
    constants,
    F_OK: constants.F_OK,
    R_OK: constants.R_OK,
    W_OK: constants.W_OK,
    X_OK: constants.X_OK,
  });
  Object.defineProperty(face, 'promises', {
    enumerable: true,
    configurable: true,
    get: () => {
      promises ??= promising();
      return promises;
    },
  });
  return face as unknown as NodeFs<B>;
}

/** The verbs that in their promised flavour give or take a FileHandle instead of a descriptor. */
function onHandles<B extends Uint8Array>(all: Verbs, { check }: Footing<B>): Verbs {
  const withHandle =
    (name: string): Verb =>
    (file, ...given) => {
      if (!(file instanceof FileHandle)) return all[name]!(check.path(file), ...given);
      return file[name === 'readFile' ? 'readFile' : 'writeFile'](...(given as [never]));
    };
  return {
    open: (...given) => new FileHandle<B>(all['open']!(...given) as number, all),
    readFile: withHandle('readFile'),
    writeFile: withHandle('writeFile'),
    appendFile: withHandle('appendFile'),
  };
}

/** `verb` without `throwIfNoEntry`, which only the synchronous flavour knows. */
function throwing(verb: (file: unknown, options?: { readonly bigint?: boolean }) => unknown): Verb {
  return (file, options) => verb(file, options?.bigint ? { bigint: true } : undefined);
}
