/**
 * `visorfs host`: what is done with a host, which is a boot device and what comes up from it.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { addNoun } from '../words.ts';
import { addBackup } from './host/backup.ts';
import { addBoot } from './host/boot.ts';
import { addRollback } from './host/rollback.ts';
import { addSoftware } from './host/software.ts';

/** Adds `host` to `program`. */
export function addHost(program: Command, out: Output): void {
  addNoun(program, 'host', {
    what: 'start it, save it, change it',
    description:
      'Boots a host, saves its state, rolls it back, and changes what is installed on it. A host ' +
      'is a folder with its boot bank, or with two, or a disk image.',
    example: 'host boot images/bank',
    fill: (noun) => {
      addBoot(noun, out);
      addBackup(noun, out);
      addRollback(noun, out);
      addSoftware(noun, out);
    },
  });
}
