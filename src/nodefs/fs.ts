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
 * createReadStream is there where the runtime has streams, which is Node's.
 *
 * Not here: watch, createWriteStream, cp, opendir.
 */

import type { View } from '../vfs/view.ts';
import { Cast, type Part, type Parts } from './cast.ts';
import { type Constants, constants } from './constants.ts';
import { directoryVerbs } from './directories.ts';
import { Dirent } from './dirent.ts';
import { FileHandle } from './file-handle.ts';
import { callbacked, promised, synchronous, type Verb, type Verbs } from './flavours.ts';
import { type Footing, footing } from './footing.ts';
import { listingVerbs } from './listings.ts';
import type { CallbackOverloads, PromiseOverloads, SyncOverloads } from './overloads.ts';
import type { Runtime, StreamVerbs } from './runtime.ts';
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

/** The verbs in groups; a group is made whole, when the first of it is asked for. */
const GROUPS = [pathVerbs, listingVerbs, directoryVerbs, wholeFileVerbs, descriptorVerbs];

/** What the face has beside verbs. */
const FIXED = {
  Stats,
  BigIntStats,
  Dirent,
  constants,
  F_OK: constants.F_OK,
  R_OK: constants.R_OK,
  W_OK: constants.W_OK,
  X_OK: constants.X_OK,
};

/** Verbs that stand in for a flavour of another, where node's own flavours differ. */
const STAND_INS: ReadonlySet<string> = new Set(['realpathNative', 'rmLooking', 'rmdirPromised']);

/** Which group each verb is in, in the order in which the face has them. */
let groupOf: ReadonlyMap<string, number> | null = null;
const PARTS = new WeakMap<object, Parts<Repertoire>>();

/** node:fs over `tree`, on `runtime`. */
export function nodeFs<B extends Uint8Array>(tree: View, runtime: Runtime<B>): NodeFs<B> {
  const repertoire = new Repertoire(footing(tree, runtime));
  let parts = PARTS.get(runtime);
  if (parts === undefined) {
    parts = partsOf(repertoire.names(), runtime);
    PARTS.set(runtime, parts);
  }
  return new Cast(repertoire, parts, FIXED) as unknown as NodeFs<B>;
}

/** The verbs over one tree, made as they are asked for. */
class Repertoire<B extends Uint8Array = Uint8Array> {
  readonly under: Footing<B>;
  readonly #groups: Verbs[] = [];

  constructor(under: Footing<B>) {
    this.under = under;
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
    return this.#groups[group][name]!;
  };

  /** The verb that the flavours other than the synchronous one are made of. */
  later(name: string): Verb {
    if (name === 'rm') return this.verb('rmLooking');
    return name === 'stat' || name === 'lstat' ? throwing(this.verb(name)) : this.verb(name);
  }
}

/** What makes each function of a face on `runtime`. */
function partsOf(names: readonly string[], { readStream }: Runtime): Parts<Repertoire> {
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
  const streams: Parts<Repertoire> =
    readStream === undefined
      ? []
      : [['createReadStream', (ground) => streaming(ground, readStream)]];
  return [...inSync, ...calling, ...streams, ['promises', promisesOf]];
}

/** createReadStream, by what the runtime has for it; of an open file, no path is looked at. */
function streaming(
  { verb, under: { check, runtime } }: Repertoire,
  readStream: NonNullable<Runtime['readStream']>,
): Verb {
  const verbs = {
    open: callbacked('open', verb('open'), check, runtime),
    read: callbacked('read', verb('read'), check, runtime),
    readSync: synchronous('read', verb('read')) as StreamVerbs['readSync'],
    close: callbacked('close', verb('close'), check, runtime),
  };
  return (file, given) => {
    const options = check.options(given);
    const isOpen = options['fd'] !== undefined && options['fd'] !== null;
    return readStream(isOpen ? file : check.path(file), options, verbs);
  };
}

/** `call` with what node has beside realpath, made by `made`. */
function withNative(name: string, call: Verb, made: (native: string) => Verb): Verb {
  return name === 'realpath' ? Object.assign(call, { native: made('realpathNative') }) : call;
}

function promisesOf(repertoire: Repertoire): object {
  const flavour: Record<string, unknown> = {};
  for (const name of repertoire.names()) {
    if (name === 'exists' || groupOf!.get(name) === GROUPS.indexOf(descriptorVerbs)) continue;
    flavour[name] = promised(repertoire.later(name));
  }
  for (const [name, verb] of Object.entries(onHandles(repertoire))) flavour[name] = promised(verb);
  flavour['realpath'] = promised(repertoire.verb('realpathNative'));
  flavour['rmdir'] = promised(repertoire.verb('rmdirPromised'));
  flavour['constants'] = constants;
  return flavour;
}

/** The verbs that in their promised flavour give or take a FileHandle instead of a descriptor. */
function onHandles({ verb, under }: Repertoire): Verbs {
  const withHandle =
    (name: string): Verb =>
    (file, ...given) => {
      if (!(file instanceof FileHandle)) return verb(name)(under.check.path(file), ...given);
      return file[name === 'readFile' ? 'readFile' : 'writeFile'](...(given as [never]));
    };
  return {
    open: (...given) => new FileHandle(verb('open')(...given) as number, verb),
    readFile: withHandle('readFile'),
    writeFile: withHandle('writeFile'),
    appendFile: withHandle('appendFile'),
  };
}

/** `verb` without `throwIfNoEntry`, which only the synchronous flavour knows. */
function throwing(verb: Verb): Verb {
  return (file, options) => verb(file, options?.bigint ? { bigint: true } : undefined);
}
