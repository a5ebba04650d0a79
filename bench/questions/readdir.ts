/**
 * What it costs to list a directory.
 *
 * Claim: a listing costs its names and nothing else: per name the same in a directory of 100 and in
 * one of 10,000.
 * Yardstick: the keys of one Map.
 */

import { FLAT_DIRECTORY, HUNDRED_DIRECTORY } from '../archives.ts';
import { mounterOf, PEERS } from '../peers.ts';
import type { Question, Reading } from '../question.ts';
import { sampled } from '../suites.ts';
import { check } from '../verify.ts';

/** readdir of 100 and of 10,000. */
export const readdir: Question = {
  name: 'readdir',
  claim: 'a listing costs its names: per name the same in a directory of 100 and in one of 10,000',
  peers: PEERS,
  async ask(peer, scale, shelf) {
    const subject = await (await mounterOf(peer))(shelf.read('many.tar'));
    const { fs, root } = subject;
    const lines = { 'readdir of 100': HUNDRED_DIRECTORY, 'readdir of 10,000': FLAT_DIRECTORY };
    const readings: Reading[] = [];
    for (const [line, directory] of Object.entries(lines)) {
      const wanted = shelf.many.files.filter(({ path }) => path.startsWith(`${directory}/`));
      const names = wanted.map(({ path }) => path.slice(directory.length + 1)).sort();
      const path = root + directory;
      check(fs.readdirSync(path).sort().join() === names.join(), `the names in ${directory}`);
      // So few calls of the large one that its warm-up would take longer than its measurement.
      const warmUpCount = Math.min(scale.warmUpCount, Math.ceil(200_000 / names.length));
      const list = { line, act: () => fs.readdirSync(path).length };
      readings.push(...(await sampled({ ...scale, warmUpCount }, [list])));
    }
    subject.close();
    return readings;
  },
};
