/**
 * Attacks snapshots as bytes: what random trees show must come back, byte for byte and number for
 * number, in the same bytes for the same state; and what anybody changed in them, with the sum made
 * right again, ends in an error that says so or in a tree of which every table adds up.
 */

import { expect, test } from 'vitest';
import { concatBytes, text, utf8 } from '../../src/base/bytes.ts';
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
  const tree = new Tree(Image.of(...disks), {
    identity: { umask: 0 },
    clock: () => now++,
    memory: '1gb',
  });
  if (random.below(2) === 0 && tree.has('/a') && isDirectory(tree.stat('/a').mode)) {
    tree.ramdisks.add({ name: 'one', path: '/a', size: '8m' });
  }
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
    const again = new Tree(opened, { identity: { umask: 0 } });
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

test('limits and peaks come back: the memory of all, and a peak above a limit that was cut', () => {
  const tree = treeOf([], { memory: 200_000 });
  put(tree, '/f', new Uint8Array(100_000));
  tree.unlink('/f');
  tree.ramdisks.resize('root', { size: 50_000 });
  const bytes = tree.snapshot().toBytes();
  const opened = Snapshot.from(bytes);
  expect(Buffer.compare(opened.toBytes(), bytes)).toBe(0);
  const again = new Tree(opened, { identity: { umask: 0 } });
  expect(everything(again)).toBe(everything(tree));
  again.ramdisks.resize('root', { size: 400_000 });
  expect(() => put(again, '/f', new Uint8Array(210_000))).toThrow('ENOMEM');
});

test('bytes may lie anywhere in larger memory, as those of files and sockets do', () => {
  const tree = treeOf([]);
  put(tree, '/f', 'x');
  const bytes = tree.snapshot().toBytes();
  for (const [before, behind] of [
    [0, 0],
    [8, 3],
    [4, 8],
    [1, 0],
    [3, 5],
  ] as const) {
    const larger = Buffer.alloc(before + bytes.length + behind, 0xff);
    larger.set(bytes, before);
    const there = larger.subarray(before, before + bytes.length);
    expect(Buffer.compare(Snapshot.from(there).toBytes(), bytes)).toBe(0);
  }
});

test('a high inode alone takes no memory for those below it, which are used all the same', () => {
  const row = 1 << 20;
  const tree = treeOf([]);
  const { inodes } = tree.live.delta;
  inodes.takeAt(row);
  inodes.free(row);
  put(tree, '/f', 'x');
  const opened = Snapshot.from(tree.snapshot().toBytes());
  const again = new Tree(opened, { identity: { umask: 0 } });
  expect(again.stat('/f')).toEqual(tree.stat('/f'));
  const seen = new Set<number>();
  for (let count = 0; count < 1000; count++) {
    put(again, `/n${count}`, '');
    seen.add(again.stat(`/n${count}`).ino);
  }
  expect(seen.size).toBe(1000);
  expect(Math.max(...seen)).toBeLessThanOrEqual(2 ** 30 + row);
  expect(again.live.delta.inodes.rows.byteSize).toBeLessThan(1 << 20);
  verify(again);
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

/** The parts of a snapshot that a lie may be in: the head, and words of the tables behind it. */
interface Parts {
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON can say
  readonly head: any;
  readonly rows: Int32Array;
  readonly names: Int32Array;
  readonly pages: Uint8Array;
}

/** `bytes` with what `lie` did to their parts, and the sum that they should have then. */
function lied(bytes: Uint8Array, lie: (parts: Parts) => void): Uint8Array {
  const start = new Int32Array(bytes.slice(0, START_BYTES).buffer);
  const [headLength, rowCount, nameCount, , , pageCount] = start.slice(3) as unknown as number[];
  const head = JSON.parse(text(bytes, START_BYTES, START_BYTES + headLength!));
  const tables = bytes.slice(START_BYTES + headLength!);
  const rows = new Int32Array(tables.buffer, 0, rowCount! * 25);
  const names = new Int32Array(tables.buffer, rows.byteLength, nameCount! * 3);
  lie({ head, rows, names, pages: tables.subarray(tables.length - pageCount! * 4096) });
  const json = utf8(JSON.stringify(head));
  start[3] = json.length + (-json.length & 7);
  const blanks = utf8(' '.repeat(-json.length & 7));
  return summed(concatBytes([new Uint8Array(start.buffer), json, blanks, tables]));
}

test.each<[string, (parts: Parts) => void]>([
  ['keys that nobody knows', ({ head }) => Object.assign(head, { more: 1 })],
  ['a list out of order', ({ head }) => head.restored.push('b', 'a')],
  ['two ramdisks of one name', ({ head }) => Object.assign(head.ramdisks[1], { 0: 'root' })],
  ['less memory than it holds', ({ head }) => Object.assign(head, { memory: 100 })],
  [
    'promises that no memory has together',
    ({ head }) => {
      for (const ramdisk of head.ramdisks) Object.assign(ramdisk, { 2: 2 ** 52, 3: 2 ** 52 });
    },
  ],
  ['a device where there is no inode', ({ head }) => head.devices.push([500, 7])],
  ['a device that is a file', ({ head }) => head.devices.push([2, 7])],
  ['a link that leads nowhere', ({ head }) => Object.assign(head, { targets: [] })],
  ['a link longer than it says', ({ head }) => Object.assign(head.targets[0], { 1: 'longer' })],
  ['letters of more than a byte', ({ head }) => Object.assign(head.targets[0], { 1: '\u0174' })],
  ['more names of a file than there are', ({ head }) => head.linkCounts.push([3, 5])],
  ['a directory that another ramdisk pays for', ({ rows }) => rows.set([1 << 16], 1 + 7)],
  ['a mode of no type', ({ rows }) => rows.set([0], 1)],
  ['a mode of more than 16 bits', ({ rows }) => rows.set([rows[1]! | (1 << 20)], 1)],
  ['a page where none may be named', ({ rows }) => rows.set([7], 25 + 1 + 5)],
  ['names out of order', ({ names }) => names.set([...names.slice(3, 6), ...names.slice(0, 3)])],
  ['a name that is home twice', ({ names }) => names.set([names[2]! + 2 ** 16], 2)],
  ['bytes behind the end of a file', ({ pages }) => pages.fill(97, 5, 6)],
])('a snapshot with %s is refused', (_what, lie) => {
  const image = imageOf(
    { path: 'etc/' },
    { path: 'etc/a', content: 'image' },
    { path: 'etc/b', type: 'link', target: 'etc/a' },
  );
  const ramdisks = ['/', '/etc'].map((path) => ({ name: path === '/' ? 'root' : 'etc', path }));
  const tree = new Tree(image, { identity: { umask: 0 }, ramdisks });
  tree.mkdir('/d');
  put(tree, '/d/f', 'xyz');
  tree.symlink('t', '/d/s');
  const bytes = tree.snapshot().toBytes();
  expect(
    Buffer.compare(
      lied(bytes, () => {}),
      bytes,
    ),
  ).toBe(0);
  expect(() => Snapshot.from(lied(bytes, lie), image)).toThrow(CorruptError);
});

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
      const again = new Tree(opened, { identity: { umask: 0 } });
      opened.release();
      verify(again);
      walk(again);
      put(again, '/new-one', 'x');
      again.unlink('/new-one');
      verify(again);
    }
  });
}
