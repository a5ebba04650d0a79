/**
 * One entry of a tar, as the walk over its headers shows it.
 *
 * There is one object for a whole walk, filled anew for each entry: 50,000 entries must not make
 * 50,000 of anything. Names stay the bytes they are, and owners' names are not looked at unless
 * someone asks.
 */

import { NO_BYTES, text } from '../base/bytes.ts';
import type { TarFlavour, TarHeader } from './tar-header.ts';
import type { PaxView } from './tar-pax.ts';
import { parseTextRecord, TEXT_KEY, type VisorText } from './visor-text.ts';

/** What an entry is. */
export type TarKind = 'file' | 'directory' | 'symlink' | 'link' | 'character' | 'block' | 'fifo';

/**
 * One entry during its visit. It is the same object every time, and its arrays may be buffers that
 * the next visit has something else in: copy what is to be kept.
 */
export interface TarEntry {
  readonly kind: TarKind;
  readonly flavour: TarFlavour;
  /** The character code of the type in its header. */
  readonly typeflag: number;
  /** Where its own header is, from the start of the archive. */
  readonly headerOffset: number;
  /** Where its data starts, from the start of the archive; 0 for all but files. */
  readonly dataOffset: number;
  /** Bytes that the file has, holes included; 0 for all but files. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /**
   * Whole seconds since 1970, negative before; `mtimeNanoseconds` always counts forward from them.
   */
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  /** The bytes of its name, a directory's last slash included where there is one. */
  readonly path: Uint8Array;
  /** The same bytes as a range of the array that they lie in: no view is made of them. */
  readonly pathBytes: Uint8Array;
  readonly pathStart: number;
  readonly pathEnd: number;
  /** The bytes of what a link or symlink points to, else none. */
  readonly target: Uint8Array;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Pages of program text that a visor header speaks of. */
  readonly textPages: number;
  readonly fixupPages: number;
  /** A sparse file's (offset in it, length, offset in the archive) of each run; else null. */
  readonly pieces: Float64Array | null;
  uname(): string;
  gname(): string;
  /** Whether its header has anything in the fields for device numbers. */
  hasDeviceFields(): boolean;
  /**
   * What a visor header says of program text, or a pax record in its stead; null where neither
   * does.
   */
  visorText(): VisorText | null;
}

/** The type '7'. */
const MAPPED = 0x37;

/** The entry that a walk fills; whoever is visited sees it as a TarEntry. */
export class WalkedEntry implements TarEntry {
  kind: TarKind = 'file';
  flavour: TarFlavour = 'v7';
  typeflag = 0;
  headerOffset = 0;
  dataOffset = 0;
  size = 0;
  mode = 0;
  uid = 0;
  gid = 0;
  mtimeSeconds = 0;
  mtimeNanoseconds = 0;
  pathBytes: Uint8Array = NO_BYTES;
  pathStart = 0;
  pathEnd = 0;
  target: Uint8Array = NO_BYTES;
  deviceMajor = 0;
  deviceMinor = 0;
  textPages = 0;
  fixupPages = 0;
  pieces: Float64Array | null = null;
  readonly #header: TarHeader;
  readonly #pax: PaxView;

  constructor(header: TarHeader, pax: PaxView) {
    this.#header = header;
    this.#pax = pax;
  }

  get path(): Uint8Array {
    return this.pathBytes.subarray(this.pathStart, this.pathEnd);
  }

  /** Says which bytes the path is. */
  setPath(bytes: Uint8Array, start: number, end: number): void {
    this.pathBytes = bytes;
    this.pathStart = start;
    this.pathEnd = end;
  }

  uname(): string {
    const said = this.#pax.bytes('uname');
    return said === null ? this.#header.uname() : text(said);
  }

  gname(): string {
    const said = this.#pax.bytes('gname');
    return said === null ? this.#header.gname() : text(said);
  }

  hasDeviceFields(): boolean {
    return this.#header.hasDeviceFields();
  }

  visorText(): VisorText | null {
    if (this.flavour !== 'visor') {
      const said = this.#pax.bytes(TEXT_KEY);
      return said === null ? null : parseTextRecord(said);
    }
    const { textOffset, textPages, fixupPages } = this.#header;
    return { isMapped: this.typeflag === MAPPED, textOffset, textPages, fixupPages };
  }

  /** Takes over what the header says by itself. */
  fill(headerOffset: number): void {
    const header = this.#header;
    this.flavour = header.flavour;
    this.typeflag = header.typeflag;
    this.headerOffset = headerOffset;
    this.mode = header.mode;
    this.uid = header.uid;
    this.gid = header.gid;
    this.mtimeSeconds = header.mtimeSeconds;
    this.mtimeNanoseconds = 0;
    this.textPages = header.textPages;
    this.fixupPages = header.fixupPages;
  }

  /** Takes over what pax records say instead. */
  amend(): void {
    this.uid = this.#pax.number('uid') ?? this.uid;
    this.gid = this.#pax.number('gid') ?? this.gid;
    const mtime = this.#pax.time('mtime');
    if (mtime === null) return;
    this.mtimeSeconds = mtime.seconds;
    this.mtimeNanoseconds = mtime.nanoseconds;
  }
}
