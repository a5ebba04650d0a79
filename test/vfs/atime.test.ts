// When something was read: what the kernel cannot be asked, since its clock is not ours to set and
// it has no tardisks. What each verb does is compared with it in test/contract/times.test.ts.

import { expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { type Entry, imageOf } from '../support/archives.ts';

const HOUR = 3600_000;

function clocked(...entries: readonly Entry[]) {
  const time = { now: 1e12 };
  const image = entries.length === 0 ? undefined : imageOf(...entries);
  const vfs = new VisorFs(image, { clock: () => time.now });
  const atimeOf = (path: string): number => vfs.fs.lstatSync(path).atimeMs;
  return { time, vfs, fs: vfs.fs, atimeOf };
}

test('a read is noted again once the one that is known is a day old', () => {
  const { time, fs, atimeOf } = clocked();
  fs.writeFileSync('/f', 'x');
  time.now += HOUR;
  const first = time.now;
  fs.readFileSync('/f');
  time.now += 24 * HOUR - 1000;
  fs.readFileSync('/f');
  expect(atimeOf('/f')).toBe(first);
  time.now += 1000;
  fs.readFileSync('/f');
  expect(atimeOf('/f')).toBe(time.now);
});

test('a link that was changed is noted when it is followed next, if it was before or not', () => {
  const { time, fs, atimeOf } = clocked();
  fs.mkdirSync('/d/e', { recursive: true });
  fs.symlinkSync('d', '/link');
  const changes = [
    () => fs.lutimesSync('/link', 1, 1),
    () => fs.lchownSync('/link', 1, 1),
    () => fs.linkSync('/link', '/other'),
    () => fs.unlinkSync('/other'),
  ];
  for (const change of [() => {}, ...changes]) {
    change();
    // In the tick of the change itself, and once it is over.
    for (const later of [0, HOUR]) {
      time.now += later;
      for (let turn = 0; turn < 3; turn++) fs.statSync('/link/e');
      expect(atimeOf('/link')).toBe(time.now);
    }
    time.now += HOUR;
    fs.statSync('/link/e');
    expect(atimeOf('/link')).toBe(time.now - HOUR);
  }
});

test('a time below zero means now, by the clock of the tree', () => {
  const { time, fs, atimeOf } = clocked();
  fs.writeFileSync('/f', '');
  time.now += HOUR;
  fs.utimesSync('/f', -1, 5);
  expect(atimeOf('/f')).toBe(time.now);
});

test('reading what lies in a tardisk alone branches nothing and leaves its times alone', () => {
  const entries = [
    { path: 'd/f', content: 'x' },
    { path: 'link', target: 'd' },
  ];
  const { time, vfs, fs, atimeOf } = clocked(...entries);
  const before = ['/d', '/d/f', '/link'].map(atimeOf);
  time.now += 100 * HOUR;
  fs.readFileSync('/link/f');
  fs.readdirSync('/d');
  fs.readlinkSync('/link');
  expect(['/d', '/d/f', '/link'].map(atimeOf)).toEqual(before);
  expect(vfs.vdf().ramdisks[0]).toMatchObject({ usedInodes: 0 });
  fs.chmodSync('/d/f', 0o600);
  fs.readFileSync('/d/f');
  expect(atimeOf('/d/f')).toBe(time.now);
});

test('that something was read is no change', async () => {
  const { time, vfs, fs } = clocked({ path: 'etc/conf', content: 'x', mode: 0o1644 });
  fs.writeFileSync('/etc/conf', 'y');
  fs.writeFileSync('/f', 'x');
  fs.symlinkSync('f', '/link');
  const [snapshot, blob] = [vfs.snapshot(), await vfs.backup()];
  const [changes, used] = [vfs.changes(), vfs.vdf()];
  time.now += HOUR;
  fs.readFileSync('/link');
  fs.readFileSync('/etc/conf');
  fs.readdirSync('/');
  expect(vfs.diff(snapshot)).toEqual([]);
  expect(vfs.changes()).toEqual(changes);
  expect(vfs.vdf()).toEqual(used);
  expect(await vfs.backup()).toEqual(blob);
  vfs.rollback(snapshot);
  expect(fs.lstatSync('/link').atimeMs).toBe(1e12);
});

test('who reads in a fork is noted there alone', () => {
  const { time, vfs, fs, atimeOf } = clocked();
  fs.writeFileSync('/f', 'x');
  const fork = vfs.fork();
  time.now += HOUR;
  fork.fs.readFileSync('/f');
  expect(fork.fs.statSync('/f').atimeMs).toBe(time.now);
  expect(atimeOf('/f')).toBe(1e12);
  expect(fork.diff(vfs)).toEqual([]);
});
