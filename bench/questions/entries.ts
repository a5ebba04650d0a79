/**
 * What one entry costs when it is mounted, by how many there are and by how many archives hold
 * them.
 *
 * Claim: an entry costs the same among ten as among a hundred thousand, and in one archive the same
 * as in a hundred and fifty.
 * Yardstick: a tree of Maps over the same archives.
 */

import { batched } from '../clock.ts';
import { type Mounter, mounterOf, type Peer } from '../peers.ts';
import { type Question, type Reading, timed, within } from '../question.ts';
import type { Scale } from '../scale.ts';
import type { Shelf } from '../shelf.ts';
import { checkFiles } from '../verify.ts';

const PEERS: readonly Peer[] = ['visorfs', 'memfs', 'floor'];
const FLAT = 1.5;
/** So many entries to a batch that the clock is no part of what is measured. */
const ENTRIES_PER_BATCH = 2000;

/** The line of the plot for `count` entries. */
export const entryLine = (count: number): string => `mount an entry of ${figures(count)}`;

/** The line of the plot for `count` archives. */
export const stackLine = (count: number): string =>
  `mount an entry in a stack of ${figures(count)}`;

/** Cost by entries. */
export const entries: Question = {
  name: 'entries',
  chapter: 'Mount',
  claim: 'mounting costs the same for each entry, however many there are',
  kind: 'steady',
  peers: PEERS,
  targets: [
    within(FLAT, entryLine(1000), entryLine(10)),
    within(FLAT, entryLine(1000), entryLine(100_000)),
  ],
  async ask(peer, scale, shelf) {
    const mount = await mounterOf(peer, shelf);
    const readings: Reading[] = [];
    for (const count of scale.entryCounts) {
      const images = [`entries-${count}`];
      readings.push(await costOf(mount, scale, shelf, images, entryLine(count)));
    }
    return readings;
  },
};

/** Cost by archives. */
export const stacks: Question = {
  name: 'stacks',
  isLong: true,
  chapter: 'Mount',
  claim: 'mounting costs the same for each entry, however many archives hold them',
  kind: 'steady',
  peers: PEERS,
  targets: [within(FLAT, stackLine(1), stackLine(15)), within(FLAT, stackLine(1), stackLine(150))],
  async ask(peer, scale, shelf) {
    const mount = await mounterOf(peer, shelf);
    const readings: Reading[] = [];
    for (const count of scale.stackCounts) {
      const images = Array.from({ length: count }, (_, index) => `part-${index}-of-${count}`);
      readings.push(await costOf(mount, scale, shelf, images, stackLine(count)));
    }
    return readings;
  },
};

/** Nanoseconds for each entry, directories among them. */
async function costOf(
  mount: Mounter,
  scale: Scale,
  shelf: Shelf,
  images: readonly string[],
  line: string,
): Promise<Reading> {
  const manifests = images.map((image) => shelf.manifest(image));
  const archives: Uint8Array[] = [];
  for (const image of images) archives.push(await shelf.read(`${image}.tar`));
  const files = manifests.flatMap((manifest) => manifest.files);
  const directories = manifests.reduce((sum, manifest) => sum + manifest.directories.length, 0);
  const count = files.length + directories;
  const mounts = Math.max(1, Math.floor(ENTRIES_PER_BATCH / count));
  const nanoseconds = await batched(scale, mounts * count, {
    run: async () => {
      for (let turn = 0; turn < mounts; turn++) await mount(...archives);
    },
  });
  await checkFiles(await mount(...archives), files);
  return timed(line, nanoseconds);
}

function figures(count: number): string {
  return count.toLocaleString('en');
}
