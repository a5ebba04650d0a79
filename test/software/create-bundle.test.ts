/**
 * Making bundles: the usual layout, the same bytes for the same input, readable by other tools, and
 * refused where it could not be read again.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { createBundle as createInPage } from '../../src/index.ts';
import { createBundle, openBundle } from '../../src/node.ts';
import { bundleOf, vibOf } from '../support/bundles.ts';
import { unzipped } from '../support/zips.ts';

const ONE = await vibOf('one', undefined, {
  releaseDate: '2020-01-01T00:00:00+00:00',
  platforms: [{ version: '8.0', locale: '', productLineId: 'embeddedEsx' }],
});
const TWO = await vibOf('two', undefined, { vendor: 'them' });

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'visorfs-create-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HAS_UNZIP = spawnSync('unzip', ['--help']).error === undefined;
const HAS_PYTHON = spawnSync('python3', ['--version']).error === undefined;
if (!HAS_UNZIP || !HAS_PYTHON) process.stderr.write('skipped: no unzip, or no python3\n');

test('the layout is the usual one', async () => {
  const files = unzipped(await bundleOf([ONE, TWO], { bulletins: [{ id: 'b' }] }));
  expect([...files.keys()]).toEqual([
    'index.xml',
    'vendor-index.xml',
    'metadata.zip',
    'vib20/one/us_bootbank_one_1.0.0-1.vib',
    'vib20/two/them_bootbank_two_1.0.0-1.vib',
  ]);
  const metadata = unzipped(files.get('metadata.zip')!);
  expect([...metadata.keys()].map((path) => path.replace(/--?\d+\.xml/, '-N.xml'))).toEqual([
    'vendor-index.xml',
    'vmware.xml',
    'vibs/one-N.xml',
    'vibs/two-N.xml',
    'bulletins/b.xml',
  ]);
  expect(metadata.get('vendor-index.xml')).toEqual(files.get('vendor-index.xml'));
});

test('what the manifest leaves out follows from the VIBs', async () => {
  const { bulletins, profiles } = await createBundle([ONE, TWO], {
    bulletins: [{ id: 'b', severity: 'critical' }],
    profiles: [{ name: 'p', vibIds: [] }],
  });
  expect(bulletins).toMatchObject([
    {
      vendor: 'us',
      summary: 'one',
      severity: 'critical',
      releaseDate: '2020-01-01T00:00:00+00:00',
    },
  ]);
  expect(bulletins[0]!.vibIds).toHaveLength(2);
  expect(bulletins[0]!.platforms).toMatchObject([{ version: '8.0' }]);
  expect(profiles).toMatchObject([{ creator: 'us', acceptanceLevel: 'community', vibIds: [] }]);
  const any = await createBundle([TWO], { bulletins: [{ id: 'b' }], vendor: 'we' });
  expect(any.bulletins[0]!.platforms.map(({ version }) => version)).toEqual([
    ...['5.*', '6.*', '7.*', '8.*'],
  ]);
  expect(any.bulletins[0]!.vendor).toBe('we');
});

test('the same input gives the same bytes, in Node and elsewhere', async () => {
  const manifest = { bulletins: [{ id: 'b' }], profiles: [{ name: 'p' }] };
  const bytes = await bundleOf([ONE, TWO], manifest);
  expect(await bundleOf([ONE, TWO], manifest)).toEqual(bytes);
  const { pieces } = await createInPage([ONE, TWO], manifest);
  expect(Buffer.concat(pieces)).toEqual(Buffer.from(bytes));
});

test('what is said is read again', async () => {
  const said = {
    id: 'b',
    vendor: 'a & b',
    summary: '<one>',
    severity: 's',
    category: 'c',
    urgency: 'u',
    releaseType: 't',
    description: '"d"',
    kbUrl: 'https://127.0.0.1/?a&b',
    contact: 'x@y',
    componentName: { value: 'n', uiString: 'N "n"' },
    componentVersion: { value: '1.0-1', uiString: '1.0' },
    releaseDate: '2021-01-01T00:00:00+00:00',
    platforms: [{ version: '7.*', locale: '', productLineId: 'embeddedEsx' }],
    vibIds: ['them_bootbank_two_1.0.0-1'],
  };
  const profile = {
    name: 'p q',
    creator: 'me',
    creationTime: '1',
    modifiedTime: '2',
    acceptanceLevel: 'partner',
    description: 'd',
    vibIds: ['them_bootbank_two_1.0.0-1'],
  };
  const bundle = await openBundle(
    await bundleOf([ONE, TWO], { bulletins: [said], profiles: [profile], vendorCode: 'US' }),
  );
  expect(bundle.bulletins).toEqual([said]);
  expect(bundle.publishedBulletins).toEqual([said]);
  expect(bundle.profiles).toEqual([profile]);
  expect(bundle.vendors).toMatchObject([{ name: 'us', code: 'US' }]);
});

test('a bundle without VIBs is one', async () => {
  expect((await openBundle(await bundleOf([]))).vibs).toEqual([]);
});

test.skipIf(!HAS_UNZIP || !HAS_PYTHON)('unzip and Python take it, and what is in it', async () => {
  const file = join(folder, 'bundle.zip');
  writeFileSync(file, await bundleOf([ONE, TWO], { profiles: [{ name: 'p' }] }));
  execFileSync('unzip', ['-tq', file]);
  const script = `if 1:
    import io, sys, zipfile, hashlib, xml.etree.ElementTree as ET
    z = zipfile.ZipFile(sys.argv[1])
    index = ET.fromstring(z.read('index.xml'))
    vendor = ET.fromstring(z.read(index.find('vendor/indexfile').text))
    m = zipfile.ZipFile(io.BytesIO(z.read(vendor.find('metadata/url').text)))
    for name in m.namelist():
      root = ET.fromstring(m.read(name))
      if not name.startswith('vibs/'): continue
      vib = z.read(root.find('relative-path').text)
      assert len(vib) == int(root.find('packed-size').text)
      assert hashlib.sha256(vib).hexdigest() == root.find('checksum').text
      print(root.find('name').text)`;
  const out = execFileSync('python3', ['-c', script, file], { encoding: 'utf8' });
  expect(out).toBe('one\ntwo\n');
});

test.each([
  ['twice the same VIB', [ONE, ONE], {}, 'two files would be'],
  [
    'a bulletin that wants what is not given',
    [ONE],
    { bulletins: [{ id: 'b', vibIds: ['x'] }] },
    "'b' wants 'x'",
  ],
  [
    'a profile that wants what is not given',
    [ONE],
    { profiles: [{ name: 'p', vibIds: ['x'] }] },
    "'p' wants 'x'",
  ],
  ['a bulletin called as no file can be', [ONE], { bulletins: [{ id: '../b' }] }, 'has a slash'],
  ['a profile called as no file can be', [ONE], { profiles: [{ name: '..' }] }, '.. part'],
  [
    'two bulletins of one id',
    [ONE],
    { bulletins: [{ id: 'b' }, { id: 'b' }] },
    'two files would be',
  ],
] as const)('%s is refused', async (_name, vibs, manifest, claim) => {
  const creating = bundleOf(vibs, manifest);
  await expect(creating).rejects.toThrow(claim);
  await expect(creating).rejects.toThrow(RangeError);
});

test('what is no VIB is refused', async () => {
  await expect(bundleOf([utf8('x')])).rejects.toThrow(CorruptError);
});
