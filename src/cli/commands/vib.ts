/**
 * `visorfs vib`: what VIBs are, whether they hold, what is in them, and new ones.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { addNoun } from '../words.ts';
import { addVibCreate } from './vib/create.ts';
import { addVibExtract } from './vib/extract.ts';
import { addVibInfo } from './vib/info.ts';
import { addVibList } from './vib/list.ts';
import { addVibVerify } from './vib/verify.ts';

/** Adds `vib` and its verbs to `program`. */
export function addVib(program: Command, out: Output): void {
  addNoun(program, 'vib', {
    what: 'software packages',
    description: 'Says what VIBs are and whether they hold, takes them apart, and makes new ones.',
    example: 'vib verify hostd.vib',
    fill: (noun) => {
      addVibInfo(noun, out);
      addVibList(noun, out);
      addVibVerify(noun, out);
      addVibExtract(noun, out);
      addVibCreate(noun, out);
    },
  });
}
