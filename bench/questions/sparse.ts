/**
 * What a file with one byte at 512 MiB takes.
 *
 * Claim: holes are free: one page and its place in a map.
 * Yardstick: the blocks that the kernel holds for the same file.
 *
 * Counted is what the process holds resident, which is what the machine loses; of the kernel's
 * tmpfs, the blocks that stat reports.
 */

import fs from 'node:fs';
import { performance } from 'node:perf_hooks';
import { settle } from '../heap.ts';
import { emptySubject, type Peer } from '../peers.ts';
import { limit, type Question, timed, weighed } from '../question.ts';
import { check } from '../verify.ts';

const BYTE = new Uint8Array([42]);
const STAT_BLOCK_BYTES = 512;
/** What memory is taken from the machine in, and some for V8. */
const SLAB_BYTES = 1 << 20;
const PEERS: readonly Peer[] = ['visorfs', 'memfs', 'kernel'];

/** One byte at 512 MiB. */
export const sparse: Question = {
  name: 'sparse',
  chapter: 'Memory',
  kind: 'weight',
  targets: [limit(SLAB_BYTES, 'bytes', '1 byte at 512 MiB: resident')],
  claim: 'holes are free: one byte at 512 MiB takes a page',
  peers: PEERS,
  async ask(peer, scale, shelf) {
    const { sparseOffset } = scale;
    const subject = await emptySubject(peer, shelf);
    const path = `${subject.root}/sparse`;
    // The code is there and the first slab of pages too, before anything is weighed.
    subject.fs.writeFileSync(`${subject.root}/first`, BYTE);
    settle(scale);
    const before = process.memoryUsage.rss();
    const start = performance.now();
    const fd = subject.fs.openSync(path, 'w+');
    subject.fs.writeSync(fd, BYTE, 0, 1, sparseOffset);
    const nanoseconds = (performance.now() - start) * 1e6;
    settle(scale);
    const resident = Math.max(0, process.memoryUsage.rss() - before);
    const blocks = peer === 'kernel' ? fs.fstatSync(fd).blocks * STAT_BLOCK_BYTES : resident;
    const target = new Uint8Array(2);
    subject.fs.readSync(fd, target, 0, 2, sparseOffset - 1);
    check(target[0] === 0 && target[1] === BYTE[0], 'a hole and the byte behind it');
    check(subject.fs.statSync(path).size === sparseOffset + 1, 'the size of a sparse file');
    subject.fs.closeSync(fd);
    subject.close();
    return [
      weighed('1 byte at 512 MiB: resident', blocks),
      timed('1 byte at 512 MiB: open and write', nanoseconds),
    ];
  },
};
