/**
 * `visorfs tardisk list`: the tardisks of the images, in mount order, the bottom one first.
 */

import type { Command } from 'commander';
import type { Vdf } from '../../../node.ts';
import { type Column, table } from '../../figures.ts';
import { addFormatter, type FormatterOptions, formatterOf } from '../../formatter.ts';
import { imageArgument, imageUsage, openStack } from '../../images.ts';
import type { Output } from '../../output.ts';
import { printable } from '../../printable.ts';
import { rowsForPrograms, TARDISK_TYPE, tardiskRow } from '../../visorfs-rows.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'Tardisk' },
  { heading: 'Files', isFigure: true },
  { heading: 'Stored', isFigure: true },
  { heading: 'Space', isFigure: true },
  { heading: 'Used', isFigure: true },
];

/** Adds `list` to `tardisk`. */
export function addTardiskList(tardisk: Command, out: Output): void {
  const command = tardisk
    .command('list')
    .summary('list the tardisks')
    .description(
      'Lists the tardisks in mount order, the bottom one first: as stored, without compression ' +
        '(space), and what files have of that (used); in bytes, and for programs in KiB.',
    )
    .usage(imageUsage(out))
    .addArgument(imageArgument(out))
    .addHelpText('after', '\nExample:\n  visorfs tardisk list base.v00 hostd.vib');
  addFormatter(command).action(async (images: string[], options: FormatterOptions) => {
    const formatter = formatterOf(options);
    const { vfs, close } = await openStack(images, out);
    try {
      const { tardisks } = vfs.vdf();
      await out.write(
        formatter === null
          ? table(COLUMNS, tardisks.map(rowOf))
          : rowsForPrograms(formatter, TARDISK_TYPE, tardisks.map(tardiskRow)),
      );
    } finally {
      close();
    }
  });
}

function rowOf({ name, files, ...bytes }: Vdf['tardisks'][number]): string[] {
  const figures = [files, bytes.storedBytes, bytes.spaceBytes, bytes.usedBytes];
  return [printable(name), ...figures.map(String)];
}
