/**
 * `visorfs vdf`: what the tardisks take and how full the ramdisks are, in the columns of ESXi's
 * vdf.
 *
 *   Ramdisk                   Size      Used Available Use% Mounted on
 *   root                     32768      2164     30604   6% --
 *
 * Scripts read these columns by position, so their widths are ESXi's and part of the API, and so is
 * `--` for where a ramdisk is mounted. Blocks are of 1 KiB; -h floors to units (figures.ts).
 *
 * The table of tardisks stands above, with a line `-----` between them as ESXi has one. No sample
 * of ESXi's own could be found: its columns (space that the archive takes, bytes of it in use by
 * files) are our choice.
 */

import type { Command } from 'commander';
import type { Vdf } from '../../node.ts';
import { blocks, percent, units } from '../figures.ts';
import { imageArgument, imageUsage, openStack } from '../images.ts';
import { jsonLine, type Output } from '../output.ts';
import { printable } from '../printable.ts';

interface Options {
  readonly human?: true;
  readonly json?: true;
}

/** Adds `vdf` to `program`. */
export function addVdf(program: Command, out: Output): void {
  program
    .command('vdf')
    .alias('df')
    .summary('how full the ramdisks are')
    .description('Shows what the tardisks take and how full the ramdisks are, in blocks of 1 KiB.')
    .usage(imageUsage(out))
    .addArgument(imageArgument(out))
    .option('-h, --human', 'in units: each figure rounded down')
    .option('--json', 'as an object, in bytes')
    .addHelpText('after', '\nExample:\n  visorfs vdf -h images/bank')
    .action(async (images: string[], { human, json }: Options) => {
      const { vfs, close } = await openStack(images, out);
      try {
        const vdf = vfs.vdf();
        await out.write(json ? jsonLine(vdf) : vdfText(vdf, human === true));
      } finally {
        close();
      }
    });
}

/** `vdf` as ESXi prints it. */
export function vdfText({ tardisks, ramdisks }: Vdf, isHuman: boolean): string {
  const figure = isHuman ? units : blocks;
  const lines = [tardiskLine('Tardisk', 'Space', 'Used')];
  for (const { name, spaceBytes, usedBytes } of tardisks) {
    lines.push(tardiskLine(printable(name), figure(spaceBytes), figure(usedBytes)));
  }
  lines.push('-----', ramdiskLine('Ramdisk', 'Size', 'Used', 'Available', 'Use%', 'Mounted on'));
  for (const { name, sizeBytes, usedBytes, availableBytes } of ramdisks) {
    const figures = [sizeBytes, usedBytes, availableBytes].map(figure);
    lines.push(ramdiskLine(printable(name), ...figures, percent(usedBytes, sizeBytes), '--'));
  }
  return `${lines.join('\n')}\n`;
}

function tardiskLine(name: string, space: string, used: string): string {
  return `${name.padEnd(20)}${space.padStart(10)}${used.padStart(10)}`;
}

function ramdiskLine(name: string, ...cells: readonly string[]): string {
  const [size = '', used = '', available = '', use = '', mounted = ''] = cells;
  const figures = [size, used, available].map((cell) => cell.padStart(10)).join('');
  return `${name.padEnd(20)}${figures}${use.padStart(5)} ${mounted}`;
}
