/**
 * `visorfs ramdisk`: the ramdisks over images, and what fills them.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { addNoun } from '../words.ts';
import { addRamdiskList } from './ramdisk/list.ts';
import { addRamdiskTop } from './ramdisk/top.ts';

/** Adds `ramdisk` to `program`. */
export function addRamdisk(program: Command, out: Output): void {
  addNoun(program, 'ramdisk', {
    what: 'their limits, and what fills them',
    description: 'Lists the ramdisks and their limits, and shows what fills them, and who.',
    example: 'ramdisk list images/bank',
    fill: (noun) => {
      addRamdiskList(noun, out);
      addRamdiskTop(noun, out);
    },
  });
}
