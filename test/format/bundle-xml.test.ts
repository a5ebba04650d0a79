/**
 * The XML of bundles: read as real ones are, in any order and with what is not known passed over;
 * and whatever bytes change in it, read or refused.
 */

import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { parseBulletin, parseMetadataResponse } from '../../src/format/bulletin.ts';
import { parseDepotIndex, parseVendorIndex } from '../../src/format/depot-index.ts';
import { encodeImageProfile, parseImageProfile } from '../../src/format/image-profile.ts';
import { parseVibMetadata } from '../../src/format/vib-metadata.ts';
import { bundleOf, vibOf } from '../support/bundles.ts';
import { prng, seeds } from '../support/prng.ts';
import { unzipped } from '../support/zips.ts';

test('an index has vendors, each with its own, indented or not', () => {
  const xml = `<?xml version="1.0"?>
<vendorList>
  <!-- one -->
  <vendor>
    <content><name>VMware ESX</name></content>
    <relativePath>us</relativePath><indexfile>a.xml</indexfile>
    <code>US</code><name>Us &amp; them</name><more><name>x</name></more>
  </vendor>
  <vendor><indexfile>b.xml</indexfile></vendor>
</vendorList>`;
  expect(parseDepotIndex(utf8(xml), 'index.xml')).toEqual([
    { name: 'Us & them', code: 'US', indexFile: 'a.xml', relativePath: 'us' },
    { name: '', code: '', indexFile: 'b.xml', relativePath: '' },
  ]);
  expect(parseDepotIndex(utf8('<vendorList/>'), 'index.xml')).toEqual([]);
});

test('an index of a vendor has metadata, and what one leaves out is not of the one before', () => {
  const one = '<metadata><url>a.zip</url><version>8.0</version></metadata>';
  const xml = utf8(`<metaList>${one}<metadata><url>b.zip</url></metadata></metaList>`);
  const empty = { productId: '', locale: '', channelName: '' };
  expect(parseVendorIndex(xml, 'vendor-index.xml')).toEqual([
    { ...empty, url: 'a.zip', version: '8.0' },
    { ...empty, url: 'b.zip', version: '' },
  ]);
});

test('vmware.xml of a bundle without bulletins is a version and a time', () => {
  const xml = '<metadataResponse><version>3.0</version><timestamp>t</timestamp></metadataResponse>';
  expect(parseMetadataResponse(utf8(xml), 'vmware.xml')).toEqual({
    ...{ version: '3.0', timestamp: 't' },
    ...{ bulletins: [], vibs: [] },
  });
});

test('of several bulletins in vmware.xml none has what is of another', () => {
  const vib = (id: string): string =>
    `<vib><vibID>${id}</vibID><name>n</name><vibFile><relativePath>p</relativePath>` +
    '<packedSize>1</packedSize><checksum><checksumType>sha-256</checksumType>' +
    '<checksum>00</checksum></checksum></vibFile></vib>';
  const one = `<bulletin><id>1</id><vendor>us</vendor><vibList>${vib('a')}</vibList></bulletin>`;
  const two = `<bulletin><id>2</id><vibList>${vib('b')}${vib('c')}</vibList></bulletin>`;
  const xml = utf8(`<metadataResponse>${one}${two}</metadataResponse>`);
  const { bulletins, vibs } = parseMetadataResponse(xml, 'vmware.xml');
  expect(bulletins.map(({ id, vendor, vibIds }) => [id, vendor, vibIds])).toEqual([
    ['1', 'us', ['a']],
    ['2', '', ['b', 'c']],
  ]);
  const place = { relativePath: 'p', packedSize: '1', checksumType: 'sha-256', checksum: '00' };
  expect(vibs).toEqual(['a', 'b', 'c'].map((id) => ({ id, ...place })));
});

test('a profile may have any root, and is of the community unless it says', () => {
  const xml = '<profile><name>p</name><viblist><vib><vib-id>a</vib-id></vib></viblist></profile>';
  const profile = parseImageProfile(utf8(xml), 'p.xml');
  expect(profile).toMatchObject({ name: 'p', acceptanceLevel: 'community', vibIds: ['a'] });
  expect(parseImageProfile(encodeImageProfile(profile), 'p.xml')).toEqual(profile);
});

const BUNDLE = await bundleOf([await vibOf('one')], {
  bulletins: [{ id: 'b', componentName: { value: 'n', uiString: 'N' } }],
  profiles: [{ name: 'p' }],
});
const FILES = unzipped(BUNDLE);
const METADATA = unzipped(FILES.get('metadata.zip')!);
const NAMES = [...METADATA.keys()];
const inFolder = (folder: string): Uint8Array => {
  return METADATA.get(NAMES.find((name) => name.startsWith(folder))!)!;
};

const PARSERS: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => unknown])[] = [
  ['index.xml', FILES.get('index.xml')!, (bytes) => parseDepotIndex(bytes, 'x')],
  ['vendor-index.xml', FILES.get('vendor-index.xml')!, (bytes) => parseVendorIndex(bytes, 'x')],
  ['vmware.xml', METADATA.get('vmware.xml')!, (bytes) => parseMetadataResponse(bytes, 'x')],
  ['a bulletin', inFolder('bulletins/'), (bytes) => parseBulletin(bytes, 'x')],
  ['a profile', inFolder('profiles/'), (bytes) => parseImageProfile(bytes, 'x')],
  ["a VIB's metadata", inFolder('vibs/'), (bytes) => parseVibMetadata(bytes, 'x')],
];

for (const seed of seeds(4)) {
  test.each(PARSERS)(
    `%s of which bytes changed is read or refused (SEED=${seed})`,
    (_name, sound, parse) => {
      const chance = prng(seed);
      parse(sound);
      for (let turn = 0; turn < 300; turn++) {
        const bad = sound.slice(
          0,
          chance.below(8) === 0 ? chance.below(sound.length) : sound.length,
        );
        for (let count = chance.below(3); count >= 0; count--) {
          bad[chance.below(bad.length)] = chance.pick([...'<>/"&!?[]= \0', 'é']).charCodeAt(0);
        }
        try {
          parse(bad);
        } catch (error) {
          if (!(error instanceof CorruptError)) throw error;
        }
      }
    },
  );
}
