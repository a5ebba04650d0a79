/**
 * What is done to a whole host of two banks while the power may fail: each scene says which hosts
 * the device passes through, by their names (hosts.ts), and a cut may leave no other.
 */

import { VisorError } from '../../src/base/errors.ts';
import { bytesSource, readBytes, type Source } from '../../src/base/source.ts';
import { parseBootCfg, withBootCfg } from '../../src/format/boot-cfg.ts';
import { blobDevice } from '../../src/host/blob-device.ts';
import { blobBytes, createBlob } from '../../src/host/create-blob.ts';
import type { Bank } from '../../src/host/device.ts';
import {
  AutoBackup,
  type BackupRecord,
  type BootDevice,
  type BootOptions,
  completedDigests,
  Host,
  type HostEvent,
  type HostSoftware,
  memoryDevice,
  rekeyState,
  rollBack,
  softwareOf,
  type VibOffer,
  verifyBank,
} from '../../src/node.ts';
import { OverlayDisk } from '../support/recording-disk.ts';
import { baseBank, copyOf, type Files, NOW_MS, offer } from '../support/small-host.ts';
import { CONF, LATER_MS, marking, NO_HOST } from './hosts.ts';
import { GUID, NO_DEVICE, type Scene, SIZES } from './scene.ts';

const KEYS = { first: new Uint8Array(32).fill(1), second: new Uint8Array(32).fill(2) };

/** `device` as an act of a scene has it: mutants put something in front of it. */
export type Wrap = (device: BootDevice) => BootDevice;

type Act = (device: BootDevice) => Promise<unknown>;

/** A host that is changed. */
interface Changed {
  readonly host: Host;
  readonly software: HostSoftware;
  /** Lets an hour pass. */
  readonly pass: () => void;
}

/** Does `act` with the host that `device` boots, at `nowMs`. */
function changing(
  act: (changed: Changed) => Promise<unknown>,
  nowMs = LATER_MS,
  dryRun = false,
): Act {
  return async (device) => {
    let clock = nowMs;
    const host = await Host.boot(device, { clock: () => clock, dryRun });
    const pass = (): void => {
      clock += 3_600_000;
    };
    await act({ host, software: await softwareOf(host), pass });
  };
}

/** `base` after `act` an hour ago. */
async function after(base: Uint8Array, act: Act): Promise<Uint8Array> {
  const disk = new OverlayDisk(base);
  await act(blobDevice(disk));
  return disk.read(0, disk.size);
}

async function filesOf(blob: Uint8Array, bank: string): Promise<Files> {
  const files: Files = new Map();
  const found = (await blobDevice(new OverlayDisk(blob)).banks()).find(({ name }) => name === bank);
  for (const file of await found!.list()) {
    const source = await found!.open(file);
    files.set(file, readBytes(source, 0, source.size).slice());
  }
  return files;
}

async function blobOf(banks: Readonly<Record<string, Files>>): Promise<Uint8Array> {
  const disk = new OverlayDisk(new Uint8Array(blobBytes(SIZES)));
  await createBlob(disk, { ...SIZES, guid: GUID, banks: sourcesOf(banks) });
  return disk.read(0, disk.size);
}

function sourcesOf(banks: Readonly<Record<string, Files>>): Record<string, Source[]> {
  const entries = Object.entries(banks).map(([bank, files]) => {
    return [bank, [...files].map(([file, bytes]) => bytesSource(bytes, file))] as const;
  });
  return Object.fromEntries(entries);
}

/** What the scenes start from. */
interface Stages {
  /** A host that was never backed up, whose boot.cfg lists no state. */
  readonly fresh: Uint8Array;
  /** A host with a state, and an empty bank beside it. */
  readonly single: Uint8Array;
  /** Then the VIB `tool` was installed on the other bank, and booted. */
  readonly grown: Uint8Array;
  /** Then a newer one waits for the next boot. */
  readonly waiting: Uint8Array;
  readonly newer: VibOffer;
  readonly other: VibOffer;
}

async function stages(): Promise<Stages> {
  const files = await baseBank();
  const [bank] = await memoryDevice(files).banks();
  files.set('sha256.sum', (await completedDigests(bank!, await verifyBank(bank!)))!);
  const { modules } = parseBootCfg(files.get('boot.cfg')!, 'boot.cfg');
  const stateless = modules.filter(({ file }) => file !== 'state.tgz');
  const cfg = withBootCfg(files.get('boot.cfg')!, { modules: stateless });
  const fresh = await blobOf({ bootbank: new Map([...files, ['boot.cfg', cfg]]) });
  const single = await after(
    await blobOf({ bootbank: files }),
    changing(async ({ host }) => {
      host.vfs.fs.writeFileSync(CONF, 'one\n');
      await host.rebuild();
    }, NOW_MS),
  );
  const tool = await offer({ name: 'tool' });
  const grown = await after(
    single,
    changing(async ({ host, software }) => {
      await software.install([tool]);
      await host.reboot();
    }, NOW_MS),
  );
  const newer = await offer({ name: 'tool', version: '2.0-1' });
  const waiting = await after(
    grown,
    changing(({ software }) => software.update([newer], { noLiveInstall: true }), NOW_MS),
  );
  return { fresh, single, grown, waiting, newer, other: await offer({ name: 'other' }) };
}

const BASE = 'base 1.0-1';
const ONE = `${BASE} of 00:00; one`;
const GROWN = `${BASE}, tool 1.0-1 of 09:30; one`;
const WAITING = `${BASE}, tool 2.0-1 of 09:30; one`;
const NEWER = `${BASE}, tool 2.0-1 of 10:30; one`;

/** All of them; `wrap` is put between what is done and the device. */
export async function hostScenes(wrap: Wrap = (device) => device): Promise<readonly Scene[]> {
  const { fresh, single, grown, waiting, newer, other } = await stages();
  const scene = (name: string, base: Uint8Array, hosts: readonly string[], act: Act): Scene => ({
    name,
    base,
    before: [],
    isNew: false,
    hosts,
    run: async (disk) => {
      await act(wrap(marking(blobDevice(disk), disk)));
    },
  });
  const rolledBack = await after(grown, rollBack);
  const encrypted = await after(grown, (device) => rekeyState(device, { newKey: KEYS.first }));
  const networked = await filesOf(waiting, 'bootbank');
  const keyed = (bootbank: string, altbootbank: string): string =>
    `${GROWN}; altbootbank ${altbootbank}, bootbank ${bootbank}`;
  return [
    scene(
      'an installation on a live host, onto an empty bank',
      single,
      [ONE, `${BASE}, other 1.0-1 of 10:30; one`],
      changing(({ software }) => software.install([other])),
    ),
    scene(
      'an update of a live host, onto the bank that was booted before',
      grown,
      [GROWN, NEWER],
      changing(({ software }) => software.update([newer])),
    ),
    scene(
      'a removal from a live host',
      grown,
      [GROWN, `${BASE} of 10:30; one`],
      changing(({ software }) => software.remove(['tool'])),
    ),
    // What waited is given up until the new one is whole; what runs is booted meanwhile.
    scene(
      'an installation onto a bank that waits for its first boot',
      grown,
      [GROWN, NEWER, GROWN, `${BASE}, other 1.0-1, tool 2.0-1 of 10:30; one`],
      changing(async ({ software }) => {
        await software.update([newer], { noLiveInstall: true });
        await software.install([other]);
      }),
    ),
    scene(
      'an update of what a look booted and nobody confirmed',
      waiting,
      [WAITING, `${BASE}, other 1.0-1, tool 2.0-1 of 10:30; one`],
      changing(({ software }) => software.install([other]), LATER_MS, true),
    ),
    scene(
      'the first backup',
      fresh,
      [ONE.replace('; one', '; as new'), ONE],
      changing(async ({ host }) => {
        host.vfs.fs.writeFileSync(CONF, 'one\n');
        await host.rebuild();
      }),
    ),
    scene('an update that fails at its end and is put back', grown, [GROWN], async (device) => {
      const act = changing(({ software }) => software.update([newer]));
      const error = await act(failingAt(device, 'bootbank', 2)).catch((thrown: Error) => thrown);
      if (!String(error).includes(FAILURE)) throw error;
    }),
    scene(
      'another level, on both banks',
      grown,
      [GROWN, NEWER, `${BASE}, tool 2.0-1 of 11:30; one`],
      changing(async ({ software, pass }) => {
        await software.update([newer], { noLiveInstall: true });
        pass();
        await software.setAcceptance('community');
      }),
    ),
    scene('the boot after an update', waiting, [WAITING, GROWN, WAITING], booting({})),
    scene('a boot that rolls back', grown, [GROWN, ONE], booting({ rollback: true })),
    scene('a roll back', grown, [GROWN, ONE], rollBack),
    scene(
      'two backups while a bank waits',
      grown,
      [GROWN, ...['one', 'two', 'three'].map((conf) => NEWER.replace('one', conf))],
      changing(async ({ host, software }) => {
        await software.update([newer], { noLiveInstall: true });
        const backup = new AutoBackup(host, { schedule: () => null });
        host.vfs.fs.writeFileSync(CONF, 'two\n');
        expectSaved(await backup.look());
        host.vfs.fs.writeFileSync(CONF, 'three\n');
        expectSaved(await backup.shutdown());
      }),
    ),
    scene(
      'an image kept on a device that has an older one',
      grown,
      [GROWN, WAITING],
      keeping(networked),
    ),
    scene(
      'an image kept on an empty device',
      await blobOf({}),
      [NO_HOST, WAITING],
      keeping(networked),
    ),
    scene(
      'an image kept on a device that was rolled back',
      rolledBack,
      [ONE, WAITING],
      keeping(networked),
    ),
    {
      ...scene(
        'a state that gets a key, in both banks',
        grown,
        [keyed('plain', 'plain'), keyed('first', 'plain'), keyed('first', 'first')],
        (device) => rekeyState(device, { newKey: KEYS.first }),
      ),
      keys: KEYS,
    },
    {
      ...scene(
        'a state that gets another key, in both banks',
        encrypted,
        [keyed('first', 'first'), keyed('second', 'first'), keyed('second', 'second')],
        (device) => rekeyState(device, { key: KEYS.first, newKey: KEYS.second }),
      ),
      keys: KEYS,
    },
    await creation(grown),
  ];
}

const FAILURE = 'the device fails';

/** `device`, whose bank `name` fails when its boot.cfg is written for the `count`th time. */
function failingAt(device: BootDevice, name: string, count: number): BootDevice {
  let left = count;
  const write = (bank: Bank): Bank['write'] => {
    return async (file, bytes) => {
      if (bank.name === name && file === 'boot.cfg') left -= 1;
      if (left !== 0) return bank.write(file, bytes);
      left -= 1;
      throw new VisorError('EIO', { syscall: 'write', path: FAILURE });
    };
  };
  return {
    ...device,
    banks: async () => (await device.banks()).map((bank) => ({ ...bank, write: write(bank) })),
  };
}

function booting(options: BootOptions): Act {
  return (device) => Host.boot(device, { clock: () => LATER_MS, ...options });
}

/** Boots the bank of `files` as from a network, and keeps it. */
function keeping(files: Files): Act {
  return async (cache) => {
    const onEvent = ({ id, message }: HostEvent): void => {
      if (id === 'visorfs.boot.cache.failed') throw new Error(message);
    };
    const network = memoryDevice(copyOf(files));
    await Host.boot(network, { clock: () => LATER_MS, cache, onEvent });
  };
}

function expectSaved({ outcome }: BackupRecord): void {
  if (outcome !== 'saved') throw new Error(`the backup is ${outcome}`);
}

async function creation(blob: Uint8Array): Promise<Scene> {
  const banks = sourcesOf({
    bootbank: await filesOf(blob, 'bootbank'),
    altbootbank: await filesOf(blob, 'altbootbank'),
  });
  return {
    name: 'a device made with files in both banks',
    base: new Uint8Array(blobBytes(SIZES)),
    before: [],
    isNew: true,
    hosts: [NO_DEVICE, GROWN],
    run: async (disk) => {
      await createBlob(disk, { ...SIZES, guid: GUID, banks });
      disk.mark();
    },
  };
}
