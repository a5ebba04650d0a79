/**
 * index.xml and vendor-index.xml: where in a depot the metadata is.
 *
 *   <vendorList>                          <metaList>
 *     <vendor>                              <metadata>
 *       <name> <code>                         <productId>      embeddedEsx
 *       <indexfile>   vendor-index.xml        <version>        5.*, 8.0, …
 *       <patchUrl>                            <locale>
 *       <relativePath>                        <url>            metadata.zip
 *       <content>                             <channelName>
 *         <name> <type>
 *
 *   index.xml ──► relativePath/indexfile ──► url ──► a zip of what is said of VIBs
 *
 * Elements may come in any order and be missing, but for `indexfile` and `url`; others are passed
 * over. All paths are from the folder that `relativePath` names, and those of VIBs too.
 */

import { utf8 } from '../base/bytes.ts';
import { DESCRIPTOR_MAX_BYTES } from '../base/limits.ts';
import { element, readXml, textElement, type XmlForm, type XmlRefusal } from './xml.ts';

/** What index.xml says of one vendor. */
export interface DepotVendor {
  readonly name: string;
  readonly code: string;
  /** From the folder `relativePath`. */
  readonly indexFile: string;
  readonly relativePath: string;
}

/** What vendor-index.xml says of metadata for one version of ESXi. */
export interface MetadataPlace {
  readonly productId: string;
  readonly version: string;
  readonly locale: string;
  /** From the folder of the vendor. */
  readonly url: string;
  readonly channelName: string;
}

const INDEX_FORM: XmlForm = {
  what: 'an index',
  root: ['vendorList', 'vendors'],
  maxBytes: DESCRIPTOR_MAX_BYTES,
};
const VENDOR_INDEX_FORM: XmlForm = {
  what: "a vendor's index",
  root: ['metaList', 'metadata'],
  maxBytes: DESCRIPTOR_MAX_BYTES,
};

/** What index.xml of a depot holds for hosts. */
const CONTENT = { name: 'VMware ESX', type: 'http://www.vmware.com/depotmanagement/esx' };

/**
 * The vendors that index.xml names. Throws CorruptError where it is no index, or one has no file.
 */
export function parseDepotIndex(bytes: Uint8Array, archive: string): readonly DepotVendor[] {
  return records(bytes, archive, INDEX_FORM, 'vendor', (texts, refuse) => ({
    name: texts.get('name') ?? '',
    code: texts.get('code') ?? '',
    indexFile: texts.get('indexfile') || refuse('a vendor without an indexfile'),
    relativePath: texts.get('relativePath') ?? '',
  }));
}

/** The metadata that a vendor's index names. Throws CorruptError as `parseDepotIndex`. */
export function parseVendorIndex(bytes: Uint8Array, archive: string): readonly MetadataPlace[] {
  return records(bytes, archive, VENDOR_INDEX_FORM, 'metadata', (texts, refuse) => ({
    productId: texts.get('productId') ?? '',
    version: texts.get('version') ?? '',
    locale: texts.get('locale') ?? '',
    url: texts.get('url') || refuse('metadata without a url'),
    channelName: texts.get('channelName') ?? '',
  }));
}

/** What `make` makes of each element `name`, by the texts of its children. */
function records<T>(
  bytes: Uint8Array,
  archive: string,
  form: XmlForm,
  name: string,
  make: (texts: ReadonlyMap<string, string>, refuse: XmlRefusal) => T,
): readonly T[] {
  const made: T[] = [];
  let texts = new Map<string, string>();
  readXml(bytes, archive, form, ({ path, content }, refuse) => {
    if (path.startsWith(`${name}/`)) texts.set(path.slice(name.length + 1), content);
    if (path !== name) return;
    made.push(make(texts, refuse));
    texts = new Map();
  });
  return made;
}

/** An index.xml that names `vendors`. */
export function encodeDepotIndex(vendors: readonly DepotVendor[]): Uint8Array {
  const content = textElement('name', CONTENT.name) + textElement('type', CONTENT.type);
  const elements = vendors.map(({ name, code, indexFile, relativePath }) => {
    const texts = [
      textElement('name', name),
      textElement('code', code),
      textElement('indexfile', indexFile),
      textElement('patchUrl', ''),
      textElement('relativePath', relativePath),
    ];
    return element('vendor', {}, texts.join('') + element('content', {}, content));
  });
  return utf8(element('vendorList', {}, elements.join('')));
}

/** A vendor-index.xml that names `places`. */
export function encodeVendorIndex(places: readonly MetadataPlace[]): Uint8Array {
  const elements = places.map(({ productId, version, locale, url, channelName }) => {
    const texts = Object.entries({ productId, version, locale, url, channelName });
    return element('metadata', {}, texts.map(([name, text]) => textElement(name, text)).join(''));
  });
  return utf8(element('metaList', {}, elements.join('')));
}
