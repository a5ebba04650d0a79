/**
 * What a payload is made of: a folder of this machine, or an archive of any kind.
 *
 * Modes stay as they are. Owners do not, nor, unless asked for, times: two checkouts of the same
 * files are to give the same VIB. A folder's hard links become files of their own; an archive's
 * stay links. Devices, fifos and sockets are refused, and so is a name that is no UTF-8, as no
 * descriptor could list it.
 */

import fs from 'node:fs';
import path from 'node:path';
import type { PayloadEntry, VisorFs } from '../node.ts';
import { type Entry, entriesBelow, entryAt } from './entries.ts';
import { openStack } from './images.ts';
import { breathe, CommandError, type Output } from './output.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const NOTHING = new Uint8Array(0);

/** What all entries have as their time, in seconds since 1970; null for their own. */
export type Stamp = number | null;

/**
 * The entries below the folder, or in the archive, `place`. Throws CommandError for what cannot be
 * in a payload, CorruptError where an archive lies.
 */
export async function payloadEntries(
  place: string,
  stamp: Stamp,
  out: Output,
): Promise<PayloadEntry[]> {
  const stats = fs.statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandError(`there is no '${place}' to make a payload of`);
  if (stats.isDirectory()) return folderEntries(place, stamp, out);
  const { vfs, close } = await openStack([place], out);
  try {
    return archiveEntries(vfs, place, stamp);
  } finally {
    close();
  }
}

async function folderEntries(root: string, stamp: Stamp, out: Output): Promise<PayloadEntry[]> {
  const entries: PayloadEntry[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    await breathe(out);
    for (const bytes of fs.readdirSync(path.join(root, folder), { encoding: 'buffer' })) {
      const name = nameOf(bytes, path.join(root, folder));
      const inside = folder === '' ? name : `${folder}/${name}`;
      const entry = folderEntry(path.join(root, inside), inside, stamp);
      entries.push(entry);
      if (entry.kind === 'directory') pending.push(inside);
    }
  }
  return entries;
}

function folderEntry(place: string, inside: string, stamp: Stamp): PayloadEntry {
  const stats = fs.lstatSync(place);
  const { mode } = stats;
  const mtimeSeconds = stamp ?? Math.floor(stats.mtimeMs / 1000);
  const shared = { path: inside, mode: mode & 0o7777, mtimeSeconds, content: NOTHING, target: '' };
  if (stats.isDirectory()) return { ...shared, kind: 'directory' };
  if (stats.isFile()) return { ...shared, kind: 'file', content: fs.readFileSync(place) };
  if (stats.isSymbolicLink()) return { ...shared, kind: 'symlink', target: fs.readlinkSync(place) };
  throw new CommandError(`'${place}' is neither a file, a directory nor a symbolic link`);
}

function nameOf(bytes: Uint8Array, place: string): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    // A fatal decoder has no other way of saying no.
    const shown = new TextDecoder().decode(bytes);
    throw new CommandError(`'${shown}' in '${place}' has a name that is no UTF-8`);
  }
}

function archiveEntries(vfs: VisorFs, place: string, stamp: Stamp): PayloadEntry[] {
  const first = new Map<number, string>();
  return [...entriesBelow(vfs, entryAt(vfs, '/'))]
    .filter(({ path: shown }) => shown !== '/')
    .map((entry) => archiveEntry(vfs, entry, place, stamp, first));
}

function archiveEntry(
  vfs: VisorFs,
  entry: Entry,
  place: string,
  stamp: Stamp,
  first: Map<number, string>,
): PayloadEntry {
  const inside = nameOf(entry.bytes, place).slice(1);
  const { mode, mtimeSeconds, nlink, ino } = entry.attributes;
  const shared = {
    path: inside,
    mode: mode & 0o7777,
    mtimeSeconds: stamp ?? mtimeSeconds,
    content: NOTHING,
    target: '',
  };
  switch (entry.type) {
    case 'directory':
      return { ...shared, kind: 'directory' };
    case 'link':
      return { ...shared, kind: 'symlink', target: entry.target! };
    case 'file': {
      const target = first.get(ino);
      if (target !== undefined) return { ...shared, kind: 'link', target };
      if (nlink > 1) first.set(ino, inside);
      return { ...shared, kind: 'file', content: vfs.fs.readFileSync(inside) };
    }
    default:
      throw new CommandError(`'${inside}' in '${place}' is a ${entry.type}: no payload has one`);
  }
}
