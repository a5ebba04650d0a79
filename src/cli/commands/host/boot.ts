/**
 * `visorfs host boot`: boots a device as its boot loader does, and says what came of it.
 *
 * Written are bootstates, where they are due: an upgraded bank that came up is confirmed, one that
 * did not is invalid. With --dry-run nothing is.
 */

import type { Command } from 'commander';
import {
  type HostEvent,
  type HostModule,
  openAnswer,
  type SkippedBank,
  type Vdf,
} from '../../../node.ts';
import { whileLocked } from '../../device-lock.ts';
import { openCache, openedDevice } from '../../devices.ts';
import { counted, milliseconds, table } from '../../figures.ts';
import { bootBank } from '../../images.ts';
import { ExitError, jsonLine, type Output, UsageError } from '../../output.ts';
import { hereArgument, hereOption } from '../../places.ts';
import { printable } from '../../printable.ts';
import { confirmRollback } from '../../roll-back.ts';
import { vdfText } from '../vdf.ts';

/** What is said of a boot. */
interface Report {
  readonly bank: string;
  readonly build: string;
  /** Whether it is the cache that was booted, and whether the device was closed then. */
  readonly isCached: boolean;
  readonly isDiskless: boolean;
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
  readonly diskless?: true;
  readonly answer?: string;
  readonly cache?: string;
  readonly json?: true;
}

const ANSWER = 'take the state from a state.tgz, a host profile or a folder';

const HELP = `
The bank with the greatest "updated" is booted, of those that are valid or were
upgraded. Where it lacks a module, lies or is not what its sha256.sum says, the
next one is, and the report says so. An upgraded bank that comes up is valid
from then on; one that did not come up is invalid.

An address is that of a folder with a boot bank, as visorfs serve offers it, or
of a boot.cfg, whose prefix says where the modules are. With --answer the state
in the bank is not used; a host profile is JSON with esx.conf keys, files and
services (FORMATS.md). With --cache the host comes up without the network from
then on; the device is a folder, which is made, or a disk image.

Example:
  visorfs host boot images/bank
  visorfs host boot --rollback --yes boot.img   as Shift+R: the other bank
  visorfs host boot http://127.0.0.1:8080/ --answer profile.json --cache kept`;

/** Adds `boot` to `host`. */
export function addBoot(host: Command, out: Output): void {
  host
    .command('boot')
    .summary('boot a bank and report')
    .description('Boots a bank, which is boot.cfg and what it lists, and reports.')
    .addArgument(
      hereArgument(
        '<bank>',
        'a folder with a boot bank, or with several, a disk image, or an address',
        { address: true },
      ),
    )
    .option('--rollback', 'mark the default bank as invalid first, and boot the other')
    .option('-y, --yes', 'roll back without asking')
    .option('--dry-run', 'write nothing: no bootstate, no roll back')
    .option('--diskless', 'close the device once the host is up')
    .addOption(hereOption('--answer <place>', ANSWER, { address: true }))
    .addOption(
      hereOption(
        '--cache <device>',
        'keep what was booted there, and boot that without the network',
      ),
    )
    .option('--json', 'as an object')
    .addHelpText('after', HELP)
    .action(async (bank: string, options: Options) => {
      const { dryRun = false, cache } = options;
      if (dryRun && cache !== undefined) {
        throw new UsageError('--dry-run writes nothing, and --cache does');
      }
      if (dryRun) return reportBoot(bank, options, out);
      const act = (): Promise<void> => reportBoot(bank, options, out);
      const withCache =
        cache === undefined ? act : (): Promise<void> => whileLocked(cache, out, act);
      await whileLocked(bank, out, withCache);
    });
}

/** What tells that the host is up and was not kept. */
const UNKEPT = 'visorfs.boot.cache.failed';
/** What tells why the cache cannot be booted either. */
const UNUSABLE = 'visorfs.boot.cache.unusable';

async function reportBoot(bank: string, options: Options, out: Output): Promise<void> {
  const { rollback = false, dryRun = false, yes = false, json } = options;
  if (rollback && !dryRun) await askFirst(bank, yes, out);
  const events: HostEvent[] = [];
  const start = out.now();
  const { answer, cache, diskless = false } = options;
  const kept = cache === undefined ? null : await openCache(cache, out);
  const booting = bootBank(bank, out, {
    isWritten: !dryRun,
    boot: {
      dryRun,
      rollback,
      isDiskless: diskless,
      onEvent: (event) => events.push(event),
      ...(answer === undefined ? {} : { answer: await openAnswer(answer) }),
      ...(kept === null ? {} : { cache: kept.device }),
    },
  });
  const { host, vfs, close } = await booting
    .catch((error) => {
      // Where the network failed it is thrown; why there was no cache in its place is told.
      for (const { id, message } of events) {
        if (id === UNUSABLE) out.complain(`visorfs: ${printable(message)}\n`);
      }
      throw error;
    })
    .finally(() => kept?.close());
  const bootMs = out.now() - start;
  try {
    const vdf = vfs.vdf();
    const files = vdf.tardisks.reduce((sum, tardisk) => sum + tardisk.files, 0);
    const { bank: name, build, modules, skipped, isCached, isDiskless } = host!;
    const where = { bank: name, build, isCached, isDiskless };
    const report: Report = { ...where, bootMs, modules, files, vdf, skipped, events };
    await out.write(json ? jsonLine(report) : textOf(report));
    // The host is up, and what was asked for beside it is not there.
    if (events.some(({ id }) => id === UNKEPT)) throw new ExitError(1);
  } finally {
    close();
  }
}

async function askFirst(bank: string, yes: boolean, out: Output): Promise<void> {
  const { device, close } = await openedDevice(bank, out);
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
