/**
 * `visorfs state rekey`: another key for the state of a device, in all of its banks or in none.
 */

import type { Command } from 'commander';
import { type RekeyedBank, type Rekeying, rekeyState } from '../../../node.ts';
import { whileLocked } from '../../device-lock.ts';
import { openDevice } from '../../devices.ts';
import { checkDevice } from '../../images.ts';
import { CommandError, jsonLine, type Output, UsageError } from '../../output.ts';
import { hereArgument, hereOption } from '../../places.ts';
import { printable } from '../../printable.ts';
import { keyIn, stateKeyOf } from '../../state-key.ts';

const HELP = `
The key it has is that of --key-file or VISORFS_STATE_KEY; a plain state has
none. If the power fails between two banks, do the same again.

Example:
  visorfs state rekey host --new-key-file key
  visorfs state rekey host --key-file key --new-key-file next
  visorfs state rekey host --key-file next --decrypt`;

interface Options {
  readonly newKeyFile?: string;
  readonly decrypt?: true;
  readonly json?: true;
}

/** Adds `rekey` to the noun `state`. */
export function addStateRekey(state: Command, out: Output): void {
  state
    .command('rekey')
    .summary('encrypt the state of a device, with another key, or no more')
    .description(
      'Encrypts the state in all banks of a device with another key, or makes it plain for good. ' +
        'Where one cannot be decrypted, none is written.',
    )
    .addArgument(hereArgument('<device>', 'a folder with boot banks, or a disk image'))
    .addOption(
      hereOption('--new-key-file <file>', 'the key it is to have; - is stdin', { stdin: true }),
    )
    .option('--decrypt', 'make it plain')
    .option('--json', 'what came of each bank, as a list of objects')
    .addHelpText('after', HELP)
    .action(async (device: string, { newKeyFile, decrypt, json }: Options) => {
      if ((newKeyFile === undefined) === (decrypt === undefined)) {
        throw new UsageError('say one of --new-key-file and --decrypt');
      }
      if (newKeyFile === '-' && out.options.keyFile === '-') {
        throw new UsageError('both keys cannot come by stdin');
      }
      const key = await stateKeyOf(out);
      const newKey = newKeyFile === undefined ? undefined : await keyIn(newKeyFile, out);
      const keys: Rekeying = {
        ...(key === undefined ? {} : { key }),
        ...(newKey === undefined ? {} : { newKey }),
      };
      await checkDevice(device);
      await whileLocked(device, out, async () => {
        const banks = await rekeyed(device, keys, out);
        await out.write(json ? jsonLine(banks) : banks.map(lineOf).join(''));
      });
    });
}

async function rekeyed(name: string, keys: Rekeying, out: Output): Promise<RekeyedBank[]> {
  const { device, close } = (await openDevice(name, out, { isWritten: true }))!;
  try {
    const banks = await rekeyState(device, keys);
    if (banks.length > 0) return banks;
    throw new CommandError(`'${name}' has no state: no bank of it was ever saved`);
  } finally {
    close();
  }
}

function lineOf({ bank, before, after, isChanged }: RekeyedBank): string {
  const again = after === 'plain' ? 'plain already' : 'has the new key already';
  const done = after === 'plain' ? 'now plain' : `${before}, now encrypted with the new key`;
  return `${printable(bank)}: ${isChanged ? done : again}\n`;
}
