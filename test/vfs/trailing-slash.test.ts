// A slash behind the last name. Verbs that make, move and remove names mean the name itself, even
// where it is a link; open(2) refuses to create through it. The differential suite in test/contract
// asks the kernel the same questions; this says what the answers are.

import { expect, test } from 'vitest';
import { VisorError } from '../../src/base/errors.ts';
import { O_CREAT, O_EXCL, O_WRONLY } from '../../src/vfs/flags.ts';
import { Tree } from '../../src/vfs/tree.ts';

function scene(): Tree {
  const tree = new Tree();
  tree.close(tree.open('/f', O_CREAT | O_WRONLY));
  tree.mkdir('/dir');
  tree.symlink('f', '/link');
  tree.symlink('dir', '/dirlink');
  tree.symlink('gone', '/dangling');
  return tree;
}

function refused(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof VisorError) return error.code;
    throw error;
  }
  return undefined;
}

const LINES: readonly [title: string, act: (tree: Tree) => unknown, code: string][] = [
  ['creating a file is EISDIR', (tree) => tree.open('/f/', O_CREAT | O_WRONLY), 'EISDIR'],
  ['creating through a link is EISDIR', (tree) => tree.open('/link/', O_CREAT), 'EISDIR'],
  ['creating what is new is EISDIR', (tree) => tree.open('/new/', O_CREAT | O_EXCL), 'EISDIR'],
  ['creating a directory is EISDIR', (tree) => tree.open('/dir/', O_CREAT), 'EISDIR'],
  ['making a directory over a file is EEXIST', (tree) => tree.mkdir('/f/'), 'EEXIST'],
  ['making a directory over a link is EEXIST', (tree) => tree.mkdir('/dangling/'), 'EEXIST'],
  ['removing a link to a directory is ENOTDIR', (tree) => tree.rmdir('/dirlink/'), 'ENOTDIR'],
  ['unlinking a link to a directory is ENOTDIR', (tree) => tree.unlink('/dirlink/'), 'ENOTDIR'],
  ['unlinking a file is ENOTDIR', (tree) => tree.unlink('/f/'), 'ENOTDIR'],
  [
    'renaming a link to a directory is ENOTDIR',
    (tree) => tree.rename('/dirlink/', '/x'),
    'ENOTDIR',
  ],
  ['linking a directory to it is ENOENT', (tree) => tree.link('/dir', '/new/'), 'ENOENT'],
];

for (const [title, act, code] of LINES) {
  test(`with a slash behind the name, ${title}`, () => {
    expect(refused(() => act(scene()))).toBe(code);
  });
}

test('with a slash behind the name, a directory is made and renamed all the same', () => {
  const tree = scene();
  tree.mkdir('/new/');
  tree.rename('/new/', '/newer/');
  expect(tree.readlink('/dirlink')).toEqual(new TextEncoder().encode('dir'));
  expect(tree.stat('/newer').mode & 0o777).toBe(0o755);
  tree.rmdir('/newer/');
  expect(refused(() => tree.stat('/newer'))).toBe('ENOENT');
});

test('a slash behind what was looked up before does not count for what is made now', () => {
  const tree = scene();
  tree.stat('/dir/');
  expect(refused(() => tree.open('/f/x', O_CREAT | O_WRONLY))).toBe('ENOTDIR');
});
