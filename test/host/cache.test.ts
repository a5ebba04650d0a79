// Images that are kept for when the network is gone: what is written, in which order, what is left
// wherever that is cut, and when the cache is booted.

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import {
  type BootDevice,
  blobBytes,
  blobDevice,
  createBlob,
  Host,
  type HostEvent,
  httpDevice,
  memoryDevice,
  memoryDisk,
  openAnswer,
} from '../../src/node.ts';
import { cutAfter, watched } from '../support/devices.ts';
import { networkBank, stateWith } from '../support/network-bank.ts';

const bank = networkBank();
const CONF = '/etc/vmware/esx.conf';
const confOf = (host: Host): string => host.vfs.fs.readFileSync(CONF, 'utf8');

describe('a cache', () => {
  const events: HostEvent[] = [];
  const ids = (): string[] => events.splice(0).map(({ id }) => id);
  const onEvent = (event: HostEvent): void => void events.push(event);

  test('keeps what was booted, and is booted when the network is gone', async () => {
    const [one, other] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()];
    const { device: cache, verbs } = watched(memoryDevice(one, 'cache', other));
    const device = await httpDevice(bank.url());
    const host = await Host.boot(device, { cache, onEvent });
    expect([host.isCached, ids()]).toEqual([false, ['visorfs.boot.cache.written']]);
    expect(verbs.at(0)).toBe('remove cache/boot.cfg');
    expect(verbs.at(-1)).toBe('write cache/boot.cfg');
    expect([...one.keys()].sort()).toEqual([
      'b.b00',
      'base.v00',
      'boot.cfg',
      'sha256.sum',
      'state.tgz',
    ]);
    verbs.length = 0;
    await host.reboot();
    expect([verbs, ids()]).toEqual([[], []]);
    bank.isUp = false;
    await host.reboot();
    expect([host.isCached, host.bank, ids()]).toEqual([true, 'cache', ['visorfs.boot.cache.used']]);
    expect(confOf(host)).toContain('"bank"');
    // It is a host with a device now, for as long as the network is gone.
    host.vfs.fs.writeFileSync(CONF, 'kept');
    await host.rebuild();
    await host.reboot();
    expect(confOf(host)).toBe('kept');
    ids();
    bank.isUp = true;
    await host.reboot();
    expect([host.isCached, confOf(host)]).toEqual([false, '/adv/Misc/HostName = "bank"\n']);
    // What the network has is kept again, in the other bank.
    expect([ids(), other.has('boot.cfg')]).toEqual([['visorfs.boot.cache.written'], true]);
  });

  test('writes only what changed, and boot.cfg last, which counts one higher', async () => {
    const [one, other] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()];
    const { device: cache, verbs } = watched(memoryDevice(one, 'cache', other));
    const boot = async (): Promise<Host> =>
      Host.boot(await httpDevice(bank.url()), { cache, onEvent });
    await boot();
    bank.files.set('state.tgz', await stateWith('two'));
    await boot();
    verbs.length = 0;
    bank.files.set('state.tgz', await stateWith('three'));
    await boot();
    expect(verbs).toEqual([
      'remove cache/boot.cfg',
      'write cache/state.tgz',
      'write cache/boot.cfg',
    ]);
    expect(text(one.get('boot.cfg')!)).toContain('updated=3\n');
    // A module that nobody lists any more goes.
    bank.files.set('boot.cfg', utf8('kernel=b.b00\nmodules=base.v00\nbuild=2\n'));
    await boot();
    expect([...other.keys()].sort()).toEqual(['b.b00', 'base.v00', 'boot.cfg', 'sha256.sum']);
    verbs.length = 0;
    await boot();
    expect(verbs).toEqual([]);
  });

  test('has the old image or the new one, whenever its writing is cut', async () => {
    const both = new Set<string>();
    for (let cut = 0; ; cut++) {
      const [one, other] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()];
      const whole = memoryDevice(one, 'cache', other);
      bank.files.set('state.tgz', await stateWith('old'));
      await Host.boot(await httpDevice(bank.url()), { cache: whole });
      bank.files.set('state.tgz', await stateWith('new'));
      const failing = cutAfter(whole, cut);
      events.length = 0;
      const host = await Host.boot(await httpDevice(bank.url()), { cache: failing, onEvent });
      expect(confOf(host)).toBe('new');
      bank.isUp = false;
      const found = confOf(await Host.boot(await httpDevice(bank.url()), { cache: whole }));
      bank.isUp = true;
      both.add(found);
      const [event] = ids();
      expect(found).toBe(event === 'visorfs.boot.cache.written' ? 'new' : 'old');
      if (event === 'visorfs.boot.cache.written') break;
      expect(event).toBe('visorfs.boot.cache.failed');
    }
    expect([...both]).toEqual(['old', 'new']);
  });

  test('of one bank has the old image, the new one or none, and never some of both', async () => {
    const found = new Set<string>();
    for (let cut = 0; cut < 4; cut++) {
      const whole = memoryDevice(new Map(), 'cache');
      for (const turn of ['1', '2']) {
        bank.files.set(
          'boot.cfg',
          utf8(`kernel=b.b00\nmodules=base.v00 --- state.tgz\nbuild=${turn}\n`),
        );
        bank.files.set('state.tgz', await stateWith(turn));
        const cache = turn === '1' ? whole : cutAfter(whole, cut);
        await Host.boot(await httpDevice(bank.url()), { cache });
      }
      const booting = Host.boot(whole).then((host) => `${host.build}${confOf(host)}`);
      found.add(await booting.catch((error: unknown) => (error as Error).constructor.name));
    }
    expect([...found]).toEqual(['11', 'CorruptError', '22']);
  });

  test('is booted where the network fails in the middle of an image', async () => {
    const cache = memoryDevice(new Map(), 'cache');
    const sleep = async (): Promise<void> => {};
    const device = await httpDevice(bank.url(), { sleep });
    await Host.boot(device, { cache });
    bank.broken.add('/base.v00');
    const host = await Host.boot(device, { cache, onEvent });
    expect([host.isCached, events.splice(0).at(-1)!.message]).toEqual([
      true,
      expect.stringContaining('base.v00: the server answers 503, after 8 retries'),
    ]);
    const alone = Host.boot(device);
    await expect(alone).rejects.toMatchObject({ code: 'ERR_VISORFS_FETCH', status: 503 });
  });

  test('keeps the last answer, for when that is gone too', async () => {
    const cache = memoryDevice(new Map(), 'cache', new Map());
    bank.files.set('boot.cfg', utf8('kernel=b.b00\nmodules=base.v00\nbuild=1\n'));
    bank.files.set('profile', utf8('{"version":1,"esxConf":{"/a":"1"}}'));
    const answer = await openAnswer(`${bank.url()}profile`);
    const host = await Host.boot(await httpDevice(bank.url()), { cache, answer, onEvent });
    const conf = confOf(host);
    expect([conf.includes('/a = "1"'), ids()]).toEqual([true, ['visorfs.boot.cache.written']]);
    await host.reboot();
    expect(ids()).toEqual([]);
    bank.isUp = false;
    await host.reboot();
    expect(confOf(host)).toBe(conf);
    expect(ids()).toEqual(['visorfs.boot.answer.kept', 'visorfs.boot.cache.used']);
    // Where only the answer is gone, it is the same.
    bank.isUp = true;
    bank.files.delete('profile');
    await host.reboot();
    expect([host.isCached, confOf(host)]).toEqual([true, conf]);
    ids();
  });

  test('on a disk image works as on a folder, and for a diskless host is closed', async () => {
    const sizes = { efiSize: '1m', bankSize: '3m', dumpSize: '1m' };
    const disk = memoryDisk(new Uint8Array(await blobBytes(sizes)));
    await createBlob(disk, { ...sizes, guid: '01234567-89AB-CDEF-0123-456789ABCDEF' });
    const { device: cache, verbs } = watched(await blobDevice(disk));
    const options = { cache, onEvent, isDiskless: true };
    await Host.boot(await httpDevice(bank.url()), options);
    expect([ids(), verbs.at(-1)]).toEqual([['visorfs.boot.cache.written'], 'close']);
    bank.isUp = false;
    const host = await Host.boot(await httpDevice(bank.url()), options);
    expect([host.isCached, host.bank, confOf(host).includes('"bank"')]).toEqual([
      true,
      'bootbank',
      true,
    ]);
    await expect(host.rebuild()).rejects.toMatchObject({ code: 'ENXIO' });
    ids();
  });

  test('has the sums of what came, and a byte that it loses is found', async () => {
    const files = new Map<string, Uint8Array>();
    const cache = memoryDevice(files, 'cache');
    await Host.boot(await httpDevice(bank.url()), { cache });
    bank.isUp = false;
    const flipped = files.get('base.v00')!.slice();
    // The system in the head of the gzip: no decoder minds it.
    flipped[9]! ^= 1;
    files.set('base.v00', flipped);
    await expect(Host.boot(await httpDevice(bank.url()), { cache, onEvent })).rejects.toThrow();
    const { id, message } = events.splice(0).at(-1)!;
    expect(id).toBe('visorfs.boot.cache.unusable');
    expect(message).toContain('cache/base.v00 at 0x0: its SHA-256 is ');
  });

  test('that cannot be written is told of, and the host is up', async () => {
    const none: BootDevice = { name: 'none', banks: async () => [] };
    const host = await Host.boot(await httpDevice(bank.url()), { cache: none, onEvent });
    expect(confOf(host)).toContain('"bank"');
    const [event] = events.splice(0);
    expect(event).toMatchObject({ id: 'visorfs.boot.cache.failed', severity: 'error' });
    expect(event!.message).toContain('cannot be kept on none: ENXIO');
  });

  test('that has nothing leaves the error of the network', async () => {
    bank.isUp = false;
    const cache = memoryDevice(new Map(), 'cache');
    const booting = Host.boot(await httpDevice(bank.url()), { cache, onEvent });
    await expect(booting).rejects.toMatchObject({ code: 'ERR_VISORFS_FETCH' });
    expect(ids()).toEqual(['visorfs.boot.cache.unusable']);
  });

  test('is not taken for a module that lies', async () => {
    const cache = memoryDevice(new Map(), 'cache');
    await Host.boot(await httpDevice(bank.url()), { cache });
    bank.files.set('base.v00', bank.files.get('base.v00')!.subarray(0, 100));
    const booting = Host.boot(await httpDevice(bank.url()), { cache });
    await expect(booting).rejects.toThrow(CorruptError);
  });
});
