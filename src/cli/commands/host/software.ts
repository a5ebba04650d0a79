/**
 * `visorfs host software`: what is installed on a host, in the words of `esxcli software`.
 */

import type { Command } from 'commander';
import type { Output } from '../../output.ts';
import { addNoun } from '../../words.ts';
import { addAcceptance } from './software/acceptance.ts';
import { addProfile } from './software/profile.ts';
import { addSoftwareVib } from './software/vib.ts';

/** Adds `software` and its nouns to `host`. */
export function addSoftware(host: Command, out: Output): void {
  addNoun(host, 'software', {
    what: 'what is installed',
    description:
      'Says what is installed on a host, installs, updates and removes it. VIBs are changed in ' +
      'the bank that was not booted, which a folder gets where it has none, whole or not at ' +
      'all, and that one is booted next: host rollback undoes it.',
    example: 'host software vib install -v debug-tools.vib host',
    fill: (noun) => {
      addSoftwareVib(noun, out);
      addProfile(noun, out);
      addAcceptance(noun, out);
    },
  });
}
