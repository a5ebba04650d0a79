/**
 * Trees into archives, byte for byte the same on every machine.
 *
 * Visor tars come in the layouts that real ones have (src/format/visor-write.ts), and 'inline':
 * with data right behind its header, as other tools than vmtar write.
 *
 * gzip is pako's, not Node's: its version is pinned by the lock, while zlib comes with each Node.
 */

import { gzip as deflated } from 'pako';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { ofNoSystem } from '../../src/codec/codec.ts';
import { visorTextOf } from '../../src/format/elf-text.ts';
import { encodeLongName, encodeTarHeader } from '../../src/format/tar-header.ts';
import {
  encodeVisorEntry,
  placeVisorData,
  type VisorEntry,
  visorHeaderBytes,
  type VisorLayout as Written,
} from '../../src/format/visor-write.ts';
import { archivePath, MTIME_SECONDS, type TreeEntry } from './tree.ts';

const BLOCK_BYTES = 512;
/** Blocks come in twenties out of GNU tar, as they went onto tape. */
const RECORD_BYTES = 20 * BLOCK_BYTES;
const NAME_BYTES = 100;

const TYPEFLAGS = { file: '0', link: '1', symlink: '2', directory: '5' } as const;

export type VisorLayout = Written | 'inline';

/** `count` rounded up to a multiple of `unit`. */
export function roundedUp(count: number, unit: number): number {
  return Math.ceil(count / unit) * unit;
}

/** `bytes` with zeros behind them up to a multiple of `unit`. */
export function padded(bytes: Uint8Array, unit = BLOCK_BYTES): Uint8Array {
  const whole = new Uint8Array(roundedUp(bytes.length, unit));
  whole.set(bytes);
  return whole;
}

/**
 * One gzip member without a name, a time or a system, as VMware's tools have made them since 6.7.
 */
export function gzip(bytes: Uint8Array): Uint8Array {
  return ofNoSystem(deflated(bytes, { level: 9 }));
}

/**
 * A visor tar of `entries` in their order. Throws RangeError for a name that its header cannot
 * hold.
 */
export function packVisor(entries: readonly TreeEntry[], layout: VisorLayout): Uint8Array {
  return layout === 'inline' ? packVisorInline(entries) : packVisorApart(entries, layout);
}

function packVisorApart(entries: readonly TreeEntry[], layout: Written): Uint8Array {
  const said = entries.map(visorEntry);
  const headerBytes = said.reduce((sum, entry) => sum + visorHeaderBytes(entry), 0);
  const { dataOffsets, size } = placeVisorData(said, headerBytes, layout);
  const whole = new Uint8Array(size);
  whole.set(concatBytes(said.map((entry, index) => encodeVisorEntry(entry, dataOffsets[index]!))));
  entries.forEach(({ content }, index) => {
    whole.set(content, dataOffsets[index]!);
  });
  return whole;
}

function packVisorInline(entries: readonly TreeEntry[]): Uint8Array {
  const pieces = entries.flatMap((entry) => {
    return [encodeVisorEntry(visorEntry(entry), 0), padded(entry.content)];
  });
  return concatBytes([...pieces, new Uint8Array(BLOCK_BYTES)]);
}

function visorEntry(entry: TreeEntry): VisorEntry {
  const { kind, content } = entry;
  return {
    ...said(entry),
    kind,
    path: utf8(archivePath(entry)),
    target: utf8(entry.target),
    mtimeNanoseconds: 0,
    deviceMajor: 0,
    deviceMinor: 0,
    hasDeviceFields: false,
    text: visorTextOf(content.length, (target, offset) => {
      target.set(content.subarray(offset, offset + target.length));
    }),
  };
}

/**
 * A GNU tar of `entries` in their order, with long names as GNU has them and its padding at the
 * end.
 */
export function packGnu(entries: readonly TreeEntry[]): Uint8Array {
  const pieces = entries.flatMap((entry) => {
    const path = archivePath(entry);
    const long: Uint8Array[] = [];
    if (utf8(entry.target).length > NAME_BYTES) long.push(encodeLongName('gnu', 'K', entry.target));
    if (utf8(path).length > NAME_BYTES) long.push(encodeLongName('gnu', 'L', path));
    const short = { path: cut(path), target: cut(entry.target) };
    const typeflag = TYPEFLAGS[entry.kind];
    const header = encodeTarHeader({ flavour: 'gnu', typeflag, ...said(entry), ...short });
    return [...long, header, padded(entry.content)];
  });
  return padded(concatBytes([...pieces, new Uint8Array(2 * BLOCK_BYTES)]), RECORD_BYTES);
}

/**
 * A POSIX tar of `entries` in their order and without its end. Throws RangeError for names too
 * long.
 */
export function ustarEntries(entries: readonly TreeEntry[]): Uint8Array {
  const pieces = entries.flatMap((entry) => {
    const typeflag = TYPEFLAGS[entry.kind];
    const header = encodeTarHeader({ flavour: 'ustar', typeflag, ...said(entry) });
    return [header, padded(entry.content)];
  });
  return concatBytes(pieces);
}

/** The two blocks of zeros that end every tar but a visor tar. */
export const END: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);

/** A POSIX tar of `entries` in their order. */
export function packUstar(entries: readonly TreeEntry[]): Uint8Array {
  return concatBytes([ustarEntries(entries), END]);
}

function said(entry: TreeEntry) {
  return {
    path: archivePath(entry),
    target: entry.target,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    uname: entry.uid === 0 ? 'root' : '',
    gname: entry.gid === 0 ? 'root' : '',
    size: entry.content.length,
    mtimeSeconds: MTIME_SECONDS,
  };
}

function cut(name: string): Uint8Array {
  return utf8(name).subarray(0, NAME_BYTES);
}
