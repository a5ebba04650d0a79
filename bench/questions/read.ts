/**
 * What it costs to read a little of a file of the image.
 *
 * Claim: reading is a lookup and one copy out of the archive, whatever the size of the file.
 * Yardstick: a lookup in a tree of Maps and the same copy.
 */

import { prng } from '../../test/support/prng.ts';
import { contentOf, KILOBYTE, LARGE_FILE } from '../archives.ts';
import { mounterOf, PEERS } from '../peers.ts';
import type { Question } from '../question.ts';
import { type Operation, sampled } from '../suites.ts';
import { checkBytes, checkFiles } from '../verify.ts';

const PICKS = 1 << 13;
const BLOCK = 4096;

/** Opening and reading 1 KB and 4 KB. */
export const read: Question = {
  name: 'read',
  claim: 'reading is a lookup and one copy out of the archive, whatever the size of the file',
  peers: PEERS,
  async ask(peer, scale, shelf) {
    const subject = await (await mounterOf(peer))(shelf.read('many.tar'));
    const { fs, root } = subject;
    const { files } = shelf.many;
    checkFiles(subject, files);
    const chance = prng(4);
    const kilobytes = files.filter(({ size }) => size === KILOBYTE);
    const paths = Array.from({ length: PICKS }, () => root + chance.pick(kilobytes).path);
    const blocks = Math.floor(scale.largeBytes / BLOCK);
    const offsets = Array.from({ length: PICKS }, () => chance.below(blocks) * BLOCK);
    const target = new Uint8Array(BLOCK);
    const large = root + LARGE_FILE;
    let turn = 0;
    const opened = (path: string, length: number, offset: number): number => {
      const fd = fs.openSync(path, 'r');
      const count = fs.readSync(fd, target, 0, length, offset);
      fs.closeSync(fd);
      return count;
    };
    const whole = contentOf(files.at(-1)!);
    opened(large, BLOCK, offsets[0]!);
    checkBytes(target, whole.subarray(offsets[0]!, offsets[0]! + BLOCK), 'a block of 4 KB');
    const next = (): number => turn++ & (PICKS - 1);
    const held = fs.openSync(large, 'r');
    const operations: Operation[] = [
      { line: 'open, read 1 KB, close', act: () => opened(paths[next()]!, KILOBYTE, 0) },
      {
        line: 'open, read 4 KB at random, close',
        act: () => opened(large, BLOCK, offsets[next()]!),
      },
      {
        line: 'read 4 KB at random, open already',
        act: () => fs.readSync(held, target, 0, BLOCK, offsets[next()]!),
      },
      { line: 'readFileSync 1 KB', act: () => fs.readFileSync(paths[next()]!).length },
    ];
    const readings = await sampled(scale, operations);
    fs.closeSync(held);
    subject.close();
    return readings;
  },
};
