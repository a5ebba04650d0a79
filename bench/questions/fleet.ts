/**
 * What one more tree over an image costs, in one thread and in many.
 *
 * Claim: ten thousand trees over one image take a few kilobytes each, and an image in shared memory
 * is mounted by eight threads without a copy.
 * Yardstick: an empty tree of Maps; an empty memfs, which would have to be filled as well.
 */

import { contentBytes } from '../archives.ts';
import { batched, median } from '../clock.ts';
import { settledBytes } from '../heap.ts';
import type { Peer } from '../peers.ts';
import { limit, type Question, type Reading, share, timed, weighed } from '../question.ts';
import type { Scale } from '../scale.ts';
import type { Shelf } from '../shelf.ts';
import { crewOf, type Payload } from '../workers.ts';

const MICROSECOND = 1000;
const KIBIBYTE = 1024;
const PER_BATCH = 100;
const UNTOUCHED = 'a tree over one image';
const TOUCHED = 'a tree over one image, and its fs';
/** Of the image: a worker's own tables and code, not a copy. */
const NO_COPY_PERCENT = 10;

/** Ten thousand trees in one thread. */
export const fleet: Question = {
  name: 'fleet',
  chapter: 'Fleet',
  claim: 'ten thousand trees over one image take microseconds and kilobytes each',
  kind: 'steady',
  peers: ['visorfs', 'memfs', 'floor'],
  targets: [UNTOUCHED, TOUCHED].flatMap((line) => [
    limit(30 * MICROSECOND, 'ns', line),
    limit(8 * KIBIBYTE, 'bytes', `${line}: memory`),
  ]),
  archives: ['base.tar'],
  async ask(peer, scale, shelf) {
    const readings: Reading[] = [];
    for (const [line, make] of Object.entries(await makersOf(peer, shelf))) {
      const nanoseconds = await batched(scale, PER_BATCH, {
        run: () => {
          for (let turn = 0; turn < PER_BATCH; turn++) make();
        },
      });
      readings.push(timed(line, nanoseconds), weighed(`${line}: memory`, await weigh(scale, make)));
    }
    return readings;
  },
};

/** Bytes of one; a function of its own, so that nobody holds these when others are weighed. */
async function weigh(scale: Scale, make: () => unknown): Promise<number> {
  const before = await settledBytes(scale);
  const held = Array.from({ length: scale.fleetTrees }, make);
  const bytes = (await settledBytes(scale)) - before;
  return bytes / held.length;
}

async function makersOf(peer: Peer, shelf: Shelf): Promise<Record<string, () => unknown>> {
  if (peer === 'memfs') {
    const { memfs } = await import('memfs');
    return { [UNTOUCHED]: () => memfs(), [TOUCHED]: () => memfs().fs };
  }
  if (peer === 'floor') {
    const { FloorFs } = await import('../peers/floor.ts');
    return { [UNTOUCHED]: () => new FloorFs(), [TOUCHED]: () => new FloorFs() };
  }
  const { VisorFs } = await import('../../src/node.ts');
  const { imageOf } = await import('../peers/visorfs.ts');
  const image = await imageOf(await shelf.read('base.tar'));
  const touched = () => {
    const vfs = new VisorFs(image);
    vfs.fs.existsSync('/usr');
    return vfs;
  };
  return { [UNTOUCHED]: () => new VisorFs(image), [TOUCHED]: touched };
}

/** Eight threads over one image. */
export const workers: Question = {
  name: 'workers',
  chapter: 'Fleet',
  claim: 'an image in shared memory is mounted by eight threads without a copy',
  kind: 'cold',
  peers: ['visorfs', 'memfs', 'floor'],
  targets: [limit(NO_COPY_PERCENT, 'percent', 'resident for each worker, of the image')],
  archives: ['base.tar'],
  async ask(peer, scale, shelf) {
    const { files } = shelf.manifest('base');
    const payload: Payload = {
      peer: peer as Payload['peer'],
      image: await sharedOf(peer, shelf),
      first: files[0]!.path,
      size: files[0]!.size,
    };
    return mounting(scale, payload, contentBytes(shelf.manifest('base')));
  },
};

/** The image where all threads see it: the tables of ours, the archive for the others. */
async function sharedOf(peer: Peer, shelf: Shelf): Promise<unknown> {
  const tar = await shelf.read('base.tar');
  if (peer === 'visorfs') {
    const { imageOf } = await import('../peers/visorfs.ts');
    return (await imageOf(tar)).share();
  }
  const bytes = new Uint8Array(new SharedArrayBuffer(tar.length));
  bytes.set(tar);
  return bytes;
}

async function mounting(scale: Scale, payload: Payload, content: number): Promise<Reading[]> {
  const crew = await crewOf(scale.workers);
  const before = process.memoryUsage.rss();
  const times = await crew.mount(payload);
  const each = Math.max(0, process.memoryUsage.rss() - before) / times.length;
  await crew.dismiss();
  return [
    timed('mount in a worker and read a file', median(times)),
    weighed('resident for each worker', each),
    share('resident for each worker, of the image', each, content),
  ];
}
