/**
 * `visorfs host rollback`: the bank that would be booted is invalid from now on, and the other one
 * is booted; what Shift+R is to ESXi.
 */

import type { Command } from 'commander';
import { rollBack } from '../../../node.ts';
import { whileLocked } from '../../device-lock.ts';
import { openedDevice } from '../../devices.ts';
import { jsonLine, type Output } from '../../output.ts';
import { hereArgument } from '../../places.ts';
import { printable } from '../../printable.ts';
import { confirmRollback } from '../../roll-back.ts';

interface Options {
  readonly yes?: true;
  readonly json?: true;
}

/** Adds `rollback` to `host`. */
export function addRollback(host: Command, out: Output): void {
  host
    .command('rollback')
    .summary('boot the other bank from now on')
    .description(
      'Marks the bank that would be booted next as invalid, for good, so that the other one is ' +
        'booted. Asks first. Both banks have to be bootable; nothing else of them is touched.',
    )
    .addArgument(hereArgument('<device>', 'a folder with two boot banks, or a disk image'))
    .option('-y, --yes', 'do not ask')
    .option('--json', 'what was done, as an object')
    .addHelpText('after', '\nExample:\n  visorfs host rollback --yes boot.img')
    .action(async (name: string, { yes, json }: Options) => {
      await whileLocked(name, out, async () => {
        const { device, close } = await openedDevice(name, out, { isWritten: true });
        try {
          await confirmRollback(device, yes === true, out);
          const { from, to } = await rollBack(device);
          const bank = ({ bank: { name: own }, cfg: { build } }: typeof to) => ({
            bank: own,
            build,
          });
          const said =
            `${printable(from.bank.name)} is invalid from now on; ` +
            `${printable(to.bank.name)}, build ${printable(to.cfg.build)}, is booted next.\n`;
          await out.write(json ? jsonLine({ device: name, from: bank(from), to: bank(to) }) : said);
        } finally {
          close();
        }
      });
    });
}
