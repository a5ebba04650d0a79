// `visorfs vib create`: what is made of folders, archives and manifests; that the same files give
// the same VIB; and that what cannot be made leaves nothing behind.

import fs from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { tarOf } from '../support/archives.ts';
import { LEAP_DAY, perform, stageFolder } from './stage.ts';
import { done, failed, SAID, writeRoot } from './vib-stage.ts';

const at = stageFolder();

beforeAll(() => writeRoot(at('root')));

describe('vib create', () => {
  const args = (output: string, ...payloads: readonly string[]): string[] => {
    return ['create', '-o', at(output), ...payloads, ...SAID];
  };

  test('packs a folder, says what it made, and it holds', async () => {
    const out = await done(...args('hello.vib', at('root')));
    const { size } = fs.statSync(at('hello.vib'));
    expect(out).toBe(`${at('hello.vib')}: us_bootbank_hello_1.0.0-1, 2 files, ${size} bytes\n`);
    expect(await done('verify', at('hello.vib'))).toContain('3 checksums right, 2 files');
    expect((await perform(['ls', '-lR', at('hello.vib')])).out).toBe(`\
/:
drwxr-xr-x 3 0 0 4096 2000-01-01 00:00 opt

/opt:
lrwxrwxrwx 1 0 0    9 2000-01-01 00:00 go -> hello/run
drwxr-xr-x 2 0 0 4096 2000-01-01 00:00 hello

/opt/hello:
-rwxr-xr-x 1 0 0 10 2000-01-01 00:00 run
`);
  });

  test('the same files give the same VIB, from a folder, an archive or a VIB', async () => {
    await done(...args('one.vib', at('root')));
    fs.utimesSync(at('root/opt/hello/run'), LEAP_DAY, LEAP_DAY);
    await done(...args('two.vib', at('root')));
    await done(...args('three.vib', at('one.vib')));
    const tar = tarOf([
      { path: './opt/go', target: 'hello/run', uid: 9, mtime: LEAP_DAY },
      { path: './opt/hello/run', content: '#!/bin/sh\n', mode: 0o755, gid: 9 },
    ]);
    await done(...args('four.vib', fileOf('root.tar', tar)));
    const visor = tarOf(
      [
        { path: 'opt/' },
        { path: 'opt/go', target: 'hello/run' },
        { path: 'opt/hello/' },
        { path: 'opt/hello/run', content: '#!/bin/sh\n', mode: 0o755 },
      ],
      'visor',
    );
    await done(...args('five.vib', fileOf('root.vtar', visor)));
    const one = fs.readFileSync(at('one.vib'));
    for (const name of ['two', 'three', 'four', 'five']) {
      expect(Buffer.compare(fs.readFileSync(at(`${name}.vib`)), one), name).toBe(0);
    }
  });

  test('--mtime gives another time, or the own ones', async () => {
    fs.utimesSync(at('root/opt/hello/run'), LEAP_DAY, LEAP_DAY);
    const time = async (...mtime: readonly string[]): Promise<string> => {
      await done(...args('timed-files.vib', at('root')), '-f', '--mtime', ...mtime);
      const { out } = await perform([
        'image',
        'stat',
        at('timed-files.vib'),
        '/opt/hello/run',
        '--json',
      ]);
      return /"modified":"([^"]+)"/.exec(out)![1]!;
    };
    expect(await time('2011-11-11T11:11Z')).toBe('2011-11-11T11:11:00Z');
    expect(await time('keep')).toBe('2024-02-29T12:34:56Z');
  });

  test('hard links of an archive stay links', async () => {
    const tar = tarOf([
      { path: 'a', content: 'once' },
      { path: 'b', target: 'a', type: 'link' },
    ]);
    await done(...args('linked.vib', fileOf('linked.tar', tar)));
    const { out } = await perform(['image', 'stat', at('linked.vib'), '/b', '--json']);
    expect(out).toContain('"links":2');
  });

  test('several payloads take a name each, and are both mounted', async () => {
    const other = fileOf('other.tar', tarOf([{ path: 'etc/other', content: 'x' }]));
    expect(await failed(...args('both.vib', at('root'), other))).toContain(
      'several payloads take a name each: name=',
    );
    await done(
      ...args('both.vib', `first=${at('root')}`, `second=${other}`),
      '--payload-type',
      'vgz',
    );
    const { Payloads } = JSON.parse(await done('info', at('both.vib'), '--json'));
    expect(Payloads).toEqual(['first', 'second']);
    expect((await perform(['ls', at('both.vib')])).out).toBe('etc\nopt\n');
    expect(await done('verify', at('both.vib'))).toContain('holds');
  });

  test('a manifest says what it is, and options go before it', async () => {
    const manifest = {
      ...{ name: 'of-file', version: '2.0-1', vendor: 'them', overlay: true, summary: 'said' },
      ...{ depends: ['esx-version >= 7.0.0', 'x'], tags: ['driver'] },
      urls: [{ key: 'kb', url: 'https://example.org/' }],
    };
    const file = fileOf('manifest.json', JSON.stringify(manifest));
    const options = ['-m', file, '--vendor', 'us', '--depends', 'y = 1', '--no-live-remove'];
    await done(
      'create',
      '-o',
      at('said.vib'),
      at('root'),
      ...options,
      '--release-date',
      '2024-02-29',
    );
    expect(JSON.parse(await done('info', at('said.vib'), '--json'))).toMatchObject({
      ...{ Name: 'of-file', Version: '2.0-1', Vendor: 'us', Overlay: true, Summary: 'said' },
      ...{ Depends: ['y = 1'], Tags: ['driver'], ReferenceURLs: ['kb|https://example.org/'] },
      ...{ CreationDate: '2024-02-29', LiveInstallAllowed: true, LiveRemoveAllowed: false },
    });
  });

  test.each([
    ['no JSON', '{', 'is no JSON'],
    ['no object', '[]', 'holds no object'],
    ['a word that is none', '{"nmae":"x"}', "a manifest has no 'nmae'"],
    ['a number for a name', '{"name":1}', "'name' of a manifest is text"],
    ['text for a flag', '{"overlay":"no"}', "'overlay' of a manifest is true or false"],
    ['text for a list', '{"depends":"x"}', "'depends' of a manifest is an array of text"],
    ['half a URL', '{"urls":[{"key":"x"}]}', "'urls' of a manifest is an array of objects"],
    [
      'no vendor',
      '{"name":"x","version":"1"}',
      "a VIB takes a vendor: --vendor, or 'vendor' in the manifest",
    ],
    ['no version', '{"name":"x","vendor":"y"}', 'a VIB takes a version: --vib-version, or'],
  ])('a manifest with %s is refused', async (_what, json, claim) => {
    const file = fileOf('bad.json', json);
    expect(await failed('create', '-o', at('bad.vib'), at('root'), '-m', file)).toContain(claim);
    expect(fs.existsSync(at('bad.vib'))).toBe(false);
  });

  test.each([
    ['a constraint that is none', ['--depends', 'a >'], "'a >' names no VIB"],
    ['a level that takes a signature', ['--acceptance-level', 'partner'], 'takes a signature'],
    ['a time that is none', ['--mtime', 'soon'], "'soon' is no date"],
  ])('%s is refused', async (_what, options, claim) => {
    expect(await failed(...args('bad.vib', at('root')), ...options)).toContain(claim);
    expect(fs.existsSync(at('bad.vib'))).toBe(false);
  });

  test('what no payload can hold is refused by its name', async () => {
    const device = fileOf('device.tar', tarOf([{ path: 'null', type: 'device' }]));
    expect(await failed(...args('bad.vib', device))).toContain(
      `'null' in '${device}' is a character device: no payload has one`,
    );
    fs.mkdirSync(at('odd'));
    fs.writeFileSync(Buffer.concat([Buffer.from(at('odd/')), Buffer.from([0x61, 0xff])]), '');
    expect(await failed(...args('bad.vib', at('odd')))).toContain('has a name that is no UTF-8');
    expect(await failed(...args('bad.vib', at('nowhere')))).toContain('to make a payload of');
    expect(fs.existsSync(at('bad.vib'))).toBe(false);
  });

  test('nothing is overwritten without --force', async () => {
    fs.writeFileSync(at('mine.vib'), 'mine');
    expect(await failed(...args('mine.vib', at('root')))).toContain('is there already; --force');
    expect(fs.readFileSync(at('mine.vib'), 'utf8')).toBe('mine');
    const row = JSON.parse(await done(...args('mine.vib', at('root')), '--force', '--json'));
    const bytes = fs.statSync(at('mine.vib')).size;
    const id = 'us_bootbank_hello_1.0.0-1';
    expect(row).toEqual({ file: at('mine.vib'), id, bytes, files: 2, signed: false });
  });
});

function fileOf(name: string, content: Uint8Array | string): string {
  fs.writeFileSync(at(name), content);
  return at(name);
}
