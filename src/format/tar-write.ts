/**
 * The headers of one tar entry: ustar where that can say it, a pax header ahead of it where not.
 *
 *   in pax    path, linkpath, uname, gname   that their fields are too short for, or not ASCII
 *             size, uid, gid                 above what octal holds
 *             mtime                          with a fraction, or outside 1970 to 2242
 *
 * Or as GNU tar writes them, the only way that ESXi mounts: names and targets over 100 bytes in 'K'
 * and 'L' ahead of the header, numbers above octal in base 256, whole seconds. Records of visorfs
 * alone (visor-text.ts) go into a pax header ahead of all, which GNU tar takes as well.
 *
 * The same entry gives the same bytes. Sparse files are written as if they had no holes.
 */

import { concatBytes, text, utf8 } from '../base/bytes.ts';
import type { TarEntry, TarKind } from './tar-entry.ts';
import {
  BLOCK_BYTES,
  encodeLongName,
  encodeTarHeader,
  type TarHeaderRecord,
} from './tar-header.ts';

/** What an entry is to say. */
export type WrittenEntry = Pick<
  TarEntry,
  | 'kind'
  | 'path'
  | 'target'
  | 'mode'
  | 'uid'
  | 'gid'
  | 'size'
  | 'mtimeSeconds'
  | 'mtimeNanoseconds'
  | 'deviceMajor'
  | 'deviceMinor'
> & { readonly uname: string; readonly gname: string };

/** What an entry is to say in a header of GNU's kind, which visor headers are of. */
export interface GnuEntry extends WrittenEntry {
  /** Whether the fields for device numbers are written for what is no device too. */
  readonly hasDeviceFields: boolean;
}

const TYPEFLAGS: Readonly<Record<TarKind, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

const NAME_BYTES = 100;
const OWNER_BYTES = 32;
const ID_MAX = 0o7777777;
const SIZE_MAX = 0o77777777777;
const PAX_PATH = './PaxHeaders/entry';

/** The headers of `entry`, in whole blocks; its data follows, padded by `paddingOf`. */
export function encodeTarEntry(entry: WrittenEntry): Uint8Array {
  const { kind, mode, mtimeSeconds, mtimeNanoseconds, deviceMajor, deviceMinor } = entry;
  const pax: Uint8Array[] = [];
  const said = (key: string, value: Uint8Array): void => {
    pax.push(paxRecord(key, value));
  };
  const short = (key: string, value: Uint8Array, most: number): Uint8Array => {
    if (value.length <= most && isAscii(value)) return value;
    said(key, value);
    return value.subarray(0, most);
  };
  const small = (key: string, value: number, most: number): number => {
    if (value >= 0 && value <= most) return value;
    said(key, utf8(String(value)));
    return 0;
  };
  const path = short('path', entry.path, NAME_BYTES);
  const target = short('linkpath', entry.target, NAME_BYTES);
  const uname = short('uname', utf8(entry.uname), OWNER_BYTES);
  const gname = short('gname', utf8(entry.gname), OWNER_BYTES);
  const uid = small('uid', entry.uid, ID_MAX);
  const gid = small('gid', entry.gid, ID_MAX);
  const size = small('size', entry.size, SIZE_MAX);
  const isPlainTime = mtimeNanoseconds === 0 && mtimeSeconds >= 0 && mtimeSeconds <= SIZE_MAX;
  if (!isPlainTime) said('mtime', utf8(decimalTime(mtimeSeconds, mtimeNanoseconds)));
  const header = encodeTarHeader({
    flavour: 'ustar',
    typeflag: TYPEFLAGS[kind],
    path,
    target,
    mode,
    uid,
    gid,
    size,
    mtimeSeconds: isPlainTime ? mtimeSeconds : Math.min(SIZE_MAX, Math.max(0, mtimeSeconds)),
    uname: asciiOf(uname),
    gname: asciiOf(gname),
    deviceMajor,
    deviceMinor,
  });
  return pax.length === 0 ? header : concatBytes([paxHeader(concatBytes(pax)), header]);
}

/** The GNU headers of `entry`, as `encodeTarEntry` gives those of POSIX; `records` of pax first. */
export function encodeGnuEntry(
  entry: GnuEntry,
  records: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
  const pax = Object.entries(records).map(([key, value]) => paxRecord(key, value));
  const about = pax.length === 0 ? [] : [paxHeader(concatBytes(pax))];
  const header = encodeTarHeader({ flavour: 'gnu', ...shortRecord(entry) });
  return concatBytes([...about, ...encodeLongNames('gnu', entry), header]);
}

/** What goes ahead of the header of `entry` for a target and a path that it cannot hold. */
export function encodeLongNames(
  flavour: 'gnu' | 'visor',
  { path, target }: Pick<GnuEntry, 'path' | 'target'>,
): Uint8Array[] {
  return [
    ...(target.length > NAME_BYTES ? [encodeLongName(flavour, 'K', target)] : []),
    ...(path.length > NAME_BYTES ? [encodeLongName(flavour, 'L', path)] : []),
  ];
}

/** What the header of `entry` itself says, long names cut to their fields. */
export function shortRecord(entry: GnuEntry): Omit<TarHeaderRecord, 'flavour'> {
  const { kind, path, target, mode, uid, gid, uname, gname, size, mtimeSeconds } = entry;
  const { hasDeviceFields, deviceMajor, deviceMinor } = entry;
  const isNumbered = hasDeviceFields || kind === 'character' || kind === 'block';
  return {
    ...{ mode, uid, gid, uname, gname, size, mtimeSeconds },
    typeflag: TYPEFLAGS[kind],
    path: path.subarray(0, NAME_BYTES),
    target: target.subarray(0, NAME_BYTES),
    deviceMajor: isNumbered ? deviceMajor : null,
    deviceMinor: isNumbered ? deviceMinor : null,
  };
}

function paxHeader(records: Uint8Array): Uint8Array {
  const about = { typeflag: 'x', path: PAX_PATH, size: records.length };
  const header = encodeTarHeader({ flavour: 'ustar', ...about });
  return concatBytes([header, records, new Uint8Array(paddingOf(records.length))]);
}

/** Zeros behind data of `size` bytes, in bytes: up to the next whole block. */
export function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** "30 mtime=1350244992.023960108\n": the number counts itself. */
function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = utf8(` ${key}=`);
  const bare = rest.length + value.length + 1;
  let length = bare + String(bare).length;
  if (String(length).length > String(bare).length) length = bare + String(length).length;
  return concatBytes([utf8(String(length)), rest, value, utf8('\n')]);
}

/** Seconds with a fraction, which before 1970 counts away from zero: -0.25 is a quarter before. */
function decimalTime(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return String(seconds);
  const isBefore = seconds < 0;
  const whole = isBefore ? -seconds - 1 : seconds;
  const fraction = isBefore ? 1e9 - nanoseconds : nanoseconds;
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
  return `${isBefore ? '-' : ''}${whole}.${digits}`;
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

/** A name cut to its field may end within a character: then the field has none of it. */
function asciiOf(bytes: Uint8Array): string {
  return isAscii(bytes) ? text(bytes) : '';
}
