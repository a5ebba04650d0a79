/**
 * What it costs to write over a file of the image for the first time.
 *
 * Claim: a branch is attributes and the pages written, whatever else the image holds.
 * Yardstick: a copy of the new content in place of the old.
 *
 * Rivals have no image, except overlay: to them it is a file like any other, which makes it easier
 * for them.
 */

import { KILOBYTE } from '../archives.ts';
import { batched, batchTurns } from '../clock.ts';
import { ANCHORS, subjectOf } from '../peers.ts';
import { atLeast, type Question, timed } from '../question.ts';
import { checkBytes } from '../verify.ts';

/** writeFile over files of the image. */
export const branch: Question = {
  name: 'branch',
  chapter: 'Writes',
  claim: 'writing over a file of the image costs its attributes and the pages written',
  kind: 'steady',
  peers: [...ANCHORS, 'overlay'],
  targets: [atLeast(2.5, 'memfs', 'write over an image file, 1 KB')],
  archives: ['many.tar'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'many');
    const { fs, root } = subject;
    const kilobytes = shelf.manifest('many').files.filter(({ size }) => size === KILOBYTE);
    const paths = kilobytes.map(({ path }) => root + path);
    // Each file is written once: the second time it would be no file of the image any more.
    const count = Math.min(scale.batchCount, Math.floor(paths.length / batchTurns(scale)));
    const content = new Uint8Array(KILOBYTE).fill(9);
    const nanoseconds = await batched(scale, count, {
      run: (turn) => {
        for (let index = turn * count; index < (turn + 1) * count; index++) {
          fs.writeFileSync(paths[index]!, content);
        }
      },
      verify: (turn) =>
        checkBytes(fs.readFileSync(paths[turn * count]!), content, 'a file written over'),
    });
    subject.close();
    return [timed('write over an image file, 1 KB', nanoseconds)];
  },
};
