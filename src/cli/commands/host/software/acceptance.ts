/**
 * `visorfs host software acceptance`: the lowest level that a host accepts of VIBs.
 */

import type { Command } from 'commander';
import { ACCEPTANCE_LEVELS, type AcceptanceLevel, shownLevel } from '../../../../node.ts';
import {
  addFormatter,
  type FormatterOptions,
  formattedWord,
  formatterOf,
} from '../../../formatter.ts';
import { type Output, UsageError } from '../../../output.ts';
import { hereArgument } from '../../../places.ts';
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
  const command = acceptance
    .command('set')
    .summary('set the level of a host')
    .description('Sets the acceptance level of a host, in both banks where both are in use.')
    .addArgument(hereArgument('<bank>', HOST))
    .requiredOption('--level <level>', ACCEPTANCE_LEVELS.map(shownLevel).join(', '))
    .addHelpText(
      'after',
      '\nExample:\n  visorfs host software acceptance set --level CommunitySupported host',
    );
  addFormatter(command).action((bank: string, flags: FormatterOptions & { level: string }) => {
    const { level: said } = flags;
    const formatter = formatterOf(flags);
    return changingSoftware(bank, {}, out, async (software) => {
      await software.setAcceptance(levelOf(said));
      const changed = `Host acceptance level changed to '${said}'.`;
      await out.write(formattedWord(formatter, formatter === null ? changed : said));
    });
  });
}

function levelOf(said: string): AcceptanceLevel {
  const level = ACCEPTANCE_LEVELS.find((one) => shownLevel(one) === said);
  if (level !== undefined) return level;
  const known = ACCEPTANCE_LEVELS.map(shownLevel).join(', ');
  throw new UsageError(`'${said}' is no acceptance level: ${known}`);
}

/** Adds `acceptance get` to the noun. */
export function addAcceptanceGet(acceptance: Command, out: Output): void {
  const command = acceptance
    .command('get')
    .summary('the level of a host')
    .description('Shows the acceptance level of a host: PartnerSupported where nothing says.')
    .addArgument(hostArgument(out))
    .addHelpText('after', '\nExample:\n  visorfs host software acceptance get host');
  addFormatter(command).action((bank: string | undefined, flags: FormatterOptions) => {
    const formatter = formatterOf(flags);
    return withSoftware(bank, out, async (software) => {
      const { profile } = await software.running();
      await out.write(formattedWord(formatter, shownLevel(profile.acceptanceLevel)));
    });
  });
}
