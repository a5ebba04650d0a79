/**
 * How soon a .tgz is a readable tree when its index was kept, and what reading it costs then.
 *
 * Claim: nothing is inflated to mount; a read inflates from the nearest restart point.
 * Yardstick: one sized native gunzip for reading all of it, and a gunzip from the start for reading
 * a little; the kernel's erofs and squashfs, and Yarn's ZipFS, for mounting.
 */

import fs from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { SPAN_CACHE_BYTES } from '../../src/base/limits.ts';
import { prng } from '../../test/support/prng.ts';
import { contentOf, type ImageFile } from '../archives.ts';
import { batched, median, once } from '../clock.ts';
import { settledBytes } from '../heap.ts';
import { type Peer, type Subject, subjectOf } from '../peers.ts';
import { atLeast, atMost, limit, type Question, type Reading, share, timed } from '../question.ts';
import type { Scale } from '../scale.ts';
import type { Shelf } from '../shelf.ts';
import { checkBytes, checkFiles } from '../verify.ts';

const MILLISECOND = 1e6;
const BLOCK_BYTES = 4096;
const FIRST_READS = 48;
const READS_PER_BATCH = 20;
/** What the engine says its cache takes at the most. */
const LINES = {
  mount: 'mount with its index',
  first: 'first read, median of files',
  worst: 'first read, worst of files',
  all: 'read all files, one after the other',
  random: 'read 4 KiB at random',
  index: 'index, of the archive',
  memory: 'in use, of archive, index and cache',
};

/** Mounting and reading by a kept index. */
export const indexed: Question = {
  name: 'indexed',
  chapter: 'Mount without inflating',
  claim: 'with its index kept, nothing is inflated to mount, and little to read',
  kind: 'cold',
  peers: ['visorfs', 'gunzip', 'yarn', 'erofs', 'squashfs'],
  targets: [
    limit(12 * MILLISECOND, 'ns', LINES.mount),
    limit(5 * MILLISECOND, 'ns', LINES.first),
    limit(5 * MILLISECOND, 'ns', LINES.worst),
    atMost(1.25, 'gunzip', LINES.all),
    atLeast(20, 'gunzip', LINES.random),
    limit(1.5, 'percent', LINES.index),
    limit(100, 'percent', LINES.memory),
  ],
  archives: ['base.tgz', 'base.indexed', 'base.zip', 'base.erofs', 'base.squashfs'],
  async ask(peer, scale, shelf) {
    if (peer === 'gunzip') return inflating(scale, await shelf.read('base.tgz'));
    const { files } = shelf.manifest('base');
    const mount = await mountOf(peer, shelf);
    const before = await settledBytes(scale);
    const { result, nanoseconds } = await once(mount);
    const readings = [timed(LINES.mount, nanoseconds), ...(await firstReads(mount, files))];
    readings.push(timed(LINES.all, await readAll(scale, mount, files)));
    readings.push(timed(LINES.random, await readRandom(scale, result, files)));
    if (peer === 'visorfs') {
      const held = (await settledBytes(scale)) - before;
      const file = await shelf.file('base.indexed');
      const [archive, index] = [file, `${file}.seek`].map((path) => fs.statSync(path).size);
      readings.push(share(LINES.index, index!, archive!));
      readings.push(share(LINES.memory, held, archive! + index! + SPAN_CACHE_BYTES));
    }
    await checkFiles(result, files);
    result.close();
    return readings;
  },
};

async function mountOf(peer: Peer, shelf: Shelf): Promise<() => Promise<Subject>> {
  if (peer === 'visorfs') {
    const { Image, openTardisk } = await import('../../src/node.ts');
    const { faceOf, treeOver } = await import('../peers/visorfs.ts');
    const file = await shelf.file('base.indexed');
    return async () => {
      const tardisk = await openTardisk(file, { index: 'keep' });
      return { ...faceOf(treeOver(Image.of(tardisk))), close: () => tardisk.close() };
    };
  }
  if (peer === 'yarn') return () => subjectOf(peer, shelf, 'base');
  const { mountImage } = await import('../peers/kernel.ts');
  const kind = peer as 'erofs' | 'squashfs';
  const file = await shelf.file(`base.${kind}`);
  return async () => mountImage(shelf, kind, file);
}

/** The first read of each of some files, every time in a tree that has read nothing. */
async function firstReads(
  mount: () => Promise<Subject>,
  files: readonly ImageFile[],
): Promise<Reading[]> {
  const chance = prng(8);
  const times: number[] = [];
  for (let turn = 0; turn < Math.min(FIRST_READS, files.length); turn++) {
    const file = chance.pick(files);
    const subject = await mount();
    const { result, nanoseconds } = await once(() =>
      subject.fs.readFileSync(subject.root + file.path),
    );
    checkBytes(result, contentOf(file), file.path);
    times.push(nanoseconds);
    subject.close();
  }
  return [timed(LINES.first, median(times)), timed(LINES.worst, Math.max(...times))];
}

async function readAll(
  scale: Scale,
  mount: () => Promise<Subject>,
  files: readonly ImageFile[],
): Promise<number> {
  let subject: Subject;
  return batched(scale, 1, {
    prepare: async () => {
      subject = await mount();
    },
    run: () => {
      for (const { path } of files) subject.fs.readFileSync(subject.root + path);
    },
    verify: () => subject.close(),
  });
}

async function readRandom(
  scale: Scale,
  { fs, root }: Subject,
  files: readonly ImageFile[],
): Promise<number> {
  const chance = prng(9);
  const target = Buffer.alloc(BLOCK_BYTES);
  return batched(scale, READS_PER_BATCH, {
    run: () => {
      for (let turn = 0; turn < READS_PER_BATCH; turn++) {
        const { path, size } = chance.pick(files);
        const fd = fs.openSync(root + path, 'r');
        fs.readSync(fd, target, 0, BLOCK_BYTES, chance.below(Math.max(1, size - BLOCK_BYTES)));
        fs.closeSync(fd);
      }
    },
  });
}

/** What it takes without an index: all of it at once, or from the start to where one reads. */
async function inflating(scale: Scale, archive: Uint8Array): Promise<Reading[]> {
  const { gunzipped } = await import('../peers/bare-tar.ts');
  const chance = prng(9);
  const all = await batched(scale, 1, { run: () => void gunzipped(archive) });
  const finishFlush = constants.Z_SYNC_FLUSH;
  const random = await batched(scale, 1, {
    run: () => {
      const length = 1 + chance.below(archive.length);
      gunzipSync(archive.subarray(0, length), { finishFlush, chunkSize: 4 * length + 64 });
    },
  });
  return [timed(LINES.all, all), timed(LINES.random, random)];
}
