/**
 * `visorfs vib list`: VIBs in a table, as `esxcli software vib list` shows those of a host.
 *
 * In the place of the day that a VIB was installed, which no file knows, is the day it was made.
 */

import type { Command } from 'commander';
import { shownLevel } from '../../../node.ts';
import {
  addFormatter,
  type FormatterOptions,
  formatted,
  formatterOf,
  type Structure,
  structuresTable,
} from '../../formatter.ts';
import { landingArgument } from '../../landing.ts';
import type { Output } from '../../output.ts';
import { creationDate, LIST_COLUMNS } from '../../vib-fields.ts';
import { VIB, withVib } from '../../vib-files.ts';

/** Adds `list` to `vib`. */
export function addVibList(vib: Command, out: Output): void {
  const command = vib
    .command('list')
    .summary('VIBs in a table')
    .description('Lists VIBs, one in a line, as esxcli software vib list does.')
    .addArgument(landingArgument('<vib...>', VIB))
    .addHelpText('after', '\nExample:\n  visorfs vib list *.vib');
  addFormatter(command).action(async (files: string[], options: FormatterOptions) => {
    const formatter = formatterOf(options);
    const structures: Structure[] = [];
    for (const file of files) {
      structures.push(
        await withVib(file, async ({ descriptor, signature }) => ({
          title: descriptor.id,
          fields: {
            Name: descriptor.name,
            Version: descriptor.version,
            Vendor: descriptor.vendor,
            'Acceptance Level': shownLevel(descriptor.acceptanceLevel),
            'Creation Date': creationDate(descriptor),
            ID: descriptor.id,
            Signed: signature.length > 0,
          },
        })),
      );
    }
    const text =
      formatter === null
        ? structuresTable(LIST_COLUMNS, structures)
        : formatted(formatter, 'VIBExt', structures, true);
    await out.write(text);
  });
}
