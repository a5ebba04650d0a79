/**
 * What it costs to ask for a file.
 *
 * Claim: a lookup is one probe of one table for each name in a path, however many files there are,
 * and a name that is not there costs no more than one that is.
 * Yardstick: one Map lookup for each name in the path.
 */

import { prng } from '../../test/support/prng.ts';
import { mounterOf, PEERS } from '../peers.ts';
import type { Question } from '../question.ts';
import { type Operation, sampled } from '../suites.ts';
import { check, checkFiles } from '../verify.ts';

/** A power of two, so that a turn is a mask away. */
const PICKS = 1 << 14;

/** stat and exists among many files. */
export const stat: Question = {
  name: 'stat',
  claim: 'a lookup is one probe for each name of a path, hit or miss, however many files there are',
  peers: PEERS,
  async ask(peer, scale, shelf) {
    const subject = await (await mounterOf(peer))(shelf.read('many.tar'));
    const { fs, root } = subject;
    const { files } = shelf.many;
    checkFiles(subject, files);
    const chance = prng(3);
    const picks = Array.from({ length: PICKS }, () => chance.pick(files));
    const present = picks.map(({ path }) => flat(root + path));
    const absent = picks.map(({ path }) => flat(`${root}${path}x`));
    check(!fs.existsSync(absent[0]!) && fs.existsSync(present[0]!), 'what is there');
    let turn = 0;
    const next = (paths: readonly string[]): string => paths[turn++ & (PICKS - 1)]!;
    const operations: Operation[] = [
      { line: 'statSync, random', act: () => fs.statSync(next(present)).size },
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
