/**
 * Attacks snapshots as bytes: what random trees show must come back, byte for byte and number for
 * number, in the same bytes for the same state; and what anybody changed in them, with the sum made
 * right again, ends in an error that says so or in a tree of which every table adds up.
 */

import { expect, test } from 'vitest';
import { CorruptError } from '../../src/base/errors.ts';
import { isDirectory } from '../../src/base/mode.ts';
import { Image } from '../../src/layer/image.ts';
import { Snapshot } from '../../src/vfs/snapshot.ts';
import { START_BYTES, sumOf } from '../../src/vfs/snapshot-bytes.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { Pair } from '../model/pair.ts';
import { randomDisk } from '../model/random-disk.ts';
import { imageOf } from '../support/archives.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';
import { everything, patch, put, treeOf, verify } from './support.ts';

function randomTree(random: Prng): { tree: Tree; pair: Pair } {
  const disks = Array.from({ length: random.below(3) }, (_, index) =>
    randomDisk(random, `disk${index}`),
  );
  let now = 0;
  const tree = new Tree(Image.of(...disks), { umask: 0, clock: () => now++ });
  const pair = new Pair(tree, random);
  for (let step = 0; step < 60; step++) pair.step();
  return { tree, pair };
}

for (const seed of seeds(40)) {
  test(`a tree comes back from bytes as it was, and again as the same bytes (SEED=${seed})`, () => {
    const { tree, pair } = randomTree(prng(seed));
    const bytes = tree.snapshot().toBytes();
    const opened = Snapshot.from(bytes, tree.image);
    expect(Buffer.compare(opened.toBytes(), bytes)).toBe(0);
    const again = new Tree(opened, { umask: 0 });
    expect(everything(again)).toBe(everything(tree));
    opened.release();
    verify(again);
    pair.closeAll();
    // What is only open is not in a snapshot, and does not count in it.
    const used = again.ramdisks.list().map(({ usedBytes, usedInodes }) => [usedBytes, usedInodes]);
    const own = tree.ramdisks.list().map(({ usedBytes, usedInodes }) => [usedBytes, usedInodes]);
    expect(used).toEqual(own);
    put(again, '/new-one', 'made after it came back');
    verify(again);
  });
}

test('the same state gives the same bytes, however it came about', () => {
  const make = (isLong: boolean): Uint8Array => {
    const tree = treeOf([{ path: 'etc/' }, { path: 'etc/a', content: 'image' }]);
    tree.mkdir('/d');
    put(tree, '/d/large', new Uint8Array(70_000).fill(3));
    if (isLong) {
      // The same rows in another order of pages, names and nodes.
      put(tree, '/d/other', new Uint8Array(30_000).fill(9));
      put(tree, '/d/large', new Uint8Array(120_000).fill(9));
      tree.truncate('/d/large', 10);
      put(tree, '/d/large', new Uint8Array(70_000).fill(3));
      tree.unlink('/d/other');
      tree.symlink('x', '/gone');
      tree.unlink('/gone');
    }
    patch(tree, '/etc/a', 'I', 0);
    const snapshot = tree.snapshot();
    snapshot.live.delta.ramdisks[0]!.ledger.raisePeak(1 << 20, 100);
    return snapshot.toBytes();
  };
  expect(Buffer.compare(make(false), make(true))).toBe(0);
});

test('holes, the far end of the largest file and large pages in a row come back', () => {
  const tree = treeOf([]);
  put(tree, '/f', new Uint8Array(300_000).fill(5));
  tree.truncate('/f', 2 ** 43);
  patch(tree, '/f', 'end', 2 ** 43 - 3);
  tree.truncate('/f', 2 ** 43);
  const bytes = tree.snapshot().toBytes();
  expect(bytes.length).toBeLessThan(400_000);
  const again = new Tree(Snapshot.from(bytes));
  expect(again.stat('/f')).toEqual(tree.stat('/f'));
  const [target, fd] = [new Uint8Array(4), again.open('/f', 0)];
  again.read(fd, target, 2 ** 43 - 4);
  expect([...target]).toEqual([0, 101, 110, 100]);
});

test('a snapshot of another image is refused, and says of which it is', () => {
  const tree = treeOf([{ path: 'etc/' }]);
  const bytes = tree.snapshot().toBytes();
  const open = (image: Image): Snapshot => Snapshot.from(bytes, image);
  expect(() => open(imageOf({ path: 'other' }))).toThrow(CorruptError);
  expect(() => open(Image.of())).toThrow(/is of another image: of the tardisks /);
});

test('a snapshot that was released has no bytes, and nothing goes back to it', () => {
  const tree = treeOf([]);
  const snapshot = tree.snapshot();
  snapshot.release();
  snapshot.release();
  expect(() => snapshot.toBytes()).toThrow('EINVAL');
  expect(() => tree.rollback(snapshot)).toThrow('EINVAL');
});

/** Looks at all there is, whatever its name and however large it says it is. */
function walk({ live }: Tree): void {
  const pending = [1];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    live.pathOf(at);
    live.list(at, (_table, _entry, ino) => {
      if (isDirectory(live.attributes(ino).mode)) pending.push(ino);
    });
  }
}

/** `bytes` with the sum that they should have. */
function summed(bytes: Uint8Array): Uint8Array {
  const sum = sumOf(bytes);
  bytes.set(new Uint8Array(sum.buffer), START_BYTES - 8);
  return bytes;
}

test('a byte that was changed is found by the sum, wherever it is', () => {
  const { tree } = randomTree(prng(3));
  const bytes = tree.snapshot().toBytes();
  for (let at = 0; at < bytes.length; at += 1 + (at >> 6)) {
    const changed = bytes.slice();
    changed[at]! ^= 0x40;
    expect(() => Snapshot.from(changed, tree.image), `byte ${at}`).toThrow(CorruptError);
  }
  for (const length of [0, 7, 47, 48, bytes.length - 1]) {
    expect(() => Snapshot.from(bytes.slice(0, length), tree.image)).toThrow(CorruptError);
  }
});

for (const seed of seeds(60)) {
  test(`whoever changes a snapshot and its sum is refused or breaks nothing (SEED=${seed})`, () => {
    const random = prng(seed);
    const { tree } = randomTree(random);
    const bytes = tree.snapshot().toBytes();
    const words = Math.floor(bytes.length / 4);
    for (let turn = 0; turn < 120; turn++) {
      const changed = bytes.slice();
      const view = new DataView(changed.buffer);
      for (let count = 1 + random.below(2); count > 0; count--) {
        const at = (2 + random.below(words - 2)) * 4;
        const value = view.getInt32(at, true);
        const other = random.pick([
          0,
          -1,
          1,
          2 ** 30,
          2 ** 30 + 2,
          value + 1,
          value - 1,
          value ^ 64,
        ]);
        view.setInt32(at, other, true);
      }
      let opened: Snapshot;
      try {
        opened = Snapshot.from(summed(changed), tree.image);
      } catch (error) {
        expect(error, `turn ${turn}`).toBeInstanceOf(CorruptError);
        continue;
      }
      const again = new Tree(opened, { umask: 0 });
      opened.release();
      verify(again);
      walk(again);
      put(again, '/new-one', 'x');
      again.unlink('/new-one');
      verify(again);
    }
  });
}
