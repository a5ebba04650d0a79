// A host from boot to reboot: modules in listed order, state on top, saved and brought back.
// Attacked with banks that lack files, list what is not theirs, lie about themselves, or fail to be
// written.

import { expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { VisorError } from '../../src/base/errors.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import { type BootDevice, Host, memoryDevice } from '../../src/index.ts';
import { tarOf } from '../support/archives.ts';

const BASE = tarOf([
  { path: 'etc/' },
  { path: 'etc/vmware/' },
  { path: 'etc/vmware/esx.conf', content: 'a = "1"\n', mode: 0o1644 },
  { path: 'etc/motd', content: 'base\n' },
]);
const TOOLS = tarOf([{ path: 'etc/' }, { path: 'etc/motd', content: 'tools\n' }]);

function bank(changes: Record<string, Uint8Array | null> = {}): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([
    ['boot.cfg', cfg(['base.v00', 'opts.gz', 'tools.v00', 'state.tgz'])],
    ['b.b00', utf8('a kernel of sorts')],
    ['opts.gz', utf8('options')],
    ['base.v00', BASE],
    ['tools.v00', TOOLS],
  ]);
  for (const [file, bytes] of Object.entries(changes)) {
    if (bytes === null) files.delete(file);
    else files.set(file, bytes);
  }
  return files;
}

function cfg(modules: readonly string[], more: object = {}): Uint8Array {
  const listed = modules.map((file) => ({ file, options: '' }));
  return encodeBootCfg({ kernel: 'b.b00', modules: listed, build: '1', updated: 1, ...more });
}

test('modules are mounted in listed order, and opaque ones are kept by name', async () => {
  const host = await Host.boot(memoryDevice(bank()));
  expect(host.vfs.fs.readFileSync('/etc/motd', 'utf8')).toBe('tools\n');
  expect(host.modules.map(({ file, kind }) => `${file} ${kind}`)).toEqual([
    'b.b00 opaque',
    'base.v00 tardisk',
    'opts.gz opaque',
    'tools.v00 tardisk',
    'state.tgz absent',
  ]);
});

test('what is sticky survives a rebuild and a reboot, and what is not is gone', async () => {
  const host = await Host.boot(memoryDevice(bank()));
  host.vfs.fs.writeFileSync('/etc/vmware/esx.conf', 'a = "2"\n');
  host.vfs.fs.writeFileSync('/etc/motd', 'edited\n');
  host.vfs.fs.writeFileSync('/etc/new', 'x');
  expect(await host.rebuild()).toBeGreaterThan(100);
  await host.reboot();
  expect(host.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8')).toBe('a = "2"\n');
  expect(host.vfs.fs.readFileSync('/etc/motd', 'utf8')).toBe('tools\n');
  expect(host.vfs.fs.existsSync('/etc/new')).toBe(false);
  expect(host.vfs.state()).toMatchObject([{ path: '/etc/vmware/esx.conf', reason: 'restored' }]);
});

test('what was restored is saved by every rebuild after, touched or not', async () => {
  const host = await Host.boot(memoryDevice(bank()));
  host.vfs.fs.writeFileSync('/etc/vmware/esx.conf', 'a = "2"\n');
  await host.rebuild();
  for (let boots = 0; boots < 3; boots++) {
    await host.reboot();
    await host.rebuild();
  }
  expect(host.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8')).toBe('a = "2"\n');
});

test('a reboot without a rebuild forgets everything', async () => {
  const host = await Host.boot(memoryDevice(bank()));
  host.vfs.fs.writeFileSync('/etc/vmware/esx.conf', 'a = "2"\n');
  await host.reboot();
  expect(host.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8')).toBe('a = "1"\n');
});

test('a bank that does not list state.tgz does after a rebuild, its other lines kept', async () => {
  const before = `# mine\n${text(cfg(['base.v00']))}`;
  const files = bank({ 'boot.cfg': utf8(before) });
  const host = await Host.boot(memoryDevice(files));
  await host.rebuild();
  const after = text(files.get('boot.cfg')!);
  expect(after).toBe(before.replace('modules=base.v00', 'modules=base.v00 --- state.tgz'));
});

test('a second rebuild does not list state.tgz again', async () => {
  const files = bank({ 'boot.cfg': cfg(['base.v00']) });
  const host = await Host.boot(memoryDevice(files));
  await host.rebuild();
  await host.rebuild();
  expect(text(files.get('boot.cfg')!).match(/state\.tgz/g)).toHaveLength(1);
});

test.each<[string, Record<string, Uint8Array | null>, string]>([
  [
    'a missing module',
    { 'tools.v00': null },
    "lists the module 'tools.v00', which is not in the bank",
  ],
  ['a missing kernel', { 'b.b00': null }, "lists the module 'b.b00'"],
  ['a module that lies', { 'tools.v00': TOOLS.slice(0, 1000) }, 'tools.v00 at'],
  [
    'a module outside the bank',
    { 'boot.cfg': cfg(['../secret']) },
    "'../secret', which is no file of",
  ],
  ['no boot.cfg', { 'boot.cfg': null }, 'memory: has no boot.cfg'],
  ['no build', { 'boot.cfg': cfg([], { build: '' }) }, 'its boot.cfg names no build'],
  ['a failed bank', { 'boot.cfg': cfg([], { bootstate: 3 }) }, 'its bootstate is 3'],
  ['a number that is none', { 'boot.cfg': utf8('build=1\nupdated=x\n') }, 'updated'],
  ['a state that is none', { 'state.tgz': utf8('noise') }, 'state.tgz'],
])('%s stops the boot and is named', async (_what, changes, message) => {
  await expect(Host.boot(memoryDevice(bank(changes)))).rejects.toThrow(message);
});

test('a leading slash, as installers write it, means the bank itself', async () => {
  const host = await Host.boot(memoryDevice(bank({ 'boot.cfg': cfg(['/base.v00']) })));
  expect(host.vfs.fs.readFileSync('/etc/motd', 'utf8')).toBe('base\n');
});

test('of several banks the one updated last is booted, and a failed one never', async () => {
  const banks = await Promise.all(
    [
      { updated: 9, bootstate: 0 },
      { updated: 10, bootstate: 0 },
      { updated: 11, bootstate: 3 },
    ].map(async (more, index) => {
      const files = bank({ 'boot.cfg': cfg(['base.v00'], { ...more, build: `build ${index}` }) });
      const [only] = await memoryDevice(files, `bank${index}`).banks();
      return only!;
    }),
  );
  const device: BootDevice = { name: 'three', banks: async () => banks };
  const host = await Host.boot(device);
  expect([host.bank, host.build]).toEqual(['bank1', 'build 1']);
});

test('a rebuild that cannot be written fails, and the host goes on with its state', async () => {
  const files = bank();
  const [inner] = await memoryDevice(files).banks();
  let isFull = true;
  const device: BootDevice = {
    name: 'full',
    banks: async () => [
      {
        ...inner!,
        write: async (file, bytes) => {
          if (isFull) throw new VisorError('ENOSPC', { syscall: 'write', path: file });
          await inner!.write(file, bytes);
        },
      },
    ],
  };
  const host = await Host.boot(device);
  host.vfs.fs.writeFileSync('/etc/vmware/esx.conf', 'a = "2"\n');
  await expect(host.rebuild()).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(files.has('state.tgz')).toBe(false);
  isFull = false;
  await host.rebuild();
  await host.reboot();
  expect(host.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8')).toBe('a = "2"\n');
});

test('a reboot that fails leaves the host running as it was', async () => {
  const files = bank();
  const host = await Host.boot(memoryDevice(files));
  host.vfs.fs.writeFileSync('/etc/new', 'still here');
  files.delete('base.v00');
  await expect(host.reboot()).rejects.toThrow('base.v00');
  expect(host.vfs.fs.readFileSync('/etc/new', 'utf8')).toBe('still here');
});

test('a state that does not fit stops the boot and says which ramdisk is full', async () => {
  const files = bank();
  const host = await Host.boot(memoryDevice(files));
  host.vfs.fs.writeFileSync('/etc/vmware/esx.conf', 'x'.repeat(100_000));
  await host.rebuild();
  const small = { ramdisks: [{ name: 'tiny', path: '/', size: '64k' }] };
  await expect(Host.boot(memoryDevice(files), small)).rejects.toThrow("the ramdisk 'tiny' is full");
});

test('progress counts every module once', async () => {
  const seen: number[] = [];
  const onProgress = ({ done, count }: { done: number; count: number }) => {
    expect(count).toBe(5);
    seen.push(done);
  };
  await Host.boot(memoryDevice(bank()), { onProgress });
  expect(seen).toEqual([1, 2, 3, 4, 5]);
});

test('state.tgz with a leading slash is the state all the same, and is listed once', async () => {
  const files = bank();
  const first = await Host.boot(memoryDevice(files));
  first.vfs.fs.writeFileSync('/etc/vmware/esx.conf', 'a = "2"\n');
  await first.rebuild();
  files.set('boot.cfg', cfg(['/base.v00', '/state.tgz']));
  const host = await Host.boot(memoryDevice(files));
  expect(host.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8')).toBe('a = "2"\n');
  await host.rebuild();
  expect(text(files.get('boot.cfg')!).match(/state\.tgz/g)).toHaveLength(1);
});

test('rebuilds and reboots asked for at once are done in turn', async () => {
  const files = bank({ 'boot.cfg': cfg(['base.v00']) });
  const host = await Host.boot(memoryDevice(files));
  host.vfs.fs.writeFileSync('/etc/vmware/esx.conf', 'a = "2"\n');
  await Promise.all([host.rebuild(), host.rebuild(), host.reboot(), host.rebuild()]);
  expect(text(files.get('boot.cfg')!).match(/state\.tgz/g)).toHaveLength(1);
  expect(host.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8')).toBe('a = "2"\n');
});
