// Attacks what is told of ramdisks that refuse or fill up: the file, the ramdisk, the limit and the
// label, in ESXi's words; once and not at each write; and that a listener may write himself.

import { expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { type RamdiskProblem, ramdiskProblems } from '../../src/report/problems.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { diskOf, imageOf } from '../support/archives.ts';

const PAGE = 4096;

function scene(thresholds?: readonly number[]) {
  const tree = new Tree(imageOf({ path: 'etc/motd', content: 'hello' }), {
    ramdisks: [
      { name: 'root', path: '/', size: 100 * PAGE, inodes: 100 },
      { name: 'tmp', path: '/tmp', size: 20 * PAGE, inodes: 20 },
    ],
    clock: () => 5000,
  });
  const told: RamdiskProblem[] = [];
  const options = thresholds === undefined ? {} : { thresholds };
  const stop = ramdiskProblems(tree, (problem) => told.push(problem), options);
  const as = (label: string) => nodeFs(tree.acting({ label }), nodeRuntime);
  const fs = nodeFs(tree, nodeRuntime);
  /** What was told since, once the verbs are over. */
  const heard = async (): Promise<RamdiskProblem[]> => {
    await Promise.resolve();
    return told.splice(0);
  };
  return { tree, fs, as, stop, heard };
}

const full = (act: () => unknown): void => expect(act).toThrow('ENOSPC');
const messages = (problems: readonly RamdiskProblem[]) => problems.map(({ message }) => message);

test('a write that does not fit is told in the words of ESXi, with all of its fields', async () => {
  const { as, heard } = scene([]);
  full(() => as('hostd').writeFileSync('/tmp/vua', new Uint8Array(21 * PAGE)));
  expect(await heard()).toEqual([
    {
      id: 'esx.problem.visorfs.ramdisk.full',
      severity: 'error',
      message: "The ramdisk 'tmp' is full.  As a result, the file /tmp/vua could not be written.",
      atMs: 5000,
      ramdisk: 'tmp',
      limit: 'bytes',
      used: 0,
      max: 20 * PAGE,
      path: '/tmp/vua',
      label: 'hostd',
    },
  ]);
});

test('a file that finds no inode is told with its application, or without one', async () => {
  const { fs, as, heard } = scene([]);
  for (let index = 0; index < 19; index++) fs.writeFileSync(`/tmp/${index}`, '');
  full(() => as('hostd-worker').writeFileSync('/tmp/vmtck-1', ''));
  full(() => fs.mkdirSync('/tmp/sub'));
  const start = "The file table of the ramdisk 'tmp' is full.  As a result, the file ";
  const problems = await heard();
  expect(messages(problems)).toEqual([
    `${start}/tmp/vmtck-1 could not be created by the application 'hostd-worker'.`,
    `${start}/tmp/sub could not be created.`,
  ]);
  const [{ id, used, max }] = problems as [RamdiskProblem];
  expect([id, used, max]).toEqual(['esx.problem.visorfs.ramdisk.inodetable.full', 20, 20]);
});

test('every verb that can be refused tells which file it was', async () => {
  const { tree, fs, as, heard } = scene([]);
  fs.mkdirSync('/tmp/dir');
  fs.writeFileSync('/tmp/dir/a', '');
  fs.symlinkSync('dir', '/tmp/link');
  const fd = fs.openSync('/tmp/link/a', 'r+');
  const { usedBytes } = tree.ramdisks.list()[1]!;
  tree.ramdisks.resize('tmp', { size: usedBytes });
  type Fs = typeof fs;
  const acts: readonly [path: string, act: (fs: Fs) => unknown][] = [
    ['/tmp/dir/a', (fs) => fs.writeFileSync('/tmp/link/a', 'x')],
    ['/tmp/dir/a', (fs) => fs.appendFileSync('/tmp/dir/../dir/a', 'x')],
    ['/tmp/dir/a', (fs) => fs.writeSync(fd, 'x')],
    ['/tmp/new', (fs) => fs.writeFileSync('/tmp/new', '')],
    ['/tmp/new', (fs) => fs.openSync('/tmp/new', 'w')],
    ['/tmp/copy', (fs) => fs.copyFileSync('/etc/motd', '/tmp/copy')],
    ['/tmp/other', (fs) => fs.linkSync('/tmp/dir/a', '/tmp/other')],
    ['/tmp/other', (fs) => fs.renameSync('/tmp/dir/a', '/tmp/other')],
    ['/tmp/soft', (fs) => fs.symlinkSync('x', '/tmp/soft')],
    ['/tmp/d', (fs) => fs.mkdirSync('/tmp/d/e/f', { recursive: true })],
  ];
  for (const [index, [path, act]] of acts.entries()) {
    full(() => act(as(`number ${index}`)));
    const told = (await heard()).map((problem) => [problem.path, problem.label]);
    expect(told).toEqual([[path, `number ${index}`]]);
  }
  // A branch and a whiteout of what the image has cost an inode and a name.
  tree.ramdisks.resize('root', { inodes: tree.ramdisks.list()[0]!.usedInodes });
  const ofImage: readonly ((fs: Fs) => unknown)[] = [
    (fs) => fs.truncateSync('/etc/motd', 1),
    (fs) => fs.chmodSync('/etc/motd', 0o600),
    (fs) => fs.chownSync('/etc/motd', 1, 1),
    (fs) => fs.utimesSync('/etc/motd', 1, 1),
    (fs) => fs.unlinkSync('/etc/motd'),
  ];
  for (const [index, act] of ofImage.entries()) {
    full(() => act(as(`image ${index}`)));
    const told = (await heard()).map((problem) => [problem.path, problem.label, problem.limit]);
    expect(told).toEqual([['/etc/motd', `image ${index}`, 'inodes']]);
  }
});

test('a threshold is told of once as use rises, and again when it fell well below', async () => {
  const { fs, heard } = scene();
  const grow = (pages: number): void => fs.writeFileSync('/tmp/log', new Uint8Array(pages * PAGE));
  const shares = async (): Promise<string[]> =>
    (await heard()).map(({ message }) => /\d+ % full/.exec(message)![0]);
  grow(15);
  expect(await shares()).toEqual([]);
  grow(16);
  grow(17);
  expect(await shares()).toEqual(['80 % full']);
  grow(18);
  expect(await shares()).toEqual(['90 % full']);
  grow(16);
  grow(18);
  expect(await shares()).toEqual(['90 % full']);
  for (let turn = 0; turn < 9; turn++) for (const pages of [15, 16]) grow(pages);
  expect(await shares()).toEqual([]);
  grow(2);
  grow(19);
  expect(await shares()).toEqual(['90 % full']);
});

test('a threshold is told with what is used, the file changed last, and by whom', async () => {
  const { as, heard } = scene([0.5]);
  as('vpxa').writeFileSync('/tmp/core', new Uint8Array(10 * PAGE));
  const [problem] = await heard();
  expect(problem).toMatchObject({
    id: 'visorfs.ramdisk.high',
    severity: 'warning',
    ramdisk: 'tmp',
    limit: 'bytes',
    used: 10 * PAGE + 36,
    max: 20 * PAGE,
    path: '/tmp/core',
    label: 'vpxa',
  });
  expect(problem?.message).toBe(
    "The ramdisk 'tmp' is 50 % full: 40996 of 81920 bytes are used.  " +
      "The file /tmp/core was changed last, by the application 'vpxa'.",
  );
});

test('the file table has thresholds too, and every ramdisk its own', async () => {
  const { fs, heard } = scene([0.5]);
  for (let index = 0; index < 12; index++) fs.writeFileSync(`/tmp/${index}`, '');
  fs.writeFileSync('/tmp/more', new Uint8Array(10 * PAGE));
  fs.writeFileSync('/more', new Uint8Array(60 * PAGE));
  const told = (await heard()).map(({ ramdisk, limit, path }) => [ramdisk, limit, path]);
  expect(told).toEqual([
    ['tmp', 'inodes', '/tmp/8'],
    ['tmp', 'bytes', '/tmp/more'],
    ['root', 'bytes', '/more'],
  ]);
});

test('a refusal is told once for each file and label, and again once there was room', async () => {
  const { fs, as, heard } = scene([]);
  fs.writeFileSync('/tmp/old', new Uint8Array(18 * PAGE));
  const large = new Uint8Array(9 * PAGE);
  for (let turn = 0; turn < 5; turn++) {
    full(() => as('hostd').writeFileSync('/tmp/a', large));
    full(() => as('vpxa').writeFileSync('/tmp/a', large));
  }
  expect((await heard()).map(({ label }) => label)).toEqual(['hostd', 'vpxa']);
  fs.truncateSync('/tmp/old', 15 * PAGE);
  full(() => as('hostd').writeFileSync('/tmp/a', large));
  expect((await heard()).map(({ label }) => label)).toEqual(['hostd']);
});

test('other errors are not told, nor what a fork does, nor what comes after the end', async () => {
  const { tree, fs, stop, heard } = scene();
  expect(() => fs.writeFileSync('/none/a', 'x')).toThrow('ENOENT');
  const twin = nodeFs(new Tree(tree), nodeRuntime);
  full(() => twin.writeFileSync('/tmp/a', new Uint8Array(21 * PAGE)));
  stop();
  full(() => fs.writeFileSync('/tmp/a', new Uint8Array(21 * PAGE)));
  fs.writeFileSync('/tmp/a', new Uint8Array(19 * PAGE));
  expect(await heard()).toEqual([]);
  expect(tree.live.refused).toBeNull();
});

test('an unmount that fills a ramdisk is told, of no file', async () => {
  const { tree, fs, heard } = scene([0.5]);
  tree.mount(diskOf('other', { path: 'large', content: 'x'.repeat(60 * PAGE) }));
  fs.appendFileSync('/large', 'x');
  expect(await heard()).toEqual([]);
  // What still showed through is kept, and paid for.
  tree.unmount('other');
  expect(await heard()).toMatchObject([{ ramdisk: 'root', limit: 'bytes', path: null }]);
});

test('a listener may write to the tree, and a threshold must be a share', async () => {
  const { tree, fs } = scene();
  ramdiskProblems(tree, ({ message }) => fs.appendFileSync('/log', `${message}\n`));
  full(() => fs.writeFileSync('/tmp/a', new Uint8Array(21 * PAGE)));
  // Not within the verb.
  expect(fs.existsSync('/log')).toBe(false);
  await Promise.resolve();
  expect(fs.readFileSync('/log', 'utf8')).toContain("The ramdisk 'tmp' is full.");
  for (const share of [0, 1, -1, Number.NaN]) {
    expect(() => ramdiskProblems(tree, () => {}, { thresholds: [share] })).toThrow(RangeError);
  }
});
