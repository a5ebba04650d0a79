/**
 * `visorfs state list`: which files the next backup saves, and why.
 *
 *   sticky     a sticky file of an archive that was changed
 *   replaced   it stands where an archive has a sticky file
 *   restored   the last boot brought it back, so it is saved again
 */

import type { Command } from 'commander';
import type { StateFile } from '../../node.ts';
import { modeLetters } from '../../node.ts';
import { octal } from '../entries.ts';
import { type Column, table } from '../figures.ts';
import { openStack } from '../images.ts';
import { jsonLine, type Output } from '../output.ts';
import { printable } from '../printable.ts';
import { addNoun, IMAGE } from '../words.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'Mode' },
  { heading: 'Size', isFigure: true },
  { heading: 'Why' },
  { heading: 'Path' },
];

/** Adds `state list` to `program`. */
export function addState(program: Command, out: Output): void {
  addNoun(program, 'state', 'what the next backup saves, and why')
    .command('list')
    .summary('list what the next backup saves')
    .description(
      'Lists the files that the next backup saves, and why: sticky (a sticky file of an ' +
        'archive was changed), replaced (another stands in its place), restored (the boot ' +
        'brought it back).',
    )
    .argument('<image...>', IMAGE)
    .option('--json', 'as a list of objects')
    .addHelpText('after', '\nExample:\n  visorfs state list images/bank')
    .action(async (images: string[], { json }: { json?: true }) => {
      const { vfs, close } = await openStack(images, out);
      try {
        const state = vfs.state();
        if (json)
          await out.write(jsonLine(state.map((file) => ({ ...file, mode: octal(file.mode) }))));
        else await out.write(stateText(state));
      } finally {
        close();
      }
    });
}

/** `state` as a table. */
export function stateText(state: readonly StateFile[]): string {
  const rows = state.map(({ path, reason, size, mode }) => [
    modeLetters(mode),
    String(size),
    reason,
    printable(path),
  ]);
  return table(COLUMNS, rows);
}
