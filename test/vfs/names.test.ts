/**
 * What the verbs on names refuse, and what they leave alone: one row for each rule of rename(2) and
 * its kin, and ESXi's `.#` names. Both models run the same verbs at random; here they can be read.
 */

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } from '../../src/vfs/flags.ts';
import type { Tree } from '../../src/vfs/tree.ts';
import { refusal } from '../support/thrown.ts';
import { names, patch, put, readFile, snapshot, treeOf, verify } from './support.ts';

function scene(): Tree {
  const tree = treeOf([
    { path: 'd/x', content: 'x' },
    { path: 'd/sub/y', content: 'y' },
    { path: 'e/' },
    { path: 'f', content: 'f' },
    { path: 'g', content: 'g' },
    { path: 'r/in', content: 'r' },
    { path: 'loop', target: 'loop' },
    { path: 'to-d', target: 'd' },
  ]);
  tree.ramdisks.add({ name: 'r', path: '/r' });
  return tree;
}

const REFUSALS: readonly [title: string, code: string, act: (tree: Tree) => unknown][] = [
  ['rename of nothing', 'ENOENT', (tree) => tree.rename('/none', '/n')],
  ['rename to a directory that is not', 'ENOENT', (tree) => tree.rename('/f', '/none/n')],
  ['rename below a file', 'ENOTDIR', (tree) => tree.rename('/g', '/f/n')],
  ['rename into itself', 'EINVAL', (tree) => tree.rename('/d', '/d/n')],
  ['rename far into itself', 'EINVAL', (tree) => tree.rename('/d', '/d/sub/n')],
  ['rename into itself through a link', 'EINVAL', (tree) => tree.rename('/d', '/to-d/sub/n')],
  ['rename of a directory over a full one', 'ENOTEMPTY', (tree) => tree.rename('/e', '/d')],
  ['rename of a directory over a file', 'ENOTDIR', (tree) => tree.rename('/e', '/f')],
  ['rename of a file over a directory', 'EISDIR', (tree) => tree.rename('/f', '/e')],
  ['rename of a file into another ramdisk', 'EXDEV', (tree) => tree.rename('/f', '/r/f')],
  ['rename of a file out of a ramdisk', 'EXDEV', (tree) => tree.rename('/r/in', '/in')],
  ['rename of what a ramdisk covers', 'EBUSY', (tree) => tree.rename('/r', '/s')],
  ['rename over what a ramdisk covers', 'EBUSY', (tree) => tree.rename('/e', '/r')],
  ['rename of a dot', 'EBUSY', (tree) => tree.rename('/d/.', '/n')],
  ['rename of the root', 'EBUSY', (tree) => tree.rename('/', '/n')],
  ['rename to two dots', 'EBUSY', (tree) => tree.rename('/f', '/d/..')],
  ['rename to a marker', 'EPERM', (tree) => tree.rename('/f', '/.#f')],
  ['a link to a directory', 'EPERM', (tree) => tree.link('/d', '/n')],
  ['a link to nothing', 'ENOENT', (tree) => tree.link('/none', '/n')],
  ['a link over what is there', 'EEXIST', (tree) => tree.link('/f', '/g')],
  ['a link into another ramdisk', 'EXDEV', (tree) => tree.link('/f', '/r/n')],
  ['mkdir over a dangling link', 'EEXIST', (tree) => tree.mkdir('/loop')],
  ['mkdir of a marker', 'EPERM', (tree) => tree.mkdir('/.#n')],
  ['a file that is a marker', 'EPERM', (tree) => tree.open('/.#n', O_CREAT | O_WRONLY)],
  ['a symbolic link to nothing at all', 'ENOENT', (tree) => tree.symlink('', '/n')],
  ['a target of a page', 'ENAMETOOLONG', (tree) => tree.symlink('t'.repeat(4096), '/n')],
  ['rmdir of a full directory', 'ENOTEMPTY', (tree) => tree.rmdir('/d')],
  ['rmdir of a file', 'ENOTDIR', (tree) => tree.rmdir('/f')],
  ['rmdir of a dot', 'EINVAL', (tree) => tree.rmdir('/e/.')],
  ['rmdir of two dots', 'ENOTEMPTY', (tree) => tree.rmdir('/d/sub/..')],
  ['rmdir of the root', 'EBUSY', (tree) => tree.rmdir('/')],
  ['unlink of a directory', 'EISDIR', (tree) => tree.unlink('/d')],
  ['unlink of a dot', 'EISDIR', (tree) => tree.unlink('/d/.')],
  ['a circle of links', 'ELOOP', (tree) => tree.stat('/loop')],
  ['what lies behind a circle', 'ELOOP', (tree) => tree.stat('/loop/x')],
  ['a name of 256 bytes', 'ENAMETOOLONG', (tree) => tree.mkdir(`/${'n'.repeat(256)}`)],
  ['a name of 128 letters of two bytes', 'ENAMETOOLONG', (tree) => tree.mkdir('é'.repeat(128))],
  ['a path of 4096 bytes', 'ENAMETOOLONG', (tree) => tree.stat('/'.repeat(4096))],
  ['a ramdisk of a name that is taken', 'EEXIST', (t) => t.ramdisks.add({ name: 'r', path: '/d' })],
  ['a ramdisk over another', 'EEXIST', (tree) => tree.ramdisks.add({ name: 's', path: '/r' })],
  ['a ramdisk over a file', 'ENOTDIR', (tree) => tree.ramdisks.add({ name: 's', path: '/f' })],
  ['removing the ramdisk over the root', 'EBUSY', (tree) => tree.ramdisks.remove('root')],
  ['removing a ramdisk that is not', 'ENOENT', (tree) => tree.ramdisks.remove('none')],
];

test.each(REFUSALS)('%s is %s and changes nothing', (_title, code, act) => {
  const tree = scene();
  const before = snapshot(tree);
  expect(refusal(() => act(tree))).toBe(code);
  expect(snapshot(tree)).toEqual(before);
  expect(tree.live.delta.inodes.count).toBe(0);
});

describe('paths', () => {
  test('a chain of 40 links is followed and one of 41 is ELOOP', () => {
    const tree = treeOf([{ path: 'l0', content: 'end' }]);
    for (let index = 1; index <= 41; index++) tree.symlink(`l${index - 1}`, `/l${index}`);
    expect(readFile(tree, '/l40')).toBe('end');
    expect(refusal(() => tree.stat('/l41'))).toBe('ELOOP');
    expect(tree.stat('/l41', false).size).toBe(3);
  });

  test('two dots go up from where a link led, and from the root nowhere', () => {
    const tree = scene();
    tree.symlink('/d/sub', '/deep');
    expect(text(tree.realpath('/deep/../x'))).toBe('/d/x');
    expect(text(tree.realpath('/../../d/./sub/../../f'))).toBe('/f');
    expect(tree.lookup('/deep/../..')).toBe(tree.lookup('/'));
  });

  test('a name of 255 bytes and a path of 4095 are taken', () => {
    const tree = treeOf([]);
    tree.mkdir(`/${'n'.repeat(255)}`);
    expect(names(tree, '/')).toEqual(['n'.repeat(255)]);
    expect(tree.stat(`${'/'.repeat(4095 - 255)}${'n'.repeat(255)}`).nlink).toBe(2);
  });

  test('a name that is not UTF-8 is found by its bytes alone', () => {
    const tree = treeOf([]);
    tree.mkdir(new Uint8Array([0x2f, 0xff, 0xfe]));
    expect(tree.lookup(new Uint8Array([0x2f, 0xff, 0xfe]))).toBeGreaterThan(0);
    expect(refusal(() => tree.lookup('/\ufffd\ufffd'))).toBe('ENOENT');
  });

  test('a directory moved keeps what is below it, and its path', () => {
    const tree = scene();
    const { ino } = tree.stat('/d/sub/y');
    tree.rename('/d', '/e/moved');
    expect(tree.stat('/e/moved/sub/y').ino).toBe(ino);
    expect(text(tree.realpath('/e/moved/sub'))).toBe('/e/moved/sub');
    expect(tree.lookup('/e/moved/sub/../..')).toBe(tree.lookup('/e'));
    expect(tree.live.delta.inodes.count, 'root, e and d').toBe(3);
    tree.rename('/e/moved', '/d');
    expect(names(tree, '/d')).toEqual(['sub', 'x']);
    verify(tree);
  });
});

describe('hard links of the image', () => {
  const linked = (): Tree => {
    const tree = treeOf([
      { path: 'a', content: 'one' },
      { path: 'etc/b', type: 'link', target: 'a' },
    ]);
    tree.ramdisks.add({ name: 'etc', path: '/etc' });
    return tree;
  };

  test('are one file before a branch and after it', () => {
    const tree = linked();
    const { ino } = tree.stat('/a');
    expect(tree.stat('/etc/b').ino).toBe(ino);
    patch(tree, '/etc/b', 'W', 0);
    expect([readFile(tree, '/a'), tree.stat('/a').ino, tree.stat('/a').nlink]).toEqual([
      'Wne',
      ino,
      2,
    ]);
    verify(tree);
  });

  test('keep a ramdisk that pays for a file with a name outside: EXDEV', () => {
    const tree = linked();
    tree.unlink('/etc/b');
    expect(tree.live.delta.ledgerOf(tree.live.rowOf(tree.lookup('/a'))).name).toBe('etc');
    expect(refusal(() => tree.ramdisks.remove('etc'))).toBe('EXDEV');
    verify(tree);
    tree.unlink('/a');
    tree.ramdisks.remove('etc');
    expect([names(tree, '/'), names(tree, '/etc')]).toEqual([['etc'], ['b']]);
    expect(tree.stat('/etc/b').nlink).toBe(1);
    verify(tree);
  });

  test('keep what another ramdisk pays for when one goes', () => {
    const tree = linked();
    patch(tree, '/a', 'W', 0);
    tree.link('/etc/b', '/etc/c');
    tree.unlink('/etc/b');
    expect(tree.stat('/a').nlink).toBe(2);
    tree.ramdisks.remove('etc');
    expect([readFile(tree, '/a'), readFile(tree, '/etc/b')]).toEqual(['Wne', 'Wne']);
    expect(tree.stat('/a').nlink).toBe(2);
    verify(tree);
  });

  test('keep a ramdisk that pays for a file which is open and has no name: EBUSY', () => {
    const tree = linked();
    const fd = tree.open('/a', O_RDONLY);
    tree.unlink('/etc/b');
    tree.unlink('/a');
    expect(refusal(() => tree.ramdisks.remove('etc'))).toBe('EBUSY');
    tree.close(fd);
    tree.ramdisks.remove('etc');
    verify(tree);
  });

  test('keep a ramdisk from being added between the names of what was written: EXDEV', () => {
    const tree = treeOf([{ path: 'd/' }]);
    put(tree, '/a', 'x');
    tree.link('/a', '/d/b');
    expect(refusal(() => tree.ramdisks.add({ name: 'd', path: '/d' }))).toBe('EXDEV');
    tree.unlink('/a');
    tree.ramdisks.add({ name: 'd', path: '/d' });
    verify(tree);
  });
});

describe('ramdisks', () => {
  test('one that was refused has promised nothing', () => {
    const tree = treeOf([{ path: 'd/' }], { memory: '1m', ramdisks: [] });
    put(tree, '/d/f', 'x'.repeat(9000));
    const add = (size: number): void =>
      tree.ramdisks.add({ name: 'd', path: '/d', size, reserve: size });
    for (let turn = 0; turn < 200; turn++) expect(refusal(() => add(8192))).toBe('ENOSPC');
    add(100_000);
    verify(tree);
  });

  test('one added and removed again leaves the image as it was below it', () => {
    const tree = scene();
    tree.unlink('/d/x');
    put(tree, '/d/sub/new', 'x');
    tree.ramdisks.add({ name: 'd', path: '/d' });
    tree.rename('/d/sub', '/d/moved');
    verify(tree);
    tree.ramdisks.remove('d');
    verify(tree);
    expect([names(tree, '/d'), names(tree, '/d/sub')]).toEqual([['sub', 'x'], ['y']]);
  });

  test('one is busy while a file of it is open, and while it covers another', () => {
    const tree = scene();
    const fd = tree.open('/r/in', O_RDONLY);
    expect(refusal(() => tree.ramdisks.remove('r'))).toBe('EBUSY');
    expect(refusal(() => tree.ramdisks.add({ name: 'all', path: '/r' }))).toBe('EEXIST');
    tree.close(fd);
    tree.mkdir('/r/below');
    tree.ramdisks.add({ name: 'below', path: '/r/below' });
    expect(refusal(() => tree.ramdisks.remove('r'))).toBe('EBUSY');
    tree.ramdisks.remove('below');
    tree.ramdisks.remove('r');
    verify(tree);
  });
});

describe('the originals of sticky files', () => {
  const sticky = (visible: boolean): Tree =>
    treeOf([{ path: 'etc/conf', content: 'image', mode: 0o1644 }, { path: 'etc/plain' }], {
      branchMarkers: visible ? 'visible' : 'hidden',
    });

  test('show under `.#` to who asks, once the file was branched or replaced', () => {
    for (const change of ['patch', 'replace', 'rename'] as const) {
      const tree = sticky(false);
      expect(refusal(() => tree.stat('/etc/.#conf'))).toBe('ENOENT');
      if (change === 'patch') patch(tree, '/etc/conf', 'W', 0);
      else put(tree, '/etc/new', 'new');
      if (change === 'replace') tree.unlink('/etc/conf');
      if (change === 'replace') expect(refusal(() => tree.stat('/etc/.#conf'))).toBe('ENOENT');
      if (change !== 'patch') tree.rename('/etc/new', '/etc/conf');
      expect(readFile(tree, '/etc/.#conf'), change).toBe('image');
      expect(tree.stat('/etc/.#conf').ino).not.toBe(tree.stat('/etc/conf').ino);
      expect(names(tree, '/etc')).toEqual(['conf', 'plain']);
    }
  });

  test('are listed where the tree was asked to, and stay when the file is written again', () => {
    const tree = sticky(true);
    patch(tree, '/etc/conf', 'W', 0);
    patch(tree, '/etc/plain', 'W', 0);
    expect(names(tree, '/etc')).toEqual(['.#conf', 'conf', 'plain']);
    patch(tree, '/etc/conf', 'X', 1);
    expect([readFile(tree, '/etc/.#conf'), readFile(tree, '/etc/conf')]).toEqual([
      'image',
      'WXage',
    ]);
  });

  test('cannot be changed, named or removed: EPERM', () => {
    const tree = sticky(false);
    patch(tree, '/etc/conf', 'W', 0);
    const before = snapshot(tree);
    const path = '/etc/.#conf';
    const acts: (() => unknown)[] = [
      () => tree.open(path, O_RDWR),
      () => tree.truncate(path, 0),
      () => tree.chmod(path, 0o600),
      () => tree.chown(path, 1, 1),
      () => tree.unlink(path),
      () => tree.rename(path, '/etc/other'),
      () => tree.rename('/etc/conf', path),
      () => tree.link(path, '/etc/other'),
    ];
    for (const act of acts) expect(refusal(act), String(act)).toBe('EPERM');
    expect(refusal(() => tree.mkdir(path))).toBe('EEXIST');
    expect(snapshot(tree)).toEqual(before);
    const fd = tree.open(path, O_RDONLY);
    expect(refusal(() => tree.chmod(fd, 0o600))).toBe('EPERM');
    expect(tree.read(fd, new Uint8Array(9), null)).toBe(5);
    tree.close(fd);
  });
});

test('a file unlinked while open lives until its last descriptor is closed', () => {
  const tree = scene();
  const [one, other] = [tree.open('/f', O_RDWR), tree.open('/f', O_RDONLY)];
  tree.unlink('/f');
  put(tree, '/f', 'another');
  tree.write(one, utf8('W'), 0);
  tree.close(one);
  expect([...tree.orphans()]).toEqual([tree.fstat(other).ino]);
  expect(tree.fstat(other).nlink).toBe(0);
  expect(tree.read(other, new Uint8Array(9), null)).toBe(1);
  const { count } = tree.live.delta.inodes;
  tree.close(other);
  expect(tree.live.delta.inodes.count).toBe(count - 1);
  expect(refusal(() => tree.fstat(other))).toBe('EBADF');
  verify(tree);
});
