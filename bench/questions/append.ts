/**
 * What it costs to add to the end of a file, as a log does.
 *
 * Claim: an append costs what it adds, however long the file is already.
 * Yardstick: a copy into a buffer that doubles when it is full.
 */

import { batched } from '../clock.ts';
import { ANCHORS, emptySubject, type Subject } from '../peers.ts';
import { atLeast, type Question, type Reading, timed } from '../question.ts';
import type { Scale } from '../scale.ts';
import { check, checkBytes } from '../verify.ts';

const LINE_BYTES = 100;
const BLOCK_BYTES = 64 << 10;
const BLOCKS = 64;

/** appendFile of 100 bytes and of 64 KiB. */
export const append: Question = {
  name: 'append',
  chapter: 'Writes',
  claim: 'an append costs what it adds, however long the file is already',
  kind: 'steady',
  peers: ANCHORS,
  targets: [atLeast(5, 'memfs', 'append 100 B'), atLeast(5, 'memfs', 'append 64 KiB')],
  async ask(peer, scale, shelf) {
    const subject = await emptySubject(peer, shelf);
    const readings = [
      await appending(subject, scale, 'append 100 B', LINE_BYTES, scale.batchCount),
      await appending(subject, scale, 'append 64 KiB', BLOCK_BYTES, BLOCKS),
    ];
    subject.close();
    return readings;
  },
};

async function appending(
  { fs, root }: Subject,
  scale: Scale,
  line: string,
  bytes: number,
  count: number,
): Promise<Reading> {
  const path = `${root}/log`;
  const piece = new Uint8Array(bytes).map((_, index) => index);
  const nanoseconds = await batched(scale, count, {
    prepare: () => fs.writeFileSync(path, piece),
    run: () => {
      for (let turn = 0; turn < count; turn++) fs.appendFileSync(path, piece);
    },
    verify: () => {
      const whole = fs.readFileSync(path);
      check(whole.length === (count + 1) * bytes, 'the length of a log');
      checkBytes(whole.subarray(whole.length - bytes), piece, 'the end of a log');
      fs.unlinkSync(path);
    },
  });
  return timed(line, nanoseconds);
}
