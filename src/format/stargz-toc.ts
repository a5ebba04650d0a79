/**
 * The table of contents of an eStargz, which is also its last tar entry, `stargz.index.json`.
 *
 *   { "version": 1, "entries": [
 *     { "name": "etc/", "type": "dir", "modtime": "2012-10-15T01:03:12Z", "mode": 493 },
 *     { "name": "etc/motd", "type": "reg", "size": 23, "offset": 110, "chunkDigest": "sha256:…" },
 *     { "name": "bin/big", "type": "reg", "size": 9000000, "offset": 204, "chunkSize": 4194304 },
 *     { "name": "bin/big", "type": "chunk", "offset": 812, "chunkOffset": 4194304 } ] }
 *
 *   type          reg, dir, symlink, hardlink, char, block, fifo; chunk is more of the reg ahead,
 *                 whose name it has, or none
 *   offset        where in the archive the gzip member starts that has the bytes
 *   innerOffset   how many bytes it decodes to ahead of them: 0 unless said
 *   chunkOffset   where in the file they are; chunks follow each other without a gap
 *   chunkSize     how many they are; 0 or nothing is all that is left
 *
 * Numbers are whole and not negative; names, owners and link targets are strings. What else an
 * entry says (xattrs, digests, NumLink) is passed over. Types that are not known are refused.
 */

import { text, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { TOC_OBJECTS_MAX_COUNT, TOC_VALUES_MAX_COUNT } from '../base/limits.ts';
import type { TarKind } from './tar-entry.ts';
import type { WrittenEntry } from './tar-write.ts';

const COMMA = 0x2c;
const BRACE = 0x7b;
const BRACKET = 0x5b;

/** The name of the table in the tar. */
export const TOC_NAME = 'stargz.index.json';

const TYPES = {
  reg: 'file',
  dir: 'directory',
  symlink: 'symlink',
  hardlink: 'link',
  char: 'character',
  block: 'block',
  fifo: 'fifo',
} as const satisfies Readonly<Record<string, TarKind>>;

const NAMES = new Map(Object.entries(TYPES).map(([name, kind]) => [kind as TarKind, name]));

/** A run of a file's bytes. */
export interface TocChunk {
  readonly storedOffset: number;
  readonly skipped: number;
  readonly offset: number;
  readonly size: number;
}

/** One entry, and where a file's bytes are. */
export interface TocEntry extends WrittenEntry {
  readonly chunks: readonly TocChunk[];
}

/** One chunk as `encodeToc` says it: with its SHA-256 in hexadecimal. */
export interface DigestedChunk extends TocChunk {
  readonly digest: string;
}

/** One entry as `encodeToc` says it. */
export interface DigestedEntry extends WrittenEntry {
  readonly chunks: readonly DigestedChunk[];
  /** SHA-256 of a whole file, in hexadecimal; null of what is none. */
  readonly digest: string | null;
}

/** The table in `json`. Throws CorruptError, which names `archive`, where it is none or lies. */
export function parseToc(json: Uint8Array, archive: string): TocEntry[] {
  const { version, entries } = fieldsOf(parsed(json, archive), archive);
  if (version !== 1 || !Array.isArray(entries)) throw lie(archive, 'is of another version than 1');
  const all: TocEntry[] = [];
  for (let index = 0; index < entries.length; ) {
    const reader = new Fields(entries[index++], archive);
    const kind = kindOf(reader, archive);
    const name = reader.text('name');
    const size = kind === 'file' ? reader.count('size') : 0;
    const chunks: TocChunk[] = [];
    let chunk = reader;
    for (let done = 0; done < size; ) {
      const isNamed = ['', name].includes(chunk.text('name'));
      const isNext = chunk === reader || (isNamed && chunk.text('type') === 'chunk');
      if (!isNext || chunk.count('chunkOffset') !== done) throw reader.lie('has a gap');
      const length = chunk.count('chunkSize') || size - done;
      if (length > size - done) throw reader.lie('has more chunks than bytes');
      chunks.push({
        storedOffset: chunk.count('offset'),
        skipped: chunk.count('innerOffset'),
        offset: done,
        size: length,
      });
      done += length;
      if (done < size) chunk = new Fields(entries[index++], archive);
    }
    all.push({ ...attributesOf(reader, kind, size), chunks });
  }
  return all;
}

/** The table that says `entries`: what the file in the tar holds. Names must be text. */
export function encodeToc(entries: readonly DigestedEntry[]): Uint8Array {
  const all = entries.flatMap((entry): object[] => {
    const name = text(entry.path);
    const { kind, chunks, size, uid, gid, uname, gname, digest } = entry;
    const [first, ...others] = chunks;
    const common = {
      name,
      type: NAMES.get(kind),
      ...(kind === 'file' ? { size } : {}),
      ...timeOf(entry),
      ...(entry.target.length > 0 ? { linkName: text(entry.target) } : {}),
      mode: entry.mode,
      ...(uid === 0 ? {} : { uid }),
      ...(gid === 0 ? {} : { gid }),
      ...(uname === '' ? {} : { userName: uname }),
      ...(gname === '' ? {} : { groupName: gname }),
      ...(kind === 'character' || kind === 'block'
        ? { devMajor: entry.deviceMajor, devMinor: entry.deviceMinor }
        : {}),
      ...(digest === null ? {} : { digest: `sha256:${digest}` }),
    };
    if (first === undefined) return [common];
    const rest = others.map((chunk) => ({ name, type: 'chunk', ...placeOf(chunk, size) }));
    return [{ ...common, ...placeOf(first, size) }, ...rest];
  });
  return utf8(JSON.stringify({ version: 1, entries: all }));
}

function placeOf({ storedOffset, offset, size, digest }: DigestedChunk, whole: number) {
  const isLast = offset + size === whole;
  return {
    offset: storedOffset,
    ...(offset === 0 ? {} : { chunkOffset: offset }),
    ...(isLast ? {} : { chunkSize: size }),
    chunkDigest: `sha256:${digest}`,
  };
}

/** Years of more or fewer than four digits have no such time: then none is said. */
function timeOf({ mtimeSeconds, mtimeNanoseconds }: WrittenEntry): { modtime?: string } {
  const date = new Date(mtimeSeconds * 1000);
  const said = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  if (!/^\d{4}-/.test(said)) return {};
  const digits = String(mtimeNanoseconds).padStart(9, '0').replace(/0+$/, '');
  return { modtime: said.replace('.000Z', digits === '' ? 'Z' : `.${digits}Z`) };
}

function kindOf(reader: Fields, archive: string): TarKind {
  const type = reader.text('type');
  if (Object.hasOwn(TYPES, type)) return TYPES[type as keyof typeof TYPES];
  throw lie(archive, `has an entry of type '${type}'`);
}

function attributesOf(reader: Fields, kind: TarKind, size: number): WrittenEntry {
  const [mtimeSeconds, mtimeNanoseconds] = reader.time('modtime');
  return {
    kind,
    path: utf8(reader.text('name')),
    target: utf8(reader.text('linkName')),
    mode: reader.count('mode') & 0o7777,
    uid: reader.count('uid'),
    gid: reader.count('gid'),
    uname: reader.text('userName'),
    gname: reader.text('groupName'),
    size,
    mtimeSeconds,
    mtimeNanoseconds,
    deviceMajor: reader.count('devMajor'),
    deviceMinor: reader.count('devMinor'),
  };
}

/** The fields of one entry, which may say anything. */
class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #archive: string;

  constructor(entry: unknown, archive: string) {
    this.#fields = fieldsOf(entry, archive);
    this.#archive = archive;
  }

  text(key: string): string {
    const value = this.#own(key) ?? '';
    if (typeof value !== 'string' || value.includes('\0')) throw this.lie(`has no text as ${key}`);
    return value;
  }

  count(key: string): number {
    const value = this.#own(key) ?? 0;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.lie(`has no count as ${key}`);
  }

  /** Seconds since 1970 and nanoseconds; 0 where nothing is said. */
  time(key: string): [seconds: number, nanoseconds: number] {
    const said = this.text(key);
    if (said === '') return [0, 0];
    const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(said);
    const milliseconds = parts === null ? Number.NaN : Date.parse(`${parts[1]}${parts[3]}`);
    if (Number.isNaN(milliseconds)) throw this.lie(`has no time as ${key}`);
    return [milliseconds / 1000, Number((parts?.[2] ?? '').padEnd(9, '0'))];
  }

  lie(claim: string): CorruptError {
    const { name } = this.#fields;
    return lie(this.#archive, `says of '${String(name)}' what cannot be: it ${claim}`);
  }

  #own(key: string): unknown {
    return Object.hasOwn(this.#fields, key) ? this.#fields[key] : undefined;
  }
}

/** The value in `json`, which may be made to take many times its own memory. */
function parsed(json: Uint8Array, archive: string): unknown {
  let objectCount = 0;
  let valueCount = 1;
  for (const byte of json) {
    if (byte === COMMA) valueCount += 1;
    else if (byte === BRACE || byte === BRACKET) objectCount += 1;
  }
  if (objectCount > TOC_OBJECTS_MAX_COUNT) throw lie(archive, `has ${objectCount} objects`);
  if (valueCount > TOC_VALUES_MAX_COUNT) throw lie(archive, `has ${valueCount} values`);
  try {
    return JSON.parse(text(json));
  } catch (error) {
    if (error instanceof SyntaxError) throw lie(archive, 'is no JSON');
    throw error;
  }
}

function fieldsOf(value: unknown, archive: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw lie(archive, 'has an entry that is none');
}

function lie(archive: string, claim: string): CorruptError {
  return new CorruptError(archive, 0, `its table of contents ${claim}`);
}
