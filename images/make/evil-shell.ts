/**
 * Evil shells around tars: gzip, VIB, and things that are neither.
 */

import { concatBytes, NO_BYTES, putU32, u32, utf8 } from '../../src/base/bytes.ts';
import { encodeVibDescriptor } from '../../src/format/vib-descriptor.ts';
import { ar, arMember, latin1Bytes, ZEROS } from './blocks.ts';
import { bomb } from './bomb.ts';
import { generated } from './content.ts';
import { type EvilArchive, evil } from './evil.ts';
import { honestTar } from './evil-tar.ts';
import { DRAFT } from './good-more.ts';
import { gzip } from './pack.ts';
import { describedPayload } from './vib.ts';

const GIB = 2 ** 30;

/** The evil gzips. */
export function evilGzips(): EvilArchive[] {
  const tar = honestTar();
  const packed = gzip(tar);
  const withTrailer = (offset: number): Uint8Array => {
    const copy = packed.slice();
    const at = copy.length - 8 + offset;
    putU32(copy, at, u32(copy, at) + 1);
    return copy;
  };
  const garbled = packed.slice();
  garbled.fill(0xff, 12, 24);
  return [
    evil(
      'gzip-cut-short.tgz',
      'a stream without its end',
      'cut short',
      packed.subarray(0, packed.length - 20),
    ),
    evil(
      'gzip-cut-in-trailer.tgz',
      'a trailer of four bytes',
      'cut short',
      packed.subarray(0, packed.length - 4),
    ),
    evil('gzip-cut-in-header.tgz', 'a header and nothing else', 'cut short', packed.subarray(0, 8)),
    evil(
      'gzip-bad-crc.tgz',
      'another sum than that of its bytes',
      'is not sound gzip',
      withTrailer(0),
    ),
    evil(
      'gzip-bad-length.tgz',
      'another length than that of its bytes',
      'is not sound gzip',
      withTrailer(4),
    ),
    evil('gzip-garbled.tgz', 'codes that deflate does not have', 'is not sound gzip', garbled),
    evil(
      'gzip-garbage-behind.tgz',
      'a second member that is none',
      'is not sound gzip',
      concatBytes([packed, utf8('whatever came next')]),
    ),
    evil('gzip-of-nothing.tgz', 'no archive in it', 'is empty', gzip(NO_BYTES)),
    evil(
      'gzip-four-times.tgz',
      'four layers',
      'compressed more than 3 times',
      gzip(gzip(gzip(packed))),
    ),
    evil('gzip-of-text.tgz', 'text in it', 'is no archive', gzip(utf8('just words\n'.repeat(100)))),
    evil(
      'bomb.tgz',
      '10 GiB of zeros in 10 kB, by two layers',
      'decodes to more than 67108864 bytes',
      bomb(10 * GIB),
    ),
  ];
}

/** The evil VIBs. */
export function evilVibs(): EvilArchive[] {
  const stored = gzip(honestTar());
  const payload = arMember('sample', stored);
  const right = descriptorOf({ size: stored.length });
  const xml = (bytes: Uint8Array): Uint8Array => arMember('descriptor.xml', bytes);
  const signature = arMember('sig.pkcs7', NO_BYTES);
  const vib = (descriptor: string): Uint8Array => ar(xml(utf8(descriptor)), signature, payload);
  const start = ar(xml(right), signature);
  const many = Array.from({ length: 1025 }, (_, index) => arMember(`m${index}`, NO_BYTES));
  const entity = '<!DOCTYPE vib SYSTEM "file:///etc/passwd"><vib version="5.0"></vib>';
  const latin1 = concatBytes([utf8('<vib><name>'), latin1Bytes('\xe9'), utf8('</name></vib>')]);
  const zeros = bomb(10 * GIB);
  return [
    evil(
      'ar-size-past-end.vib',
      'a payload of 9 GB',
      'the archive ends before them',
      concatBytes([start, arMember('sample', stored, { size: '9999999999' })]),
    ),
    evil(
      'ar-no-end-mark.vib',
      'a member header without its end',
      'without its end mark',
      concatBytes([start, arMember('sample', stored, { mark: 'xx' })]),
    ),
    evil(
      'ar-size-in-words.vib',
      'a size that is no number',
      'an ar member of size',
      concatBytes([start, arMember('sample', stored, { size: 'large' })]),
    ),
    evil(
      'ar-size-negative.vib',
      'a member of -60 bytes',
      'an ar member of size',
      concatBytes([start, arMember('sample', stored, { size: '-60' })]),
    ),
    evil(
      'ar-header-cut-short.vib',
      'an archive that ends in a header',
      'ends within an ar header',
      concatBytes([start, payload.subarray(0, 30)]),
    ),
    evil('ar-many-members.vib', '1025 members', 'more than 1024 members', ar(...many)),
    evil(
      'ar-long-name-nowhere.vib',
      'a long name of no table',
      'a long name at 7 of no table',
      concatBytes([start, arMember('/7', stored)]),
    ),
    evil(
      'descriptor-missing.vib',
      'no descriptor',
      "no member 'descriptor.xml'",
      ar(signature, payload),
    ),
    evil(
      'descriptor-not-xml.vib',
      'a descriptor of words',
      'no well-formed XML',
      vib('name: sample\n'),
    ),
    evil(
      'descriptor-cut-short.vib',
      'a descriptor without its end',
      'no well-formed XML',
      ar(xml(right.subarray(0, 200)), signature, payload),
    ),
    evil(
      'descriptor-not-utf8.vib',
      'a descriptor in latin-1',
      'not UTF-8',
      ar(xml(latin1), signature, payload),
    ),
    evil(
      'descriptor-of-html.vib',
      'a descriptor that is a page',
      "a descriptor of 'html'",
      vib('<html><body/></html>'),
    ),
    evil(
      'descriptor-nameless.vib',
      'a VIB without a name',
      'a descriptor without a',
      vib('<vib version="5.0"><type>bootbank</type></vib>'),
    ),
    evil(
      'descriptor-deep.vib',
      'a thousand elements in each other',
      'deep',
      vib(`<vib>${'<a>'.repeat(1000)}${'</a>'.repeat(1000)}</vib>`),
    ),
    evil('entity-bomb.vib', 'a billion words by entities', 'a document type', vib(entityBomb())),
    evil(
      'entity-from-outside.vib',
      'the password file of whoever reads',
      'a document type',
      vib(entity),
    ),
    evil('payload-missing.vib', 'a payload that is not there', "no member 'sample'", start),
    evil(
      'payload-size-lies.vib',
      'another size than its member has',
      "gives payload 'sample'",
      ar(xml(descriptorOf({ size: stored.length + 1 })), signature, payload),
    ),
    evil(
      'payload-size-in-words.vib',
      'a payload of a size in words',
      'a payload of size',
      vib(text(right).replace(/ size="\d+"/, ' size="many"')),
    ),
    evil(
      'payload-is-text.vib',
      'a payload that is no archive',
      'is no archive',
      ar(
        xml(descriptorOf({ size: 1000 })),
        signature,
        arMember('sample', generated('words', 1000, 1)),
      ),
    ),
    evil(
      'payload-is-a-bomb.vib',
      '10 GiB of zeros in a payload',
      'decodes to more than 67108864 bytes',
      ar(xml(descriptorOf({ size: zeros.length })), signature, arMember('sample', zeros)),
    ),
  ];
}

function descriptorOf({ size }: { readonly size: number }): Uint8Array {
  const tar = honestTar();
  const described = describedPayload('sample', 'tgz', tar, gzip(tar));
  return encodeVibDescriptor({ ...DRAFT, files: ['a'], payloads: [{ ...described, size }] });
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function entityBomb(): string {
  const entities = Array.from({ length: 9 }, (_, index) => {
    return `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`;
  });
  const types = `<!DOCTYPE vib [<!ENTITY e0 "word">${entities.join('')}]>`;
  return `${types}<vib version="5.0"><name>&e9;</name></vib>`;
}

/** What is no archive at all, and what was named as if it were. */
export function evilStrangers(): EvilArchive[] {
  const lines = '<p>Not here.</p>\n'.repeat(60);
  const html = `<!DOCTYPE html>\n<html><body><h1>404</h1>${lines}</body></html>\n`;
  const xz = concatBytes([latin1Bytes('\xfd7zXZ\0'), generated('noise', 600, 2)]);
  return [
    evil('empty.bin', 'nothing', 'is empty', NO_BYTES),
    evil('one-byte.bin', 'one byte', 'is no archive', utf8('x')),
    evil('not-an-archive.bin', 'bytes of chance', 'is no archive', generated('noise', 4096, 3)),
    evil(
      'html-error-page.tgz',
      'a page that says the archive is not there',
      'starts as markup does',
      utf8(html),
    ),
    evil('zip-named-tar.tar', 'a zip', 'is a zip', zipOfNothing()),
    evil('xz-named-tgz.tgz', 'the start of xz', 'is not sound xz', xz),
    evil('half-a-block.tar', 'an archive of 256 zeros', 'is no archive', ZEROS.subarray(0, 256)),
  ];
}

/**
 * A zip of one empty file `a`, by hand, padded by its comment so that it is as long as a header.
 */
function zipOfNothing(): Uint8Array {
  const fields = `\x0a\0\0\0\0\0\0\0\x21\x28${'\0'.repeat(12)}\x01\0\0\0`;
  const local = latin1Bytes(`PK\x03\x04${fields}a`);
  const central = latin1Bytes(`PK\x01\x02\x0a\0${fields}${'\0'.repeat(14)}a`);
  const comment = ' '.repeat(600);
  const lengths = [central.length, local.length];
  const sizes = lengths.map((length) => `${String.fromCharCode(length)}\0\0\0`).join('');
  const end = latin1Bytes(`PK\x05\x06\0\0\0\0\x01\0\x01\0${sizes}\x58\x02${comment}`);
  return concatBytes([local, central, end]);
}
