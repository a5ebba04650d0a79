/**
 * How soon an archive in memory is a readable tree.
 *
 * Claim: mounting 2,000 files from a plain tar is at least 20 times faster than extracting it into
 * memfs, because headers are read and data stays where it is; from a .tgz it costs what gunzip
 * costs. Yardstick: a bare header walk into a tree of Maps, with a sized native gunzip where there
 * is gzip.
 *
 * The first mount of a process is what a boot sees, with no code compiled yet; later ones are what
 * the work itself costs. Garbage is left to V8: a forced collection between two mounts would throw
 * away the code compiled for objects of which none is left, and each mount would be a first one
 * again.
 *
 * memfs is asked twice: filled by tar-stream, as found in the wild, and by a copy loop by hand.
 */

import type { Manifest } from '../archives.ts';
import { median, once } from '../clock.ts';
import { mounterOf, type Peer, type Subject } from '../peers.ts';
import { type ArchiveName, type Question, type Reading, type Shelf, timed } from '../question.ts';
import type { Scale } from '../scale.ts';
import { checkFiles } from '../verify.ts';

/** The line of the acceptance: later mounts of the plain tar, against tar-stream. */
export const MOUNT_LINE = '2,000 files from .tar, again; memfs by tar-stream';

const BY_RECIPE = 'memfs by tar-stream';
const BY_HAND = 'memfs by hand';

const RIVALS: Readonly<Record<Peer, readonly string[]>> = {
  visorfs: [BY_RECIPE, BY_HAND],
  memfs: [BY_HAND],
  'memfs-tar-stream': [BY_RECIPE],
  kernel: [BY_RECIPE, BY_HAND],
  floor: [BY_RECIPE, BY_HAND],
};

const ALL_PEERS: readonly Peer[] = ['visorfs', 'memfs', 'memfs-tar-stream', 'kernel', 'floor'];

/** Mounting the host-like image from a plain tar. */
export const mountTar: Question = {
  name: 'mount-tar',
  claim: 'mounting a plain tar reads headers only: at least 20 × faster than tar-stream into memfs',
  peers: ALL_PEERS,
  ask: (peer, scale, shelf) =>
    mounting(peer, scale, shelf, 'base.tar', shelf.base, '2,000 files from .tar'),
};

/** Mounting the host-like image from gzip. */
export const mountTgz: Question = {
  name: 'mount-tgz',
  claim: 'mounting a .tgz costs what a sized native gunzip costs, and little more',
  peers: ALL_PEERS,
  ask: (peer, scale, shelf) =>
    mounting(peer, few(scale, 1), shelf, 'base.tgz', shelf.base, '2,000 files from .tgz'),
};

/** Mounting many small files. */
export const mountMany: Question = {
  name: 'mount-many',
  isLong: true,
  claim: 'with many small files the tables decide, and a row of numbers is cheaper than objects',
  peers: ALL_PEERS,
  ask: (peer, scale, shelf) =>
    mounting(peer, few(scale, 2), shelf, 'many.tar', shelf.many, 'many from .tar'),
};

/** `scale` with fewer mounts, for images that take longer; their code is warm as soon. */
function few(scale: Scale, warmUpMounts: number): Scale {
  return { ...scale, warmUpMounts, remounts: Math.ceil(scale.remounts / 3) };
}

async function mounting(
  peer: Peer,
  scale: Scale,
  shelf: Shelf,
  archive: ArchiveName,
  manifest: Manifest,
  line: string,
): Promise<Reading[]> {
  const bytes = shelf.read(archive);
  const mount = await mounterOf(peer);
  const turns: number[] = [];
  for (let turn = 0; turn <= scale.warmUpMounts + scale.remounts; turn++) {
    const { result, nanoseconds } = await once<Subject>(() => mount(bytes));
    turns.push(nanoseconds);
    checkFiles(result, manifest.files);
    result.close();
  }
  const [first = Number.NaN] = turns;
  const again = turns.slice(1 + scale.warmUpMounts);
  return RIVALS[peer].flatMap((rival) => [
    timed(`${line}, first; ${rival}`, first),
    timed(`${line}, again; ${rival}`, median(again)),
  ]);
}
