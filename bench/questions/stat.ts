/**
 * What it costs to ask for a file.
 *
 * Claim: a lookup costs the same however many files there are, and a name that is not there costs
 * no more than one that is.
 * Yardstick: one Map lookup for each name in the path.
 */

import { prng } from '../../test/support/prng.ts';
import { ANCHORS, subjectOf } from '../peers.ts';
import { atLeast, atMost, type Question } from '../question.ts';
import { type Operation, sampled } from '../suites.ts';
import { check, checkFiles } from '../verify.ts';

/** A power of two, so that a turn is a mask away. */
const PICKS = 1 << 14;
const MEASURED = ['statSync', 'existsSync, there', 'existsSync, absent'];

/** stat and exists among many files. */
export const stat: Question = {
  name: 'stat',
  chapter: 'Hot path',
  claim: 'a lookup costs the same hit or miss, however many files there are',
  kind: 'steady',
  peers: [...ANCHORS, 'yarn'],
  targets: MEASURED.flatMap((line) => [atMost(1.3, 'floor', line), atLeast(1, 'kernel', line)]),
  archives: ['many.tar', 'many.zip'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'many');
    const { fs, root } = subject;
    const { files } = shelf.manifest('many');
    await checkFiles(subject, files);
    const chance = prng(3);
    const picks = Array.from({ length: PICKS }, () => chance.pick(files));
    const present = picks.map(({ path }) => flat(root + path));
    const absent = picks.map(({ path }) => flat(`${root}${path}x`));
    check(!fs.existsSync(absent[0]!) && fs.existsSync(present[0]!), 'what is there');
    let turn = 0;
    const next = (paths: readonly string[]): string => paths[turn++ & (PICKS - 1)]!;
    const operations: Operation[] = [
      { line: 'statSync', act: () => fs.statSync(next(present)).size },
      { line: 'existsSync, there', act: () => Number(fs.existsSync(next(present))) },
      { line: 'existsSync, absent', act: () => Number(fs.existsSync(next(absent))) },
      {
        line: 'statSync, absent, thrown',
        act: () => {
          try {
            return fs.statSync(next(absent)).size;
          } catch {
            // It must not be there: what is measured is the way of saying so.
            return 1;
          }
        },
      },
    ];
    const readings = await sampled(scale, operations);
    subject.close();
    return readings;
  },
};

/** `path` as one string: joined ones are a tree of pieces until someone reads them. */
function flat(path: string): string {
  return Buffer.from(path).toString();
}
