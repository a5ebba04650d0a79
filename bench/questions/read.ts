/**
 * What it costs to read a little of a file of the image.
 *
 * Claim: reading is a lookup and one copy out of the archive.
 * Yardstick: a lookup in a tree of Maps and the same copy.
 */

import { prng } from '../../test/support/prng.ts';
import { contentOf, KILOBYTE } from '../archives.ts';
import { batched } from '../clock.ts';
import { ANCHORS, subjectOf } from '../peers.ts';
import { atLeast, atMost, type Question, timed } from '../question.ts';
import { type Operation, sampled } from '../suites.ts';
import { check, checkBytes, checkFiles } from '../verify.ts';

const PICKS = 1 << 13;

/** Opening and reading 1 KB. */
export const read: Question = {
  name: 'read',
  chapter: 'Hot path',
  claim: 'reading is a lookup and one copy out of the archive',
  kind: 'steady',
  peers: [...ANCHORS, 'yarn'],
  targets: [
    atMost(1.3, 'floor', 'open, read 1 KB, close'),
    atLeast(1, 'kernel', 'open, read 1 KB, close'),
    atLeast(3.5, 'memfs', 'readFileSync 1 KB'),
  ],
  archives: ['many.tar', 'many.zip'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'many');
    const { fs, root } = subject;
    const { files } = shelf.manifest('many');
    await checkFiles(subject, files);
    const chance = prng(4);
    const kilobytes = files.filter(({ size }) => size === KILOBYTE);
    const picks = Array.from({ length: PICKS }, () => chance.pick(kilobytes));
    const paths = picks.map(({ path }) => Buffer.from(root + path).toString());
    const target = Buffer.alloc(KILOBYTE);
    let turn = 0;
    const opened = (path: string): number => {
      const fd = fs.openSync(path, 'r');
      const count = fs.readSync(fd, target, 0, KILOBYTE, 0);
      fs.closeSync(fd);
      return count;
    };
    check(opened(paths[0]!) === KILOBYTE, 'a read');
    checkBytes(target, contentOf(picks[0]!), 'a read');
    const next = (): string => paths[turn++ & (PICKS - 1)]!;
    const operations: Operation[] = [
      { line: 'open, read 1 KB, close', act: () => opened(next()) },
      { line: 'readFileSync 1 KB', act: () => fs.readFileSync(next()).length },
    ];
    const readings = await sampled(scale, operations);
    subject.close();
    return readings;
  },
};

/** Promises of 1 KB. */
export const promises: Question = {
  name: 'promises',
  chapter: 'Hot path',
  claim: 'a promise is the same work, and one turn of the loop',
  kind: 'steady',
  peers: [...ANCHORS, 'just-bash'],
  targets: [atLeast(3, 'memfs', 'promises.readFile 1 KB')],
  archives: ['many.tar'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'many');
    const { promises, root } = subject;
    const { files } = shelf.manifest('many');
    await checkFiles(subject, files);
    const chance = prng(5);
    const kilobytes = files.filter(({ size }) => size === KILOBYTE);
    const picks = Array.from({ length: PICKS }, () => chance.pick(kilobytes));
    const paths = picks.map(({ path }) => Buffer.from(root + path).toString());
    let turn = 0;
    const { batchCount } = scale;
    const next = (): string => paths[turn++ & (PICKS - 1)]!;
    const readFile = await batched(scale, batchCount, {
      run: async () => {
        for (let index = 0; index < batchCount; index++) await promises.readFile(next());
      },
    });
    const statFile = await batched(scale, batchCount, {
      run: async () => {
        for (let index = 0; index < batchCount; index++) await promises.stat(next());
      },
    });
    subject.close();
    return [timed('promises.readFile 1 KB', readFile), timed('promises.stat', statFile)];
  },
};
