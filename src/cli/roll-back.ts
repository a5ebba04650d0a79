/**
 * Asking before a roll back, in the words of ESXi's boot loader: it cannot be taken back.
 */

import { type BootDevice, plannedRollback, type Rollback } from '../node.ts';
import { CommandError, type Output } from './output.ts';
import { printable } from './printable.ts';

const QUESTION =
  'CURRENT DEFAULT HYPERVISOR WILL BE REPLACED PERMANENTLY.\n' +
  'DO YOU REALLY WANT TO ROLL BACK? [y/N] ';

/**
 * Throws CommandError unless somebody at the terminal says that `device` is to be rolled back, or
 * `yes` has said so; RollbackError where it cannot be.
 */
export async function confirmRollback(
  device: BootDevice,
  yes: boolean,
  out: Output,
): Promise<void> {
  const { from, to } = await plannedRollback(device);
  if (yes) return;
  if (out.ask === null) {
    throw new CommandError(
      `a roll back replaces the default of '${device.name}' for good, and nobody is here to be ` +
        'asked: --yes says that it is meant',
    );
  }
  const line = (bank: Rollback['to'], mark: string): string =>
    `   ${printable(bank.bank.name)}: ${printable(bank.cfg.build)}${mark}\n`;
  const banks = `${line(from, ' (Default)')}${line(to, '')}`;
  const answer = await out.ask(`Installed hypervisors:\n\n${banks}\n${QUESTION}`);
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new CommandError('the roll back was not confirmed; nothing has changed');
  }
}
