/**
 * Writing bulletins: each by itself, and all of them as vmware.xml. What is written is drawn in
 * bulletin.ts.
 */

import { utf8 } from '../base/bytes.ts';
import { BULLETIN_TEXTS, type Bulletin } from './bulletin.ts';
import { relationshipElements, type VibDescriptor, type VibPlatform } from './vib-descriptor.ts';
import type { VibMetadata } from './vib-metadata.ts';
import { element, textElement } from './xml.ts';

const RESPONSE_VERSION = '3.0';
const VIB_VERSION = '1.4.5';

/** A file of bulletins/. */
export function encodeBulletin(bulletin: Bulletin): Uint8Array {
  const ids = bulletin.vibIds.map((id) => textElement('vibID', id));
  return utf8(bulletinElement(bulletin, ids.join('')));
}

/**
 * vmware.xml of `bulletins`, whose VIBs are all in `vibs`; `timestamp` is ISO 8601. Throws
 * RangeError for a VIB that is not.
 */
export function encodeMetadataResponse(
  timestamp: string,
  bulletins: readonly Bulletin[],
  vibs: readonly VibMetadata[],
): Uint8Array {
  const byId = new Map(vibs.map((vib) => [vib.descriptor.id, vib]));
  const elements = bulletins.map((bulletin) => {
    const published = bulletin.vibIds.map((id) => {
      const vib = byId.get(id);
      if (vib === undefined) throw new RangeError(`the bulletin '${bulletin.id}' needs '${id}'`);
      return publishedElement(vib);
    });
    return bulletinElement(bulletin, published.join(''));
  });
  const head = textElement('version', RESPONSE_VERSION) + textElement('timestamp', timestamp);
  return utf8(element('metadataResponse', {}, head + elements.join('')));
}

function bulletinElement(bulletin: Bulletin, vibList: string): string {
  const { componentName, componentVersion } = bulletin;
  const specs = [
    componentName === null
      ? ''
      : element('componentNameSpec', {
          name: componentName.value,
          uiString: componentName.uiString,
        }),
    componentVersion === null
      ? ''
      : element('componentVersionSpec', {
          version: componentVersion.value,
          uiString: componentVersion.uiString,
        }),
  ];
  return element(
    'bulletin',
    {},
    BULLETIN_TEXTS.map((key) => textElement(key, bulletin[key])).join('') +
      specs.join('') +
      textElement('releaseDate', bulletin.releaseDate) +
      element(
        'platforms',
        {},
        bulletin.platforms.map(platformElement('softwarePlatform')).join(''),
      ) +
      element('vibList', {}, vibList),
  );
}

function platformElement(name: string): (platform: VibPlatform) => string {
  return ({ version, locale, productLineId }) =>
    element(name, { locale, version, productLineID: productLineId });
}

function publishedElement({ descriptor, relativePath, packedSize, checksum }: VibMetadata): string {
  const { id, name, version, vendor, type, summary, tags } = descriptor;
  const sum = textElement('checksumType', checksum.type) + textElement('checksum', checksum.value);
  const file =
    textElement('sourceUrl', '') +
    textElement('relativePath', relativePath) +
    textElement('packedSize', `${packedSize}`) +
    element('checksum', {}, sum);
  return element(
    'vib',
    {},
    textElement('vibVersion', VIB_VERSION) +
      textElement('vibID', id) +
      textElement('name', name) +
      textElement('version', version) +
      textElement('vendor', vendor) +
      textElement('vibType', type) +
      textElement('summary', summary) +
      element('systemReqs', {}, requirements(descriptor)) +
      element('relationships', {}, relationshipElements(descriptor.relationships)) +
      element('postInstall', {}, postInstall(descriptor)) +
      element('softwareTags', {}, tags.map((tag) => textElement('tag', tag)).join('')) +
      element('vibFile', {}, file),
  );
}

function requirements({ maintenanceMode, platforms }: VibDescriptor): string {
  const mode = textElement('maintenanceMode', `${maintenanceMode}`);
  return mode + platforms.map(platformElement('swPlatform')).join('');
}

function postInstall({ liveInstallAllowed, cimomRestart }: VibDescriptor): string {
  const reboot = textElement('rebootRequired', `${!liveInstallAllowed}`);
  return reboot + textElement('hostdRestart', `${cimomRestart}`);
}
