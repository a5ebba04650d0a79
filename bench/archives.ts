/**
 * The images that are mounted: made here, the same bytes each time.
 *
 *   base        a host's system: 2,560 files in 256 directories, 152 MB, 54 MB in gzip
 *   vib-0 …     a hundred small parts of a host: 30 files each, 57 MB together
 *   many        50,000 files of 200 to 1,800 bytes, every fifth of exactly 1 KiB, six directories
 *               deep, in directories of 100; one directory of 10,000
 *   large       one file of 1 MiB, one of 64 MiB
 *   deep        50,000 files, one half 2 names deep, the other 16
 *   entries-N   N files of 64 bytes in directories of 100
 *   part-N-of-K its N-th part, of K that hold the same files as entries-… together
 *
 * Content is words in a row, which gzip makes about a third of, and is cut from one pool: so what a
 * file must hold is known without the archive (`contentOf`), and verified against that.
 */

import { concatBytes, utf8 } from '../src/base/bytes.ts';
import { BLOCK_BYTES, encodeTarHeader } from '../src/format/tar-header.ts';
import { type Prng, prng } from '../test/support/prng.ts';
import type { Scale } from './scale.ts';

/** One file of an image. */
export interface ImageFile {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  /** Where in the pool its content starts; what goes beyond the pool's end starts over. */
  readonly poolOffset: number;
}

/** An image before it is packed: its directories, parents first, and its files. */
export interface Manifest {
  readonly directories: readonly string[];
  readonly files: readonly ImageFile[];
}

/** Size of the files that every fifth file of `many` has, in bytes. */
export const KILOBYTE = 1024;

/** The directory of 10,000 and one of 100 in `many`. */
export const FLAT_DIRECTORY = '/srv/flat';
export const HUNDRED_DIRECTORY = '/srv/app/modules/package-001/lib/files';

/** The files of `large`. */
export const MEGABYTE_FILE = '/srv/megabyte.bin';
export const LARGE_FILE = '/srv/large.bin';

/** What the paths of the two halves of `deep` start with. */
export const SHALLOW = '/top-';
export const DEEP = `/${Array.from({ length: 14 }, (_, level) => `level-${level + 1}`).join('/')}/`;

const POOL_BYTES = 2 << 20;
const HUNDRED = 100;
const FILES_PER_DIRECTORY = 10;
const TINY_BYTES = 64;
const MEGABYTE = 1 << 20;
const MTIME_SECONDS = 1_600_000_000;
const WORDS =
  'the host agent reads state from disk and a ramdisk keeps what was written until power off';

let pool: Uint8Array | undefined;

/** What the image `name` holds. */
export function manifestOf(name: string, scale: Scale): Manifest {
  const [kind, ...numbers] = name.split('-');
  switch (kind) {
    case 'base':
      return hostManifest('/usr/lib', 2000, scale.baseFiles, scale.baseAverageBytes);
    case 'vib':
      return vibManifest(Number(numbers[0]), scale);
    case 'many':
      return manyManifest(scale);
    case 'large':
      return largeManifest(scale);
    case 'deep':
      return deepManifest(scale);
    case 'entries':
      return tinyManifest(0, Number(numbers[0]));
    case 'part': {
      const [index, , count] = numbers.map(Number) as [number, number, number];
      const files = scale.stackFiles / count;
      return tinyManifest(index * files, files);
    }
    default:
      throw new TypeError(`no image '${name}'`);
  }
}

function hostManifest(root: string, seed: number, count: number, averageBytes: number): Manifest {
  const chance = prng(seed);
  const directories = new Set<string>();
  const files: ImageFile[] = [];
  for (let index = 0; index < count; index++) {
    const unit = Math.floor(index / FILES_PER_DIRECTORY);
    const above = `${root}/part-${unit % 20}/unit-${unit}`;
    addWithParents(directories, above);
    const path = `${above}/file-${String(index).padStart(5, '0')}.so`;
    files.push(fileOf(chance, path, skewedSize(chance, averageBytes)));
  }
  return { directories: [...directories], files };
}

function vibManifest(index: number, { vibFiles, vibAverageBytes }: Scale): Manifest {
  return hostManifest(`/opt/vmware/vib-${index}`, index, vibFiles, vibAverageBytes);
}

function manyManifest({ manyDirectories, flatFiles }: Scale): Manifest {
  const chance = prng(50_000);
  const directories = new Set<string>();
  const files: ImageFile[] = [];
  const add = (directory: string, count: number): void => {
    addWithParents(directories, directory);
    for (let index = 0; index < count; index++) {
      const size = files.length % 5 === 0 ? KILOBYTE : 200 + chance.below(1600);
      files.push(fileOf(chance, `${directory}/m${String(index).padStart(5, '0')}.js`, size));
    }
  };
  for (let index = 1; index <= manyDirectories; index++) {
    add(HUNDRED_DIRECTORY.replace('001', String(index).padStart(3, '0')), HUNDRED);
  }
  add(FLAT_DIRECTORY, flatFiles);
  return { directories: [...directories], files };
}

function largeManifest({ largeBytes }: Scale): Manifest {
  const files = [
    { path: MEGABYTE_FILE, size: MEGABYTE, poolOffset: 0 },
    { path: LARGE_FILE, size: largeBytes, poolOffset: 0 },
  ];
  return { directories: ['/srv'], files };
}

function deepManifest({ manyDirectories, flatFiles }: Scale): Manifest {
  const count = manyDirectories * HUNDRED + flatFiles;
  const directories = new Set<string>();
  const files: ImageFile[] = [];
  for (let index = 0; index < count; index++) {
    const unit = Math.floor(index / 2 / HUNDRED);
    const above = index % 2 === 0 ? `${SHALLOW}${unit}` : `${DEEP}end-${unit}`;
    addWithParents(directories, above);
    files.push({ path: `${above}/f${index}`, size: TINY_BYTES, poolOffset: index });
  }
  return { directories: [...directories], files };
}

function tinyManifest(first: number, count: number): Manifest {
  const directories = new Set<string>();
  const files: ImageFile[] = [];
  for (let index = first; index < first + count; index++) {
    const above = `/data/unit-${Math.floor(index / HUNDRED)}`;
    addWithParents(directories, above);
    files.push({ path: `${above}/f${index}`, size: TINY_BYTES, poolOffset: index });
  }
  return { directories: [...directories], files };
}

/** The plain ustar archive of `manifest`. */
export function tarOf({ directories, files }: Manifest): Uint8Array {
  const blocks = directories.map((path) => header('5', `${path.slice(1)}/`, 0));
  for (const file of files) {
    blocks.push(header('0', file.path.slice(1), file.size), contentOf(file));
    const padding = -file.size & (BLOCK_BYTES - 1);
    if (padding > 0) blocks.push(new Uint8Array(padding));
  }
  blocks.push(new Uint8Array(2 * BLOCK_BYTES));
  return concatBytes(blocks);
}

/** What `file` holds. */
export function contentOf({ size, poolOffset }: ImageFile): Uint8Array {
  pool ??= poolOfWords();
  if (poolOffset + size <= POOL_BYTES) return pool.subarray(poolOffset, poolOffset + size);
  const content = new Uint8Array(size);
  for (let at = 0; at < size; at += POOL_BYTES) {
    content.set(pool.subarray(0, Math.min(POOL_BYTES, size - at)), at);
  }
  return content;
}

/** Bytes of all files of `manifest`. */
export function contentBytes({ files }: Manifest): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function header(typeflag: '0' | '5', path: string, size: number): Uint8Array {
  return encodeTarHeader({ flavour: 'ustar', typeflag, path, size, mtimeSeconds: MTIME_SECONDS });
}

function fileOf(chance: Prng, path: string, size: number): ImageFile {
  return { path, size, poolOffset: chance.below(POOL_BYTES - size) };
}

/** Many small ones and a few large: the cube of an even draw, scaled to the average asked for. */
function skewedSize(chance: Prng, averageBytes: number): number {
  const draw = chance.below(1 << 16) / (1 << 16);
  return 200 + Math.floor(draw ** 3 * 4 * averageBytes);
}

function addWithParents(directories: Set<string>, path: string): void {
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
    directories.add(path.slice(0, end));
  }
  directories.add(path);
}

function poolOfWords(): Uint8Array {
  const chance = prng(1);
  const words = WORDS.split(' ').map((word) => utf8(`${word} `));
  const bytes = new Uint8Array(POOL_BYTES);
  for (let at = 0; at < POOL_BYTES; ) {
    const word = chance.below(3) === 0 ? utf8(`${chance.below(1e6)}\n`) : chance.pick(words);
    bytes.set(word.subarray(0, POOL_BYTES - at), at);
    at += word.length;
  }
  return bytes;
}
