/**
 * Random calls of node:fs, drawn by fast-check so that they shrink.
 *
 * Paths come from so few names that calls meet each other's work: files, directories, links and
 * loops of them, slashes and dots where they matter, a name too long, a name that is no text. What
 * is open is named by when it was opened, since descriptors differ.
 *
 * Not here: what verbs node has in a flavour alone, wrong arguments (test/contract has both).
 */

import fc from 'fast-check';
import { PLACES } from './fs-scene.ts';

/** A path below the root of a run, as text or as bytes that are no text. */
export interface PathArg {
  readonly path: string;
  readonly isBytes: boolean;
  /** Which of the paths that a sequence comes back to goes before, until it is placed. */
  readonly hot?: number;
}

/** The file that was opened as number `fd`, of those still open. */
export interface FdArg {
  readonly fd: number;
}

/** Bytes to be written, or so many to be filled: in a buffer, in several, or said in text. */
export interface BytesArg {
  readonly bytes: readonly (string | number)[];
  readonly as: 'buffer' | 'buffers' | 'text';
}

/** What one argument is. */
export type Arg = PathArg | FdArg | BytesArg | { readonly value: unknown };

/** One call; `who` is the index of the user who makes it. */
export interface Call {
  readonly verb: string;
  readonly args: readonly Arg[];
  readonly who: number;
}

/** The flavour of all calls of a sequence. */
export type Flavour = 'sync' | 'callback' | 'promises';

/**
 * Calls one after the other, each answered before the next: over an image, or on what was written.
 */
export interface Sequence {
  readonly calls: readonly Call[];
  readonly flavour: Flavour;
  readonly isImaged: boolean;
}

const value = (of: unknown): Arg => ({ value: of });
const values = (...of: readonly unknown[]): fc.Arbitrary<Arg> => fc.constantFrom(...of.map(value));

/** The names that calls make. */
export const NAMES = ['a', 'b', 'c'] as const;
/** The longest name there may be. */
export const LONG = 'n'.repeat(255);

const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 8, arbitrary: fc.constantFrom(...PLACES) },
  { weight: 1, arbitrary: fc.constantFrom('.', '..', LONG, `${LONG}n`, '') },
);

const names = fc
  .tuple(
    fc.array(name, { minLength: 1, maxLength: 3 }),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant('') },
      { weight: 2, arbitrary: fc.constant('/') },
      { weight: 1, arbitrary: fc.constantFrom('/.', '//', '/..') },
    ),
  )
  .map(([parts, end]) => parts.join('/') + end);
const textPath: fc.Arbitrary<Arg> = names.map((path) => ({ path, isBytes: false }));
const HOT_COUNT = 2;
const hot: fc.Arbitrary<Arg> = fc
  .nat(HOT_COUNT - 1)
  .map((index) => ({ path: '', isBytes: false, hot: index }));
const path: fc.Arbitrary<Arg> = fc.oneof(
  { weight: 9, arbitrary: textPath },
  { weight: 6, arbitrary: hot },
  { weight: 1, arbitrary: names.map((of) => ({ path: of, isBytes: true })) },
);

/** Two paths, of which now and then one is the other or leads through it. */
function pair(of: fc.Arbitrary<Arg>): fc.Arbitrary<readonly Arg[]> {
  return fc.tuple(of, of, fc.nat(19), fc.constantFrom(...NAMES)).map(([one, other, kin, below]) => {
    const within = { ...one, path: `${(one as PathArg).path}/${below}` };
    return (
      [
        [one, one],
        [one, within],
        [within, one],
      ][kin] ?? [one, other]
    );
  });
}

const fd: fc.Arbitrary<Arg> = fc.nat(3).map((number) => ({ fd: number }));
const bytes: fc.Arbitrary<Arg> = fc
  .constantFrom('', 'x', 'hello', 'y'.repeat(5000))
  .map((of) => ({ bytes: [of], as: 'buffer' }));
const text: fc.Arbitrary<Arg> = fc
  .constantFrom('', 'é', 'words')
  .map((of) => ({ bytes: [of], as: 'text' }));
const content = fc.oneof({ weight: 3, arbitrary: bytes }, { weight: 1, arbitrary: text });
const twoBytes: fc.Arbitrary<Arg> = fc
  .constantFrom(['ab', 'cde'], ['', 'f'], [])
  .map((of) => ({ bytes: of, as: 'buffers' }));
const room: fc.Arbitrary<Arg> = fc
  .constantFrom(0, 1, 7, 5000)
  .map((of) => ({ bytes: [of], as: 'buffer' }));
const twoRooms: fc.Arbitrary<Arg> = fc
  .constantFrom([2, 3], [0, 4097])
  .map((of) => ({ bytes: of, as: 'buffers' }));
const POSITIONS = [null, 0, 1, 3, 4096, 9000, 100_000];
const position = values(...POSITIONS);
const fields = values(...POSITIONS.map((at) => ({ position: at })));
const length = values(0, 1, 4, 4096, 5000, 70_000);
const mode = values(0o777, 0o666, 0o644, 0o600, 0o400, 0o000, 0o755, 0o4755, 0o2775, 0o1777, 0o111);
const madeMode = values(0o777, 0o666, 0o600, 0o700, 0o000, 0o1777, 0o2777, undefined);
/** O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW, O_NOATIME. */
const FLAG_BITS = [0o100, 0o200, 0o1000, 0o2000, 0o200000, 0o400000, 0o1000000];
const flags = fc.oneof(
  values('r', 'r+', 'w', 'wx', 'w+', 'wx+', 'a', 'ax', 'a+', 'ax+', 'rs+', 'as'),
  fc
    .tuple(fc.constantFrom(0, 1, 2), fc.subarray(FLAG_BITS))
    .map(([access, others]) => value(others.reduce((sum, one) => sum | one, access))),
);
const id = values(-1, 0, 1000, 1001, 2000);
const time = values(0, 1, 2, 1.5, 1234.567891);
const target = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'a/b', '../a', '.', '..', 'gone', 'c/', '').map(value),
  fc.constantFrom('a', 'b', 'a/c').map((of): Arg => ({ path: of, isBytes: false })),
);
const bits = values(0, 1, 2, 3, 4, 5, 6, 7);
const deep = values(undefined, { recursive: true }, { recursive: true, mode: 0o700 }, 0o700);
const listing = values(
  undefined,
  'buffer',
  { withFileTypes: true },
  { recursive: true },
  { recursive: true, withFileTypes: true },
);
const removal = values(
  undefined,
  { recursive: true },
  { force: true },
  { recursive: true, force: true },
);
/** Of one file or link: trees are copied in an order that differs (copy-probes.ts has them). */
const copying = values(
  undefined,
  { force: false },
  { force: false, errorOnExist: true },
  { verbatimSymlinks: true },
);
const manner = values(undefined, { flag: 'a' }, { flag: 'wx' }, { flag: 'r+' }, { mode: 0o600 });
const stat = values(undefined, { bigint: true }, { throwIfNoEntry: false });

/** What one argument is drawn from, or two that belong together. */
type Drawn = fc.Arbitrary<Arg | readonly Arg[]>;

/** Each verb with its arguments, and how often it is drawn. */
const VERBS: Readonly<Record<string, readonly [weight: number, ...args: Drawn[]]>> = {
  open: [6, path, flags, madeMode],
  close: [2, fd],
  read: [3, fd, room, fields],
  write: [4, fd, bytes, fields],
  readv: [1, fd, twoRooms, position],
  writev: [1, fd, twoBytes, position],
  fstat: [2, fd],
  ftruncate: [2, fd, length],
  fchmod: [1, fd, mode],
  fchown: [1, fd, id, id],
  futimes: [1, fd, time, time],
  fsync: [1, fd],
  fdatasync: [1, fd],
  readFile: [3, fc.oneof(path, fd)],
  writeFile: [
    5,
    fc.oneof({ weight: 6, arbitrary: path }, { weight: 1, arbitrary: fd }),
    content,
    manner,
  ],
  appendFile: [2, path, content],
  copyFile: [2, pair(path), values(0, 1, 2)],
  cp: [1, pair(textPath), copying],
  truncate: [2, path, length],
  mkdir: [5, path, fc.oneof(deep, madeMode)],
  mkdtemp: [1, textPath.map((arg) => ({ path: `${(arg as PathArg).path}t-`, isBytes: false }))],
  rmdir: [2, path],
  rm: [2, path, removal],
  rename: [5, pair(path)],
  link: [4, pair(path)],
  symlink: [4, target, path],
  unlink: [3, path],
  readlink: [1, path],
  realpath: [1, path],
  chmod: [4, path, mode],
  chown: [2, path, id, id],
  lchown: [1, path, id, id],
  utimes: [2, path, time, time],
  lutimes: [1, path, time, time],
  access: [2, path, bits],
  exists: [1, path],
  stat: [2, path, stat],
  lstat: [2, path, stat],
  readdir: [2, path, listing],
  opendir: [1, path],
  statfs: [1, path],
};

/** One call of any verb by one of `users`. */
function anyCall(users: number, without: readonly string[]): fc.Arbitrary<Call> {
  const verbs = Object.entries(VERBS).filter(([verb]) => !without.includes(verb));
  const choices = verbs.map(([verb, [weight, ...args]]) => ({
    weight,
    arbitrary: fc
      .tuple(fc.tuple(...args), fc.nat(users - 1))
      .map(([drawn, who]): Call => ({ verb, args: drawn.flat(), who })),
  }));
  return fc.oneof(...choices);
}

/** How often a flavour is drawn. */
const flavour: fc.Arbitrary<Flavour> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Flavour>('sync') },
  { weight: 1, arbitrary: fc.constant<Flavour>('callback') },
  { weight: 1, arbitrary: fc.constant<Flavour>('promises') },
);

/** A sequence of calls by `users` users, but for verbs that are in `without`. */
export function anySequence(
  users: number,
  without: readonly string[],
  isImaged: fc.Arbitrary<boolean>,
): fc.Arbitrary<Sequence> {
  const calls = fc.array(anyCall(users, without), { minLength: 1, maxLength: 30, size: 'max' });
  const hotPaths = fc.array(names, { minLength: HOT_COUNT, maxLength: HOT_COUNT });
  return fc
    .tuple(fc.record({ calls, flavour, isImaged }), hotPaths)
    .map(([sequence, paths]) => ({ ...sequence, calls: sequence.calls.map(placedIn(paths)) }));
}

/** A call with the paths that its sequence comes back to. */
function placedIn(paths: readonly string[]): (call: Call) => Call {
  const placed = (arg: Arg): Arg => {
    if (!('path' in arg) || arg.hot === undefined) return arg;
    return { path: paths[arg.hot] + arg.path, isBytes: arg.isBytes };
  };
  return (call) => ({ ...call, args: call.args.map(placed) });
}
