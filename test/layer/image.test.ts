/**
 * Attacks the union with the most obvious model there is: archives unpacked one after the other
 * into a tree of Maps. Random stacks that fight over the same few names grow and shrink by `with`
 * and `without`, and after each step the whole tree is the model's, numbers of links are right, and
 * no inode that stays has changed its number.
 */

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { isDirectory, isRegular, isSymlink } from '../../src/base/mode.ts';
import { Image, ROOT_INO } from '../../src/layer/image.ts';
import { ROOT_ROW } from '../../src/layer/table.ts';
import type { Tardisk } from '../../src/layer/tardisk.ts';
import { NONE } from '../../src/store/dirents.ts';
import { diskOf, type Entry, imageOf } from '../support/archives.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';
import { refusal } from '../support/thrown.ts';

interface Directory {
  kind: 'directory';
  label: string;
  readonly names: Map<string, Node>;
}

/** `label` tells type, permissions, owner and data; `id` which file of which tardisk it is. */
type Node = Directory | { readonly kind: 'other'; readonly label: string; readonly id: string };

const newDirectory = (label = 'd 755 0'): Directory => ({
  kind: 'directory',
  label,
  names: new Map(),
});

/** What tardisk `disk` has of `directory`, laid over `into`. */
function unpack(disk: Tardisk, directory: number, into: Directory): void {
  const { dirents } = disk;
  for (let at = dirents.first(directory); at !== NONE; at = dirents.next(at)) {
    const row = dirents.child(at);
    const name = dirents.name(at);
    const permissions = (disk.mode[row]! & 0o7777).toString(8);
    const label = `${permissions} ${disk.uid[row] ?? 0}`;
    if (isDirectory(disk.mode[row]!)) {
      const there = into.names.get(name);
      const below = there?.kind === 'directory' ? there : newDirectory();
      if (!disk.isImplied(row)) below.label = `d ${label}`;
      into.names.set(name, below);
      unpack(disk, row, below);
    } else {
      const data = isSymlink(disk.mode[row]!) ? text(disk.target(row)) : text(disk.view(row)!);
      into.names.set(name, { kind: 'other', label: `${label} ${data}`, id: `${disk.name}:${row}` });
    }
  }
}

function unpacked(disks: readonly Tardisk[]): Directory {
  const root = newDirectory();
  for (const disk of disks) {
    if (!disk.isImplied(ROOT_ROW)) root.label = labelOf(Image.of(disk), ROOT_INO);
    unpack(disk, ROOT_ROW, root);
  }
  return root;
}

function labelOf(image: Image, ino: number): string {
  const mode = image.mode(ino);
  const disk = image.tardiskOf(ino);
  const row = image.rowOf(ino);
  const label = `${(mode & 0o7777).toString(8)} ${disk?.uid[row] ?? 0}`;
  if (isDirectory(mode)) return `d ${label}`;
  return `${label} ${text(isRegular(mode) ? disk!.view(row)! : disk!.target(row))}`;
}

/** All paths of the model: what they are, and for files which. */
function modelPaths(root: Directory): Map<string, Node> {
  const paths = new Map<string, Node>([['/', root]]);
  const visit = (directory: Directory, above: string): void => {
    for (const [name, node] of directory.names) {
      paths.set(`${above}/${name}`, node);
      if (node.kind === 'directory') visit(node, `${above}/${name}`);
    }
  };
  visit(root, '');
  return paths;
}

function imagePaths(image: Image): Map<string, number> {
  const paths = new Map<string, number>([['/', ROOT_INO]]);
  const visit = (directory: number, above: string): void => {
    const { dirents } = image;
    for (let at = dirents.first(directory); at !== NONE; at = dirents.next(at)) {
      const ino = dirents.child(at);
      const path = `${above}/${dirents.name(at)}`;
      paths.set(path, ino);
      if (!isDirectory(image.mode(ino))) continue;
      expect(dirents.home(ino), `home of ${path}`).toBe(at);
      visit(ino, path);
    }
  };
  visit(ROOT_INO, '');
  image.dirents.verify();
  return paths;
}

/** Checks `image` against its unpacked tardisks; returns inodes by path, and by file. */
function check(image: Image): { paths: Map<string, number>; files: Map<string, number> } {
  const want = modelPaths(unpacked(image.tardisks));
  const paths = imagePaths(image);
  expect([...paths.keys()].sort()).toEqual([...want.keys()].sort());
  const files = new Map<string, number>();
  const names = new Map<string, number>();
  for (const [path, node] of want) {
    const ino = paths.get(path)!;
    expect(labelOf(image, ino), path).toBe(node.label);
    expect(image.has(ino)).toBe(true);
    if (node.kind === 'directory') {
      const below = [...node.names.values()].filter(({ kind }) => kind === 'directory').length;
      expect(image.nlink(ino), `links of ${path}`).toBe(2 + below);
    } else {
      names.set(node.id, (names.get(node.id) ?? 0) + 1);
      expect(files.get(node.id) ?? ino, 'one file is one inode').toBe(ino);
      files.set(node.id, ino);
    }
  }
  for (const [id, count] of names) expect(image.nlink(files.get(id)!), id).toBe(count);
  expect(new Set(files.values()).size).toBe(files.size);
  return { paths, files };
}

/** Directories keep their inode while their path is one, files while they show. */
function checkNumbers(older: Image, newer: Image): void {
  const [before, after] = [check(older), check(newer)];
  for (const [path, ino] of before.paths) {
    const now = after.paths.get(path);
    const stays = older.isDirectory(ino) && now !== undefined && newer.isDirectory(now);
    if (stays) expect(now, `inode of ${path}`).toBe(ino);
  }
  for (const [id, ino] of before.files) expect(after.files.get(id) ?? ino, id).toBe(ino);
}

const NAMES = ['a', 'b', 'c'];

function randomEntries(random: Prng, label: string): Entry[] {
  const entries: Entry[] = random.below(3) === 0 ? [{ path: './', uid: random.below(9) }] : [];
  const taken = new Map<string, string>();
  for (let count = random.below(9); count > 0; count--) {
    const parts = Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES));
    const path = parts.join('/');
    const above = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
    const type = random.pick(['dir', 'dir', 'file', 'file', 'symlink', 'link'] as const);
    const isBelowFile = above.some((part) => (taken.get(part) ?? 'dir') !== 'dir');
    if (isBelowFile || (taken.has(path) && taken.get(path) !== type)) continue;
    if (type !== 'dir' && [...taken.keys()].some((known) => known.startsWith(`${path}/`))) continue;
    const file = [...taken].find(([known, kind]) => kind === 'file' && known !== path)?.[0];
    if (type === 'link' && file === undefined) continue;
    for (const part of above) taken.set(part, 'dir');
    taken.set(path, type);
    const mode = random.pick([0o700, 0o755, 0o644]);
    const common = { path: type === 'dir' ? `${path}/` : path, type, mode, uid: random.below(9) };
    if (type === 'file') entries.push({ ...common, content: `${label} ${path} ${count}` });
    else if (type === 'link') entries.push({ ...common, target: file! });
    else entries.push({ ...common, target: type === 'symlink' ? `${label}-${count}` : '' });
  }
  return entries;
}

for (const seed of seeds(60)) {
  test(`a stack is its archives unpacked in order (SEED=${seed})`, () => {
    const random = prng(seed);
    const disks = Array.from({ length: 1 + random.below(6) }, (_, index) =>
      diskOf(`disk${index}`, ...randomEntries(random, `${index}`)),
    );
    let image = Image.of(...disks.slice(0, random.below(disks.length + 1)));
    check(image);
    for (let step = 0; step < 25; step++) {
      const disk = random.pick(disks);
      const isMounted = image.tardisks.includes(disk);
      if (isMounted && random.below(5) === 0) {
        expect(refusal(() => image.with(disk))).toBe('EBUSY');
        continue;
      }
      const older = image;
      const olderPaths = imagePaths(older);
      image = isMounted ? image.without(disk) : image.with(disk);
      checkNumbers(older, image);
      expect(imagePaths(older), 'an image does not change').toEqual(olderPaths);
      const fresh = Image.of(...image.tardisks);
      expect([...imagePaths(fresh).keys()].sort()).toEqual([...imagePaths(image).keys()].sort());
    }
  });
}

function find(image: Image, directory: number, name: string): number {
  const entry = image.dirents.find(directory, utf8(name), 0, utf8(name).length);
  return entry === NONE ? NONE : image.dirents.child(entry);
}

describe('what is told apart', () => {
  test('no tardisk is an empty root', () => {
    const image = Image.of();
    expect([image.mode(ROOT_INO), image.nlink(ROOT_INO)]).toEqual([0o040755, 2]);
    expect(image.tardiskOf(ROOT_INO)).toBe(null);
    expect(image.dirents.first(ROOT_INO)).toBe(NONE);
  });

  test('one tardisk is its own table, and stacking over it leaves it as it was', () => {
    const disk = diskOf('base', { path: 'a', content: 'a' });
    const one = Image.of(disk);
    expect(one.dirents).toBe(disk.dirents);
    const two = one.with(diskOf('top', { path: 'b', content: 'b' }));
    expect(find(one, ROOT_INO, 'b')).toBe(NONE);
    expect(find(two, ROOT_INO, 'a')).toBe(find(one, ROOT_INO, 'a'));
    Image.of(disk, diskOf('other', { path: 'c' }));
    expect(find(one, ROOT_INO, 'c')).toBe(NONE);
  });

  test('the same tardisk twice is EBUSY', () => {
    const disk = diskOf('base', { path: 'a' });
    expect(refusal(() => Image.of(disk, disk))).toBe('EBUSY');
    expect(refusal(() => Image.of(disk).with(disk))).toBe('EBUSY');
  });

  test('a directory that a file covered is another once a third tardisk names it again', () => {
    const base = diskOf('base', { path: 'd/', mode: 0o700, uid: 4 }, { path: 'd/old' });
    const file = diskOf('file', { path: 'd', content: 'x' });
    const again = diskOf('again', { path: 'd/new', content: 'y' });
    const image = Image.of(base, file, again);
    const grown = Image.of(base, again).with(diskOf('z')).without(base).with(base);
    check(grown);
    check(Image.of(again).without(again).with(base).with(file).with(again));
    const directory = find(image, ROOT_INO, 'd');
    expect([find(image, directory, 'old'), image.mode(directory)]).toEqual([NONE, 0o040755]);
  });

  test('what was unmounted is of no tardisk any more', () => {
    const top = diskOf('top', { path: 'f', content: 'x' });
    const image = imageOf({ path: 'g' }).with(top);
    const ino = find(image, ROOT_INO, 'f');
    const without = image.without(top);
    expect([without.has(ino), without.tardiskOf(ino), image.tardiskOf(ino)]).toEqual([
      false,
      null,
      top,
    ]);
  });
});
