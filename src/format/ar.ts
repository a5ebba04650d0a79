/**
 * Unix ar, which a VIB is: the members of an archive, and an archive of members.
 *
 *   "!<arch>\n", then for each member
 *   off  len  field
 *     0   16  name      blanks behind; GNU ends it with "/"; "#1/n" (BSD): n bytes before the data;
 *                       "/n" (GNU): at n of the member "//", up to "/" or newline
 *    16   12  mtime     not looked at: VMware writes 0
 *    28    6  uid       not looked at
 *    34    6  gid       not looked at
 *    40    8  mode      not looked at: VMware writes "0o0", which is not octal
 *    48   10  size      decimal
 *    58    2  "`\n"
 *    60  size           data, and a newline where its size is odd; the last one's may be missing
 *
 * Only the size and the end mark are strict. Symbol tables ("/", "/SYM64/") and the table of long
 * names ("//") are no members.
 */

import { concatBytes, latin1, text, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { AR_MEMBERS_MAX_COUNT, PATH_MAX_BYTES, PAX_MAX_BYTES } from '../base/limits.ts';
import { readBytes, type Source } from '../base/source.ts';
import { AR_MAGIC, isAr } from './ar-start.ts';

/** One member, as where it is in the archive. */
export interface ArMember {
  readonly name: string;
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly size: number;
}

const HEADER_BYTES = 60;
const NAME_BYTES = 16;
const SYMBOL_TABLES: ReadonlySet<string> = new Set(['/', '/SYM64/']);
const LONG_NAMES = '//';

/**
 * The members of the archive in `source`, in its order. Throws CorruptError where it is no ar or
 * lies.
 */
export function arMembers(source: Source): readonly ArMember[] {
  if (source.size < AR_MAGIC.length || !isAr(readBytes(source, 0, AR_MAGIC.length))) {
    throw new CorruptError(source.name, 0, 'no ar archive: it does not start with "!<arch>"');
  }
  const members: ArMember[] = [];
  let longNames: Uint8Array | null = null;
  let headers = 0;
  for (let offset = AR_MAGIC.length; offset < source.size; ) {
    if (++headers > AR_MEMBERS_MAX_COUNT) {
      throw new CorruptError(source.name, offset, `more than ${AR_MEMBERS_MAX_COUNT} members`);
    }
    const header = readHeader(source, offset);
    const end = header.dataOffset + header.size;
    if (header.name === LONG_NAMES) longNames = namesTable(source, header);
    else if (!SYMBOL_TABLES.has(header.name)) members.push(named(source, header, longNames));
    offset = end + (header.size % 2);
  }
  return members;
}

/** A header with its name as it stands there, blanks cut. */
function readHeader(source: Source, offset: number): ArMember {
  const refuse = (claim: string): never => {
    throw new CorruptError(source.name, offset, claim);
  };
  if (offset + HEADER_BYTES > source.size) refuse('the archive ends within an ar header');
  const header = readBytes(source, offset, HEADER_BYTES);
  if (latin1(header, 58, 60) !== '`\n') refuse('an ar header without its end mark');
  const digits = latin1(header, 48, 58).trimEnd();
  if (!/^\d+$/.test(digits)) refuse(`an ar member of size ${JSON.stringify(digits)}`);
  const name = text(header, 0, NAME_BYTES).trimEnd();
  const size = Number(digits);
  const dataOffset = offset + HEADER_BYTES;
  if (dataOffset + size > source.size) {
    refuse(`'${name}' has ${size} bytes, but the archive ends before them`);
  }
  return { name, headerOffset: offset, dataOffset, size };
}

function namesTable(source: Source, { headerOffset, dataOffset, size }: ArMember): Uint8Array {
  if (size > PAX_MAX_BYTES) {
    throw new CorruptError(source.name, headerOffset, `${size} bytes of long names`);
  }
  return readBytes(source, dataOffset, size);
}

/** `header` with the name that it means. */
function named(source: Source, header: ArMember, longNames: Uint8Array | null): ArMember {
  const bsd = /^#1\/(\d+)$/.exec(header.name);
  if (bsd !== null) return bsdNamed(source, header, Number(bsd[1]));
  const gnu = /^\/(\d+)$/.exec(header.name);
  if (gnu !== null) return { ...header, name: gnuName(source, header, longNames, Number(gnu[1])) };
  return { ...header, name: header.name.replace(/\/$/, '') };
}

function bsdNamed(source: Source, header: ArMember, length: number): ArMember {
  if (length > Math.min(header.size, PATH_MAX_BYTES)) {
    throw new CorruptError(source.name, header.headerOffset, `a name of ${length} bytes`);
  }
  return {
    name: text(readBytes(source, header.dataOffset, length)).replace(/\0+$/, ''),
    headerOffset: header.headerOffset,
    dataOffset: header.dataOffset + length,
    size: header.size - length,
  };
}

function gnuName(
  source: Source,
  header: ArMember,
  longNames: Uint8Array | null,
  start: number,
): string {
  if (longNames === null || start >= longNames.length) {
    throw new CorruptError(source.name, header.headerOffset, `a long name at ${start} of no table`);
  }
  const newline = longNames.indexOf(0x0a, start);
  const end = newline < 0 ? longNames.length : newline;
  if (end - start > PATH_MAX_BYTES) {
    throw new CorruptError(source.name, header.headerOffset, `a name of ${end - start} bytes`);
  }
  const name = text(longNames, start, end);
  return name.replace(/\/$/, '');
}

/** A member to be. */
export interface ArContent {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * An archive of `members`, byte for byte as VMware's own tools write VIBs since 7.0. Throws
 * RangeError for a name of more than 16 bytes, which those tools cannot write either.
 */
export function encodeAr(members: readonly ArContent[]): Uint8Array {
  const pieces = [AR_MAGIC];
  for (const { name, bytes } of members) {
    const nameBytes = utf8(name).length;
    if (nameBytes > NAME_BYTES) throw new RangeError(`'${name}' does not fit into an ar header`);
    const fields = ['0'.padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '0o0'.padEnd(8)].join('');
    const size = String(bytes.length).padEnd(10);
    pieces.push(utf8(`${name}${' '.repeat(NAME_BYTES - nameBytes)}${fields}${size}\`\n`), bytes);
    if (bytes.length % 2 !== 0) pieces.push(utf8('\n'));
  }
  return concatBytes(pieces);
}
