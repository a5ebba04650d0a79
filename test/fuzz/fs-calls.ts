/**
 * Random calls of node:fs, drawn by fast-check so that they shrink.
 *
 * Paths come from so few names that calls meet each other's work: files, directories, links and
 * loops of them, slashes and dots where they matter, a name too long, a name that is no text. What
 * is open is named by when it was opened, since descriptors differ.
 */

import fc from 'fast-check';

/** A path below the root of a run, as text or as bytes that are no text. */
export interface PathArg {
  readonly path: string;
  readonly isBytes: boolean;
}

/** The file that was opened as number `fd`, of those still open. */
export interface FdArg {
  readonly fd: number;
}

/** Bytes to be written or filled. */
export interface BytesArg {
  readonly bytes: string | number;
}

/** What one argument is. */
export type Arg = PathArg | FdArg | BytesArg | { readonly value: unknown };

/** One call; `who` is the index of the user who makes it. */
export interface Call {
  readonly verb: string;
  readonly args: readonly Arg[];
  readonly who: number;
}

const value = (of: unknown): Arg => ({ value: of });
const values = (...of: readonly unknown[]): fc.Arbitrary<Arg> => fc.constantFrom(...of.map(value));

const NAMES = ['a', 'b', 'c'] as const;
/** What a run begins with, beside what it makes itself (fs-sides.ts). */
const PLACES = ['sticky', 'shared', 'closed', 'roots', 'mine'] as const;
const LONG = 'n'.repeat(255);

const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 4, arbitrary: fc.constantFrom(...PLACES) },
  { weight: 1, arbitrary: fc.constantFrom('.', '..', LONG, `${LONG}n`, '') },
);

const path: fc.Arbitrary<Arg> = fc
  .tuple(
    fc.array(name, { minLength: 1, maxLength: 3 }),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant('') },
      { weight: 2, arbitrary: fc.constant('/') },
      { weight: 1, arbitrary: fc.constantFrom('/.', '//', '/..') },
    ),
    fc.oneof(
      { weight: 15, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
  )
  .map(([names, end, isBytes]) => ({ path: names.join('/') + end, isBytes }));

const fd: fc.Arbitrary<Arg> = fc.nat(3).map((number) => ({ fd: number }));
const bytes: fc.Arbitrary<Arg> = fc
  .constantFrom('', 'x', 'hello', 'y'.repeat(5000))
  .map((of) => ({ bytes: of }));
const room: fc.Arbitrary<Arg> = fc.constantFrom(0, 1, 7, 5000).map((of) => ({ bytes: of }));
const position = values(null, 0, 1, 3, 4096, 9000, 100_000);
const fields = values(...[null, 0, 1, 3, 4096, 9000, 100_000].map((at) => ({ position: at })));
const length = values(0, 1, 4, 4096, 5000, 70_000);
const mode = values(0o777, 0o666, 0o644, 0o600, 0o400, 0o000, 0o755, 0o4755, 0o2775, 0o1777, 0o111);
const madeMode = values(0o777, 0o666, 0o600, 0o700, 0o000, 0o1777, 0o2777, undefined);
const flags = fc.oneof(
  values('r', 'r+', 'w', 'wx', 'w+', 'wx+', 'a', 'ax', 'a+', 'ax+', 'rs+', 'as'),
  fc
    .tuple(
      fc.constantFrom(0, 1, 2),
      fc.subarray([0o100, 0o200, 0o1000, 0o2000, 0o200000, 0o400000, 0o1000000]),
    )
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
const stat = values(undefined, { bigint: true }, { throwIfNoEntry: false });

/** Each verb with its arguments, and how often it is drawn. */
const VERBS: Readonly<Record<string, readonly [weight: number, ...args: fc.Arbitrary<Arg>[]]>> = {
  open: [6, path, flags, madeMode],
  close: [2, fd],
  read: [3, fd, room, fields],
  write: [4, fd, bytes, fields],
  readv: [1, fd, fc.constant({ value: 'two buffers' }), position],
  writev: [1, fd, fc.constant({ value: 'two buffers' }), position],
  fstat: [2, fd],
  ftruncate: [2, fd, length],
  fchmod: [1, fd, mode],
  fchown: [1, fd, id, id],
  futimes: [1, fd, time, time],
  fsync: [1, fd],
  readFile: [3, fc.oneof(path, fd)],
  writeFile: [5, path, bytes, values(undefined, { flag: 'a' }, { flag: 'wx' }, { mode: 0o600 })],
  appendFile: [2, path, bytes],
  copyFile: [2, path, path, values(0, 1, 2)],
  truncate: [2, path, length],
  mkdir: [5, path, fc.oneof(deep, madeMode)],
  rmdir: [2, path],
  rm: [2, path, removal],
  rename: [5, path, path],
  link: [4, path, path],
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
  statfs: [1, path],
};

/** One call of any verb by one of `users`. */
function anyCall(users: number, without: readonly string[]): fc.Arbitrary<Call> {
  const verbs = Object.entries(VERBS).filter(([verb]) => !without.includes(verb));
  const choices = verbs.map(([verb, [weight, ...args]]) => ({
    weight,
    arbitrary: fc
      .tuple(fc.tuple(...args), fc.nat(users - 1))
      .map(([drawn, who]): Call => ({ verb, args: drawn, who })),
  }));
  return fc.oneof(...choices);
}

/** A sequence of calls by `users` users, but for verbs that are in `without`. */
export function anyCalls(users: number, without: readonly string[]): fc.Arbitrary<readonly Call[]> {
  return fc.array(anyCall(users, without), { minLength: 1, maxLength: 30, size: 'max' });
}

/** `call` as a line that could be run. */
export function written({ verb, args, who }: Call): string {
  const shown = args.map((arg) => {
    if ('path' in arg) return arg.isBytes ? `bytes(${JSON.stringify(arg.path)})` : quoted(arg.path);
    if ('fd' in arg) return `open[${arg.fd}]`;
    return 'bytes' in arg ? JSON.stringify(arg.bytes).slice(0, 20) : JSON.stringify(arg.value);
  });
  return `as(${who}).${verb}Sync(${shown.join(', ')})`;
}

function quoted(text: string): string {
  return JSON.stringify(text.replaceAll(LONG, '<255 n>'));
}
