// What differs from the image, verb by verb: a table of what was done and what is to be seen of it.

import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { VisorFs } from '../../src/index.ts';
import { changesOf, diffOf } from '../../src/report/diff.ts';
import { O_CREAT, O_WRONLY } from '../../src/vfs/flags.ts';
import type { Snapshot } from '../../src/vfs/snapshot.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { diskOf, imageOf } from '../support/archives.ts';

function tree(): Tree {
  return new Tree(
    imageOf(
      { path: 'etc/' },
      { path: 'etc/a', content: 'a' },
      { path: 'etc/dir/' },
      { path: 'etc/dir/b', content: 'b' },
    ),
  );
}

function write(on: Tree, path: string): void {
  const fd = on.open(path, O_CREAT | O_WRONLY);
  on.write(fd, utf8('new'), null);
  on.close(fd);
}

test.each<[string, (on: Tree) => void, string[]]>([
  ['nothing done is nothing changed', () => {}, []],
  [
    'a new file is added, its directory not modified',
    (on) => write(on, '/etc/new'),
    ['added /etc/new'],
  ],
  ['a write modifies', (on) => write(on, '/etc/a'), ['modified /etc/a']],
  ['a chmod modifies', (on) => on.chmod('/etc/a', 0o600), ['modified /etc/a']],
  ['a chmod of a directory modifies it', (on) => on.chmod('/etc', 0o700), ['modified /etc']],
  ['an unlink deletes', (on) => on.unlink('/etc/a'), ['deleted /etc/a']],
  [
    'a file made and removed again leaves nothing',
    (on) => {
      write(on, '/etc/new');
      on.unlink('/etc/new');
    },
    [],
  ],
  [
    'a rename deletes the old name and adds the new',
    (on) => on.rename('/etc/a', '/etc/z'),
    ['deleted /etc/a', 'added /etc/z'],
  ],
  [
    'a directory renamed and back is as it was',
    (on) => {
      on.rename('/etc/dir', '/etc/moved');
      on.rename('/etc/moved', '/etc/dir');
    },
    [],
  ],
  [
    'a page written over within a large file modifies it, though the clock stands still',
    (on) => {
      const fd = on.open('/etc/a', O_WRONLY);
      on.write(fd, utf8('new'), 1 << 20);
      on.close(fd);
    },
    ['modified /etc/a'],
  ],
  [
    'a name deleted and made anew is modified',
    (on) => {
      on.unlink('/etc/a');
      write(on, '/etc/a');
    },
    ['modified /etc/a'],
  ],
])('%s', (_title, act, wanted) => {
  const on = tree();
  act(on);
  expect(changesOf(on.live).map(({ change, path }) => `${change} ${path}`)).toEqual(wanted);
});

test('a page written over in a fork is told, though no number of the file changed', () => {
  const on = tree();
  const fd = on.open('/etc/large', O_CREAT | O_WRONLY);
  on.write(fd, new Uint8Array(100_000), null);
  const older = on.snapshot();
  expect(diffOf(older.live, on.live)).toEqual([]);
  on.write(fd, utf8('new'), 50_000);
  on.close(fd);
  expect(diffOf(older.live, on.live)).toEqual([{ path: '/etc/large', change: 'modified' }]);
});

test('what is told of a mount in a fork is what the tardisk brought and covered', () => {
  const on = tree();
  const older = on.snapshot();
  const other = imageOf({ path: 'etc/a', content: 'other' }, { path: 'etc/c', content: 'c' });
  on.mount(other.tardisks[0]!);
  const told = diffOf(older.live, on.live).map(({ change, path }) => `${change} ${path}`);
  expect(told).toEqual(['modified /etc/a', 'added /etc/c']);
});

/** What is told of `newer`, as text. */
function told(older: Snapshot | Tree, newer: Tree): string[] {
  return diffOf(older.live, newer.live).map(({ change, path }) => `${change} ${path}`);
}

test('a directory that has another mode by a mount is modified, and so is the root', () => {
  const on = tree();
  const older = on.snapshot();
  on.mount(diskOf('modes', { path: './', mode: 0o711 }, { path: 'etc/', mode: 0o700 }));
  expect(told(older, on)).toEqual(['modified /', 'modified /etc']);
});

test('files of two forks that mounted under one number are two, though both were touched', () => {
  const [one, other] = [tree(), tree()];
  const forks = [one, new Tree(one)] as const;
  forks[0].mount(diskOf('x', { path: 'etc/new', content: 'x' }));
  forks[1].mount(diskOf('y', { path: 'etc/new', content: 'y' }));
  expect(forks[0].lookup('/etc/new')).toBe(forks[1].lookup('/etc/new'));
  expect(told(...forks)).toEqual(['modified /etc/new']);
  for (const fork of forks) fork.chmod('/etc/new', 0o600);
  expect(told(...forks)).toEqual(['modified /etc/new']);
  expect(told(other, other)).toEqual([]);
});

test('what is told of a directory that moved is told of paths that there were', () => {
  const on = tree();
  on.mkdir('/d');
  write(on, '/d/gone');
  write(on, '/d/kept');
  const older = on.snapshot();
  on.rename('/d', '/e');
  on.unlink('/e/gone');
  write(on, '/e/new');
  on.chmod('/e/kept', 0o600);
  expect(told(older, on)).toEqual(['deleted /d', 'added /e', 'added /e/kept', 'added /e/new']);
});

test('what a directory lost that was replaced by another is deleted', () => {
  const on = tree();
  const older = on.snapshot();
  on.rename('/etc/dir', '/etc/old');
  on.mkdir('/etc/dir');
  write(on, '/etc/dir/new');
  const inside = ['deleted /etc/dir/b', 'added /etc/dir/new'];
  expect(told(older, on)).toEqual(['modified /etc/dir', ...inside, 'added /etc/old']);
});

test('trees of two lines, and what was released, do not differ but are EINVAL', () => {
  const on = new VisorFs();
  write(on, '/a');
  const older = on.snapshot();
  expect(on.diff(older)).toEqual([]);
  expect(() => on.diff(new VisorFs())).toThrow('EINVAL');
  older.release();
  expect(older.isReleased).toBe(true);
  expect(() => on.diff(older)).toThrow('EINVAL');
});
