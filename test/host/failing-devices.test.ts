// Devices that fail: each verb in turn, once or for ever, with each way to fail. The host runs on,
// the failure is told, what the device has boots with the old state or the new one, and once the
// device is back the next backup works.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ErrnoCode } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import {
  AutoBackup,
  type BootDevice,
  blobBytes,
  blobDevice,
  createBlob,
  folderDevice,
  Host,
  type HostEvent,
  isBlob,
  memoryDevice,
  memoryDisk,
} from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';
import { Faults, failingDevice, failingDisk } from '../support/failing.ts';

/** Full, not to be written to, broken, gone. */
const CODES: readonly ErrnoCode[] = ['ENOSPC', 'EROFS', 'EIO', 'ENXIO'];
const CONF = '/etc/vmware/esx.conf';
const MIB = 1 << 20;
const SIZES = { efiSize: MIB, bankSize: 3 * MIB, dumpSize: MIB };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const FILES = new Map<string, Uint8Array>([
  [
    'boot.cfg',
    encodeBootCfg({
      kernel: 'b.b00',
      modules: [{ file: 'base.v00', options: '' }],
      build: '1',
      updated: 1,
    }),
  ],
  ['b.b00', new TextEncoder().encode('a kernel')],
  [
    'base.v00',
    tarOf([
      { path: 'etc/' },
      { path: 'etc/vmware/' },
      { path: 'etc/vmware/esx.conf', content: 'a = "0"\n', mode: 0o1644 },
    ]),
  ],
]);

async function madeBlob(): Promise<Uint8Array> {
  const bytes = new Uint8Array(await blobBytes(SIZES));
  const bootbank = [...FILES].map(([name, content]) => bytesSource(content, name));
  await createBlob(memoryDisk(bytes), { ...SIZES, guid: GUID, banks: { bootbank } });
  return bytes;
}

const GUID = '01234567-89AB-CDEF-0123-456789ABCDEF';
const BLOB = await madeBlob();

/** A device that may fail, and the same one when it does not. */
interface Pair {
  readonly failing: BootDevice;
  readonly sound: BootDevice;
}

const KINDS: Readonly<Record<string, (faults: Faults) => Promise<Pair>>> = {
  'a device in memory': async (faults) => {
    const sound = memoryDevice(new Map(FILES), 'bootbank');
    return { sound, failing: failingDevice(sound, faults) };
  },
  'a folder': async (faults) => {
    const folder = mkdtempSync(join(tmpdir(), 'visorfs-failing-'));
    folders.push(folder);
    for (const [name, bytes] of FILES) writeFileSync(join(folder, name), bytes);
    const sound = folderDevice(folder);
    return { sound, failing: failingDevice(sound, faults) };
  },
  'a disk': async (faults) => {
    const disk = memoryDisk(BLOB.slice());
    const failing = await blobDevice(failingDisk(disk, faults));
    return { sound: await blobDevice(disk), failing };
  },
};

async function confOn(device: BootDevice): Promise<string> {
  const host = await Host.boot(device, { dryRun: true });
  return host.vfs.fs.readFileSync(CONF, 'utf8') as string;
}

for (const [kind, pairOf] of Object.entries(KINDS)) {
  for (const isForEver of [false, true]) {
    const name = `${kind} whose verbs fail ${isForEver ? 'for ever from each on' : 'once each'}`;
    test(`${name} keeps the old state or has the new one, and the host runs on`, async () => {
      let tried = 0;
      // A disk has ten times as many verbs, and none asks what went wrong.
      for (const code of kind === 'a disk' ? CODES.slice(0, 1) : CODES) {
        for (let at = 1, isOver = false; !isOver; at++) {
          const faults = new Faults();
          const { failing, sound } = await pairOf(faults);
          const events: HostEvent[] = [];
          const host = await Host.boot(failing, {
            clock: () => 0,
            onEvent: (event) => events.push(event),
          });
          const auto = new AutoBackup(host, { schedule: () => null });
          host.vfs.fs.writeFileSync(CONF, 'a = "1"\n');
          expect((await auto.look()).outcome).toBe('saved');
          host.vfs.fs.writeFileSync(CONF, 'a = "2"\n');
          events.length = 0;
          faults.fault = { at, code, isForEver };
          const { outcome, error } = await auto.look();
          isOver = !faults.hasStruck;
          faults.fault = null;

          const what = `verb ${at}, ${code}`;
          expect(host.vfs.fs.readFileSync(CONF, 'utf8'), what).toBe('a = "2"\n');
          const told = events.map(({ id }) => id);
          if (outcome === 'failed') {
            expect(error, what).toMatchObject({ code });
            expect(told, what).toEqual(['visorfs.backup.failed']);
            expect(['a = "1"\n', 'a = "2"\n'], what).toContain(await confOn(sound));
            expect((await auto.look()).outcome, what).not.toBe('failed');
          } else {
            expect(told, what).toEqual(['visorfs.backup.saved']);
          }
          expect(await confOn(sound), what).toBe('a = "2"\n');
          await auto.stop();
          tried += 1;
        }
      }
      expect(tried).toBeGreaterThan(4 * CODES.length);
    });
  }
}

describe('a disk that fails while a device is made on it', () => {
  test.each(CODES)('is no device, and can be tried again (%s)', async (code) => {
    for (let at = 1, isOver = false; !isOver; at++) {
      const bytes = new Uint8Array(await blobBytes(SIZES));
      const [disk, faults] = [memoryDisk(bytes), new Faults()];
      faults.fault = { at, code, isForEver: false };
      const bootbank = [...FILES].map(([name, content]) => bytesSource(content, name));
      const options = { ...SIZES, guid: GUID, banks: { bootbank } };
      const made = createBlob(failingDisk(disk, faults), options);
      const error: unknown = await made.then(
        () => null,
        (reason) => reason,
      );
      isOver = !faults.hasStruck;
      if (error === null) {
        expect(isOver, `verb ${at}`).toBe(true);
      } else {
        expect(error, `verb ${at}`).toMatchObject({ code });
        if (!(await isBlob(disk))) await createBlob(disk, options);
      }
      expect(await confOn(await blobDevice(disk)), `verb ${at}`).toBe('a = "0"\n');
    }
  });
});
