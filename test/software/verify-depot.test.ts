/**
 * Verifying bundles: each thing that can be wrong is found, called by its word, and alone.
 */

import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { createVib, openBundle, verifyBundle } from '../../src/node.ts';
import { differingFields, holds } from '../../src/software/verify-depot.ts';
import { bundleOf, changedBundle, replaceIn, vibOf } from '../support/bundles.ts';
import { Authority, hasOpenssl } from '../support/openssl.ts';

const ONE = await vibOf('one');
const TWO = await vibOf('two', undefined, { releaseDate: '2020-01-01T00:00:00+00:00' });
const BUNDLE = await bundleOf([ONE, TWO], {
  bulletins: [{ id: 'b-1' }, { id: 'b-2', vibIds: [] }],
  profiles: [{ name: 'p-1' }],
});
const ONE_PATH = 'vib20/one/us_bootbank_one_1.0.0-1.vib';

async function found(bytes: Uint8Array): Promise<string[]> {
  const bundle = await openBundle(bytes);
  const verification = await verifyBundle(bundle);
  const findings = [
    ...verification.vibs.flatMap((one) => [...one.findings, ...(one.verification?.findings ?? [])]),
    ...verification.findings,
  ];
  expect(holds(verification)).toBe(findings.length === 0);
  for (const { subject, message } of findings) expect(subject && message).toBeTruthy();
  bundle.close();
  return findings.map(({ code }) => code);
}

test('a bundle that was made here holds, with progress told to its end', async () => {
  expect(await found(BUNDLE)).toEqual([]);
  const steps: string[] = [];
  await verifyBundle(await openBundle(BUNDLE), {
    onProgress: ({ done, count, what }) => steps.push(`${done}/${count} ${what}`),
  });
  const ids = ['us_bootbank_one_1.0.0-1', 'us_bootbank_two_1.0.0-1'];
  expect(steps).toEqual([`0/2 ${ids[0]}`, `1/2 ${ids[1]}`, '2/2 ']);
});

type Change = Parameters<typeof changedBundle>[1];

const WRONG: readonly (readonly [string, Change, readonly string[]])[] = [
  ['no VIB', ({ files }) => void files.delete(ONE_PATH), ['vib-missing']],
  [
    'another VIB of the same size',
    ({ files }) => {
      const other = files.get(ONE_PATH)!.slice();
      other[other.length - 20]! ^= 1;
      files.set(ONE_PATH, other);
    },
    ['vib-checksum', 'payload-unreadable', 'checksum'],
  ],
  [
    'more bytes of a VIB',
    ({ files }) => void files.set(ONE_PATH, Buffer.concat([files.get(ONE_PATH)!, utf8('more')])),
    ['vib-size', 'vib-checksum', 'vib-unreadable'],
  ],
  [
    'no VIB in its place',
    ({ files }) => void files.set(ONE_PATH, utf8('x'.repeat(ONE.length))),
    ['vib-checksum', 'vib-unreadable'],
  ],
  [
    'a sum that is not known',
    ({ metadata }) => replaceIn(metadata, /^vibs.one|^vmware/, 'sha-256', 'sha-3'),
    ['checksum-unknown'],
  ],
  [
    'another summary in the metadata',
    ({ metadata }) => replaceIn(metadata, /^vibs.one/, '<summary>one', '<summary>two'),
    ['metadata-differs'],
  ],
  [
    'a path that leads out',
    ({ metadata }) => replaceIn(metadata, /^vibs.one|^vmware/, /h>vib20\/one/, 'h>../one'),
    ['vib-unreadable', 'vib-unlisted'],
  ],
  [
    'two VIBs of one id',
    ({ metadata }) => {
      const [name] = [...metadata.keys()].filter((path) => path.startsWith('vibs/one'));
      const said = Buffer.from(metadata.get(name!)!).toString();
      metadata.set('vibs/one-1.xml', utf8(said.replace('<summary>one', '<summary>two')));
    },
    ['metadata-differs', 'id-repeated'],
  ],
  [
    'two bulletins of one id',
    ({ metadata }) => {
      const said = Buffer.from(metadata.get('bulletins/b-2.xml')!).toString();
      metadata.set('bulletins/b-3.xml', utf8(said.replace('general', 'critical')));
    },
    ['id-repeated', 'bulletin-differs'],
  ],
  ['a VIB more', ({ files }) => void files.set('vib20/x.vib', utf8('x')), ['vib-unlisted']],
  [
    'no bulletin where vmware.xml has one',
    ({ metadata }) => void metadata.delete('bulletins/b-2.xml'),
    ['bulletin-differs'],
  ],
  [
    'a bulletin that vmware.xml has otherwise',
    ({ metadata }) => replaceIn(metadata, /b-2/, 'important', 'critical'),
    ['bulletin-differs', 'bulletin-differs'],
  ],
  [
    'another size in vmware.xml',
    ({ metadata }) => replaceIn(metadata, /^vmware/, `<packedSize>${ONE.length}`, '<packedSize>1'),
    ['published-differs'],
  ],
  [
    'a profile with a VIB that is not there',
    ({ metadata }) => replaceIn(metadata, /^profiles/, /<vib-id>.*?</, '<vib-id>x<'),
    ['not-in-depot'],
  ],
  [
    'a bulletin with a VIB that is not there',
    ({ metadata }) => {
      replaceIn(metadata, /b-2/, '<vibList/>', '<vibList><vibID>x</vibID></vibList>');
      metadata.delete('vmware.xml');
    },
    ['bulletin-differs', 'bulletin-differs', 'not-in-depot'],
  ],
];

test.each(WRONG)('%s is found', async (_name, change, codes) => {
  expect(await found(await changedBundle(BUNDLE, change))).toEqual(codes);
});

test('a release date with its zone in one of both is no difference, another date is', async () => {
  const differing = await changedBundle(BUNDLE, ({ metadata }) => {
    replaceIn(metadata, /^vibs.two/, '2020-01-01T00:00:00+00:00', '2020-01-01T00:00:00');
  });
  expect(await found(differing)).toEqual([]);
  const { descriptor } = (await openBundle(BUNDLE)).vibs[1]!;
  const other = { ...descriptor, releaseDate: '2020-01-01T00:00:00+01:00', overlay: true };
  expect(differingFields(descriptor, other)).toEqual(['releaseDate', 'overlay']);
});

test.skipIf(!hasOpenssl())('a signed VIB is held against the roots that are named', async () => {
  const ca = new Authority();
  ca.root('root');
  ca.root('stranger');
  const signer = {
    key: { name: 'key', bytes: ca.bytes('root.key') },
    certificates: { name: 'certificate', bytes: ca.bytes('root.pem') },
  };
  const file = { path: 'a', kind: 'file' as const, mode: 0o644, mtimeSeconds: 0, target: '' };
  const payload = { name: 'a', type: 'tgz' as const, entries: [{ ...file, content: utf8('a') }] };
  const { bytes } = await createVib({ name: 'a', version: '1-1', vendor: 'us' }, [payload], signer);
  const bundle = await openBundle(await bundleOf([bytes]));
  const by = async (root: Uint8Array) => {
    const atMs = Date.now() + 3_600_000;
    const signature = { roots: [{ name: 'a root', bytes: root }], atMs };
    const { vibs } = await verifyBundle(bundle, { signature });
    return vibs.map(({ verification }) => verification!.signature.status);
  };
  expect(await by(ca.bytes('root.pem'))).toEqual(['trusted']);
  expect(await by(ca.bytes('stranger.pem'))).toEqual(['untrusted']);
  // That is the caller's fault, and nothing that was found of the VIB.
  await expect(by(utf8('no certificate'))).rejects.toThrow('a root');
});

test('it ends when it is told to, with the reason', async () => {
  const controller = new AbortController();
  const verifying = verifyBundle(await openBundle(BUNDLE), {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(verifying).rejects.toThrow('enough');
});
