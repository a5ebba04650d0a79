/**
 * A small host to be changed: a base system that a VIB accounts for, so that whatever is installed
 * is judged by what is in the database and not by what is missing in it; and VIBs said in a line.
 */

import { text, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import { type VibOffer, vibOffer } from '../../src/index.ts';
import { openVibPackage } from '../../src/layer/vib-package.ts';
import { createVib, type VibManifest } from '../../src/software/create.ts';
import { encodeImageDb } from '../../src/software/image-db.ts';
import type { VibSigner } from '../../src/software/sign.ts';
import type { Tree } from '../../src/vfs/tree.ts';

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

/** Files of their own with the same content. */
export function copyOf(files: Files): Files {
  return new Map([...files].map(([name, bytes]) => [name, bytes.slice()]));
}

/** All of a live tree that shows, as text: but for times of access and of change. */
export function treeOf(vfs: Tree): string[] {
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
