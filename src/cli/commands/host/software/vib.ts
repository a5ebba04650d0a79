/**
 * `visorfs host software vib`: which VIBs are installed; VIBs come, become newer, and go.
 */

import type { Command } from 'commander';
import type { HostImage, InstalledVib } from '../../../../node.ts';
import { shownLevel } from '../../../../node.ts';
import {
  addFormatter,
  type FormatterOptions,
  formatted,
  formatterOf,
  type Structure,
  structuresTable,
  structuresText,
} from '../../../formatter.ts';
import type { Output } from '../../../output.ts';
import { hereArgument } from '../../../places.ts';
import {
  addChangeOptions,
  addTrustOptions,
  type ChangeFlags,
  changingSoftware,
  HOST,
  hostArgument,
  repeated,
  type SourceFlags,
  withOffers,
  withSoftware,
  writeChange,
} from '../../../software-host.ts';
import { creationDate, vibFields } from '../../../vib-fields.ts';
import { addNoun } from '../../../words.ts';

const COLUMNS = ['Name', 'Version', 'Vendor', 'Acceptance Level', 'Install Date'];
const UNKNOWN = 'unknown';

interface ImageFlags extends FormatterOptions {
  readonly rebootingImage?: true;
  readonly vibname?: readonly string[];
}

interface InstallFlags extends ChangeFlags, SourceFlags {
  readonly vibname?: readonly string[];
}

/** Adds `vib` and its verbs to `software`. */
export function addSoftwareVib(software: Command, out: Output): void {
  addNoun(software, 'vib', {
    what: 'its VIBs',
    description: 'Lists, shows, installs, updates and removes the VIBs of a host.',
    example: 'host software vib list host',
    fill: (noun) => {
      addVibList(noun, out);
      addVibGet(noun, out);
      addInstall(noun, out);
      addUpdate(noun, out);
      addRemove(noun, out);
    },
  });
}

/** Adds `vib list` to the noun. */
export function addVibList(vib: Command, out: Output): void {
  const command = vib
    .command('list')
    .summary('list what is installed')
    .description(
      'Lists the VIBs of a host. A bank without an image database does not say what its modules ' +
        'are: they are listed by their files, and the rest is unknown.',
    )
    .addArgument(hostArgument(out))
    .option('--rebooting-image', 'of what is booted next; nothing where that is what runs')
    .addHelpText('after', '\nExample:\n  visorfs host software vib list host');
  addFormatter(command).action((bank: string | undefined, flags: ImageFlags) =>
    withSoftware(bank, out, async (software) => {
      const image = flags.rebootingImage ? await software.pending() : await software.running();
      const structures =
        image === null ? [] : [...image.profile.vibs.map(listed), ...strays(image)];
      const formatter = formatterOf(flags);
      if (formatter !== null) await out.write(formatted(formatter, 'VIB', structures, true));
      else if (image !== null) await out.write(structuresTable(COLUMNS, structures));
    }),
  );
}

/** Adds `vib get` to the noun. */
export function addVibGet(vib: Command, out: Output): void {
  const command = vib
    .command('get')
    .summary('what VIBs say of themselves')
    .description('Shows what the VIBs of a host say of themselves.')
    .addArgument(hostArgument(out))
    .addOption(repeated('-n, --vibname <vib>', 'only these, by name'))
    .option('--rebooting-image', 'of what is booted next')
    .addHelpText('after', '\nExample:\n  visorfs host software vib get -n debug-tools host');
  addFormatter(command).action((bank: string | undefined, flags: ImageFlags) =>
    withSoftware(bank, out, async (software) => {
      const vibs = await software.vibs(flags.vibname, flags.rebootingImage ?? false);
      const structures = vibs.map(({ descriptor }) => {
        return { title: descriptor.id, fields: vibFields(descriptor) };
      });
      const formatter = formatterOf(flags);
      await out.write(
        formatter === null
          ? structuresText(structures)
          : formatted(formatter, 'VIBExt', structures, true),
      );
    }),
  );
}

function addSources(command: Command): Command {
  return addFormatter(
    addTrustOptions(
      addChangeOptions(
        command
          .addArgument(hereArgument('<bank>', HOST))
          .addOption(
            repeated('-d, --depot <bundle>', 'a bundle, a folder or address of a depot', {
              address: true,
            }),
          )
          .addOption(
            repeated('-v, --viburl <vib>', 'a VIB, in a file or at an address', { address: true }),
          )
          .addOption(repeated('-n, --vibname <vib>', 'only these, by name')),
      ),
    ),
  );
}

function addInstall(vib: Command, out: Output): void {
  const command = vib
    .command('install')
    .summary('install VIBs')
    .description(
      'Installs VIBs, on the running host where they allow it, else for the next boot. A VIB of ' +
        'a name that is installed takes its place, be it newer or older.',
    );
  addSources(command)
    .addHelpText('after', '\nExample:\n  visorfs host software vib install -v debug-tools.vib host')
    .action((bank: string, flags: InstallFlags) =>
      changingSoftware(bank, flags, out, (software) =>
        withOffers(flags, out, (offers) =>
          writeChange(out, 'Installation Result', flags, (options) =>
            software.install(offers, { ...options, ...namesOf(flags) }),
          ),
        ),
      ),
    );
}

function addUpdate(vib: Command, out: Output): void {
  const command = vib
    .command('update')
    .summary('update VIBs that are installed')
    .description('Installs VIBs that are newer than those of their names, and no others.');
  addSources(command)
    .addHelpText('after', '\nExample:\n  visorfs host software vib update -v debug-tools.vib host')
    .action((bank: string, flags: InstallFlags) =>
      changingSoftware(bank, flags, out, (software) =>
        withOffers(flags, out, (offers) =>
          writeChange(out, 'Installation Result', flags, (options) =>
            software.update(offers, { ...options, ...namesOf(flags) }),
          ),
        ),
      ),
    );
}

function addRemove(vib: Command, out: Output): void {
  const command = vib
    .command('remove')
    .summary('remove VIBs')
    .description('Removes VIBs, from the running host where they allow it, else for the next boot.')
    .addArgument(hereArgument('<bank>', HOST))
    .addOption(repeated('-n, --vibname <vib>', 'which, by name').makeOptionMandatory());
  addFormatter(addChangeOptions(command))
    .addHelpText('after', '\nExample:\n  visorfs host software vib remove -n debug-tools host')
    .action((bank: string, flags: InstallFlags) =>
      changingSoftware(bank, flags, out, (software) =>
        writeChange(out, 'Removal Result', flags, (options) =>
          software.remove(flags.vibname!, options),
        ),
      ),
    );
}

function namesOf({ vibname }: InstallFlags) {
  return vibname === undefined ? {} : { names: vibname };
}

function listed({ descriptor, installDate }: InstalledVib): Structure {
  const { id, name, version, vendor, acceptanceLevel } = descriptor;
  const fields = {
    Name: name,
    Version: version,
    Vendor: vendor,
    'Acceptance Level': shownLevel(acceptanceLevel),
    'Install Date': installDate.slice(0, 10),
    'Creation Date': creationDate(descriptor),
    ID: id,
  };
  return { title: id, fields };
}

function strays({ strays: modules }: HostImage): Structure[] {
  return modules.map(({ file }) => ({
    title: file,
    fields: {
      Name: file,
      Version: UNKNOWN,
      Vendor: UNKNOWN,
      'Acceptance Level': UNKNOWN,
      'Install Date': UNKNOWN,
      'Creation Date': UNKNOWN,
      ID: UNKNOWN,
    },
  }));
}
