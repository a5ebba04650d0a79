// What survives: which files are state and why, a backup of one instant, a restore that happens
// whole or not at all. Attacked by edits of every kind that editors make, by writes that go on
// while a backup is packed, and by ramdisks in which the state does not fit.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import type { Image } from '../../src/layer/image.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { packState } from '../../src/state/archive.ts';
import { State } from '../../src/state/state.ts';
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../src/vfs/flags.ts';
import type { TreeOptions } from '../../src/vfs/shapes.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';
import { everything } from '../vfs/support.ts';

const ESX_CONF = '/etc/vmware/esx.conf';

function base(): Image {
  return imageOf(
    { path: 'etc/' },
    { path: 'etc/vmware/' },
    { path: 'etc/vmware/esx.conf', content: 'old\n', mode: 0o1644, mtime: 100 },
    { path: 'etc/passwd', content: 'root\n', mode: 0o1600 },
    { path: 'etc/motd', content: 'hello\n' },
    { path: 'opt/' },
    { path: 'opt/tool.conf', content: 'x', mode: 0o1644 },
  );
}

function host(image: Image = base(), options: TreeOptions = {}): { tree: Tree; state: State } {
  const tree = new Tree(image, { clock: () => 1_700_000_000_123, ...options });
  return { tree, state: new State(tree, async () => nativeCodec, ['/etc']) };
}

function put(tree: Tree, file: string, content: string, mode = 0o644): void {
  const fd = tree.open(file, O_CREAT | O_WRONLY | O_TRUNC, mode);
  tree.write(fd, utf8(content), null);
  tree.close(fd);
}

function append(tree: Tree, file: string, content: string): void {
  const fd = tree.open(file, O_WRONLY | O_APPEND);
  tree.write(fd, utf8(content), null);
  tree.close(fd);
}

function listed(state: State): [string, string][] {
  return state.list().map(({ path: file, reason }) => [file, reason]);
}

test('nothing is state before something was written', () => {
  expect(host().state.list()).toEqual([]);
});

test('a sticky file is state once it is written, and a plain one never', () => {
  const { tree, state } = host();
  put(tree, ESX_CONF, 'new\n');
  put(tree, '/etc/motd', 'other\n');
  put(tree, '/etc/fresh', 'new file\n', 0o1644);
  put(tree, '/opt/tool.conf', 'outside the state roots');
  expect(listed(state)).toEqual([[ESX_CONF, 'sticky']]);
});

test('chmod +t makes state of a file that a tardisk has, as on ESXi', () => {
  const { tree, state } = host();
  tree.chmod('/etc/motd', 0o1644);
  expect(listed(state)).toEqual([['/etc/motd', 'sticky']]);
});

test('an editor that renames a new file over a sticky one does not lose the change', async () => {
  const { tree, state } = host();
  put(tree, `${ESX_CONF}.new`, 'edited\n');
  tree.rename(`${ESX_CONF}.new`, ESX_CONF);
  expect(listed(state)).toEqual([[ESX_CONF, 'replaced']]);
  const next = host();
  await next.state.restore(await state.backup());
  expect(text(next.tree.view(ESX_CONF))).toBe('edited\n');
});

test('a deleted file drops out of the state', () => {
  const { tree, state } = host();
  put(tree, ESX_CONF, 'new\n');
  tree.unlink(ESX_CONF);
  expect(state.list()).toEqual([]);
});

test('content, mode, owner and time come back; what was not sticky does not', async () => {
  const { tree, state } = host();
  put(tree, ESX_CONF, 'new\n');
  tree.chmod(ESX_CONF, 0o1600);
  tree.chown(ESX_CONF, 12, 34);
  const time = { seconds: 1_234_567_890, nanoseconds: 0 };
  tree.utimes(ESX_CONF, time, time);
  put(tree, '/etc/motd', 'lost\n');
  const next = host();
  await next.state.restore(await state.backup());
  const { mode, uid, gid, mtimeSeconds } = next.tree.stat(ESX_CONF);
  expect(text(next.tree.view(ESX_CONF))).toBe('new\n');
  expect([mode & 0o7777, uid, gid, mtimeSeconds]).toEqual([0o1600, 12, 34, 1_234_567_890]);
  expect(text(next.tree.view('/etc/motd'))).toBe('hello\n');
  next.tree.verify();
});

test('what was restored once is saved again, touched or not, in an image or not', async () => {
  const member = { mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 5 };
  const blob = await packState(
    [
      { ...member, path: utf8('etc/ssh/key'), bytes: utf8('secret') },
      { ...member, path: utf8('etc/motd'), bytes: utf8('mine') },
    ],
    nativeCodec,
  );
  const first = host();
  await first.state.restore(blob);
  expect(listed(first.state)).toEqual([
    ['/etc/motd', 'restored'],
    ['/etc/ssh/key', 'restored'],
  ]);
  const second = host();
  await second.state.restore(await first.state.backup());
  expect(text(second.tree.view('/etc/ssh/key'))).toBe('secret');
  expect(second.tree.stat('/etc/ssh').mode & 0o7777).toBe(0o755);
});

test.each([
  ['native zlib', nativeCodec],
  ['pako', portableCodec],
])(
  'the same state packs to the same bytes with %s, whatever order it was made in',
  async (_name, codec) => {
    const blobs = [];
    for (const order of [
      [ESX_CONF, '/etc/passwd'],
      ['/etc/passwd', ESX_CONF],
    ]) {
      const { tree } = host();
      for (const file of order) put(tree, file, `${file}\n`);
      blobs.push(await new State(tree, async () => codec, ['/etc']).backup());
    }
    expect(blobs[0]).toEqual(blobs[1]);
  },
);

test('a backup is of one instant: what is written meanwhile is in the next one', async () => {
  const { tree, state } = host();
  put(tree, ESX_CONF, 'before\n');
  put(tree, '/etc/passwd', 'before\n');
  const packing = state.backup();
  put(tree, ESX_CONF, 'after\n');
  append(tree, '/etc/passwd', 'after\n');
  const next = host();
  await next.state.restore(await packing);
  expect(text(next.tree.view(ESX_CONF))).toBe('before\n');
  expect(text(next.tree.view('/etc/passwd'))).toBe('before\n');
});

test('state.tgz holds one local.tgz, and the tar of this machine reads both', async (context) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-state-'));
  try {
    execFileSync('tar', ['--version']);
  } catch {
    context.skip('no tar on this machine');
  }
  const { tree, state } = host();
  put(tree, ESX_CONF, 'new\n');
  fs.writeFileSync(path.join(folder, 'state.tgz'), await state.backup());
  const run = (...args: string[]) => execFileSync('tar', args, { cwd: folder, encoding: 'utf8' });
  expect(run('tzf', 'state.tgz')).toBe('local.tgz\n');
  run('xzf', 'state.tgz');
  expect(run('tzf', 'local.tgz')).toBe('etc/vmware/esx.conf\n');
  run('xzf', 'local.tgz');
  expect(fs.readFileSync(path.join(folder, 'etc/vmware/esx.conf'), 'utf8')).toBe('new\n');
  fs.rmSync(folder, { recursive: true });
});

test('owners, times and names that ustar cannot hold come back all the same', async () => {
  const long = `etc/${'d'.repeat(120)}/${'n'.repeat(200)}`;
  const odd = { mode: 0o600, uid: 3_000_000, gid: 262_144, mtimeSeconds: 2 ** 33 };
  const blob = await packState([{ ...odd, path: utf8(long), bytes: utf8('x') }], nativeCodec);
  const { tree, state } = host();
  await state.restore(blob);
  const { uid, gid, mtimeSeconds } = tree.stat(`/${long}`);
  expect([uid, gid, mtimeSeconds]).toEqual([odd.uid, odd.gid, odd.mtimeSeconds]);
});

test('a state that does not fit is refused whole: no page, no name of it stays', async () => {
  const member = { mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 5 };
  const blob = await packState(
    [
      { ...member, path: utf8('etc/a'), bytes: new Uint8Array(4096) },
      { ...member, path: utf8('etc/new/b'), bytes: new Uint8Array(40_000) },
      { ...member, path: utf8('etc/vmware/esx.conf'), bytes: utf8('replaced') },
    ],
    nativeCodec,
  );
  for (const limit of [{ size: 49_152 }, { size: '1mb', inodes: 4 }]) {
    const { tree, state } = host(base(), { ramdisks: [{ name: 'root', path: '/', ...limit }] });
    await expect(state.restore(blob)).rejects.toMatchObject({ code: 'ENOSPC' });
    const [root] = tree.ramdisks.list();
    expect([root!.usedBytes, root!.usedInodes, state.list()]).toEqual([0, 0, []]);
    expect(text(tree.view(ESX_CONF))).toBe('old\n');
    tree.verify();
  }
});

test('a state that does not fit as copies of what forks share is refused whole', async () => {
  const { tree, state } = host(base(), { memory: 100_000 });
  put(tree, ESX_CONF, 'x'.repeat(20_000));
  put(tree, '/etc/passwd', 'x'.repeat(20_000));
  const blob = await state.backup();
  const fork = new Tree(tree);
  put(tree, '/filler', 'x'.repeat(28_000));
  const before = everything(fork);
  await expect(new State(fork, async () => nativeCodec, ['/etc']).restore(blob)).rejects.toThrow(
    'ENOMEM',
  );
  expect(everything(fork)).toEqual(before);
  tree.unlink('/filler');
  await new State(fork, async () => nativeCodec, ['/etc']).restore(blob);
});

test('a state needs exactly what its check said, and not a byte more', async () => {
  const member = { mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 5 };
  const blob = await packState(
    [
      { ...member, path: utf8('etc/new/deep/b'), bytes: new Uint8Array(10_000) },
      { ...member, path: utf8('etc/vmware/esx.conf'), bytes: utf8('replaced') },
    ],
    nativeCodec,
  );
  const roomy = host();
  await roomy.state.restore(blob);
  const { usedBytes, usedInodes } = roomy.tree.ramdisks.list()[0]!;
  const exact = { name: 'root', path: '/', size: usedBytes, inodes: usedInodes };
  const { tree, state } = host(base(), { ramdisks: [exact] });
  await state.restore(blob);
  expect(tree.ramdisks.list()[0]!.usedBytes).toBe(usedBytes);
  const tooSmall = host(base(), { ramdisks: [{ ...exact, size: usedBytes - 1 }] });
  await expect(tooSmall.state.restore(blob)).rejects.toMatchObject({ code: 'ENOSPC' });
});

test.each([
  ['names a directory that is a file here', 'etc/motd/below', 'ENOTDIR'],
  ['names a file that is a directory here', 'etc/vmware', 'EISDIR'],
  ['names a branch marker', 'etc/.#esx.conf', 'EPERM'],
])('a state that %s is refused and changes nothing', async (_what, file, code) => {
  const member = { mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 5, bytes: utf8('x') };
  const blob = await packState(
    [
      { ...member, path: utf8('etc/aaa') },
      { ...member, path: utf8(file) },
    ],
    nativeCodec,
  );
  const { tree, state } = host();
  await expect(state.restore(blob)).rejects.toMatchObject({ code });
  expect(tree.ramdisks.list()[0]!.usedBytes).toBe(0);
  expect(() => tree.stat('/etc/aaa')).toThrow('ENOENT');
});

test('a blob that is no state is refused and says what is missing', async () => {
  const { state } = host();
  await expect(state.restore(utf8('not an archive'))).rejects.toThrow('state.tgz');
  const empty = await nativeCodec.gzip(new Uint8Array(1024));
  await expect(state.restore(empty)).rejects.toThrow("has no member 'local.tgz'");
});

test('a name that is no text comes back as it is, beside one that shows alike', async () => {
  const odd = [0xe9, 0xe8].map((byte) => Uint8Array.of(...utf8('/etc/caf'), byte));
  const image = imageOf(
    ...odd.map((path) => ({ path: path.subarray(1), content: 'old', mode: 0o1644 })),
  );
  const { tree, state } = host(image);
  for (const [index, path] of odd.entries()) {
    const fd = tree.open(path, O_WRONLY | O_TRUNC);
    tree.write(fd, utf8(`new ${index}`), null);
    tree.close(fd);
  }
  expect(state.list()).toHaveLength(2);
  const next = host(image);
  await next.state.restore(await state.backup());
  expect(odd.map((path) => text(next.tree.view(path)))).toEqual(['new 0', 'new 1']);
  expect(next.state.list()).toHaveLength(2);
});

// Two names of one sticky file, one of them replaced: restored through the other, both would have
// had the content that was written last.
test('a restore does not write through a name that the image shares with another', async () => {
  const image = imageOf(
    { path: 'etc/a', content: 'orig', mode: 0o1644 },
    { path: 'etc/b', type: 'link', target: 'etc/a' },
  );
  const { tree, state } = host(image);
  put(tree, '/etc/a', 'AAAA');
  put(tree, '/etc/b.new', 'BBBB');
  tree.rename('/etc/b.new', '/etc/b');
  const next = host(image);
  await next.state.restore(await state.backup());
  expect(['/etc/a', '/etc/b'].map((path) => text(next.tree.view(path)))).toEqual(['AAAA', 'BBBB']);
  next.tree.verify();
});
