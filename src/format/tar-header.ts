/**
 * One tar header: 512 bytes to a record and back.
 *
 *   off  len  v7        ustar         star          gnu               visor
 *     0  100  name      name          name          name              name
 *   100    8  mode      mode          mode          mode              mode
 *   108    8  uid       uid           uid           uid               uid
 *   116    8  gid       gid           gid           gid               gid
 *   124   12  size      size          size          size              size
 *   136   12  mtime     mtime         mtime         mtime             mtime
 *   148    8  checksum  checksum      checksum      checksum          checksum
 *   156    1  typeflag  typeflag      typeflag      typeflag          typeflag
 *   157  100  target    target        target        target            target
 *   257    8  ·         "ustar\0" 00  "ustar\0" 00  "ustar  \0"       "visor  \0"
 *   265   32  ·         uname         uname         uname             uname
 *   297   32  ·         gname         gname         gname             gname
 *   329    8  ·         devmajor      devmajor      devmajor          devmajor
 *   337    8  ·         devminor      devminor      devminor          devminor
 *   345  155  ·         prefix        prefix, 131   atime, ctime, …   prefix, 151
 *   386   96  ·         ·             ·             four sparse runs  ·
 *   482    1  ·         ·             ·             more runs follow  ·
 *   483   12  ·         ·             ·             size with holes   ·
 *   496    4  ·         ·             ·             ·                 data offset, u32 LE
 *   500    4  ·         ·             ·             ·                 text offset, u32 LE
 *   504    4  ·         ·             ·             ·                 text pages, u32 LE
 *   508    4  ·         ·             "tar\0"       ·                 fix-up pages, u32 LE
 *
 * Numbers are as tar-number.ts says. The checksum is the sum of the 512 bytes with its own field
 * read as blanks: of unsigned bytes by POSIX, of signed ones by some old tars and by vmtar. Either
 * is accepted. Text ends at its first NUL or fills its field.
 *
 * The one difference that matters: a visor header says where its data is, from the start of the
 * archive, so data does not follow the header and the next header comes at once. A visor header
 * that gives 0 and everyone else store data right behind, padded to 512; tar-walk.ts has the
 * cursor.
 *
 * Anything with another magic is read as v7, as GNU tar does. Which reader a header needs is told
 * by its magic alone and before its checksum, because a visor table ends where the magic does.
 *
 * Not here: long names and pax records (tar-walk.ts, tar-pax.ts), sparse runs (tar-sparse.ts),
 * atime and ctime, which a VisorFs does not keep.
 */

import { latin1, NO_BYTES, putU32, text, u32, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { PERMISSIONS } from '../base/mode.ts';
import {
  CHECKSUM_BYTES,
  CHECKSUM_OFFSET,
  checksumToWrite,
  hasTarChecksum,
  wordsOf,
} from './tar-checksum.ts';
import { fitsOctal, putTarNumber, tarNumber, usualOctal } from './tar-number.ts';

/** Whose layout a header has. */
export type TarFlavour = 'v7' | 'ustar' | 'star' | 'gnu' | 'visor';

/** A header, and the unit that data is padded to, in bytes. */
export const BLOCK_BYTES = 512;

const NAME_BYTES = 100;
const MODE_OFFSET = 100;
const UID_OFFSET = 108;
const GID_OFFSET = 116;
const SIZE_OFFSET = 124;
const MTIME_OFFSET = 136;
const TYPEFLAG_OFFSET = 156;
const TARGET_OFFSET = 157;
const MAGIC_OFFSET = 257;
const UNAME_OFFSET = 265;
const GNAME_OFFSET = 297;
const OWNER_BYTES = 32;
const DEVICE_MAJOR_OFFSET = 329;
const DEVICE_MINOR_OFFSET = 337;
const PREFIX_OFFSET = 345;
const PREFIX_BYTES = { v7: 0, ustar: 155, star: 131, gnu: 0, visor: 151 } as const;
const STAR_MARK_OFFSET = 508;
const DATA_OFFSET = 496;
const TEXT_OFFSET = 500;
const TEXT_PAGES_OFFSET = 504;
const FIXUP_PAGES_OFFSET = 508;

const SLASH = 0x2f;

/** A uid, gid or device number is 32 bits wide on Linux. */
const ID_MAX = 0xffffffff;

/** Four letters of a magic as one little-endian number. */
const USTA = 0x61747375;
const VISO = 0x6f736976;
const R_BLANK_BLANK = 0x00202072;
const R = 0x72;
const V = 0x76;
const TAR_NUL = 0x00726174;

/** Whose layout the header at `start` of `bytes` has. */
export function tarFlavour(bytes: Uint8Array, start: number): TarFlavour {
  const letters = u32(bytes, start + MAGIC_OFFSET);
  const rest = u32(bytes, start + MAGIC_OFFSET + 4);
  if (letters === USTA) {
    if (rest === R_BLANK_BLANK) return 'gnu';
    if ((rest & 0xff) !== R) return 'v7';
    return u32(bytes, start + STAR_MARK_OFFSET) === TAR_NUL ? 'star' : 'ustar';
  }
  return letters === VISO && rest === R_BLANK_BLANK ? 'visor' : 'v7';
}

/** Whether the header at `start` of `bytes` is a visor's. */
export function isVisorHeader(bytes: Uint8Array, start: number): boolean {
  return bytes[start + MAGIC_OFFSET] === V && tarFlavour(bytes, start) === 'visor';
}

/** One header as `parseTarHeader` reads it, again and again into the same record. */
export class TarHeader {
  /** The array that holds the block, and where in it: names stay there until someone asks. */
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  /** The same array by fours, for adding up; null where it does not lie on a border of four. */
  words: Int32Array | null = null;
  flavour: TarFlavour = 'v7';
  /** The character code of the type. */
  typeflag = 0;
  mode = 0;
  uid = 0;
  gid = 0;
  /** Bytes of data that the archive holds for it. */
  size = 0;
  /** Seconds since 1970, negative before. */
  mtimeSeconds = 0;
  /** Where a visor header says its data is, from the start of the archive; else 0. */
  dataOffset = 0;
  textOffset = 0;
  textPages = 0;
  fixupPages = 0;

  /** The bytes of the name field, in place. */
  name(): Uint8Array {
    return this.bytes.subarray(this.start, this.nameEnd());
  }

  /** Where in `bytes` the name, which begins the header, ends. */
  nameEnd(): number {
    const { bytes, start, words } = this;
    const stop = start + NAME_BYTES;
    let at = start;
    // Whole words first, as long as none of their bytes is 0.
    if (words !== null) while (at < stop && !hasZeroByte(words[at >>> 2]!)) at += 4;
    while (at < stop && bytes[at] !== 0) at += 1;
    return at;
  }

  /** The bytes of what goes before the name and a slash, in place; none in most headers. */
  prefix(): Uint8Array {
    return this.#field(PREFIX_OFFSET, PREFIX_BYTES[this.flavour]);
  }

  hasPrefix(): boolean {
    return this.bytes[this.start + PREFIX_OFFSET] !== 0 && PREFIX_BYTES[this.flavour] > 0;
  }

  /** The bytes of the link target, in place. */
  target(): Uint8Array {
    return this.#field(TARGET_OFFSET, NAME_BYTES);
  }

  /** The device number of a device node, NaN where the field holds none. */
  deviceMajor(): number {
    return tarNumber(this.bytes, this.start + DEVICE_MAJOR_OFFSET, 8);
  }

  deviceMinor(): number {
    return tarNumber(this.bytes, this.start + DEVICE_MINOR_OFFSET, 8);
  }

  /** Whether the fields for device numbers have anything in them, a device's or not. */
  hasDeviceFields(): boolean {
    if (this.flavour === 'v7') return false;
    const start = this.start + DEVICE_MAJOR_OFFSET;
    return this.bytes[start] !== 0 || this.bytes[start + 8] !== 0;
  }

  uname(): string {
    return this.flavour === 'v7' ? '' : text(this.#field(UNAME_OFFSET, OWNER_BYTES));
  }

  gname(): string {
    return this.flavour === 'v7' ? '' : text(this.#field(GNAME_OFFSET, OWNER_BYTES));
  }

  #field(offset: number, length: number): Uint8Array {
    const from = this.start + offset;
    let to = from;
    while (to < from + length && this.bytes[to] !== 0) to++;
    return this.bytes.subarray(from, to);
  }
}

/** A byte borrows from its high bit only where it is 0, or where a lower one has. */
function hasZeroByte(word: number): boolean {
  return ((word - 0x01010101) & ~word & 0x80808080) !== 0;
}

/**
 * Reads the header at `start` of `bytes` into `header`, and says whether there was one: a block of
 * zeros, which ends an archive, is none. Throws CorruptError, which places the block at `offset` of
 * `archive`, where its checksum is wrong or a number is none.
 */
export function parseTarHeader(
  header: TarHeader,
  bytes: Uint8Array,
  start: number,
  archive: string,
  offset: number,
): boolean {
  if (bytes[start] === 0 && isZeroBlock(bytes, start)) return false;
  if (header.bytes !== bytes) {
    header.bytes = bytes;
    header.words = wordsOf(bytes);
  }
  header.start = start;
  header.flavour = tarFlavour(bytes, start);
  header.typeflag = bytes[start + TYPEFLAG_OFFSET]!;
  if (!hasTarChecksum(bytes, start, header.words)) {
    const stored = latin1(bytes, start + CHECKSUM_OFFSET, start + CHECKSUM_OFFSET + CHECKSUM_BYTES);
    throw new CorruptError(
      archive,
      offset,
      `a tar header whose bytes do not add up to its checksum ${JSON.stringify(stored)}`,
    );
  }
  header.mode = numberOf(header, MODE_OFFSET, 8);
  header.uid = numberOf(header, UID_OFFSET, 8);
  header.gid = numberOf(header, GID_OFFSET, 8);
  header.size = numberOf(header, SIZE_OFFSET, 12);
  header.mtimeSeconds = numberOf(header, MTIME_OFFSET, 12);
  const field = lyingField(header);
  if (field !== null) throw new CorruptError(archive, offset, `a tar header with a bad ${field}`);
  header.mode &= PERMISSIONS;
  const isVisor = header.flavour === 'visor';
  header.dataOffset = isVisor ? u32(bytes, start + DATA_OFFSET) : 0;
  header.textOffset = isVisor ? u32(bytes, start + TEXT_OFFSET) : 0;
  header.textPages = isVisor ? u32(bytes, start + TEXT_PAGES_OFFSET) : 0;
  header.fixupPages = isVisor ? u32(bytes, start + FIXUP_PAGES_OFFSET) : 0;
  return true;
}

function numberOf({ bytes, start, words }: TarHeader, offset: number, length: 8 | 12): number {
  const usual = words === null ? -1 : usualOctal(words, (start + offset) >>> 2, length);
  return usual >= 0 ? usual : tarNumber(bytes, start + offset, length);
}

/** The first field that says what cannot be. Not a number compares as false, hence `!(…)`. */
function lyingField(header: TarHeader): string | null {
  if (Number.isNaN(header.mode)) return 'mode';
  if (!(header.uid >= 0 && header.uid <= ID_MAX)) return 'uid';
  if (!(header.gid >= 0 && header.gid <= ID_MAX)) return 'gid';
  if (!(header.size >= 0)) return 'size';
  if (Number.isNaN(header.mtimeSeconds)) return 'mtime';
  return null;
}

/** Whether the 512 bytes at `start` are all zero. */
export function isZeroBlock(bytes: Uint8Array, start: number): boolean {
  for (let index = start; index < start + BLOCK_BYTES; index++) {
    if (bytes[index] !== 0) return false;
  }
  return true;
}

/**
 * Whether an archive that starts with these 512 bytes is a tar: a header, or the zeros of an empty
 * one.
 */
export function looksLikeTar(first: Uint8Array): boolean {
  return first.length >= BLOCK_BYTES && (isZeroBlock(first, 0) || hasTarChecksum(first, 0, null));
}

/**
 * What a header is to say. What is left out is 0 or empty; the mode is 0644, or 0755 for a
 * directory.
 */
export interface TarHeaderRecord {
  readonly flavour: 'ustar' | 'gnu' | 'visor';
  /** One character: '0' file, '1' link, '2' symlink, '5' directory, '7' mapped file, … */
  readonly typeflag: string;
  readonly path: string | Uint8Array;
  readonly target?: string | Uint8Array;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly uname?: string;
  readonly gname?: string;
  readonly size?: number;
  readonly mtimeSeconds?: number;
  /** Null leaves the field NUL; so it is in visor headers unless said. */
  readonly deviceMajor?: number | null;
  readonly deviceMinor?: number | null;
  /** Of visor headers only, as the last four of the table above. */
  readonly dataOffset?: number;
  readonly textOffset?: number;
  readonly textPages?: number;
  readonly fixupPages?: number;
}

const MAGICS = { ustar: 'ustar\x0000', gnu: 'ustar  \0', visor: 'visor  \0' } as const;

/**
 * The 512 bytes of a header that says `record`. Visor headers get the signed checksum, as vmtar
 * writes it. Throws RangeError where a text or a number does not fit its field: what to do then,
 * `encodeLongName` or pax, is the caller's to say.
 */
export function encodeTarHeader(record: TarHeaderRecord): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  const { flavour, typeflag } = record;
  putPath(block, flavour, bytesOf(record.path));
  putNumber(block, MODE_OFFSET, 8, record.mode ?? (typeflag === '5' ? 0o755 : 0o644), flavour);
  putNumber(block, UID_OFFSET, 8, record.uid ?? 0, flavour);
  putNumber(block, GID_OFFSET, 8, record.gid ?? 0, flavour);
  putNumber(block, SIZE_OFFSET, 12, record.size ?? 0, flavour);
  putNumber(block, MTIME_OFFSET, 12, record.mtimeSeconds ?? 0, flavour);
  block[TYPEFLAG_OFFSET] = typeflag.charCodeAt(0);
  putText(block, TARGET_OFFSET, NAME_BYTES, bytesOf(record.target ?? ''));
  putText(block, MAGIC_OFFSET, 8, utf8(MAGICS[flavour]));
  putText(block, UNAME_OFFSET, OWNER_BYTES, utf8(record.uname ?? ''));
  putText(block, GNAME_OFFSET, OWNER_BYTES, utf8(record.gname ?? ''));
  const { deviceMajor = usualDevice(flavour), deviceMinor = usualDevice(flavour) } = record;
  if (deviceMajor !== null) putNumber(block, DEVICE_MAJOR_OFFSET, 8, deviceMajor, flavour);
  if (deviceMinor !== null) putNumber(block, DEVICE_MINOR_OFFSET, 8, deviceMinor, flavour);
  if (flavour === 'visor') {
    putU32(block, DATA_OFFSET, record.dataOffset ?? 0);
    putU32(block, TEXT_OFFSET, record.textOffset ?? 0);
    putU32(block, TEXT_PAGES_OFFSET, record.textPages ?? 0);
    putU32(block, FIXUP_PAGES_OFFSET, record.fixupPages ?? 0);
  }
  const sum = checksumToWrite(block, flavour === 'visor');
  putTarNumber(block, CHECKSUM_OFFSET, CHECKSUM_BYTES - 1, sum);
  block[CHECKSUM_OFFSET + CHECKSUM_BYTES - 1] = 0x20;
  return block;
}

function usualDevice(flavour: TarHeaderRecord['flavour']): number | null {
  return flavour === 'visor' ? null : 0;
}

/**
 * GNU's way with a path ('L') or link target ('K') that a header cannot hold: a header of that type
 * with `name` as its data, to stand before the header it is about.
 */
export function encodeLongName(
  flavour: 'gnu' | 'visor',
  type: 'L' | 'K',
  name: string | Uint8Array,
): Uint8Array {
  const bytes = bytesOf(name);
  const size = bytes.length + 1;
  const whole = new Uint8Array(BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES);
  whole.set(encodeTarHeader({ flavour, typeflag: type, path: '././@LongLink', size }));
  whole.set(bytes, BLOCK_BYTES);
  return whole;
}

function bytesOf(name: string | Uint8Array): Uint8Array {
  return typeof name === 'string' ? utf8(name) : name;
}

function putNumber(
  block: Uint8Array,
  offset: number,
  length: number,
  value: number,
  flavour: TarHeaderRecord['flavour'],
): void {
  if (flavour !== 'gnu' && !fitsOctal(value, length)) {
    throw new RangeError(`${value} does not fit into ${length} bytes of a ${flavour} header`);
  }
  putTarNumber(block, offset, length, value);
}

function putText(block: Uint8Array, offset: number, length: number, bytes: Uint8Array): void {
  if (bytes.length > length) {
    throw new RangeError(`'${text(bytes)}' does not fit into ${length} bytes of a tar header`);
  }
  block.set(bytes, offset);
}

/**
 * A path longer than its field goes half into the prefix, cut at the last slash that lets both fit.
 */
function putPath(block: Uint8Array, flavour: TarFlavour, path: Uint8Array): void {
  let cut = path.length > NAME_BYTES ? path.lastIndexOf(SLASH, PREFIX_BYTES[flavour]) : 0;
  // To old readers a header without a name is the end, so a directory keeps more than its slash.
  if (cut === path.length - 1) cut = path.lastIndexOf(SLASH, cut - 1);
  const isCut = cut > 0;
  putText(block, 0, NAME_BYTES, isCut ? path.subarray(cut + 1) : path);
  if (isCut) putText(block, PREFIX_OFFSET, PREFIX_BYTES[flavour], path.subarray(0, cut));
}
