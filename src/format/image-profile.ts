/**
 * Image profiles: which VIBs make a host.
 *
 *   profiles/*.xml
 *     <imageprofile>
 *       <name> <creator> <creationtime> <modifiedtime> <profileID> <acceptancelevel> <description>
 *       <viblist>
 *         <vib>
 *           <vib-id>
 *           <payloads> payload@payload-name, with the name of its file on a bank
 *
 * Elements may come in any order and be missing, but for the name; others are passed over. The
 * names of elements are those that public scripts edit in a host's own database; no profile of a
 * depot was there to be looked at, so the root may have any name, and the order is our choice.
 */

import { utf8 } from '../base/bytes.ts';
import { DESCRIPTOR_MAX_BYTES } from '../base/limits.ts';
import { element, readXml, textElement, type XmlForm } from './xml.ts';

/** Which VIBs make a host. */
export interface ImageProfile {
  readonly name: string;
  /** Who made it: what `esxcli software profile` calls its vendor. */
  readonly creator: string;
  readonly creationTime: string;
  readonly modifiedTime: string;
  readonly acceptanceLevel: string;
  readonly description: string;
  readonly vibIds: readonly string[];
}

const FORM: XmlForm = { what: 'a profile', root: null, maxBytes: DESCRIPTOR_MAX_BYTES };

/** A file of profiles/. Throws CorruptError where it is none, or has no name. */
export function parseImageProfile(bytes: Uint8Array, archive: string): ImageProfile {
  const texts = new Map<string, string>();
  const vibIds: string[] = [];
  const refuse = readXml(bytes, archive, FORM, ({ path, content }) => {
    if (path === 'viblist/vib/vib-id') vibIds.push(content);
    else texts.set(path, content);
  });
  const said = (path: string): string => texts.get(path) ?? '';
  return {
    name: said('name') || refuse('a profile without a name'),
    creator: said('creator'),
    creationTime: said('creationtime'),
    modifiedTime: said('modifiedtime'),
    acceptanceLevel: said('acceptancelevel') || 'community',
    description: said('description'),
    vibIds,
  };
}

/** A file of profiles/ that says `profile`. */
export function encodeImageProfile(profile: ImageProfile): Uint8Array {
  const vibs = profile.vibIds.map((id) => element('vib', {}, textElement('vib-id', id)));
  return utf8(
    element(
      'imageprofile',
      {},
      textElement('name', profile.name) +
        textElement('creator', profile.creator) +
        textElement('creationtime', profile.creationTime) +
        textElement('modifiedtime', profile.modifiedTime) +
        textElement('acceptancelevel', profile.acceptanceLevel) +
        textElement('description', profile.description) +
        element('viblist', {}, vibs.join('')),
    ),
  );
}
