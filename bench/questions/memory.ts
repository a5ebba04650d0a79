/**
 * What a file costs in memory beyond what is in it and what it is called.
 *
 * Claim: a mounted file costs at most 100 bytes, a created one at most 200, and no object of
 * JavaScript.
 * Yardstick: a tree of Maps over the same archive.
 *
 * Two rulers for what is mounted. `from disk` is an archive mounted from its file, so that none of
 * it is in memory: everything that is there counts. `in memory` counts what mounting added to an
 * archive that was there anyway; memfs keeps no archive, so its copies of the content are taken
 * off. From both, the names are taken off: the bytes of the last name of each path, once for each
 * file and directory, and not what rivals keep beside them. Of files made, a page that is not full
 * counts as what it takes. `heap` is the part of it that is objects of JavaScript.
 */

import { contentBytes, type Manifest } from '../archives.ts';
import { settledWeight, type Weight } from '../heap.ts';
import { emptySubject, mounterOf, type Peer, type Subject } from '../peers.ts';
import { limit, type Question, type Reading, weighed } from '../question.ts';
import type { Scale } from '../scale.ts';
import type { Shelf } from '../shelf.ts';
import { check, checkFiles } from '../verify.ts';

const MOUNTED_BYTES = 100;
const MADE_BYTES = 200;
/** Less than an empty object takes. */
const NO_OBJECT_BYTES = 8;
const MADE_PER_DIRECTORY = 100;
const WARM_UP_FILES = 2000;
/** Trees made from one archive: what one takes is what they take, divided. */
const WEIGHED_MOUNTS = 4;
const WARM_UP_MOUNTS = 3;

const JS_PEERS: readonly Peer[] = ['visorfs', 'memfs', 'floor'];

/** Memory of a mounted file among many. */
export const memoryMounted: Question = {
  name: 'memory-mounted',
  chapter: 'Memory',
  isLong: true,
  claim: 'a mounted file costs at most 100 bytes beyond content and name, and no object',
  peers: JS_PEERS,
  kind: 'weight',
  targets: [
    limit(MOUNTED_BYTES, 'bytes', 'mounted file, from disk'),
    limit(MOUNTED_BYTES, 'bytes', 'mounted file, in memory'),
    limit(NO_OBJECT_BYTES, 'bytes', 'mounted file, heap'),
  ],
  archives: ['many.tar'],
  async ask(peer, scale, shelf) {
    const manifest = shelf.manifest('many');
    const archive = await shelf.read('many.tar');
    const mount = await mounterOf(peer, shelf);
    const weight = await weightOf(scale, manifest, () => mount(archive));
    const kept = peer === 'memfs' ? contentBytes(manifest) : 0;
    const { length } = manifest.files;
    const readings: Reading[] = [];
    if (peer === 'visorfs') {
      const { mountFile } = await import('../peers/visorfs.ts');
      const file = await shelf.file('many.tar');
      const { whole } = await weightOf(scale, manifest, () => mountFile(file));
      readings.push(weighed('mounted file, from disk', (whole - nameBytes(manifest)) / length));
    }
    readings.push(
      weighed('mounted file, in memory', (weight.whole - kept - nameBytes(manifest)) / length),
      weighed('mounted file, heap', weight.heap / length),
    );
    return readings;
  },
};

/** Memory of files made. */
export const memoryMade: Question = {
  name: 'memory-made',
  chapter: 'Memory',
  claim: 'a file made costs at most 200 bytes beyond content and name',
  peers: JS_PEERS,
  kind: 'weight',
  targets: [
    limit(MADE_BYTES, 'bytes', 'file made, 1 KB'),
    limit(MADE_BYTES, 'bytes', 'file made, 4 KB'),
  ],
  async ask(peer, scale, shelf) {
    const readings: Reading[] = [];
    for (const size of [1024, 4096]) readings.push(await weighMade(peer, scale, shelf, size));
    return readings;
  },
};

/** What one more mount takes. */
async function weightOf(
  scale: Scale,
  manifest: Manifest,
  mount: () => Promise<Subject>,
): Promise<Weight> {
  for (let turn = 0; turn < WARM_UP_MOUNTS; turn++) (await mount()).close();
  // One is held from the start: what code takes when it is used is then on both sides.
  const held = [await mount()];
  const before = await settledWeight(scale);
  for (let turn = 0; turn < WEIGHED_MOUNTS; turn++) held.push(await mount());
  const after = await settledWeight(scale);
  for (const subject of held) {
    await checkFiles(subject, manifest.files);
    subject.close();
  }
  return {
    heap: (after.heap - before.heap) / WEIGHED_MOUNTS,
    whole: (after.whole - before.whole) / WEIGHED_MOUNTS,
  };
}

/** A function of its own, so that what one size made is gone when the next is weighed. */
async function weighMade(peer: Peer, scale: Scale, shelf: Shelf, size: number): Promise<Reading> {
  const { madeFiles } = scale;
  const content = new Uint8Array(size).fill(5);
  // What code and tables take when first used is there before anything is weighed.
  await made(peer, shelf, content, Math.min(madeFiles, WARM_UP_FILES));
  const before = await settledWeight(scale);
  const { subject, names } = await made(peer, shelf, content, madeFiles);
  const { whole } = await settledWeight(scale);
  const bytes = whole + (subject.unreportedBytes?.() ?? 0) - before.whole;
  check(subject.fs.existsSync(`${subject.root}/d0/f0`), 'files made');
  return weighed(`file made, ${size >> 10} KB`, (bytes - names) / madeFiles - size);
}

async function made(
  peer: Peer,
  shelf: Shelf,
  content: Uint8Array,
  count: number,
): Promise<{ subject: Subject; names: number }> {
  const subject = await emptySubject(peer, shelf);
  const { fs, root } = subject;
  let names = 0;
  for (let index = 0; index < count; index++) {
    const directory = `${root}/d${Math.floor(index / MADE_PER_DIRECTORY)}`;
    const name = `f${index % MADE_PER_DIRECTORY}`;
    if (name === 'f0') fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(`${directory}/${name}`, content);
    names += name.length;
  }
  return { subject, names };
}

function nameBytes({ directories, files }: Manifest): number {
  const paths = [...directories, ...files.map(({ path }) => path)];
  return paths.reduce((sum, path) => sum + path.length - path.lastIndexOf('/') - 1, 0);
}
