/**
 * Bundles: the chain from index.xml on is followed in every layout, is whole or refused, and leads
 * nowhere out of the bundle.
 */

import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { CorruptError, ForeignError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { encodeZip } from '../../src/format/zip-write.ts';
import { storedContent } from '../../src/layer/zip.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { mount, openBundle, openTardisks } from '../../src/node.ts';
import { bundleDepot, newestVibs } from '../../src/software/bundle.ts';
import { openDepot } from '../../src/software/depot.ts';
import { bundleOf, changedBundle, replaceIn, vibOf } from '../support/bundles.ts';
import { prng, seeds } from '../support/prng.ts';
import { zipOf } from '../support/zips.ts';

const ONE = await vibOf('one');
const TWO = await vibOf('two', { 'etc/two': '2', 'etc/both': 'of two' });
const BUNDLE = await bundleOf([ONE, TWO], {
  platforms: ['7.*', '8.0'],
  bulletins: [{ id: 'b-1' }],
  profiles: [{ name: 'p-1', acceptanceLevel: 'partner' }],
});

const idsOf = async (bytes: Uint8Array): Promise<string[]> => {
  const bundle = await openBundle(bytes);
  return bundle.vibs.map(({ id }) => id);
};
const IDS = ['us_bootbank_one_1.0.0-1', 'us_bootbank_two_1.0.0-1'];

describe('a bundle', () => {
  test('gives VIBs, bulletins and profiles, and VIBs are opened when asked for', async () => {
    const bundle = await openBundle(BUNDLE, { name: 'b.zip' });
    expect(bundle.vibs.map(({ id }) => id)).toEqual(IDS);
    expect(bundle.vibs[0]).toMatchObject({
      path: 'vib20/one/us_bootbank_one_1.0.0-1.vib',
      packedSize: ONE.length,
      descriptor: { name: 'one', files: ['etc/one'] },
    });
    expect(bundle.bulletins).toMatchObject([{ id: 'b-1', vibIds: IDS, vendor: 'us' }]);
    expect(bundle.bulletins[0]!.platforms.map(({ version }) => version)).toEqual(['7.*', '8.0']);
    expect(bundle.profiles).toMatchObject([
      { name: 'p-1', creator: 'us', acceptanceLevel: 'partner', vibIds: IDS },
    ]);
    const vib = await bundle.openVib(bundle.vibs[1]!);
    expect(vib.source.name).toBe('b.zip!vib20/two/us_bootbank_two_1.0.0-1.vib');
    expect(vib.descriptor.id).toBe(IDS[1]);
    bundle.close();
  });

  test('is the same by either codec', async () => {
    const source = bytesSource(BUNDLE, 'b.zip');
    const bundle = await openDepot(await bundleDepot(source, portableCodec), portableCodec);
    expect(bundle.vibs).toEqual((await openBundle(BUNDLE)).vibs);
  });

  test('is read where VIBs lie at the root and the metadata has another name', async () => {
    const bytes = await changedBundle(BUNDLE, ({ files, metadata }) => {
      for (const [path, file] of [...files]) {
        if (!path.startsWith('vib20/')) continue;
        files.delete(path);
        files.set(path.replace(/.*\//, ''), file);
      }
      replaceIn(metadata, /^vibs\//, /vib20\/\w+\//, '');
    });
    const moved = await changedBundle(bytes, () => undefined);
    expect((await openBundle(moved)).vibs[0]!.path).toBe('us_bootbank_one_1.0.0-1.vib');
    expect(await openTardisks(moved)).toHaveLength(2);
  });

  test('is found in a zip that holds nothing else, deflated or not', async () => {
    expect(await idsOf(await zipOf({ 'inner.zip': BUNDLE }))).toEqual(IDS);
    expect(await idsOf(await zipOf({ 'sub/INNER.ZIP': BUNDLE, readme: 'x' }))).toEqual(IDS);
    const two = await zipOf({ 'a.zip': BUNDLE, 'b.zip': BUNDLE });
    await expect(openBundle(two)).rejects.toThrow(ForeignError);
  });

  test('in a folder of the vendor is read from there', async () => {
    const bytes = await changedBundle(BUNDLE, ({ files }) => {
      replaceIn(files, /^index.xml$/, '<relativePath/>', '<relativePath>us</relativePath>');
      for (const [path, file] of [...files]) {
        if (path === 'index.xml') continue;
        files.delete(path);
        files.set(`us/${path}`, file);
      }
      files.set('metadata.zip', files.get('us/metadata.zip')!);
    });
    // The metadata was made anew at the root, where nobody looks for it.
    const bundle = await openBundle(bytes);
    expect(bundle.vibs[0]!.path).toBe('us/vib20/one/us_bootbank_one_1.0.0-1.vib');
    expect(bundle.metadataPaths).toEqual(['index.xml', 'us/vendor-index.xml', 'us/metadata.zip']);
    expect((await bundle.openVib(bundle.vibs[0]!)).descriptor.name).toBe('one');
  });

  test('mounts the newest of each VIB, the last of the metadata on top', async () => {
    const newer = await vibOf(
      'one',
      { 'etc/one': 'newer', 'etc/both': 'of one' },
      {
        version: '1.0.10-1',
      },
    );
    const older = await vibOf('one', { 'etc/one': 'older' }, { version: '1.0.9-1' });
    const bytes = await bundleOf([newer, TWO, older]);
    const bundle = await openBundle(bytes);
    expect(newestVibs(bundle).map(({ id }) => id)).toEqual([
      'us_bootbank_one_1.0.10-1',
      'us_bootbank_two_1.0.0-1',
    ]);
    const { fs } = await mount(bytes);
    expect(fs.readFileSync('/etc/one', 'utf8')).toBe('newer');
    expect(fs.readFileSync('/etc/both', 'utf8')).toBe('of two');
  });

  test('decodes to no more than the limit, all VIBs together', async () => {
    const limit = (maxDecodedBytes: number) => openTardisks(BUNDLE, { maxDecodedBytes });
    await expect(limit(10240 * 2)).resolves.toHaveLength(2);
    await expect(limit(10240 * 2 - 1)).rejects.toThrow('decodes to more than 10239 bytes');
  });
});

type Break = Parameters<typeof changedBundle>[1];

const BROKEN: readonly (readonly [string, Break, string])[] = [
  [
    'no index',
    ({ files }) => void files.delete('index.xml'),
    "is no bundle: it has no 'index.xml'",
  ],
  ['no vendor index', ({ files }) => void files.delete('vendor-index.xml'), "has no 'vendor-index"],
  ['no metadata', ({ files }) => void files.delete('metadata.zip'), "has no 'metadata.zip'"],
  [
    'an index that leads out',
    ({ files }) => replaceIn(files, /^index/, 'vendor-index.xml', '../vendor-index.xml'),
    'has an empty, . or .. part',
  ],
  [
    'a vendor index that leads to another machine',
    ({ files }) => replaceIn(files, /^vendor/, /metadata.zip/g, 'http://127.0.0.1/m.zip'),
    'has an empty, . or .. part',
  ],
  [
    'a vendor that is absolute',
    ({ files }) =>
      replaceIn(files, /^index/, '<relativePath/>', '<relativePath>/etc</relativePath>'),
    'is absolute',
  ],
  [
    'an index of something else',
    ({ files }) => void files.set('index.xml', utf8('<html/>')),
    "an index of 'html', not of vendors",
  ],
  [
    'a document type',
    ({ files }) => void files.set('index.xml', utf8('<!DOCTYPE a><vendorList/>')),
    'an index with a document type',
  ],
  [
    'a vendor without an index',
    ({ files }) => replaceIn(files, /^index/, /<indexfile>.*<\/indexfile>/, ''),
    'a vendor without an indexfile',
  ],
  [
    'metadata without a place',
    ({ files }) => replaceIn(files, /^vendor/, /<url>.*<\/url>/, ''),
    'metadata without a url',
  ],
  [
    'a VIB without a place',
    ({ metadata }) => replaceIn(metadata, /^vibs/, /<relative-path>.*<\/relative-path>/, ''),
    'a VIB without a relative-path',
  ],
  [
    'a VIB of a size in words',
    ({ metadata }) => replaceIn(metadata, /^vibs/, /<packed-size>\d+/, '<packed-size>many'),
    "a packed-size of 'many'",
  ],
  [
    'a VIB without a sum',
    ({ metadata }) =>
      replaceIn(metadata, /^vibs/, /<\/packed-size><checksum .*?<\/checksum>/, '</packed-size>'),
    'a VIB without a checksum',
  ],
  [
    'a bulletin without an id',
    ({ metadata }) => replaceIn(metadata, /^bulletins/, /<id>.*?<\/id>/, ''),
    'a bulletin without an id',
  ],
  [
    'a VIB of a bulletin without an id',
    ({ metadata }) => replaceIn(metadata, /^vmware/, /<vibID>.*?<\/vibID>/, ''),
    'a VIB without an id in a bulletin',
  ],
  [
    'a profile without a name',
    ({ metadata }) => replaceIn(metadata, /^profiles/, /<name>.*?<\/name>/, ''),
    'a profile without a name',
  ],
  [
    'an index of 5 MiB',
    ({ files }) =>
      void files.set('index.xml', utf8(`<vendorList>${' '.repeat(5 << 20)}</vendorList>`)),
    'an index of',
  ],
  [
    'more elements than the limit',
    ({ files }) =>
      void files.set('index.xml', utf8(`<vendorList>${'<a/>'.repeat(300000)}</vendorList>`)),
    'more than 262144 elements',
  ],
  [
    'more metadata than the limit',
    ({ files }) => {
      const many = Array.from(
        { length: 600 },
        (_, at) => `<metadata><url>${at}.zip</url></metadata>`,
      );
      files.set('vendor-index.xml', utf8(`<metaList>${many.join('')}</metaList>`));
      const empty = Uint8Array.from([0x50, 0x4b, 5, 6, ...new Array<number>(18).fill(0)]);
      for (let at = 0; at < 600; at++) files.set(`${at}.zip`, empty);
    },
    'more than 256 indexes and metadata',
  ],
];

/** `count` places of metadata that are one zip, whose index is made for them. */
function repeatedly(count: number, metadata: Uint8Array): Promise<Uint8Array> {
  return changedBundle(BUNDLE, ({ files }) => {
    const places = Array.from(
      { length: count },
      (_, at) => `<metadata><url>${at}</url></metadata>`,
    );
    files.set('vendor-index.xml', utf8(`<metaList>${places.join('')}</metaList>`));
    for (let at = 0; at < count; at++) files.set(`${at}`, metadata);
  });
}

describe('a bundle is refused that has', () => {
  test('more files of metadata than the limit, in all its zips together', async () => {
    const bulletin = utf8('<bulletin><id>1</id></bulletin>');
    const bulletins = Array.from({ length: 40_000 }, (_, at) => {
      return storedContent(`bulletins/${at}.xml`, bulletin, nativeCodec);
    });
    const bytes = await repeatedly(2, concatBytes(encodeZip(bulletins)));
    await expect(openBundle(bytes)).rejects.toThrow('more metadata than 65536 files');
  });

  test('more bytes of metadata than the limit, in all its zips together', async () => {
    const blanks = `<metadataResponse>${' '.repeat(30 << 20)}</metadataResponse>`;
    const bytes = await repeatedly(9, await zipOf({ 'vmware.xml': blanks }));
    expect(bytes.length).toBeLessThan(1 << 20);
    await expect(openBundle(bytes)).rejects.toThrow('268435456 bytes');
  });

  test.each(BROKEN)('%s', async (_name, change, claim) => {
    const bytes = await changedBundle(BUNDLE, change);
    const opening = openBundle(bytes, { name: 'b.zip' });
    await expect(opening).rejects.toThrow(claim);
    await expect(opening).rejects.toThrow(CorruptError);
  });

  test('a VIB that leads out, once that VIB is opened', async () => {
    const bytes = await changedBundle(BUNDLE, ({ metadata }) => {
      replaceIn(metadata, /^vibs/, /<relative-path>vib20/, '<relative-path>../vib20');
    });
    const bundle = await openBundle(bytes);
    await expect(bundle.openVib(bundle.vibs[0]!)).rejects.toThrow('.. part');
    await expect(bundle.openFile('/etc/passwd')).rejects.toThrow('is absolute');
    await expect(openTardisks(bytes)).rejects.toThrow('.. part');
  });

  test('a VIB of another size, or none, once that VIB is opened', async () => {
    const bytes = await changedBundle(BUNDLE, ({ files, metadata }) => {
      replaceIn(metadata, /^vibs\/one/, /<packed-size>\d+/, '<packed-size>1');
      files.delete('vib20/two/us_bootbank_two_1.0.0-1.vib');
    });
    const bundle = await openBundle(bytes);
    await expect(bundle.openVib(bundle.vibs[0]!)).rejects.toThrow('the metadata says 1');
    await expect(bundle.openVib(bundle.vibs[1]!)).rejects.toThrow("has no 'vib20/two");
  });
});

test('an index that is too large is not even read', async () => {
  const huge = {
    ...bytesSource(utf8(''), 'index.xml'),
    size: 2 ** 40,
    resident: () => null,
    readInto: () => expect.fail('read'),
  };
  const place = { name: 'a place', open: async () => huge, list: async () => null, close() {} };
  await expect(openBundle(place)).rejects.toThrow('an index of 1099511627776 bytes');
});

test('what is no zip, or a zip of something else, is told to be none', async () => {
  await expect(openBundle(utf8('no zip'))).rejects.toThrow('no zip');
  await expect(openBundle(await zipOf({ a: 'x' }))).rejects.toThrow(ForeignError);
  await expect(openTardisks(await zipOf({ a: 'x' }))).rejects.toThrow('is no bundle');
});

test('a source is closed when its bundle is, and when opening fails', async () => {
  for (const bytes of [BUNDLE, await zipOf({ a: 'x' }), utf8('no zip')]) {
    let closed = 0;
    const source = { ...bytesSource(bytes, 'b.zip'), close: () => void closed++ };
    try {
      (await openBundle(source)).close();
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptError);
    }
    expect(closed).toBe(1);
    closed = 0;
    await openTardisks(source).catch(() => null);
    expect(closed).toBe(1);
  }
});

test.each(seeds(6))(
  'a bundle of which bytes changed is read or refused (SEED=%i)',
  async (seed) => {
    const chance = prng(seed);
    // Stored, so that what changes is not only sums.
    const sound = await zipOf({ 'inner.zip': BUNDLE });
    for (let turn = 0; turn < 60; turn++) {
      const bad = sound.slice();
      for (let count = chance.below(3); count >= 0; count--) {
        bad[chance.below(bad.length)] = chance.below(256);
      }
      try {
        const bundle = await openDepot(
          await bundleDepot(bytesSource(bad, 'b.zip'), nativeCodec),
          nativeCodec,
        );
        for (const vib of bundle.vibs) await bundle.openVib(vib);
      } catch (error) {
        if (!(error instanceof CorruptError)) throw error;
      }
    }
  },
);
