// A state as a bank keeps it: with the build of its image, which an older image refuses, and
// encrypted where the host has a key. Attacked with images of other builds, with wrong keys, and
// with states that other tools have packed.

import { execFileSync } from 'node:child_process';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { latin1, utf8 } from '../../src/base/bytes.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import type { HostEvent } from '../../src/host/events.ts';
import * as portable from '../../src/index.ts';
import * as native from '../../src/node.ts';
import { buildOf, withBuild } from '../../src/state/build-record.ts';
import { tarOf } from '../support/archives.ts';

const { Host, memoryDevice } = native;
const CONF = '/etc/vmware/esx.conf';
const OLDER = '8.0.2-0.0.22380479';
const BUILD = '8.0.3-0.0.24000000';
const NEWER = '8.0.3-0.35.24280767';
const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
/** Has room for nothing. */
const TINY = { name: 'root', path: '/', size: 1 };
const OTHER = Uint8Array.from(KEY, (byte) => byte ^ 0xff);
const BASE = tarOf([
  { path: 'etc/' },
  { path: 'etc/vmware/' },
  { path: 'etc/vmware/esx.conf', content: 'a = "1"\n', mode: 0o1644 },
]);

type Files = Map<string, Uint8Array>;

function bank(build = BUILD): Files {
  const modules = ['base.v00', 'state.tgz'].map((file) => ({ file, options: '' }));
  const cfg = encodeBootCfg({ kernel: 'b.b00', modules, build, updated: 1 });
  return new Map([
    ['boot.cfg', cfg],
    ['b.b00', utf8('a kernel of sorts')],
    ['base.v00', BASE],
  ]);
}

/** A bank of `build` with a state that was saved there, by a host booted with `options`. */
async function saved(build: string, options: native.BootOptions = {}): Promise<Files> {
  const files = bank(build);
  const host = await Host.boot(memoryDevice(files), options);
  host.vfs.fs.writeFileSync(CONF, `made by ${build}\n`);
  await host.rebuild();
  return files;
}

/** A bank of `build` with the state of another. */
function withStateOf(files: Files, build: string): Files {
  return new Map(bank(build)).set('state.tgz', files.get('state.tgz')!);
}

async function confOn(files: Files, options: native.BootOptions = {}): Promise<string> {
  return (await Host.boot(memoryDevice(files), options)).vfs.fs.readFileSync(CONF, 'utf8');
}

describe('an upgrade has its one try still after a boot that ended', () => {
  const upgraded = async (): Promise<Files> => {
    const files = await saved(BUILD, { stateKey: KEY });
    return files.set('boot.cfg', utf8(textOf(files).replace('bootstate=0', 'bootstate=1')));
  };
  const textOf = (files: Files): string => Buffer.from(files.get('boot.cfg')!).toString();
  const bootstate = (files: Files): string => textOf(files).split('\n')[0]!;
  const noAnswer = {
    name: 'none',
    state: () => Promise.reject(new Error('no answer')),
  };

  test.each<[string, native.BootOptions]>([
    ['without the key of its state', {}],
    ['with another key', { stateKey: OTHER }],
    ['as its answer did not come', { stateKey: KEY, answer: noAnswer }],
    ['as its state did not fit', { stateKey: KEY, ramdisks: [{ ...TINY }] }],
  ])('%s', async (_, options) => {
    const files = await upgraded();
    expect(bootstate(files)).toBe('bootstate=1');
    await expect(Host.boot(memoryDevice(files), options)).rejects.toThrow();
    expect(bootstate(files)).toBe('bootstate=1');
    await Host.boot(memoryDevice(files), { stateKey: KEY });
    expect(bootstate(files)).toBe('bootstate=0');
  });
});

describe('the build of a state', () => {
  test('is recorded, and gzip and GNU tar pass over it', async () => {
    const blob = (await saved(BUILD)).get('state.tgz')!;
    expect(buildOf(blob)).toBe(BUILD);
    expect((await portable.readState(blob)).build).toBe(BUILD);
    const listed = execFileSync('tar', ['tzf', '-'], { input: blob, encoding: 'utf8' });
    expect(listed).toBe('local.tgz\n');
    const local = execFileSync('tar', ['xzOf', '-', 'local.tgz'], { input: blob });
    const inside = execFileSync('tar', ['tzf', '-'], { input: local, encoding: 'utf8' });
    expect(inside).toBe('etc/vmware/esx.conf\n');
    const unpacked = execFileSync('gzip', ['-dc'], { input: blob });
    expect(unpacked.equals(gunzipSync(blob))).toBe(true);
  });

  test.each([
    ['older', OLDER],
    ['the same', BUILD],
  ])('boots where it is %s', async (_what, build) => {
    const files = withStateOf(await saved(build), BUILD);
    expect(await confOn(files)).toBe(`made by ${build}\n`);
  });

  test('is refused where it is newer, naming both; nothing has changed', async () => {
    const files = withStateOf(await saved(NEWER), BUILD);
    const before = new Map(files);
    await expect(confOn(files)).rejects.toMatchObject({
      code: 'ERR_VISORFS_STATE_NEWER',
      message:
        `'memory/state.tgz' was made by the image ${NEWER}, and this one is the older ${BUILD}: ` +
        'boot the newer image, or take the state all the same with --force-state (forceState)',
    });
    expect(files).toEqual(before);
  });

  test('is taken by force where it is newer, with an event, and is this image’s then', async () => {
    const files = withStateOf(await saved(NEWER), BUILD);
    const events: HostEvent[] = [];
    const onEvent = (event: HostEvent): unknown => events.push(event);
    const device = memoryDevice(files);
    const host = await Host.boot(device, { forceState: true, onEvent, clock: () => 5 });
    expect(host.vfs.fs.readFileSync(CONF, 'utf8')).toBe(`made by ${NEWER}\n`);
    expect(events).toMatchObject([{ id: 'visorfs.state.newer', severity: 'warning', atMs: 5 }]);
    await host.rebuild();
    expect(await confOn(files)).toBe(`made by ${NEWER}\n`);
  });

  test('is not asked for: a state of another tool has none, and boots', async () => {
    const files = withStateOf(await saved(NEWER), BUILD);
    files.set('state.tgz', gzipSync(gunzipSync(files.get('state.tgz')!)));
    expect(buildOf(files.get('state.tgz')!)).toBeNull();
    expect(await confOn(files)).toBe(`made by ${NEWER}\n`);
  });

  test('is compared as the versions of VIBs are, by numbers', async () => {
    const files = withStateOf(await saved('8.0.9-0.0.1'), '8.0.10-0.0.1');
    expect(await confOn(files)).toBe('made by 8.0.9-0.0.1\n');
  });

  test.each(['', 'a\nb', 'caf\u00e9', 'x'.repeat(257)])(
    'is not recorded where it is %j',
    (build) => {
      const blob = gzipSync('x');
      expect(withBuild(blob, build)).toBe(blob);
    },
  );

  test('is recorded once, and what is in the gzip stays as it was', () => {
    const once = withBuild(gzipSync('x'), OLDER);
    expect(withBuild(once, NEWER)).toBe(once);
    expect(gunzipSync(once).toString()).toBe('x');
  });
});

describe.each([
  ['Node', native],
  ['any runtime', portable],
])('a key, by the door for %s', (_name, door) => {
  test('keeps the state encrypted at each backup, and boots it', async () => {
    const files = bank();
    const host = await door.Host.boot(memoryDevice(files), { stateKey: KEY });
    host.vfs.fs.writeFileSync(CONF, 'a secret\n');
    await host.rebuild();
    const first = files.get('state.tgz')!;
    await host.reboot();
    expect(host.vfs.fs.readFileSync(CONF, 'utf8')).toBe('a secret\n');
    await host.rebuild();
    const second = files.get('state.tgz')!;
    for (const blob of [first, second, await host.backup()]) {
      expect(latin1(blob, 15, 28)).toBe('local.tgz.ve\0');
      expect(await door.readState(blob, { key: KEY })).toMatchObject({
        build: BUILD,
        isEncrypted: true,
      });
    }
    expect(first).not.toEqual(second);
  });
});

describe('an encrypted state', () => {
  test('does not boot without a key, and the way out is said', async () => {
    const files = await saved(BUILD, { stateKey: KEY });
    await expect(confOn(files)).rejects.toMatchObject({
      code: 'ERR_VISORFS_STATE_ENCRYPTED',
      message:
        "'memory/state.tgz' is encrypted and no key was given: give the one it was encrypted " +
        'with, as --key-file, in VISORFS_STATE_KEY, or as the option stateKey',
    });
  });

  test('is not restored into a tree either, which has no key', async () => {
    const blob = (await saved(BUILD, { stateKey: KEY })).get('state.tgz')!;
    const restoring = new native.VisorFs().restore(blob);
    await expect(restoring).rejects.toMatchObject({ code: 'ERR_VISORFS_STATE_ENCRYPTED' });
  });

  test('does not boot with another key, and the modules are closed', async () => {
    const files = await saved(BUILD, { stateKey: KEY });
    const booting = confOn(files, { stateKey: OTHER });
    await expect(booting).rejects.toMatchObject({ code: 'ERR_VISORFS_STATE_KEY' });
  });

  test('made by a newer image is refused as a plain one is, by whoever has the key', async () => {
    const files = withStateOf(await saved(NEWER, { stateKey: KEY }), BUILD);
    const booting = confOn(files, { stateKey: KEY });
    await expect(booting).rejects.toMatchObject({ code: 'ERR_VISORFS_STATE_NEWER' });
    expect(await confOn(files, { stateKey: KEY, forceState: true })).toContain(NEWER);
  });

  test('comes of a plain one at the next backup of a host with a key, which is told', async () => {
    const files = await saved(BUILD);
    const events: HostEvent[] = [];
    const onEvent = (event: HostEvent): unknown => events.push(event);
    const host = await Host.boot(memoryDevice(files), { stateKey: KEY, onEvent });
    expect(events.map(({ id }) => id)).toEqual(['visorfs.state.plain']);
    await host.rebuild();
    expect(await confOn(files, { stateKey: KEY })).toBe(`made by ${BUILD}\n`);
    await expect(confOn(files)).rejects.toThrow('no key was given');
  });

  test('a key that is none does not even boot', async () => {
    const booting = Host.boot(memoryDevice(bank()), { stateKey: new Uint8Array(5) });
    await expect(booting).rejects.toThrow(RangeError);
  });
});

// A key that is missing or wrong is a matter of whoever boots, and no fault of the bank: the other
// bank would boot with an older state, and the next backup make that the one there is.
describe.each([0, 1])('of a bank with bootstate %i', (bootstate) => {
  test.each([
    ['another key', BUILD, { stateKey: OTHER }, 'ERR_VISORFS_STATE_KEY'],
    ['no key', BUILD, {}, 'ERR_VISORFS_STATE_ENCRYPTED'],
    ['a newer state', NEWER, { stateKey: KEY }, 'ERR_VISORFS_STATE_NEWER'],
  ])('%s boots no other bank in its place, and writes nothing', async (_what, made, by, code) => {
    const files = withStateOf(await saved(made, { stateKey: KEY }), BUILD);
    const modules = ['base.v00', 'state.tgz'].map((file) => ({ file, options: '' }));
    const fields = { kernel: 'b.b00', modules, build: BUILD, updated: 2, bootstate };
    files.set('boot.cfg', encodeBootCfg(fields));
    const others = await saved(OLDER);
    const before = [new Map(files), new Map(others)];
    const booting = Host.boot(memoryDevice(files, 'bootbank', others), by);
    await expect(booting).rejects.toMatchObject({ code });
    if (bootstate === 0) expect([files, others]).toEqual(before);
    else expect(files.get('state.tgz')).toBe(before[0]!.get('state.tgz'));
  });
});

describe('the difference of states', () => {
  test('of the running host and of either bank: what was added, removed and changed', async () => {
    const files = await saved(BUILD, { stateKey: KEY });
    const others = bank();
    const device = memoryDevice(files, 'bootbank', others);
    const host = await Host.boot(device, { stateKey: KEY });
    expect(await host.stateDiff()).toEqual([]);
    expect(await host.stateDiff('altbootbank')).toMatchObject([
      { path: CONF, change: 'added', older: null, newer: { kind: 'file' } },
    ]);
    host.vfs.fs.chmodSync(CONF, 0o1600);
    host.vfs.fs.appendFileSync(CONF, 'more\n');
    const changed = { path: CONF, change: 'changed', aspects: ['mode', 'size'] };
    expect(await host.stateDiff()).toMatchObject([changed]);
    host.vfs.fs.unlinkSync(CONF);
    expect(await host.stateDiff()).toMatchObject([{ path: CONF, change: 'removed' }]);
    await expect(host.stateDiff('nobank')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('of two archives is that of their files, and a tardisk of one can be mounted', async () => {
    const [one, other] = await Promise.all([saved(OLDER), saved(BUILD)]);
    const states = [one, other].map((files) => native.readState(files.get('state.tgz')!));
    const [older, newer] = await Promise.all(states);
    expect(native.diffStates(older!, newer!)).toMatchObject([
      { path: CONF, change: 'changed', aspects: ['content'] },
    ]);
    const vfs = new native.VisorFs(native.Image.of(newer!.tardisk));
    expect(vfs.fs.readFileSync(CONF, 'utf8')).toBe(`made by ${BUILD}\n`);
  });
});
