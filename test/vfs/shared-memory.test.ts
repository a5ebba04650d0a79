/**
 * Attacks the memory that a tree and its forks share, at its edge: pages that are held by
 * several, promises to ramdisks, and both at once. A refusal changes nothing, a promise is kept,
 * and giving back is never refused.
 */

import { expect, test } from 'vitest';
import { PAGE_BYTES } from '../../src/base/limits.ts';
import { Image } from '../../src/layer/image.ts';
import { O_WRONLY } from '../../src/vfs/flags.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { refusal } from '../support/thrown.ts';
import { everything, put, treeOf, verifyCharges } from './support.ts';

const PAGES = 120;

/** A tree with a ramdisk over /r that is promised much of the memory. */
function promised(): Tree {
  return treeOf([], {
    memory: PAGES * PAGE_BYTES,
    ramdisks: [
      { name: 'root', path: '/', size: PAGES * PAGE_BYTES },
      { name: 'r', path: '/r', size: 50 * PAGE_BYTES, reserve: 50 * PAGE_BYTES },
    ],
  });
}

function pages(count: number, byte: number): Uint8Array {
  return new Uint8Array(count * PAGE_BYTES).fill(byte);
}

/** Writes a new file that leaves `left` pages of the memory, and less than one more. */
function fillUp(tree: Tree, left: number): void {
  put(tree, '/filler', '');
  const { budget } = tree.live.delta;
  const free = Math.floor((budget.totalBytes - budget.committedBytes) / PAGE_BYTES);
  put(tree, '/filler', pages(free - left, 1));
}

function replace(tree: Tree, path: string, bytes: Uint8Array): void {
  const fd = tree.open(path, O_WRONLY);
  try {
    tree.replace(fd, bytes);
  } finally {
    tree.close(fd);
  }
}

test('giving back is not refused, though forks gave up more than was promised', () => {
  const tree = promised();
  put(tree, '/r/a', pages(20, 1));
  put(tree, '/r/b', pages(20, 2));
  const fork = new Tree(tree, { identity: { umask: 0 } });
  fillUp(tree, 1);
  // The memory of both goes on being held, and that of the fork's promise is free for it again.
  for (const path of ['/r/a', '/r/b']) fork.unlink(path);
  const { budget } = tree.live.delta;
  expect(budget.committedBytes).toBeGreaterThan(budget.totalBytes);
  expect(refusal(() => put(tree, '/more', 'x'))).toBe('ENOMEM');
  tree.unlink('/filler');
  fork.ramdisks.resize('r', { reserve: 0 });
  for (const path of ['/r/a', '/r/b']) tree.unlink(path);
  for (const one of [tree, fork]) verifyCharges(one);
  expect(tree.live.delta.pages.takenCount).toBe(0);
});

test.each([9, 14, 15])(
  'a replacement that needs 15 pages leaves all or does all, with %d',
  (left) => {
    const tree = promised();
    put(tree, '/r/a', pages(15, 7));
    const fork = new Tree(tree, { identity: { umask: 0 } });
    fillUp(tree, left);
    const before = everything(fork);
    const code = refusal(() => replace(fork, '/r/a', pages(8, 1)));
    expect(code).toBe(left < 15 ? 'ENOMEM' : null);
    if (code !== null) expect(everything(fork)).toBe(before);
    for (const one of [tree, fork]) verifyCharges(one);
  },
);

test('a promise is kept for new pages, also where the write copies a shared one', () => {
  const tree = treeOf([], {
    memory: PAGES * PAGE_BYTES,
    ramdisks: [
      { name: 'root', path: '/', size: PAGES * PAGE_BYTES },
      { name: 'r', path: '/r', size: 20 * PAGE_BYTES, reserve: 20 * PAGE_BYTES },
    ],
  });
  put(tree, '/r/a', pages(1, 7));
  const fork = new Tree(tree, { identity: { umask: 0 } });
  fillUp(tree, 1);
  const fd = fork.open('/r/a', O_WRONLY);
  fork.write(fd, pages(8, 1), 0);
  for (const one of [tree, fork]) verifyCharges(one);
});

test('a file of holes is replaced by looking at its pages, not at its holes', () => {
  const tree = treeOf([]);
  put(tree, '/f', 'x');
  tree.truncate('/f', 2 ** 43);
  const { delta } = tree.live;
  let looks = 0;
  const isShared = delta.pages.isShared.bind(delta.pages);
  delta.pages.isShared = (page) => {
    looks += 1;
    return isShared(page);
  };
  const row = tree.live.rowOf(tree.lookup('/f'));
  expect(delta.data.sharedPageCount(row)).toBe(0);
  expect(looks).toBe(1);
  replace(tree, '/f', pages(1, 2));
  expect(tree.stat('/f').size).toBe(PAGE_BYTES);
});

test('snapshots are promised nothing, and going back needs no second promise', () => {
  const tree = new Tree(Image.of(), {
    identity: { umask: 0 },
    memory: 100 * PAGE_BYTES,
    ramdisks: [{ name: 'root', path: '/', size: 80 * PAGE_BYTES, reserve: 80 * PAGE_BYTES }],
  });
  put(tree, '/a', pages(3, 7));
  const taken = Array.from({ length: 20 }, () => tree.snapshot());
  put(tree, '/a', pages(3, 8));
  for (const snapshot of taken) {
    tree.rollback(snapshot);
    expect(tree.view('/a')[0]).toBe(7);
  }
  // A second tree is written to, so that it is promised as much: that does not fit.
  expect(refusal(() => new Tree(taken[0]!, { identity: { umask: 0 } }))).toBe('ENOMEM');
  verifyCharges(tree);
  for (const snapshot of taken) snapshot.release();
  expect(tree.live.delta.budget.committedBytes).toBe(80 * PAGE_BYTES);
});
