/**
 * The engine alone, through both front doors: that its verbs work as a program calls them, that its
 * clock is the one on the wall, that it and VisorFs are forks of each other, and what it lacks.
 */

import { describe, expect, test } from 'vitest';
import * as portable from '../src/index.ts';
import * as native from '../src/node.ts';
import { tarOf } from './support/archives.ts';
import { thrownBy } from './support/thrown.ts';

const BASE = tarOf([
  { path: 'etc/' },
  { path: 'etc/motd', content: 'welcome\n' },
  { path: 'etc/issue', target: 'motd' },
]);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe.each([
  ['any runtime', portable],
  ['Node', native],
])('by the door for %s', (_door, { constants, Image, openTardisk, ...door }) => {
  const { compareTrees, ramdiskTop, Snapshot, Tree, VisorError, VisorFs } = door;
  const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
  const opened = async () => Image.of(await openTardisk(BASE, { name: 'base' }));

  function put(tree: InstanceType<typeof Tree>, path: string, content: string): void {
    const fd = tree.open(path, O_WRONLY | O_CREAT, 0o644);
    tree.replace(fd, utf8(content));
    tree.close(fd);
  }

  test('a tree is read and written by POSIX’s verbs', async () => {
    const tree = new Tree(await opened(), { ramdisks: [{ name: 'box', path: '/', size: '64kb' }] });
    expect(text(tree.view('/etc/issue'))).toBe('welcome\n');
    tree.mkdirs('/var/log', 0o755);
    const log = tree.open('/var/log/up', O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o640);
    expect(tree.write(log, utf8('one\n'), null)).toBe(4);
    tree.write(log, utf8('two\n'), null);
    tree.close(log);
    tree.symlink('up', '/var/log/last');
    tree.link('/var/log/up', '/var/up');
    tree.rename('/etc/motd', '/etc/motd.old');
    tree.chmod('/var/up', 0o600);
    const reader = tree.open('/var/log/last', O_RDONLY);
    const bytes = new Uint8Array(3);
    expect([tree.read(reader, bytes, 4), text(bytes)]).toEqual([3, 'two']);
    tree.close(reader);
    expect(tree.names('/etc')).toEqual(['issue', 'motd.old']);
    expect(text(tree.readlink('/var/log/last'))).toBe('up');
    expect(tree.stat('/var/log/up')).toMatchObject({ size: 8, nlink: 2, mode: 0o100600 });
    expect(tree.has('/etc/issue')).toBe(false);
    tree.unlink('/etc/issue');
    tree.ramdisks.add({ name: 'tmp', path: '/etc', size: '8kb' });
    expect(tree.statfs('/etc').blocks).toBe(2);
    tree.unmount('base');
    expect(tree.names('/')).toEqual(['etc', 'var']);
    tree.verify();
  });

  test('what a tree refuses is a VisorError with its code, and nothing has changed', async () => {
    const tree = new Tree(await opened(), { ramdisks: [{ name: 'box', path: '/', size: '64kb' }] });
    expect(thrownBy(() => tree.stat('/none'))).toMatchObject({ code: 'ENOENT' });
    expect(thrownBy(() => tree.mkdir('/etc'))).toMatchObject({ code: 'EEXIST' });
    const nobody = tree.acting({ uid: 1000 });
    expect(thrownBy(() => nobody.unlink('/etc/motd'))).toMatchObject({ code: 'EACCES' });
    const fd = tree.open('/etc/motd', O_WRONLY);
    const error = thrownBy(() => tree.replace(fd, new Uint8Array(1 << 20)));
    expect(error).toBeInstanceOf(VisorError);
    expect(error).toMatchObject({ code: 'ENOSPC', full: { ramdisk: 'box', limit: 'bytes' } });
    tree.close(fd);
    expect(text(tree.view('/etc/motd'))).toBe('welcome\n');
  });

  test('the time in a tree is the time', () => {
    const tree = new Tree();
    const before = Math.floor(Date.now() / 1000);
    tree.mkdir('/now');
    const { mtimeSeconds } = tree.stat('/now');
    expect(mtimeSeconds).toBeGreaterThanOrEqual(before);
    expect(mtimeSeconds).toBeLessThanOrEqual(Date.now() / 1000);
    const other = new Tree(undefined, { clock: () => 7000 });
    other.mkdir('/then');
    expect([other, other.fork()].map((one) => one.stat('/then').mtimeSeconds)).toEqual([7, 7]);
  });

  test('a fork is of the same kind and for the same user, and goes its own way', async () => {
    const tree = new Tree(await opened(), { identity: { uid: 1000 } });
    const fork = tree.fork();
    expect(fork).toBeInstanceOf(Tree);
    expect(thrownBy(() => fork.unlink('/etc/motd'))).toMatchObject({ code: 'EACCES' });
    fork.acting({}).unlink('/etc/motd');
    expect([tree.has('/etc/motd'), fork.has('/etc/motd')]).toEqual([true, false]);
  });

  test('a tree and a VisorFs are forks of each other, and of each other’s snapshots', async () => {
    const image = await opened();
    const vfs = new VisorFs(image);
    vfs.fs.writeFileSync('/etc/motd', 'by fs');
    const tree = new Tree(vfs);
    put(tree, '/etc/motd', 'by verbs');
    expect(vfs.fs.readFileSync('/etc/motd', 'utf8')).toBe('by fs');
    const back = new VisorFs(tree);
    expect(back.fs.readFileSync('/etc/motd', 'utf8')).toBe('by verbs');
    expect(back.diff(vfs)).toEqual([{ path: '/etc/motd', change: 'modified' }]);
    const taken = tree.snapshot();
    put(tree, '/etc/motd', 'later');
    expect(new VisorFs(taken).fs.readFileSync('/etc/motd', 'utf8')).toBe('by verbs');
    const copy = new Tree(Snapshot.from(taken.toBytes(), image));
    expect(text(copy.view('/etc/motd'))).toBe('by verbs');
    tree.rollback(vfs.snapshot());
    expect(text(tree.view('/etc/motd'))).toBe('by fs');
  });

  test('the face of node:fs, reports and state are VisorFs’s; what takes a tree takes this', () => {
    const [tree, vfs] = [new Tree(), new VisorFs()];
    const more = ['fs', 'as', 'vdf', 'vdu', 'why', 'changes', 'diff', 'state', 'backup', 'restore'];
    expect(more.filter((name) => name in tree)).toEqual([]);
    expect(more.filter((name) => !(name in vfs))).toEqual([]);
    put(tree, '/big', 'x'.repeat(5000));
    expect(ramdiskTop(tree).largest[0]).toMatchObject({ path: '/big' });
    const steps = [...compareTrees(vfs, tree)].filter(({ difference }) => difference !== null);
    expect(steps.map(({ path }) => path)).toEqual(['/big']);
  });
});
