/**
 * `visorfs vib`: what VIBs are, whether they hold, what is in them, and new ones.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { refuseUnknown } from '../words.ts';
import { addVibCreate } from './vib/create.ts';
import { addVibExtract } from './vib/extract.ts';
import { addVibInfo } from './vib/info.ts';
import { addVibList } from './vib/list.ts';
import { addVibVerify } from './vib/verify.ts';

/** Adds `vib` and its verbs to `program`. */
export function addVib(program: Command, out: Output): void {
  const vib = program
    .command('vib')
    .summary('vib info|list|verify|extract|create: software packages')
    .description('Says what VIBs are and whether they hold, takes them apart, and makes new ones.')
    .usage('<command> [options]')
    .helpCommand(false)
    .action(refuseUnknown)
    .addHelpText('after', '\nExample:\n  visorfs vib verify hostd.vib');
  addVibInfo(vib, out);
  addVibList(vib, out);
  addVibVerify(vib, out);
  addVibExtract(vib, out);
  addVibCreate(vib, out);
  vib.allowExcessArguments();
}
