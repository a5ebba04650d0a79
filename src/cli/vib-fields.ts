/**
 * VIBs in the words and the order of `esxcli software vib get` and `list`.
 */

import { shownLevel, type VibDescriptor, type VibPackage } from '../node.ts';
import type { Fields } from './formatter.ts';

type Constraint = VibDescriptor['relationships']['depends'][number];

/** The columns of `esxcli software vib list` that a VIB itself can tell. */
export const LIST_COLUMNS = ['Name', 'Version', 'Vendor', 'Acceptance Level', 'Creation Date'];

/** What `esxcli software vib get` shows of a VIB. */
export function vibFields(descriptor: VibDescriptor): Fields {
  const { relationships, urls, payloads } = descriptor;
  const related = (key: keyof typeof relationships): readonly string[] =>
    relationships[key].map(shownConstraint);
  return {
    Name: descriptor.name,
    Version: descriptor.version,
    Type: descriptor.type,
    Vendor: descriptor.vendor,
    'Acceptance Level': shownLevel(descriptor.acceptanceLevel),
    Summary: descriptor.summary,
    Description: descriptor.description,
    ReferenceURLs: urls.map(({ key, url }) => `${key}|${url}`),
    'Creation Date': creationDate(descriptor),
    Depends: related('depends'),
    Conflicts: related('conflicts'),
    Replaces: related('replaces'),
    Provides: related('provides'),
    'Maintenance Mode Required': descriptor.maintenanceMode,
    'Hardware Platforms Required': [],
    'Live Install Allowed': descriptor.liveInstallAllowed,
    'Live Remove Allowed': descriptor.liveRemoveAllowed,
    'Stateless Ready': descriptor.statelessReady,
    Overlay: descriptor.overlay,
    Tags: descriptor.tags,
    Payloads: payloads.map(({ name }) => name),
  };
}

/** What is known of a VIB at hand beyond what esxcli shows. */
export function packageFields({ descriptor, signature, source }: VibPackage): Fields {
  const { relationships, platforms, payloads, files } = descriptor;
  return {
    'Compatible With': relationships.compatibleWith.map(shownConstraint),
    'Software Platforms': platforms.map(({ productLineId, version, locale }) =>
      [productLineId, version, locale].filter((one) => one !== '').join(' '),
    ),
    'CIM Restart': descriptor.cimomRestart,
    'Payload Sizes': payloads.map(({ name, type, size }) => `${name} ${type} ${size ?? 'unknown'}`),
    'File Count': files.length,
    Size: source.size,
    Signed: signature.length > 0,
  };
}

/** `name`, or `name >= version`. */
export function shownConstraint({ name, relation, version }: Constraint): string {
  return relation === undefined ? name : `${name} ${relation} ${version ?? ''}`.trimEnd();
}

/** The day of the release, as esxcli shows it. */
export function creationDate({ releaseDate }: VibDescriptor): string {
  return releaseDate.slice(0, 10);
}
