// Images that are no files of this machine: archives, VIBs and disks at an address, stdin. What a
// command says of them is what it says of the same file, and nothing of them is left.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bankHandler, folderDevice } from '../../src/node.ts';
import { testServer } from '../support/http.ts';
import { makeBank } from './bank.ts';
import { BASE, HOSTD, perform, shown, stageFolder, writeImage } from './stage.ts';

const at = stageFolder();
const server = testServer();

// A folder of its own: other processes make such folders too.
const leftovers = (): string[] => readdirSync(at('tmp'));

beforeAll(async () => {
  mkdirSync(at('tmp'));
  process.env['TMPDIR'] = at('tmp');
  writeImage(at('base.tar'), BASE);
  writeImage(at('hostd.v00'), HOSTD);
  await makeBank(at('bank'));
  await shown('device', 'create', at('boot.img'), '--bank-size', '5m', '--from', at('bank'));
});

beforeEach(() => {
  for (const name of ['base.tar', 'hostd.v00', 'boot.img']) {
    server.answers.set(`/${name}`, [(_, response) => response.end(readFileSync(at(name)))]);
  }
  server.answers.set('/text.v00', [(_, response) => response.end('no image at all')]);
  const handler = bankHandler(folderDevice(at('bank')));
  for (const name of ['boot.cfg', ...readdirSync(at('bank'))]) {
    server.answers.set(`/banks/${name}`, [
      (request, response) => {
        request.url = `/${name}`;
        handler(request, response);
      },
    ]);
  }
});

const COMMANDS: readonly (readonly string[])[] = [
  ['ls', '-lR', 'base.tar'],
  ['tree', 'hostd.v00', '--path', '/etc'],
  ['cat', 'base.tar', 'hostd.v00', '/etc/motd'],
  ['image', 'stat', 'base.tar', '/etc/motd'],
  ['vdf', 'boot.img'],
  ['vdu', 'boot.img'],
  ['tardisk', 'list', 'base.tar', 'hostd.v00'],
  ['ramdisk', 'list', 'boot.img'],
  ['state', 'list', 'boot.img'],
  ['why', 'boot.img', '/etc/motd'],
  ['device', 'info', 'boot.img', '--json'],
  ['diff', 'base.tar', 'base.tar,hostd.v00'],
];

test.each(COMMANDS)('%s %s of an address says what it says of the file', async (...words) => {
  const placed = (place: (name: string) => string): string[] =>
    words.map((word) => word.replaceAll(/(base\.tar|hostd\.v00|boot\.img)/g, place));
  const local = await perform(placed((name) => at(name)));
  const remote = await perform(placed((name) => server.url(`/${name}`)));
  const named = local.out.replaceAll(at('boot.img'), server.url('/boot.img'));
  expect(remote.out).toBe(words[0] === 'device' ? named : local.out);
  expect({ ...remote, bytes: null, out: '' }).toEqual({ ...local, bytes: null, out: '' });
  expect(local.err).toBe('');
  expect(leftovers()).toEqual([]);
});

test('lint names an address and looks at every bank of a disk', async () => {
  const local = await perform(['lint', at('hostd.v00'), '--json']);
  const remote = await perform(['lint', server.url('/hostd.v00'), '--json']);
  expect(remote.out).toBe(local.out.replaceAll(at('hostd.v00'), server.url('/hostd.v00')));
  const disk = JSON.parse((await perform(['lint', at('boot.img'), '--json'])).out);
  const names = disk.map(({ archive }: { archive: string }) => archive);
  expect(names).toContain(`${at('boot.img')}:bootbank`);
  const bank = await perform(['lint', server.url('/banks/'), '--json']);
  expect(JSON.parse(bank.out).length).toBeGreaterThan(0);
});

test('image bisect tests what was fetched, names the address, and knows disk images', async () => {
  const urls = ['/base.tar', '/hostd.v00'].map(server.url);
  const script = ['sh', '-c', 'test -f "$1" && ! gzip -t "$1" 2>/dev/null', '-', '{}'];
  const { out, code } = await perform(['image', 'bisect', ...urls, '--', ...script]);
  expect(code).toBe(0);
  expect(out).toContain(`first bad  ${urls[1]}\nlast good  ${urls[0]}\n`);
  const images = [at('base.tar'), at('boot.img')];
  const grep = ['sh', '-c', 'head -c 512 "$1" | tail -c 1 | grep -qv .', '-', '{}'];
  const disks = await perform(['image', 'bisect', ...images, '--json', '--', 'false', ...grep]);
  expect(disks.err).toContain('is bad');
});

test('- is stdin, as a file of that content is', async () => {
  const readAll = async (): Promise<Uint8Array> => readFileSync(at('base.tar'));
  const { out, code } = await perform(['cat', '-', at('hostd.v00'), '/bin/busybox'], { readAll });
  expect({ out, code }).toEqual({ out: '#!', code: 0 });
  expect((await perform(['lint', '-', '--json'], { readAll })).out).toContain('"archive":"stdin"');
  const twice = await perform(['--key-file', '-', 'ls', '-'], { readAll });
  expect(twice).toMatchObject({
    code: 2,
    err: 'visorfs: an image and --key-file both want stdin\n',
  });
  expect(leftovers()).toEqual([]);
});

test('the demo runs on a disk image and on the bank of an address', async () => {
  for (const place of ['images/bank', server.url('/sample/')]) {
    if (place.startsWith('http')) {
      for (const name of readdirSync('images/bank')) {
        server.answers.set(`/sample/${name}`, [
          (_, response) => response.end(readFileSync(`images/bank/${name}`)),
        ]);
      }
      expect(await perform(['demo', place])).toMatchObject({ code: 0, err: '' });
    } else {
      await shown('device', 'create', at('demo.img'), '--from', place);
      const before = readFileSync(at('demo.img'));
      expect(await perform(['demo', at('demo.img')])).toMatchObject({ code: 0, err: '' });
      expect(readFileSync(at('demo.img')).equals(before)).toBe(true);
    }
  }
});

test('an address that is no archive’s is a bank’s, and its error says so', async () => {
  expect(await shown('cat', server.url('/banks'), '/etc/motd')).toBe('hostd says hello\n');
  const lost = await perform(['ls', server.url('/lost.tgz')]);
  expect(lost).toMatchObject({ code: 1, out: '' });
  expect(lost.err).toContain('/lost.tgz/boot.cfg');
  expect((await perform(['ls', server.url('/text.v00')])).code).toBe(1);
  expect(server.asked.filter(({ path }) => path === '/lost.tgz')).toHaveLength(1);
});

test('what was fetched is gone where the command fails, or is interrupted', async () => {
  const controller = new AbortController();
  expect((await perform(['cat', server.url('/base.tar'), '/nowhere'])).code).toBe(1);
  expect(leftovers()).toEqual([]);
  const write = async (): Promise<void> => {
    expect(leftovers()).toHaveLength(1);
    controller.abort();
    // The process ends here; nothing but what the signal undid is undone.
    expect(leftovers()).toEqual([]);
  };
  const { signal } = controller;
  await perform(['cat', server.url('/base.tar'), '/etc/motd'], { write, signal });
  expect.assertions(4);
});

describe('what cannot be there is a wrong call', () => {
  const URL = 'https://127.0.0.1:9/x';
  test.each([
    [['diff', '-', '-'], 'an image and another both want stdin'],
    [['ls', '-', '-'], 'an image and another both want stdin'],
    [['ls', '-', '--key-file', '-'], 'an image and --key-file both want stdin'],
    [['image', 'bisect', '-', 'a', '--', 'true'], "'-' is stdin, which is read once only"],
    [['host', 'boot', '-'], "<bank> is on this machine, and '-' is a stream"],
    [['host', 'boot', 'x', '--cache', URL], "--cache is on this machine, and 'https:"],
    [['host', 'boot', 'x', '--answer', '-'], "--answer is on this machine, and '-' is"],
    [['host', 'rollback', URL], "<device> is on this machine, and 'https://127.0.0.1:9/x' is an"],
    [['host', 'software', 'vib', 'remove', '-n', 'x', URL], '<bank> is on this machine'],
    [['host', 'software', 'vib', 'list', '-'], "<bank> is on this machine, and '-' is a stream"],
    [['host', 'software', 'vib', 'install', '-v', '-', 'x'], '--viburl is on this machine'],
    [['serve', URL], '<bank> is on this machine'],
    [['device', 'create', '-'], "<file> is on this machine, and '-' is a stream"],
    [['device', 'create', 'x', '--from', URL], '--from is on this machine'],
    [['device', 'verify', '-'], '<device> is on this machine'],
    [['state', 'edit', '-', '/etc/x'], '<device> is on this machine'],
    [['state', 'rekey', URL, '--decrypt'], '<device> is on this machine'],
    [['vib', 'create', 'x', '-o', '-', '--name', 'x'], "--output is on this machine, and '-' is"],
    [['vmtar', '-c', 'x', '-o', URL], '--output is on this machine'],
    [['image', 'trace', 'x', '--run', '-'], '--run is on this machine'],
    [['image', 'extract', 'x', '-C', '-'], '--directory is on this machine'],
  ])('%s', async (args, words) => {
    const { code, out, err } = await perform(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`visorfs: ${words}`);
    expect(err.split('\n')).toHaveLength(2);
  });
});

test('vib verify names the address of a VIB, and says whose time it took', async () => {
  const place = '/tools.vib';
  const bytes = readFileSync('images/vibs/debug-tools.vib');
  server.answers.set(place, [(_request, response) => response.end(bytes)]);
  const { out } = await perform(['vib', 'verify', server.url(place), '--json']);
  const [row] = JSON.parse(out);
  expect(row.file).toBe(server.url(place));
  const { out: text } = await perform(['vib', 'verify', server.url(place)]);
  expect(text).toMatch(new RegExp(`^${server.url(place)}: `));
});
