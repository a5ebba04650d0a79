/**
 * `visorfs host software profile`: the image profile of a host, and those of depots.
 */

import type { Command } from 'commander';
import {
  type HostImage,
  type HostSoftware,
  type InstalledVib,
  type ProfileOffer,
  profileOffer,
} from '../../../../node.ts';
import { addFormatter, type Fields, type FormatterOptions } from '../../../formatter.ts';
import { CommandError, type Output } from '../../../output.ts';
import { hereArgument } from '../../../places.ts';
import {
  addChangeOptions,
  addTrustOptions,
  type ChangeFlags,
  changingSoftware,
  HOST,
  hostArgument,
  repeated,
  withDepots,
  withSoftware,
  writeChange,
  writeOne,
} from '../../../software-host.ts';
import { addNoun } from '../../../words.ts';

interface OfferFlags extends FormatterOptions {
  readonly depot: readonly string[];
  readonly profile: string;
}

type ProfileFlags = OfferFlags & ChangeFlags & { readonly okToRemove?: true };

const NOTHING_PENDING = 'No pending image profile available.';

/** Adds `profile` and its verbs to `software`. */
export function addProfile(software: Command, out: Output): void {
  addNoun(software, 'profile', {
    what: 'its image profile',
    description: 'Shows the image profile of a host, and makes it that of a depot.',
    example: 'host software profile get host',
    fill: (noun) => {
      addProfileGet(noun, out);
      addUpdate(noun, out);
      addInstall(noun, out);
      addValidate(noun, out);
    },
  });
}

/** Adds `profile get` to the noun. */
export function addProfileGet(profile: Command, out: Output): void {
  const command = profile
    .command('get')
    .summary('the image profile of a host')
    .description('Shows the image profile of a host: what it is called, and its VIBs.')
    .addArgument(hostArgument(out))
    .option('--rebooting-image', 'of what is booted next')
    .addHelpText('after', '\nExample:\n  visorfs host software profile get host');
  addFormatter(command).action(
    (bank: string | undefined, flags: FormatterOptions & { rebootingImage?: true }) =>
      withSoftware(bank, out, async (software) => {
        const image = flags.rebootingImage ? await software.pending() : await software.running();
        const fields = image === null ? { Name: NOTHING_PENDING } : profileFields(image);
        const title = image?.profile.name ?? NOTHING_PENDING;
        await writeOne(out, 'ImageProfile', { title, fields }, flags);
      }),
  );
}

function profileFields({ profile, strays }: HostImage): Fields {
  const { name, vendor, creationTime, modificationTime, description, vibs } = profile;
  return {
    Name: name,
    Vendor: vendor,
    'Creation Time': shownTime(creationTime),
    'Modification Time': shownTime(modificationTime),
    'Stateless Ready': strays.length === 0 && vibs.every(isStatelessReady),
    Description: description,
    VIBs: vibs.map(({ descriptor }) => `${descriptor.name} ${descriptor.version}`),
    'Unknown Modules': strays.map(({ file }) => file),
  };
}

function isStatelessReady({ descriptor }: InstalledVib): boolean {
  return descriptor.statelessReady;
}

/** To the second and without a zone, as esxcli shows times. */
function shownTime(iso: string): string {
  return iso.slice(0, 'YYYY-MM-DDThh:mm:ss'.length);
}

function addOffer(command: Command): Command {
  return command
    .addArgument(hereArgument('<bank>', HOST))
    .addOption(
      repeated('-d, --depot <bundle>', 'a bundle, a folder or address of a depot', {
        address: true,
      }).makeOptionMandatory(),
    )
    .requiredOption('-p, --profile <name>', 'the image profile in it');
}

function withOffer(
  bank: string,
  { depot, profile, dryRun }: OfferFlags & Pick<ChangeFlags, 'dryRun'>,
  out: Output,
  act: (software: HostSoftware, offer: ProfileOffer) => Promise<void>,
): Promise<void> {
  return changingSoftware(bank, { dryRun }, out, (software) =>
    withDepots(depot, out, async (depots) => act(software, await profileOffer(depots, profile))),
  );
}

function addUpdate(profile: Command, out: Output): void {
  const command = profile
    .command('update')
    .summary('install what is newer in a profile')
    .description('Installs the VIBs of a profile that are newer or not there. Others stay.');
  addFormatter(addTrustOptions(addChangeOptions(addOffer(command))))
    .addHelpText(
      'after',
      '\nExample:\n  visorfs host software profile update -d update.zip -p Example-2 host',
    )
    .action((bank: string, flags: ProfileFlags) =>
      withOffer(bank, flags, out, (software, offer) =>
        writeChange(out, 'Update Result', flags, (options) =>
          software.updateProfile(offer, options),
        ),
      ),
    );
}

function addInstall(profile: Command, out: Output): void {
  const command = profile
    .command('install')
    .summary('make a host what a profile is')
    .description('Installs the VIBs of a profile, newer or older, and removes all others.');
  addFormatter(addTrustOptions(addChangeOptions(addOffer(command))))
    .option('--ok-to-remove', 'let VIBs go that the profile does not have')
    .addHelpText(
      'after',
      '\nExample:\n  visorfs host software profile install -d base.zip -p Example-1 host',
    )
    .action((bank: string, flags: ProfileFlags) =>
      withOffer(bank, flags, out, (software, offer) =>
        writeChange(out, 'Installation Result', flags, (options) =>
          software.installProfile(offer, { ...options, okToRemove: flags.okToRemove ?? false }),
        ),
      ),
    );
}

function addValidate(profile: Command, out: Output): void {
  const command = profile
    .command('validate')
    .summary('how a host compares with a profile')
    .description(
      'Compares the VIBs of a host with those of a profile; exit code 1 if they differ.',
    );
  addFormatter(addOffer(command))
    .addHelpText(
      'after',
      '\nExample:\n  visorfs host software profile validate -d base.zip -p Example-1 host',
    )
    .action((bank: string, flags: OfferFlags) =>
      withOffer(bank, { ...flags, dryRun: true }, out, async (software, offer) => {
        const compared = await software.validateProfile(offer);
        const fields = {
          'Host Profile Name': compared.hostProfile,
          'Validation Profile Name': compared.profile,
          Compliant: compared.isCompliant,
          'VIBs In Host Only': compared.onlyOnHost,
          'VIBs In Validation Profile Only': compared.onlyInProfile,
        };
        await writeOne(out, 'ProfileValidation', { title: 'Validation Result', fields }, flags);
        if (!compared.isCompliant) throw new CommandError(`${bank} is not '${compared.profile}'`);
      }),
    );
}
