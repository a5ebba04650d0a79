/**
 * Archives, VIBs, banks, states and bundles for lint, said in a line, and clean unless told
 * otherwise.
 */

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { concatBytes, text, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { type ArContent, encodeAr } from '../../src/format/ar.ts';
import { encodeVibDescriptor, type VibContent } from '../../src/format/vib-descriptor.ts';
import { type LintFinding, type LintOptions, type LintSubject, lint } from '../../src/lint/lint.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { createBundle } from '../../src/software/create-bundle.ts';
import { type Entry, type MadeFlavour, tarOf } from '../support/archives.ts';

/** Something to look at: bytes, or the files of a bank. */
export type Made =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly files: Readonly<Record<string, Uint8Array | string>> };

/** A small tree with nothing wrong. */
export const TREE: readonly Entry[] = [
  { path: 'etc/' },
  { path: 'etc/motd', content: 'welcome\n' },
  { path: 'etc/esx.conf', content: 'a', mode: 0o1644 },
];

/** What lint finds in `made`. */
export async function found(
  made: readonly Made[],
  options: LintOptions = {},
): Promise<LintFinding[]> {
  const reports = await lint(made.map(subjectOf), nativeCodec, options);
  return reports.flatMap(({ findings }) => findings);
}

/** `made` as lint takes it. */
export function subjectOf(made: Made): LintSubject {
  const { name } = made;
  if ('bytes' in made) return { name, open: async () => bytesSource(made.bytes, name) };
  const files = new Map(Object.entries(made.files));
  const open = async (file: string) => {
    const content = files.get(file)!;
    return bytesSource(typeof content === 'string' ? utf8(content) : content, file);
  };
  return { name, bank: { name, list: async () => [...files.keys()], open } };
}

/** A tar of `entries`, of GNU's kind unless said. */
export function tar(entries: readonly Entry[] = TREE, flavour: MadeFlavour = 'gnu'): Made {
  return { name: 'a.tar', bytes: tarOf(entries, flavour) };
}

/** A gzipped tar, GNU's. */
export function tgz(entries: readonly Entry[] = TREE): Uint8Array {
  return new Uint8Array(gzipSync(tarOf(entries, 'gnu')));
}

/** `bytes` as a file to look at. */
export function file(bytes: Uint8Array | string, name = 'a.tgz'): Made {
  return { name, bytes: typeof bytes === 'string' ? utf8(bytes) : bytes };
}

/** `bytes` in one frame of zstd that stores them. */
export function zstd(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const size = [length, length >>> 8, length >>> 16, length >>> 24];
  const block = length * 8 + 1;
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, ...size, block, block >>> 8, block >>> 16];
  return concatBytes([Uint8Array.from(head, (byte) => byte & 0xff), bytes]);
}

/** How a VIB differs from a clean one. */
export interface VibChanges {
  readonly content?: Partial<VibContent>;
  readonly entries?: readonly Entry[];
  /** The name of its payload. */
  readonly payload?: string;
  /** The payload in the ar, in place of the one that was described. */
  readonly stored?: Uint8Array;
  readonly xml?: (xml: string) => string;
  readonly signature?: (descriptor: Uint8Array) => Uint8Array;
  readonly members?: (members: readonly ArContent[]) => readonly ArContent[];
}

/** A VIB, clean but for `changes`. */
export function vib(changes: VibChanges = {}): Made {
  const { entries = TREE, payload: name = 'payload1', content = {} } = changes;
  const plain = tarOf(entries, 'gnu');
  const stored = new Uint8Array(gzipSync(plain));
  const isFile = ({ path, type }: Entry): boolean =>
    type !== 'dir' && !(typeof path === 'string' && path.endsWith('/'));
  const files = entries.filter(isFile).map(({ path }) => String(path));
  const relationships = {
    ...{ depends: [], conflicts: [], replaces: [], provides: [], compatibleWith: [] },
  };
  const encoded = encodeVibDescriptor({
    ...{ type: 'bootbank', name: 'sample', version: '1.0.0-1', vendor: 'VMW' },
    ...{ summary: 's', description: 'd', releaseDate: '2000-01-01T00:00:00+00:00' },
    ...{ urls: [], relationships, tags: [], maintenanceMode: false, platforms: [], files },
    ...{ acceptanceLevel: 'community', liveInstallAllowed: true, liveRemoveAllowed: true },
    ...{ cimomRestart: false, statelessReady: true, overlay: false },
    payloads: [
      {
        ...{ name, type: 'tgz', size: stored.length, uncompressedSize: plain.length },
        checksums: [{ type: 'sha-256', verifyProcess: null, value: sha256(stored) }],
      },
    ],
    ...content,
  });
  const xml = changes.xml === undefined ? encoded : utf8(changes.xml(text(encoded)));
  const members = [
    { name: 'descriptor.xml', bytes: xml },
    { name: 'sig.pkcs7', bytes: changes.signature?.(xml) ?? new Uint8Array(0) },
    { name, bytes: changes.stored ?? stored },
  ];
  return file(encodeAr(changes.members?.(members) ?? members), 'a.vib');
}

/** A boot.cfg with nothing wrong. */
export const BOOT_CFG = `bootstate=0
title=A bank
kernel=b.b00
modules=a.v00 --- state.tgz
build=8.0.0-1
updated=1
`;

/** A bank, clean but for what `changes` make of boot.cfg, and the files in `more`. */
export function bank(
  changes: (cfg: string) => string = (cfg) => cfg,
  more: Readonly<Record<string, Uint8Array | string>> = {},
): Made {
  const files = {
    ...{ 'boot.cfg': changes(BOOT_CFG), 'b.b00': 'a kernel', 'a.v00': tgz() },
    ...{ 'state.tgz': state(), ...more },
  };
  return { name: 'bank', files };
}

/** A state.tgz that holds `entries`, or the local file `local`. */
export function state(
  entries: readonly Entry[] = [{ path: 'etc/esx.conf', content: 'b', mode: 0o1644 }],
  local = 'local.tgz',
): Uint8Array {
  const inner = new Uint8Array(gzipSync(tarOf(entries)));
  return new Uint8Array(gzipSync(tarOf([{ path: local, content: inner }])));
}

/** An offline bundle of a clean VIB. */
export async function bundle(): Promise<Uint8Array> {
  const { bytes } = vib() as Extract<Made, { bytes: unknown }>;
  return concatBytes((await createBundle([bytesSource(bytes, 'a.vib')], nativeCodec)).pieces);
}

/** The SHA-256 of `bytes` in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
