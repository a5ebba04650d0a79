/**
 * `visorfs device list`: the files in the banks of a disk image.
 */

import type { Command } from 'commander';
import { infoOf } from '../../devices.ts';
import { table } from '../../figures.ts';
import { landingArgument } from '../../landing.ts';
import { jsonLine, type Output } from '../../output.ts';
import { printable } from '../../printable.ts';

/** Adds `list` to `device`. */
export function addDeviceList(device: Command, out: Output): void {
  device
    .command('list')
    .summary('the files in its banks')
    .description('Lists the files in the banks of a disk image.')
    .addArgument(landingArgument('<file>', 'the image'))
    .option('--json', 'a line for each file')
    .addHelpText('after', '\nExample:\n  visorfs device list boot.img')
    .action(async (file: string, { json }: { json?: true }) => {
      const { banks } = await infoOf(file);
      const rows = banks.flatMap(({ name: bank, files }) => {
        return files.map((one) => ({ bank, ...one }));
      });
      if (json) {
        for (const row of rows) await out.write(jsonLine(row));
        return;
      }
      const columns = [
        { heading: 'Bank' },
        { heading: 'Size', isFigure: true },
        { heading: 'File' },
      ];
      const cells = rows.map(({ bank, name, size, problem }) => {
        const why = problem === null ? '' : `  (${printable(problem)})`;
        return [bank, String(size), `${printable(name)}${why}`];
      });
      await out.write(table(columns, cells));
    });
}
