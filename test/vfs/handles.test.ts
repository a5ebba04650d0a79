/**
 * Attacks the table of open files: its limit, numbers used again, and counts by inode.
 */

import { expect, test } from 'vitest';
import { NO_BYTES } from '../../src/base/bytes.ts';
import { OPEN_FILES_MAX_COUNT } from '../../src/base/limits.ts';
import { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '../../src/vfs/flags.ts';
import { Handles } from '../../src/vfs/handles.ts';
import { NO_INO } from '../../src/vfs/ino.ts';
import { refusal } from '../support/thrown.ts';
import { names, put, readFile, treeOf } from './support.ts';

const nowhere = { directory: NO_INO, name: NO_BYTES };
const file = (ino: number) => ({
  ...nowhere,
  ino,
  flags: 0,
  ramdisk: 0,
  isNew: false,
  position: 0,
});

test('descriptors start at 3, and one that was closed is used again first', () => {
  const handles = new Handles();
  expect([1, 2, 3].map((ino) => handles.open(file(ino)))).toEqual([3, 4, 5]);
  handles.close(4);
  expect([handles.open(file(9)), handles.open(file(9)), handles.openCount]).toEqual([4, 6, 4]);
});

test.each([0, 20, 100])('an inode is open until its last descriptor is, of %d others', (count) => {
  const handles = new Handles();
  const fds = [handles.open(file(7)), handles.open(file(7))];
  const others = Array.from({ length: count }, (_, index) => handles.open(file(100 + index)));
  expect([handles.close(fds[0]!), handles.isOpen(7)]).toEqual([null, true]);
  expect([handles.close(fds[1]!), handles.isOpen(7)]).toEqual([7, false]);
  for (const [index, fd] of others.entries()) {
    expect(handles.isOpen(100 + index)).toBe(true);
    expect([handles.close(fd), handles.isOpen(100 + index)]).toEqual([100 + index, false]);
  }
  expect([...handles.all()]).toEqual([]);
});

test.each([0, 2, 3, -1, 1.5, Number.NaN])(
  'the descriptor %d, which nobody opened, is EBADF',
  (fd) => {
    expect(refusal(() => new Handles().at(fd))).toBe('EBADF');
  },
);

test('one file more than can be open is EMFILE, and neither made nor cut by that', () => {
  const tree = treeOf([]);
  put(tree, '/f', 'data');
  const fds: number[] = [];
  while (fds.length < OPEN_FILES_MAX_COUNT) fds.push(tree.open('/f', O_RDONLY));
  expect(refusal(() => tree.open('/new', O_CREAT | O_WRONLY))).toBe('EMFILE');
  expect(refusal(() => tree.open('/f', O_TRUNC | O_WRONLY))).toBe('EMFILE');
  expect([names(tree, '/'), readFile(tree, '/f')]).toEqual([['f'], 'data']);
  tree.close(fds.pop()!);
  expect(tree.open('/new', O_CREAT | O_WRONLY)).toBeGreaterThan(2);
});
