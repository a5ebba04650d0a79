/**
 * `visorfs bundle`: offline bundles and depots.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { refuseUnknown } from '../words.ts';
import { addBundleCreate } from './bundle/create.ts';
import { addBundleExtract } from './bundle/extract.ts';
import { addBundleList } from './bundle/list.ts';
import { addBundleVerify } from './bundle/verify.ts';

/** Adds `bundle` to `program`. */
export function addBundle(program: Command, out: Output): void {
  const noun = program
    .command('bundle')
    .summary('bundle list|verify|extract|create: offline bundles and depots')
    .description('Reads, checks, unpacks and makes offline bundles, which are depots in a zip.')
    .usage('list|verify|extract|create [options]')
    .helpCommand(false)
    .action(refuseUnknown)
    .addHelpText('after', '\nExample:\n  visorfs bundle list offline-bundle.zip');
  addBundleList(noun, out);
  addBundleVerify(noun, out);
  addBundleExtract(noun, out);
  addBundleCreate(noun, out);
  noun.allowExcessArguments();
}
