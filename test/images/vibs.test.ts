/**
 * What the descriptors of the sample VIBs claim, reckoned by other means: sums, sizes, files.
 */

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bytesSource, readBytes } from '../../src/base/source.ts';
import { arMembers } from '../../src/format/ar.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { parseVibDescriptor } from '../../src/format/vib-descriptor.ts';
import { committed } from './built.ts';

const NAMES = [
  'vibs/hostd.vib',
  'vibs/vpxa.vib',
  'vibs/fdm.vib',
  'vibs/debug-tools.vib',
  'good/one-payload.vib',
  'good/two-payloads.vib',
  'good/odd-ar-modes.vib',
  'good/long-ar-names.vib',
];

function parts(name: string) {
  const source = bytesSource(committed(name), name);
  const members = arMembers(source);
  const bytesOf = (member: string): Uint8Array => {
    const { dataOffset, size } = members.find((one) => one.name === member)!;
    return readBytes(source, dataOffset, size);
  };
  const descriptor = parseVibDescriptor(bytesOf('descriptor.xml'), name);
  return { members, bytesOf, descriptor };
}

describe.each(NAMES)('%s', (name) => {
  const { members, bytesOf, descriptor } = parts(name);

  test('has a descriptor, an empty signature and its payloads, in this order', () => {
    const payloads = descriptor.payloads.map((payload) => payload.name);
    expect(members.map((one) => one.name)).toEqual(['descriptor.xml', 'sig.pkcs7', ...payloads]);
    expect(bytesOf('sig.pkcs7').length).toBe(0);
    expect(descriptor.acceptanceLevel).toBe('community');
  });

  test('gives the sizes and sums that its payloads have', () => {
    for (const { name: payload, size, uncompressedSize, checksums } of descriptor.payloads) {
      const stored = bytesOf(payload);
      const tar = new Uint8Array(gunzipSync(stored));
      expect([size, uncompressedSize]).toEqual([stored.length, tar.length]);
      const sums = checksums.map(({ type, verifyProcess }) => `${type} ${verifyProcess}`);
      expect(sums).toEqual(['sha-256 gunzip', 'sha-256 null', 'sha-1 gunzip']);
      for (const { type, verifyProcess, value } of checksums) {
        const hash = createHash(type.replace('-', ''));
        expect(value).toBe(hash.update(verifyProcess === null ? stored : tar).digest('hex'));
      }
    }
  });

  test('lists every entry of its payloads that is no directory', () => {
    const entries = descriptor.payloads.flatMap((payload) => {
      const tar = new Uint8Array(gunzipSync(bytesOf(payload.name)));
      return tarEntries(bytesSource(tar, payload.name));
    });
    const files = entries.filter(({ kind }) => kind !== 'directory').map(({ path }) => path);
    expect([...descriptor.files].sort()).toEqual(files.sort());
  });
});

test('agents are visor tars, and the tools are a plain one that may cover files of others', () => {
  for (const name of ['hostd', 'vpxa', 'fdm']) {
    const { descriptor } = parts(`vibs/${name}.vib`);
    expect(descriptor.id).toBe(`visorfs_bootbank_${name}_8.0.3-0.0.24000000`);
    expect(descriptor.payloads.map(({ type }) => type)).toEqual(['vgz']);
    expect(descriptor.overlay).toBe(false);
  }
  const { descriptor } = parts('vibs/debug-tools.vib');
  expect(descriptor.payloads.map(({ type }) => type)).toEqual(['tgz']);
  expect(descriptor.overlay).toBe(true);
});
