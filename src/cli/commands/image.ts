/**
 * `visorfs image`: what is done with images beside looking into them, which has short names.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { addNoun } from '../words.ts';
import { addBisect } from './image/bisect.ts';
import { addExtract } from './image/extract.ts';
import { addStat } from './image/stat.ts';
import { addTrace } from './image/trace.ts';

/** Adds `image` to `program`. */
export function addImage(program: Command, out: Output): void {
  addNoun(program, 'image', {
    what: 'what is in it, and since when',
    description:
      'Copies files out of images, says all about one, shows what a script does with them, and ' +
      'finds the first bad one of a series. ls, tree, cat, find, why, diff and lint are of ' +
      'images too, and stand alone.',
    example: 'image extract hostd.vib /etc -C out',
    fill: (noun) => {
      addExtract(noun, out);
      addStat(noun, out);
      addTrace(noun, out);
      addBisect(noun, program, out);
    },
  });
}
