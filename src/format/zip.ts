/**
 * Zip, which an offline bundle is: what its central directory says.
 *
 *   directory, one a member            local header, ahead of its data
 *   off  len                           off  len
 *     0    4  "PK" 1 2                   0    4  "PK" 3 4
 *     4    2  version, system made on    4    2  version
 *     6    2  version                    6    2  flags
 *     8    2  flags: 0 encrypted, 3      8    2  method
 *              sums behind the data,    10    4  time, date
 *              6 encrypted, 13 hidden   14    4  CRC-32          (0 with flag 3)
 *    10    2  method: 0 stored,         18    4  stored size     (0 with flag 3)
 *              8 deflate                22    4  size            (0 with flag 3)
 *    12    4  time, date                26    2  bytes of name
 *    16    4  CRC-32                    28    2  bytes of extra fields
 *    20    4  stored size               30       name, extra fields, data
 *    24    4  size
 *    28    6  bytes of name,           end of directory, in the last 64 KiB
 *              extra, comment          off  len
 *    34    2  disk                       0    4  "PK" 5 6
 *    36    2  internal attributes        4    4  this disk, directory's disk
 *    38    4  attributes: mode << 16     8    4  members on this disk, members
 *    42    4  offset of local header    12    8  directory: size, offset
 *    46       name, extra, comment      20    2  bytes of comment, comment
 *
 *   zip64      a number that is all ones is in extra field 1, 8 bytes each: size, stored size,
 *              offset, as many as are needed. Ahead of the end of directory "PK" 6 7, disk(4),
 *              offset(8), disks(4), which leads to "PK" 6 6, with members(8) at 32, the directory's
 *              size(8) at 40 and its offset(8) at 48
 *
 * All numbers are little endian, all names UTF-8. The directory is believed, and a local header has
 * to agree with it; sums behind the data are not looked at. The end of directory is the last one
 * whose comment fits, as unzip and Python have it, so bytes may follow it; and bytes may be ahead
 * of the archive (a program that unpacks it), by which all offsets are moved.
 *
 * Refused where the directory is read: what does not add up, members that overlap, two of one name,
 * a name that is empty, absolute, leads out ("..") or has a backslash, a drive or a NUL in it.
 * Where a member is opened: encryption, methods other than 0 and 8, symbolic links.
 *
 * Not here: decoding (layer/zip.ts), writing (zip-write.ts).
 */

import { isUtf8, text, u16, u32, u64 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { PATH_MAX_BYTES, ZIP_DIRECTORY_MAX_BYTES, ZIP_ENTRIES_MAX_COUNT } from '../base/limits.ts';
import { readBytes, type Source } from '../base/source.ts';
import { SIGNATURE } from './zip-start.ts';

/** One member, as the directory has it. */
export interface ZipEntry {
  /** Its path: relative, no `.` and no `..` in it; a directory's ends in a slash. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc32: number;
  readonly storedSize: number;
  readonly size: number;
  /** Its local header, from the start of the source. */
  readonly headerOffset: number;
  /** Where what comes after it begins, from the start of the source. */
  readonly endOffset: number;
}

/** How a member is stored. */
export const METHOD = { stored: 0, deflate: 8 } as const;

const SIGNATURE_64 = { locator: 0x07064b50, end: 0x06064b50 } as const;

/** How long those structures are without their names, in bytes. */
export const FIXED_BYTES = { entry: 46, local: 30, end: 22 } as const;
const FIXED_64_BYTES = { locator: 20, end: 56 } as const;

const COMMENT_MAX_BYTES = 0xffff;
const ENCRYPTED_FLAGS = 0x2041;
const SUMS_BEHIND_FLAG = 8;
const ZIP64_FIELD = 1;
const FULL_U16 = 0xffff;
const FULL_U32 = 0xffffffff;
/** Systems whose attributes hold a Unix mode: Unix, and Darwin. */
const UNIX_SYSTEMS: ReadonlySet<number> = new Set([3, 19]);
const FILE_TYPE_MASK = 0o170000;
const SYMLINK_TYPE = 0o120000;

/** Where the directory is: offsets from the start of the source. */
interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
  /** Bytes ahead of the archive. */
  readonly ahead: number;
}

/**
 * The members of the zip in `source`, in the order of its directory. Throws CorruptError where it
 * is none or lies.
 */
export function zipEntries(source: Source): readonly ZipEntry[] {
  const directory = directoryOf(source);
  const bytes = readBytes(source, directory.offset, directory.size);
  const entries: Omit<ZipEntry, 'endOffset'>[] = [];
  let at = 0;
  for (let index = 0; index < directory.count; index++) {
    const { entry, end } = entryAt(source, bytes, at, directory);
    entries.push(entry);
    at = end;
  }
  if (at !== bytes.length) {
    const claim = `${bytes.length - at} bytes of directory behind its ${directory.count} members`;
    throw new CorruptError(source.name, directory.offset + at, claim);
  }
  checkDoubles(source, entries);
  return bounded(source, entries, directory);
}

/**
 * Where the data of `entry` starts in `source`. Throws CorruptError where the local header says
 * something else than the directory, or the data runs into what comes after it.
 */
export function zipDataOffset(source: Source, entry: ZipEntry): number {
  const { headerOffset, endOffset } = entry;
  const refuse = (claim: string): never => {
    throw new CorruptError(source.name, headerOffset, `'${entry.name}': ${claim}`);
  };
  const header = readBytes(source, headerOffset, FIXED_BYTES.local);
  if (u32(header, 0) !== SIGNATURE.local) refuse('the directory leads to no local header');
  const nameLength = u16(header, 26);
  const dataOffset = headerOffset + FIXED_BYTES.local + nameLength + u16(header, 28);
  if (dataOffset + entry.storedSize > endOffset) {
    refuse(`its ${entry.storedSize} bytes run into what comes after it`);
  }
  const name = readBytes(source, headerOffset + FIXED_BYTES.local, nameLength);
  if (text(name) !== entry.name) refuse(`its local header calls it '${text(name)}'`);
  if (u16(header, 8) !== entry.method) refuse('its local header has another method');
  const flags = u16(header, 6);
  if (((flags & ENCRYPTED_FLAGS) !== 0) !== entry.isEncrypted) {
    refuse('its local header says otherwise of encryption');
  }
  if ((flags & SUMS_BEHIND_FLAG) !== 0) return dataOffset;
  const said = [u32(header, 14), u32(header, 18), u32(header, 22)];
  const meant = [entry.crc32, entry.storedSize, entry.size];
  if (said.some((value, index) => index > 0 && value === FULL_U32)) return dataOffset;
  if (said.some((value, index) => value !== meant[index])) {
    refuse('its local header has another size or sum');
  }
  return dataOffset;
}

/** Finds the end of the directory, and by it the directory. */
function directoryOf(source: Source): Directory {
  const length = Math.min(source.size, FIXED_BYTES.end + COMMENT_MAX_BYTES);
  const tailOffset = source.size - length;
  const tail = readBytes(source, tailOffset, length);
  for (let at = length - FIXED_BYTES.end; at >= 0; at--) {
    if (u32(tail, at) !== SIGNATURE.end) continue;
    if (at + FIXED_BYTES.end + u16(tail, at + 20) > length) continue;
    return directoryBefore(source, tailOffset + at, tail.subarray(at));
  }
  throw new CorruptError(source.name, 0, 'no zip: it has no end of a central directory');
}

function directoryBefore(source: Source, endOffset: number, end: Uint8Array): Directory {
  const numbers = { count: u16(end, 10), size: u32(end, 12), offset: u32(end, 16) };
  const { count, size, offset } = numbers;
  if (u16(end, 4) !== u16(end, 6) || u16(end, 8) !== count) {
    throw new CorruptError(
      source.name,
      endOffset,
      'a zip in several parts: only whole ones are read',
    );
  }
  if (count === FULL_U16 || size === FULL_U32 || offset === FULL_U32) {
    const end64 = end64Before(source, endOffset);
    if (end64 !== null) return placed(source, end64.endOffset, end64);
  }
  return placed(source, endOffset, numbers);
}

type Claimed = Pick<Directory, 'count' | 'size' | 'offset'>;

/** What zip64 says of the directory; null where it says nothing. */
function end64Before(source: Source, endOffset: number): (Claimed & { endOffset: number }) | null {
  const locatorOffset = endOffset - FIXED_64_BYTES.locator;
  if (locatorOffset < FIXED_64_BYTES.end) return null;
  const locator = readBytes(source, locatorOffset, FIXED_64_BYTES.locator);
  if (u32(locator, 0) !== SIGNATURE_64.locator) return null;
  const at = u64(locator, 8);
  const isThere = at <= locatorOffset - FIXED_64_BYTES.end;
  const end = isThere ? readBytes(source, at, FIXED_64_BYTES.end) : null;
  if (end === null || u32(end, 0) !== SIGNATURE_64.end) {
    throw new CorruptError(
      source.name,
      locatorOffset,
      `leads to 0x${at.toString(16)}, no zip64 end`,
    );
  }
  return { endOffset: at, count: u64(end, 32), size: u64(end, 40), offset: u64(end, 48) };
}

/** The directory that ends where `endOffset` is, checked against what is there. */
function placed(source: Source, endOffset: number, { count, size, offset }: Claimed): Directory {
  const ahead = endOffset - size - offset;
  if (!(ahead >= 0)) {
    const claim = `a directory of ${size} bytes at 0x${offset.toString(16)} that ends behind here`;
    throw new CorruptError(source.name, endOffset, claim);
  }
  if (size > ZIP_DIRECTORY_MAX_BYTES || count > ZIP_ENTRIES_MAX_COUNT) {
    const most = `${ZIP_ENTRIES_MAX_COUNT} in ${ZIP_DIRECTORY_MAX_BYTES} bytes are the limit`;
    throw new CorruptError(source.name, endOffset, `${count} members in ${size} bytes: ${most}`);
  }
  return { count, size, offset: ahead + offset, ahead };
}

/** The member that `bytes`, the directory, has at `at`, and where the next one is. */
function entryAt(
  source: Source,
  bytes: Uint8Array,
  at: number,
  directory: Directory,
): { readonly entry: Omit<ZipEntry, 'endOffset'>; readonly end: number } {
  const refuse = (claim: string): never => {
    throw new CorruptError(source.name, directory.offset + at, claim);
  };
  const isThere = at + FIXED_BYTES.entry <= bytes.length;
  if (!isThere || u32(bytes, at) !== SIGNATURE.entry) refuse('no member of the directory');
  const nameOffset = at + FIXED_BYTES.entry;
  const extraOffset = nameOffset + u16(bytes, at + 28);
  const commentOffset = extraOffset + u16(bytes, at + 30);
  const end = commentOffset + u16(bytes, at + 32);
  if (end > bytes.length) refuse('the directory ends within a member');
  const name = nameIn(bytes.subarray(nameOffset, extraOffset), refuse);
  const extra = bytes.subarray(extraOffset, commentOffset);
  const stated = [u32(bytes, at + 24), u32(bytes, at + 20), u32(bytes, at + 42)];
  const [size, storedSize, offset] = widened(stated, extra, refuse);
  const system = bytes[at + 5]!;
  const fileType = (u32(bytes, at + 38) >>> 16) & FILE_TYPE_MASK;
  const isSymlink = UNIX_SYSTEMS.has(system) && fileType === SYMLINK_TYPE;
  const entry = {
    name,
    kind: name.endsWith('/') ? 'directory' : isSymlink ? 'symlink' : 'file',
    method: u16(bytes, at + 10),
    isEncrypted: (u16(bytes, at + 8) & ENCRYPTED_FLAGS) !== 0,
    crc32: u32(bytes, at + 16),
    storedSize: storedSize!,
    size: size!,
    headerOffset: directory.ahead + offset!,
  } as const;
  return { entry, end };
}

type Refuse = (claim: string) => never;

/** `bytes` as a name that leads nowhere but into the archive. */
function nameIn(bytes: Uint8Array, refuse: Refuse): string {
  if (bytes.length > PATH_MAX_BYTES) refuse(`a name of ${bytes.length} bytes`);
  if (!isUtf8(bytes)) refuse(`the name ${JSON.stringify(text(bytes))} is not UTF-8`);
  const name = text(bytes);
  const why = whyNoPath(name);
  return why === null ? name : refuse(`the name ${JSON.stringify(name)} ${why}`);
}

/** What is wrong with `path` as one that leads from a folder into it; null where nothing is. */
export function whyNoPath(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute';
  if (/[\\\0]/.test(path)) return 'has a backslash or a NUL';
  const parts = path.replace(/\/$/, '').split('/');
  return parts.some((part) => ['', '.', '..'].includes(part)) ? 'has an empty, . or .. part' : null;
}

/** `stated`, with what zip64 says of those that are all ones. */
function widened(stated: readonly number[], extra: Uint8Array, refuse: Refuse): number[] {
  if (!stated.includes(FULL_U32)) return [...stated];
  const field = zip64Field(extra);
  let at = 0;
  return stated.map((value) => {
    if (value !== FULL_U32) return value;
    if (field === null || at + 8 > field.length)
      refuse('a size or offset of all ones without zip64');
    at += 8;
    const wide = u64(field!, at - 8);
    return Number.isSafeInteger(wide) ? wide : refuse(`a size or offset of about ${wide}`);
  });
}

function zip64Field(extra: Uint8Array): Uint8Array | null {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + u16(extra, at + 2);
    if (u16(extra, at) === ZIP64_FIELD) return extra.subarray(at + 4, Math.min(end, extra.length));
    at = end;
  }
  return null;
}

/** Throws CorruptError where two of `entries` have one name: readers differ about which counts. */
function checkDoubles(source: Source, entries: readonly Omit<ZipEntry, 'endOffset'>[]): void {
  const names = new Set<string>();
  for (const { name, headerOffset } of entries) {
    const bare = name.replace(/\/$/, '');
    if (names.has(bare)) {
      throw new CorruptError(source.name, headerOffset, `two members are called '${bare}'`);
    }
    names.add(bare);
  }
}

/** `entries`, each with where the next thing starts. Throws CorruptError where two overlap. */
function bounded(
  source: Source,
  entries: readonly Omit<ZipEntry, 'endOffset'>[],
  directory: Directory,
): ZipEntry[] {
  const offsets = entries.map(({ headerOffset }) => headerOffset).sort((one, other) => one - other);
  const next = new Map(offsets.map((offset, index) => [offset, offsets[index + 1]]));
  if (next.size < offsets.length) {
    throw new CorruptError(source.name, directory.offset, 'two members have one place');
  }
  return entries.map((entry) => {
    const endOffset = next.get(entry.headerOffset) ?? directory.offset;
    const { headerOffset, storedSize, name } = entry;
    if (headerOffset + FIXED_BYTES.local + storedSize > endOffset) {
      const claim = `'${name}' has ${storedSize} bytes, which run into what comes after it`;
      throw new CorruptError(source.name, headerOffset, claim);
    }
    return { ...entry, endOffset };
  });
}
