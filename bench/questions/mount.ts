/**
 * How soon an archive in memory is a readable tree.
 *
 * Claim: mounting a plain tar costs a walk over its headers and a table; from a .tgz it costs what
 * gunzip costs, and no memory beyond what is stored and what it holds.
 * Yardstick: a bare header walk into a hash of numbers, and into a tree of Maps; one sized native
 * gunzip and nothing else.
 *
 * The first mount of a process is what a boot sees, with no code compiled yet; later ones are what
 * the work itself costs. Garbage is left to V8: a forced collection between two mounts would throw
 * away the code compiled for objects of which none is left, and each mount would be a first one
 * again.
 */

import { performance } from 'node:perf_hooks';
import { contentBytes, contentOf, type Manifest } from '../archives.ts';
import { median, once } from '../clock.ts';
import { forgetPeak, peakBytes, settle } from '../heap.ts';
import { mounterOf, type Peer } from '../peers.ts';
import {
  atLeast,
  atMost,
  limit,
  type Question,
  type Reading,
  timed,
  weighed,
} from '../question.ts';
import type { Scale } from '../scale.ts';
import type { Shelf } from '../shelf.ts';
import { check, checkBytes, checkFiles } from '../verify.ts';

/** A peer that mounts, and what was mounted. */
interface Mounted {
  check(): Promise<void>;
  close(): void;
}

const REMOUNTS_MAX = 20;
const REMOUNTS_MIN = 3;
const WARM_UP_SHARE = 0.4;
const MEBIBYTE = 1 << 20;

/** Mounting the host-like image from a plain tar. */
export const mountTar: Question = {
  name: 'mount-tar',
  chapter: 'Mount',
  claim: 'mounting a plain tar costs a walk over its headers and a table',
  kind: 'cold',
  peers: ['visorfs', 'memfs', 'tar-stream', 'kernel', 'floor', 'table', 'just-bash', 'zenfs'],
  targets: [
    atMost(1.5, 'table', 'host image from .tar, again'),
    atLeast(50, 'tar-stream', 'host image from .tar, again'),
    atMost(1.5, 'table', 'host image from .tar, first'),
    atLeast(50, 'tar-stream', 'host image from .tar, first'),
  ],
  archives: ['base.tar'],
  ask: (peer, scale, shelf) =>
    mounting(peer, scale, shelf, ['base'], 'tar', 'host image from .tar'),
};

/** Mounting the host-like image from gzip. */
export const mountTgz: Question = {
  name: 'mount-tgz',
  chapter: 'Mount',
  claim: 'mounting a .tgz costs what a sized native gunzip costs, in time and in memory',
  kind: 'cold',
  peers: [
    'visorfs',
    'memfs',
    'tar-stream',
    'kernel',
    'floor',
    'gunzip',
    'just-bash',
    'yarn',
    'erofs',
    'squashfs',
  ],
  targets: [
    atMost(1.05, 'gunzip', 'host image from .tgz, first'),
    atMost(1.05, 'gunzip', 'host image from .tgz, again'),
    limit(25 * MEBIBYTE, 'bytes', 'host image from .tgz, peak beyond content and archive'),
  ],
  archives: ['base.tgz', 'base.zip', 'base.erofs', 'base.squashfs'],
  ask: (peer, scale, shelf) =>
    mounting(peer, scale, shelf, ['base'], 'tgz', 'host image from .tgz'),
};

/** Mounting many small files from gzip. */
export const mountMany: Question = {
  name: 'mount-many',
  chapter: 'Mount',
  isLong: true,
  claim: 'with many small files the tables decide, and a row of numbers is cheaper than objects',
  kind: 'cold',
  peers: [
    'visorfs',
    'memfs',
    'tar-stream',
    'kernel',
    'floor',
    'gunzip',
    'just-bash',
    'yarn',
    'erofs',
    'squashfs',
  ],
  targets: [],
  archives: ['many.tgz', 'many.zip', 'many.erofs', 'many.squashfs'],
  ask: (peer, scale, shelf) =>
    mounting(peer, scale, shelf, ['many'], 'tgz', '50,000 files from .tgz'),
};

/** Mounting a hundred small archives over each other. */
export const mountVibs: Question = {
  name: 'mount-vibs',
  isLong: true,
  chapter: 'Mount',
  claim: 'a hundred archives together cost what their bytes cost',
  kind: 'cold',
  peers: ['visorfs', 'memfs', 'tar-stream', 'kernel', 'floor', 'gunzip', 'just-bash'],
  targets: [],
  archives: Array.from({ length: 100 }, (_, index) => `vib-${index}.tgz`),
  ask(peer, scale, shelf) {
    const images = Array.from({ length: scale.vibs }, (_, index) => `vib-${index}`);
    return mounting(peer, scale, shelf, images, 'tgz', '100 small .tgz');
  },
};

async function mounting(
  peer: Peer,
  scale: Scale,
  shelf: Shelf,
  images: readonly string[],
  form: 'tar' | 'tgz',
  line: string,
): Promise<Reading[]> {
  const manifests = images.map((image) => shelf.manifest(image));
  const archives: Uint8Array[] = [];
  for (const image of images) archives.push(await shelf.read(formOf(peer, image, form)));
  const mount = await mountOf(peer, shelf, archives, images, manifests);
  const readings: Reading[] = [];
  settle(scale);
  const before = forgetPeak();
  const { result, nanoseconds } = await once(mount);
  readings.push(timed(`${line}, first`, nanoseconds));
  if (form === 'tgz') {
    const content = manifests.reduce((sum, manifest) => sum + contentBytes(manifest), 0);
    const beyond = Math.max(0, peakBytes() - before) - content;
    readings.push(weighed(`${line}, peak beyond content and archive`, beyond));
  }
  await result.check();
  result.close();
  readings.push(timed(`${line}, again`, await again(scale, mount)));
  return readings;
}

/** The median of later mounts, after some that nobody times. */
async function again(scale: Scale, mount: () => Promise<Mounted>): Promise<number> {
  const begin = performance.now();
  const spent = (): number => (performance.now() - begin) / 1000 / scale.batchSeconds;
  for (let turn = 0; turn < REMOUNTS_MAX && spent() < WARM_UP_SHARE; turn++) {
    (await mount()).close();
  }
  const turns: number[] = [];
  // One that is slow is warm after its first turns, and there are more rounds.
  const isOver = (): boolean => spent() > 1 && turns.length >= (spent() > 2 ? 1 : REMOUNTS_MIN);
  while (turns.length < REMOUNTS_MAX && !isOver()) {
    const { result, nanoseconds } = await once(mount);
    turns.push(nanoseconds);
    if (turns.length === 1) await result.check();
    result.close();
  }
  return median(turns);
}

function formOf(peer: Peer, image: string, form: string): string {
  if (peer === 'yarn') return `${image}.zip`;
  return `${image}.${peer === 'erofs' || peer === 'squashfs' ? peer : form}`;
}

async function mountOf(
  peer: Peer,
  shelf: Shelf,
  archives: readonly Uint8Array[],
  images: readonly string[],
  manifests: readonly Manifest[],
): Promise<() => Promise<Mounted>> {
  const files = manifests.flatMap((manifest) => manifest.files);
  if (peer === 'gunzip') {
    const { gunzipped } = await import('../peers/bare-tar.ts');
    return async () => {
      const tars = archives.map(gunzipped);
      const size = tars.reduce((sum, tar) => sum + tar.length, 0);
      const least = manifests.reduce((sum, manifest) => sum + contentBytes(manifest), 0);
      return { check: async () => check(size > least, 'a gunzip'), close: () => {} };
    };
  }
  if (peer === 'table') {
    const { TarTable } = await import('../peers/table.ts');
    return async () => {
      const [tar] = archives as [Uint8Array];
      const table = new TarTable(tar);
      const checkAll = async (): Promise<void> => {
        for (const file of files) {
          const { start = 0, size = 0 } = table.find(file.path) ?? {};
          checkBytes(tar.subarray(start, start + size), contentOf(file), file.path);
        }
      };
      return { check: checkAll, close: () => {} };
    };
  }
  if (peer === 'erofs' || peer === 'squashfs') {
    const { mountImage } = await import('../peers/kernel.ts');
    const file = await shelf.file(`${images[0]}.${peer}`);
    return async () => {
      const subject = mountImage(shelf, peer, file);
      return { check: () => checkFiles(subject, files), close: subject.close };
    };
  }
  const mounter = await mounterOf(peer, shelf);
  return async () => {
    const subject = await mounter(...archives);
    return { check: () => checkFiles(subject, files), close: subject.close };
  };
}
