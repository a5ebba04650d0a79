// Attacks the memory of paths: whatever directories and links are moved, removed, covered and
// uncovered, a path leads where it leads for a resolver that remembers nothing (`plainly`). And it
// counts what the memory is for: a lookup in a known directory asks for one name, at any depth.

import { expect, test, vi } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { type ErrnoCode, VisorError } from '../../src/base/errors.ts';
import { PREFIXES_MAX_COUNT, SYMLINKS_MAX_COUNT } from '../../src/base/limits.ts';
import { isDirectory, isSymlink } from '../../src/base/mode.ts';
import { ROOT_INO } from '../../src/layer/image.ts';
import { Dirents } from '../../src/store/dirents.ts';
import { type Ino, NO_INO } from '../../src/vfs/ino.ts';
import type { Tree } from '../../src/vfs/tree.ts';
import { diskOf, type Entry } from '../support/archives.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';
import { put, treeOf } from './support.ts';

const SEQUENCES = 300;
const AT_ONCE = 50;
const STEPS = 60;
const LOOKS = 12;
const NAMES = ['a', 'b', 'c', 'd'];

/** The inode at `path`, which does not end in a slash, from the root down and by heart alone. */
function plainly({ live }: Tree, path: string, follow: boolean): Ino | ErrnoCode {
  let directory = ROOT_INO;
  let links = 0;
  const pending = namesOf(path);
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === '.') continue;
    if (name === '..') {
      directory = live.parentOf(directory);
      continue;
    }
    const bytes = utf8(name);
    const ino = live.lookup(directory, bytes, 0, bytes.length);
    if (ino === NO_INO) return 'ENOENT';
    if (isSymlink(live.mode(ino)) && (follow || pending.length > 0)) {
      links += 1;
      if (links > SYMLINKS_MAX_COUNT) return 'ELOOP';
      const target = text(live.target(ino));
      if (target.startsWith('/')) directory = ROOT_INO;
      pending.unshift(...namesOf(target));
      continue;
    }
    if (pending.length === 0) return ino;
    if (!isDirectory(live.mode(ino))) return 'ENOTDIR';
    directory = ino;
  }
  return directory;
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function randomPath(random: Prng, names: readonly string[] = NAMES): string {
  const depth = random.pick([1, 2, 2, 3, 3, 4]);
  const slash = random.pick(['/', '/', '/', '//']);
  return slash + Array.from({ length: depth }, () => random.pick(names)).join(slash);
}

/** Where paths are looked for: the same few again and again, as programs do. */
function lookedFor(random: Prng): string {
  return randomPath(random, [...NAMES, ...NAMES, '.', '..']);
}

type Act = (tree: Tree, random: Prng) => void;

const DISKS = [
  diskOf('one', { path: 'a/b/c/' }, { path: 'b/', type: 'dir' }, { path: 'c', target: '/a/b' }),
  diskOf('two', { path: 'a', content: 'covers' }, { path: 'b/a/d/' }, { path: 'd/b/' }),
  diskOf('three', { path: 'a/b', target: 'c' }, { path: 'a/c/d/' }, { path: 'c/a/b/' }),
];

const ACTS: readonly Act[] = [
  (tree, random) => tree.mkdir(randomPath(random)),
  (tree, random) => tree.mkdir(randomPath(random)),
  (tree, random) => put(tree, randomPath(random), 'x'),
  (tree, random) => tree.symlink(lookedFor(random).slice(random.below(2)), randomPath(random)),
  (tree, random) => tree.unlink(randomPath(random)),
  (tree, random) => tree.rmdir(randomPath(random)),
  (tree, random) => tree.rename(randomPath(random), randomPath(random)),
  (tree, random) => tree.rename(randomPath(random), randomPath(random)),
  (tree, random) => tree.mount(random.pick(DISKS)),
  (tree, random) => tree.unmount(random.pick(DISKS)),
  (tree, random) => tree.ramdisks.add({ name: 'ram', path: randomPath(random), size: '1mb' }),
  (tree) => tree.ramdisks.remove('ram'),
];

for (let first = 1; first <= SEQUENCES; first += AT_ONCE) {
  const turn = seeds(SEQUENCES).slice(first - 1, first - 1 + AT_ONCE);
  if (turn.length === 0) break;
  test(`a path leads where it does without memory (seeds ${turn[0]} to ${turn.at(-1)})`, () => {
    for (const seed of turn) {
      const random = prng(seed);
      // Two trees at once: what one remembers must mean nothing to the other.
      const trees = [treeOf([{ path: 'a/a/' }, { path: 'b/c', target: '../a' }]), treeOf([])];
      for (let step = 1; step <= STEPS; step++) {
        const tree = random.pick(trees);
        try {
          random.pick(ACTS)(tree, random);
        } catch (error) {
          if (!(error instanceof VisorError)) throw error;
        }
        for (let look = 0; look < LOOKS; look++) {
          const [path, follow] = [lookedFor(random), random.below(2) === 0];
          const where = `SEED=${seed}, step ${step}: ${path}`;
          expect(tree.seek(path, follow), where).toBe(plainly(tree, path, follow));
        }
      }
    }
  });
}

test('links before the last name and behind it have one limit, at every look', () => {
  const entries: Entry[] = [{ path: 'dir/' }, { path: 'file', content: '' }];
  const before = 25;
  const behind = SYMLINKS_MAX_COUNT - before;
  for (let index = 0; index < before; index++) {
    const target = index === before - 1 ? 'dir' : `up${index + 1}`;
    entries.push({ path: `up${index}`, target });
  }
  for (let index = 0; index <= behind; index++) {
    const target = index === behind ? '../file' : `to${index + 1}`;
    entries.push({ path: `dir/to${index}`, target });
  }
  const tree = treeOf(entries);
  for (const turn of [1, 2, 3]) {
    expect(tree.seek('/up0/to0'), `turn ${turn}`).toBe('ELOOP');
    expect(tree.seek('/up0/to1'), `turn ${turn}`).toBe(tree.lookup('/file'));
  }
});

test('a file renamed over a link to a directory is what the path leads to at once', () => {
  const tree = treeOf([
    { path: 'dir/file', content: '' },
    { path: 'link', target: 'dir' },
  ]);
  expect(tree.seek('/link/file')).toBe(tree.lookup('/dir/file'));
  put(tree, '/other', '');
  tree.rename('/other', '/link');
  expect(tree.seek('/link/file')).toBe('ENOTDIR');
});

test('one name is asked for below a directory that is known, at any depth', () => {
  const names = Array.from({ length: 20 }, (_, index) => `level-${index}`);
  const deep = names.join('/');
  const tree = treeOf([
    { path: `${deep}/one`, content: '1' },
    { path: `${deep}/two`, content: '2' },
  ]);
  tree.lookup(`/${deep}/one`);
  const find = vi.spyOn(Dirents.prototype, 'find');
  tree.lookup(`/${deep}/two`);
  expect(find).toHaveBeenCalledTimes(1);
  tree.has(`/${deep}/three`);
  expect(find).toHaveBeenCalledTimes(2);
  find.mockRestore();
});

test('making names and removing files forgets no directory', () => {
  const tree = treeOf([
    { path: 'dir/sub/file', content: '1' },
    { path: 'dir/sub/gone', content: '' },
  ]);
  tree.lookup('/dir/sub/file');
  const { stamp } = tree.live;
  put(tree, '/dir/sub/made', 'x');
  tree.mkdir('/dir/sub/below');
  tree.symlink('file', '/dir/sub/link');
  tree.link('/dir/sub/file', '/dir/sub/other');
  tree.rename('/dir/sub/made', '/dir/sub/gone');
  tree.unlink('/dir/sub/gone');
  expect(tree.live.stamp).toBe(stamp);
});

test('more directories than are remembered are found all the same', () => {
  const tree = treeOf([], { ramdisks: [{ name: 'root', path: '/', size: '64mb', inodes: 1e5 }] });
  const paths = Array.from({ length: PREFIXES_MAX_COUNT + 500 }, (_, index) => `/d${index}`);
  for (const path of paths) {
    tree.mkdir(path);
    put(tree, `${path}/file`, path);
  }
  for (const path of paths) expect(text(tree.view(`${path}/file`))).toBe(path);
});

test('a path that is too long to be remembered leads where it leads', () => {
  const tree = treeOf([]);
  let deep = '';
  for (let index = 0; index < 30; index++) {
    deep += `/directory-${index}`;
    tree.mkdir(deep);
  }
  put(tree, `${deep}/file`, 'deep');
  for (const turn of [1, 2]) expect(text(tree.view(`${deep}/file`)), `turn ${turn}`).toBe('deep');
  const find = vi.spyOn(Dirents.prototype, 'find');
  tree.lookup(`${deep}/file`);
  expect(find.mock.calls.length).toBeGreaterThan(30);
  find.mockRestore();
});
