// Accounting: what vdf says is used is the sum of what vdu says of every path, byte for byte and
// inode for inode. Attacked by random operations of every kind that charges.

import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { VisorError } from '../../src/base/errors.ts';
import { esxRamdisks } from '../../src/layer/ramdisk.ts';
import { vdfOf } from '../../src/report/vdf.ts';
import { vduOf } from '../../src/report/vdu.ts';
import { O_APPEND, O_CREAT, O_WRONLY } from '../../src/vfs/flags.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';
import { prng } from '../support/prng.ts';

const FOLDERS = ['/', '/etc', '/etc/sub', '/opt', '/var/log', '/tmp', '/etc/new', '/var/new'];
const NAMES = ['a', 'b', 'c', 'link', 'a-long-name-of-something'];

function sums(tree: Tree): Map<string, [bytes: number, inodes: number]> {
  const byRamdisk = new Map<string, [number, number]>();
  for (const { name } of tree.ramdisks.list()) byRamdisk.set(name, [0, 0]);
  for (const { ramdisk, ramdiskBytes, ramdiskInodes } of vduOf(tree, '/')) {
    if (ramdisk === null) continue;
    const sum = byRamdisk.get(ramdisk)!;
    sum[0] += ramdiskBytes;
    sum[1] += ramdiskInodes;
  }
  return byRamdisk;
}

function image() {
  return imageOf(
    { path: 'etc/' },
    { path: 'etc/a', content: 'x'.repeat(9000), mode: 0o1644 },
    { path: 'etc/sub/' },
    { path: 'etc/sub/b', content: 'y'.repeat(5000) },
    { path: 'etc/sub/link', type: 'link', target: 'etc/sub/b' },
    { path: 'opt/' },
    { path: 'opt/c', target: '../etc/a' },
    { path: 'var/log/' },
    { path: 'tmp/' },
  );
}

const SEEDS = process.env['SEED'] === undefined ? 60 : 1;
for (let index = 0; index < SEEDS; index++) {
  const seed = Number(process.env['SEED'] ?? index + 1);
  test(`vdf is the sum of vdu after every operation (SEED=${seed})`, () => {
    const random = prng(seed);
    const tree = new Tree(image(), { ramdisks: esxRamdisks(0) });
    const open: number[] = [];
    const place = (): string => `${random.pick(FOLDERS)}/${random.pick(NAMES)}`.replace('//', '/');
    const verbs: (() => void)[] = [
      () => tree.mkdir(random.pick(FOLDERS)),
      () => tree.rmdir(random.pick(FOLDERS)),
      () => tree.unlink(place()),
      () => tree.symlink('x'.repeat(1 + random.below(200)), place()),
      () => tree.link(place(), place()),
      () => tree.rename(place(), place()),
      () => tree.rename(random.pick(FOLDERS), random.pick(FOLDERS)),
      () => tree.chmod(place(), 0o600),
      () => tree.truncate(place(), random.below(20_000)),
      () => open.push(tree.open(place(), O_CREAT | O_WRONLY)),
      () => tree.close(open.splice(random.below(open.length), 1)[0] ?? 99),
      () => {
        const fd = tree.open(place(), O_CREAT | O_WRONLY | O_APPEND);
        tree.write(fd, utf8('z'.repeat(random.below(9000))), null);
        tree.close(fd);
      },
      () => tree.write(random.pick(open) ?? 99, utf8('data'), random.below(1 << 20)),
    ];
    for (let step = 0; step < 120; step++) {
      try {
        random.pick(verbs)();
      } catch (error) {
        if (!(error instanceof VisorError)) throw error;
      }
      const used = vdfOf(tree).ramdisks.map(({ name, usedBytes, usedInodes }) => {
        return [name, [usedBytes, usedInodes]] as const;
      });
      expect([...sums(tree)], `step ${step}`).toEqual(used);
    }
    tree.verify();
  });
}

test('a file that is open without a name is in the sum, in a row without a path', () => {
  const tree = new Tree();
  const fd = tree.open('/gone', O_CREAT | O_WRONLY);
  tree.write(fd, new Uint8Array(10_000), null);
  tree.unlink('/gone');
  const orphan = vduOf(tree, '/').find(({ path }) => path === null);
  expect(orphan).toMatchObject({ ramdisk: 'root', ramdiskBytes: 12_288, ramdiskInodes: 1 });
  tree.close(fd);
  expect(vduOf(tree, '/').some(({ path }) => path === null)).toBe(false);
});

test('a branch says what it still reads from its tardisk and what it holds itself', () => {
  const tree = new Tree(image());
  const fd = tree.open('/etc/a', O_WRONLY);
  tree.write(fd, utf8('!'), 0);
  tree.close(fd);
  const [row] = vduOf(tree, '/etc/a');
  expect(row).toMatchObject({
    ramdisk: 'root',
    ramdiskBytes: 4096,
    tardisk: 'base',
    tardiskBytes: 9000,
  });
});

test('a file with two names takes its bytes once, in a tardisk as in a ramdisk', () => {
  const tree = new Tree(image());
  const names = () => vduOf(tree, '/etc/sub').filter(({ kind }) => kind === 'file');
  expect(names().map(({ tardiskBytes }) => tardiskBytes)).toEqual([5000, 0]);
  tree.chmod('/etc/sub/b', 0o600);
  expect(names().map(({ ramdiskInodes }) => ramdiskInodes)).toEqual([1, 0]);
});

test('a directory of 200,000 names is listed like any other', () => {
  const tree = new Tree(undefined, { ramdisks: [{ name: 'root', path: '/', size: '1gb' }] });
  for (let index = 0; index < 200_000; index++) {
    tree.close(tree.open(`/f${index}`, O_CREAT | O_WRONLY));
  }
  expect(vduOf(tree, '/')).toHaveLength(200_001);
  expect(vduOf(tree, '/', 0)).toHaveLength(1);
});
