/**
 * What it costs to change a little of a large file, and to cut one and let it grow again.
 *
 * Claim: a write costs the pages it touches; what a file loses and regains are numbers.
 * Yardstick: a copy into one flat buffer.
 */

import { prng } from '../../test/support/prng.ts';
import { batched } from '../clock.ts';
import { ANCHORS, emptySubject } from '../peers.ts';
import { atLeast, atMost, type Question, timed } from '../question.ts';
import { sampled } from '../suites.ts';
import { check, checkBytes } from '../verify.ts';

const BLOCK_BYTES = 4096;
const PICKS = 1 << 12;
const MEGABYTE = 1 << 20;
const CUT_BYTES = 64 << 10;

/** write of 4 KB at random in 64 MB. */
export const overwrite: Question = {
  name: 'overwrite',
  chapter: 'Writes',
  claim: 'a write costs the pages it touches',
  kind: 'steady',
  peers: ANCHORS,
  targets: [atMost(1.2, 'floor', 'write 4 KB at random in 64 MB')],
  async ask(peer, scale, shelf) {
    const subject = await emptySubject(peer, shelf);
    const { fs, root } = subject;
    const path = `${root}/large`;
    fs.writeFileSync(path, new Uint8Array(scale.largeBytes).fill(1));
    const fd = fs.openSync(path, 'r+');
    const block = new Uint8Array(BLOCK_BYTES).fill(2);
    const chance = prng(6);
    const blocks = scale.largeBytes / BLOCK_BYTES;
    const offsets = Array.from({ length: PICKS }, () => chance.below(blocks) * BLOCK_BYTES);
    let turn = 0;
    const act = (): number =>
      fs.writeSync(fd, block, 0, BLOCK_BYTES, offsets[turn++ & (PICKS - 1)]!);
    const readings = await sampled(scale, [{ line: 'write 4 KB at random in 64 MB', act }]);
    const found = new Uint8Array(BLOCK_BYTES);
    fs.readSync(fd, found, 0, BLOCK_BYTES, offsets[0]!);
    checkBytes(found, block, 'a block written over');
    fs.closeSync(fd);
    subject.close();
    return readings;
  },
};

/** truncate of 1 MB to 64 KB and back. */
export const truncate: Question = {
  name: 'truncate',
  chapter: 'Writes',
  claim: 'what a file loses is given back at once, and what it regains is a hole',
  kind: 'steady',
  peers: ANCHORS,
  targets: [atLeast(1, 'kernel', 'truncate 1 MB to 64 KB to 1 MB')],
  async ask(peer, scale, shelf) {
    const subject = await emptySubject(peer, shelf);
    const { fs, root } = subject;
    const paths = Array.from({ length: 8 }, (_, index) => `${root}/cut-${index}`);
    const content = new Uint8Array(MEGABYTE).fill(3);
    const rounds = Math.ceil(scale.batchCount / paths.length);
    const nanoseconds = await batched(scale, rounds * paths.length, {
      prepare: () => {
        for (const path of paths) fs.writeFileSync(path, content);
      },
      run: () => {
        for (let round = 0; round < rounds; round++) {
          for (const path of paths) {
            fs.truncateSync(path, CUT_BYTES);
            fs.truncateSync(path, MEGABYTE);
          }
        }
      },
      verify: () => {
        const found = fs.readFileSync(paths[0]!);
        check(found.length === MEGABYTE, 'a file that grew again');
        check(found[CUT_BYTES - 1] === 3 && found[CUT_BYTES] === 0, 'where it was cut');
      },
    });
    subject.close();
    return [timed('truncate 1 MB to 64 KB to 1 MB', nanoseconds)];
  },
};
