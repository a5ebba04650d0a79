/**
 * Real VIBs, entry for entry as an independent reader sees them: container, descriptor, checksums,
 * every entry of every payload and the bytes of every file.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { latin1 } from '../../src/base/bytes.ts';
import { bytesSource, readBytes, type Source, windowSource } from '../../src/base/source.ts';
import { arMembers, encodeAr } from '../../src/format/ar.ts';
import { type TarRecord, tarEntries } from '../../src/format/tar-record.ts';
import {
  encodeVibDescriptor,
  parseVibDescriptor,
  type VibDescriptor,
} from '../../src/format/vib-descriptor.ts';
import { corpusPath } from '../support/corpus.ts';

interface ExpectedEntry {
  readonly path: string;
  readonly type: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  readonly size: number;
  readonly mtime: number;
  readonly header_at: number;
  /** What the visor header says; `data_at` is what it comes to. */
  readonly offset: number;
  readonly data_at?: number;
  readonly textPgs: number;
  readonly fixUpPgs: number;
  readonly sha256?: string;
}

interface ExpectedPayload {
  readonly name: string;
  readonly flavour: string;
  readonly tar_bytes: number;
  readonly entries: readonly ExpectedEntry[];
}

interface ExpectedVib {
  readonly sha256: string;
  readonly found_as: readonly string[];
  readonly descriptor_sha256: string;
  readonly signature_bytes: number;
  readonly payloads: readonly ExpectedPayload[];
}

function hash(bytes: Uint8Array, type = 'sha-256'): string {
  return createHash(type.replace('-', '')).update(bytes).digest('hex');
}

/** The VIBs that are files of their own; bundles are zips, which host/ reads. */
function bareVibs(): readonly [name: string, path: string, vib: ExpectedVib][] {
  const table = corpusPath('vib', 'expected.json');
  if (table === null) return [];
  const { vibs } = JSON.parse(readFileSync(table, 'utf8')) as { vibs: readonly ExpectedVib[] };
  return vibs.flatMap((vib) => {
    const found = vib.found_as.filter((path) => !path.includes('!'));
    return found.map((path): [string, string, ExpectedVib] => [basename(path), path, vib]);
  });
}

function memberBytes(source: Source, name: string): Uint8Array {
  const member = arMembers(source).find((one) => one.name === name)!;
  return readBytes(source, member.dataOffset, member.size);
}

function descriptorOf(source: Source): VibDescriptor {
  return parseVibDescriptor(memberBytes(source, 'descriptor.xml'), source.name);
}

function contents(source: Source): { name: string; bytes: Uint8Array }[] {
  return arMembers(source).map(({ name, dataOffset, size }) => {
    return { name, bytes: readBytes(source, dataOffset, size) };
  });
}

/** An entry in the words of the table. */
function seen(tar: Source, entry: TarRecord): Omit<ExpectedEntry, 'offset'> {
  const described = {
    path: entry.path,
    type: entry.typeflag,
    mode: entry.mode.toString(8),
    uid: entry.uid,
    gid: entry.gid,
    uname: entry.uname,
    gname: entry.gname,
    size: entry.size,
    mtime: entry.mtimeSeconds,
    header_at: entry.headerOffset,
    textPgs: entry.textPages,
    fixUpPgs: entry.fixupPages,
  };
  if (entry.kind !== 'file') return described;
  const data_at = entry.dataOffset;
  return { ...described, data_at, sha256: hash(readBytes(tar, data_at, entry.size)) };
}

describe.skipIf(bareVibs().length === 0)('VIBs of the corpus', () => {
  describe.each(bareVibs())('%s', (name, path, vib) => {
    const bytes = new Uint8Array(readFileSync(corpusPath(...path.split('/'))!));
    const source = bytesSource(bytes, name);
    const descriptor = descriptorOf(source);

    test('has a descriptor, a signature and its payloads, in this order', () => {
      expect(hash(bytes)).toBe(vib.sha256);
      const members = arMembers(source);
      const payloads = vib.payloads.map((payload) => payload.name);
      expect(members.map((one) => one.name)).toEqual(['descriptor.xml', 'sig.pkcs7', ...payloads]);
      expect(hash(memberBytes(source, 'descriptor.xml'))).toBe(vib.descriptor_sha256);
      expect(members[1]!.size).toBe(vib.signature_bytes);
    });

    test('says of its payloads what they are', () => {
      for (const payload of descriptor.payloads) {
        const stored = memberBytes(source, payload.name);
        const unpacked = gunzipSync(stored);
        expect(payload.size).toBe(stored.length);
        expect(payload.uncompressedSize ?? unpacked.length).toBe(unpacked.length);
        expect(payload.checksums.length).toBeGreaterThan(0);
        for (const { type, verifyProcess, value } of payload.checksums) {
          expect(hash(verifyProcess === 'gunzip' ? unpacked : stored, type)).toBe(value);
        }
      }
    });

    test('has every entry that is expected, and every byte', () => {
      for (const expected of vib.payloads) {
        const unpacked = new Uint8Array(gunzipSync(memberBytes(source, expected.name)));
        expect(unpacked.length).toBe(expected.tar_bytes);
        const tar = bytesSource(unpacked, `${name}!${expected.name}`);
        const entries = tarEntries(tar);
        expect(entries.map((entry) => seen(tar, entry))).toEqual(
          expected.entries.map(({ offset: _offset, ...entry }) => entry),
        );
        expect(new Set(entries.map((entry) => entry.flavour))).toEqual(new Set([expected.flavour]));
      }
    });

    test('lists the files that its payloads hold', () => {
      const held = vib.payloads.flatMap(({ entries }) => entries);
      const files = held.filter(({ type }) => type !== '5').map((entry) => entry.path);
      expect([...descriptor.files].sort()).toEqual(files.sort());
    });

    test('says the same after its descriptor was written anew', () => {
      expect(parseVibDescriptor(encodeVibDescriptor(descriptor), name)).toEqual(descriptor);
    });

    test('has the same members after it was written anew', () => {
      const again = encodeAr(contents(source));
      expect(arMembers(bytesSource(again, name))).toEqual(arMembers(source));
      // Tools of before 7.0 wrote a mode of "0".
      if (latin1(bytes, 48, 51) === '0o0') expect(again).toEqual(bytes);
    });
  });

  test('a VIB within another Source is the same VIB', () => {
    const [, path] = bareVibs()[0]!;
    const bytes = new Uint8Array(readFileSync(corpusPath(...path.split('/'))!));
    const outer = new Uint8Array(bytes.length + 7);
    outer.set(bytes, 3);
    const inner = windowSource(bytesSource(outer, 'outer'), 3, bytes.length, 'inner');
    expect(arMembers(inner)).toEqual(arMembers(bytesSource(bytes, 'bare')));
  });
});
