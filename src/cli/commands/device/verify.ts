/**
 * `visorfs device verify`: whether the modules of a device's banks are what they have to be.
 *
 * Exit code 1 where a bank that may be booted does not hold, or none may be.
 */

import type { Command } from 'commander';
import {
  type Bank,
  type BankVerification,
  completedDigests,
  type ModuleVerification,
  verifyBank,
} from '../../../node.ts';
import { whileLocked } from '../../device-lock.ts';
import { openedDevice } from '../../devices.ts';
import { counted } from '../../figures.ts';
import { CommandError, jsonLine, type Output } from '../../output.ts';
import { hereArgument } from '../../places.ts';
import { printable } from '../../printable.ts';
import { Progress } from '../../progress.ts';

interface Options {
  readonly write?: true;
  readonly json?: true;
}

/** One bank, and whether its list of sums was written. */
interface Outcome extends BankVerification {
  readonly isWritten: boolean;
}

const LIST = 'sha256.sum';

const HELP = `
Each bank may have a file sha256.sum, which sha256sum -c reads too. A boot takes
no bank with a module that is not what it says. For modules that it does not
list, the image database is asked what they were as payloads of VIBs; of the
others nobody knows, and --write lists them as they are.

Example:
  visorfs device verify --write boot.img`;

/** Adds `verify` to `device`. */
export function addDeviceVerify(device: Command, out: Output): void {
  device
    .command('verify')
    .summary('whether its modules are whole')
    .description('Checks the modules of both banks against their sums; says what does not hold.')
    .addArgument(hereArgument('<device>', 'a folder with boot banks, or a disk image'))
    .option('--write', 'list the sums of modules that have none')
    .option('--json', 'what was found, as an array of objects')
    .addHelpText('after', HELP)
    .action(async (name: string, { write, json }: Options) => {
      const verify = async (): Promise<void> => {
        const outcomes = await outcomesOf(name, write === true, out);
        await out.write(json ? jsonLine(outcomes) : outcomes.map(textOf).join('\n'));
        const failed = outcomes.filter((one) => one.notBooted === null && !holds(one));
        if (failed.length > 0) {
          throw new CommandError(`${failed.map(({ bank }) => bank).join(', ')}: does not hold`);
        }
        if (outcomes.every(({ notBooted }) => notBooted !== null)) {
          throw new CommandError(`'${name}' has no bank that can be booted`);
        }
      };
      await (write ? whileLocked(name, out, verify) : verify());
    });
}

async function outcomesOf(name: string, isWritten: boolean, out: Output): Promise<Outcome[]> {
  const { device, close } = await openedDevice(name, out, { isWritten });
  const progress = new Progress(out, 'verifying');
  try {
    const outcomes: Outcome[] = [];
    for (const bank of await device.banks()) {
      const found = await verifyBank(bank, (file, done, count) => {
        out.signal.throwIfAborted();
        progress.step(done, count, file);
      });
      outcomes.push({ ...found, isWritten: isWritten && (await listed(bank, found)) });
    }
    return outcomes;
  } finally {
    progress.end();
    close();
  }
}

/** Whether there were sums to be added to the list of `bank`, which are in it now. */
async function listed(bank: Bank, found: BankVerification): Promise<boolean> {
  if (found.bootstate === null || !holds(found)) return false;
  const digests = await completedDigests(bank, found);
  if (digests !== null) await bank.write(LIST, digests);
  return digests !== null;
}

function holds({ problems, modules }: BankVerification): boolean {
  const isSound = ({ verdict }: ModuleVerification): boolean =>
    verdict === 'holds' || verdict === 'unlisted';
  return problems.length === 0 && modules.every(isSound);
}

function textOf({ bank, build, notBooted, problems, modules, isWritten }: Outcome): string {
  const count = (wanted: ModuleVerification['verdict']): number =>
    modules.filter(({ verdict }) => verdict === wanted).length;
  const unlisted = count('unlisted');
  const some =
    unlisted === 0
      ? ''
      : `, ${unlisted} ${isWritten ? `listed in ${LIST} now` : 'that nobody has a sum of'}`;
  const sums = `${counted(modules.length, 'module')}, ${count('holds')} as it has to be${some}`;
  return [
    `Bank     ${printable(bank)}\n`,
    build === null ? '' : `Build    ${printable(build)}\n`,
    notBooted === null ? '' : `Skipped  ${printable(notBooted)}\n`,
    modules.length === 0 ? '' : `Modules  ${sums}\n`,
    ...problems.filter((one) => one !== notBooted).map((one) => `Problem  ${printable(one)}\n`),
    ...modules.flatMap(faultOf),
  ].join('');
}

function faultOf({ file, verdict, sha256, expected, source }: ModuleVerification): string[] {
  if (verdict === 'holds' || verdict === 'unlisted') return [];
  const name = `Problem  ${printable(file)}`;
  if (verdict !== 'differs') return [`${name} is ${verdict}\n`];
  return [
    `${name} differs\n`,
    `           found     ${sha256}\n`,
    `           expected  ${expected} (${source})\n`,
  ];
}
