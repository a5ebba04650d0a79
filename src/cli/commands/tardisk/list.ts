/**
 * `visorfs tardisk list`: the tardisks of the images, in mount order, the bottom one first.
 */

import type { Command } from 'commander';
import { type Column, table } from '../../figures.ts';
import { imageArgument, imageUsage, openStack } from '../../images.ts';
import { jsonLine, type Output } from '../../output.ts';
import { printable } from '../../printable.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'Tardisk' },
  { heading: 'Files', isFigure: true },
  { heading: 'Stored', isFigure: true },
  { heading: 'Space', isFigure: true },
  { heading: 'Used', isFigure: true },
];

/** Adds `list` to `tardisk`. */
export function addTardiskList(tardisk: Command, out: Output): void {
  tardisk
    .command('list')
    .summary('list the tardisks')
    .description(
      'Lists the tardisks in mount order, the bottom one first; in bytes, as stored, ' +
        'without compression (space), and what files have of that (used).',
    )
    .usage(imageUsage(out))
    .addArgument(imageArgument(out))
    .option('--json', 'as a list of objects')
    .addHelpText('after', '\nExample:\n  visorfs tardisk list base.v00 hostd.vib')
    .action(async (images: string[], { json }: { json?: true }) => {
      const { vfs, close } = await openStack(images, out);
      try {
        const { tardisks } = vfs.vdf();
        const rows = tardisks.map(({ name, files, storedBytes, spaceBytes, usedBytes }) => [
          printable(name),
          ...[files, storedBytes, spaceBytes, usedBytes].map(String),
        ]);
        await out.write(json ? jsonLine(tardisks) : table(COLUMNS, rows));
      } finally {
        close();
      }
    });
}
