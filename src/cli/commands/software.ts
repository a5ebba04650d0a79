/**
 * `visorfs software`: what is installed on a host, in the words of `esxcli software`.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { refuseUnknown } from '../words.ts';
import { addAcceptance } from './software/acceptance.ts';
import { addProfile } from './software/profile.ts';
import { addSoftwareVib } from './software/vib.ts';

const EXPLANATION = `
A host is a folder: its boot bank, or bootbank and altbootbank. A change is
written to the bank that was not booted, whole or not at all, and that one is
booted next.

Examples:
  visorfs software vib list host
  visorfs software vib install -v debug-tools.vib host
  visorfs software vib remove -n debug-tools host`;

/** Adds `software` and its nouns to `program`. */
export function addSoftware(program: Command, out: Output): void {
  const software = program
    .command('software')
    .summary('software vib|profile|acceptance: what is installed on a host')
    .description('Says what is installed on a host, installs, updates and removes it.')
    .usage('<noun> <command> [options] <bank>')
    .helpCommand(false)
    .action(refuseUnknown)
    .addHelpText('after', EXPLANATION);
  addSoftwareVib(software, out);
  addProfile(software, out);
  addAcceptance(software, out);
  software.allowExcessArguments();
}
