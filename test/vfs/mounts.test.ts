/**
 * Attacks mounting and unmounting below a tree that was written: what was written stays on top and
 * is charged, what a tardisk covered shows again, what is deleted stays deleted, and nothing is
 * left behind or shared by mistake. Each case ends by checking every ledger against what is held.
 */

import { describe, expect, test } from 'vitest';
import { text } from '../../src/base/bytes.ts';
import type { Tardisk } from '../../src/layer/tardisk.ts';
import { O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } from '../../src/vfs/flags.ts';
import type { Tree } from '../../src/vfs/tree.ts';
import { diskOf, type Entry } from '../support/archives.ts';
import { refusal } from '../support/thrown.ts';
import {
  counts,
  names,
  patch,
  put,
  readFile,
  removeAll,
  snapshot,
  treeOf,
  verify,
} from './support.ts';

/** A tree over nothing, with tardisks `base` and `top` of these entries, mounted in this order. */
function stacked(base: Entry[], top: Entry[]): { tree: Tree; base: Tardisk; top: Tardisk } {
  const tree = treeOf([]);
  const disks = { base: diskOf('base', ...base), top: diskOf('top', ...top) };
  tree.mount(disks.base);
  return { tree, ...disks };
}

const link = (path: string, target: string): Entry => ({ path, type: 'link', target });

describe('what a tardisk covers', () => {
  test('comes back as it was when that is unmounted', () => {
    const { tree, top } = stacked(
      [
        { path: 'a', content: '1' },
        { path: 'd/x', content: '2' },
        { path: 'e/y', content: '3' },
      ],
      [
        { path: 'a/b', content: '4' },
        { path: 'd', content: '5' },
        { path: 'e/z', content: '6' },
      ],
    );
    const before = snapshot(tree);
    tree.mount(top);
    expect(names(tree, '/')).toEqual(['a', 'd', 'e']);
    expect([readFile(tree, '/a/b'), readFile(tree, '/d')]).toEqual(['4', '5']);
    expect(names(tree, '/e')).toEqual(['y', 'z']);
    tree.unmount('top');
    expect(snapshot(tree)).toEqual(before);
    expect(tree.ramdisks.list()[0]).toMatchObject({ usedBytes: 0, usedInodes: 0 });
  });

  test('is EBUSY twice, EINVAL where it is not there, and by name the topmost', () => {
    const { tree, base } = stacked([{ path: 'a', content: 'base' }], []);
    const twin = diskOf('base', { path: 'a', content: 'twin' });
    tree.mount(twin);
    expect(refusal(() => tree.mount(base))).toBe('EBUSY');
    tree.unmount('base');
    expect(readFile(tree, '/a')).toBe('base');
    expect(refusal(() => tree.unmount(twin))).toBe('EINVAL');
    expect(refusal(() => tree.unmount('none'))).toBe('EINVAL');
  });

  test.each([
    ['a file', '/f'],
    ['a directory', '/d'],
  ])('cannot be unmounted while %s of it is open', (_what, path) => {
    const { tree } = stacked([{ path: 'f', content: 'x' }, { path: 'd/' }], []);
    const fd = tree.open(path, O_RDONLY);
    const before = snapshot(tree);
    expect(refusal(() => tree.unmount('base'))).toBe('EBUSY');
    expect(snapshot(tree)).toEqual(before);
    tree.close(fd);
    tree.unmount('base');
    expect(names(tree, '/')).toEqual([]);
  });

  test('can still be read, written and closed by who had it open when it was covered', () => {
    const { tree, top } = stacked([{ path: 'f', content: 'old' }], [{ path: 'f', content: 'new' }]);
    const fd = tree.open('/f', O_RDWR);
    tree.mount(top);
    tree.write(fd, new Uint8Array([0x41]), 0);
    const read = new Uint8Array(3);
    expect([tree.read(fd, read, 0), String.fromCharCode(...read)]).toEqual([3, 'Ald']);
    expect(readFile(tree, '/f')).toBe('new');
    verify(tree);
    tree.close(fd);
    verify(tree);
    expect(tree.live.delta.inodes.count).toBe(0);
  });
});

describe('what was written', () => {
  test('stays on top of what is mounted over it', () => {
    const { tree, top } = stacked(
      [{ path: 'd/f', content: 'image' }],
      [
        { path: 'd/f', content: 'top' },
        { path: 'd/new', content: 'top' },
      ],
    );
    patch(tree, '/d/f', 'W', 0);
    tree.mount(top);
    verify(tree);
    expect([readFile(tree, '/d/f'), readFile(tree, '/d/new')]).toEqual(['Wmage', 'top']);
    tree.unlink('/d/f');
    verify(tree);
    expect(names(tree, '/d')).toEqual(['new']);
  });

  test('is charged where its directory was never written itself', () => {
    const { tree, top } = stacked([{ path: 'd/f', content: 'x' }], [{ path: 'd/f', content: 'y' }]);
    tree.ramdisks.add({ name: 'd', path: '/d' });
    tree.chmod('/d/f', 0o600);
    tree.mount(top);
    verify(tree);
    tree.unlink('/d/f');
    verify(tree);
    tree.ramdisks.remove('d');
    verify(tree);
  });

  test('stays with its data when the tardisk it came from goes', () => {
    const { tree } = stacked(
      [{ path: 'a/b/f', content: 'image' }, { path: 'a/c', content: 'x' }, { path: 'o' }],
      [],
    );
    patch(tree, '/a/b/f', 'W', 0);
    tree.unmount('base');
    verify(tree);
    expect(names(tree, '/')).toEqual(['a']);
    expect(names(tree, '/a')).toEqual(['b']);
    expect(readFile(tree, '/a/b/f')).toBe('Wmage');
    removeAll(tree);
    verify(tree);
    expect(tree.live.delta.inodes.count).toBe(1);
  });

  test('keeps where a symbolic link leads and which device it is', () => {
    const { tree } = stacked(
      [
        { path: 'l', target: 'there' },
        { path: 'null', type: 'device' },
      ],
      [],
    );
    tree.chown('/l', 1, 2, false);
    tree.chmod('/null', 0o666);
    const { rdev } = tree.stat('/null');
    expect([rdev, tree.stat('/null').size]).toEqual([0x103, 0]);
    tree.unmount('base');
    verify(tree);
    expect(String.fromCharCode(...tree.readlink('/l'))).toBe('there');
    expect(tree.stat('/l', false)).toMatchObject({ size: 5, uid: 1, gid: 2 });
    expect(tree.stat('/null')).toMatchObject({ rdev, size: 0 });
    removeAll(tree);
    verify(tree);
  });

  test('keeps all its names, and counts them', () => {
    const { tree, top } = stacked(
      [{ path: 'a', content: 'x' }, link('b', 'a'), link('c', 'a')],
      [{ path: 'b', content: 'top' }],
    );
    tree.unlink('/c');
    put(tree, '/a', 'written');
    tree.mount(top);
    expect([readFile(tree, '/b'), tree.stat('/b').nlink]).toEqual(['written', 2]);
    tree.unmount('top');
    expect([readFile(tree, '/b'), tree.stat('/a').nlink]).toEqual(['written', 2]);
    removeAll(tree);
    verify(tree);
    expect(tree.live.delta.inodes.count, 'only the root is left').toBe(1);
  });

  test('counts a name that is uncovered', () => {
    const { tree, top } = stacked(
      [{ path: 'a', content: 'x' }, link('b', 'a')],
      [{ path: 'b', content: 'top' }],
    );
    tree.mount(top);
    tree.chmod('/a', 0o600);
    expect(tree.stat('/a').nlink).toBe(1);
    tree.unmount('top');
    expect([tree.stat('/a').nlink, tree.stat('/b').mode]).toEqual([2, 0o100600]);
    removeAll(tree);
    verify(tree);
    expect(tree.live.delta.inodes.count).toBe(1);
  });

  test('does not come back from the dead: a file without a name stays without', () => {
    const { tree, top } = stacked([{ path: 'd/f', content: 'x' }], [{ path: 'd', content: 'y' }]);
    const fd = tree.open('/d/f', O_RDWR);
    tree.unlink('/d/f');
    tree.rmdir('/d');
    tree.write(fd, new Uint8Array(1), 0);
    tree.mount(top);
    verify(tree);
    tree.close(fd);
    verify(tree);
    expect(names(tree, '/')).toEqual([]);
    expect(tree.live.delta.inodes.count).toBe(1);
  });
});

describe('what was deleted', () => {
  test('stays deleted when it is mounted again', () => {
    const { tree, base } = stacked([{ path: 'd/f', content: 'x' }, { path: 'g' }], []);
    tree.unlink('/d/f');
    tree.rmdir('/d');
    tree.unmount('base');
    tree.mount(base);
    verify(tree);
    expect(names(tree, '/')).toEqual(['g']);
  });
});

describe('directories that were made here', () => {
  test('merge with the image’s of the same place', () => {
    const { tree, top } = stacked([], [{ path: 'm/x/y', content: 'top' }]);
    tree.mkdir('/m');
    put(tree, '/m/own', 'own');
    tree.mount(top);
    expect(names(tree, '/m')).toEqual(['own', 'x']);
    expect(tree.stat('/m').nlink).toBe(3);
    expect(text(tree.realpath('/m/x'))).toBe('/m/x');
    put(tree, '/m/x/y', 'written');
    verify(tree);
    tree.unmount('top');
    expect(names(tree, '/m')).toEqual(['own', 'x']);
    expect(readFile(tree, '/m/x/y')).toBe('written');
    verify(tree);
  });

  test('do not lend what they showed to the next directory in their row', () => {
    const { tree, top } = stacked([], [{ path: 'm/x', content: 'top' }]);
    tree.mkdir('/m');
    tree.mount(top);
    tree.unlink('/m/x');
    tree.rmdir('/m');
    tree.mkdir('/other');
    tree.mkdir('/third');
    expect([names(tree, '/other'), names(tree, '/third')]).toEqual([[], []]);
    verify(tree);
  });

  test('do not show what was deleted in the place they are moved to', () => {
    const { tree, top } = stacked([{ path: 'd/x' }], [{ path: 'other' }]);
    tree.unlink('/d/x');
    tree.rmdir('/d');
    tree.mkdir('/m');
    tree.rename('/m', '/d');
    expect(names(tree, '/d')).toEqual([]);
    tree.mount(top);
    expect(names(tree, '/d')).toEqual([]);
    verify(tree);
  });

  test('take along what they merged with when they are moved', () => {
    const { tree, top } = stacked([], [{ path: 'm/x', content: 'top' }]);
    tree.mkdir('/m');
    tree.mount(top);
    tree.rename('/m', '/n');
    expect(names(tree, '/n')).toEqual(['x']);
    tree.mount(diskOf('third', { path: 'z' }));
    expect([names(tree, '/n'), names(tree, '/')]).toEqual([['x'], ['n', 'z']]);
    verify(tree);
    tree.unmount('top');
    expect(names(tree, '/n')).toEqual([]);
  });

  test('made over a deleted one show nothing of it', () => {
    const { tree, top } = stacked([{ path: 'd/x' }], [{ path: 'd/y' }]);
    tree.unlink('/d/x');
    tree.rmdir('/d');
    tree.mkdir('/d');
    tree.mount(top);
    expect(names(tree, '/d')).toEqual([]);
    verify(tree);
  });
});

describe('ramdisks', () => {
  test('keep the directory they cover when its tardisk goes', () => {
    const { tree } = stacked([{ path: 'a/etc/f', content: 'x' }], []);
    tree.ramdisks.add({ name: 'etc', path: '/a/etc' });
    tree.unmount('base');
    verify(tree);
    expect(tree.ramdisks.list().map(({ path }) => path)).toEqual(['/', '/a/etc']);
    put(tree, '/a/etc/new', 'x');
    expect(tree.ramdisks.list()[1]!.usedInodes).toBeGreaterThan(0);
    tree.ramdisks.remove('etc');
    expect(names(tree, '/a/etc')).toEqual([]);
    verify(tree);
  });

  test('whose directory a file would cover keep it', () => {
    const { tree, top } = stacked([{ path: 'etc/f', content: 'x' }], [{ path: 'etc' }]);
    tree.ramdisks.add({ name: 'etc', path: '/etc' });
    tree.mount(top);
    expect(tree.ramdisks.list()[1]!.path).toBe('/etc');
    verify(tree);
    tree.unmount('top');
    expect(tree.ramdisks.list()[1]!.path).toBe('/etc');
    verify(tree);
  });

  test('that are too full to keep what a tardisk takes away leave it mounted', () => {
    const tree = treeOf([], { ramdisks: [{ name: 'root', path: '/', size: 8192, inodes: 9 }] });
    tree.mount(diskOf('base', { path: 'd/f', content: new Uint8Array(20_000).fill(1) }));
    patch(tree, '/d/f', 'W', 0);
    const before = [snapshot(tree), counts(tree)];
    expect(refusal(() => tree.unmount('base'))).toBe('ENOSPC');
    expect([snapshot(tree), counts(tree)]).toEqual(before);
    tree.truncate('/d/f', 4000);
    tree.unmount('base');
    expect(tree.stat('/d/f').size).toBe(4000);
    verify(tree);
  });
});

test('a ramdisk stays where a directory that was moved out before it came would show twice', () => {
  const tree = treeOf([{ path: 'a/' }, { path: 'a/moved/' }, { path: 'a/moved/x', content: 'x' }]);
  tree.rename('/a/moved', '/b');
  tree.ramdisks.add({ name: 'one', path: '/a', size: '1m' });
  expect(() => tree.ramdisks.remove('one')).toThrow('EXDEV');
  expect(names(tree, '/')).toEqual(['a', 'b']);
  verify(tree);
  tree.unlink('/b/x');
  tree.rmdir('/b');
  tree.ramdisks.remove('one');
  expect(names(tree, '/a')).toEqual(['moved']);
  verify(tree);
});

test('a directory that was removed while open leaves nothing when it is closed', () => {
  const { tree } = stacked([{ path: 'd/' }, { path: 'e/' }], []);
  const [one, other] = [tree.open('/d', O_RDONLY), tree.open('/e', O_RDONLY)];
  tree.rmdir('/d');
  tree.mkdir('/m');
  tree.rename('/m', '/e');
  for (const fd of [one, other]) {
    expect(tree.fstat(fd).nlink).toBe(0);
    tree.chmod(fd, 0o700);
    tree.close(fd);
  }
  removeAll(tree);
  verify(tree);
  expect(tree.live.delta.inodes.count).toBe(1);
});

test('mounting and unmounting a hundred times neither grows nor changes the tree', () => {
  const { tree, top } = stacked([{ path: 'd/x', content: 'x' }], [{ path: 'd/y', content: 'y' }]);
  put(tree, '/d/own', 'own');
  patch(tree, '/d/x', 'W', 0);
  const before = snapshot(tree);
  for (let round = 0; round < 100; round++) {
    tree.mount(top);
    expect(names(tree, '/d')).toEqual(['own', 'x', 'y']);
    tree.unmount(top);
    expect(snapshot(tree)).toEqual(before);
  }
  verify(tree);
  const fd = tree.open('/d/own', O_WRONLY | O_CREAT);
  tree.close(fd);
});

test('a tardisk mounts below directories of any depth', () => {
  const tree = treeOf([]);
  tree.ramdisks.resize('root', { inodes: 100_000 });
  tree.mkdir('/d');
  for (let depth = 0; depth < 30_000; depth++) {
    tree.mkdir('/e');
    tree.rename('/d', '/e/d');
    tree.rename('/e', '/d');
  }
  tree.mount(diskOf('late', { path: 'd/' }, { path: 'd/f', content: 'x' }));
  expect(
    tree
      .readdir('/d')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['d', 'f']);
});
