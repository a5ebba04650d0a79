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
 *           <origin>
 *
 * Elements may come in any order and be missing, but for the name; others are passed over. The
 * names of elements are those that public scripts edit in a host's own database; no profile of a
 * depot was there to be looked at, so the root may have any name, and the order is our choice.
 *
 * Payloads and origin are for the database of a host: which module of its bank a payload is, and
 * where the VIB came from. The element `origin` is our own.
 */

import { utf8 } from '../base/bytes.ts';
import { DESCRIPTOR_MAX_BYTES } from '../base/limits.ts';
import { element, escaped, readXml, textElement, type XmlForm } from './xml.ts';

/** A VIB on a host. */
export interface ProfilePlace {
  /** Its payloads, each with the module of the boot bank that it is. */
  readonly payloads: readonly { readonly name: string; readonly file: string }[];
  /** Where it came from: a file, a URL, a depot. */
  readonly origin: string;
}

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
  /** In the database of a host, by the id of the VIB. */
  readonly places?: ReadonlyMap<string, ProfilePlace>;
}

const FORM: XmlForm = { what: 'a profile', root: null, maxBytes: DESCRIPTOR_MAX_BYTES };

/** A file of profiles/. Throws CorruptError where it is none, or has no name. */
export function parseImageProfile(bytes: Uint8Array, archive: string): ImageProfile {
  const texts = new Map<string, string>();
  const vibIds: string[] = [];
  const places = new Map<string, ProfilePlace>();
  let payloads: { name: string; file: string }[] = [];
  let [vibId, origin] = ['', ''];
  const refuse = readXml(bytes, archive, FORM, ({ path, content, attributes }) => {
    if (path === 'viblist/vib/vib-id') {
      vibId = content;
      vibIds.push(vibId);
    } else if (path === 'viblist/vib/origin') origin = content;
    else if (path === 'viblist/vib/payloads/payload') {
      payloads.push({ name: attributes['payload-name'] ?? '', file: content });
    } else if (path === 'viblist/vib') {
      if (payloads.length > 0 || origin !== '') places.set(vibId, { payloads, origin });
      [vibId, origin, payloads] = ['', '', []];
    } else texts.set(path, content);
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
    ...(places.size > 0 ? { places } : {}),
  };
}

/** A file of profiles/ that says `profile`. */
export function encodeImageProfile(profile: ImageProfile): Uint8Array {
  const vibs = profile.vibIds.map((id) => {
    return element('vib', {}, textElement('vib-id', id) + placeXml(profile.places?.get(id)));
  });
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

function placeXml(place: ProfilePlace | undefined): string {
  if (place === undefined) return '';
  const payloads = place.payloads.map(({ name, file }) =>
    element('payload', { 'payload-name': name }, escaped(file)),
  );
  return element('payloads', {}, payloads.join('')) + textElement('origin', place.origin);
}
