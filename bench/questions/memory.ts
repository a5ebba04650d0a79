/**
 * What a file costs in memory beyond what is in it.
 *
 * Claim: a mounted file costs under 150 bytes beyond its content: a row of numbers and its name.
 * Yardstick: a tree of Maps over the same archive.
 *
 * Three rulers, all given. `all told, from disk` is an archive mounted from its file, so that none
 * of it is in memory: everything that is counts. For archives in memory `beyond content` counts
 * everything but the files' own bytes, so the headers and the padding of the tar count too, for
 * those who keep it: 512 bytes a header, 256 of padding. `beyond the archive` counts what mounting
 * added to an archive that was in memory anyway. memfs keeps no archive, so that for it the two are
 * one. Of files made, a page of 4 KiB that is not full counts as what it takes.
 */

import { contentBytes, type Manifest } from '../archives.ts';
import { settledBytes } from '../heap.ts';
import { emptySubject, mountedFile, mounterOf, type Peer, type Subject } from '../peers.ts';
import { type ArchiveName, type Question, type Reading, type Shelf, weighed } from '../question.ts';
import type { Scale } from '../scale.ts';
import { check, checkFiles } from '../verify.ts';

/** The line of the acceptance. */
export const MEMORY_LINE = 'mounted file, 2,000: all told, from disk';

/** Where the archive is in memory: what mounting adds to it. */
export const MEMORY_ADDED_LINE = 'mounted file, 2,000: beyond the archive';

/** And what is in memory then, less the files' own bytes. */
export const MEMORY_WHOLE_LINE = 'mounted file, 2,000: beyond content';

const MADE_PER_DIRECTORY = 100;
const WARM_UP_FILES = 2000;
/** Trees made from one archive: what one takes is what they take, divided. */
const WEIGHED_MOUNTS = 4;

const JS_PEERS: readonly Peer[] = ['visorfs', 'memfs', 'floor'];

/** Memory of a mounted file of the host-like image. */
export const memoryBase: Question = {
  name: 'memory-base',
  claim: 'a mounted file costs under 150 bytes beyond its content',
  peers: JS_PEERS,
  isSteady: true,
  ask: (peer, scale, shelf) => mounted(peer, scale, shelf, 'base.tar', shelf.base, '2,000'),
};

/** Memory of a mounted file among many. */
export const memoryMany: Question = {
  name: 'memory-many',
  isLong: true,
  claim: 'a mounted file costs the same among many',
  peers: JS_PEERS,
  isSteady: true,
  ask: (peer, scale, shelf) => mounted(peer, scale, shelf, 'many.tar', shelf.many, 'many'),
};

/** Memory of files made. */
export const memoryMade: Question = {
  name: 'memory-made',
  isLong: true,
  claim: 'a file made costs its pages, a row and a name',
  peers: JS_PEERS,
  isSteady: true,
  async ask(peer, scale) {
    const small = await weighMade(peer, scale, 1024);
    return [small, await weighMade(peer, scale, 4096)];
  },
};

/** A function of its own, so that what one size made is gone when the next is weighed. */
async function weighMade(peer: Peer, scale: Scale, size: number): Promise<Reading> {
  const { madeFiles } = scale;
  const content = new Uint8Array(size).fill(5);
  // What code and tables take when first used is there before anything is weighed.
  await made(peer, content, Math.min(madeFiles, WARM_UP_FILES));
  const before = await settledBytes(scale);
  const subject = await made(peer, content, madeFiles);
  const bytes = (await settledBytes(scale)) - before;
  check(subject.fs.existsSync(`${subject.root}/d0/f0`), 'files made');
  return weighed(`file made, ${size >> 10} KB: beyond content`, bytes / madeFiles - size);
}

async function mounted(
  peer: Peer,
  scale: Scale,
  shelf: Shelf,
  name: ArchiveName,
  manifest: Manifest,
  line: string,
): Promise<Reading[]> {
  const mount = await mounterOf(peer);
  const archive = shelf.read(name);
  for (let turn = 0; turn < scale.warmUpMounts; turn++) await mount(archive);
  // One is held from the start: what code takes when it is used is then on both sides.
  const held = [await mount(archive)];
  const before = await settledBytes(scale);
  for (let turn = 0; turn < WEIGHED_MOUNTS; turn++) held.push(await mount(archive));
  const bytes = ((await settledBytes(scale)) - before) / WEIGHED_MOUNTS;
  for (const subject of held) checkFiles(subject, manifest.files);
  const files = manifest.files.length;
  const content = contentBytes(manifest);
  // Who keeps the archive shares the one that was there; memfs has copied what is in it.
  const beyondArchive = peer === 'memfs' ? bytes - content : bytes;
  const kept = peer === 'memfs' ? 0 : archive.length - content;
  const readings = [
    weighed(`mounted file, ${line}: beyond the archive`, beyondArchive / files),
    weighed(`mounted file, ${line}: beyond content`, (beyondArchive + kept) / files),
  ];
  if (peer === 'visorfs') readings.push(await weighInPlace(scale, shelf, name, manifest, line));
  return readings;
}

/** Mounted from its file the archive is not in memory at all: everything that is, is weighed. */
async function weighInPlace(
  scale: Scale,
  shelf: Shelf,
  name: ArchiveName,
  manifest: Manifest,
  line: string,
): Promise<Reading> {
  const file = shelf.file(name);
  const held = [await mountedFile(file)];
  const before = await settledBytes(scale);
  for (let turn = 0; turn < WEIGHED_MOUNTS; turn++) held.push(await mountedFile(file));
  const bytes = ((await settledBytes(scale)) - before) / WEIGHED_MOUNTS;
  for (const subject of held) {
    checkFiles(subject, manifest.files);
    subject.close();
  }
  return weighed(`mounted file, ${line}: all told, from disk`, bytes / manifest.files.length);
}

async function made(peer: Peer, content: Uint8Array, count: number): Promise<Subject> {
  const subject = await emptySubject(peer);
  const { fs, root } = subject;
  for (let index = 0; index < count; index++) {
    const directory = `${root}/d${Math.floor(index / MADE_PER_DIRECTORY)}`;
    const within = index % MADE_PER_DIRECTORY;
    if (within === 0) fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(`${directory}/f${within}`, content);
  }
  return subject;
}
