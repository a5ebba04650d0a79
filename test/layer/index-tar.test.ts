/**
 * Attacks what is counted while an archive is indexed with random archives that fight over a few
 * names: files that replace files and directories, hard links forward, backward and over what they
 * lead to, directories named early, late and never. After each, everything is counted again from
 * the finished table: files, bytes, names, directories in a directory, and who is implied.
 */

import { describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { isDirectory, isRegular } from '../../src/base/mode.ts';
import { Image } from '../../src/layer/image.ts';
import { ROOT_ROW } from '../../src/layer/table.ts';
import type { Tardisk } from '../../src/layer/tardisk.ts';
import { Dirents, NONE } from '../../src/store/dirents.ts';
import { diskOf, type Entry } from '../support/archives.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';

const NAMES = ['a', 'b', 'c', 'dd'];

function pathOf(random: Prng): string {
  const depth = 1 + random.below(3);
  return Array.from({ length: depth }, () => random.pick(NAMES)).join('/');
}

function entryOf(random: Prng): Entry {
  const path = pathOf(random);
  switch (random.below(6)) {
    case 0:
      return { path: `${path}/` };
    case 1:
      return { path, target: pathOf(random) };
    case 2:
    case 3:
      return { path, type: 'link', target: pathOf(random) };
    default:
      return { path, content: 'x'.repeat(random.below(50)), uid: random.below(3) };
  }
}

/**
 * An archive that is not refused: each entry is drawn into some place, so that links may come
 * before what they lead to, and left out where the whole is refused with it.
 */
function accepted(random: Prng): Tardisk {
  let entries: Entry[] = [];
  let disk = diskOf('empty');
  for (let count = 0; count < 25; count++) {
    const more = entries.toSpliced(random.below(entries.length + 1), 0, entryOf(random));
    try {
      disk = diskOf(`of ${more.length}`, ...more);
      entries = more;
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
    }
  }
  return disk;
}

interface Count {
  files: number;
  bytes: number;
  readonly links: Map<number, number>;
}

function recounted(disk: Tardisk): Count {
  const { dirents, mode, size } = disk;
  const count: Count = { files: 0, bytes: 0, links: new Map([[ROOT_ROW, 2]]) };
  const visit = (directory: number): void => {
    for (let at = dirents.first(directory); at !== NONE; at = dirents.next(at)) {
      const row = dirents.child(at);
      const names = count.links.get(row) ?? 0;
      if (isDirectory(mode[row]!)) {
        count.links.set(row, 2);
        count.links.set(directory, count.links.get(directory)! + 1);
        visit(row);
        continue;
      }
      count.links.set(row, names + 1);
      if (names > 0 || !isRegular(mode[row]!)) continue;
      count.files += 1;
      count.bytes += size[row]!;
    }
  };
  visit(ROOT_ROW);
  return count;
}

describe.each(seeds(60))('SEED=%i', (seed) => {
  test('what was counted entry by entry is what the finished table holds', () => {
    const disk = accepted(prng(seed));
    const { files, bytes, links } = recounted(disk);
    expect([disk.fileCount, disk.contentBytes]).toEqual([files, bytes]);
    const image = Image.of(disk);
    for (let row = ROOT_ROW; row < disk.rowCount; row++) {
      expect(disk.nlink(row), `names of row ${row}`).toBe(links.get(row) ?? 0);
      expect(image.has(row)).toBe(links.has(row));
    }
    const extra = [...links].reduce(
      (sum, [row, count]) => sum + (isDirectory(disk.mode[row]!) ? 0 : count - 1),
      0,
    );
    expect(disk.table.extraNameCount).toBe(extra);
    expect(image.hasLinks).toBe(extra > 0);
    disk.dirents.verify();
  });
});

test('a link over the directory that holds what it leads to keeps that file', () => {
  const disk = diskOf(
    'over',
    { path: 'd/f', content: 'data' },
    { path: 'd', type: 'link', target: 'd/f' },
  );
  expect([disk.fileCount, disk.contentBytes]).toEqual([1, 4]);
  expect(disk.nlink(disk.dirents.child(disk.dirents.first(ROOT_ROW)))).toBe(1);
});

test('the way to the last directory is not taken where that has given way', () => {
  const disk = diskOf(
    'trail',
    { path: 'd/e/one', content: '1' },
    { path: 'd', content: 'file' },
    { path: 'd/' },
    { path: 'd/e/two', content: '2' },
  );
  const { dirents } = disk;
  const directory = dirents.child(dirents.first(ROOT_ROW));
  const below = dirents.child(dirents.first(directory));
  expect(dirents.name(dirents.first(below))).toBe('two');
  expect(dirents.next(dirents.first(below))).toBe(NONE);
});

test('a path that ends in a directory of the last one’s way names that directory', () => {
  const disk = diskOf(
    'again',
    { path: 'a/b/c/file', content: '1' },
    { path: 'a/b/./', mode: 0o700 },
    { path: 'a//b/c//other', content: '2' },
  );
  const { dirents } = disk;
  const a = dirents.child(dirents.first(ROOT_ROW));
  const below = dirents.child(dirents.first(a));
  expect(disk.mode[below]! & 0o7777).toBe(0o700);
  expect([disk.isImplied(a), disk.isImplied(below)]).toEqual([true, false]);
  expect(disk.rowCount).toBe(ROOT_ROW + 1 + 5);
});

test('columns that most archives leave at zero are not there until they are needed', () => {
  const plain = diskOf('plain', { path: 'a', content: 'x' }, { path: 'b', content: 'y' }).table;
  const { uid, gid, mtimeNanoseconds, extraNames, pieces, targets } = plain;
  const lengths = [uid, gid, mtimeNanoseconds, extraNames, targets].map(({ length }) => length);
  expect([...lengths, pieces.size]).toEqual([0, 0, 0, 0, 0, 0]);
  const owned = diskOf('owned', { path: 'a', uid: 7 }, { path: 'b' }, { path: 'c' });
  expect([2, 3, 4].map((row) => owned.uid[row] ?? 0)).toEqual([7, 0, 0]);
  expect(owned.gid.length).toBe(0);
});

describe('what a mount costs', () => {
  const files = (folder: string, count: number): Entry[] =>
    Array.from({ length: count }, (_, index) => ({
      path: `${folder}/${Math.floor(index / 20)}/file-${index}.so`,
    }));

  test('is no more than 100 bytes a file, name and all, and nothing for an image of one', () => {
    const disk = diskOf('many', ...files('usr/lib', 2000));
    expect(disk.indexBytes / 2000).toBeLessThan(100);
    expect(Image.of(disk).indexBytes).toBe(0);
  });

  test('of one tardisk more is to go through its own entries, and through no other', () => {
    const large = Image.of(diskOf('large', ...files('a', 3000)), diskOf('top', ...files('b', 20)));
    const small = diskOf('small', ...files('c', 10));
    const steps = vi.spyOn(Dirents.prototype, 'next');
    large.with(small);
    expect(steps.mock.calls.length).toBeLessThanOrEqual(small.rowCount);
    steps.mockRestore();
  });

  test('is one look at each name of files that lie together', () => {
    const finds = vi.spyOn(Dirents.prototype, 'find');
    diskOf('many', ...files('usr/lib', 200));
    // Ten directories, each entered once and made then, and 200 names.
    expect(finds.mock.calls.length).toBeLessThan(200 + 10 * 8);
    finds.mockRestore();
  });
});

test('of two links with one name the last wins, whichever is settled first', () => {
  const disk = diskOf(
    'd',
    { path: 'name', type: 'link', target: 'first' },
    { path: 'late', type: 'link', target: 'second' },
    // Leads to a link that is settled after it, and so in a later turn than the first would be.
    { path: 'name', type: 'link', target: 'late' },
    { path: 'first', content: '1' },
    { path: 'second', content: '22' },
  );
  const name = disk.dirents.find(ROOT_ROW, utf8('name'), 0, 4);
  expect(disk.size[disk.dirents.child(name)]).toBe(2);
});
