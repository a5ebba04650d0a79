/**
 * `visorfs bundle list`: what a bundle says that it holds.
 */

import type { Command } from 'commander';
import {
  type Bulletin,
  type Depot,
  type DepotVib,
  type ImageProfile,
  shownLevel,
} from '../../../node.ts';
import { BUNDLE, BUNDLE_HELP, withBundle } from '../../bundles.ts';
import {
  addFormatter,
  type FormatterOptions,
  formatted,
  formatterOf,
  type Structure,
  structuresTable,
} from '../../formatter.ts';
import { landingArgument } from '../../landing.ts';
import { type Output, UsageError } from '../../output.ts';
import { creationDate } from '../../vib-fields.ts';

interface Options extends FormatterOptions {
  readonly profiles?: true;
  readonly bulletins?: true;
}

/** What is listed: its name for programs, the columns for people, and the rows. */
interface Listing {
  readonly type: string;
  readonly columns: readonly string[];
  readonly structures: readonly Structure[];
}

const EXAMPLES = `
Examples:
  visorfs bundle list offline-bundle.zip
  visorfs bundle list --profiles https://depot.example.com/esx/index.xml`;

/** Adds `list` to `bundle`. */
export function addBundleList(bundle: Command, out: Output): void {
  const command = bundle
    .command('list')
    .summary('the VIBs, profiles or bulletins of a bundle')
    .description('Lists what the metadata of a bundle speaks of. No VIB is opened.')
    .addArgument(landingArgument('<bundle>', BUNDLE, { address: 'itself' }))
    .option('--profiles', 'image profiles, with the ids of their VIBs')
    .option('--bulletins', 'bulletins, with the ids of their VIBs');
  addFormatter(command)
    .addHelpText('after', `${BUNDLE_HELP}${EXAMPLES}`)
    .action(async (name: string, options: Options) => {
      if (options.profiles && options.bulletins) {
        throw new UsageError('--profiles and --bulletins are two lists');
      }
      const formatter = formatterOf(options);
      await withBundle(name, out, async (opened) => {
        const { type, columns, structures } = listingOf(opened, options);
        await out.write(
          formatter === null
            ? structuresTable(columns, structures)
            : formatted(formatter, type, structures, true),
        );
      });
    });
}

function listingOf({ vibs, profiles, bulletins }: Depot, options: Options): Listing {
  if (options.profiles) {
    const columns = ['Name', 'Vendor', 'Acceptance Level', 'Creation Time', 'Modification Time'];
    return { type: 'ImageProfile', columns, structures: profiles.map(profileRow) };
  }
  if (options.bulletins) {
    const columns = ['ID', 'Vendor', 'Severity', 'Category', 'Release Date', 'Summary'];
    return { type: 'Bulletin', columns, structures: bulletins.map(bulletinRow) };
  }
  const columns = ['Name', 'Version', 'Vendor', 'Creation Date', 'Acceptance Level', 'Size'];
  return { type: 'VIBExt', columns, structures: vibs.map(vibRow) };
}

function vibRow({ id, descriptor, path, packedSize, checksum }: DepotVib): Structure {
  return {
    title: id,
    fields: {
      Name: descriptor.name,
      Version: descriptor.version,
      Vendor: descriptor.vendor,
      'Creation Date': creationDate(descriptor),
      'Acceptance Level': shownLevel(descriptor.acceptanceLevel),
      Size: packedSize,
      ID: id,
      Path: path,
      Checksum: `${checksum.type}:${checksum.value}`,
      Summary: descriptor.summary,
    },
  };
}

function profileRow(profile: ImageProfile): Structure {
  return {
    title: profile.name,
    fields: {
      Name: profile.name,
      Vendor: profile.creator,
      'Acceptance Level': shownLevel(profile.acceptanceLevel),
      'Creation Time': profile.creationTime,
      'Modification Time': profile.modifiedTime,
      Description: profile.description,
      VIBs: profile.vibIds,
    },
  };
}

function bulletinRow(bulletin: Bulletin): Structure {
  const { componentName, componentVersion } = bulletin;
  return {
    title: bulletin.id,
    fields: {
      ID: bulletin.id,
      Vendor: bulletin.vendor,
      Severity: bulletin.severity,
      Category: bulletin.category,
      Urgency: bulletin.urgency,
      'Release Type': bulletin.releaseType,
      'Release Date': bulletin.releaseDate,
      Summary: bulletin.summary,
      'Component Name': componentName?.value ?? '',
      'Component Version': componentVersion?.value ?? '',
      Platforms: bulletin.platforms.map(({ version }) => version),
      VIBs: bulletin.vibIds,
    },
  };
}
