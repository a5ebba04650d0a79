/**
 * Devices of two banks, in memory, in a folder and on a disk, and what goes wrong with them.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { memoryDisk } from '../../src/disk/memory-disk.ts';
import type { BootCfg } from '../../src/format/boot-cfg.ts';
import { encodeBootCfg, parseBootCfg } from '../../src/format/boot-cfg.ts';
import {
  type Bank,
  type BootDevice,
  blobBytes,
  blobDevice,
  bytesSource,
  createBlob,
  folderDevice,
  memoryDevice,
} from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';

/** The files of a bank by name. */
export type Files = Map<string, Uint8Array>;

/** The bank `name`, whose motd says so; `cfg` and `more` change it. */
export function bankFiles(
  name: string,
  cfg: Partial<BootCfg> = {},
  more: Readonly<Record<string, Uint8Array | null>> = {},
): Files {
  const base = tarOf([
    { path: 'etc/' },
    { path: 'etc/motd', content: name },
    { path: 'etc/conf', content: 'first', mode: 0o1644 },
  ]);
  const modules = ['base.v00', 'state.tgz'].map((file) => ({ file, options: '' }));
  const said = { kernel: 'b.b00', modules, build: name, updated: 1, ...cfg };
  const files: Files = new Map([
    ['boot.cfg', encodeBootCfg(said)],
    ['b.b00', utf8('a kernel')],
    ['base.v00', base],
  ]);
  for (const [file, bytes] of Object.entries(more)) {
    if (bytes === null) files.delete(file);
    else files.set(file, bytes);
  }
  return files;
}

/** `files` with the sums of their modules. */
export function summed(files: Files): Files {
  const sum = (file: string): string =>
    `${createHash('sha256').update(files.get(file)!).digest('hex')}  ${file}\n`;
  return new Map([...files, ['sha256.sum', utf8(sum('b.b00') + sum('base.v00'))]]);
}

/** Makes a device of the banks `bootbank` and `altbootbank`. */
export type DeviceMaker = (bootbank: Files, altbootbank: Files) => Promise<BootDevice>;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** All kinds of devices; folders are gone when the tests of the file are done. */
export const DEVICES: Readonly<Record<string, DeviceMaker>> = {
  'in memory': async (one, other) => memoryDevice(one, 'bootbank', other),
  'in a folder': async (one, other) => {
    const folder = mkdtempSync(join(tmpdir(), 'visorfs-banks-'));
    folders.push(folder);
    for (const [name, files] of Object.entries({ bootbank: one, altbootbank: other })) {
      mkdirSync(join(folder, name));
      for (const [file, bytes] of files) writeFileSync(join(folder, name, file), bytes);
    }
    return folderDevice(folder);
  },
  'on a disk': async (one, other) => {
    const sizes = { bankSize: '3m', efiSize: '1m', dumpSize: '1m' };
    const disk = memoryDisk(new Uint8Array(await blobBytes(sizes)));
    const sources = (files: Files) => [...files].map(([name, bytes]) => bytesSource(bytes, name));
    const banks = { bootbank: sources(one), altbootbank: sources(other) };
    await createBlob(disk, { ...sizes, guid: '01234567-89AB-CDEF-0123-456789ABCDEF', banks });
    return blobDevice(disk);
  },
};

/** `device`, of which each verb of each bank asks `before` first, which may throw. */
export function watched(
  device: BootDevice,
  before: (verb: 'list' | 'open' | 'write', bank: string, file: string, bytes?: Uint8Array) => void,
): BootDevice {
  return {
    name: device.name,
    banks: async () =>
      (await device.banks()).map(
        (bank): Bank => ({
          ...bank,
          list: async () => {
            before('list', bank.name, '');
            return bank.list();
          },
          open: async (file) => {
            before('open', bank.name, file);
            return bank.open(file);
          },
          write: async (file, bytes) => {
            before('write', bank.name, file, bytes);
            await bank.write(file, bytes);
          },
        }),
      ),
  };
}

async function bytesOf(bank: Bank, file: string): Promise<Uint8Array> {
  const source = await bank.open(file);
  const bytes = new Uint8Array(source.size);
  source.readInto(bytes, 0);
  source.close();
  return bytes;
}

/** The bootstates of the banks of `device`, by name; null where a bank has no boot.cfg. */
export async function bootstates(device: BootDevice): Promise<Record<string, number | null>> {
  const states: Record<string, number | null> = {};
  for (const bank of await device.banks()) {
    const isThere = (await bank.list()).includes('boot.cfg');
    states[bank.name] = isThere
      ? parseBootCfg(await bytesOf(bank, 'boot.cfg'), bank.name).bootstate
      : null;
  }
  return states;
}

/** All that is on `device`, as text. */
export async function contentOf(device: BootDevice): Promise<string> {
  let content = '';
  for (const bank of await device.banks()) {
    for (const file of [...(await bank.list())].sort()) {
      content += `${bank.name}/${file}: ${text(await bytesOf(bank, file))}\n`;
    }
  }
  return content;
}
