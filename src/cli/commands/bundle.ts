/**
 * `visorfs bundle`: offline bundles and depots.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { addNoun } from '../words.ts';
import { addBundleCreate } from './bundle/create.ts';
import { addBundleExtract } from './bundle/extract.ts';
import { addBundleList } from './bundle/list.ts';
import { addBundleVerify } from './bundle/verify.ts';

/** Adds `bundle` to `program`. */
export function addBundle(program: Command, out: Output): void {
  addNoun(program, 'bundle', {
    what: 'offline bundles and depots',
    description: 'Reads, checks, unpacks and makes offline bundles, which are depots in a zip.',
    example: 'bundle list offline-bundle.zip',
    fill: (noun) => {
      addBundleList(noun, out);
      addBundleVerify(noun, out);
      addBundleExtract(noun, out);
      addBundleCreate(noun, out);
    },
  });
}
