// Boots without a device or without a state: what each host has then, and what it is refused.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import * as portable from '../../src/index.ts';
import {
  type BootDevice,
  folderDevice,
  Host,
  httpDevice,
  memoryDevice,
  openAnswer,
} from '../../src/node.ts';
import { watched } from '../support/devices.ts';
import { networkBank, stateWith } from '../support/network-bank.ts';

const bank = networkBank();
const folder = mkdtempSync(join(tmpdir(), 'visorfs-stateless-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONF = '/etc/vmware/esx.conf';
const confOf = (host: { readonly vfs: Host['vfs'] }): string =>
  host.vfs.fs.readFileSync(CONF, 'utf8');

describe('a diskless host', () => {
  test('has all in memory, and nothing is asked of its device again', async () => {
    const { device, verbs } = watched(memoryDevice(bank.files));
    const host = await Host.boot(device, { isDiskless: true });
    expect(verbs).toEqual(['close']);
    bank.files.clear();
    expect(host.isDiskless).toBe(true);
    expect(confOf(host)).toContain('"bank"');
    host.vfs.fs.writeFileSync(CONF, 'mine');
    await expect(host.rebuild()).rejects.toMatchObject({ code: 'ENXIO', syscall: 'write' });
    await expect(host.reboot()).rejects.toMatchObject({ code: 'ENXIO', path: 'memory' });
    expect(confOf(host)).toBe('mine');
    expect((await host.backup()).length).toBeGreaterThan(0);
    expect(verbs).toEqual(['close']);
  });

  test('of a folder has plain archives in memory too, where they stay in files else', async () => {
    const at = join(folder, 'plain');
    mkdirSync(at);
    for (const [name, bytes] of bank.files) writeFileSync(join(at, name), bytes);
    writeFileSync(join(at, 'base.v00'), gunzipSync(bank.files.get('base.v00')!));
    const host = await Host.boot(folderDevice(at), { isDiskless: true });
    const [tardisk] = host.vfs.image.tardisks;
    expect(tardisk!.source.resident(0, 512)).not.toBe(null);
    const usual = await Host.boot(folderDevice(at));
    expect(usual.isDiskless).toBe(false);
    expect(usual.vfs.image.tardisks[0]!.source.resident(0, 512)).toBe(null);
    usual.vfs.image.tardisks[0]!.close();
  });

  test('that did not come up has left its device open', async () => {
    const { device, verbs } = watched(memoryDevice(new Map()));
    await expect(Host.boot(device, { isDiskless: true })).rejects.toThrow(CorruptError);
    expect(verbs).toEqual([]);
  });
});

describe('a stateless host', () => {
  const boot = async (input: Parameters<typeof openAnswer>[0]): Promise<Host> =>
    Host.boot(await httpDevice(bank.url()), { answer: await openAnswer(input) });

  test('has the state that it is answered, and not that of its bank', async () => {
    const host = await boot(await stateWith('/adv/Misc/HostName = "answer"\n'));
    expect(confOf(host)).toBe('/adv/Misc/HostName = "answer"\n');
    expect(host.modules.at(-1)).toMatchObject({ file: 'state.tgz', kind: 'absent' });
    expect(host.vfs.state()).toMatchObject([{ path: CONF, reason: 'restored' }]);
    await host.reboot();
    expect(confOf(host)).toBe('/adv/Misc/HostName = "answer"\n');
  });

  test('is answered from an address, which is asked at each boot', async () => {
    bank.files.set('answer.tgz', await stateWith('one'));
    const host = await boot(`${bank.url()}answer.tgz`);
    expect(confOf(host)).toBe('one');
    bank.files.set('answer.tgz', await stateWith('two'));
    await host.reboot();
    expect(confOf(host)).toBe('two');
    bank.files.delete('answer.tgz');
    await expect(host.reboot()).rejects.toThrow('answer.tgz: there is no answer');
    expect(confOf(host)).toBe('two');
  });

  test('has the files of a folder, of any depth, with their modes, as root’s', async () => {
    const at = join(folder, 'answer');
    mkdirSync(join(at, 'etc/deep/er'), { recursive: true });
    mkdirSync(join(at, 'empty'));
    writeFileSync(join(at, 'etc/motd'), 'hello\n', { mode: 0o640 });
    writeFileSync(join(at, 'etc/deep/er/x'), 'x', { mode: 0o600 });
    const host = await boot(at);
    const { fs } = host.vfs;
    expect(fs.readFileSync('/etc/motd', 'utf8')).toBe('hello\n');
    expect(fs.readFileSync('/etc/deep/er/x', 'utf8')).toBe('x');
    expect(fs.statSync('/etc/motd')).toMatchObject({ mode: 0o100640, uid: 0, gid: 0 });
    expect(fs.existsSync('/empty')).toBe(false);
    expect(confOf(host)).toContain('"image"');
    expect(host.vfs.state().map(({ path }) => path)).toEqual(['/etc/deep/er/x', '/etc/motd']);
    symlinkSync('x', join(at, 'etc/link'));
    await expect(boot(at)).rejects.toThrow("'etc/link' is no file; state holds files");
    rmSync(join(at, 'etc/link'));
    writeFileSync(join(at, 'etc/.#x'), '');
    await expect(boot(at)).rejects.toThrow("'etc/.#x' has a name that starts with .#");
  });

  const PROFILE = {
    version: 1,
    esxConf: { '/adv/Misc/HostName': 'esx9', '/net/old': null },
    files: { '/etc/issue': { content: 'mine\n', mode: '0640' } },
    services: { ntpd: 'on' },
  };

  test('has what a host profile says: keys set and gone, files, services', async () => {
    const file = join(folder, 'profile.json');
    writeFileSync(file, JSON.stringify(PROFILE));
    const host = await boot(file);
    const { fs } = host.vfs;
    expect(confOf(host)).toBe('/adv/Misc/HostName = "esx9"\n');
    expect(fs.statSync(CONF)).toMatchObject({ mode: 0o101644, mtimeMs: 1_700_000_000_000 });
    expect(fs.readFileSync('/etc/issue', 'utf8')).toBe('mine\n');
    expect(fs.statSync('/etc/issue').mode).toBe(0o100640);
    expect(fs.readFileSync('/etc/chkconfig.db', 'utf8')).toBe('/etc/init.d/ntpd\n');
    const paths = host.vfs.state().map(({ path }) => path);
    expect(paths).toEqual(['/etc/chkconfig.db', '/etc/issue', CONF]);
    // The same profile gives the same state: nothing in it is of the time of the boot.
    const again = await boot(file);
    expect(Buffer.compare(await again.backup(), await host.backup())).toBe(0);
  });

  test('of a profile that gives esx.conf itself has its keys on top', async () => {
    const files = { [CONF]: { content: '/a = "1"\n', mode: '1644' } };
    const profile = { version: 1, esxConf: { '/b': '2' }, files };
    expect(confOf(await boot(utf8(JSON.stringify(profile))))).toBe('/a = "1"\n/b = "2"\n');
  });

  test('is answered in a page as in Node', async () => {
    const answer = await portable.openAnswer(utf8(JSON.stringify(PROFILE)));
    const host = await portable.Host.boot(await portable.httpDevice(bank.url()), { answer });
    expect(text(host.vfs.fs.readFileSync(CONF))).toBe('/adv/Misc/HostName = "esx9"\n');
    await expect(portable.openAnswer('file:///etc')).rejects.toThrow(TypeError);
  });

  test.each<[string, Uint8Array]>([
    ['is no answer: neither a state.tgz nor a host profile', utf8('<html>')],
    ['version has to be 1', utf8('{}')],
    ['ENOSPC', utf8(JSON.stringify({ version: 1, files: { '/x': { content: 'x'.repeat(3e6) } } }))],
    ['EISDIR', utf8(JSON.stringify({ version: 1, files: { '/etc': { content: '' } } }))],
  ])('does not come up where its answer is wrong: %s', async (why, bytes) => {
    const answer = await openAnswer(bytes, { name: 'the answer' });
    const ramdisks = [{ name: 'root', path: '/', size: '2m', inodes: 100 }];
    const booting = Host.boot(memoryDevice(bank.files), { answer, ramdisks });
    await expect(booting).rejects.toThrow(why);
  });

  test('that does not come up leaves nothing open', async () => {
    // Plain, so that it is read where it lies for as long as it is mounted.
    bank.files.set('base.v00', gunzipSync(bank.files.get('base.v00')!));
    const open = new Set<string>();
    const memory = memoryDevice(bank.files);
    const device: BootDevice = {
      name: 'memory',
      banks: async () =>
        (await memory.banks()).map((one) => ({
          ...one,
          async open(file) {
            const source = await one.open(file);
            open.add(file);
            return { ...source, close: () => void open.delete(file) };
          },
        })),
    };
    const host = await Host.boot(device);
    expect([...open]).toContain('base.v00');
    for (const tardisk of host.vfs.image.tardisks) tardisk.close();
    open.clear();
    const answer = await openAnswer(utf8('{}'));
    await expect(Host.boot(device, { answer })).rejects.toThrow('version has to be 1');
    expect([...open]).not.toContain('base.v00');
  });
});
