/**
 * `visorfs boot`: boots a bank and says what came of it. Nothing is written to the bank.
 */

import type { Command } from 'commander';
import type { HostModule, Vdf } from '../../node.ts';
import { counted, milliseconds, table } from '../figures.ts';
import { bootBank } from '../images.ts';
import { jsonLine, type Output } from '../output.ts';
import { printable } from '../printable.ts';
import { vdfText } from './vdf.ts';

/** What is said of a boot. */
interface Report {
  readonly bank: string;
  readonly build: string;
  readonly bootMs: number;
  readonly modules: readonly HostModule[];
  readonly files: number;
  readonly vdf: Vdf;
}

/** Adds `boot` to `program`. */
export function addBoot(program: Command, out: Output): void {
  program
    .command('boot')
    .summary('boot a bank and report')
    .description('Boots a bank, which is boot.cfg and what it lists, and reports.')
    .argument('<bank>', 'a folder with a boot bank, or with several, or a disk image')
    .option('--json', 'as an object')
    .addHelpText('after', '\nExample:\n  visorfs boot images/bank')
    .action(async (bank: string, { json }: { json?: true }) => {
      const start = out.now();
      const { host, vfs, close } = await bootBank(bank, out);
      const bootMs = out.now() - start;
      try {
        const vdf = vfs.vdf();
        const files = vdf.tardisks.reduce((sum, tardisk) => sum + tardisk.files, 0);
        const { bank: name, build, modules } = host!;
        const report: Report = { bank: name, build, bootMs, modules, files, vdf };
        await out.write(json ? jsonLine(report) : textOf(report));
      } finally {
        close();
      }
    });
}

function textOf({ bank, build, bootMs, modules, files, vdf }: Report): string {
  const rows = modules.map(({ file, kind, storedBytes }) => [
    printable(file),
    kind,
    String(storedBytes),
  ]);
  const columns = [
    { heading: 'Module' },
    { heading: 'Kind' },
    { heading: 'Stored', isFigure: true },
  ];
  const mounted = `${counted(vdf.tardisks.length, 'tardisk')}, ${counted(files, 'file')}`;
  return [
    `Bank     ${printable(bank)}\nBuild    ${printable(build)}\n`,
    `Mounted  ${mounted}, in ${milliseconds(bootMs)}\n\n`,
    table(columns, rows),
    '\n',
    vdfText(vdf, false),
  ].join('');
}
