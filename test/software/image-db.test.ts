/**
 * The image database, written and read; GNU tar and Python look at it too. Attacked with databases
 * that lack a descriptor, have one too many, two profiles or none, or say what cannot be.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { openTardisk } from '../../src/layer/open.ts';
import { openVibPackage } from '../../src/layer/vib-package.ts';
import { encodeImageDb, parseImageDb } from '../../src/software/image-db.ts';
import type { InstalledProfile, InstalledVib } from '../../src/software/installed-profile.ts';
import { gnuTar, type PayloadEntry } from '../../src/software/payload-tar.ts';
import { vibBytes } from '../support/small-host.ts';

let profile: InstalledProfile;
beforeAll(async () => {
  profile = {
    name: 'A & B/<1> profile of a name that is longer than any file of a tar would like to have it',
    vendor: 'test',
    creationTime: '2026-01-01T00:00:00.000+00:00',
    modificationTime: '2026-11-28T09:30:00.000+00:00',
    description: 'two VIBs',
    acceptanceLevel: 'partner',
    vibs: [await installed('one'), await installed('two & more'.slice(0, 3))],
  };
});

async function installed(name: string): Promise<InstalledVib> {
  const vib = await openVibPackage(bytesSource(await vibBytes({ name }), name), portableCodec);
  return {
    descriptor: vib.descriptor,
    descriptorBytes: vib.descriptorBytes,
    installDate: '2026-11-28T09:30:00.000+00:00',
    origin: `https://example.org/?a&b=<${name}>`,
    payloads: [{ name, file: `${name}.t00` }],
  };
}

async function parsed(bytes: Uint8Array): Promise<InstalledProfile> {
  return parseImageDb(await openTardisk(bytesSource(bytes, 'imgdb.tgz'), portableCodec));
}

/** The files of the database of `profile`, to be tampered with. */
async function entries(): Promise<PayloadEntry[]> {
  const tardisk = await openTardisk(
    bytesSource(await encodeImageDb(profile, portableCodec), 'imgdb.tgz'),
    portableCodec,
  );
  const { archiveFiles } = await import('../../src/software/archive-files.ts');
  return archiveFiles(tardisk).map(({ path, row }) => ({
    ...{ path, kind: 'file' as const, mode: 0o644, mtimeSeconds: 0, target: '' },
    content: tardisk.view(row)!.slice(),
  }));
}

test('what is written is what is read, descriptors to the byte', async () => {
  const bytes = await encodeImageDb(profile, portableCodec);
  expect(await parsed(bytes)).toEqual(profile);
  expect(await encodeImageDb(await parsed(bytes), portableCodec)).toEqual(bytes);
});

test('a profile without VIBs is one too', async () => {
  const empty = { ...profile, vibs: [] };
  expect(await parsed(await encodeImageDb(empty, portableCodec))).toEqual(empty);
});

test('files lie and are called as on ESXi, and descriptors have their installdate', async () => {
  const found = await entries();
  const paths = found.map(({ path }) => path);
  expect(paths.filter((path) => /^var\/db\/esximg\/vibs\/one--?\d+\.xml$/.test(path))).toHaveLength(
    1,
  );
  expect(
    paths.filter((path) => /^var\/db\/esximg\/profiles\/A & B_.*-\d+\.xml$/.test(path)),
  ).toHaveLength(1);
  const one = found.find(({ path }) => path.includes('/vibs/one-'))!;
  expect(text(one.content)).toMatch(
    /<installdate>2026-11-28T09:30:00\.000\+00:00<\/installdate><\/vib>$/,
  );
});

describe('real tools', () => {
  const hasTar = spawnSync('tar', ['--version']).status === 0;
  test.skipIf(!hasTar)('GNU tar lists it without a complaint', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'visorfs-imgdb-'));
    try {
      const file = join(folder, 'imgdb.tgz');
      writeFileSync(file, await encodeImageDb(profile, portableCodec));
      const listed = execFileSync('tar', ['tzf', file], { encoding: 'utf8' }).trim().split('\n');
      expect(listed).toContain('var/db/esximg/vibs/');
      expect(listed.filter((name) => name.endsWith('.xml'))).toHaveLength(3);
    } finally {
      rmSync(folder, { recursive: true });
    }
    // ESXi mounts GNU tars and refuses others.
    const tar = gunzipSync(await encodeImageDb(profile, portableCodec));
    expect(text(tar.subarray(257, 265))).toBe('ustar  \0');
  });
});

describe('is refused', () => {
  const attempt = async (change: (all: PayloadEntry[]) => PayloadEntry[]): Promise<unknown> => {
    const all = change(await entries());
    return parsed(await portableCodec.gzip(gnuTar(all))).catch((error) => error.message);
  };
  const replaced =
    (from: string | RegExp, to: string) =>
    (all: PayloadEntry[]): PayloadEntry[] =>
      all.map((entry) => ({ ...entry, content: utf8(text(entry.content).replace(from, to)) }));

  test.each<[what: string, change: (all: PayloadEntry[]) => PayloadEntry[], why: RegExp]>([
    [
      'no profile',
      (all) => all.filter(({ path }) => !path.includes('profiles')),
      /has 0 image prof/,
    ],
    [
      'two profiles',
      (all) => [
        ...all,
        {
          ...all.find(({ path }) => path.includes('profiles'))!,
          path: 'var/db/esximg/profiles/x.xml',
        },
      ],
      /has 2 image profiles/,
    ],
    [
      'a VIB of the profile without its descriptor',
      (all) => all.filter(({ path }) => !path.includes('vibs/one')),
      /has no descriptor of the VIB 'test_bootbank_one_1\.0-1'/,
    ],
    [
      'a descriptor that is not in the profile',
      replaced(/<vib><vib-id>test_bootbank_one_1\.0-1<.*?<\/vib>/, ''),
      /has a descriptor of 'test_bootbank_one_1\.0-1', which is not in its profile/,
    ],
    ['a level that is none', replaced('>partner<', '>best<'), /accepts 'best', which is no level/],
    ['a profile without a name', replaced(/<name>A &amp;.*?<\/name>/, ''), /without a name/],
    ['a document type', replaced('<imageprofile>', '<!DOCTYPE x><imageprofile>'), /document type/],
    ['a descriptor that is none', replaced('<vib version="5.0">', '<vib'), /no well-formed XML/],
  ])('%s', async (_what, change, why) => {
    expect(await attempt(change)).toMatch(why);
  });
});
