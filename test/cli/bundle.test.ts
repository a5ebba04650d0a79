// `visorfs bundle`: what the user sees of bundles and depots, letter for letter; that a bundle is
// an image for every command; that nothing is left behind by what fails.

import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleOf, changedBundle, replaceIn, vibOf } from '../support/bundles.ts';
import { zipOf } from '../support/zips.ts';
import { perform, stageFolder } from './stage.ts';

const at = stageFolder();

const MANIFEST = {
  platforms: ['8.0'],
  bulletins: [{ id: 'us-1', summary: 'One and two' }],
  profiles: [{ name: 'us-standard', description: 'all of it' }],
};

beforeAll(async () => {
  const one = await vibOf('one', { 'etc/one': '1', 'etc/both': 'of one' });
  const two = await vibOf('two', { 'etc/two': '2', 'etc/both': 'of two' }, { version: '2.0-1' });
  fs.writeFileSync(at('one.vib'), one);
  fs.writeFileSync(at('two.vib'), two);
  const bundle = await bundleOf([one, two], MANIFEST);
  fs.writeFileSync(at('bundle.zip'), bundle);
  fs.writeFileSync(at('outer.zip'), await zipOf({ 'bundle.zip': bundle }));
  const wrong = await changedBundle(bundle, ({ metadata }) => {
    replaceIn(metadata, /^vibs.one/, '<summary>one', '<summary>none');
    replaceIn(metadata, /^profiles/, /<vib-id>.*?</, '<vib-id>us_bootbank_lost_1-1<');
  });
  fs.writeFileSync(at('wrong.zip'), wrong);
  fs.writeFileSync(at('other.zip'), await zipOf({ readme: 'x' }));
});

async function shown(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await perform(['bundle', ...args]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

describe('list', () => {
  test('shows VIBs in the order of the metadata', async () => {
    expect(await shown('list', at('bundle.zip'))).toBe(`\
Name  Version  Vendor  Creation Date  Acceptance Level    Size
----  -------  ------  -------------  ------------------  ----
one   1.0.0-1  us      2000-01-01     CommunitySupported  ${fs.statSync(at('one.vib')).size}
two   2.0-1    us      2000-01-01     CommunitySupported  ${fs.statSync(at('two.vib')).size}
`);
  });

  test('--profiles and --bulletins show those', async () => {
    expect(await shown('list', '--profiles', at('bundle.zip'))).toBe(`\
Name         Vendor  Acceptance Level    Creation Time              Modification Time
-----------  ------  ------------------  -------------------------  -------------------------
us-standard  us      CommunitySupported  2000-01-01T00:00:00+00:00  2000-01-01T00:00:00+00:00
`);
    expect(await shown('list', '--bulletins', at('bundle.zip'))).toBe(`\
ID    Vendor  Severity  Category  Release Date               Summary
----  ------  --------  --------  -------------------------  -----------
us-1  us      general   general   2000-01-01T00:00:00+00:00  One and two
`);
    const both = await perform(['bundle', 'list', '--profiles', '--bulletins', at('bundle.zip')]);
    expect([both.code, both.err]).toEqual([
      2,
      'visorfs: --profiles and --bulletins are two lists\n',
    ]);
  });

  test('--json has what the columns have no room for', async () => {
    const [one, two] = JSON.parse(await shown('list', '--json', at('bundle.zip')));
    expect(one).toMatchObject({ ID: 'us_bootbank_one_1.0.0-1', Size: expect.any(Number) });
    expect(two).toEqual({
      ID: 'us_bootbank_two_2.0-1',
      Name: 'two',
      Version: '2.0-1',
      Vendor: 'us',
      AcceptanceLevel: 'CommunitySupported',
      CreationDate: '2000-01-01',
      Path: 'vib20/two/us_bootbank_two_2.0-1.vib',
      Size: fs.statSync(at('two.vib')).size,
      Checksum: expect.stringMatching(/^sha-256:[0-9a-f]{64}$/),
      Summary: 'two',
    });
    const [profile] = JSON.parse(await shown('list', '--profiles', '--json', at('bundle.zip')));
    expect(profile.VIBs).toEqual(['us_bootbank_one_1.0.0-1', 'us_bootbank_two_2.0-1']);
    const [bulletin] = JSON.parse(await shown('list', '--bulletins', '--json', at('bundle.zip')));
    expect(bulletin).toMatchObject({ ID: 'us-1', Platforms: ['8.0'], VIBs: profile.VIBs });
  });

  test('--formatter has the spellings of esxcli', async () => {
    const csv = await shown('list', '--formatter', 'csv', at('bundle.zip'));
    expect(csv.split('\n')[0]).toBe(
      'AcceptanceLevel,Checksum,CreationDate,ID,Name,Path,Size,Summary,Vendor,Version,',
    );
    const keys = await shown('list', '--formatter', 'keyvalue', '--profiles', at('bundle.zip'));
    expect(keys).toContain('ImageProfile.VIBs.string[1]=us_bootbank_two_2.0-1\n');
    const xml = await shown('list', '--formatter', 'xml', at('bundle.zip'));
    expect(xml).toContain('<structure typeName="VIBExt">');
  });

  test('takes a zip in a zip, and says what it cannot take', async () => {
    expect(await shown('list', at('outer.zip'))).toBe(await shown('list', at('bundle.zip')));
    for (const [name, message] of [
      ['none.zip', `there is no bundle '${at('none.zip')}'`],
      ['other.zip', "other.zip at 0x0: is no bundle: it has no 'index.xml'"],
      ['one.vib', 'one.vib at 0x0: no zip: it has no end of a central directory'],
    ]) {
      const { code, err, out } = await perform(['bundle', 'list', at(name!)]);
      expect([code, out, err]).toEqual([1, '', `visorfs: ${message}\n`]);
    }
  });
});

describe('verify', () => {
  test('says of each VIB that it holds', async () => {
    expect(await shown('verify', at('bundle.zip'))).toBe(`\
us_bootbank_one_1.0.0-1: holds
us_bootbank_two_2.0-1: holds
`);
  });

  test('says what does not hold, and ends with 1', async () => {
    const { code, out, err } = await perform(['bundle', 'verify', at('wrong.zip')]);
    expect([code, err]).toEqual([1, `visorfs: '${at('wrong.zip')}' does not hold: 2 findings\n`]);
    expect(out).toBe(`\
us_bootbank_one_1.0.0-1: 1 finding
   metadata-differs: us_bootbank_one_1.0.0-1: the VIB and the metadata differ in summary
us_bootbank_two_2.0-1: holds
   not-in-depot: profile us-standard: wants us_bootbank_lost_1-1, which is not here
`);
  });

  test('--json says it to programs, and has checked signatures unless told not to', async () => {
    const { code, out } = await perform(['bundle', 'verify', '--json', at('wrong.zip')]);
    const report = JSON.parse(out);
    expect([code, report.holds, report.bundle]).toEqual([1, false, at('wrong.zip')]);
    expect(report.vibs.map((vib: { findings: unknown[] }) => vib.findings.length)).toEqual([1, 0]);
    expect(report.vibs[0]).toMatchObject({
      path: 'vib20/one/us_bootbank_one_1.0.0-1.vib',
      signature: { status: 'unsigned', signer: null },
    });
    expect(report.findings).toMatchObject([{ code: 'not-in-depot' }]);
    const leave = ['bundle', 'verify', '--json', '--no-sig-check', at('bundle.zip')];
    expect(JSON.parse((await perform(leave)).out).holds).toBe(true);
    const lost = await perform(['bundle', 'verify', '--trust', at('none.pem'), at('bundle.zip')]);
    expect(lost.err).toBe(`visorfs: there is no certificate '${at('none.pem')}'\n`);
  });
});

describe('extract', () => {
  test('gives the VIBs, with --metadata a depot', async () => {
    expect(await shown('extract', at('bundle.zip'), at('vibs'))).toMatch(/: 2 files, \d+ bytes\n$/);
    expect(fs.readdirSync(at('vibs'))).toEqual(['vib20']);
    const vib = at('vibs', 'vib20', 'two', 'us_bootbank_two_2.0-1.vib');
    expect(fs.readFileSync(vib)).toEqual(fs.readFileSync(at('two.vib')));
    await shown('extract', '--metadata', at('bundle.zip'), at('depot'));
    expect(await shown('list', at('depot'))).toBe(await shown('list', at('bundle.zip')));
    expect(await shown('verify', at('depot'))).toBe(await shown('verify', at('bundle.zip')));
  });

  test('--vib chooses by name or id; --json says what was written', async () => {
    const out = await shown('extract', '--json', at('bundle.zip'), at('some'), '--vib', 'two');
    const path = 'vib20/two/us_bootbank_two_2.0-1.vib';
    const { size } = fs.statSync(at('two.vib'));
    expect(JSON.parse(out)).toEqual({ folder: at('some'), files: [path], bytes: size });
    await shown('extract', at('bundle.zip'), at('by-id'), '--vib', 'us_bootbank_one_1.0.0-1');
    expect(fs.readdirSync(at('by-id', 'vib20'))).toEqual(['one']);
    const none = await perform(['bundle', 'extract', at('bundle.zip'), at('no'), '--vib', 'x']);
    expect([none.code, none.err]).toEqual([1, "visorfs: there is no VIB 'x' in the bundle\n"]);
    expect(fs.existsSync(at('no'))).toBe(false);
  });

  test('never writes where something is', async () => {
    fs.mkdirSync(at('mine'));
    const { code, err } = await perform(['bundle', 'extract', at('bundle.zip'), at('mine')]);
    expect([code, err]).toEqual([
      1,
      `visorfs: '${at('mine')}' is there already; name a new folder\n`,
    ]);
    expect(fs.readdirSync(at('mine'))).toEqual([]);
  });

  test('leaves nothing behind where a VIB is missing, or it is interrupted', async () => {
    const before = fs.readdirSync(at());
    const cut = await changedBundle(fs.readFileSync(at('bundle.zip')), ({ files }) => {
      files.delete('vib20/two/us_bootbank_two_2.0-1.vib');
    });
    fs.writeFileSync(at('cut.zip'), cut);
    const missing = await perform(['bundle', 'extract', at('cut.zip'), at('out')]);
    expect([missing.code, missing.err]).toEqual([
      1,
      "visorfs: the bundle speaks of 'vib20/two/us_bootbank_two_2.0-1.vib', but has it not\n",
    ]);
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const { signal } = controller;
    const stopped = await perform(['bundle', 'extract', at('bundle.zip'), at('out')], { signal });
    expect(stopped.code).toBe(1);
    expect(fs.readdirSync(at()).sort()).toEqual([...before, 'cut.zip'].sort());
  });
});

describe('create', () => {
  test('makes a bundle that everyone reads, the same each time', async () => {
    const make = (file: string): Promise<string> =>
      shown(
        'create',
        '-o',
        at(file),
        '--profile',
        'p',
        '--bulletin',
        'b',
        at('one.vib'),
        at('two.vib'),
      );
    const { length } = await make('made.zip');
    expect(length).toBeGreaterThan(0);
    await make('again.zip');
    const bytes = fs.readFileSync(at('made.zip'));
    expect(fs.readFileSync(at('again.zip'))).toEqual(bytes);
    expect(await make('third.zip')).toBe(`${at('third.zip')}: 2 VIBs, ${bytes.length} bytes\n`);
    expect(await shown('verify', at('made.zip'))).toBe(await shown('verify', at('bundle.zip')));
    if (spawnSync('unzip', ['--help']).error === undefined) {
      execFileSync('unzip', ['-tq', at('made.zip')]);
    } else process.stderr.write('skipped: no unzip\n');
  });

  test('shows how far it has come, on a terminal, and no more at the end', async () => {
    let now = 0;
    const props = { isTerminal: true, now: () => (now += 1000) };
    const args = ['bundle', 'create', '-o', at('shown.zip'), at('one.vib'), at('two.vib')];
    const { err } = await perform(args, props);
    expect(err).toContain('packing 1/2  two.vib');
    expect(err.endsWith('\r\x1b[K')).toBe(true);
  });

  test('says what the manifest says, options on top of it', async () => {
    fs.writeFileSync(at('manifest.json'), JSON.stringify({ vendor: 'we', ...MANIFEST }));
    const options = ['--manifest', at('manifest.json'), '--vendor', 'they', '--bulletin', 'b-2'];
    const args = ['create', '--json', '-o', at('said.zip'), ...options, at('one.vib')];
    const { size } = { size: expect.any(Number) };
    expect(JSON.parse(await shown(...args))).toEqual({
      file: at('said.zip'),
      bytes: size,
      vibs: ['us_bootbank_one_1.0.0-1'],
      bulletins: ['us-1', 'b-2'],
      profiles: ['us-standard'],
    });
    const [first] = JSON.parse(await shown('list', '--bulletins', '--json', at('said.zip')));
    expect(first).toMatchObject({ Vendor: 'they', Summary: 'One and two', Platforms: ['8.0'] });
  });

  test.each([
    ['no JSON', '{', 'JSON'],
    ['no object', '[]', 'it is no object'],
    ['a word that means nothing', '{"vendr": "us"}', "it has 'vendr', which means nothing"],
    ['a number where text is', '{"vendor": 1}', 'vendor is no text'],
    ['no list', '{"platforms": "8.0"}', 'platforms is no list'],
    ['a bulletin without an id', '{"bulletins": [{}]}', "bulletins[0] has no 'id'"],
    [
      'a profile of numbers',
      '{"profiles": [{"name": "p", "vibIds": [1]}]}',
      'profiles[0].vibIds[0]',
    ],
  ])('a manifest that is %s is refused', async (_name, json, message) => {
    fs.writeFileSync(at('bad.json'), json);
    const args = ['bundle', 'create', '-o', at('bad.zip'), '--manifest', at('bad.json')];
    const { code, err } = await perform([...args, at('one.vib')]);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
    expect(err).toContain(`the manifest '${at('bad.json')}': `);
    expect(fs.existsSync(at('bad.zip'))).toBe(false);
  });

  test('overwrites nothing unasked, and takes no VIB that is none', async () => {
    fs.writeFileSync(at('mine.zip'), 'mine');
    const args = ['bundle', 'create', '-o', at('mine.zip'), at('one.vib')];
    expect((await perform(args)).err).toBe(
      `visorfs: '${at('mine.zip')}' is there already; --force overwrites it\n`,
    );
    expect((await perform([...args, '--force'])).code).toBe(0);
    for (const [vib, message] of [
      ['none.vib', `there is no VIB '${at('none.vib')}'`],
      ['other.zip', 'other.zip at 0x0: no ar archive: it does not start with "!<arch>"'],
    ]) {
      const { code, err } = await perform(['bundle', 'create', '-o', at('x.zip'), at(vib!)]);
      expect([code, err]).toEqual([1, `visorfs: ${message}\n`]);
    }
    expect(fs.existsSync(at('x.zip'))).toBe(false);
  });
});

describe('a bundle is an image', () => {
  test('of all its VIBs, the last on top, wherever an image is taken', async () => {
    const run = async (...args: string[]): Promise<string> => (await perform(args)).out;
    expect(await run('ls', at('bundle.zip'), '/etc')).toBe('both\none\ntwo\n');
    expect(await run('cat', at('bundle.zip'), '/etc/both')).toBe('of two');
    expect(await run('cat', at('bundle.zip'), at('one.vib'), '/etc/both')).toBe('of one');
    expect(await run('tardisk', 'list', '--json', at('outer.zip'))).toContain('"one"');
    expect(await run('ls', at('bundle.zip'), at('bundle.zip'))).toBe('etc\n');
  });

  test('and a zip that is none is no image', async () => {
    const { code, err } = await perform(['ls', at('other.zip')]);
    expect([code, err]).toEqual([
      1,
      "visorfs: other.zip at 0x0: is no bundle: it has no 'index.xml'\n",
    ]);
  });
});

test('an address is a bundle or a depot, and a server that fails is named', async () => {
  const server = createServer((request, response) => {
    const file = at(decodeURIComponent(request.url!.slice(1)));
    if (request.url === '/broken.zip') response.writeHead(503).end();
    else if (fs.existsSync(file)) response.end(fs.readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await shown('extract', '--metadata', at('bundle.zip'), at('served'));
    const list = await shown('list', at('bundle.zip'));
    for (const path of ['/bundle.zip', '/served/', '/served/index.xml']) {
      expect(await shown('list', base + path)).toBe(list);
    }
    expect(await shown('verify', `${base}/served/`)).toBe(await shown('verify', at('bundle.zip')));
    await shown('extract', `${base}/bundle.zip`, at('fetched'));
    expect(fs.readdirSync(at('fetched', 'vib20'))).toEqual(['one', 'two']);
    await shown('create', '-o', at('of-files.zip'), at('one.vib'), at('two.vib'));
    await shown('create', '-o', at('of-addresses.zip'), `${base}/one.vib`, `${base}/two.vib`);
    expect(fs.readFileSync(at('of-addresses.zip'))).toEqual(fs.readFileSync(at('of-files.zip')));
    const broken = await perform(['bundle', 'list', `${base}/broken.zip`]);
    expect([broken.code, broken.err]).toEqual([
      1,
      `visorfs: ${base}/broken.zip: the server answers 503\n`,
    ]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('every verb has help with an example', async () => {
  for (const verb of ['list', 'verify', 'extract', 'create']) {
    const { code, out } = await perform(['bundle', verb, '--help']);
    expect([code, out]).toEqual([0, expect.stringMatching(/Examples?:\n {2}visorfs bundle /)]);
  }
  expect((await perform(['bundle', 'lst'])).err).toContain("unknown command 'lst'");
});
