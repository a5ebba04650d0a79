/**
 * `visorfs device info`: the partitions and banks of a disk image.
 */

import type { Command } from 'commander';
import type { BlobBank, BlobInfo } from '../../../node.ts';
import { infoOf } from '../../devices.ts';
import { counted, table, units } from '../../figures.ts';
import { landingArgument } from '../../landing.ts';
import { jsonLine, type Output } from '../../output.ts';
import { printable } from '../../printable.ts';

/** Adds `info` to `device`. */
export function addDeviceInfo(device: Command, out: Output): void {
  device
    .command('info')
    .summary('its partitions and banks')
    .description('Shows the partitions of a disk image, and what its banks say of themselves.')
    .addArgument(landingArgument('<file>', 'the image'))
    .option('--json', 'as an object')
    .addHelpText('after', '\nExample:\n  visorfs device info boot.img')
    .action(async (file: string, { json }: { json?: true }) => {
      const info = await infoOf(file);
      await out.write(
        json ? jsonLine({ file: out.nameOf?.(file) ?? file, ...info }) : textOf(info),
      );
    });
}

const PARTITIONS = [
  { heading: 'Partition', isFigure: true },
  { heading: 'Offset', isFigure: true },
  { heading: 'Size', isFigure: true },
  { heading: 'Name' },
];

const BANKS = [
  { heading: 'Bank' },
  { heading: 'Kind' },
  { heading: 'Files', isFigure: true },
  { heading: 'Free', isFigure: true },
  { heading: 'Build' },
  { heading: 'Updated', isFigure: true },
  { heading: 'Bootstate', isFigure: true },
];

function textOf({ size, guid, damage, partitions, banks }: BlobInfo): string {
  const rows = partitions.map(({ number, offset, size: bytes, name }) => {
    return [String(number), units(offset), units(bytes), printable(name)];
  });
  return [
    `Disk  ${guid}, ${size} bytes\n`,
    damage === null ? '' : `The first table is not believed: ${printable(damage)}\n`,
    '\n',
    table(PARTITIONS, rows),
    banks.length === 0 ? '\nThere are no banks.\n' : `\n${table(BANKS, banks.map(bankRow))}`,
    ...banks.map(({ name, problem, files }) => {
      const bad = files.filter((one) => one.problem !== null).length;
      const what = problem ?? (bad === 0 ? null : `${counted(bad, 'file')} cannot be read`);
      return what === null ? '' : `\n${name}: ${printable(what)}\n`;
    }),
  ].join('');
}

function bankRow({ name, kind, files, freeBytes, boot }: BlobBank): string[] {
  const { build = '-', updated = '-', bootstate = '-' } = boot ?? {};
  const free = kind === null ? '-' : units(freeBytes);
  const figures = [String(updated), String(bootstate)];
  return [name, kind ?? '-', String(files.length), free, printable(build), ...figures];
}
