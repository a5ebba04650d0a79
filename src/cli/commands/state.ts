/**
 * `visorfs state`: what survives a reboot, looked at and changed where it is kept.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { addNoun } from '../words.ts';
import { addStateDiff } from './state/diff.ts';
import { addStateEdit } from './state/edit.ts';
import { addStateExtract } from './state/extract.ts';
import { addStateList } from './state/list.ts';
import { addStateRekey } from './state/rekey.ts';

/** Adds `state` to `program`. */
export function addState(program: Command, out: Output): void {
  addNoun(program, 'state', {
    what: 'what survives a reboot',
    description: 'Shows what survives a reboot, and changes it where it is kept.',
    example: 'state list images/bank',
    fill: (noun) => {
      addStateList(noun, out);
      addStateDiff(noun, out);
      addStateExtract(noun, out);
      addStateEdit(noun, out);
      addStateRekey(noun, out);
    },
  });
}
