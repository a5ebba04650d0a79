/**
 * Attacks what is merely forgotten: a fork, one that listens to its own ramdisks, and a snapshot
 * that a tree went back to. Once the collector ran, only what is left holds pages.
 */

import v8 from 'node:v8';
import vm from 'node:vm';
import { expect, test } from 'vitest';
import { ramdiskProblems } from '../../src/report/problems.ts';
import { Snapshot } from '../../src/vfs/snapshot.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { put, treeOf, verify } from './support.ts';

const PAGES = 100;
const CONTENT = new Uint8Array(PAGES * 4096);

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** Collects until only `count` pages of `tree` are held, and gives up after some turns. */
async function settle(tree: Tree, count: number): Promise<void> {
  const { pages } = tree.live.delta;
  for (let turn = 0; turn < 100 && pages.takenCount > count; turn++) {
    collect();
    await new Promise((done) => setImmediate(done));
  }
  expect(pages.takenCount).toBe(count);
  verify(tree);
}

test.each([false, true])(
  'a fork that was forgotten gives back its own (listens: %s)',
  async (on) => {
    const tree = treeOf([]);
    put(tree, '/f', CONTENT);
    const fork = (): void => {
      const twin = new Tree(tree);
      if (on) twin.ramdisks.on('full', () => twin.unlink('/g'));
      if (on) ramdiskProblems(twin, () => twin.unlink('/g'));
      put(twin, '/g', CONTENT);
    };
    fork();
    expect(tree.live.delta.pages.takenCount).toBe(2 * PAGES);
    await settle(tree, PAGES);
  },
);

test('a snapshot of bytes that was gone back to and forgotten gives back its own', async () => {
  const other = treeOf([]);
  put(other, '/f', CONTENT);
  const tree = treeOf([]);
  const rollback = (): void => tree.rollback(Snapshot.from(other.snapshot().toBytes()));
  rollback();
  put(tree, '/f', 'x');
  await settle(tree, 1);
});
