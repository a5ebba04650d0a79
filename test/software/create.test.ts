/**
 * VIBs that are made here, before real judges: ar lists them, GNU tar and Python's tarfile read
 * their payloads, OpenSSL their signature, and our own reader every claim. The same input gives the
 * same bytes in whatever order it comes; what cannot be in a VIB is refused.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { openVib } from '../../src/layer/open.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { createVib, type PayloadContent, type VibManifest } from '../../src/software/create.ts';
import type { PayloadEntry } from '../../src/software/payload-tar.ts';
import { verifyVib } from '../../src/software/verify.ts';
import { Authority, hasOpenssl } from '../support/openssl.ts';
import { prng, seeds } from '../support/prng.ts';
import { MANIFEST, opened, payloadEntry } from '../support/vibs.ts';

const LONG = `${'deep/'.repeat(40)}${'n'.repeat(120)}`;

const ENTRIES: readonly PayloadEntry[] = [
  payloadEntry('etc/tool.conf', 'a = 1\n'),
  { ...payloadEntry('bin/tool', '#!'), mode: 0o1755 },
  payloadEntry(LONG, 'far down'),
  { ...payloadEntry('bin/t'), kind: 'symlink', mode: 0o777, target: 'tool' },
  { ...payloadEntry('bin/far'), kind: 'symlink', mode: 0o777, target: LONG },
  { ...payloadEntry('aaa'), kind: 'link', target: 'etc/tool.conf' },
  payloadEntry('empty', ''),
  payloadEntry('größe & <mehr>', 'umlauts'),
];

const payload = (type: 'tgz' | 'vgz' = 'tgz', entries = ENTRIES, name = 'tool'): PayloadContent => {
  return { name, type, entries };
};

const folder = mkdtempSync(join(tmpdir(), 'visorfs-vib-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `command` says of a file that holds `bytes`; null where there is no such command. */
function judged(bytes: Uint8Array, command: string, ...args: readonly string[]): string | null {
  const file = join(folder, 'judged');
  writeFileSync(file, bytes);
  const given = args.map((arg) => (arg === 'FILE' ? file : arg));
  const { error, status, stdout, stderr } = spawnSync(command, given, { encoding: 'utf8' });
  if (error !== undefined) {
    process.stderr.write(`skipped: there is no ${command} here\n`);
    return null;
  }
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

const sorted = (lines: string): string[] => lines.trimEnd().split('\n').sort();

describe.each(['tgz', 'vgz'] as const)('a VIB with a %s', (type) => {
  test('holds, as verifying says', async () => {
    const { bytes } = await createVib(MANIFEST, [payload(type)]);
    const { findings, payloads } = await verifyVib(opened(bytes), nativeCodec, {
      signature: { atMs: 0 },
    });
    expect([findings, payloads[0]!.fileCount]).toEqual([[], ENTRIES.length]);
  });

  test('gives back what was put into it', async () => {
    const { bytes } = await createVib(MANIFEST, [payload(type)]);
    const { tardisks } = await openVib(bytesSource(bytes, 'v'), nativeCodec);
    const entries = tarEntries(tardisks[0]!.source);
    const { source } = tardisks[0]!;
    for (const { path, kind, mode, content, target } of ENTRIES) {
      const found = entries.find((entry) => entry.path === path)!;
      expect(found).toMatchObject({ kind, mode, size: content.length });
      expect(found.target).toBe(target);
      if (content.length > 0) {
        expect(source.resident(found.dataOffset, found.size)).toEqual(content);
      }
    }
    // Every directory is there by itself, before what is in it, and all is root's.
    const names = entries.map(({ path }) => path);
    for (const name of names) {
      const above = name.replace(/[^/]+\/?$/, '');
      expect(above === '' || names.indexOf(above) >= 0).toBe(true);
      expect(names.indexOf(above)).toBeLessThan(names.indexOf(name));
    }
    expect(
      entries.every(({ uid, gid, uname, gname }) => {
        return uid === 0 && gid === 0 && uname === 'root' && gname === 'root';
      }),
    ).toBe(true);
  });

  test('has sums that another reckons alike', async () => {
    const { bytes, descriptor } = await createVib(MANIFEST, [payload(type)]);
    const stored = opened(bytes).stored('tool')!;
    const tar = gunzipSync(stored);
    const hash = (kind: string, of: Uint8Array) => createHash(kind).update(of).digest('hex');
    expect(descriptor.payloads).toEqual([
      {
        ...{ name: 'tool', type, size: stored.length, uncompressedSize: tar.length },
        checksums: [
          { type: 'sha-256', verifyProcess: 'gunzip', value: hash('sha256', tar) },
          { type: 'sha-256', verifyProcess: null, value: hash('sha256', stored) },
          { type: 'sha-1', verifyProcess: 'gunzip', value: hash('sha1', tar) },
        ],
      },
    ]);
  });

  for (const seed of seeds(5)) {
    test(`is the same in whatever order its files come (SEED=${seed})`, async () => {
      const { below } = prng(seed);
      const shuffled = [...ENTRIES];
      for (let index = shuffled.length - 1; index > 0; index--) {
        const other = below(index + 1);
        [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
      }
      const one = await createVib(MANIFEST, [payload(type)]);
      const two = await createVib(MANIFEST, [payload(type, shuffled)]);
      expect(two.bytes).toEqual(one.bytes);
    });
  }
});

test('ar lists the members: descriptor, signature, payloads', async () => {
  const { bytes } = await createVib(MANIFEST, [
    payload(),
    payload('vgz', [payloadEntry('x')], 'two'),
  ]);
  const names = judged(bytes, 'ar', 't', 'FILE');
  if (names !== null) expect(names).toBe('descriptor.xml\nsig.pkcs7\ntool\ntwo\n');
});

test('its headers are those that VMware writes', async () => {
  const { bytes } = await createVib(MANIFEST, [payload()]);
  const header = /^descriptor.xml {2}0 {11}0 {5}0 {5}0o0 {5}\d+ *`\n$/;
  expect(text(bytes, 8, 68)).toMatch(header);
});

test('GNU tar and Python read a tgz payload, and in it what was put there', async () => {
  const { bytes, descriptor } = await createVib(MANIFEST, [payload()]);
  const stored = opened(bytes).stored('tool')!;
  const listed = judged(stored, 'tar', '--quoting-style=literal', '-tzf', 'FILE');
  if (listed !== null) {
    const files = sorted(listed).filter((name) => !name.endsWith('/'));
    expect(files).toEqual([...descriptor.files].sort());
  }
  const root = mkdtempSync(join(folder, 'root-'));
  // Before what it is a name of, a hard link could not be made.
  if (judged(stored, 'tar', '-xzf', 'FILE', '-C', root) !== null) {
    expect(readFileSync(join(root, 'aaa'), 'utf8')).toBe('a = 1\n');
    expect(readFileSync(join(root, LONG), 'utf8')).toBe('far down');
  }
  const script =
    'import sys,tarfile\n' +
    't=tarfile.open(sys.argv[1]);print(t.extractfile(sys.argv[2]).read().decode())\n' +
    "print(all(m.uid==0 and m.uname=='root' and m.mtime==946684800 for m in t))";
  const read = judged(stored, 'python3', '-c', script, 'FILE', LONG);
  if (read !== null) expect(read).toBe('far down\nTrue\n');
});

test('the magic of a tgz payload is the one that ESXi takes', async () => {
  const { bytes } = await createVib(MANIFEST, [payload()]);
  const tar = new Uint8Array(gunzipSync(opened(bytes).stored('tool')!));
  expect(text(tar, 257, 265)).toBe('ustar  \0');
  expect(tar.length % 10_240).toBe(0);
});

test('gzip is without name, time and system: the same on every machine', async () => {
  const { bytes } = await createVib(MANIFEST, [payload()]);
  const stored = opened(bytes).stored('tool')!;
  expect([...stored.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  expect(stored).toEqual(await portableCodec.gzip(new Uint8Array(gunzipSync(stored))));
});

test('what is left out of a manifest is what the header of create.ts says', async () => {
  const { descriptor } = await createVib(MANIFEST, [payload()]);
  expect(descriptor).toMatchObject({
    ...{ id: 'us_bootbank_tool_1.0.0-1', type: 'bootbank', summary: 'tool', description: 'tool' },
    ...{ releaseDate: '2000-01-01T00:00:00+00:00', acceptanceLevel: 'community' },
    ...{ liveInstallAllowed: true, liveRemoveAllowed: true, statelessReady: true },
    ...{ maintenanceMode: false, cimomRestart: false, overlay: false },
    ...{ tags: [], urls: [], platforms: [] },
  });
});

test('all that a manifest says is in the descriptor', async () => {
  const manifest: VibManifest = {
    ...MANIFEST,
    ...{ type: 'locker', summary: 'a <tool> & more', description: 'in\nlines "quoted"' },
    ...{ releaseDate: '2024-02-29T12:00:00+00:00', tags: ['driver', 'PCIID 8086154c'] },
    urls: [{ key: 'kb', url: 'https://example.org/?a=1&b=2' }],
    platforms: [{ version: '8.*', locale: '', productLineId: 'embeddedEsx' }],
    relationships: {
      depends: [{ name: 'esx-version', relation: '>=', version: '7.0.0' }],
      provides: [{ name: 'tooling' }],
    },
    ...{ maintenanceMode: true, liveInstallAllowed: false, liveRemoveAllowed: false },
    ...{ cimomRestart: true, statelessReady: false, overlay: true },
  };
  const { descriptor } = await createVib(manifest, [payload()]);
  expect(descriptor).toMatchObject(manifest);
  expect(descriptor.relationships.conflicts).toEqual([]);
});

describe.skipIf(!hasOpenssl())('signed', () => {
  const ca = new Authority();

  test.each(['rsa', 'p256'] as const)('by %s it is what OpenSSL verifies', async (kind) => {
    ca.root('root');
    ca.key(kind, kind);
    ca.issue(kind, 'root');
    const signer = {
      key: { name: 'key', bytes: ca.bytes(`${kind}.key`) },
      certificates: { name: 'certificates', bytes: ca.bytes(`${kind}.pem`) },
    };
    const manifest = { ...MANIFEST, acceptanceLevel: 'partner' };
    const { bytes } = await createVib(manifest, [payload()], signer);
    const { descriptorBytes, signature } = opened(bytes);
    expect(ca.accepts(descriptorBytes, signature, 'root')).toBe(true);
    expect(ca.accepts(utf8(`${text(descriptorBytes)} `), signature, 'root')).toBe(false);
    const roots = [{ name: 'root', bytes: ca.bytes('root.pem') }];
    const options = { signature: { roots, atMs: Date.now() + 3_600_000 } };
    const verified = await verifyVib(opened(bytes), nativeCodec, options);
    expect([verified.findings, verified.signature.status]).toEqual([[], 'trusted']);
    const again = await createVib(manifest, [payload()], signer);
    expect(Buffer.compare(again.bytes, bytes) === 0).toBe(kind === 'rsa');
  });
});

describe('what cannot be in a VIB', () => {
  const link: PayloadEntry = { ...payloadEntry('a'), kind: 'symlink', target: 'b' };
  const BAD: readonly (readonly [what: string, claim: string, make: () => Promise<unknown>])[] = [
    [
      'a name with blanks',
      "'a b' is no name",
      () => createVib({ ...MANIFEST, name: 'a b' }, [payload()]),
    ],
    ['no version', "'' is no version", () => createVib({ ...MANIFEST, version: '' }, [payload()])],
    [
      'a level that is none',
      "there is no acceptance level 'gold'",
      () => createVib({ ...MANIFEST, acceptanceLevel: 'gold' }, [payload()]),
    ],
    [
      'a level that takes a signature',
      "the acceptance level 'partner' takes a signature",
      () => createVib({ ...MANIFEST, acceptanceLevel: 'partner' }, [payload()]),
    ],
    [
      'a date that is none',
      "'2024-02-30' is no date like 2000-01-01T00:00:00+00:00",
      () => createVib({ ...MANIFEST, releaseDate: '2024-02-30' }, [payload()]),
    ],
    [
      'text that no XML can hold',
      'has characters that no descriptor can hold',
      () => createVib({ ...MANIFEST, summary: 'bell \u0007' }, [payload()]),
    ],
    ['no payload', 'a VIB takes at least one payload', () => createVib(MANIFEST, [])],
    [
      'a payload with a long name',
      "'seventeen-letters' is no name of a payload",
      () => createVib(MANIFEST, [payload('tgz', ENTRIES, 'seventeen-letters')]),
    ],
    [
      'a payload that is called as the descriptor is',
      "'descriptor.xml' is taken",
      () => createVib(MANIFEST, [payload('tgz', ENTRIES, 'descriptor.xml')]),
    ],
    [
      'two payloads of one name',
      "'tool' is taken",
      () =>
        createVib(MANIFEST, [
          payload('tgz', [payloadEntry('a')]),
          payload('tgz', [payloadEntry('b')]),
        ]),
    ],
    [
      'one file in two payloads',
      "two payloads have the file 'a'",
      () =>
        createVib(MANIFEST, [
          payload('tgz', [payloadEntry('a')]),
          payload('tgz', [payloadEntry('a')], 'two'),
        ]),
    ],
    ...(['../a', '/a', 'a//b', './a', 'a/..', ''] as const).map(
      (path) =>
        [
          `the path '${path}'`,
          `'${path}' is no path within a payload`,
          () => createVib(MANIFEST, [payload('tgz', [{ ...payloadEntry('x'), path }])]),
        ] as const,
    ),
    [
      'two entries of one name',
      "two entries are called 'a'",
      () => createVib(MANIFEST, [payload('tgz', [payloadEntry('a'), link])]),
    ],
    [
      'a file below a link',
      "'a/b' lies below 'a', which is no directory",
      () => createVib(MANIFEST, [payload('tgz', [link, payloadEntry('a/b')])]),
    ],
    [
      'a name of more than 255 bytes',
      'is too long for a path',
      () => createVib(MANIFEST, [payload('tgz', [payloadEntry('n'.repeat(256))])]),
    ],
  ];

  test.each(BAD)('%s is refused', async (_what, claim, make) => {
    await expect(make()).rejects.toThrow(claim);
  });
});
