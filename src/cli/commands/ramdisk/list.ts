/**
 * `visorfs ramdisk list`: the ramdisks over the images, and what they have and may have.
 *
 * A readable part of the columns of `esxcli system visorfs ramdisk list`, and in its order; sizes
 * are KiB, as there. --json has all that is known, in bytes.
 */

import type { Command } from 'commander';
import type { RamdiskState } from '../../../node.ts';
import { blocks, type Column, percent, table } from '../../figures.ts';
import { imageArgument, imageUsage, openStack } from '../../images.ts';
import { jsonLine, type Output } from '../../output.ts';
import { printable } from '../../printable.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'Ramdisk' },
  { heading: 'Reserved', isFigure: true },
  { heading: 'Maximum', isFigure: true },
  { heading: 'Used', isFigure: true },
  { heading: 'Peak', isFigure: true },
  { heading: 'Free', isFigure: true },
  { heading: 'Max Inodes', isFigure: true },
  { heading: 'Used Inodes', isFigure: true },
  { heading: 'Mount Point' },
];

/** Adds `list` to `ramdisk`. */
export function addRamdiskList(ramdisk: Command, out: Output): void {
  ramdisk
    .command('list')
    .summary('list the ramdisks')
    .description('Lists the ramdisks, sizes in KiB.')
    .usage(imageUsage(out))
    .addArgument(imageArgument(out))
    .option('--json', 'as a list of objects, in bytes')
    .addHelpText('after', '\nExample:\n  visorfs ramdisk list images/bank')
    .action(async (images: string[], { json }: { json?: true }) => {
      const { vfs, close } = await openStack(images, out);
      try {
        const ramdisks = vfs.ramdisks.list();
        await out.write(json ? jsonLine(ramdisks) : table(COLUMNS, ramdisks.map(rowOf)));
      } finally {
        close();
      }
    });
}

function rowOf(ramdisk: RamdiskState): string[] {
  const { name, path, reservedBytes, maxBytes, usedBytes, peakBytes } = ramdisk;
  const sizes = [reservedBytes, maxBytes, usedBytes, peakBytes].map(blocks);
  const free = percent(maxBytes - usedBytes, maxBytes);
  const inodes = [ramdisk.maxInodes, ramdisk.usedInodes].map(String);
  return [printable(name), ...sizes, free, ...inodes, printable(path)];
}
