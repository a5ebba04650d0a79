/**
 * `visorfs tardisk`: the tardisks of images, and archives made to be mounted at once.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { addNoun } from '../words.ts';
import { addTardiskList } from './tardisk/list.ts';
import { addSeal } from './tardisk/seal.ts';

/** Adds `tardisk` to `program`. */
export function addTardisk(program: Command, out: Output): void {
  addNoun(program, 'tardisk', {
    what: 'archives that are mounted',
    description: 'Lists tardisks, which are archives mounted in place, and makes some of archives.',
    example: 'tardisk list images/bank',
    fill: (noun) => {
      addTardiskList(noun, out);
      // It is about files of this machine, of which whoever is in a shell sees none.
      if (out.live === undefined) addSeal(noun, out);
    },
  });
}
