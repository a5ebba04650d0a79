// Who acts: what the tree lets a user do who is not root. The whole of it is compared with the
// kernel in test/contract/permissions.test.ts; here is what the kernel cannot say: views of one
// tree, images, ramdisks, state.

import v8 from 'node:v8';
import vm from 'node:vm';
import { expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { Tree } from '../../src/vfs/tree.ts';
import type { View } from '../../src/vfs/view.ts';
import { imageOf } from '../support/archives.ts';
import { refusal } from '../support/thrown.ts';
import { put, readFile, treeOf } from './support.ts';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** Collects, and lets what comes of it happen, `count` times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    collect();
    await new Promise((done) => setImmediate(done));
  }
}

const USER = { uid: 1000, gid: 1000, groups: [27], umask: 0o077 };

test('a view acts on the same tree as whoever it is for', () => {
  const vfs = new VisorFs();
  vfs.fs.mkdirSync('/tmp', { mode: 0o777 });
  vfs.fs.chmodSync('/tmp', 0o1777);
  const user = vfs.as(USER);
  user.writeFileSync('/tmp/f', 'mine');
  const { uid, gid, mode } = vfs.fs.statSync('/tmp/f');
  expect([uid, gid, mode & 0o777]).toEqual([1000, 1000, 0o600]);
  expect(refusal(() => user.writeFileSync('/f', 'x'))).toBe('EACCES');
  expect(refusal(() => vfs.as({ uid: 1001 }).readFileSync('/tmp/f'))).toBe('EACCES');
  expect(refusal(() => vfs.as({ uid: 1001 }).unlinkSync('/tmp/f'))).toBe('EPERM');
});

test('views have the same descriptors', () => {
  const vfs = new VisorFs();
  vfs.fs.writeFileSync('/secret', 'for root', { mode: 0o600 });
  const user = vfs.as(USER);
  expect(refusal(() => user.openSync('/secret'))).toBe('EACCES');
  const fd = vfs.fs.openSync('/secret', 'r+');
  expect(user.readFileSync(fd, 'utf8')).toBe('for root');
  expect(refusal(() => user.fchmodSync(fd, 0o666))).toBe('EPERM');
  user.closeSync(fd);
  expect(refusal(() => vfs.fs.fstatSync(fd))).toBe('EBADF');
});

test('who the tree acts as is an option of it, also of what it is forked to', () => {
  const image = imageOf({ path: 'home/', type: 'dir', mode: 0o777 });
  const vfs = new VisorFs(image, { identity: USER });
  vfs.mkdir('/home/d');
  expect(vfs.stat('/home/d')).toMatchObject({ uid: 1000, gid: 1000, mode: 0o40700 });
  expect(refusal(() => vfs.fs.mkdirSync('/etc'))).toBe('EACCES');
  expect(refusal(() => vfs.fork().fs.mkdirSync('/etc'))).toBe('EACCES');
});

test('what opens a directory or a stream asks too', async () => {
  const dir = { path: 'd/', type: 'dir', mode: 0o711 } as const;
  const vfs = new VisorFs(imageOf(dir, { path: 'd/f', content: 'x', mode: 0o600 }));
  const user = vfs.as(USER);
  expect(refusal(() => user.opendirSync('/d'))).toBe('EACCES');
  await expect(user.promises.open('/d/f')).rejects.toThrow('EACCES');
  expect(() => user.openAsBlob('/d/f')).toThrow('Unable to open file as blob');
  await expect(user.createReadStream('/d/f').toArray()).rejects.toThrow('EACCES');
});

test('an identity that is none is refused', () => {
  const vfs = new VisorFs();
  for (const identity of [
    { uid: -1 },
    { uid: 1.5 },
    { uid: 2 ** 32 - 1 },
    { uid: 1, gid: -2 },
    { uid: 1, groups: [Number.NaN] },
    { umask: 0o1000 },
    { umask: -1 },
  ]) {
    expect(() => vfs.as(identity)).toThrow(RangeError);
    expect(() => new VisorFs(undefined, { identity })).toThrow(RangeError);
  }
});

test('a path that root walked before is walked anew by others', () => {
  const vfs = new VisorFs(imageOf({ path: 'a/b/c/f', content: 'x', mode: 0o644 }));
  const user = vfs.as(USER);
  expect(vfs.fs.readFileSync('/a/b/c/f', 'utf8')).toBe('x');
  expect(user.readFileSync('/a/b/c/f', 'utf8')).toBe('x');
  vfs.fs.chmodSync('/a/b', 0o700);
  expect(vfs.fs.readFileSync('/a/b/c/f', 'utf8')).toBe('x');
  expect(refusal(() => user.readFileSync('/a/b/c/f'))).toBe('EACCES');
  vfs.fs.chownSync('/a/b', 1000, 0);
  expect(user.readFileSync('/a/b/c/f', 'utf8')).toBe('x');
  vfs.fs.renameSync('/a/b', '/a/d');
  expect(refusal(() => user.readFileSync('/a/b/c/f'))).toBe('ENOENT');
  expect(user.readFileSync('/a/d/c/f', 'utf8')).toBe('x');
});

test('the verbs that node:fs has no need of ask too', () => {
  const tree = new VisorFs(imageOf({ path: 'f', content: 'x', mode: 0o600 }));
  const user = tree.acting(USER);
  expect(refusal(() => user.view('/f'))).toBe('EACCES');
  expect(refusal(() => user.truncate('/f', 0))).toBe('EACCES');
  tree.chmod('/f', 0o666);
  expect(user.view('/f')).toEqual(Uint8Array.of(0x78));
  user.truncate('/f', 0);
  expect(tree.stat('/f').size).toBe(0);
});

test('a view keeps its tree, which is given back once both are forgotten', async () => {
  const tree = treeOf([]);
  put(tree, '/f', new Uint8Array(4096));
  const { pages } = tree.live.delta;
  let user: View | null = new Tree(tree).acting({});
  put(user, '/g', new Uint8Array(4096));
  await turns(10);
  expect(readFile(user, '/g')).toHaveLength(4096);
  expect(pages.takenCount).toBe(2);
  user = null;
  for (let turn = 0; turn < 100 && pages.takenCount > 1; turn++) await turns(1);
  expect(pages.takenCount).toBe(1);
});

test('state is saved and restored whoever the tree acts as', async () => {
  const file = { path: 'etc/conf', content: 'old', mode: 0o1600 };
  const image = imageOf({ path: 'etc/', type: 'dir', mode: 0o700 }, file);
  const before = new VisorFs(image);
  before.fs.writeFileSync('/etc/conf', 'new');
  const blob = await before.backup();
  const vfs = new VisorFs(image, { identity: USER });
  await vfs.restore(blob);
  expect(vfs.state().map(({ path }) => path)).toEqual(['/etc/conf']);
  expect(vfs.as({}).readFileSync('/etc/conf', 'utf8')).toBe('new');
  expect(refusal(() => vfs.fs.readFileSync('/etc/conf'))).toBe('EACCES');
  expect(await vfs.backup()).toEqual(blob);
});
