/**
 * The verbs whose flavours are not derived by the rule of flavours.ts, as what they are given, or
 * what they give, takes its time: cp asks a filter, glob gives what it finds one by one. And
 * lchmod, which Linux does not have.
 */

import { notImplemented } from './argument-errors.ts';
import type { Part } from './cast.ts';
import { copyVerbs } from './copy-tree.ts';
import type { Verb } from './flavours.ts';
import type { Footing } from './footing.ts';
import type { Glob } from './runtime.ts';

/** What these verbs stand on: the others, by name. */
interface Ground {
  readonly under: Footing;
  readonly verb: (name: string) => Verb;
}

/** The synchronous flavours and those with a callback. */
export const OWN_PARTS: readonly Part<Ground>[] = [
  ['cpSync', ({ under, verb }) => copyVerbs(under, verb).cpSync],
  ['cp', cpCalling],
  [
    'globSync',
    (ground) => (pattern: unknown, options?: unknown) => {
      const walk = walkOf(ground, pattern, options);
      return Array.from([...walk.results()], (path) => walk.shown(path));
    },
  ],
  ['glob', globCalling],
  ['lchmod', () => undefined],
  ['lchmodSync', () => undefined],
];

/** The promised flavours. */
export function ownPromises(ground: Ground): Readonly<Record<string, Verb>> {
  const { begun } = copyVerbs(ground.under, ground.verb);
  return {
    cp: async (...given) => begun(...(given as [unknown, unknown]))(),
    async *glob(pattern: unknown, options?: unknown) {
      const walk = walkOf(ground, pattern, options);
      for (const path of walk.results()) yield walk.shown(path);
    },
    async lchmod() {
      throw notImplemented('lchmod()');
    },
  };
}

function cpCalling({ under, verb }: Ground): Verb {
  const { begun } = copyVerbs(under, verb);
  return (from, to, options, callback) => {
    const isLast = typeof options === 'function';
    const done = under.check.callback(isLast ? options : callback);
    const copy = begun(from, to, isLast ? undefined : options);
    answering(under, done, copy());
  };
}

function globCalling(ground: Ground): Verb {
  return (pattern, options, callback) => {
    const isLast = typeof options === 'function';
    const done = ground.under.check.callback(isLast ? options : callback);
    const found = async () => {
      const walk = walkOf(ground, pattern, isLast ? undefined : options);
      return Array.from([...walk.results()], (path) => walk.shown(path));
    };
    answering(ground.under, done, found());
  };
}

/** A walk of glob. Throws where there are none, or the call is wrong. */
function walkOf({ under, verb }: Ground, pattern: unknown, options: unknown): ReturnType<Glob> {
  const { glob } = under.runtime;
  if (glob === undefined) throw notImplemented('glob()');
  return glob(under, verb, pattern, options);
}

/** Tells `done` what comes of `result`, outside of any promise: what it throws is nobody's. */
function answering(
  { runtime }: Footing,
  done: (...values: unknown[]) => void,
  result: Promise<unknown>,
): void {
  result.then(
    (value) => runtime.defer(() => done(null, value)),
    (error) => runtime.defer(() => done(error)),
  );
}
