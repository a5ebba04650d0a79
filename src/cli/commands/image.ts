/**
 * `visorfs image diff` and `visorfs image bisect`: what differs between images, and since when.
 */

import type { Command } from 'commander';
import { compareStacks, comparisonText, describedComparison, stackNames } from '../comparison.ts';
import { landingArgument } from '../landing.ts';
import { ExitError, jsonLine, type Output, OutputClosed, UsageError } from '../output.ts';
import { refuseUnknown } from '../words.ts';
import { addBisect } from './bisect.ts';

/** The exit code where there are differences, as diff has it. */
export const DIFFERENT = 1;
const TROUBLE = 2;

const SIDE = 'an image, or several between commas, the last on top';

/** Adds `image diff` and `image bisect` to `program`. */
export function addImage(program: Command, out: Output): void {
  const image = program
    .command('image')
    .summary('image diff, image bisect: what differs, and since when')
    .description('Says what differs between images, and since which of a series.')
    .usage('diff|bisect …')
    .helpCommand(false)
    .action(refuseUnknown)
    .allowExcessArguments()
    .addHelpText('after', '\nExample:\n  visorfs image diff old/bank new/bank');
  addDiff(image, out);
  addBisect(image, program, out);
}

/** Adds `diff` to `parent`: the program, or its noun `image`. */
export function addDiff(parent: Command, out: Output): void {
  parent
    .command('diff')
    .summary('what differs between two images')
    .description(
      'Lists files that were added (+), removed (-) or changed (~): in type, mode, owner, size, ' +
        'content or link target. Times alone are no difference. Of VIBs and banks it says which ' +
        'versions differ.',
    )
    .addArgument(landingArgument('<older>', SIDE, { commas: true }))
    .addArgument(landingArgument('<newer>', SIDE, { commas: true }))
    .allowExcessArguments(false)
    .option('--json', 'as an object')
    .addHelpText('after', diffHelp(parent))
    .action(async (older: string, newer: string, { json }: { json?: true }) => {
      const names = [stackNames(older), stackNames(newer)] as const;
      const comparison = await orTrouble(() => compareStacks(...names, out));
      const described = describedComparison(comparison);
      await out.write(json ? jsonLine(described) : comparisonText(comparison));
      if (!comparison.isSame) throw new ExitError(DIFFERENT);
    });
}

function diffHelp(parent: Command): string {
  const name = parent.parent === null ? 'diff' : 'image diff';
  return `
An image is an archive, a VIB, a bundle, or a folder with a boot bank. Exit
code: 0 the same, 1 different, 2 trouble, as diff has it.

Examples:
  visorfs ${name} old/bank new/bank
  visorfs ${name} base.v00,hostd-1.vib base.v00,hostd-2.vib`;
}

/** What `act` gives; what it throws ends the command with the code that diff has for trouble. */
export async function orTrouble<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UsageError || error instanceof OutputClosed) throw error;
    throw new ExitError(TROUBLE, error instanceof Error ? error.message : String(error));
  }
}
