/**
 * A stage for installations: a small host with two banks in memory, VIBs said in a line, and what
 * is compared before and after.
 *
 * The host has a base system that a VIB accounts for, so that whatever a test installs is judged by
 * what is in the database, not by what is missing in it.
 */

import { expect } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import type { Bank, BootDevice } from '../../src/host/device.ts';
import {
  type BootOptions,
  Host,
  type HostSoftware,
  memoryDevice,
  type SoftwareError,
  type SoftwareErrorKind,
  softwareOf,
  type VibOffer,
  type VisorFs,
  vibOffer,
} from '../../src/index.ts';
import { openVibPackage } from '../../src/layer/vib-package.ts';
import { createVib, type VibManifest } from '../../src/software/create.ts';
import { encodeImageDb } from '../../src/software/image-db.ts';
import type { VibSigner } from '../../src/software/sign.ts';

/** The files of a bank by name. */
export type Files = Map<string, Uint8Array>;

/** What a VIB is to be: its manifest, and the content of its files by their paths. */
export interface VibRecipe extends Partial<VibManifest> {
  readonly name: string;
  readonly version?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** The bytes of a VIB of one payload, called as the VIB is. */
export async function vibBytes(recipe: VibRecipe, signer?: VibSigner): Promise<Uint8Array> {
  const { files = { [`opt/${recipe.name}`]: recipe.name }, ...manifest } = recipe;
  const entries = Object.entries(files).map(([path, content]) => ({
    path,
    kind: 'file' as const,
    mode: path.startsWith('etc/sticky') ? 0o1644 : 0o644,
    mtimeSeconds: 0,
    content: utf8(content),
    target: '',
  }));
  const payload = { name: recipe.name.slice(0, 16), type: 'tgz' as const, entries };
  const said = { version: '1.0-1', vendor: 'test', ...manifest };
  return (await createVib(said, [payload], signer)).bytes;
}

/** A VIB that can be installed. */
export async function offer(recipe: VibRecipe, signer?: VibSigner): Promise<VibOffer> {
  return vibOffer(await vibBytes(recipe, signer), `${recipe.name}.vib`);
}

/** The id of a VIB of these. */
export function idOf(name: string, version = '1.0-1'): string {
  return `test_bootbank_${name}_${version}`;
}

/** What is said of a change that is done, and of one that waits for the next boot. */
export const DONE = 'Operation finished successfully.';
export const REBOOT =
  'The update completed successfully, but the system needs to be rebooted for the changes to be ' +
  'effective.';

const BASE: VibRecipe = {
  name: 'base',
  liveInstallAllowed: false,
  liveRemoveAllowed: false,
  relationships: { provides: [{ name: 'base-api', relation: '=', version: '2.0' }] },
  files: {
    'bin/sh': '#!',
    'etc/motd': 'base\n',
    'etc/sticky.conf': 'as new\n',
    'usr/lib/base': 'x'.repeat(5000),
  },
};

/** When everything here happens. */
export const NOW_MS = Date.UTC(2026, 10, 28, 9, 30);

/** The files of a bank with the base system and its database, which accepts anything. */
export async function baseBank(more: readonly VibRecipe[] = []): Promise<Files> {
  const files: Files = new Map([['b.b00', utf8('a kernel of sorts')]]);
  const vibs = [];
  for (const recipe of [BASE, ...more]) {
    const vib = await openVibPackage(bytesSource(await vibBytes(recipe), 'vib'), portableCodec);
    const [payload] = vib.descriptor.payloads;
    const file = `${recipe.name}.t00`;
    files.set(file, vib.stored(payload!.name)!.slice());
    vibs.push({
      descriptor: vib.descriptor,
      descriptorBytes: vib.descriptorBytes,
      installDate: '2026-01-01T00:00:00.000+00:00',
      origin: 'the factory',
      payloads: [{ name: payload!.name, file }],
    });
  }
  const profile = {
    name: 'Test-1',
    vendor: 'test',
    creationTime: '2026-01-01T00:00:00.000+00:00',
    modificationTime: '2026-01-01T00:00:00.000+00:00',
    description: '',
    acceptanceLevel: 'community' as const,
    vibs,
  };
  const modules = [...files.keys()].filter((name) => name !== 'b.b00');
  files.set('imgdb.tgz', await encodeImageDb(profile, portableCodec));
  const listed = [...modules, 'imgdb.tgz', 'state.tgz'].map((file) => ({ file, options: '' }));
  const cfg = { kernel: 'b.b00', modules: listed, build: '1', updated: 1 };
  files.set('boot.cfg', encodeBootCfg(cfg));
  return files;
}

/** A host on two banks, the second of which is empty unless given. */
export interface Stage {
  readonly one: Files;
  readonly other: Files;
  readonly device: BootDevice;
  readonly host: Host;
  readonly software: HostSoftware;
}

/** Boots a host on `one` and `other`; `wrap` puts something between it and its banks. */
export async function stageOf(
  one: Files,
  {
    other = new Map(),
    wrap = (bank) => bank,
    ...options
  }: BootOptions & { readonly other?: Files; readonly wrap?: (bank: Bank) => Bank } = {},
): Promise<Stage> {
  const inner = memoryDevice(one, 'bootbank', other);
  const banks = (await inner.banks()).map(wrap);
  const device = { name: inner.name, banks: async () => banks };
  const host = await Host.boot(device, { clock: () => NOW_MS, ...options });
  return { one, other, device, host, software: await softwareOf(host) };
}

/** The ids of the VIBs that a host of these banks has once it is booted. */
export async function bootedVibs(one: Files, other: Files): Promise<string[]> {
  const { software } = await stageOf(copyOf(one), { other: copyOf(other) });
  const { profile } = await software.running();
  return profile.vibs.map(({ descriptor }) => descriptor.id);
}

export function copyOf(files: Files): Files {
  return new Map([...files].map(([name, bytes]) => [name, bytes.slice()]));
}

/** All of a live tree that shows, as text: but for times of access and of change. */
export function treeOf(vfs: VisorFs): string[] {
  const rows: string[] = [];
  const pending = ['/'];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { mode, uid, gid, size, nlink, mtimeSeconds } = vfs.stat(at, false);
    const isFile = (mode & 0o170000) === 0o100000;
    const content = isFile ? crc32(vfs.copyOf(vfs.lookup(at))) : '';
    rows.push([at, mode.toString(8), uid, gid, size, nlink, mtimeSeconds, content].join(' '));
    if ((mode & 0o170000) !== 0o040000) continue;
    for (const { bytes } of vfs.readdir(at)) pending.push(`${at === '/' ? '' : at}/${text(bytes)}`);
  }
  const mounted = vfs.image.tardisks.map(({ name }) => `mounted ${name}`);
  const ramdisks = vfs.ramdisks.list().map(({ name, path }) => `ramdisk ${name} ${path}`);
  return [...rows.sort(), ...mounted, ...ramdisks];
}

/** What a bank holds, as text. */
export function bankOf(files: Files): string[] {
  return [...files].map(([name, bytes]) => `${name} ${bytes.length} ${crc32(bytes)}`).sort();
}

/** All of a host that a change could touch, as text. */
export function everything({ host, one, other }: Stage): Record<string, string[]> {
  return { tree: treeOf(host.vfs), one: bankOf(one), other: bankOf(other) };
}

/** What `act` is refused with; nothing of the host has changed by it. */
export async function refusal(stage: Stage, act: () => Promise<unknown>): Promise<SoftwareError> {
  const before = everything(stage);
  const error = await act().then(
    () => null,
    (thrown: SoftwareError) => thrown,
  );
  expect(everything(stage)).toEqual(before);
  expect(error, 'it is refused').not.toBeNull();
  return error!;
}

/** Checks that `act` is refused with exactly this. */
export async function refused(
  stage: Stage,
  kind: SoftwareErrorKind,
  lines: readonly string[],
  act: () => Promise<unknown>,
): Promise<void> {
  const error = await refusal(stage, act);
  expect([error.kind, ...error.lines]).toEqual([kind, ...lines]);
}
