// `visorfs serve` and what boots from it, in one process: letter for letter, and with an end.

import { mkdirSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { makeBank } from './bank.ts';
import { type Performance, perform, stageFolder } from './stage.ts';

const at = stageFolder();

beforeAll(async () => {
  await makeBank(at('bank'));
  mkdirSync(at('two'));
  await makeBank(at('two', 'bootbank'));
  await makeBank(at('two', 'altbootbank'));
  const sizes = ['--bank-size', '3m', '--efi-size', '1m', '--dump-size', '1m'];
  await perform(['device', 'create', at('boot.img'), '--from', at('bank'), ...sizes]);
});

interface Served {
  /** What was said at the start. */
  readonly said: string;
  readonly url: string;
  /** What was said of requests. */
  readonly lines: string[];
  /** Ends it as Ctrl-C does. */
  end(): Promise<Performance>;
}

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of running.splice(0)) await end();
});

async function serve(...args: readonly string[]): Promise<Served> {
  const controller = new AbortController();
  const lines: string[] = [];
  let done: Promise<Performance> | null = null;
  const said = await new Promise<string>((resolve, reject) => {
    done = perform(['serve', ...args], {
      signal: controller.signal,
      write: async (chunk) => resolve(String(chunk)),
      complain: (text) => void lines.push(text),
    });
    done.then(() => reject(new Error(lines.join(''))));
  });
  const end = (): Promise<Performance> => {
    controller.abort();
    return done!;
  };
  running.push(end);
  return { said, url: said.trim(), lines, end };
}

test('serve says where it is, and each request; it ends as it is told to', async () => {
  const { said, url, lines, end } = await serve(at('bank'));
  expect(said).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
  const answer = await fetch(`${url}boot.cfg`);
  expect(await answer.text()).toContain('build=8.0.0-1');
  const part = await fetch(`${url}bank/base.v00`, { headers: { range: 'bytes=10-19' } });
  expect((await part.arrayBuffer()).byteLength).toBe(10);
  expect(await (await fetch(`${url}../etc/passwd\n`)).text()).toContain('there is no file');
  await expect.poll(() => lines).toHaveLength(3);
  expect(lines.join('')).toBe(`\
127.0.0.1 GET /boot.cfg 200 ${answer.headers.get('content-length')}
127.0.0.1 GET /bank/base.v00 206 10 bytes 10-19
127.0.0.1 GET /etc/passwd 404 0
`);
  expect((await end()).code).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test('serve for this machine is not read by a page whose name leads here', async () => {
  const { url } = await serve(at('bank'));
  const { port } = new URL(url);
  const asked = (host: string): Promise<number> =>
    new Promise((resolve) => {
      const options = { port, host: '127.0.0.1', path: '/boot.cfg', headers: { host } };
      request(options, (response) => {
        response.resume();
        resolve(response.statusCode!);
      }).end();
    });
  for (const host of [`127.0.0.1:${port}`, 'localhost', `[::1]:${port}`]) {
    expect(await asked(host)).toBe(200);
  }
  expect(await asked(`evil.example:${port}`)).toBe(421);
});

test('serve says as JSON what it says', async () => {
  const { said, lines } = await serve(at('two'), '--json');
  const { url, banks } = JSON.parse(said) as { url: string; banks: string[] };
  expect(banks).toEqual(['bootbank', 'altbootbank']);
  await (await fetch(`${url}bootbank/b.b00`)).text();
  await expect.poll(() => lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toEqual({
    remote: '127.0.0.1',
    method: 'GET',
    url: '/bootbank/b.b00',
    status: 200,
    range: null,
    sentBytes: 8,
    isWhole: true,
  });
});

test('serve has its limits: ports, hosts, and what is no bank', async () => {
  for (const port of ['x', '65536', '-1', '']) {
    expect(await perform(['serve', at('bank'), `--port=${port}`])).toMatchObject({ code: 2 });
  }
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const taken = await perform(['serve', at('bank'), '--port', String(port)]);
  expect(taken).toMatchObject({ code: 1, out: '' });
  expect(taken.err).toMatch(/^visorfs: cannot listen at 127\.0\.0\.1, port \d+: .*EADDRINUSE/);
  await new Promise((resolve) => other.close(resolve));
  expect((await perform(['serve', at('bank', 'base.v00')])).err).toContain('is no boot device');
  expect((await perform(['serve', at('nowhere')])).err).toContain("there is no boot device '");
  expect((await perform(['serve', at('bank'), '--host', '256.0.0.1'])).code).toBe(1);
});

test.each(['bank', 'boot.img', 'two'])(
  '%s is booted from an address as from a device',
  async (name) => {
    const { url } = await serve(at(name));
    const commands = [['ls', '-lR'], ['vdf'], ['state', 'list'], ['host', 'boot']];
    for (const command of commands) {
      const here = await perform([...command, at(name)]);
      const there = await perform([...command, url]);
      expect(there).toMatchObject({ code: 0, err: '' });
      expect(there.out.replace(/^Bank .*/, '')).toBe(here.out.replace(/^Bank .*/, ''));
    }
    const conf = await perform(['cat', `${url}boot.cfg`, '/etc/vmware/esx.conf']);
    expect(conf.out).toBe('/a = "2"\n');
    const second = await perform(['ls', at('bank', 'base.v00'), url]);
    expect(second.code).toBe(2);
    expect(second.err).toContain('is a bank: it can only be the first image');
  },
);

test('progress of a boot over the network is in bytes, on a terminal', async () => {
  const { url } = await serve(at('bank'));
  let now = 0;
  const { err } = await perform(['host', 'boot', url], {
    isTerminal: true,
    now: () => (now += 1000),
  });
  expect(err).toMatch(/fetching \d+\/\d+ {2}base\.v00/);
  expect(err.endsWith('\r\x1b[K')).toBe(true);
});
