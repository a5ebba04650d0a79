/**
 * `visorfs boot`: boots a device as its boot loader does, and says what came of it.
 *
 * Written are bootstates, where they are due: an upgraded bank that came up is confirmed, one that
 * did not is invalid. With --dry-run nothing is.
 */

import type { Command } from 'commander';
import type { HostEvent, HostModule, SkippedBank, Vdf } from '../../node.ts';
import { whileLocked } from '../device-lock.ts';
import { openedDevice } from '../devices.ts';
import { counted, milliseconds, table } from '../figures.ts';
import { bootBank } from '../images.ts';
import { jsonLine, type Output } from '../output.ts';
import { printable } from '../printable.ts';
import { confirmRollback } from '../roll-back.ts';
import { vdfText } from './vdf.ts';

/** What is said of a boot. */
interface Report {
  readonly bank: string;
  readonly build: string;
  readonly bootMs: number;
  readonly modules: readonly HostModule[];
  readonly files: number;
  readonly vdf: Vdf;
  /** Banks that were passed over, those that are empty too. */
  readonly skipped: readonly SkippedBank[];
  readonly events: readonly HostEvent[];
}

interface Options {
  readonly rollback?: true;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const HELP = `
The bank with the greatest "updated" is booted, of those that are valid or were
upgraded. Where it lacks a module, lies or is not what its sha256.sum says, the
next one is, and the report says so. An upgraded bank that comes up is valid
from then on; one that did not come up is invalid.

Example:
  visorfs boot images/bank
  visorfs boot --rollback --yes boot.img    as Shift+R: the other bank, for good`;

/** Adds `boot` to `program`. */
export function addBoot(program: Command, out: Output): void {
  program
    .command('boot')
    .summary('boot a bank and report')
    .description('Boots a bank, which is boot.cfg and what it lists, and reports.')
    .argument('<bank>', 'a folder with a boot bank, or with several, or a disk image')
    .option('--rollback', 'mark the default bank as invalid first, and boot the other')
    .option('-y, --yes', 'roll back without asking')
    .option('--dry-run', 'write nothing: no bootstate, no roll back')
    .option('--json', 'as an object')
    .addHelpText('after', HELP)
    .action(async (bank: string, options: Options) => {
      if (options.dryRun) return reportBoot(bank, options, out);
      await whileLocked(bank, out, () => reportBoot(bank, options, out));
    });
}

async function reportBoot(bank: string, options: Options, out: Output): Promise<void> {
  const { rollback = false, dryRun = false, yes = false, json } = options;
  if (rollback && !dryRun) await askFirst(bank, yes, out);
  const events: HostEvent[] = [];
  const start = out.now();
  const { host, vfs, close } = await bootBank(bank, out, {
    isWritten: !dryRun,
    loader: { dryRun, rollback, onEvent: (event) => events.push(event) },
  });
  const bootMs = out.now() - start;
  try {
    const vdf = vfs.vdf();
    const files = vdf.tardisks.reduce((sum, tardisk) => sum + tardisk.files, 0);
    const { bank: name, build, modules, skipped } = host!;
    const report: Report = { bank: name, build, bootMs, modules, files, vdf, skipped, events };
    await out.write(json ? jsonLine(report) : textOf(report));
  } finally {
    close();
  }
}

async function askFirst(bank: string, yes: boolean, out: Output): Promise<void> {
  const { device, close } = await openedDevice(bank);
  try {
    await confirmRollback(device, yes, out);
  } finally {
    close();
  }
}

function textOf({ bank, build, bootMs, modules, files, vdf, events }: Report): string {
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
    `Mounted  ${mounted}, in ${milliseconds(bootMs)}\n`,
    ...events.map(eventLine),
    '\n',
    table(columns, rows),
    '\n',
    vdfText(vdf, false),
  ].join('');
}

function eventLine({ severity, message }: HostEvent): string {
  const word = severity[0]!.toUpperCase() + severity.slice(1);
  return `${word.padEnd(8)} ${printable(message)}\n`;
}
