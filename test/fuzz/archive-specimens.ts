/**
 * What archives are damaged: those of images/, good and evil, of the corpus where it is there, and
 * some that say in few bytes what a format can say.
 *
 * What kind of archive one is, its bytes say. Larger ones are left out: damage to them is as in
 * small ones, and takes longer to read.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { encodeAr } from '../../src/format/ar.ts';
import { encodeLongName, tarFlavour } from '../../src/format/tar-header.ts';
import { body, END, header, pax, paxRecord } from '../format/tar-blocks.ts';
import { corpusPath, ROOT } from '../support/corpus.ts';
import { elfOf } from '../support/elf.ts';
import { isInstalled, piped } from '../support/packed.ts';

export type ArchiveKind = 'tar' | 'visor' | 'gzip' | 'vib' | 'zip' | 'xz' | 'lzma' | 'zstd';

/** One archive to damage. */
export interface Specimen {
  readonly name: string;
  readonly kind: ArchiveKind;
  readonly bytes: Uint8Array;
}

const LARGEST_BYTES = 100_000;
const IMAGES = ['good', 'evil', 'vibs', 'bank'];

const MAGICS: readonly [magic: string, kind: ArchiveKind][] = [
  ['\x1f\x8b', 'gzip'],
  ['!<arch>\n', 'vib'],
  ['PK', 'zip'],
  ['\xfd7zXZ', 'xz'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  // LZMA has no magic: these are the properties that encoders write.
  ['\x5d\0\0', 'lzma'],
];

/** Ways of the tools of this machine to compress. */
const PACKERS: readonly [tool: string, args: readonly string[]][] = [
  ['xz', ['-c', '-6', '--check=crc64']],
  ['xz', ['-c', '-0', '--check=sha256', '--block-size=1000']],
  ['xz', ['-c', '-1', '--check=none', '--lzma2=dict=4KiB,lc=0,lp=2,pb=0']],
  ['xz', ['-c', '--format=lzma']],
  ['zstd', ['-c', '-q', '-1']],
  ['zstd', ['-c', '-q', '-19', '--no-check']],
];

const PACKED = ['brief-pax', 'brief-gnu', 'brief-visor'];

/** What `bytes` are, by how they start; what is nothing else counts as tar. */
export function kindOf(bytes: Uint8Array): ArchiveKind {
  const start = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  const known = MAGICS.find(([magic]) => start.startsWith(magic));
  if (known !== undefined) return known[1];
  return bytes.length >= 512 && tarFlavour(bytes, 0) === 'visor' ? 'visor' : 'tar';
}

/** All of them, those of one kind together; the same on every call. */
export function specimens(): ReadonlyMap<ArchiveKind, readonly Specimen[]> {
  known ??= sorted();
  return known;
}

let known: ReadonlyMap<ArchiveKind, readonly Specimen[]> | null = null;

function sorted(): ReadonlyMap<ArchiveKind, readonly Specimen[]> {
  const kinds = new Map<ArchiveKind, Specimen[]>();
  const add = (name: string, bytes: Uint8Array): void => {
    if (bytes.length === 0 || bytes.length > LARGEST_BYTES) return;
    const kind = kindOf(bytes);
    kinds.set(kind, [...(kinds.get(kind) ?? []), { name, kind, bytes }]);
  };
  const folders = IMAGES.map((folder) => join(ROOT, 'images', folder));
  for (const folder of [...folders, corpusPath('tar'), corpusPath('vib')]) {
    for (const file of folder === null ? [] : filesBelow(folder)) {
      if (!/\.(tsv|json|xml|cfg)$/.test(file)) add(basename(file), bytesOf(file));
    }
  }
  for (const [name, bytes] of Object.entries(BRIEF)) add(name, bytes);
  for (const [tool, args] of PACKERS) {
    if (!isInstalled(tool)) continue;
    for (const name of PACKED) {
      const packed = piped(tool, args, BRIEF[name]!);
      add(`${name} by ${tool} ${args.join(' ')}`, packed);
      // As VMware has them: in gzip that does not compress.
      add(`${name} by ${tool} ${args.join(' ')} in gzip`, gzipSync(packed, { level: 0 }));
    }
  }
  return kinds;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function bytesOf(file: string): Uint8Array {
  return new Uint8Array(readFileSync(file));
}

const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;
const MAP = body('2\n0\n100\n300\n50\n');
const SPARSE = { major: '1', minor: '0', realsize: '1000', name: 'holes' };
const ELF = elfOf(9000, [[1, 5, 0, 8500]]);

/** Archives that say much in few bytes, so that most damage hits something. */
const BRIEF: Readonly<Record<string, Uint8Array>> = {
  'brief-ustar': concatBytes([
    header({ typeflag: '5', path: 'etc/' }),
    header({ path: 'etc/a', size: 700 }),
    body('x'.repeat(700)),
    header({ typeflag: '2', path: 'etc/b', target: 'a' }),
    header({ typeflag: '1', path: 'etc/c', target: 'etc/a' }),
    header({ typeflag: '3', path: 'dev', deviceMajor: 1, deviceMinor: 3 }),
    END,
  ]),
  'brief-gnu': concatBytes([
    encodeLongName('gnu', 'L', 'long/'.repeat(50)),
    encodeLongName('gnu', 'K', 'far/'.repeat(50)),
    header({ flavour: 'gnu', typeflag: '2' }),
    header(
      { flavour: 'gnu', typeflag: 'S', size: 150 },
      [386, [0, 100, 300, 50].map(octal).join('')],
      [482, '\x01'],
      [483, octal(1000)],
    ),
    body(octal(1000) + octal(0)),
    body('x'.repeat(150)),
    END,
  ]),
  'brief-pax': concatBytes([
    pax(paxRecord('uname', 'all') + paxRecord('comment', 'none'), 'g'),
    pax(paxRecord('path', 'päth') + paxRecord('size', '5') + paxRecord('mtime', '1.5')),
    header(),
    body('hello'),
    pax(
      Object.entries(SPARSE)
        .map(([key, value]) => paxRecord(`GNU.sparse.${key}`, value))
        .join(''),
    ),
    header({ size: MAP.length + 150 }),
    MAP,
    body('x'.repeat(150)),
    pax(paxRecord('VISORFS.text', '7 0 3 0')),
    header({ path: 'elf', size: ELF.length }),
    body(ELF),
    END,
  ]),
  'brief-visor': concatBytes([
    header({ flavour: 'visor', typeflag: '5', path: 'etc/' }),
    header({ flavour: 'visor', path: 'etc/a', size: 600, dataOffset: 4096 }),
    header({ flavour: 'visor', typeflag: '7', path: 'b', size: 9, dataOffset: 8192 }),
    header({ flavour: 'visor', path: 'inline', size: 3 }),
    body('abc'),
    encodeLongName('visor', 'L', 'long/'.repeat(30)),
    header({ flavour: 'visor', path: 'long' }),
    new Uint8Array(512),
    new Uint8Array(4105),
  ]),
  'brief-ar': encodeAr([
    { name: 'descriptor.xml', bytes: utf8('<vib version="5.0"></vib>') },
    { name: '#1/4', bytes: MAP },
    { name: '//', bytes: MAP },
    { name: '/0', bytes: MAP },
  ]),
};
