/**
 * `visorfs diff`: what differs between two images.
 */

import type { Command } from 'commander';
import { compareStacks, comparisonText, describedComparison, stackNames } from '../comparison.ts';
import { landingArgument } from '../landing.ts';
import { ExitError, jsonLine, type Output } from '../output.ts';
import { FOUND, orTrouble } from '../trouble.ts';

const SIDE = 'an image, or several between commas, the last on top';

const HELP = `
An image is an archive, a VIB, a bundle, or a folder with a boot bank. Exit
code: 0 the same, 1 different, 2 trouble, as diff has it.

Examples:
  visorfs diff old/bank new/bank
  visorfs diff base.v00,hostd-1.vib base.v00,hostd-2.vib

The lines of one file, by diff itself:
  diff <(visorfs cat old/bank /etc/motd) <(visorfs cat new/bank /etc/motd)`;

/** Adds `diff` to `program`. */
export function addDiff(program: Command, out: Output): void {
  program
    .command('diff')
    .summary('what differs between two images')
    .description(
      'Lists files that were added (+), removed (-) or changed (~): in type, mode, owner, size, ' +
        'content or link target. Times alone are no difference. Of VIBs and banks it says which ' +
        'versions differ.',
    )
    .addArgument(landingArgument('<older>', SIDE, { commas: true }))
    .addArgument(landingArgument('<newer>', SIDE, { commas: true }))
    .option('--json', 'as an object')
    .addHelpText('after', HELP)
    .action(async (older: string, newer: string, { json }: { json?: true }) => {
      const names = [stackNames(older), stackNames(newer)] as const;
      const comparison = await orTrouble(() => compareStacks(...names, out));
      const described = describedComparison(comparison);
      await out.write(json ? jsonLine(described) : comparisonText(comparison));
      if (!comparison.isSame) throw new ExitError(FOUND);
    });
}
