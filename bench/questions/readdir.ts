/**
 * What it costs to list a directory, and a whole tree.
 *
 * Claim: a listing costs its names and nothing else: per name the same in a directory of 100 and in
 * one of 10,000.
 * Yardstick: the keys of one Map.
 */

import { FLAT_DIRECTORY, HUNDRED_DIRECTORY } from '../archives.ts';
import { batched } from '../clock.ts';
import { ANCHORS, type Fs, subjectOf } from '../peers.ts';
import { atLeast, limit, type Question, type Reading, timed } from '../question.ts';
import { sampled } from '../suites.ts';
import { check } from '../verify.ts';

/** readdir of 100 and of 10,000. */
export const readdir: Question = {
  name: 'readdir',
  chapter: 'Hot path',
  claim: 'a listing costs its names: per name the same in a directory of 100 and in one of 10,000',
  kind: 'steady',
  peers: [...ANCHORS, 'yarn'],
  targets: [atLeast(10, 'memfs', 'readdir of 10,000')],
  archives: ['many.tar', 'many.zip'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'many');
    const { fs, root } = subject;
    const lines = { 'readdir of 100': HUNDRED_DIRECTORY, 'readdir of 10,000': FLAT_DIRECTORY };
    const readings: Reading[] = [];
    for (const [line, directory] of Object.entries(lines)) {
      const wanted = shelf
        .manifest('many')
        .files.filter(({ path }) => path.startsWith(`${directory}/`));
      const names = wanted.map(({ path }) => path.slice(directory.length + 1)).sort();
      const path = root + directory;
      check(fs.readdirSync(path).sort().join() === names.join(), `the names in ${directory}`);
      readings.push(...(await sampled(scale, [{ line, act: () => fs.readdirSync(path).length }])));
    }
    subject.close();
    return readings;
  },
};

/** A walk through the tree, each directory listed with types. */
export const walk: Question = {
  name: 'walk',
  chapter: 'Hot path',
  claim: 'a walk through a tree costs little more than its names',
  kind: 'steady',
  peers: ANCHORS,
  targets: [limit(250, 'ns', 'walk, for each entry')],
  archives: ['many.tar'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'many');
    const { directories, files } = shelf.manifest('many');
    const count = directories.length + files.length;
    let found = 0;
    const nanoseconds = await batched(scale, count, {
      run: () => {
        found = walked(subject.fs, `${subject.root}/srv`) + 1;
      },
      verify: () => check(found === count, 'a walk past every entry'),
    });
    subject.close();
    return [timed('walk, for each entry', nanoseconds)];
  },
};

function walked(fs: Fs, directory: string): number {
  let count = 0;
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    count += 1;
    if (entry.isDirectory()) count += walked(fs, `${directory}/${entry.name}`);
  }
  return count;
}
