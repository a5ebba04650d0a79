/**
 * The probes: verb × situation. Each is run in every flavour it has, on the kernel and on ours.
 *
 * `p` is the scene's root. What a probe does is a verb and its arguments; `fd` opens one first.
 */

import { constants } from 'node:fs';
import type { AnyFs, Flavour } from './outcome.ts';

export interface Probe {
  readonly verb: string;
  readonly title: string;
  readonly flavours: readonly Flavour[];
  /** The arguments; what must be open for them is opened on `fs`. */
  given(fs: AnyFs): readonly unknown[];
}

const ALL: readonly Flavour[] = ['sync', 'callback', 'promises'];
const SYNC: readonly Flavour[] = ['sync'];
const BY_FD: readonly Flavour[] = ['sync', 'callback'];

/** Every probe with the scene at `p`. */
export function probes(p: string): Probe[] {
  const all: Probe[] = [];
  const add = (
    flavours: readonly Flavour[],
    verb: string,
    title: string,
    given: (fs: AnyFs) => readonly unknown[],
  ): void => {
    all.push({ verb, title, flavours, given });
  };
  const on = (verb: string, title: string, ...given: unknown[]) =>
    add(ALL, verb, title, () => given);
  const sync = (verb: string, title: string, ...given: unknown[]) =>
    add(SYNC, verb, title, () => given);
  const opened = (
    verb: string,
    title: string,
    name: string,
    flags: string | number,
    ...given: unknown[]
  ) => add(BY_FD, verb, title, (fs) => [fs.openSync(`${p}/${name}`, flags), ...given]);
  const onFd = (verb: string, title: string, ...given: unknown[]) =>
    add(BY_FD, verb, title, () => given);

  // What every verb on one path meets.
  const PLACES = {
    nothing: 'gone',
    'nothing below nothing': 'gone/x',
    'something below a file': 'f/x',
    'a circle': 'loop',
    'something behind a circle': 'loop/x',
    'a link that leads nowhere': 'dangling',
    'a name too long': 'n'.repeat(256),
    'a path too long': 'n/'.repeat(2100),
    'a file with a slash behind it': 'f/',
    'a directory': 'dir',
    'a directory with a slash behind it': 'dir/',
    'an empty directory': 'empty',
    'a file': 'f',
    'a link to a file': 'link',
    'a link to a file with a slash behind it': 'link/',
    'a link to a directory': 'dirlink',
    'a link to a directory with a slash behind it': 'dirlink/',
    'a dot': 'dir/.',
    'two dots': 'dir/sub/..',
    'one of two names': 'twin',
    'a file that nobody may write': 'locked',
  };
  const VERBS: Readonly<Record<string, readonly unknown[]>> = {
    access: [],
    appendFile: ['more'],
    chmod: [0o600],
    chown: [1, 2],
    lchown: [1, 2],
    lstat: [],
    lutimes: [1, 2],
    mkdir: [],
    open: [],
    readFile: [],
    readdir: [],
    readlink: [],
    realpath: [],
    rm: [],
    rmdir: [],
    stat: [],
    statfs: [],
    truncate: [3],
    unlink: [],
    utimes: [1, 2],
    writeFile: ['new'],
  };
  for (const [verb, given] of Object.entries(VERBS)) {
    for (const [place, name] of Object.entries(PLACES)) {
      on(verb, `of ${place}`, `${p}/${name}`, ...given);
    }
    on(verb, 'of an empty path', '', ...given);
    on(verb, 'of a path with NUL', `${p}/a\0b`, ...given);
    on(verb, 'of bytes', Buffer.from(`${p}/f`), ...given);
    on(verb, 'of plain bytes of nothing', new TextEncoder().encode(`${p}/gone`), ...given);
    on(verb, 'of bytes with NUL', Buffer.from(`${p}/\0`), ...given);
    on(verb, 'of a file: URL', new URL(`file://${p}/f`), ...given);
    on(verb, 'of a file: URL of nothing', new URL(`file://${p}/gone%20x`), ...given);
    on(verb, 'of an http: URL', new URL(`http://host${p}/f`), ...given);
    on(verb, 'of a file: URL with a host', new URL(`file://host${p}/f`), ...given);
    on(verb, 'of a file: URL with a coded slash', new URL(`file://${p}/a%2fb`), ...given);
    on(verb, 'of no path at all', undefined, ...given);
    on(verb, 'of an object', {}, ...given);
    on(verb, 'of a boolean', true, ...given);
  }
  on('lstat', 'of a number', 5);
  for (const [place, name] of Object.entries(PLACES)) {
    add(BY_FD, 'exists', `of ${place}`, () => [`${p}/${name}`]);
  }
  add(SYNC, 'exists', 'of an object', () => [{}]);
  add(SYNC, 'exists', 'of a path with NUL', () => ['a\0']);

  // access
  for (const mode of [0, 1, 2, 3, 4, 7]) {
    for (const name of ['f', 'run', 'dir', 'locked']) {
      on('access', `of ${name} with mode ${mode}`, `${p}/${name}`, mode);
    }
  }
  on('access', 'with mode 8', `${p}/f`, 8);
  on('access', 'with mode -1', `${p}/f`, -1);
  on('access', 'with mode as text', `${p}/f`, '4');
  on('access', 'with mode null', `${p}/f`, null);

  // Two paths.
  for (const verb of ['copyFile', 'rename', 'link', 'symlink']) {
    for (const source of 'f gone dir dirlink link dangling f/x loop dir/ dirlink/ link/'.split(
      ' ',
    )) {
      for (const target of 'new f two dir empty link dangling gone/x f/x f/ dir/ dirlink/'.split(
        ' ',
      )) {
        on(verb, `from ${source} to ${target}`, `${p}/${source}`, `${p}/${target}`);
      }
    }
    on(verb, 'to a name with a slash', `${p}/f`, `${p}/new/`);
    on(verb, 'of a directory to a name with a slash', `${p}/dir`, `${p}/new/`);
    on(verb, 'of a file over another name of it', `${p}/two`, `${p}/twin`);
    on(verb, 'from no path', undefined, `${p}/x`);
    on(verb, 'to no path', `${p}/f`, undefined);
    on(verb, 'to a path with NUL', `${p}/f`, '\0');
    on(verb, 'from a path with NUL', '\0', `${p}/x`);
    on(verb, 'from an empty path', '', `${p}/x`);
    on(verb, 'to an empty path', `${p}/f`, '');
    on(verb, 'to the root', `${p}/f`, '/');
    on(verb, 'from a long name', `${p}/${'n'.repeat(256)}`, `${p}/x`);
    on(verb, 'to a long name', `${p}/f`, `${p}/${'n'.repeat(256)}`);
    on(verb, 'between bytes', Buffer.from(`${p}/f`), Buffer.from(`${p}/two`));
  }
  on('rename', 'of a directory into itself', `${p}/dir`, `${p}/dir/sub/x`);
  on('rename', 'of a directory to itself', `${p}/dir`, `${p}/dir`);
  on('rename', 'of a directory over its parent', `${p}/dir/sub`, `${p}/dir`);
  on('rename', 'of a directory over an empty one', `${p}/dir`, `${p}/empty`);
  on('rename', 'of an empty directory over a full one', `${p}/empty`, `${p}/dir`);
  on('rename', 'of a dot', `${p}/dir/.`, `${p}/x`);
  on('rename', 'to two dots', `${p}/dir`, `${p}/dir/..`);
  on('symlink', 'with a type', 'f', `${p}/s`, 'file');
  on('symlink', 'with a type that is none', 'f', `${p}/s`, 'fifo');
  on('symlink', 'of a target with a slash', 'dir/', `${p}/s`);
  on('symlink', 'of a target too long', 'x'.repeat(4096), `${p}/s`);
  on('copyFile', 'exclusively over a file', `${p}/f`, `${p}/two`, 1);
  on('copyFile', 'exclusively to a new name', `${p}/f`, `${p}/new`, 1);
  on('copyFile', 'exclusively over a dangling link', `${p}/f`, `${p}/dangling`, 1);
  on('copyFile', 'with FICLONE', `${p}/f`, `${p}/new`, 2);
  on('copyFile', 'of an executable', `${p}/run`, `${p}/new`);
  on('copyFile', 'of a locked file', `${p}/locked`, `${p}/new`);
  on('copyFile', 'over a locked file', `${p}/f`, `${p}/locked`);
  on('copyFile', 'with mode 8', `${p}/f`, `${p}/new`, 8);
  on('copyFile', 'with mode as text', `${p}/f`, `${p}/new`, 'x');

  // mkdir, rmdir, rm
  for (const path of 'new new/ new/er new//er/ dir dir/sub/x/y f f/x f/x/y'.split(' ')) {
    on('mkdir', `${path} recursively`, `${p}/${path}`, { recursive: true });
  }
  for (const path of [
    'link',
    'link/x',
    'dirlink',
    'dirlink/x/y',
    'dangling',
    'dangling/x',
    'loop',
    '',
  ]) {
    on('mkdir', `'${path}' recursively`, `${p}/${path}`, { recursive: true });
  }
  on('mkdir', 'recursively past a long name', `${p}/x/${'n'.repeat(256)}`, { recursive: true });
  on('mkdir', 'with a mode', `${p}/new`, 0o700);
  on('mkdir', 'with a mode as text', `${p}/new`, '700');
  on('mkdir', 'with a mode in options', `${p}/new`, { mode: 0o711 });
  on('mkdir', 'with a mode that is none', `${p}/new`, '9');
  on('mkdir', 'with a fraction of a mode', `${p}/new`, { mode: 1.5 });
  on('mkdir', 'with recursive that is no boolean', `${p}/new`, { recursive: 1 });
  on('mkdir', 'sticky', `${p}/new`, 0o1777);
  for (const path of 'dir f gone dirlink dangling f/x loop empty dir/'.split(' ')) {
    on('rm', `${path} recursively`, `${p}/${path}`, { recursive: true });
    on('rm', `${path} with force`, `${p}/${path}`, { force: true });
    on('rm', `${path} recursively with force`, `${p}/${path}`, { recursive: true, force: true });
  }
  on('rm', 'with options that are none', `${p}/f`, 5);
  on('rm', 'with null for options', `${p}/f`, null);
  on('rm', 'with recursive that is no boolean', `${p}/f`, { recursive: 1 });
  on('rm', 'with force that is no boolean', `${p}/f`, { force: 1 });
  on('rm', 'with retries below zero', `${p}/f`, { maxRetries: -1 });
  on('rm', 'with a delay that is text', `${p}/f`, { retryDelay: '1' });
  on('rm', 'with retries', `${p}/f`, { maxRetries: 3, retryDelay: 1 });
  on('rmdir', 'with options', `${p}/empty`, { maxRetries: 3 });
  on('rmdir', 'with options that are none', `${p}/empty`, 5);

  // mkdtemp
  on('mkdtemp', 'below nothing', `${p}/gone/x`);
  on('mkdtemp', 'below a file', `${p}/f/x`);
  on('mkdtemp', 'of no prefix', undefined);
  on('mkdtemp', 'with NUL', '\0');
  on('mkdtemp', 'with an encoding that is none', `${p}/x`, 'nope');

  // open and its flags
  const FLAGS = 'r rs sr r+ rs+ sr+ w wx xw w+ wx+ xw+ a ax xa as sa a+ ax+ xa+ as+ sa+'.split(' ');
  for (const flags of FLAGS) {
    on('open', `f with ${flags}`, `${p}/f`, flags);
    on('open', `new with ${flags}`, `${p}/new`, flags);
  }
  for (const flags of ['r', 'r+', 'w', 'wx', 'a']) {
    for (const name of ['dir', 'dangling', 'loop', 'f/', 'new/', 'gone/x', 'dirlink', 'link']) {
      on('open', `${name} with ${flags}`, `${p}/${name}`, flags);
    }
  }
  const { O_DIRECTORY, O_NOFOLLOW, O_CREAT, O_EXCL, O_WRONLY } = constants;
  on('open', 'a file that must be a directory', `${p}/f`, O_DIRECTORY);
  on('open', 'a directory that must be one', `${p}/dir`, O_DIRECTORY);
  on('open', 'a link without following', `${p}/link`, O_NOFOLLOW);
  on('open', 'a directory to create', `${p}/dir`, O_CREAT);
  on('open', 'a dangling link exclusively', `${p}/dangling`, O_CREAT | O_EXCL | O_WRONLY);
  on('open', 'with flags that are none', `${p}/f`, 'rw');
  on('open', 'with flags that are an object', `${p}/f`, {});
  on('open', 'with a fraction of flags', `${p}/f`, 1.5);
  on('open', 'with flags too large', `${p}/f`, 2 ** 33);
  on('open', 'with flags null', `${p}/f`, null);
  on('open', 'with a mode', `${p}/new`, 'w', 0o600);
  on('open', 'with a mode as text', `${p}/new`, 'w', '640');
  on('open', 'with a mode that is none', `${p}/new`, 'w', 'rw');
  on('open', 'with a mode below zero', `${p}/new`, 'w', -1);
  on('open', 'with a mode that is a boolean', `${p}/new`, 'w', true);

  // chmod, chown, utimes, truncate
  for (const mode of [0, 0o7777, '755', 'rwx', -1, 1.5, 2 ** 32, undefined, null, true, {}]) {
    on('chmod', `with mode ${JSON.stringify(mode)} ${typeof mode}`, `${p}/f`, mode);
  }
  for (const id of [-1, 0, 5, -2, 2 ** 32, 1.5, '1', undefined, null]) {
    on('chown', `to user ${id} ${typeof id}`, `${p}/f`, id, 1);
    on('lchown', `to group ${id} ${typeof id}`, `${p}/link`, 1, id);
  }
  const TIMES = [0, 1.5, '3', '', 'x', new Date(5), NaN, Infinity, null, undefined, {}, 1n];
  TIMES.forEach((time, index) => {
    on('utimes', `to ${String(time)} ${typeof time} #${index}`, `${p}/f`, time, 1);
    on('lutimes', `to ${String(time)} ${typeof time} #${index}`, `${p}/link`, 1, time);
  });
  for (const length of [0, 3, 5, 9, -1, 1.5, '1', undefined, {}]) {
    on('truncate', `to ${String(length)} ${typeof length}`, `${p}/f`, length);
  }
  sync('truncate', 'to null', `${p}/f`, null);

  // readFile, writeFile, appendFile
  const ENCODINGS = 'utf8 utf-8 UTF-8 latin1 binary hex base64 base64url ascii utf16le ucs2 ucs-2';
  for (const encoding of [...ENCODINGS.split(' '), 'buffer', 'nope', '', null]) {
    on('readFile', `in ${encoding}`, `${p}/f`, encoding);
    on('readFile', `in options ${encoding}`, `${p}/f`, { encoding });
    if (encoding !== 'buffer') {
      on('writeFile', `in ${encoding}`, `${p}/new`, '616263ff', encoding);
      on('appendFile', `in options ${encoding}`, `${p}/f`, 'abcdef', { encoding });
    }
    on('readdir', `in ${encoding}`, `${p}/dir`, encoding);
    on('readlink', `in ${encoding}`, `${p}/link`, encoding);
    on('realpath', `in ${encoding}`, `${p}/link`, { encoding });
  }
  on('readFile', 'with options that are a number', `${p}/f`, 5);
  on('readFile', 'with an encoding that is a number', `${p}/f`, { encoding: 5 });
  on('readFile', 'of a directory as text', `${p}/dir`, 'utf8');
  for (const flag of ['r', 'r+', 'w+', 'a+', 'w', 'a', 'rs', 'rw']) {
    on('readFile', `with flag ${flag}`, `${p}/f`, { flag });
    on('readFile', `as text with flag ${flag}`, `${p}/f`, { flag, encoding: 'utf8' });
    on('readFile', `of a new name with flag ${flag}`, `${p}/new`, { flag });
  }
  for (const flag of ['w', 'wx', 'r+', 'a', 'ax', 'w+', 'r', 'nope']) {
    on('writeFile', `with flag ${flag}`, `${p}/f`, 'XY', { flag });
    on('writeFile', `of bytes with flag ${flag}`, `${p}/f`, Buffer.from('XY'), { flag });
    on('writeFile', `of a new name with flag ${flag}`, `${p}/new`, 'XY', { flag });
    on('appendFile', `with flag ${flag}`, `${p}/f`, 'XY', { flag });
  }
  on('writeFile', 'through a dangling link', `${p}/dangling`, 'x');
  on('writeFile', 'exclusively through a dangling link', `${p}/dangling`, 'x', { flag: 'wx' });
  on('writeFile', 'with a mode', `${p}/new`, 'x', { mode: 0o600 });
  on('writeFile', 'with a mode as text', `${p}/new`, 'x', { mode: '600' });
  on('writeFile', 'with a mode over a file', `${p}/f`, 'x', { mode: 0o600 });
  on('writeFile', 'with a mode that is none', `${p}/new`, 'x', { mode: 'z' });
  on('writeFile', 'with flush', `${p}/new`, 'x', { flush: true });
  on('writeFile', 'with flush that is no boolean', `${p}/new`, 'x', { flush: 1 });
  for (const [what, data] of Object.entries({ number: 5, null: null, undefined, object: {} })) {
    on('writeFile', `of ${what}`, `${p}/new`, data);
    on('appendFile', `of ${what}`, `${p}/f`, data);
  }
  on('writeFile', 'of nothing over a file', `${p}/f`, '');
  on('writeFile', 'of a Uint16Array', `${p}/new`, Uint16Array.of(1, 2));
  on('writeFile', 'of a DataView', `${p}/new`, new DataView(new ArrayBuffer(4), 1, 2));
  on('appendFile', 'to a new name', `${p}/new`, 'x');
  on('appendFile', 'with a mode', `${p}/new`, 'x', { mode: 0o600 });
  opened('readFile', 'of a descriptor', 'f', 'r');
  opened('readFile', 'of a descriptor as text', 'f', 'r', 'utf8');
  opened('readFile', 'of a descriptor to write only', 'f', 'w');
  opened('readFile', 'of an open directory', 'dir', 'r');
  opened('writeFile', 'of a descriptor', 'f', 'r+', 'XY');
  opened('writeFile', 'of bytes to a descriptor', 'f', 'r+', Buffer.from('XY'));
  opened('writeFile', 'of a descriptor to read only', 'f', 'r', 'XY');
  opened('appendFile', 'of a descriptor', 'f', 'a', 'XY');
  onFd('readFile', 'of a descriptor that is none', 999);
  onFd('readFile', 'as text of a descriptor that is none', 999, 'utf8');
  onFd('writeFile', 'of a descriptor that is none', 999, 'x');
  onFd('appendFile', 'of a descriptor that is none', 999, Buffer.from('x'));
  on('readFile', 'of a number with a fraction', 1.5);

  // readdir
  for (const name of ['dir', '', 'empty', 'dirlink', 'f', 'gone']) {
    on('readdir', `of '${name}' with types`, `${p}/${name}`, { withFileTypes: true });
    on('readdir', `of '${name}' recursively`, `${p}/${name}`, { recursive: true });
  }
  on('readdir', 'of bytes with types', Buffer.from(`${p}/dir`), { withFileTypes: true });
  on('readdir', 'in bytes with types', `${p}/dir`, { withFileTypes: true, encoding: 'buffer' });
  on('readdir', 'recursively with types', `${p}/dir`, { withFileTypes: true, recursive: true });
  on('readdir', 'with a slash recursively with types', `${p}/dir/`, {
    withFileTypes: true,
    recursive: true,
  });
  on('readdir', 'with options that are a number', `${p}/dir`, 5);
  add(BY_FD, 'readdir', 'with recursive that is no boolean', () => [`${p}/dir`, { recursive: 1 }]);

  // stat
  for (const verb of ['stat', 'lstat']) {
    for (const name of ['gone', 'f/x', 'loop', 'f', 'gone/x', 'dangling']) {
      sync(verb, `of ${name} without a throw`, `${p}/${name}`, { throwIfNoEntry: false });
    }
    on(verb, 'in bigints', `${p}/f`, { bigint: true });
  }
  add(['callback', 'promises'], 'stat', 'cannot do without a throw', () => [
    `${p}/gone`,
    { throwIfNoEntry: false },
  ]);
  on('statfs', 'in bigints', `${p}/f`, { bigint: true });

  // Descriptors
  const FDS: Readonly<Record<string, readonly unknown[]>> = {
    close: [],
    fchmod: [0o600],
    fchown: [1, 1],
    fdatasync: [],
    fstat: [],
    fsync: [],
    ftruncate: [1],
    futimes: [1, 1],
    read: [Buffer.alloc(2), 0, 2, 0],
    readv: [[Buffer.alloc(2)]],
    write: ['x'],
    writev: [[Buffer.from('xy')]],
  };
  for (const [verb, given] of Object.entries(FDS)) {
    for (const fd of [999, -1, 1.5, 2 ** 31, '3', undefined, null, {}, true, NaN]) {
      onFd(verb, `of descriptor ${String(fd)} ${typeof fd}`, fd, ...given);
    }
    opened(verb, 'of a file to read', 'f', 'r', ...given);
    opened(verb, 'of a file to write', 'f', 'r+', ...given);
    opened(verb, 'of a file to write only', 'f', 'w', ...given);
    opened(verb, 'of a file to append', 'f', 'a', ...given);
    opened(verb, 'of a directory', 'dir', 'r', ...given);
  }
  for (const length of [0, 3, 9, -1, 1.5, '1', undefined, {}]) {
    opened('ftruncate', `to ${String(length)} ${typeof length}`, 'f', 'r+', length);
  }
  opened('fchmod', 'with a mode that is none', 'f', 'r', 'z');
  opened('fchmod', 'without a mode', 'f', 'r', undefined);
  opened('fchown', 'with a user below -1', 'f', 'r', -2, 0);
  opened('futimes', 'with a time that is none', 'f', 'r', {}, 0);
  opened('futimes', 'with another time that is none', 'f', 'r', 0, 'x');
  opened('fstat', 'in bigints', 'f', 'r', { bigint: true });

  // read and write, by their many forms
  const buffer = () => Buffer.alloc(8, '.');
  const READS: Readonly<Record<string, readonly unknown[]>> = {
    'into all of a buffer': [buffer()],
    'into a part': [buffer(), 1, 3, 0],
    'from a position': [buffer(), 0, 8, 2],
    'from a bigint': [buffer(), 0, 8, 2n],
    'from -1': [buffer(), 0, 8, -1],
    'from null': [buffer(), 0, 8, null],
    'behind the end': [buffer(), 0, 8, 50],
    'with fields': [buffer(), { offset: 2, length: 2, position: 1 }],
    'with fields that are null': [buffer(), null],
    'of no length': [buffer(), 0, 0, 0],
    'of too much': [buffer(), 0, 9, 0],
    'of too much behind an offset': [buffer(), 5, 4, 0],
    'at an offset below zero': [buffer(), -1, 4, 0],
    'at a fraction': [buffer(), 0.5, 4, 0],
    'at text': [buffer(), '1', 4, 0],
    'of less than nothing': [buffer(), 0, -1, 0],
    'from -2': [buffer(), 0, 8, -2],
    'from a fraction': [buffer(), 0, 8, 0.5],
    'from text': [buffer(), 0, 8, '0'],
    'from a bigint too large': [buffer(), 0, 8, 2n ** 64n],
    'into nothing': [Buffer.alloc(0), 0, 1, 0],
    'into an array of bytes': [new Uint8Array(8)],
    'into larger numbers': [new Uint16Array(4), 0, 8, 0],
    'into text': ['text', 0, 1, 0],
  };
  for (const [title, given] of Object.entries(READS)) opened('read', title, 'f', 'r', ...given);
  add(['callback'], 'read', 'without a buffer', (fs) => [fs.openSync(`${p}/f`, 'r')]);
  add(['callback'], 'read', 'with fields alone', (fs) => [
    fs.openSync(`${p}/f`, 'r'),
    { buffer: Buffer.alloc(4), offset: 1, length: 2, position: 1 },
  ]);
  const WRITES: Readonly<Record<string, readonly unknown[]>> = {
    'all of a buffer': [Buffer.from('XYZ')],
    'a part of it': [Buffer.from('XYZ'), 1, 1],
    'to a position': [Buffer.from('XYZ'), 0, 3, 3],
    'far behind the end': [Buffer.from('XYZ'), 0, 3, 20],
    'to null': [Buffer.from('XYZ'), 0, 3, null],
    'to -1': [Buffer.from('XYZ'), 0, 3, -1],
    'with fields': [Buffer.from('XYZ'), { offset: 1, length: 2, position: 1 }],
    'an offset alone': [Buffer.from('XYZ'), 2],
    'from too far': [Buffer.from('XYZ'), 4],
    'too much': [Buffer.from('XYZ'), 1, 3],
    'less than nothing': [Buffer.from('XYZ'), 0, -1],
    'from below zero': [Buffer.from('XYZ'), -1],
    'from a fraction': [Buffer.from('XYZ'), 0.5],
    'a fraction': [Buffer.from('XYZ'), 0, 1.5],
    'an empty buffer': [Buffer.alloc(0)],
    'larger numbers': [Uint16Array.of(0x4141, 0x4242)],
    text: ['text'],
    'text to a position': ['text', 2],
    'text in an encoding': ['7a7a', 1, 'hex'],
    'half a byte of hex': ['7a7', 1, 'hex'],
    'text in an encoding that is none': ['zz', 1, 'nope'],
    'text with accents': ['é€'],
    'a number': [5],
    nothing: [undefined],
  };
  for (const [title, given] of Object.entries(WRITES)) opened('write', title, 'f', 'r+', ...given);
  opened('write', 'at a position to a file that appends', 'f', 'a', 'X', 0);
  opened('readv', 'into several', 'f', 'r', [Buffer.alloc(2), Buffer.alloc(2), Buffer.alloc(9)]);
  opened('readv', 'from a position', 'f', 'r', [Buffer.alloc(2), Buffer.alloc(2)], 2);
  opened('readv', 'into none', 'f', 'r', []);
  opened('readv', 'into what is no view', 'f', 'r', ['x']);
  opened('readv', 'into what is no list', 'f', 'r', 'x');
  opened('writev', 'of several', 'f', 'r+', [Buffer.from('A'), Buffer.from('BC')]);
  opened('writev', 'to a position', 'f', 'r+', [Buffer.from('A'), Buffer.from('BC')], 4);
  opened('writev', 'of none', 'f', 'r+', []);
  opened('writev', 'of what is no view', 'f', 'r+', ['x']);
  return all;
}
