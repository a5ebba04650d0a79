/**
 * Attacks the change feed: what it tells and in which order, what it must not tell, and whether a
 * picture of the tree that is kept by events alone is what a fresh look shows.
 */

import { describe, expect, test, vi } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { isDirectory } from '../../src/base/mode.ts';
import { Image, ROOT_INO } from '../../src/layer/image.ts';
import { Feed, type TreeEvent } from '../../src/vfs/feed.ts';
import { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC } from '../../src/vfs/flags.ts';
import { type Ino, NO_INO } from '../../src/vfs/ino.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { Pair } from '../model/pair.ts';
import { randomDisk } from '../model/random-disk.ts';
import { diskOf } from '../support/archives.ts';
import { prng, seeds } from '../support/prng.ts';
import { refusal } from '../support/thrown.ts';
import { put, treeOf } from './support.ts';

const TIME = { seconds: 1, nanoseconds: 0 };

/** What `tree` tells from now on: each a line with the paths of the moment. */
function heard(tree: Tree): string[] {
  const lines: string[] = [];
  const path = (directory: Ino, name: Uint8Array): string => {
    if (directory === NO_INO) return '-';
    const above = text(tree.live.pathOf(directory));
    return `${above === '/' ? '' : above}/${text(name)}`;
  };
  tree.on('change', ({ kind, directory, name, fromDirectory, fromName }) => {
    const from = kind === 'moved' ? `${path(fromDirectory, fromName)} ` : '';
    lines.push(kind === 'whole' ? kind : `${kind} ${from}${path(directory, name)}`);
  });
  return lines;
}

/** A tree with a file, a link, a directory with one file and an empty one. */
function stage(): Tree {
  const tree = treeOf([]);
  tree.mkdir('/d');
  tree.mkdir('/empty');
  put(tree, '/f', 'abc');
  put(tree, '/d/g', 'x');
  tree.symlink('f', '/l');
  return tree;
}

type Told = readonly [verb: string, act: (tree: Tree) => void, ...told: string[]];

/** Each verb and what is told of it. */
const TOLD: readonly Told[] = [
  ['mkdir', (tree) => tree.mkdir('/n'), 'made /n'],
  ['mkdirs', (tree) => tree.mkdirs('/n/m/o', 0o777), 'made /n', 'made /n/m', 'made /n/m/o'],
  ['open to make', (tree) => tree.open('/n', O_CREAT | O_RDWR | O_TRUNC), 'made /n'],
  ['open to cut', (tree) => tree.open('/f', O_RDWR | O_TRUNC), 'modified /f'],
  ['open', (tree) => tree.open('/f', O_RDWR)],
  ['symlink', (tree) => tree.symlink('f', '/n'), 'made /n'],
  ['link', (tree) => tree.link('/f', '/d/n'), 'made /d/n'],
  ['unlink', (tree) => tree.unlink('/f'), 'removed /f', 'forgotten -'],
  [
    'unlink of one of two names',
    (tree) => {
      tree.link('/f', '/n');
      tree.unlink('/f');
    },
    'made /n',
    'removed /f',
  ],
  ['rmdir', (tree) => tree.rmdir('/empty'), 'removed /empty', 'forgotten -'],
  ['rename', (tree) => tree.rename('/d', '/n'), 'moved /d /n'],
  ['rename over', (tree) => tree.rename('/f', '/d/g'), 'moved /f /d/g', 'forgotten -'],
  [
    'rename of a directory over',
    (tree) => tree.rename('/d', '/empty'),
    'moved /d /empty',
    'forgotten -',
  ],
  ['rename onto itself', (tree) => tree.rename('/f', '/f')],
  ['truncate', (tree) => tree.truncate('/f', 1), 'modified /f'],
  ['chmod', (tree) => tree.chmod('/f', 0o600), 'attributes /f'],
  ['chmod through a link', (tree) => tree.chmod('/l', 0o600), 'attributes /f'],
  ['chmod by way of .', (tree) => tree.chmod('/d/.', 0o700), 'attributes /d'],
  ['chmod of the root', (tree) => tree.chmod('/', 0o700), 'attributes -'],
  ['chown of a link', (tree) => tree.chown('/l', 1, 1, false), 'attributes /l'],
  ['utimes', (tree) => tree.utimes('/d', TIME, TIME), 'attributes /d'],
  ['writes of nothing', (tree) => tree.write(tree.open('/f', O_RDWR), utf8(''), 0)],
  ['replace', (tree) => tree.replace(tree.open('/f', O_RDWR), utf8('n')), 'modified /f'],
  [
    'a write to what was moved while open',
    (tree) => {
      const fd = tree.open('/f', O_RDWR);
      tree.rename('/f', '/d/n');
      tree.write(fd, utf8('z'), null);
      tree.chmod(fd, 0o600);
      tree.ftruncate(fd, 0);
    },
    'moved /f /d/n',
    'modified /d/n',
    'attributes /d/n',
    'modified /d/n',
  ],
  [
    'a write to what was removed while open',
    (tree) => {
      const fd = tree.open('/d/g', O_RDWR);
      tree.unlink('/d/g');
      tree.write(fd, utf8('z'), null);
      tree.rmdir('/d');
      tree.write(fd, utf8('z'), null);
      tree.close(fd);
    },
    'removed /d/g',
    'modified /d/g',
    'removed /d',
    'forgotten -',
    'modified -',
    'forgotten -',
  ],
  [
    'chmod of a directory that was removed while open',
    (tree) => {
      const fd = tree.open('/empty', O_RDONLY);
      tree.rmdir('/empty');
      tree.chmod(fd, 0o700);
      tree.close(fd);
    },
    'removed /empty',
    'attributes -',
    'forgotten -',
  ],
  ['mount', (tree) => tree.mount(diskOf('e', { path: 'e' })), 'whole'],
  [
    'rollback',
    (tree) => {
      const snapshot = tree.snapshot();
      tree.mkdir('/n');
      tree.rollback(snapshot);
      tree.mkdir('/m');
    },
    'made /n',
    'whole',
    'made /m',
  ],
  [
    'a ramdisk that goes',
    (tree) => {
      tree.ramdisks.add({ name: 'r', path: '/d' });
      tree.ramdisks.remove('r');
    },
    'whole',
  ],
  [
    'refusals',
    (tree) => {
      const refused = [
        refusal(() => tree.mkdir('/d')),
        refusal(() => tree.unlink('/no')),
        refusal(() => tree.rmdir('/d')),
        refusal(() => tree.rename('/d', '/d/x')),
        refusal(() => tree.link('/d', '/n')),
        refusal(() => tree.truncate('/d', 1)),
        refusal(() => tree.open('/f', O_CREAT | O_EXCL)),
        refusal(() => tree.write(tree.open('/f', O_RDWR), new Uint8Array(64 << 20), 0)),
        refusal(() => tree.mkdirs('/n/.#m/o', 0o777)),
      ];
      expect(refused).not.toContain('nothing');
    },
  ],
];

describe('a tree tells', () => {
  test.each(TOLD.map(([name, act, ...told]) => ({ name, act, told })))(
    'of $name what it did, and no more',
    ({ act, told }) => {
      const tree = stage();
      const lines = heard(tree);
      act(tree);
      expect(lines).toEqual(told);
    },
  );

  test('all who listen, whichever view made the change, until each stops', () => {
    const tree = stage();
    const [one, other] = [vi.fn(), vi.fn()];
    const stops = [tree.on('change', one), tree.acting({ uid: 0 }).on('change', other)];
    tree.acting({ uid: 0 }).mkdir('/n');
    stops[0]!();
    tree.mkdir('/m');
    stops[0]!();
    stops[1]!();
    tree.mkdir('/o');
    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([1, 2]);
  });

  test('nobody of a fork or of what it was forked from', () => {
    const tree = stage();
    const lines = heard(tree);
    new Tree(tree).mkdir('/n');
    expect(lines).toEqual([]);
  });
});

test('a listener that throws is an uncaught error, and the verb holds', async () => {
  const tree = stage();
  const uncaught: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => uncaught.push(error));
  const lost = new Error('lost');
  tree.on('change', () => {
    throw lost;
  });
  const lines = heard(tree);
  tree.mkdir('/n');
  await new Promise((resolve) => setImmediate(resolve));
  process.removeAllListeners('uncaughtException');
  for (const listener of before) process.on('uncaughtException', listener);
  expect([uncaught, lines, tree.has('/n')]).toEqual([[lost], ['made /n'], true]);
});

test('where nobody listens, nothing is told', () => {
  const verbs = ['made', 'removed', 'moved', 'changed', 'forgotten', 'whole'] as const;
  const spies = verbs.map((verb) => vi.spyOn(Feed.prototype, verb));
  const count = (): number => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  try {
    for (const [, act] of TOLD) act(stage());
    const isSilent = count() === 0;
    const tree = stage();
    tree.on('change', () => {})();
    tree.mkdir('/n');
    const isSilentAgain = count() === 0;
    const stop = tree.on('change', () => {});
    tree.mkdir('/m');
    stop();
    expect([isSilent, isSilentAgain, count()]).toEqual([true, true, 1]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
});

/** What a tree shows: names by directory, and of each file what a change of it changes. */
interface Picture {
  readonly names: Map<Ino, Map<string, Ino>>;
  readonly files: Map<Ino, string>;
}

function described({ live }: Tree, ino: Ino): string {
  return [live.mode(ino), live.uid(ino), live.gid(ino), live.size(ino)].join();
}

/** What `tree` shows now. */
function looked(tree: Tree): Picture {
  const picture: Picture = { names: new Map(), files: new Map() };
  const visit = (ino: Ino): void => {
    picture.files.set(ino, described(tree, ino));
    if (!isDirectory(tree.live.mode(ino))) return;
    const inside = new Map<string, Ino>();
    picture.names.set(ino, inside);
    tree.live.list(ino, (table, entry, child) => {
      inside.set(Buffer.from(table.nameBytes(entry)).toString('latin1'), child);
      visit(child);
    });
  };
  visit(ROOT_INO);
  return picture;
}

/** A picture of `tree` that is kept by what it tells alone. */
function mirrored(tree: Tree): () => Picture {
  let picture = looked(tree);
  tree.on('change', (event: TreeEvent) => {
    const { kind, ino, directory, fromDirectory } = event;
    const name = Buffer.from(event.name).toString('latin1');
    const fromName = Buffer.from(event.fromName).toString('latin1');
    if (kind === 'whole') picture = looked(tree);
    else if (kind === 'forgotten') {
      picture.files.delete(ino);
      picture.names.delete(ino);
    } else if (kind === 'removed') picture.names.get(directory)!.delete(name);
    else if (kind === 'moved') {
      picture.names.get(fromDirectory)!.delete(fromName);
      picture.names.get(directory)!.set(name, ino);
    } else {
      picture.files.set(ino, described(tree, ino));
      if (kind !== 'made') return;
      picture.names.get(directory)!.set(name, ino);
      if (isDirectory(tree.live.mode(ino))) picture.names.set(ino, new Map());
    }
  });
  return () => picture;
}

const SEQUENCES = 300;
const STEPS = 40;

test.each(seeds(12))('a picture kept by events is what a look shows (seed %d)', (seed) => {
  for (let sequence = 0; sequence < SEQUENCES / 12; sequence++) {
    const random = prng(seed * 1000 + sequence);
    const disks = Array.from({ length: random.below(3) }, (_, index) =>
      randomDisk(random, `disk${index}`),
    );
    const tree = new Tree(Image.of(...disks), { identity: { umask: 0 }, clock: () => 1e9 });
    const kept = mirrored(tree);
    const pair = new Pair(tree, random);
    for (let step = 0; step < STEPS; step++) {
      pair.step();
      expect(shown(kept(), tree), `seed ${seed}, sequence ${sequence}`).toEqual(looked(tree));
    }
    pair.closeAll();
    expect(kept(), `seed ${seed}, sequence ${sequence}`).toEqual(looked(tree));
  }
});

/** `picture` without what is only open: a look does not find it. */
function shown({ names, files }: Picture, tree: Tree): Picture {
  const gone = new Set(tree.orphans());
  return {
    names: new Map([...names].filter(([ino]) => !gone.has(ino))),
    files: new Map([...files].filter(([ino]) => !gone.has(ino))),
  };
}
