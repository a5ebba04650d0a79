/**
 * `visorfs state extract`: copies the files of a state into a folder of this machine.
 */

import type { Command } from 'commander';
import { checkPath } from '../../images.ts';
import { landingArgument } from '../../landing.ts';
import { type Output, UsageError } from '../../output.ts';
import { hereOption } from '../../places.ts';
import { STATE, stateOf, treeOf } from '../../states.ts';
import { type ExtractOptions, extract } from '../image/extract.ts';

const HELP = `
A device is the state in the bank that it boots; images are what the next backup
of them saves.

Example:
  visorfs state extract host:altbootbank /etc/vmware -C old-state`;

/** Adds `extract` to the noun `state`. */
export function addStateExtract(state: Command, out: Output): void {
  state
    .command('extract')
    .summary('copy files out of a state')
    .description(
      'Copies the files of a state, or what lies at some paths in it, into a folder: with modes ' +
        'and times, under their whole paths.',
    )
    .addArgument(landingArgument('<state>', STATE, { commas: true }))
    .argument('[path...]', 'what of it; all where none is named')
    .addOption(hereOption('-C, --directory <folder>', 'where to'))
    .option('-f, --force', 'overwrite what is there')
    .option('--json', 'what was extracted, as an object')
    .option('--same-owner', 'owners too, and setuid and setgid with them; takes root')
    .addHelpText('after', HELP)
    .action(async (given: string, paths: string[], options: ExtractOptions) => {
      const { directory } = options;
      if (directory === undefined) throw new UsageError('say where to with -C');
      const vfs = treeOf(await stateOf(given, out));
      const asked = paths.length === 0 ? ['/'] : paths.map(rooted);
      for (const path of asked) checkPath(vfs, { images: [given], path, isGuess: false });
      await extract(vfs, asked, directory, options, out);
    });
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
