/**
 * `nodeFs`: the shape of node:fs over a tree.
 *
 * One implementation of every verb (verbs-on-paths, verbs-on-descriptors, whole-files, listings,
 * directories), three flavours of it by rule (flavours). Where node's own flavours differ in which
 * system call they say failed, another verb stands in for the flavour.
 *
 * The functions do not use `this`: they may be taken apart and passed around, as node's may. Each
 * is made when it is first asked for (cast.ts), and so are the verbs, group by group: most trees of
 * many are asked for few of them.
 *
 * Streams are the runtime's (Node's are node/streams.ts); where it has none, their names say so.
 */

import type { View } from '../vfs/view.ts';
import { notImplemented } from './argument-errors.ts';
import { Cast, type Part, type Parts, titled } from './cast.ts';
import { type Constants, constants } from './constants.ts';
import { Dir } from './dir.ts';
import { directoryVerbs } from './directories.ts';
import { Dirent } from './dirent.ts';
import type { FileHandle } from './file-handle.ts';
import { callbacked, promised, synchronous, type Verb, type Verbs } from './flavours.ts';
import { type Footing, footing } from './footing.ts';
import { listingVerbs } from './listings.ts';
import { blobs, openingVerbs } from './opening.ts';
import type {
  CallbackOverloads,
  PromiseOverloads,
  SyncOverloads,
  WatchOverloads,
} from './overloads.ts';
import { OWN_PARTS, ownPromises } from './own-flavours.ts';
import type { OwnCallbacks, OwnPromises, OwnSync } from './own-signatures.ts';
import { fileVerbs } from './promised-files.ts';
import type { Runtime, StreamClasses, StreamVerbs } from './runtime.ts';
import type {
  Callbacked,
  Chunks,
  DescriptorVerbs,
  PlainVerbs,
  Promised,
  Synchronous,
  WholeFileVerbs,
} from './signatures.ts';
import { BigIntStats, Stats } from './stats.ts';
import { descriptorVerbs } from './verbs-on-descriptors.ts';
import { pathVerbs } from './verbs-on-paths.ts';
import { statWatching } from './watched-stats.ts';
import { watching, watchingLater } from './watchers.ts';
import { wholeFileVerbs } from './whole-files.ts';

/** `fs.promises`. */
export interface PromisesFs<B extends Uint8Array = Uint8Array>
  extends Promised<PlainVerbs>,
    Promised<WholeFileVerbs<FileHandle<B>, Chunks>>,
    PromiseOverloads<B>,
    OwnPromises {
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
    CallbackOverloads<B>,
    OwnSync,
    OwnCallbacks,
    WatchOverloads<B> {
  promises: PromisesFs<B>;
  constants: Constants;
  F_OK: number;
  R_OK: number;
  W_OK: number;
  X_OK: number;
  Stats: typeof Stats;
  BigIntStats: typeof BigIntStats;
  Dirent: typeof Dirent;
  Dir: typeof Dir;
}

/** The verbs in groups; a group is made whole, when the first of it is asked for. */
const GROUPS = [
  pathVerbs,
  listingVerbs,
  openingVerbs,
  directoryVerbs,
  wholeFileVerbs,
  descriptorVerbs,
];

/** What the face has beside verbs. */
const FIXED = {
  Stats,
  BigIntStats,
  Dirent,
  Dir,
  constants,
  F_OK: constants.F_OK,
  R_OK: constants.R_OK,
  W_OK: constants.W_OK,
  X_OK: constants.X_OK,
};

/** Verbs that stand in for a flavour of another, where node's own flavours differ. */
const STAND_INS: ReadonlySet<string> = new Set([
  ...['readCalled', 'readHandled', 'realpathNative', 'rmLooking', 'rmdirPromised'],
]);

/** Which group each verb is in, in the order in which the face has them. */
let groupOf: ReadonlyMap<string, number> | null = null;
let parts: Parts<Repertoire> | null = null;

/** node:fs over `tree`, on `runtime`. */
export function nodeFs<B extends Uint8Array>(tree: View, runtime: Runtime<B>): NodeFs<B> {
  const repertoire = new Repertoire(footing(tree, runtime));
  parts ??= partsOf(repertoire.names());
  return new Cast(repertoire, parts, FIXED) as unknown as NodeFs<B>;
}

/** The verbs over one tree, made as they are asked for. */
class Repertoire<B extends Uint8Array = Uint8Array> {
  readonly under: Footing<B>;
  readonly #groups: Verbs[] = [];
  #streams: StreamClasses | null = null;
  #stats: ReturnType<typeof statWatching> | null = null;

  constructor(under: Footing<B>) {
    this.under = under;
  }

  /** The classes of streams over the tree, or what says that there are none. */
  get streams(): StreamClasses {
    this.#streams ??= this.#makeStreams();
    return this.#streams;
  }

  /** watchFile and unwatchFile, which know of the same watchers. */
  get stats(): ReturnType<typeof statWatching> {
    this.#stats ??= statWatching(this.under);
    return this.#stats;
  }

  #makeStreams(): StreamClasses {
    const { check, runtime } = this.under;
    if (runtime.streams === undefined) {
      return { ReadStream: missing('ReadStream'), WriteStream: missing('WriteStream') };
    }
    const called = (name: string): Verb => callbacked(name, this.later(name), check, runtime);
    const verbs: StreamVerbs = {
      open: called('open'),
      read: called('read'),
      readSync: synchronous('read', this.verb('read')) as StreamVerbs['readSync'],
      write: called('write'),
      writev: called('writev'),
      fsync: called('fsync'),
      close: called('close'),
    };
    return runtime.streams(verbs, check, runtime.defer);
  }

  /** Every verb that the face has. */
  names(): string[] {
    groupOf ??= new Map(
      GROUPS.flatMap((make, group) => Object.keys(make(this.under)).map((name) => [name, group])),
    );
    return [...groupOf.keys()].filter((name) => !STAND_INS.has(name));
  }

  /** The verb `name`, which there is. */
  readonly verb = (name: string): Verb => {
    const group = groupOf!.get(name)!;
    this.#groups[group] ??= GROUPS[group]!(this.under) as Verbs;
    const verb = this.#groups[group][name]!;
    const { tree } = this.under;
    const { live } = tree;
    // Here every verb of every flavour comes by, streams and open files among them.
    return (...given) =>
      live.tracer === null ? verb(...given) : live.tracer(name, verb, given, tree);
  };

  /** The verb that the flavours other than the synchronous one are made of. */
  later(name: string): Verb {
    if (name === 'rm') return this.verb('rmLooking');
    if (name === 'read') return this.verb('readCalled');
    return name === 'stat' || name === 'lstat' ? throwing(this.verb(name)) : this.verb(name);
  }
}

/** What makes each function of a face. */
function partsOf(names: readonly string[]): Parts<Repertoire> {
  const inSync = names.map((name): Part<Repertoire> => {
    return [`${name}Sync`, ({ verb }) => withNative(name, synchronous(name, verb(name)), verb)];
  });
  const calling = names.map((name): Part<Repertoire> => {
    return [
      name,
      (repertoire) => {
        const { check, runtime } = repertoire.under;
        const call = callbacked(name, repertoire.later(name), check, runtime);
        return withNative(name, call, (native) => {
          return callbacked(name, repertoire.verb(native), check, runtime);
        });
      },
    ];
  });
  return [...inSync, ...calling, ...OWN_PARTS, ...STREAMS, ...OTHERS];
}

/** The streams of a face, by their names: a function each, and a class under two names. */
const STREAMS: Parts<Repertoire> = (['ReadStream', 'WriteStream'] as const).flatMap(
  (name): Part<Repertoire>[] => [
    [`create${name}`, ({ streams }) => streaming(streams[name])],
    [name, ({ streams }) => streams[name]],
    [`File${name}`, ({ streams }) => streams[name]],
  ],
);

/** What has one flavour. */
const OTHERS: Parts<Repertoire> = [
  ['openAsBlob', ({ under, verb }) => blobs(under, verb('readFile'))],
  [
    '_toUnixTimestamp',
    ({ under }) =>
      (time: unknown, name?: string) =>
        under.check.seconds(time, name),
  ],
  ['watch', ({ under }) => watching(under)],
  ['watchFile', ({ stats }) => stats.watchFile],
  ['unwatchFile', ({ stats }) => stats.unwatchFile],
  ['promises', promisesOf],
];

function streaming(Stream: StreamClasses['ReadStream']): Verb {
  return (file, options) => new Stream(file, options);
}

/** What stands for a class of streams where there is none. */
function missing(name: string): StreamClasses['ReadStream'] {
  const refuse = (): never => {
    throw notImplemented(name);
  };
  return refuse as unknown as StreamClasses['ReadStream'];
}

/** `call` with what node has beside realpath, made by `made`. */
function withNative(name: string, call: Verb, made: (native: string) => Verb): Verb {
  return name === 'realpath' ? Object.assign(call, { native: made('realpathNative') }) : call;
}

function promisesOf(repertoire: Repertoire): object {
  const later = (verb: Verb): Verb => promised(verb, repertoire.under.runtime);
  const flavour: Record<string, unknown> = {};
  for (const name of repertoire.names()) {
    if (name === 'exists' || groupOf!.get(name) === GROUPS.indexOf(descriptorVerbs)) continue;
    flavour[name] = later(repertoire.later(name));
  }
  for (const [name, verb] of Object.entries(fileVerbs(repertoire))) flavour[name] = later(verb);
  flavour['realpath'] = later(repertoire.verb('realpathNative'));
  flavour['rmdir'] = later(repertoire.verb('rmdirPromised'));
  Object.assign(flavour, ownPromises(repertoire));
  flavour['watch'] = watchingLater(repertoire.under);
  for (const name of Object.keys(flavour)) titled(name, flavour[name]);
  flavour['constants'] = constants;
  return flavour;
}

/** `verb` without `throwIfNoEntry`, which only the synchronous flavour knows. */
function throwing(verb: Verb): Verb {
  return (file, options) => verb(file, options?.bigint === true ? { bigint: true } : undefined);
}
