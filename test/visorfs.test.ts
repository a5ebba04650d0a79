// The front doors: both export the same names, what Node alone has is listed, and the one for any
// runtime reaches nothing of Node's. And the README's public interface, as it is written there.

import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import * as portable from '../src/index.ts';
import * as native from '../src/node.ts';
import { importsOf } from './house/rules.ts';
import { tarOf } from './support/archives.ts';

const NODE_ALONE = [
  'bankHandler',
  'deviceLock',
  'fetchFile',
  'fileDisk',
  'fileSource',
  'folderDepot',
  'folderDevice',
  'newFileDisk',
  'whileLocked',
];
const BASE = tarOf([
  { path: 'etc/' },
  { path: 'etc/vmware/' },
  { path: 'etc/vmware/esx.conf', content: 'a = "1"\n', mode: 0o1644 },
]);
const HOSTD = gzipSync(tarOf([{ path: 'bin/' }, { path: 'bin/hostd', content: 'x' }]));

test('both doors export the same names, but for what only Node has', () => {
  const names = Object.keys(native).filter((name) => !NODE_ALONE.includes(name));
  expect(names.sort()).toEqual(Object.keys(portable).sort());
  expect(Object.keys(native)).toEqual(expect.arrayContaining(NODE_ALONE));
});

test('nothing that the door for any runtime imports is Node’s', () => {
  const seen = new Set<string>();
  const pending = ['src/index.ts'];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const { target } of importsOf({ path: file, source: readFileSync(file, 'utf8') })) {
      expect(target, file).not.toMatch(/^node:|^(fs|path|zlib|buffer|stream|crypto|url|util)$/);
      if (target.startsWith('src/')) pending.push(target);
    }
  }
  expect(seen.size).toBeGreaterThan(40);
  expect([...seen].filter((file) => file.startsWith('src/node/'))).toEqual([]);
});

test('the room for Node is the only one that the door for Node adds', () => {
  expect(readdirSync('src/node').length).toBeGreaterThan(3);
});

test.each([
  ['any runtime', portable],
  ['Node', native],
])('the door for %s keeps the public interface', async (_name, door) => {
  const { EsxConf, esxRamdisks, Host, Image, memoryDevice, mount, openTardisk, VisorFs } = door;
  const disk = await openTardisk(BASE, { name: 'base.v00' });
  const hostd = await openTardisk(new Blob([HOSTD]), { name: 'hostd' });
  const image = Image.of(disk, hostd);
  const empty = new VisorFs();
  expect(empty.vdf().ramdisks).toMatchObject([{ name: 'root', sizeBytes: 32 << 20 }]);
  const ramdisks = [{ name: 'root', path: '/', size: '64mb', inodes: 8192 }];
  const vfs = new VisorFs(image, { ramdisks });
  expect(vfs.vdf().ramdisks).toMatchObject([{ sizeBytes: 64 << 20, maxInodes: 8192 }]);
  const conf = EsxConf.parse(vfs.fs.readFileSync('/etc/vmware/esx.conf'));
  expect(conf).toBeInstanceOf(EsxConf);
  expect((await vfs.fs.promises.stat('/etc')).isDirectory()).toBe(true);
  expect(vfs.view('/bin/hostd')).toHaveLength(1);
  vfs.unmount('hostd');
  expect(vfs.fs.existsSync('/bin/hostd')).toBe(false);
  vfs.mount(hostd);
  vfs.ramdisks.add({ name: 'etc', path: '/etc', size: '1mb' });
  vfs.fs.writeFileSync('/etc/vmware/esx.conf', 'a = "2"\n');
  expect(vfs.vdu('/etc').find(({ path: at }) => at === '/etc/vmware/esx.conf')).toMatchObject({
    ramdisk: 'etc',
    ramdiskBytes: 4096,
  });
  expect(vfs.changes()).toEqual([{ path: '/etc/vmware/esx.conf', change: 'modified' }]);
  const blob = await vfs.backup();
  const other = new VisorFs(image);
  await other.restore(blob);
  expect(other.fs.readFileSync('/etc/vmware/esx.conf', 'utf8')).toBe('a = "2"\n');
  const mounted = await mount(BASE, HOSTD);
  expect(mounted.fs.readdirSync('/').sort()).toEqual(['bin', 'etc']);
  expect(esxRamdisks().map(({ name }) => name)).toContain('hostdstats');
  const files = new Map([
    ['boot.cfg', new TextEncoder().encode('kernel=b\nmodules=base.v00\nbuild=1\nupdated=1\n')],
    ['b', new Uint8Array(1)],
    ['base.v00', BASE],
  ]);
  const host = await Host.boot(memoryDevice(files));
  expect(await host.rebuild()).toBeGreaterThan(0);
  await host.reboot();
});

test('reads give Buffers in Node and Uint8Arrays elsewhere', async () => {
  const inNode = await native.mount(BASE);
  expect(Buffer.isBuffer(inNode.fs.readFileSync('/etc/vmware/esx.conf'))).toBe(true);
  const elsewhere = await portable.mount(BASE);
  expect(Buffer.isBuffer(elsewhere.fs.readFileSync('/etc/vmware/esx.conf'))).toBe(false);
});

test('ESXi’s ramdisks are made over an image that lacks their directories', async () => {
  const disk = await native.openTardisk(BASE, { name: 'base' });
  const vfs = new native.VisorFs(native.Image.of(disk), { ramdisks: native.esxRamdisks() });
  expect(vfs.fs.statSync('/tmp').mode & 0o7777).toBe(0o1777);
  vfs.fs.writeFileSync('/tmp/x', 'y');
  const used = vfs.vdf().ramdisks.filter(({ usedBytes }) => usedBytes >= 4096);
  expect(used.map(({ name }) => name)).toEqual(['tmp']);
});
