/**
 * Pax extended headers: what the data of a header of type 'x', 'X' or 'g' says about entries.
 *
 *   "30 mtime=1350244992.023960108\n"     one record: its own length in decimal, a blank, a key,
 *    ^^ all of it, digits and newline       "=", a value, a newline
 *
 * 'x' (Solaris wrote 'X') is about the next entry, 'g' about all that follow; the next entry's own
 * records come first, then the global ones, then its header. A record without a value takes back
 * what was said before of its key. The same key twice: the last one counts. A NUL where a length
 * should be ends the list.
 *
 *   path linkpath uname gname      bytes, exactly as they are: hdrcharset changes nothing here
 *   size uid gid                   decimal; refused where they are not
 *   mtime                          decimal with a fraction, cut after nanoseconds; one that is no
 *                                  number is passed over: readers make different times of it
 *   GNU.sparse.*                   see tar-sparse.ts; of 'g' passed over, as a map is one file's
 *   VISORFS.text                   see visor-text.ts; as the sparse ones
 *
 * No value that is kept but a sparse map may be longer than a path: one global record is read again
 * for each entry, and must not make a small archive slow. A name ends at its first NUL, as for GNU
 * tar and bsdtar; Python keeps the NUL, Go refuses. A key with one is refused, as by all but
 * Python. Other keys are passed over, atime and ctime among them: a VisorFs keeps neither.
 */

import { latin1, text } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { PATH_MAX_BYTES } from '../base/limits.ts';
import { parseTextRecord, TEXT_KEY } from './visor-text.ts';

/** A uid or gid is 32 bits wide on Linux; all else is exact up to here. */
const ID_MAX = 0xffffffff;
const EXACT_MAX = Number.MAX_SAFE_INTEGER;

/**
 * What each kept key holds: a name, text, a time, a list, what visor headers say of text, or a
 * number and the highest it may be.
 */
const KEYS = new Map<string, 'name' | 'text' | 'time' | 'list' | 'visor' | number>([
  ['path', 'name'],
  ['linkpath', 'name'],
  ['GNU.sparse.name', 'name'],
  ['uname', 'text'],
  ['gname', 'text'],
  ['GNU.sparse.map', 'list'],
  [TEXT_KEY, 'visor'],
  ['mtime', 'time'],
  ['uid', ID_MAX],
  ['gid', ID_MAX],
  ['size', EXACT_MAX],
  ['GNU.sparse.major', EXACT_MAX],
  ['GNU.sparse.minor', EXACT_MAX],
  ['GNU.sparse.size', EXACT_MAX],
  ['GNU.sparse.realsize', EXACT_MAX],
]);

const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;

/** A time before, at or after 1970: `nanoseconds` always counts forward from `seconds`. */
export interface PaxTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Records that are about the same entries. */
export class PaxRecords {
  /** A value of no bytes is a key taken back. */
  readonly #values = new Map<string, Uint8Array>();
  /** Version 0.0 of sparse maps repeats two keys, so their order is what they say. */
  readonly #sparse: number[] = [];
  readonly #archive: string;
  readonly #about: 'one' | 'all';
  #offset = 0;

  /** Of `archive`, about one entry or about all that follow. */
  constructor(archive: string, about: 'one' | 'all') {
    this.#archive = archive;
    this.#about = about;
  }

  /**
   * Adds what `body` says. Throws CorruptError, which places `body` at `offset`, where it is
   * malformed.
   */
  read(body: Uint8Array, offset: number): void {
    this.#offset = offset;
    let start = 0;
    while (start < body.length && body[start] !== 0) {
      const end = start + this.#recordLength(body, start);
      this.#record(body, start, end - 1);
      start = end;
    }
  }

  clear(): void {
    this.#values.clear();
    this.#sparse.length = 0;
  }

  /** Whether anything at all was said. */
  isSpeaking(): boolean {
    return this.#values.size > 0 || this.#sparse.length > 0;
  }

  /** The bytes said of `key`: none where it was taken back, undefined where nothing was said. */
  bytes(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  /** What was said of offsets and lengths of sparse runs, one after the other. */
  sparse(): readonly number[] {
    return this.#sparse;
  }

  #recordLength(body: Uint8Array, start: number): number {
    const space = body.indexOf(SPACE, start);
    const digits = space < 0 ? '' : latin1(body, start, Math.min(space, start + 16));
    const length = /^\d{1,15}$/.test(digits) ? Number(digits) : 0;
    const end = start + length;
    if (length === 0) this.#refuse(start, 'a pax record without a length');
    if (end > body.length) this.#refuse(start, `a pax record of ${length} bytes, past its header`);
    if (end - 1 <= space || body[end - 1] !== NEWLINE) {
      this.#refuse(start, `a pax record of ${length} bytes that does not end in a newline`);
    }
    return length;
  }

  #record(body: Uint8Array, start: number, end: number): void {
    const keyStart = body.indexOf(SPACE, start) + 1;
    const equals = body.indexOf(EQUALS, keyStart);
    if (equals < 0 || equals >= end) this.#refuse(start, 'a pax record without "="');
    if (body.subarray(keyStart, equals).includes(0)) this.#refuse(start, 'a pax key with a NUL');
    // Longer than any key that is kept, so that hostile ones are not turned into text.
    const key = equals - keyStart > 24 ? '' : latin1(body, keyStart, equals);
    const isOfOne = key.startsWith('GNU.sparse.') || key === TEXT_KEY;
    if (this.#about === 'all' && isOfOne) return;
    const value = body.subarray(equals + 1, end);
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
      this.#sparseNumber(key, value, start);
      return;
    }
    const kind = KEYS.get(key);
    if (kind === undefined) return;
    if (kind !== 'list' && value.length > PATH_MAX_BYTES) {
      this.#refuse(start, `a pax ${key} of ${value.length} bytes`);
    }
    const isSound =
      (typeof kind !== 'number' || paxNumber(value) <= kind) &&
      (kind !== 'visor' || parseTextRecord(value) !== null);
    if (value.length > 0 && !isSound) {
      this.#refuse(start, `a pax ${key} of ${JSON.stringify(text(value.subarray(0, 24)))}`);
    }
    // A copy: `body` may be the archive itself, or a buffer that is read into again.
    this.#values.set(key, kind === 'name' ? upToNul(value).slice() : value.slice());
  }

  #sparseNumber(key: string, value: Uint8Array, start: number): void {
    const isOffset = this.#sparse.length % 2 === 0;
    const number = paxNumber(value);
    if (isOffset !== (key === 'GNU.sparse.offset') || Number.isNaN(number)) {
      this.#refuse(start, `a ${key} out of turn or without a number`);
    }
    this.#sparse.push(number);
  }

  #refuse(start: number, claim: string): never {
    throw new CorruptError(this.#archive, this.#offset + start, claim);
  }
}

/** What the records of one entry and the global ones say together. */
export class PaxView {
  readonly #own: PaxRecords;
  readonly #global: PaxRecords;

  constructor(own: PaxRecords, global: PaxRecords) {
    this.#own = own;
    this.#global = global;
  }

  /** Whether any record is about the entry at all: most entries have none. */
  isSpeaking(): boolean {
    return this.#own.isSpeaking() || this.#global.isSpeaking();
  }

  /** The bytes of `key`, or null where its header is to be believed. */
  bytes(key: string): Uint8Array | null {
    const value = this.#own.bytes(key) ?? this.#global.bytes(key);
    return value === undefined || value.length === 0 ? null : value;
  }

  /** Offsets and lengths of sparse runs in turn; they are about one file, so never global. */
  sparse(): readonly number[] {
    return this.#own.sparse();
  }

  number(key: string): number | null {
    const value = this.bytes(key);
    return value === null ? null : paxNumber(value);
  }

  time(key: string): PaxTime | null {
    const value = this.bytes(key);
    return value === null ? null : paxTime(text(value));
  }
}

/** The decimal in `value`, NaN where there is none or it is not exact; zeros may lead it. */
export function paxNumber(value: Uint8Array): number {
  if (value.length === 0) return Number.NaN;
  let number = 0;
  for (const byte of value) {
    if (byte < ZERO || byte > NINE) return Number.NaN;
    number = number * 10 + (byte - ZERO);
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : Number.NaN;
}

function paxTime(decimal: string): PaxTime | null {
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(decimal);
  if (match === null) return null;
  const [, sign, whole, fraction = ''] = match;
  const seconds = Number(whole);
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'));
  if (sign === '') return { seconds, nanoseconds };
  if (nanoseconds === 0) return { seconds: 0 - seconds, nanoseconds };
  return { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds };
}

function upToNul(value: Uint8Array): Uint8Array {
  const nul = value.indexOf(0);
  return nul < 0 ? value : value.subarray(0, nul);
}
