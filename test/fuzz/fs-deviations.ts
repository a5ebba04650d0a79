/**
 * Where a sequence may go its own way on ours, and why. Each has an example, which fails once it no
 * longer differs (deviations.test.ts), but for those that chance decides.
 *
 * After such a call the sides may no longer be the same: where the trees differ the sequence ends.
 */

import type { Identity } from '../../src/node.ts';
import { type Arg, type Call, type Flavour, LONG } from './fs-calls.ts';

/** How a call went. */
export interface Outcome {
  readonly error?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
}

/** A call, and how it went on both sides. */
interface Told extends Call {
  readonly flavour: Flavour;
  /** The codes of the errors, undefined where there was none. */
  readonly codes: readonly [kernel: unknown, ours: unknown];
  readonly isSame: boolean;
}

/** Calls of root or of a user, of which the last differs. */
interface Example {
  readonly user?: Identity;
  readonly flavour: Flavour;
  readonly calls: readonly Call[];
}

/** What one deviation is about. */
interface Deviation {
  readonly why: string;
  /** Whether what the kernel's side does is not over when it answers. */
  readonly isUnfinished?: true;
  readonly example?: Example;
  isOf(told: Told): boolean;
}

const at = (path: string, isBytes = false): Arg => ({ path, isBytes });
const call = (verb: string, ...args: Arg[]): Call => ({ verb, args, who: 0 });
const recursive: Arg = { value: { recursive: true } };
const open = (path: string): Call => call('open', at(path), { value: 'r' });
const nothing: Arg = { bytes: [''], as: 'buffer' };

const isDeep = ({ args }: Call): boolean =>
  args.some((arg) => 'value' in arg && (arg.value as { recursive?: true } | undefined)?.recursive);

const leadsUp = ({ args: [first] }: Call): boolean => 'path' in first! && first.path.includes('..');

const CANNOT_READ: ReadonlySet<unknown> = new Set(['EBADF', 'EISDIR']);

/** All there are, by name. */
export const DEVIATIONS: Readonly<Record<string, Deviation>> = {
  'copyFile that fails': {
    why: 'a copy that fails leaves what it was to replace; libuv truncates and unlinks it',
    isOf: ({ verb, isSame, codes }) => verb === 'copyFile' && isSame && codes[0] !== undefined,
    example: { flavour: 'sync', calls: [call('copyFile', at('deep'), at('roots'))] },
  },
  'mkdir of many that fails': {
    why: 'nothing is left of what was made on the way; cp makes directories by it',
    isOf: (told) =>
      ((told.verb === 'mkdir' && isDeep(told)) || told.verb === 'cp') &&
      told.isSame &&
      told.codes[0] !== undefined,
    example: { flavour: 'sync', calls: [call('mkdir', at(`a/${LONG}n`), recursive)] },
  },
  'mkdir of many that fails later': {
    why: "node's two ways of making directories name other parts of a path; we have one, mkdirSync",
    isOf: (told) =>
      told.verb === 'mkdir' &&
      isDeep(told) &&
      told.flavour !== 'sync' &&
      told.codes.every((code) => code !== undefined),
    example: { flavour: 'callback', calls: [call('mkdir', at('dead/a'), recursive)] },
  },
  'opendirSync that fails': {
    why: 'node 20 loses the path here, and not in its other flavours',
    isOf: ({ verb, flavour, codes: [kernel, ours] }) =>
      verb === 'opendir' && flavour === 'sync' && kernel !== undefined && kernel === ours,
    example: { flavour: 'sync', calls: [call('opendir', at('a'))] },
  },
  'writeFile of nothing with a callback': {
    why: 'node writes nothing and is refused, here alone; in its other flavours it does not try',
    isOf: ({ verb, flavour, codes: [kernel, ours] }) =>
      verb === 'writeFile' && flavour === 'callback' && kernel === 'EBADF' && ours === undefined,
    example: { flavour: 'callback', calls: [open('roots'), call('writeFile', { fd: 0 }, nothing)] },
  },
  'readFile of a descriptor that fails': {
    why: 'node loses the error of reading a descriptor, with a callback: it answers with no bytes',
    isOf: ({ verb, flavour, codes: [kernel, ours] }) =>
      verb === 'readFile' &&
      flavour === 'callback' &&
      kernel === undefined &&
      CANNOT_READ.has(ours),
    example: { flavour: 'callback', calls: [open('sticky'), call('readFile', { fd: 0 })] },
  },
  'cp of what is wrong on both sides': {
    why: 'node asks for both at once and tells what is refused first; we ask one after the other',
    isOf: ({ verb, flavour, codes }) =>
      verb === 'cp' && flavour !== 'sync' && codes.every((code) => code !== undefined),
  },
  'rm of many that fails later': {
    why: 'node removes all at once: how far it came, and by which path, is left to chance',
    isOf: (told) =>
      told.verb === 'rm' &&
      told.flavour !== 'sync' &&
      isDeep(told) &&
      (told.codes[0] !== undefined || leadsUp(told)),
    isUnfinished: true,
  },
  'realpath of . where one may not search': {
    why: 'libc leaves . and .. out without a look, where the kernel and we ask for permission',
    isOf: ({ verb, flavour, codes: [kernel, ours] }) =>
      verb === 'realpath' && flavour === 'promises' && kernel !== 'EACCES' && ours === 'EACCES',
    example: {
      user: { uid: 1000 },
      flavour: 'promises',
      calls: [call('mkdir', at('b'), { value: 0o600 }), call('realpath', at('b/.'))],
    },
  },
  'rm of a dangling link that may not be removed': {
    why: 'node says that it is done, but for rmSync of the link itself; we say that it is not',
    isOf: ({ verb, codes: [kernel, ours] }) =>
      verb === 'rm' && kernel === undefined && ours === 'ENOENT',
  },
  'rm of a link with a slash': {
    why: 'node does nothing and says it went well, but for rmSync; we say ENOTDIR in all flavours',
    isOf: ({ verb, flavour, codes: [kernel, ours] }) =>
      verb === 'rm' && flavour !== 'sync' && kernel === undefined && ours === 'ENOTDIR',
    example: { flavour: 'promises', calls: [call('rm', at('link/'), recursive)] },
  },
};

/** The name of the deviation that the call `made` is, or undefined. */
export function deviation(
  made: Call,
  flavour: Flavour,
  outcomes: readonly [Outcome, Outcome],
  isSame: boolean,
): string | undefined {
  const codes = outcomes.map(({ error }) => error?.['code']) as [unknown, unknown];
  const told = { ...made, flavour, codes, isSame };
  return Object.keys(DEVIATIONS).find((name) => DEVIATIONS[name]!.isOf(told));
}
