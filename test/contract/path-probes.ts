/**
 * The probes of verbs on paths and names. `p` is where the scene is.
 */

import { BY_FD, Probes } from './probes.ts';

/** The probes of verbs on paths and names. */
export function pathProbes(p: string): Probes {
  const probes = new Probes(p);
  const { on, add } = probes;
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
  add(['sync'], 'exists', 'of an object', () => [{}]);
  add(['sync'], 'exists', 'of a path with NUL', () => ['a\0']);

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
    // A rename to it leaves the tmpfs of the scene, where there is one: model.ts has that.
    if (verb === 'link') on(verb, 'to the root', `${p}/f`, '/');
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

  return probes;
}
