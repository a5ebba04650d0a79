/**
 * Attacks descriptors: what real ones leave out or misspell, and XML that is no descriptor or
 * worse. Real descriptors are in vib-corpus.test.ts.
 */

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { DESCRIPTOR_MAX_BYTES } from '../../src/base/limits.ts';
import {
  encodeVibDescriptor,
  parseVibDescriptor,
  type VibDescriptor,
} from '../../src/format/vib-descriptor.ts';

const parsed = (xml: string): VibDescriptor => parseVibDescriptor(utf8(xml), 'evil.vib');

const ID = '<type>bootbank</type><name>a</name><version>1-2</version><vendor>VMW</vendor>';
const vib = (content: string): string => `<vib version="5.0">${ID}${content}</vib>`;

test('an id is vendor, type, name and version', () => {
  expect(parsed(vib('')).id).toBe('VMW_bootbank_a_1-2');
});

test('what is left out is empty, false or community', () => {
  expect(parsed(vib(''))).toMatchObject({
    summary: '',
    urls: [],
    relationships: { depends: [], conflicts: [], replaces: [], provides: [], compatibleWith: [] },
    tags: [],
    files: [],
    platforms: [],
    payloads: [],
    maintenanceMode: false,
    overlay: false,
    acceptanceLevel: 'community',
  });
});

const ODDITIES: readonly [why: string, content: string, want: Partial<VibDescriptor>][] = [
  ['escapes', '<summary>R&amp;D &lt;&#228;&gt;</summary>', { summary: 'R&D <ä>' }],
  ['character data', '<summary><![CDATA[a <b>]]></summary>', { summary: 'a <b>' }],
  ['blanks of those who indent by hand', '<summary>\n  a\n</summary>', { summary: 'a' }],
  ['comments before the end', '<overlay>true</overlay><!-- TGZ2VIB5 -->', { overlay: true }],
  [
    'a date without a zone',
    '<release-date>2016-01-02 03:04:05</release-date>',
    {
      releaseDate: '2016-01-02 03:04:05',
    },
  ],
  ['elements that bundles add', '<packed-size>1</packed-size><relative-path>a</relative-path>', {}],
  ['a name that is not the VIB’s', '<x><name>other</name></x>', { name: 'a' }],
  ['urls', '<urls><url key="k">u</url></urls>', { urls: [{ key: 'k', url: 'u' }] }],
  ['tags', '<software-tags><tag>module</tag><tag/></software-tags>', { tags: ['module', ''] }],
  [
    'what it requires',
    '<system-requires><maintenance-mode>true</maintenance-mode>' +
      '<softwarePlatform version="8.0" locale="" productLineID="embeddedEsx"/></system-requires>',
    {
      maintenanceMode: true,
      platforms: [{ version: '8.0', locale: '', productLineId: 'embeddedEsx' }],
    },
  ],
];

test.each(ODDITIES)('%s are read', (_why, content, want) => {
  expect(parsed(vib(content))).toMatchObject(want);
});

test('constraints have a relation or none', () => {
  const depends = '<constraint name="x"/><constraint name="y" relation="&gt;=" version="1"/>';
  const { relationships } = parsed(
    vib(`<relationships><depends>${depends}</depends></relationships>`),
  );
  expect(relationships.depends).toEqual([
    { name: 'x' },
    { name: 'y', relation: '>=', version: '1' },
  ]);
});

test('compatibleWith is read as two real VIBs misspell it', () => {
  const content =
    '<relationships><compatbileWith><constraint name="x"/></compatbileWith></relationships>';
  expect(parsed(vib(content)).relationships.compatibleWith).toEqual([{ name: 'x' }]);
});

test('payloads have their own checksums, and no size before they are built', () => {
  const payloads =
    '<payload name="p" type="vgz" size="3" uncompressed-size="9">' +
    '<checksum checksum-type="sha-256">aa</checksum>' +
    '<checksum checksum-type="sha-1" verify-process="gunzip">bb</checksum></payload>' +
    '<payload name="q" type="tgz"/>';
  expect(parsed(vib(`<payloads>${payloads}</payloads>`)).payloads).toEqual([
    {
      name: 'p',
      type: 'vgz',
      size: 3,
      uncompressedSize: 9,
      checksums: [
        { type: 'sha-256', verifyProcess: null, value: 'aa' },
        { type: 'sha-1', verifyProcess: 'gunzip', value: 'bb' },
      ],
    },
    { name: 'q', type: 'tgz', size: null, uncompressedSize: null, checksums: [] },
  ]);
});

test('a byte order mark and a declaration may come first', () => {
  expect(parsed(`\ufeff<?xml version="1.0" encoding="UTF-8"?>\n${vib('')}`).name).toBe('a');
});

const BOMB = `<!DOCTYPE vib [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${vib('')}`;

const LIES: readonly [lie: string, xml: string, claim: string][] = [
  ['nothing', '', 'no well-formed XML'],
  ['text', 'hello', 'no well-formed XML'],
  ['half a descriptor', vib('').slice(0, 40), 'no well-formed XML'],
  ['elements that cross', vib('<a><b></a></b>'), 'no well-formed XML'],
  ['two roots', vib('') + vib(''), 'no well-formed XML'],
  ['an attribute twice', vib('<x a="1" a="2"/>'), 'no well-formed XML'],
  ['an entity of its own', vib('<summary>&a;</summary>'), 'no well-formed XML'],
  ['a document type', BOMB, 'a document type'],
  [
    'an external document type',
    `<!DOCTYPE vib SYSTEM "file:///etc/passwd">${vib('')}`,
    'a document',
  ],
  ['another root', '<bulletin/>', "a descriptor of 'bulletin'"],
  ['a nest of elements', vib('<x>'.repeat(99)), 'nested more than 16 deep'],
  ['no name', vib('').replace('<name>a</name>', ''), 'without a name'],
  ['an empty vendor', vib('').replace('VMW', ' '), 'without a vendor'],
  ['no type', vib('').replace('<type>bootbank</type>', ''), 'without a type'],
  ['no version', vib('').replace('<version>1-2</version>', ''), 'without a version'],
  ['a size in words', vib('<payloads><payload size="big"/></payloads>'), 'a payload of size "big"'],
  [
    'a size below nothing',
    vib('<payloads><payload uncompressed-size="-1"/></payloads>'),
    'a payload of size "-1"',
  ],
];

describe('refusals', () => {
  test.each(LIES)('%s: refused', (_lie, xml, claim) => {
    expect(() => parsed(xml)).toThrow(CorruptError);
    expect(() => parsed(xml)).toThrow(claim);
  });

  test('the place is a byte, not a character', () => {
    const before = vib('<summary>ääää</summary>').replace('</vib>', '');
    expect(() => parsed(`${before}<x a="1" a="2"/></vib>`)).toThrow(CorruptError);
    const plain = before.replace('ääää', 'aaaaaaaa');
    const place = (xml: string): number | null => {
      try {
        parsed(xml);
      } catch (error) {
        return (error as CorruptError).offset;
      }
      return -1;
    };
    const offset = place(`${before}<x a="1" a="2"/></vib>`);
    expect(offset).toBe(place(`${plain}<x a="1" a="2"/></vib>`));
    expect(offset).toBeGreaterThan(utf8(before).length);
  });

  test('more than anyone needs is not even parsed', () => {
    const refusal = (): VibDescriptor => {
      return parseVibDescriptor(new Uint8Array(DESCRIPTOR_MAX_BYTES + 1), 'evil.vib');
    };
    expect(refusal).toThrow(`evil.vib at 0x0: a descriptor of ${DESCRIPTOR_MAX_BYTES + 1} bytes`);
  });

  test('what is not UTF-8 is refused', () => {
    const bytes = utf8(vib('<summary>x</summary>'));
    bytes[bytes.indexOf(0x78)] = 0xff;
    expect(() => parseVibDescriptor(bytes, 'evil.vib')).toThrow('not UTF-8');
  });
});

test('what is written is read back, and markup in it stays text', () => {
  const descriptor: VibDescriptor = {
    ...parsed(vib('')),
    summary: '<b>&"ä"</b>',
    urls: [{ key: '"&<', url: 'https://example.com/?a&b' }],
    files: ['etc/a&b'],
    tags: ['module'],
    overlay: true,
    maintenanceMode: true,
    platforms: [{ version: '8.*', locale: '', productLineId: 'embeddedEsx' }],
    payloads: [{ name: 'p', type: 'vgz', size: 1, uncompressedSize: null, checksums: [] }],
  };
  const bytes = encodeVibDescriptor(descriptor);
  expect(parseVibDescriptor(bytes, 'a.vib')).toEqual(descriptor);
  expect(text(bytes)).toMatch(/^<vib version="5\.0"><type>.*<\/payloads><\/vib>$/);
});
