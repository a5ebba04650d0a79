/**
 * `visorfs host software acceptance`: the lowest level that a host accepts of VIBs.
 */

import type { Command } from 'commander';
import { ACCEPTANCE_LEVELS, type AcceptanceLevel, shownLevel } from '../../../../node.ts';
import { jsonLine, type Output, UsageError } from '../../../output.ts';
import { changingSoftware, HOST, hostArgument, withSoftware } from '../../../software-host.ts';
import { addNoun } from '../../../words.ts';

/** Adds `acceptance` and its verbs to `software`. */
export function addAcceptance(software: Command, out: Output): void {
  addNoun(software, 'acceptance', {
    what: 'what VIBs a host takes',
    description: 'Shows and sets the lowest acceptance level of VIBs that a host takes.',
    example: 'host software acceptance get host',
    fill: (noun) => {
      addAcceptanceGet(noun, out);
      addAcceptanceSet(noun, out);
    },
  });
}

/** Adds `set` to the noun. */
function addAcceptanceSet(acceptance: Command, out: Output): void {
  acceptance
    .command('set')
    .summary('set the level of a host')
    .description('Sets the acceptance level of a host, in both banks where both are in use.')
    .argument('<bank>', HOST)
    .requiredOption('--level <level>', ACCEPTANCE_LEVELS.map(shownLevel).join(', '))
    .option('--json', 'the new level, as a string')
    .addHelpText(
      'after',
      '\nExample:\n  visorfs host software acceptance set --level CommunitySupported host',
    )
    .action((bank: string, { level: said, json }: { level: string; json?: true }) =>
      changingSoftware(bank, {}, out, async (software) => {
        await software.setAcceptance(levelOf(said));
        await out.write(json ? jsonLine(said) : `Host acceptance level changed to '${said}'.\n`);
      }),
    );
}

function levelOf(said: string): AcceptanceLevel {
  const level = ACCEPTANCE_LEVELS.find((one) => shownLevel(one) === said);
  if (level !== undefined) return level;
  const known = ACCEPTANCE_LEVELS.map(shownLevel).join(', ');
  throw new UsageError(`'${said}' is no acceptance level: ${known}`);
}

/** Adds `acceptance get` to the noun. */
export function addAcceptanceGet(acceptance: Command, out: Output): void {
  acceptance
    .command('get')
    .summary('the level of a host')
    .description('Shows the acceptance level of a host: PartnerSupported where nothing says.')
    .addArgument(hostArgument(out))
    .option('--json', 'as a string')
    .addHelpText('after', '\nExample:\n  visorfs host software acceptance get host')
    .action((bank: string | undefined, { json }: { json?: true }) =>
      withSoftware(bank, out, async (software) => {
        const { profile } = await software.running();
        const level = shownLevel(profile.acceptanceLevel);
        await out.write(json ? jsonLine(level) : `${level}\n`);
      }),
    );
}
