/**
 * Calls of every verb with one argument, or one field of its options, that is not what it should
 * be.
 */

/** A side on which calls are made: a scene that is the same on both. */
export interface Stage {
  /** The folder: `f` is a file of five bytes, `d` a directory with `d/g`, `l` a link to `f`. */
  readonly root: string;
  /** A descriptor of `f`, open for reading and writing. */
  readonly fd: number;
}

/** What a position of a call takes. */
export type Kind = 'path' | 'fd' | 'any';

interface Position {
  readonly kind: Kind;
  readonly good: (stage: Stage) => unknown;
}

/** A verb and what it takes; `fields` are those of its options, which are last. */
export interface HostileVerb {
  readonly verb: string;
  readonly takes: readonly Position[];
  readonly fields?: readonly string[];
}

const path = (name: string): Position => ({ kind: 'path', good: ({ root }) => `${root}/${name}` });
const any = (good: unknown): Position => ({ kind: 'any', good: () => good });
const none = any(undefined);
const fd: Position = { kind: 'fd', good: (stage) => stage.fd };
const bytes: Position = { kind: 'any', good: () => Buffer.from('abc') };
const views: Position = { kind: 'any', good: () => [Buffer.from('abc')] };

const WRITING = ['encoding', 'mode', 'flag', 'flush', 'signal'];

/** The verbs that are called by name, in all their flavours. */
export const VERBS: readonly HostileVerb[] = [
  { verb: 'access', takes: [path('f'), none] },
  { verb: 'appendFile', takes: [path('f'), any('x'), none], fields: WRITING },
  { verb: 'chmod', takes: [path('f'), any(0o644)] },
  { verb: 'chown', takes: [path('f'), any(1), any(1)] },
  { verb: 'close', takes: [fd] },
  { verb: 'copyFile', takes: [path('f'), path('n'), none] },
  { verb: 'exists', takes: [path('f')] },
  { verb: 'fchmod', takes: [fd, any(0o644)] },
  { verb: 'fchown', takes: [fd, any(1), any(1)] },
  { verb: 'fdatasync', takes: [fd] },
  { verb: 'fstat', takes: [fd, none], fields: ['bigint'] },
  { verb: 'fsync', takes: [fd] },
  { verb: 'ftruncate', takes: [fd, none] },
  { verb: 'futimes', takes: [fd, any(1), any(1)] },
  { verb: 'lchown', takes: [path('l'), any(1), any(1)] },
  { verb: 'link', takes: [path('f'), path('n')] },
  { verb: 'lstat', takes: [path('l'), none], fields: ['bigint', 'throwIfNoEntry'] },
  { verb: 'lutimes', takes: [path('l'), any(1), any(1)] },
  { verb: 'mkdir', takes: [path('n'), none], fields: ['recursive', 'mode'] },
  { verb: 'mkdtemp', takes: [path('t'), none], fields: ['encoding'] },
  { verb: 'open', takes: [path('f'), none, none] },
  { verb: 'opendir', takes: [path('d'), none], fields: ['encoding', 'bufferSize', 'recursive'] },
  { verb: 'read', takes: [fd, bytes, any(0), any(1), any(0)] },
  { verb: 'readFile', takes: [path('f'), none], fields: ['encoding', 'flag', 'signal'] },
  { verb: 'readdir', takes: [path('d'), none], fields: ['encoding', 'withFileTypes', 'recursive'] },
  { verb: 'readlink', takes: [path('l'), none], fields: ['encoding'] },
  { verb: 'readv', takes: [fd, views, any(0)] },
  { verb: 'realpath', takes: [path('l'), none], fields: ['encoding'] },
  { verb: 'rename', takes: [path('f'), path('n')] },
  {
    verb: 'rm',
    takes: [path('f'), none],
    fields: ['recursive', 'force', 'maxRetries', 'retryDelay'],
  },
  {
    verb: 'rmdir',
    takes: [path('d'), none],
    fields: ['recursive', 'maxRetries', 'retryDelay'],
  },
  { verb: 'stat', takes: [path('f'), none], fields: ['bigint', 'throwIfNoEntry'] },
  { verb: 'statfs', takes: [path('f'), none], fields: ['bigint'] },
  { verb: 'symlink', takes: [any('f'), path('n'), none] },
  { verb: 'truncate', takes: [path('f'), none] },
  { verb: 'unlink', takes: [path('f')] },
  { verb: 'utimes', takes: [path('f'), any(1), any(1)] },
  { verb: 'write', takes: [fd, bytes, any(0), any(1), any(0)] },
  { verb: 'writeFile', takes: [path('f'), any('x'), none], fields: WRITING },
  { verb: 'writev', takes: [fd, views, any(0)] },
];

/** The verbs of a FileHandle. */
export const HANDLE_VERBS: readonly HostileVerb[] = [
  { verb: 'appendFile', takes: [any('x'), none], fields: ['encoding', 'flush', 'signal'] },
  { verb: 'chmod', takes: [any(0o644)] },
  { verb: 'chown', takes: [any(1), any(1)] },
  { verb: 'read', takes: [bytes, any(0), any(1), any(0)] },
  { verb: 'read', takes: [none], fields: ['buffer', 'offset', 'length', 'position'] },
  { verb: 'readFile', takes: [none], fields: ['encoding', 'signal'] },
  { verb: 'readv', takes: [views, any(0)] },
  { verb: 'stat', takes: [none], fields: ['bigint'] },
  { verb: 'truncate', takes: [none] },
  { verb: 'utimes', takes: [any(1), any(1)] },
  { verb: 'write', takes: [bytes, any(0), any(1), any(0)] },
  { verb: 'write', takes: [any('abc'), any(0), any('utf8')] },
  { verb: 'write', takes: [bytes, none], fields: ['offset', 'length', 'position'] },
  { verb: 'writeFile', takes: [any('x'), none], fields: ['encoding', 'signal'] },
  { verb: 'writev', takes: [views, any(0)] },
];

const STREAM_FIELDS = [
  ...['flags', 'encoding', 'fd', 'mode', 'autoClose', 'emitClose', 'start', 'end'],
  ...['highWaterMark', 'signal', 'fs', 'flush'],
];

/** What makes streams, which says at once what is wrong. */
export const STREAM_VERBS: readonly HostileVerb[] = [
  { verb: 'createReadStream', takes: [path('f'), none], fields: STREAM_FIELDS },
  { verb: 'createWriteStream', takes: [path('f'), none], fields: STREAM_FIELDS },
];

class Odd {
  readonly odd = true;
}

function named(): void {}

/**
 * What is not what it should be, and how it is written; made anew for each call, as some are
 * written into. Of -0 and 2 ** 31 node 20 itself aborts.
 */
export const HOSTILE: readonly (readonly [string, () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['false', () => false],
  ['0', () => 0],
  ['-1', () => -1],
  ['1.5', () => 1.5],
  ['7', () => 7],
  ['99999', () => 99_999],
  ['2 ** 32', () => 2 ** 32],
  ['2 ** 53', () => 2 ** 53],
  ['NaN', () => Number.NaN],
  ['Infinity', () => Number.POSITIVE_INFINITY],
  ['1n', () => 1n],
  ['-1n', () => -1n],
  ['2n ** 64n', () => 2n ** 64n],
  ["''", () => ''],
  ["'x'", () => 'x'],
  ["'1'", () => '1'],
  ["'a\\0b'", () => 'a\0b'],
  ["'utf8'", () => 'utf8'],
  ["'r+'", () => 'r+'],
  ['{}', () => ({})],
  ['[]', () => []],
  ["['x']", () => ['x']],
  ['new Odd()', () => new Odd()],
  ['Object.create(null)', () => Object.create(null)],
  ['Symbol()', () => Symbol('odd')],
  ['Buffer.alloc(0)', () => Buffer.alloc(0)],
  ["Buffer.alloc(3, 'a\\0b')", () => Buffer.alloc(3, 'a\0b')],
  ['new ArrayBuffer(3)', () => new ArrayBuffer(3)],
  ['new Float64Array(1)', () => new Float64Array(1)],
  ['new DataView', () => new DataView(new ArrayBuffer(3))],
  ['new Date(0)', () => new Date(0)],
  ["new Date('x')", () => new Date(Number.NaN)],
  ["new URL('http://x/y')", () => new URL('http://x/y')],
  ["new URL('file:///%00')", () => new URL('file:///%00')],
  ["new URL('file:///a%2Fb')", () => new URL('file:///a%2Fb')],
  ["new URL('file://host/a')", () => new URL('file://host/a')],
  ['/x/', () => /x/],
  ['new Map()', () => new Map()],
  ['named', () => named],
];

/** One call: `verb` with `written` in one place. */
export interface HostileCall {
  readonly verb: string;
  /** As it could be written. */
  readonly written: string;
  readonly args: (stage: Stage) => unknown[];
}

/** Whether `value` may stand at a place of `kind`: not where it would lead out of the scene. */
function isApt(kind: Kind, value: unknown): boolean {
  if (kind === 'any') return true;
  // Node 20 aborts.
  if (kind === 'fd' && typeof value === 'symbol') return false;
  // Descriptors of this process, paths in its working directory.
  if (typeof value === 'number') return !(value >= 0 && value < 99_999) || !Number.isInteger(value);
  if (kind === 'path' && typeof value === 'string') return value === '' || value.includes('\0');
  return true;
}

/** All calls of `verb` that differ from a good one in one place, and those with too little. */
export function* hostileCalls({ verb, takes, fields = [] }: HostileVerb): Generator<HostileCall> {
  const good = (stage: Stage): unknown[] => takes.map((position) => position.good(stage));
  for (const [at, { kind }] of takes.entries()) {
    for (const [name, make] of HOSTILE) {
      const value = make();
      // A function in the last place is a callback.
      if (!isApt(kind, value) || typeof value === 'function') continue;
      if (verb === 'mkdtemp' && at === 0 && value === '') continue;
      const written = `${verb}(${takes.map((_, index) => (index === at ? name : '…')).join(', ')})`;
      yield { verb, written, args: (stage) => good(stage).with(at, make()) };
    }
    const written = `${verb}(${'…, '.repeat(at)}nothing more)`;
    yield { verb, written, args: (stage) => good(stage).slice(0, at) };
  }
  for (const field of fields) {
    for (const [name, make] of HOSTILE) {
      if (field === 'fd' && !isApt('fd', make())) continue;
      const written = `${verb}(…, { ${field}: ${name} })`;
      const args = (stage: Stage): unknown[] => good(stage).with(-1, { [field]: make() });
      yield { verb, written, args };
    }
  }
}

/** Where ours goes its own way, and why. */
export const ON_PURPOSE: readonly (readonly [call: RegExp, why: string])[] = [
  [/^\w+ realpath\((?!…)/, 'node makes a path of anything, below the working directory'],
  [/^\w+ copyFile\(…, …, 7\)/, 'files are cloned here, where tmpfs cannot'],
  [/^\w+ mkdtemp\(Buffer.alloc\(0\)/, 'node loses a letter of what it draws'],
  [/^Sync opendir\((''|Buffer)/, 'node 20 loses the path of an error'],
  [/^callback opendir\(…, { bufferSize/, 'node throws where nobody can catch it'],
  [/^promises opendir\(…, { bufferSize/, 'node aborts'],
  [/^callback readFile\((-1|99999)/, 'node throws where nobody can catch it, or reads on'],
  [/^callback readFile\(…, { flag/, 'node calls the option by its longer name here alone'],
  [/^\w+ (append|write)File\(-1/, 'node asks the kernel here alone'],
  [/{ mode: named }/, 'node takes a function for the callback of its own open'],
  [/^callback write\(…, '/, 'text takes one argument less, so that a number is the callback'],
  [/^callback read\(…, …, …, …, nothing/, 'the length may be left out'],
  [/^promises mkdir\(…, { mode: null/, 'node says no here alone'],
  [/^handle read\(….*, (true|false|1.5|NaN|'|{|\[|new|Buffer|\/)[^…]*, …\)/, 'node aborts'],
  [/^handle read\(…, { length/, 'node aborts'],
  [/^handle read\(.*\b1n/, 'a bigint is a position, as documented; node 20 passes over it'],
];
