// Attacks the listings that are kept of an image: what is written shows at once, what a caller does
// to a listing is no matter, another tree over the same image sees nothing of it. And it counts
// what they are for: a directory of the image is gone through once.

import { expect, test, vi } from 'vitest';
import { LISTINGS_MAX_BYTES } from '../../src/base/limits.ts';
import { isDirectory } from '../../src/base/mode.ts';
import { Dirents } from '../../src/store/dirents.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { diskOf, imageOf } from '../support/archives.ts';
import { put } from './support.ts';

const image = imageOf(
  { path: 'dir/b', content: '' },
  { path: 'dir/a/' },
  { path: 'dir/c', target: 'b' },
);

function listed(tree: Tree, path: string): string[] {
  const shown: string[] = [];
  tree.eachName(path, (name, mode) => shown.push(isDirectory(mode) ? `${name}/` : name));
  return shown;
}

test('a name made, renamed or removed shows in the next listing', () => {
  const tree = new Tree(image);
  expect(tree.names('/dir')).toEqual(['a', 'b', 'c']);
  put(tree, '/dir/bb', '');
  expect(tree.names('/dir')).toEqual(['a', 'b', 'bb', 'c']);
  tree.unlink('/dir/b');
  tree.rename('/dir/a', '/dir/z');
  expect(listed(tree, '/dir')).toEqual(['bb', 'c', 'z/']);
  tree.unlink('/dir/bb');
  expect(listed(tree, '/dir')).toEqual(['c', 'z/']);
});

test('another tree over the same image lists what the image has', () => {
  const tree = new Tree(image);
  put(tree, '/dir/made', '');
  expect(new Tree(image).names('/dir')).toEqual(['a', 'b', 'c']);
});

test('what a caller does to a listing does not show in the next', () => {
  const tree = new Tree(image);
  tree.names('/dir').push('mine');
  expect(tree.names('/dir')).toEqual(['a', 'b', 'c']);
});

test('a mount shows in the next listing, and an unmount', () => {
  const tree = new Tree(image);
  const disk = diskOf('more', { path: 'dir/d', content: '' });
  expect(tree.names('/dir')).toEqual(['a', 'b', 'c']);
  tree.mount(disk);
  expect(tree.names('/dir')).toEqual(['a', 'b', 'c', 'd']);
  tree.unmount(disk);
  expect(tree.names('/dir')).toEqual(['a', 'b', 'c']);
});

test('a file branched below a directory that lists as before shows its new mode', () => {
  const tree = new Tree(image);
  tree.names('/dir');
  tree.chmod('/dir/b', 0o600);
  const modes: number[] = [];
  tree.eachName('/dir', (name, mode) => name === 'b' && modes.push(mode & 0o777));
  expect(modes).toEqual([0o600]);
});

test('names sort by their bytes, whatever letters they are of', () => {
  // U+1F600 is two units of UTF-16 that sort before U+FF5E, and four bytes that sort behind it.
  const letters = ['z', '\u{1f600}', '\uff5e', 'a', 'é'];
  const tree = new Tree(imageOf(...letters.map((path) => ({ path, content: '' }))));
  const sorted = ['a', 'z', 'é', '\uff5e', '\u{1f600}'];
  expect(tree.names('/')).toEqual(sorted);
  for (const name of letters) tree.chmod(`/${name}`, 0o600);
  put(tree, '/b', '');
  expect(tree.names('/')).toEqual(['a', 'b', ...sorted.slice(1)]);
});

test('names that are no text sort by their bytes, as those of node:fs do', () => {
  // Each stray byte shows as one letter, the same for all: as text, the last sorts before others.
  const names = ['61', '80', '8062', 'fe', 'ff61'].map((hex) => Buffer.from(hex, 'hex'));
  const tree = new Tree(imageOf(...names.toReversed().map((path) => ({ path, content: '' }))));
  const listed = tree.readdir('/').map(({ bytes }) => Buffer.from(bytes).toString('hex'));
  expect(listed).toEqual(names.map((name) => name.toString('hex')));
});

test('a directory of the image is gone through once, and one that was written every time', () => {
  const tree = new Tree(imageOf({ path: 'dir/a', content: '' }, { path: 'own/a', content: '' }));
  put(tree, '/own/b', '');
  for (const path of ['/dir', '/own']) tree.names(path);
  const next = vi.spyOn(Dirents.prototype, 'next');
  tree.names('/dir');
  expect(next).not.toHaveBeenCalled();
  tree.names('/own');
  expect(next).toHaveBeenCalled();
  next.mockRestore();
});

test('more listings than are kept are right all the same, and the oldest goes first', () => {
  const long = 'n'.repeat(80);
  const perDirectory = 1000;
  const count = Math.ceil(LISTINGS_MAX_BYTES / (perDirectory * 130)) + 2;
  const entries = Array.from({ length: count * perDirectory }, (_, index) => {
    const directory = `d${Math.floor(index / perDirectory)}`;
    return { path: `${directory}/${long}${index % perDirectory}`, content: '' };
  });
  const tree = new Tree(imageOf(...entries));
  for (let index = 0; index < count; index++) {
    expect(tree.names(`/d${index}`)).toHaveLength(perDirectory);
  }
  const next = vi.spyOn(Dirents.prototype, 'next');
  tree.names(`/d${count - 1}`);
  expect(next).not.toHaveBeenCalled();
  tree.names('/d0');
  expect(next).toHaveBeenCalled();
  next.mockRestore();
});

test('listings of nothing are not kept without end', () => {
  const count = 20_000;
  const paths = Array.from({ length: count }, (_, index) => `d${index}/`);
  const tree = new Tree(imageOf(...paths.map((path) => ({ path }))));
  for (const path of paths) expect(tree.names(`/${path}`)).toEqual([]);
  const first = vi.spyOn(Dirents.prototype, 'first');
  const looks = (path: string): number => {
    first.mockClear();
    tree.names(path);
    return first.mock.calls.length;
  };
  const kept = looks(`/d${count - 1}`);
  expect(looks('/d0')).toBeGreaterThan(kept);
  first.mockRestore();
});
