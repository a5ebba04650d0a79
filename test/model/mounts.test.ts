/**
 * Attacks what no simple model covers: tardisks and ramdisks that come and go amid all other verbs.
 * There are only promises to check, and after each verb they are all checked: what is charged is
 * what is held, every row has a name or a descriptor, links are counted right, a refusal changed
 * nothing. A mount or unmount leaves all that was written as it was and where it was, and what was
 * deleted deleted; unmounting what was just mounted gives back the very same tree.
 */

import { expect, test } from 'vitest';
import { text } from '../../src/base/bytes.ts';
import { VisorError } from '../../src/base/errors.ts';
import { isDirectory, isRegular } from '../../src/base/mode.ts';
import { WHITEOUT } from '../../src/layer/delta.ts';
import type { Tardisk } from '../../src/layer/tardisk.ts';
import { NONE } from '../../src/store/dirents.ts';
import { O_RDWR } from '../../src/vfs/flags.ts';
import type { Tree } from '../../src/vfs/tree.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';
import { put, readFile, removeAll, snapshot, treeOf, verify } from '../vfs/support.ts';
import { randomDisk } from './random-disk.ts';

const SEQUENCES = 600;
const AT_ONCE = 60;
const STEPS = 30;
const NAMES = ['a', 'b', 'c', 'd'];

interface World {
  readonly tree: Tree;
  readonly disks: readonly Tardisk[];
  readonly fds: number[];
  readonly trace: string[];
}

function randomPath(random: Prng): string {
  const depth = random.pick([1, 1, 1, 2, 2, 3]);
  return `/${Array.from({ length: depth }, () => random.pick(NAMES)).join('/')}`;
}

type Act = (world: World, random: Prng) => readonly [string, () => void];

const ACTS: readonly Act[] = [
  ({ tree }, random) => {
    const path = randomPath(random);
    return [`mkdir ${path}`, () => tree.mkdir(path)];
  },
  ({ tree }, random) => {
    const [path, content] = [randomPath(random), random.bytes(random.pick([0, 3, 5000]))];
    return [`put ${path} ${content.length}`, () => put(tree, path, content)];
  },
  ({ tree }, random) => {
    const [path, size] = [randomPath(random), random.pick([0, 2, 5000])];
    return [`truncate ${path} ${size}`, () => tree.truncate(path, size)];
  },
  ({ tree }, random) => {
    const path = randomPath(random);
    return [`chown ${path}`, () => tree.chown(path, random.below(3), 1, false)];
  },
  ({ tree }, random) => {
    const path = randomPath(random);
    return [`unlink ${path}`, () => tree.unlink(path)];
  },
  ({ tree }, random) => {
    const path = randomPath(random);
    return [`rmdir ${path}`, () => tree.rmdir(path)];
  },
  ({ tree }, random) => {
    const path = randomPath(random);
    const clear = (): void => {
      if (isDirectory(tree.stat(path, false).mode)) removeAll(tree, path);
    };
    return [`clear ${path}`, clear];
  },
  ({ tree }, random) => {
    const [from, to] = [randomPath(random), randomPath(random)];
    return [`link ${from} ${to}`, () => tree.link(from, to)];
  },
  ...[1, 2].map(
    (): Act =>
      ({ tree }, random) => {
        const [from, to] = [randomPath(random), randomPath(random)];
        return [`rename ${from} ${to}`, () => tree.rename(from, to)];
      },
  ),
  ({ tree, fds }, random) => {
    const path = randomPath(random);
    return [`open ${path}`, () => fds.push(tree.open(path, random.below(2) === 0 ? 0 : O_RDWR))];
  },
  ...[1, 2].map(
    (): Act =>
      ({ tree, fds }) => {
        return ['close', () => fds.length > 0 && tree.close(fds.pop()!)];
      },
  ),
  ({ tree }, random) => {
    const [name, path] = [random.pick(['one', 'two']), randomPath(random)];
    return [`ramdisk ${name} ${path}`, () => tree.ramdisks.add({ name, path, size: '1m' })];
  },
  ({ tree }, random) => {
    const name = random.pick(['one', 'two']);
    return [`ramdisk -${name}`, () => tree.ramdisks.remove(name)];
  },
  ...[1, 2, 3].map(
    (): Act =>
      ({ tree, disks }, random) => {
        const disk = random.pick(disks);
        if (tree.image.tardisks.includes(disk)) {
          return [`unmount ${disk.name}`, () => exchange(tree, () => tree.unmount(disk))];
        }
        return [`mount ${disk.name}`, () => mountOrTry(tree, disk, random.below(2) === 0)];
      },
  ),
];

/** The directories of the image. */
function directories({ image }: Tree): number[] {
  const found = [1];
  for (const at of found) {
    const { dirents } = image;
    for (let entry = dirents.first(at); entry !== NONE; entry = dirents.next(entry)) {
      if (image.isDirectory(dirents.child(entry))) found.push(dirents.child(entry));
    }
  }
  return found;
}

/**
 * Mounts `disk`; where it is only tried, unmounts it at once and compares. Not where a file covers
 * a directory meanwhile: that may come back under another number, and a number is what was moved.
 */
function mountOrTry(tree: Tree, disk: Tardisk, isTried: boolean): void {
  const before = isTried ? snapshot(tree) : {};
  const known = isTried ? directories(tree) : [];
  exchange(tree, () => tree.mount(disk));
  if (!isTried) return;
  verify(tree);
  const isCovering = known.some((ino) => !tree.image.isDirectory(ino));
  exchange(tree, () => tree.unmount(disk));
  if (isCovering) return;
  expect(snapshot(tree), 'after mounting and unmounting').toEqual(before);
}

/** What was written, path by path, and the paths that were deleted. */
function written(tree: Tree): { files: Map<string, string>; deleted: string[] } {
  const { live } = tree;
  const files = new Map<string, string>();
  const deleted: string[] = [];
  const visit = (path: string, directory: number): void => {
    live.list(directory, (table, entry, ino) => {
      const below = `${path}/${table.name(entry)}`;
      const mode = live.mode(ino);
      if (live.rowOf(ino) !== 0) {
        const { uid, gid, rdev, size } = live.attributes(ino);
        const data = isRegular(mode) ? readFile(tree, below) : size;
        files.set(below, [mode, uid, gid, rdev, isDirectory(mode) ? '' : data].join(' '));
      }
      if (isDirectory(mode)) visit(below, ino);
    });
    const { dirents } = live.delta;
    for (let at = dirents.first(directory); at !== NONE; at = dirents.next(at)) {
      if (dirents.child(at) === WHITEOUT) deleted.push(`${path}/${dirents.name(at)}`);
    }
  };
  visit('', 1);
  return { files, deleted };
}

/** Runs `act`, which exchanges the image, and checks that it changed nothing that was written. */
function exchange(tree: Tree, act: () => void): void {
  const before = written(tree);
  act();
  const after = written(tree).files;
  for (const [path, say] of before.files) expect(after.get(path), path).toBe(say);
  for (const path of before.deleted) {
    expect(() => tree.stat(path, false), `${path}, which was deleted`).toThrow('ENOENT');
  }
}

/** Links as they are counted by names, and rows that nothing leads to. */
function check({ tree, fds }: World): void {
  verify(tree);
  const { live } = tree;
  const counts = new Map<number, number>([[1, 0]]);
  const pending = [1];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    let directories = 2;
    live.list(at, (_table, _entry, ino) => {
      counts.set(ino, (counts.get(ino) ?? 0) + 1);
      if (!isDirectory(live.mode(ino))) return;
      directories += 1;
      pending.push(ino);
      expect(live.parentOf(ino), `parent of ${ino}`).toBe(at);
    });
    expect(live.nlink(at), `links of ${text(live.pathOf(at))}`).toBe(directories);
  }
  const open = new Set(fds.map((fd) => tree.openFile(fd).ino));
  for (const row of live.delta.inodes.used()) {
    const ino = live.inoOf(row);
    const names = counts.get(ino) ?? 0;
    if (names === 0 && !open.has(ino)) {
      if (ino !== 1) throw new Error(`row ${row}, inode ${ino}, is charged but has no name`);
    }
    if (!isDirectory(live.mode(ino))) expect(live.nlink(ino), `links of ${ino}`).toBe(names);
  }
  for (const ramdisk of tree.ramdisks.list()) expect(tree.lookup(ramdisk.path)).toBeGreaterThan(0);
}

function step(world: World, random: Prng): void {
  const [what, act] = random.pick(ACTS)(world, random);
  world.trace.push(what);
  const isCompared = !what.startsWith('clear') && random.below(3) === 0;
  const before = isCompared ? snapshot(world.tree) : {};
  try {
    act();
  } catch (error) {
    if (!(error instanceof VisorError)) throw error;
    world.trace.push(`  ${error.code}`);
    const isPart = what.startsWith('put') || what.startsWith('mount');
    if (isCompared && !isPart) expect(snapshot(world.tree), 'after a refusal').toEqual(before);
  }
  check(world);
}

function run(seed: number): void {
  const random = prng(seed);
  const disks = Array.from({ length: 3 }, (_, index) => randomDisk(random, `disk${index}`));
  const world: World = { tree: treeOf([]), disks, fds: [], trace: [] };
  try {
    for (let count = 0; count < STEPS; count++) step(world, random);
    for (const fd of world.fds.splice(0)) world.tree.close(fd);
    check(world);
    removeAll(world.tree);
    check(world);
  } catch (error) {
    const said = (error as Error).message;
    throw new Error(`SEED=${seed}\n${world.trace.join('\n')}\n${said}`, { cause: error });
  }
}

const all = seeds(SEQUENCES);
for (let at = 0; at < all.length; at += AT_ONCE) {
  const some = all.slice(at, at + AT_ONCE);
  test(`what comes and goes keeps every promise (seeds ${some[0]} to ${some.at(-1)})`, () => {
    for (const seed of some) run(seed);
  });
}
