// Two trees compared that have nothing to do with each other. Attacked by every aspect that may be
// another, by contents that differ in one byte at the border of a piece, and by random pairs of
// trees, which are compared a second time by reading both whole.

import { expect, test } from 'vitest';
import { Image } from '../../src/layer/image.ts';
import { compareTrees, type TreeDifference, VisorFs } from '../../src/node.ts';
import { diskOf, type Entry } from '../support/archives.ts';
import { prng } from '../support/prng.ts';

function tree(...entries: readonly Entry[]): VisorFs {
  return new VisorFs(Image.of(diskOf('disk', ...entries)));
}

function differences(older: VisorFs, newer: VisorFs): TreeDifference[] {
  return [...compareTrees(older, newer)].flatMap(({ difference }) =>
    difference === null ? [] : [difference],
  );
}

function told(older: VisorFs, newer: VisorFs): string[] {
  return differences(older, newer).map(({ path, change, aspects }) =>
    [path, change, ...aspects].join(' '),
  );
}

test('a tree does not differ from itself, nor times alone from others', () => {
  const entries = [{ path: 'etc/' }, { path: 'etc/a', content: 'a', mtime: 1 }];
  const later = [{ path: 'etc/' }, { path: 'etc/a', content: 'a', mtime: 2 }];
  expect(told(tree(...entries), tree(...entries))).toEqual([]);
  expect(told(tree(...entries), tree(...later))).toEqual([]);
});

test('each aspect is told, and all of one path together', () => {
  const older = tree(
    { path: 'content', content: 'one' },
    { path: 'device', type: 'device' },
    { path: 'link', target: 'here' },
    { path: 'mode', content: 'x', mode: 0o644 },
    { path: 'owner', content: 'x', uid: 1 },
    { path: 'several', content: 'x', mode: 0o600, gid: 1 },
    { path: 'size', content: 'x' },
    { path: 'type', content: 'x' },
  );
  const newer = tree(
    { path: 'content', content: 'two' },
    { path: 'device', type: 'fifo' },
    { path: 'link', target: 'there' },
    { path: 'mode', content: 'x', mode: 0o1644 },
    { path: 'owner', content: 'x', uid: 2 },
    { path: 'several', content: 'longer', mode: 0o644 },
    { path: 'size', content: 'xx' },
    { path: 'type/', type: 'dir' },
    { path: 'type/below', content: '' },
  );
  expect(told(older, newer)).toEqual([
    '/content changed content',
    '/device changed type',
    '/link changed target',
    '/mode changed mode',
    '/owner changed owner',
    '/several changed mode owner size',
    '/size changed size',
    '/type changed type',
    '/type/below added',
  ]);
  expect(told(newer, older).at(-1)).toBe('/type/below removed');
});

test('what is on one side only is told with all below it', () => {
  const older = tree({ path: 'opt/a/b', content: '' }, { path: 'opt.x', content: '' });
  expect(told(older, tree())).toEqual([
    '/opt removed',
    '/opt/a removed',
    '/opt/a/b removed',
    '/opt.x removed',
  ]);
});

test('each side says what it has and from where', () => {
  const newer = tree({ path: 'a', content: 'xyz', mode: 0o600, uid: 3 });
  newer.fs.writeFileSync('/b', 'written here');
  expect(differences(tree(), newer)).toMatchObject([
    {
      ...{ path: '/a', change: 'added', older: null },
      newer: { kind: 'file', mode: 0o600, uid: 3, gid: 0, size: 3, tardisk: 'disk' },
    },
    { path: '/b', newer: { tardisk: null } },
  ]);
});

test('one byte differs, wherever in a large file it is, and no file is read whole', () => {
  const size = (2 << 20) + 5;
  const content = new Uint8Array(size).fill(7);
  const older = tree({ path: 'big', content });
  for (const at of [0, (1 << 20) - 1, 1 << 20, size - 1]) {
    const other = content.slice();
    other[at] = 8;
    expect(told(older, tree({ path: 'big', content: other })), `${at}`).toEqual([
      '/big changed content',
    ]);
  }
  const steps = [...compareTrees(older, tree({ path: 'big', content }))];
  expect(steps.map(({ isDone }) => isDone)).toEqual([false, false, false, true]);
});

test('a tree of any depth is walked', () => {
  const older = tree();
  older.fs.mkdirSync('/d'.repeat(2000), { recursive: true });
  expect(told(older, tree()).length).toBe(2000);
});

const SEEDS = process.env['SEED'] === undefined ? 40 : 1;
for (let index = 0; index < SEEDS; index++) {
  const seed = Number(process.env['SEED'] ?? index + 1);
  test(`what is told is what reading both shows (SEED=${seed})`, () => {
    const random = prng(seed);
    const [older, newer] = [randomTree(random), randomTree(random)];
    const paths = [...new Set([...allOf(older).keys(), ...allOf(newer).keys()])];
    const expected = paths.filter((path) => allOf(older).get(path) !== allOf(newer).get(path));
    const found = differences(older, newer).map(({ path }) => path);
    expect([...found].sort()).toEqual(expected.sort());
  });
}

function randomTree(random: ReturnType<typeof prng>): VisorFs {
  const vfs = tree();
  for (let count = 0; count < 25; count++) {
    const path = `/${random.pick(['a', 'b', 'c'])}/${random.pick(['a', 'b', 'c'])}`;
    const above = path.slice(0, 2);
    const acts: (() => void)[] = [
      () => vfs.fs.mkdirSync(random.pick([above, path]), { recursive: true }),
      () => vfs.fs.writeFileSync(path, random.pick(['', 'x', 'y', 'zz'])),
      () => vfs.fs.symlinkSync(random.pick(['x', 'y']), path),
      () => vfs.fs.chmodSync(path, random.pick([0o600, 0o644])),
      () => vfs.fs.lchownSync(path, random.pick([0, 1]), 0),
    ];
    try {
      random.pick(acts)();
    } catch {
      // A random act need not be possible.
    }
  }
  return vfs;
}

/** Everything in `vfs`, each as all that counts of it. */
function allOf(vfs: VisorFs): Map<string, string> {
  const all = new Map<string, string>();
  for (const { path } of vfs.vdu('/')) {
    if (path === null || path === '/') continue;
    const stats = vfs.fs.lstatSync(path);
    const content = stats.isFile()
      ? vfs.fs.readFileSync(path, 'utf8')
      : stats.isSymbolicLink()
        ? vfs.fs.readlinkSync(path)
        : '';
    all.set(path, [stats.mode, stats.uid, stats.gid, content].join());
  }
  return all;
}
