/**
 * Good visor tars, good gzips and good VIBs.
 */

import { concatBytes, NO_BYTES, utf8 } from '../../src/base/bytes.ts';
import { encodeVibDescriptor, type VibContent } from '../../src/format/vib-descriptor.ts';
import { ar, arMember, latin1Bytes, summed } from './blocks.ts';
import { generated } from './content.ts';
import { type GoodArchive, good } from './good.ts';
import { PLAIN, SAMPLE } from './good-tar.ts';
import { gzip, packGnu, packUstar, packVisor } from './pack.ts';
import { directory, file } from './tree.ts';
import { buildVib, describedPayload, type PayloadRecipe } from './vib.ts';

/** SAMPLE, and two ELF images, which move what comes after them: an offset has a byte past 0x7f. */
const VISOR_SAMPLE = [
  directory('bin'),
  file('bin/agent', generated('elf', 20_000, 301), 0o555),
  file('bin/driver.ko', generated('module', 9_000, 302), 0o444),
  ...SAMPLE,
  file('zero', NO_BYTES),
];

/** The good visor tars. */
export function goodVisorTars(): GoodArchive[] {
  const says = 'visor tar in the layout of ESXi';
  const inline = packVisor(PLAIN, 'inline');
  return [
    ...(['6.5', '6.7', '8.0'] as const).map((layout) => {
      const bytes = packVisor(VISOR_SAMPLE, layout);
      return good(`visor-${layout}.vtar`, `${says} ${layout}`, bytes, VISOR_SAMPLE);
    }),
    good('visor-inline.vtar', 'visor headers without offsets: data follows', inline, PLAIN),
    good(
      'visor-unsigned.vtar',
      'sums of unsigned bytes, as other tools write',
      unsigned(),
      VISOR_SAMPLE,
    ),
  ];
}

function unsigned(): Uint8Array {
  const bytes = packVisor(VISOR_SAMPLE, '6.7');
  for (let index = 0; index < VISOR_SAMPLE.length; index++) {
    const block = bytes.subarray(index * 512, (index + 1) * 512);
    block.set(summed(block));
  }
  return bytes;
}

/** The good gzips. */
export function goodGzips(): GoodArchive[] {
  const tar = packGnu(SAMPLE);
  const cut = 700;
  const members = concatBytes([gzip(tar.subarray(0, cut)), gzip(tar.subarray(cut))]);
  // Flag 8 says that a name follows; 3 is Unix.
  const naming = '\x1f\x8b\x08\x08\x80\x43\x6d\x38\x02\x03sample.tar\0';
  const named = concatBytes([latin1Bytes(naming), gzip(tar).subarray(10)]);
  const zeros = concatBytes([gzip(tar), new Uint8Array(512)]);
  const sticky = [
    directory('etc'),
    file('etc/kept.conf', 'kept\n', 0o1644),
    file('etc/lost.conf', 'lost\n', 0o644),
    file('etc/run.sh', '#!/bin/sh\n', 0o1755),
    directory('opt', 0o1755),
  ];
  const orphans = [file('opt/tools/bin/run', 'no parents\n', 0o755)];
  const parents = ['opt', 'opt/tools', 'opt/tools/bin'].map((path) => directory(path));
  return [
    good(
      'sticky.tgz',
      'sticky on files, where it means state, and on directories',
      gzip(packGnu(sticky)),
      sticky,
    ),
    good('missing-parents.tgz', 'a file and none of its directories', gzip(packGnu(orphans)), [
      ...parents,
      ...orphans,
    ]),
    good('twice-gzipped.tgz', 'gzip in gzip', gzip(gzip(tar)), SAMPLE),
    good('multi-member.tgz', 'two gzip members, cut within a block', members, SAMPLE),
    good('zeros-behind.tgz', 'zeros behind a gzip, as tapes and disks leave them', zeros, SAMPLE),
    good('named-gzip.tgz', 'gzip with a name, a time and a system', named, SAMPLE),
  ];
}

/** What the VIBs of this folder and of `evil` say of themselves unless told otherwise. */
export const DRAFT: VibContent = {
  type: 'bootbank',
  name: 'sample',
  version: '1.0.0-1',
  vendor: 'visorfs',
  summary: 'A sample',
  description: 'For trying out <readers> & "writers".',
  releaseDate: '2000-01-01T00:00:00+00:00',
  urls: [{ key: 'home', url: 'https://visorfs.example/' }],
  relationships: { depends: [], conflicts: [], replaces: [], provides: [], compatibleWith: [] },
  tags: [],
  maintenanceMode: false,
  platforms: [],
  files: [],
  acceptanceLevel: 'community',
  liveInstallAllowed: true,
  liveRemoveAllowed: true,
  cimomRestart: false,
  statelessReady: true,
  overlay: false,
  payloads: [],
};

/** The good VIBs. */
export function goodVibs(): GoodArchive[] {
  const tools = [directory('opt'), file('opt/tool', 'tool\n', 0o755)];
  const one: PayloadRecipe = { name: 'sample', type: 'vgz', entries: SAMPLE };
  const two: PayloadRecipe = { name: 'tools', type: 'tgz', entries: tools };
  return [
    good('one-payload.vib', 'a visor tar in gzip', buildVib(DRAFT, [one]).vib, SAMPLE),
    {
      name: 'two-payloads.vib',
      says: 'a visor tar and a plain one, both in gzip',
      bytes: buildVib(DRAFT, [one, two]).vib,
      tardisks: [SAMPLE, tools],
    },
    good('odd-ar-modes.vib', 'modes in octal and empty, and slashes behind names', oddAr(), PLAIN),
    good('long-ar-names.vib', 'a payload whose name is in a table of long names', longAr(), PLAIN),
  ];
}

function oddAr(): Uint8Array {
  const { descriptor, stored } = ustarPayload('sample');
  return ar(
    arMember('descriptor.xml/', descriptor, { mode: '100644' }),
    arMember('sig.pkcs7/', NO_BYTES, { mode: '' }),
    arMember('sample/', stored, { mode: '644' }),
  );
}

function longAr(): Uint8Array {
  const name = 'a-payload-with-a-long-name';
  const { descriptor, stored } = ustarPayload(name);
  return ar(
    arMember('//', utf8(`${name}/\n`)),
    arMember('descriptor.xml/', descriptor),
    arMember('sig.pkcs7/', NO_BYTES),
    arMember('/0', stored),
  );
}

function ustarPayload(name: string): { descriptor: Uint8Array; stored: Uint8Array } {
  const tar = packUstar(PLAIN);
  const stored = gzip(tar);
  const files = PLAIN.filter(({ kind }) => kind === 'file').map(({ path }) => path);
  const payloads = [describedPayload(name, 'tgz', tar, stored)];
  return { descriptor: encodeVibDescriptor({ ...DRAFT, files, payloads }), stored };
}
