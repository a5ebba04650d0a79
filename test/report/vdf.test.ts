// The rows of vdf against what was put in: figures that a reader can check by hand.

import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { ENTRY_BYTES } from '../../src/base/limits.ts';
import { vdfOf } from '../../src/report/vdf.ts';
import { O_CREAT, O_WRONLY } from '../../src/vfs/flags.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';

test('an empty tree has one root ramdisk of 32 MiB, and no tardisk', () => {
  expect(vdfOf(new Tree())).toEqual({
    tardisks: [],
    ramdisks: [
      {
        name: 'root',
        path: '/',
        sizeBytes: 33_554_432,
        usedBytes: 0,
        availableBytes: 33_554_432,
        maxInodes: 8192,
        usedInodes: 0,
      },
    ],
  });
});

test('a file of one byte costs a page, its name, and an inode for it and its directory', () => {
  const tree = new Tree();
  const fd = tree.open('/file', O_CREAT | O_WRONLY);
  tree.write(fd, utf8('x'), null);
  const [root] = vdfOf(tree).ramdisks;
  expect(root!.usedBytes).toBe(4096 + ENTRY_BYTES + 4);
  expect(root!.usedInodes).toBe(2);
});

test('a tardisk says what it holds and what it was stored in', () => {
  const tree = new Tree(imageOf({ path: 'a', content: 'abc' }, { path: 'b', content: 'de' }));
  const [disk] = vdfOf(tree).tardisks;
  expect(disk).toEqual({
    name: 'base',
    spaceBytes: 3072,
    usedBytes: 5,
    storedBytes: 3072,
    files: 2,
  });
});
