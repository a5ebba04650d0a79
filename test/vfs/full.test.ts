/**
 * Attacks full ramdisks. Every verb that makes or grows anything is brought to the point where one
 * byte or one inode is missing, and every charge of every verb is made to fail in turn; each time
 * the refusal says which limit of which ramdisk it was, and tree, tables and ledgers are exactly
 * what they were. With that byte or inode it is done; and once all is removed, all is back.
 */

import { describe, expect, test } from 'vitest';
import { VisorError } from '../../src/base/errors.ts';
import { Ledger } from '../../src/store/ledger.ts';
import { O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '../../src/vfs/flags.ts';
import type { Tree } from '../../src/vfs/tree.ts';
import { diskOf, type Entry } from '../support/archives.ts';
import { thrownBy } from '../support/thrown.ts';
import { counts, put, removeAll, snapshot, treeOf, verify } from './support.ts';

const IMAGE: readonly Entry[] = [
  { path: 'd/f', content: 'x'.repeat(5000) },
  { path: 'd/g', content: 'g' },
  { path: 'd/h', type: 'link', target: 'd/g' },
  { path: 'd/sub/inner', content: 'i' },
  { path: 'empty/' },
  { path: 'other/' },
  { path: 'l', target: 'd/f' },
  { path: 'null', type: 'device' },
  { path: 'etc/conf', content: 'c', mode: 0o1644 },
];

const TOP = diskOf('top', { path: 'd', content: 'covers' }, { path: 'etc/conf', content: 'new' });

interface Case {
  readonly name: string;
  /** Runs before, without limits. */
  readonly prepare?: (tree: Tree) => void;
  readonly act: (tree: Tree) => void;
}

function withFile(path: string, flags: number, act: (tree: Tree, fd: number) => void) {
  return (tree: Tree): void => {
    const fd = tree.open(path, flags);
    try {
      act(tree, fd);
    } finally {
      tree.close(fd);
    }
  };
}

const touched = (tree: Tree): void => {
  tree.chmod('/d/f', 0o600);
  tree.chmod('/d/g', 0o600);
  tree.chmod('/etc/conf', 0o1600);
};

const CASES: readonly Case[] = [
  { name: 'mkdir', act: (tree) => tree.mkdir('/d/new') },
  { name: 'mkdir in a made directory', prepare: (t) => t.mkdir('/m'), act: (t) => t.mkdir('/m/n') },
  { name: 'create', act: (tree) => tree.close(tree.open('/d/new', O_CREAT | O_WRONLY)) },
  { name: 'symlink', act: (tree) => tree.symlink('a target of some length', '/d/new') },
  { name: 'link of an image file', act: (tree) => tree.link('/d/f', '/empty/new') },
  {
    name: 'link of a made file',
    prepare: (tree) => put(tree, '/made', 'x'),
    act: (tree) => tree.link('/made', '/d/new'),
  },
  { name: 'unlink, by a whiteout', act: (tree) => tree.unlink('/d/f') },
  { name: 'unlink of one of two names', act: (tree) => tree.unlink('/d/h') },
  {
    name: 'unlink of an open file',
    prepare: (tree) => void tree.open('/d/f', O_RDONLY),
    act: (tree) => tree.unlink('/d/f'),
  },
  { name: 'rmdir, by a whiteout', act: (tree) => tree.rmdir('/empty') },
  {
    name: 'rmdir of an open directory',
    prepare: (tree) => void tree.open('/empty', O_RDONLY),
    act: (tree) => tree.rmdir('/empty'),
  },
  { name: 'rename of a file', act: (tree) => tree.rename('/d/f', '/empty/a longer name') },
  { name: 'rename of a directory', act: (tree) => tree.rename('/d', '/empty/moved') },
  { name: 'rename over a file', act: (tree) => tree.rename('/d/f', '/d/g') },
  { name: 'rename over a directory', act: (tree) => tree.rename('/d', '/empty') },
  {
    name: 'rename over an open directory',
    prepare: (tree) => void tree.open('/empty', O_RDONLY),
    act: (tree) => tree.rename('/d', '/empty'),
  },
  {
    name: 'rename of a made file',
    prepare: (tree) => put(tree, '/made', 'x'),
    act: (tree) => tree.rename('/made', '/d/a longer name than before'),
  },
  { name: 'chmod', act: (tree) => tree.chmod('/d/f', 0o600) },
  { name: 'chmod of a directory', act: (tree) => tree.chmod('/d', 0o700) },
  { name: 'chown of a link', act: (tree) => tree.chown('/l', 1, 1, false) },
  {
    name: 'utimes',
    act: (tree) => tree.utimes('/null', TIME, TIME),
  },
  { name: 'truncate to less', act: (tree) => tree.truncate('/d/f', 10) },
  { name: 'truncate to more', act: (tree) => tree.truncate('/d/f', 100_000) },
  { name: 'open with O_TRUNC', act: withFile('/d/f', O_WRONLY | O_TRUNC, () => {}) },
  {
    name: 'write into the middle',
    act: withFile('/d/f', O_RDWR, (tree, fd) => tree.write(fd, new Uint8Array(2), 4095)),
  },
  {
    name: 'write at the end',
    act: withFile('/d/f', O_RDWR, (tree, fd) => tree.write(fd, new Uint8Array(9000), 5000)),
  },
  {
    name: 'write behind a hole',
    prepare: (tree) => put(tree, '/made', 'x'),
    act: withFile('/made', O_RDWR, (tree, fd) => tree.write(fd, new Uint8Array(1), 1 << 30)),
  },
  {
    name: 'replace',
    prepare: (tree) => put(tree, '/made', 'x'.repeat(5000)),
    act: withFile('/made', O_RDWR, (tree, fd) => tree.replace(fd, new Uint8Array(20_000))),
  },
  {
    name: 'fchmod, fchown and futimes',
    act: withFile('/d/f', O_RDONLY, (tree, fd) => tree.chmod(fd, 0o600)),
  },
  { name: 'mount over what was written', prepare: touched, act: (tree) => tree.mount(TOP) },
  { name: 'unmount of what was branched', prepare: touched, act: (tree) => tree.unmount('base') },
  {
    name: 'unmount of a branched link',
    prepare: (tree) => tree.chown('/l', 1, 1, false),
    act: (tree) => tree.unmount('base'),
  },
  {
    name: 'unmount below a ramdisk',
    prepare: (tree) => tree.ramdisks.add({ name: 'sub', path: '/d/sub' }),
    act: (tree) => tree.unmount('base'),
  },
];

const TIME = { seconds: 1, nanoseconds: 2 };
const HUGE = { maxBytes: 32 << 20, maxInodes: 8192 };

function prepared({ prepare }: Case): Tree {
  const tree = treeOf(IMAGE);
  prepare?.(tree);
  return tree;
}

const state = (tree: Tree): unknown => [snapshot(tree), counts(tree)];
const used = (tree: Tree): readonly [number, number] => {
  const { usedBytes, usedInodes } = tree.ramdisks.list()[0]!;
  return [usedBytes, usedInodes];
};

/** The most that `act` of `one` has in use at any time, beyond what was in use before. */
function peak(one: Case): { bytes: number; inodes: number } {
  const tree = prepared(one);
  const [bytes, inodes] = used(tree);
  one.act(tree);
  verify(tree);
  const { peakBytes, peakInodes } = tree.ramdisks.list()[0]!;
  return { bytes: Math.max(bytes, peakBytes), inodes: Math.max(inodes, peakInodes) };
}

describe.each(CASES)('$name', (one) => {
  test.each(['bytes', 'inodes'] as const)('is ENOSPC where one of the %s is missing', (limit) => {
    const tree = prepared(one);
    const [bytes, inodes] = used(tree);
    const need = peak(one);
    const grows = limit === 'bytes' ? need.bytes > bytes : need.inodes > inodes;
    const limits = { size: HUGE.maxBytes, inodes: HUGE.maxInodes };
    if (!grows) return;
    const short = limit === 'bytes' ? { size: need.bytes - 1 } : { inodes: need.inodes - 1 };
    tree.ramdisks.resize('root', { ...limits, ...short });
    const before = state(tree);
    const error = thrownBy(() => one.act(tree)) as VisorError;
    expect(error).toBeInstanceOf(VisorError);
    expect([error.code, error.full?.ramdisk, error.full?.limit]).toEqual(['ENOSPC', 'root', limit]);
    expect(error.message).toContain(`the ramdisk 'root' is full`);
    expect(state(tree)).toEqual(before);
    verify(tree);
    tree.ramdisks.resize('root', { size: need.bytes, inodes: need.inodes });
    one.act(tree);
    verify(tree);
  });

  test('changes nothing, whichever of its charges fails', () => {
    const charge = Ledger.prototype.charge;
    let chargesLeft = 0;
    let charges = 0;
    Ledger.prototype.charge = function (bytes, inodes): void {
      charges += 1;
      if (chargesLeft-- === 0) throw new VisorError('ENOSPC');
      charge.call(this, bytes, inodes);
    };
    try {
      for (let failing = 0; ; failing++) {
        chargesLeft = 1 << 30;
        const tree = prepared(one);
        const before = state(tree);
        [chargesLeft, charges] = [failing, 0];
        const error = thrownBy(() => one.act(tree));
        if (error === null) {
          expect(failing, 'the last turn had no failure').toBe(charges);
          expect(charges).toBeGreaterThan(0);
          return;
        }
        expect((error as VisorError).code).toBe('ENOSPC');
        chargesLeft = 1 << 30;
        expect(state(tree), `the charge ${failing} failed`).toEqual(before);
        verify(tree);
      }
    } finally {
      Ledger.prototype.charge = charge;
    }
  });
});

const ROUTES: readonly [string, (tree: Tree, index: number) => void][] = [
  ['files of a page', (tree, index) => put(tree, `/f${index}`, 'x'.repeat(4096))],
  ['empty files', (tree, index) => put(tree, `/f${index}`, '')],
  ['long names', (tree, index) => put(tree, `/${`${index}`.padStart(200, 'n')}`, '')],
  ['directories', (tree, index) => tree.mkdir(`/d${index}`)],
  ['symbolic links', (tree, index) => tree.symlink('t'.repeat(3000), `/l${index}`)],
  [
    'hard links',
    (tree, index) => {
      if (index === 0) put(tree, '/f', '');
      else tree.link('/f', `/${`${index}`.padStart(200, 'n')}`);
    },
  ],
  [
    'one file that grows',
    (tree, index) => {
      const fd = tree.open('/f', O_RDWR | O_CREAT);
      try {
        tree.write(fd, new Uint8Array(1), index * 4096);
      } finally {
        tree.close(fd);
      }
    },
  ],
  [
    'moves from a small directory to a long name',
    (tree, index) => {
      put(tree, '/f', '');
      tree.rename('/f', `/${`${index}`.padStart(200, 'n')}`);
    },
  ],
];

test.each(ROUTES)('%s fill a ramdisk to the brim, and all comes back', (_name, act) => {
  const ramdisks = [{ name: 'root', path: '/', size: 100_000, inodes: 40 }];
  const tree = treeOf([], { ramdisks });
  let error: unknown = null;
  for (let index = 0; error === null; index++) error = thrownBy(() => act(tree, index));
  const full = (error as VisorError).full!;
  expect([full.ramdisk, full.used <= full.max]).toEqual(['root', true]);
  verify(tree);
  removeAll(tree);
  verify(tree);
  expect(used(tree)).toEqual([0, 1]);
  expect(tree.live.delta.pages.slabBytes).toBeLessThanOrEqual(1 << 20);
});

describe('ramdisks', () => {
  test('one that what was written does not fit into is not added', () => {
    const tree = treeOf(IMAGE);
    put(tree, '/d/new', 'x'.repeat(9000));
    const before = state(tree);
    for (const options of [{ size: 8192 }, { inodes: 1 }]) {
      const act = (): void => tree.ramdisks.add({ name: 'd', path: '/d', ...options });
      const error = thrownBy(act) as VisorError;
      expect([error.code, error.full?.ramdisk]).toEqual(['ENOSPC', 'd']);
      expect(state(tree)).toEqual(before);
      verify(tree);
    }
  });

  test('one whose reservation does not fit into the memory is ENOMEM', () => {
    const tree = treeOf([{ path: 'd/' }], {
      memory: 10_000,
      ramdisks: [{ name: 'root', path: '/', size: 10_000, reserve: 6000 }],
    });
    const act = (): void => tree.ramdisks.add({ name: 'd', path: '/d', size: 5000, reserve: 4001 });
    const before = state(tree);
    expect(thrownBy(act)).toMatchObject({ code: 'ENOMEM' });
    expect(state(tree)).toEqual(before);
    tree.ramdisks.add({ name: 'd', path: '/d', size: 5000, reserve: 4000 });
    const write = (): void => put(tree, '/big', 'x'.repeat(8000));
    expect(thrownBy(write)).toMatchObject({ code: 'ENOMEM' });
    verify(tree);
  });

  test('one above that cannot take the directory back keeps the one below', () => {
    const tree = treeOf(IMAGE, { ramdisks: [{ name: 'root', path: '/', inodes: 1 }] });
    tree.ramdisks.add({ name: 'd', path: '/d', mode: 0o700 });
    put(tree, '/d/new', 'x');
    tree.chmod('/other', 0o700);
    const before = state(tree);
    expect(thrownBy(() => tree.ramdisks.remove('d'))).toMatchObject({ code: 'ENOSPC' });
    expect(state(tree)).toEqual(before);
    verify(tree);
  });

  test('events come after the verb: full for each refusal, high once above 90 %', async () => {
    const tree = treeOf([], { ramdisks: [{ name: 'root', path: '/', size: 41_000 }] });
    const heard: string[] = [];
    const stop = tree.ramdisks.on('high', ({ ramdisk, limit }) =>
      heard.push(`${ramdisk} ${limit}`),
    );
    tree.ramdisks.on('full', ({ limit, used: bytes, max }) =>
      heard.push(`full ${limit} ${bytes} ${max}`),
    );
    put(tree, '/a', 'x'.repeat(36_000));
    put(tree, '/b', '');
    expect(heard).toEqual([]);
    await Promise.resolve();
    expect(heard).toEqual(['root bytes']);
    put(tree, '/c', '');
    thrownBy(() => put(tree, '/b', 'x'.repeat(9000)));
    await Promise.resolve();
    expect(heard).toEqual(['root bytes', 'full bytes 36963 41000']);
    stop();
    tree.truncate('/a', 0);
    put(tree, '/a', 'x'.repeat(36_000));
    await Promise.resolve();
    expect(heard).toHaveLength(2);
  });
});
