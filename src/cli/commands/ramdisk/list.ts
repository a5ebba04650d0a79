/**
 * `visorfs ramdisk list`: the ramdisks over the images, and what they have and may have.
 *
 * People get a readable part of the columns of `esxcli system visorfs ramdisk list`, in its order;
 * programs all of them. Sizes are KiB, as there.
 */

import type { Command } from 'commander';
import type { RamdiskState } from '../../../node.ts';
import { blocks, type Column, percent, table } from '../../figures.ts';
import { addFormatter, type FormatterOptions, formatterOf } from '../../formatter.ts';
import { imageArgument, imageUsage, openStack } from '../../images.ts';
import type { Output } from '../../output.ts';
import { printable } from '../../printable.ts';
import { RAMDISK_TYPE, ramdiskRow, rowsForPrograms } from '../../visorfs-rows.ts';

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
  const command = ramdisk
    .command('list')
    .summary('list the ramdisks')
    .description('Lists the ramdisks, sizes in KiB.')
    .usage(imageUsage(out))
    .addArgument(imageArgument(out))
    .addHelpText('after', '\nExample:\n  visorfs ramdisk list images/bank');
  addFormatter(command).action(async (images: string[], options: FormatterOptions) => {
    const formatter = formatterOf(options);
    const { vfs, close } = await openStack(images, out);
    try {
      const ramdisks = vfs.ramdisks.list();
      await out.write(
        formatter === null
          ? table(COLUMNS, ramdisks.map(rowOf))
          : rowsForPrograms(formatter, RAMDISK_TYPE, ramdisks.map(ramdiskRow)),
      );
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
