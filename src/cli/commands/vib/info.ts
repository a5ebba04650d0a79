/**
 * `visorfs vib info`: what a VIB says of itself, as `esxcli software vib get` shows it.
 */

import type { Command } from 'commander';
import {
  addFormatter,
  type FormatterOptions,
  formatted,
  formatterOf,
  type Structure,
  structuresText,
} from '../../formatter.ts';
import { landingArgument } from '../../landing.ts';
import type { Output } from '../../output.ts';
import { packageFields, vibFields } from '../../vib-fields.ts';
import { VIB, withVib } from '../../vib-files.ts';

/** Adds `info` to `vib`. */
export function addVibInfo(vib: Command, out: Output): void {
  const command = vib
    .command('info')
    .summary('what a VIB says of itself')
    .description(
      'Shows what VIBs say of themselves, in the words and the order of esxcli software vib get, ' +
        'and what more is known of the files. Nothing of it is verified: see vib verify.',
    )
    .addArgument(landingArgument('<vib...>', VIB))
    .addHelpText('after', '\nExample:\n  visorfs vib info hostd.vib');
  addFormatter(command).action(async (files: string[], options: FormatterOptions) => {
    const formatter = formatterOf(options);
    const structures: Structure[] = [];
    for (const file of files) {
      structures.push(
        await withVib(file, async (one) => {
          const fields = { ...vibFields(one.descriptor), ...packageFields(one) };
          return { title: one.descriptor.id, fields };
        }),
      );
    }
    const text =
      formatter === null
        ? structuresText(structures)
        : formatted(formatter, 'VIBExt', structures, files.length > 1);
    await out.write(text);
  });
}
