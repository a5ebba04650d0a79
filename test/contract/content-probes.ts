/**
 * The probes of open, of whole files, of listings and of attributes. `p` is where the scene is.
 */

import { constants } from 'node:fs';
import { BY_FD, Probes } from './probes.ts';

/** The probes of open, of whole files, of listings and of attributes. */
export function contentProbes(p: string): Probes {
  const probes = new Probes(p);
  const { on, sync, opened, onFd, add } = probes;
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
  opened('writeFile', 'of nothing to a descriptor to read only', 'f', 'r', '');
  on('writeFile', 'of nothing with flag r', `${p}/f`, Buffer.alloc(0), { flag: 'r' });
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

  return probes;
}
