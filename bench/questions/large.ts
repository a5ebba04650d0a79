/**
 * What it costs to read a large file of the image, at once and as a stream, and to look at it where
 * it lies.
 *
 * Claim: a large read is one allocation and one copy; a view is neither.
 * Yardstick: just that, one allocation and one memcpy.
 */

import { contentOf, LARGE_FILE, MEGABYTE_FILE } from '../archives.ts';
import { batched } from '../clock.ts';
import { settle } from '../heap.ts';
import { ANCHORS, type Fs, subjectOf } from '../peers.ts';
import { atLeast, atMost, type Question, timed, within } from '../question.ts';
import type { Scale } from '../scale.ts';
import { sampled } from '../suites.ts';
import { check, checkBytes } from '../verify.ts';

/** 0.9 times as fast as the floor. */
const NEARLY = 1 / 0.9;
const MEGABYTE_READS = 16;

/** readFile of 1 MB and of 64 MB. */
export const large: Question = {
  name: 'large',
  chapter: 'Hot path',
  claim: 'a large read is one allocation and one copy',
  kind: 'steady',
  peers: ANCHORS,
  targets: [
    atMost(NEARLY, 'floor', 'readFileSync 1 MB'),
    atMost(NEARLY, 'floor', 'readFileSync 64 MB'),
  ],
  archives: ['large.tar'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'large');
    const { root } = subject;
    const [small, whole] = shelf.manifest('large').files.map(contentOf) as [Uint8Array, Uint8Array];
    const fs =
      peer === 'floor'
        ? copies(
            new Map([
              [MEGABYTE_FILE, small],
              [LARGE_FILE, whole],
            ]),
          )
        : subject.fs;
    checkBytes(fs.readFileSync(root + LARGE_FILE), whole, 'a large file');
    const reading = (path: string, count: number): Promise<number> =>
      batched(scale, count, {
        prepare: () => settle(scale),
        run: () => {
          for (let turn = 0; turn < count; turn++) {
            check(fs.readFileSync(path).length > count, 'a large read');
          }
        },
      });
    const readings = [
      timed('readFileSync 1 MB', await reading(root + MEGABYTE_FILE, MEGABYTE_READS)),
      timed('readFileSync 64 MB', await reading(root + LARGE_FILE, 1)),
    ];
    subject.close();
    return readings;
  },
};

/** What a read cannot go below. */
function copies(files: ReadonlyMap<string, Uint8Array>): Pick<Fs, 'readFileSync'> {
  return {
    readFileSync(path) {
      const bytes = files.get(path)!;
      const copy = Buffer.allocUnsafeSlow(bytes.length);
      copy.set(bytes);
      return copy;
    },
  };
}

/** view of 1 MB and of 64 MB. */
export const view: Question = {
  name: 'view',
  chapter: 'Hot path',
  claim: 'a view costs the same, however large the file is',
  kind: 'steady',
  peers: ['visorfs'],
  targets: [within(1.25, 'view of 1 MB', 'view of 64 MB')],
  archives: ['large.tar'],
  async ask(_peer, scale, shelf) {
    const { imageOf, treeOver } = await import('../peers/visorfs.ts');
    const vfs = treeOver(await imageOf(await shelf.read('large.tar')));
    const content = contentOf(shelf.manifest('large').files[1]!);
    checkBytes(vfs.view(LARGE_FILE), content, 'a view');
    return sampled(scale, [
      { line: 'view of 1 MB', act: () => vfs.view(MEGABYTE_FILE).length },
      { line: 'view of 64 MB', act: () => vfs.view(LARGE_FILE).length },
    ]);
  },
};

type Streaming = Pick<typeof import('node:fs'), 'createReadStream'>;

/** createReadStream of 64 MB. */
export const stream: Question = {
  name: 'stream',
  chapter: 'Hot path',
  claim: 'a stream costs its copies',
  kind: 'steady',
  peers: ['visorfs', 'memfs', 'kernel'],
  targets: [atLeast(1.2, 'memfs', 'createReadStream 64 MB')],
  archives: ['large.tar'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'large');
    const path = subject.root + LARGE_FILE;
    const fs = subject.fs as unknown as Streaming;
    const nanoseconds = await streaming(scale, fs, path);
    subject.close();
    return [timed('createReadStream 64 MB', nanoseconds)];
  },
};

function streaming(scale: Scale, fs: Streaming, path: string): Promise<number> {
  let size = 0;
  return batched(scale, 1, {
    prepare: () => {
      size = 0;
      settle(scale);
    },
    run: () =>
      new Promise((resolve, reject) => {
        fs.createReadStream(path)
          .on('data', (chunk) => {
            size += chunk.length;
          })
          .on('error', reject)
          .on('end', () => resolve());
      }),
    verify: () => check(size === scale.largeBytes, 'a stream to its end'),
  });
}
