// The face over an empty tree, used as people use node:fs.

import { readSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { Image } from '../../src/layer/image.ts';
import { Tardisk } from '../../src/layer/tardisk.ts';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { VisorFs } from '../../src/node.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { countingSource } from '../format/counting-source.ts';
import { tarOf } from '../support/archives.ts';
import { thrownBy } from '../support/thrown.ts';

test('what was written is read, in all three flavours', async () => {
  const fs = nodeFs(new Tree(), nodeRuntime);
  fs.mkdirSync('/a/b', { recursive: true });
  fs.writeFileSync('/a/b/c', 'hello');
  expect(fs.readFileSync('/a/b/c')).toEqual(Buffer.from('hello'));
  expect(fs.readFileSync('/a/b/c', 'utf8')).toBe('hello');
  expect(await fs.promises.readFile('/a/b/c', 'utf8')).toBe('hello');
  const [error, data] = await new Promise<[unknown, unknown]>((resolve) => {
    fs.readFile('/a/b/c', 'utf8', (failure, text) => resolve([failure, text]));
  });
  expect([error, data]).toEqual([null, 'hello']);
  expect(fs.readdirSync('/', { recursive: true })).toEqual(['a', 'a/b', 'a/b/c']);
  expect(fs.statSync('/a/b/c').size).toBe(5);
  fs.rmSync('/a', { recursive: true });
  expect(fs.existsSync('/a')).toBe(false);
});

test.each([
  ['bytes that lie', () => new CorruptError('base', 0, 'does not decode')],
  ['a refusal of the machine', () => thrownBy(() => readSync(2 ** 31 - 1, Buffer.alloc(1)))],
])('what an archive cannot give goes to the callback: %s', async (_what, failure) => {
  const source = countingSource(bytesSource(tarOf([{ path: 'file', content: 'x' }]), 'base'));
  const image = Image.of(Tardisk.index(source, 'base'));
  const error = failure();
  source.readInto = () => {
    throw error;
  };
  const fs = nodeFs(new Tree(image), nodeRuntime);
  expect(thrownBy(() => fs.readFileSync('/file'))).toBe(error);
  expect(await new Promise((resolve) => fs.readFile('/file', resolve))).toBe(error);
  await expect(fs.promises.readFile('/file')).rejects.toBe(error);
});

test.each([false, true])('a Date of stat is one object, and may be set (bigint: %s)', (bigint) => {
  const fs = nodeFs(new Tree(), nodeRuntime);
  fs.utimesSync('/', 5, 6.5);
  const stats = fs.statSync('/', { bigint })!;
  expect([stats.atime, stats.mtime]).toEqual([new Date(5000), new Date(6500)]);
  expect(stats.mtime).toBe(stats.mtime);
  const other = new Date(7);
  stats.mtime = other;
  expect(stats.mtime).toBe(other);
  expect(fs.statSync('/').mtime).toEqual(new Date(6500));
});

test('rm does not say that a link is gone which it may not remove', async () => {
  const vfs = new VisorFs();
  vfs.fs.mkdirSync('/sticky', { mode: 0o1777 });
  vfs.fs.chmodSync('/sticky', 0o1777);
  vfs.fs.symlinkSync('nowhere', '/sticky/link');
  const fs = vfs.as({ uid: 1000, gid: 1000 });
  expect(() => fs.rmSync('/sticky/link')).toThrow('ENOENT: no such file or directory, scandir');
  await expect(fs.promises.rm('/sticky/link')).rejects.toThrow('scandir');
  expect(vfs.fs.readdirSync('/sticky')).toEqual(['link']);
});

test('rm takes what it may list but not look at for a file, as node does', () => {
  const vfs = new VisorFs();
  vfs.fs.mkdirSync('/tmp');
  vfs.fs.chmodSync('/tmp', 0o777);
  const fs = vfs.as({ uid: 1000, gid: 1000 });
  fs.mkdirSync('/tmp/list/below', { recursive: true });
  fs.chmodSync('/tmp/list', 0o666);
  const refusal = "EACCES: permission denied, unlink '/tmp/list/below'";
  expect(() => fs.rmSync('/tmp/list', { recursive: true })).toThrow(refusal);
});
