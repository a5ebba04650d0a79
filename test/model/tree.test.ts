/**
 * Attacks the whole tree: random verbs over a random image with one to three ramdisks, against a
 * model that knows neither images nor what anything costs. Result or refusal are the same at every
 * step, tables and ledgers add up, and in the end all that shows is what the model has, each file
 * under the number it had, every row has a name, and after all is removed only whiteouts are left.
 *
 * Not here: full ramdisks (vfs/full.test.ts), tardisks that come and go (mounts.test.ts).
 */

import { expect, test } from 'vitest';
import { ENTRY_BYTES } from '../../src/base/limits.ts';
import { Image } from '../../src/layer/image.ts';
import type { RamdiskOptions } from '../../src/layer/ramdisk.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';
import { Pair } from './pair.ts';
import { randomDisk } from './random-disk.ts';

const SEQUENCES = 2400;
const AT_ONCE = 120;
const STEPS = 42;

function randomTree(random: Prng): Tree {
  const disks = Array.from({ length: random.below(4) }, (_, index) =>
    randomDisk(random, `disk${index}`),
  );
  const ramdisks: RamdiskOptions[] = [{ name: 'root', path: '/', size: '8m' }];
  if (random.below(2) === 0) ramdisks.push({ name: 'one', path: '/a', size: '8m' });
  if (random.below(3) === 0) ramdisks.push({ name: 'two', path: '/b/c', size: '8m' });
  const tree = new Tree(Image.of(...disks), { identity: { umask: 0 }, clock: () => 1e9 });
  for (const ramdisk of ramdisks.slice(1)) {
    try {
      tree.ramdisks.add(ramdisk);
    } catch {
      // No directory has that path in this image: then there is one ramdisk less.
    }
  }
  return tree;
}

/** Whiteouts over all that the image has in its root, and the root's own row. */
function unavoidable(tree: Tree): { bytes: number; inodes: number } {
  let bytes = 0;
  tree.live.delta.dirents.verify();
  const { dirents } = tree.image;
  for (let entry = dirents.first(1); entry >= 0; entry = dirents.next(entry)) {
    bytes += ENTRY_BYTES + dirents.nameLength(entry);
  }
  return { bytes, inodes: 1 };
}

function run(seed: number): void {
  const random = prng(seed);
  const tree = randomTree(random);
  const pair = new Pair(tree, random);
  try {
    for (let step = 0; step < STEPS; step++) pair.step();
    pair.check();
    pair.closeAll();
    pair.check();
    pair.clear();
    const [root, ...others] = tree.ramdisks.list();
    if (others.length > 0) return;
    const { bytes, inodes } = unavoidable(tree);
    expect(root!.usedBytes, 'bytes left').toBe(bytes);
    expect(root!.usedInodes, 'inodes left').toBeLessThanOrEqual(inodes);
  } catch (error) {
    throw new Error(`SEED=${seed}\n${pair.trace.join('\n')}\n${(error as Error).message}`, {
      cause: error,
    });
  }
}

const all = seeds(SEQUENCES);
for (let at = 0; at < all.length; at += AT_ONCE) {
  const some = all.slice(at, at + AT_ONCE);
  test(`a tree does what the model does (seeds ${some[0]} to ${some.at(-1)})`, () => {
    for (const seed of some) run(seed);
  });
}
