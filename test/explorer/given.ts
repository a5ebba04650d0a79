/**
 * What the tests of the explorer open: two small archives, one over the other, and one of each kind
 * that the page takes.
 */

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import {
  blobBytes,
  bytesSource,
  createBlob,
  memoryDevice,
  memoryDisk,
  mount,
  rekeyState,
} from '../../src/index.ts';
import { tarOf } from '../support/archives.ts';
import { bundleOf, vibOf } from '../support/bundles.ts';
import { prng } from '../support/prng.ts';
import type { Given } from './stage.ts';

export const IMAGES = fileURLToPath(new URL('../../images/', import.meta.url));
export const BANK = `${IMAGES}bank`;

/** A picture of one dot. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg' +
    'gg==',
  'base64',
);

export const BASE = tarOf([
  { path: 'etc/', mode: 0o755 },
  { path: 'etc/motd', content: 'below\n', mode: 0o1644 },
  { path: 'etc/plain', content: 'plain\n' },
  { path: 'bin/', mode: 0o755 },
  { path: 'bin/tool', content: Uint8Array.from({ length: 5000 }, (_, at) => at % 256) },
  { path: 'bin/link', target: 'tool' },
  { path: 'dot.png', content: DOT },
]);
const TOP = tarOf([
  { path: 'etc/motd', content: 'above\n', mode: 0o1644 },
  { path: 'opt/new', content: 'new' },
]);

export const base: Given = { name: 'base.tar', bytes: BASE };
export const top: Given = { name: 'top.tgz', bytes: gzipSync(TOP) };

/** A kind of thing that is opened. */
export interface Kind {
  readonly kind: string;
  /** A file, or the path of a folder. */
  readonly given: Given | string;
  /** What shows of it in the tree. */
  readonly shows: string;
  /** Over what it is opened. */
  readonly over: readonly Given[];
  /** What the page says then. */
  readonly said: string;
}

/** One of each kind, by what DESIGN and the README call it. */
export async function kinds(): Promise<Kind[]> {
  const vib = await vibOf('agent', { 'opt/agent/run': 'run' });
  const bundle = await bundleOf([await vibOf('other', { 'opt/other/run': 'run' })]);
  const files = fs.readdirSync(BANK).sort();
  const sources = files.map((name) =>
    bytesSource(new Uint8Array(fs.readFileSync(path.join(BANK, name))), name),
  );
  const sizes = { efiSize: 1 << 20, bankSize: 8 << 20, dumpSize: 1 << 20 };
  const disk = new Uint8Array(await blobBytes(sizes));
  const guid = '01234567-89AB-CDEF-0123-456789ABCDEF';
  await createBlob(memoryDisk(disk), { ...sizes, guid, banks: { bootbank: sources } });
  const file = (name: string, bytes: Uint8Array, shows: string, count: number) => ({
    ...{ given: { name, bytes }, shows, over: [] },
    said: `${name} is open: ${count} file${count === 1 ? '' : 's'}`,
  });
  return [
    { kind: 'a VIB', ...file('agent.vib', vib, '/opt/agent/run', 1) },
    { kind: 'a bundle', ...file('depot.zip', bundle, '/opt/other/run', 1) },
    { kind: 'a .tgz', ...file('top.tgz', top.bytes, '/opt/new', 2) },
    {
      ...{ kind: 'a state.tgz', given: await stateGiven('from the state\n'), over: [base] },
      ...{ shows: '/etc/motd', said: 'state.tgz is restored' },
    },
    { kind: 'a disk image', ...file('boot.img', disk, '/etc/vmware', 68) },
    { kind: 'a bank', given: BANK, shows: '/etc/vmware', over: [], said: 'bank is open: 68 files' },
  ];
}

/** A state.tgz over BASE, in which /etc/motd says `text`. */
export async function stateGiven(text: string): Promise<Given> {
  const vfs = await mount(BASE);
  vfs.fs.writeFileSync('/etc/motd', text);
  return { name: 'state.tgz', bytes: await vfs.backup() };
}

/** What encrypted states are encrypted with. */
export const KEY = 'correct horse battery staple';

/** A state.tgz over BASE that is encrypted. */
export async function encryptedState(): Promise<Given> {
  const { name, bytes } = await stateGiven('secret\n');
  const files = new Map([[name, bytes]]);
  await rekeyState(memoryDevice(files), { newKey: KEY });
  return { name, bytes: files.get(name)! };
}

/** A gzip of about `bytes`, which none can make smaller, that holds a file for each 64 KiB. */
export function largeTgz(bytes: number): Uint8Array {
  // Deflate looks back 32 KiB, so that what comes again after 64 is as good as new.
  const chance = prng(7).bytes(64 << 10);
  const content = chance.subarray(0, chance.length - 1);
  const entries = Array.from({ length: Math.floor(bytes / content.length) }, (_, index) => ({
    path: `usr/d${index % 40}/f${index}`,
    content,
  }));
  // What deflate cannot make smaller it stores, at any level.
  return gzipSync(tarOf(entries), { level: 0 });
}
