/**
 * What is left in memory when a hundred thousand files are removed.
 *
 * Claim: rm -rf gives all of it back, to the machine and not only to the engine.
 * Yardstick: a tree of Maps, of which V8 drops what nobody holds.
 *
 * The tree is filled and emptied once before, with as many files, so that what code and V8's young
 * generation take when first used is on both sides.
 */

import { once } from '../clock.ts';
import { settledBytes } from '../heap.ts';
import { emptySubject, type Peer, type Subject } from '../peers.ts';
import { limit, type Question, timed, weighed } from '../question.ts';
import type { Scale } from '../scale.ts';
import { check } from '../verify.ts';

const FILES_PER_DIRECTORY = 100;
const FILE_BYTES = 1024;
const MEBIBYTE = 1 << 20;
const PEERS: readonly Peer[] = ['visorfs', 'memfs', 'kernel', 'floor'];

/** rm -rf of 100,000 files. */
export const remove: Question = {
  name: 'remove',
  chapter: 'Writes',
  claim: 'rm -rf of 100,000 files gives all memory back',
  kind: 'weight',
  peers: PEERS,
  targets: [limit(10 * MEBIBYTE, 'bytes', 'rm -rf of 100,000 files: resident, after less before')],
  async ask(peer, scale, shelf) {
    const subject = await emptySubject(peer, shelf);
    fill(subject, scale.removedFiles);
    subject.fs.rmSync(`${subject.root}/made`, { recursive: true });
    await settledBytes(scale);
    const before = process.memoryUsage.rss();
    const { nanoseconds } = await filledAndEmptied(subject, scale);
    await settledBytes(scale);
    const after = process.memoryUsage.rss();
    check(!subject.fs.existsSync(`${subject.root}/made`), 'files that are gone');
    subject.close();
    return [
      timed('rm -rf, for each file', nanoseconds / scale.removedFiles),
      weighed('rm -rf of 100,000 files: resident, after less before', after - before),
    ];
  },
};

/** A function of its own, so that no frame holds what was made. */
function filledAndEmptied(subject: Subject, scale: Scale): Promise<{ nanoseconds: number }> {
  fill(subject, scale.removedFiles);
  return once(() => subject.fs.rmSync(`${subject.root}/made`, { recursive: true }));
}

function fill({ fs, root }: Subject, count: number): void {
  const content = new Uint8Array(FILE_BYTES).fill(4);
  for (let index = 0; index < count; index++) {
    const directory = `${root}/made/d${Math.floor(index / FILES_PER_DIRECTORY)}`;
    if (index % FILES_PER_DIRECTORY === 0) fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(`${directory}/f${index}`, content);
  }
}
