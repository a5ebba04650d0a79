// Boots without the network, without a state, without a device, by the command line: letter for
// letter, and what is left on the cache.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { beforeAll, expect, test } from 'vitest';
import { bankHandler, folderDevice } from '../../src/node.ts';
import { whileListening } from '../support/http.ts';
import { makeBank } from './bank.ts';
import { perform, stageFolder } from './stage.ts';

const at = stageFolder();
let url = '';
let isUp = true;
let asked: string[] = [];
/** What is answered as S3 answers for what is not there. */
let forbidden = '';

const server = createServer((request, response) => {
  asked.push(request.url!);
  if (request.url === forbidden) response.writeHead(403).end();
  else if (isUp) bankHandler(folderDevice(at('bank')))(request, response);
  else request.socket.destroy();
});

const address = whileListening(server);

beforeAll(async () => {
  await makeBank(at('bank'));
  const profile = { version: 1, esxConf: { '/adv/Misc/HostName': 'esx9' } };
  writeFileSync(at('profile.json'), JSON.stringify(profile));
  writeFileSync(at('bank', 'profile'), JSON.stringify(profile));
  mkdirSync(at('answer', 'etc'), { recursive: true });
  writeFileSync(at('answer', 'etc', 'motd'), 'answered\n');
  url = `${address()}/`;
});

async function shown(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await perform(args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

test.each(['state.tgz', 'profile.json', 'answer', 'address'])(
  'boot takes its state from %s, and leaves the one of the bank alone',
  async (name) => {
    const places = new Map([
      ['state.tgz', at('bank', 'state.tgz')],
      ['address', `${url}bank/profile`],
    ]);
    const report = await shown(
      'host',
      'boot',
      url,
      '--answer',
      places.get(name) ?? at(name),
      '--json',
    );
    const { modules, vdf } = JSON.parse(report);
    expect(modules.at(-1)).toEqual({ file: 'state.tgz', kind: 'absent', storedBytes: 0 });
    expect(vdf.ramdisks[0].usedBytes).toBeGreaterThan(0);
  },
);

test('boot with an answer does not fetch the state of the bank', async () => {
  asked = [];
  await shown('host', 'boot', url, '--answer', at('profile.json'));
  expect(asked).toContain('/base.v00');
  expect(asked).not.toContain('/state.tgz');
});

test('boot takes 403 for missing, of files that a bank may lack and of no others', async () => {
  for (const [path, code] of [
    ['/sha256.sum', 0],
    ['/state.tgz', 0],
    ['/base.v00', 1],
    ['/boot.cfg', 1],
  ] as const) {
    forbidden = path;
    expect(await perform(['host', 'boot', url])).toMatchObject({ code });
  }
  forbidden = '';
});

test('boot with a cache says what it kept, and boots that where the network is gone', async () => {
  const args = ['host', 'boot', url, '--cache', at('kept'), '--answer', at('profile.json')];
  const first = await shown(...args);
  expect(first).toContain(`Info     What was booted is kept in bootbank of ${at('kept')}.\n`);
  const kept = readdirSync(at('kept', 'bootbank')).sort();
  expect(kept).toEqual(['b.b00', 'base.v00', 'boot.cfg', 'hostd.v00', 'sha256.sum', 'state.tgz']);
  expect(await shown(...args)).not.toContain('is kept');
  isUp = false;
  const cached = await perform([...args, '--json', '--diskless']);
  isUp = true;
  expect(cached).toMatchObject({ code: 0, err: '' });
  const { bank, isCached, isDiskless, events } = JSON.parse(cached.out);
  expect({ bank, isCached, isDiskless }).toEqual({
    bank: 'bootbank',
    isCached: true,
    isDiskless: true,
  });
  expect(events).toMatchObject([{ id: 'visorfs.boot.cache.used', severity: 'warning' }]);
  const conf = await shown('cat', at('kept'), '/etc/vmware/esx.conf');
  expect(conf).toContain('/adv/Misc/HostName = "esx9"\n');
});

test('boot of a folder is diskless where it is said, and says so', async () => {
  const { isDiskless, isCached } = JSON.parse(
    await shown('host', 'boot', at('bank'), '--diskless', '--json'),
  );
  expect({ isDiskless, isCached }).toEqual({ isDiskless: true, isCached: false });
});

test('boot without the network and a cache says what failed and the way out', async () => {
  isUp = false;
  const { code, out, err } = await perform(['host', 'boot', url]);
  isUp = true;
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^visorfs: http:.*boot\.cfg: .*; see that the server runs .*cache\n$/);
});

test('boot without the network says too why the cache cannot be booted', async () => {
  isUp = false;
  const answer = ['--answer', at('nowhere')];
  const { code, err } = await perform(['host', 'boot', url, '--cache', at('kept'), ...answer]);
  isUp = true;
  expect(code).toBe(1);
  expect(err).toMatch(
    /^visorfs: .*kept cannot be booted in its place: ENOENT.*nowhere.*\nvisorfs: /,
  );
});

test('boot refuses caches and answers that can be none', async () => {
  const cached = (place: string): Promise<{ code: number; err: string }> =>
    perform(['host', 'boot', url, '--cache', place]);
  expect(await cached(url)).toMatchObject({ code: 2 });
  expect((await cached(at('profile.json'))).err).toContain('is no cache');
  expect(await perform(['host', 'boot', url, '--cache', at('x'), '--dry-run'])).toMatchObject({
    code: 2,
  });
  expect((await perform(['host', 'boot', url, '--answer', at('nowhere')])).err).toContain('ENOENT');
  expect((await perform(['host', 'boot', url, '--answer', at('bank', 'b.b00')])).err).toContain(
    'is no answer: neither a state.tgz nor a host profile',
  );
  expect(readFileSync(at('bank', 'boot.cfg'), 'utf8')).toContain('bootstate=0');
});
