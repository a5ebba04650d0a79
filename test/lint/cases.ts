/**
 * For every rule of lint one archive that breaks it, and the same mended, in which nothing is
 * found.
 */

import { gzipSync } from 'node:zlib';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { encodeTarHeader } from '../../src/format/tar-header.ts';
import type { LintOptions } from '../../src/lint/lint.ts';
import type { LintRuleId } from '../../src/lint/rules.ts';
import { withBuild } from '../../src/state/build-record.ts';
import { type Entry, tarOf } from '../support/archives.ts';
import { zipOf } from '../support/zips.ts';
import * as make from './made.ts';

/** What breaks a rule, and what does not. */
export interface Case {
  readonly bad: readonly make.Made[] | Promise<readonly make.Made[]>;
  readonly good: readonly make.Made[] | Promise<readonly make.Made[]>;
  readonly options?: LintOptions;
}

const CLEAN_TAR = [make.tar()];
const CLEAN_VIB = [make.vib()];
const CLEAN_BANK = [make.bank()];
const CHECKED: LintOptions = { signature: { atMs: 0 } };

function tarWith(...entries: readonly Entry[]): Case {
  return { bad: [make.tar([...make.TREE, ...entries])], good: CLEAN_TAR };
}

function vibWith(changes: make.VibChanges, options: LintOptions = {}): Case {
  return { bad: [make.vib(changes)], good: CLEAN_VIB, options };
}

function bankWith(from: string, to: string): Case {
  return { bad: [make.bank((cfg) => cfg.replace(from, to))], good: CLEAN_BANK };
}

const withoutOffset = encodeTarHeader({
  ...{ flavour: 'visor', typeflag: '0', path: 'a', size: 4, mode: 0o644 },
  dataOffset: 1028,
});
const UNALIGNED = concatBytes([withoutOffset, new Uint8Array(516), utf8('data')]);

const PAX = concatBytes([
  encodeTarHeader({ flavour: 'ustar', typeflag: 'x', path: 'PaxHeader', size: 12, mode: 0o644 }),
  utf8('12 mtime=15\n'),
  new Uint8Array(500),
  tarOf(make.TREE, 'ustar'),
]);

const HALF = 700;
const TAR = tarOf(make.TREE, 'gnu');
const SPLIT = concatBytes(
  [TAR.subarray(0, HALF), TAR.subarray(HALF)].map((part) => new Uint8Array(gzipSync(part))),
);

const STICKY_TREE = make.TREE;
const PLAIN_TREE = make.TREE.map((entry) => ({ ...entry, mode: 0o755 }));
const RESTRICTED = { content: { tags: ['RestrictStickyFiles'] } };

const OTHER = { content: { name: 'other' }, payload: 'other' };

async function nested(): Promise<make.Made[]> {
  return [make.file(await zipOf({ 'inner.zip': await make.bundle() }), 'a.zip')];
}

async function bundled(): Promise<make.Made[]> {
  return [make.file(await make.bundle(), 'a.zip')];
}

async function unindexed(): Promise<make.Made[]> {
  const { bytes } = make.vib() as Extract<make.Made, { bytes: unknown }>;
  return [make.file(await zipOf({ 'a.vib': bytes }), 'a.zip')];
}

/** The cases by the rules; signature-untrusted takes a certificate, and is in rules.test.ts. */
export const CASES: Readonly<Record<Exclude<LintRuleId, 'vib-signature-untrusted'>, Case>> = {
  corrupt: { bad: [make.file(make.tgz().subarray(0, 100))], good: [make.file(make.tgz())] },
  'not-an-archive': { bad: [make.file('<html>')], good: CLEAN_TAR },
  'loader-cannot-read': { bad: [make.file(make.zstd(TAR))], good: [make.file(make.tgz())] },
  'inner-compression': {
    bad: [make.file(new Uint8Array(gzipSync(make.zstd(TAR))))],
    good: [make.file(make.tgz())],
  },
  'gzip-trailing-bytes': {
    bad: [make.file(concatBytes([make.tgz(), new Uint8Array(512)]))],
    good: [make.file(make.tgz())],
  },
  'gzip-several-members': { bad: [make.file(SPLIT)], good: [make.file(make.tgz())] },
  'tar-flavour': { bad: [make.tar(make.TREE, 'ustar')], good: [make.tar(make.TREE, 'visor')] },
  'pax-header': { bad: [make.file(PAX)], good: CLEAN_TAR },
  'apple-double': tarWith({ path: 'etc/._motd', content: 'x' }),
  'missing-parent': tarWith({ path: 'opt/tool/x', content: 'x' }),
  'dot-slash': tarWith({ path: './etc/x', content: 'x' }),
  'absolute-name': tarWith({ path: '/etc/x', content: 'x' }),
  'climbing-name': tarWith({ path: 'etc/../x', content: 'x' }),
  'marker-name': tarWith({ path: 'etc/.#motd', content: 'x' }),
  'duplicate-name': tarWith({ path: 'etc/motd', content: 'x' }),
  'sticky-outside-etc': tarWith({ path: 'opt/' }, { path: 'opt/x', content: 'x', mode: 0o1644 }),
  'sticky-restricted': {
    bad: [make.vib({ ...RESTRICTED, entries: STICKY_TREE })],
    good: [make.vib({ ...RESTRICTED, entries: PLAIN_TREE })],
  },
  setuid: tarWith({ path: 'etc/x', content: 'x', mode: 0o4755 }),
  'closed-directory': tarWith({ path: 'opt/', mode: 0o600 }),
  'special-entry': tarWith({ path: 'etc/x', type: 'fifo' }),
  'owner-not-root': tarWith({ path: 'etc/x', content: 'x', uid: 1000 }),
  'visor-alignment': { bad: [make.file(UNALIGNED)], good: [make.tar(make.TREE, 'visor')] },

  'vib-payload-missing': vibWith({ members: (members) => members.slice(0, 2) }),
  'vib-payload-repeated': vibWith({ members: (members) => [...members, members[2]!] }),
  'vib-member-unlisted': vibWith({
    members: (members) => [...members, { name: 'more', bytes: utf8('x') }],
  }),
  'vib-payload-size': vibWith({ xml: (xml) => xml.replace(/ size="\d+"/, ' size="7"') }),
  'vib-payload-unsummed': vibWith({ xml: (xml) => xml.replace(/<checksum .*<\/checksum>/s, '') }),
  'vib-uncompressed-size': vibWith({
    xml: (xml) => xml.replace(/uncompressed-size="\d+"/, 'uncompressed-size="7"'),
  }),
  'vib-checksum': vibWith({ xml: (xml) => xml.replace(/>[0-9a-f]{64}</, `>${'0'.repeat(64)}<`) }),
  'vib-checksum-unknown': vibWith({ xml: (xml) => xml.replace('sha-256', 'md5') }),
  'vib-file-missing': vibWith({ content: { files: ['etc/motd', 'etc/esx.conf', 'etc/more'] } }),
  'vib-file-unlisted': vibWith({ content: { files: ['etc/motd'] } }),
  'vib-signature-invalid': vibWith({ signature: () => utf8('no signature') }, CHECKED),
  'vib-acceptance-level': vibWith({ content: { acceptanceLevel: 'certified' } }, CHECKED),
  'vib-layout': vibWith({ members: ([xml, signature, payload]) => [xml!, payload!, signature!] }),
  'descriptor-misspelt': vibWith({
    xml: (xml) => xml.replace('</relationships>', '<compatbileWith/></relationships>'),
  }),
  'descriptor-date': vibWith({ content: { releaseDate: '2000-01-01 00:00:00' } }),
  'descriptor-name': vibWith({ content: { name: 'sam ple' } }),
  'descriptor-version': vibWith({ content: { version: '1.0' } }),
  'payload-name': vibWith({ payload: 'a-long-payload' }),
  'payload-name-clash': {
    bad: [make.vib({ payload: 'a-b' }), make.vib({ ...OTHER, entries: [], payload: 'a_b' })],
    good: [make.vib({ payload: 'a-b' }), make.vib({ ...OTHER, entries: [], payload: 'a_c' })],
  },
  'overlay-unsaid': {
    bad: [make.vib(), make.vib(OTHER)],
    good: [make.vib(), make.vib({ ...OTHER, content: { name: 'other', overlay: true } })],
  },
  'stage-size': {
    bad: [make.vib({ entries: [{ path: 'x', content: noise(5000) }] })],
    good: CLEAN_VIB,
    options: { stageBytes: 5000 },
  },
  'bundle-nested': { bad: nested(), good: bundled() },
  'bundle-metadata': { bad: unindexed(), good: bundled() },

  'boot-cfg-missing': { bad: [{ name: 'bank', files: {} }], good: CLEAN_BANK },
  'boot-cfg-blank': bankWith('title=', 'title ='),
  'boot-cfg-short-key': bankWith('updated=', 'up='),
  'boot-cfg-unknown-key': bankWith('title=', 'tilte='),
  'boot-cfg-repeated-key': bankWith('title=', 'title=x\ntitle='),
  'bootstate-place': {
    bad: [make.bank((cfg) => `#${' '.repeat(600)}\n${cfg}`)],
    good: [make.bank((cfg) => `#${' '.repeat(400)}\n${cfg}`)],
  },
  'bootstate-missing': bankWith('bootstate=0\n', ''),
  'bootstate-unknown': bankWith('bootstate=0', 'bootstate=4'),
  'bootstate-failed': bankWith('bootstate=0', 'bootstate=3'),
  'build-empty': bankWith('build=8.0.0-1', 'build='),
  'updated-missing': bankWith('updated=1', 'updated=0'),
  'quickboot-over': bankWith('updated=1', 'updated=1\nquickboot=1'),
  'kernel-missing': bankWith('kernel=b.b00', 'kernel='),
  'module-missing': bankWith('a.v00', 'a.v00 --- more.v00'),
  'module-digest': {
    bad: [make.bank((cfg) => cfg, { 'sha256.sum': `${make.sha256(utf8('x'))}  a.v00\n` })],
    good: [make.bank((cfg) => cfg, { 'sha256.sum': `${make.sha256(make.tgz())}  a.v00\n` })],
  },
  'module-unlisted': { bad: [make.bank((cfg) => cfg, { 'b.v00': make.tgz() })], good: CLEAN_BANK },
  'module-repeated': bankWith('a.v00', 'a.v00 --- a.v00'),
  'bank-name': { bad: [make.bank((cfg) => cfg, { 'read-me-first.txt': '' })], good: CLEAN_BANK },
  'bank-name-clash': {
    bad: [make.bank((cfg) => cfg, { 'a.txt': '', 'A.TXT': '' })],
    good: [make.bank((cfg) => cfg, { 'a.txt': '', 'B.TXT': '' })],
  },
  'state-size': {
    bad: [make.file(make.state([{ path: 'etc/x', content: 'x'.repeat(4097) }]))],
    good: [make.file(make.state([{ path: 'etc/x', content: 'x'.repeat(4096) }]))],
    options: { etcBytes: 4096 },
  },
  'state-newer': {
    bad: [make.bank((cfg) => cfg, { 'state.tgz': withBuild(make.state(), '8.0.1-0') })],
    good: [make.bank((cfg) => cfg, { 'state.tgz': withBuild(make.state(), '8.0.0-1') })],
  },
  'state-encrypted': {
    bad: [make.file(make.state([], 'local.tgz.ve'))],
    good: [make.file(make.state())],
  },
  'state-special': {
    bad: [make.file(make.state([{ path: 'etc/x', target: 'y' }]))],
    good: [make.file(make.state())],
  },
};

/** Bytes that do not compress. */
function noise(length: number): Uint8Array {
  let seed = 1;
  return Uint8Array.from({ length }, () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed >>> 16;
  });
}
