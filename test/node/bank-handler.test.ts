// A bank over HTTP: what is sent is the file and what the headers say of it; no path leads out;
// what cannot be answered is answered with words. Asked by node:http, which sends a path as it is.

import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import { memoryDevice } from '../../src/host/device.ts';
import { isMatched, rangeOf } from '../../src/node/byte-range.ts';
import { type BankAccess, type BootDevice, bankHandler, folderDevice } from '../../src/node.ts';
import { newFolder } from '../support/fat-tools.ts';
import { whileListening } from '../support/http.ts';

const { folder, remove } = newFolder();
const MODULE = Buffer.from(Array.from({ length: 700_000 }, (_, index) => index * 7));
const SUM = createHash('sha256').update(MODULE).digest();
const ETAG = `"${SUM.toString('hex')}"`;

const cfg = (build: string, updated: number): Uint8Array =>
  encodeBootCfg({ kernel: 'b.b00', build, updated });

let device: BootDevice = folderDevice(folder);
const accesses: BankAccess[] = [];
let heard = (): void => {};
const server = createServer((asked, response) => {
  const onAccess = (access: BankAccess): void => {
    accesses.push(access);
    heard();
  };
  bankHandler(device, { onAccess })(asked, response);
});

beforeAll(() => {
  for (const bank of ['bootbank', 'altbootbank']) mkdirSync(join(folder, bank));
  writeFileSync(join(folder, 'secret'), 'outside');
  writeFileSync(join(folder, 'bootbank/boot.cfg'), cfg('old', 1));
  writeFileSync(join(folder, 'bootbank/b.b00'), MODULE);
  writeFileSync(join(folder, 'bootbank/empty'), '');
  writeFileSync(join(folder, 'bootbank/.b.b00.new'), 'half');
  writeFileSync(join(folder, 'bootbank/ä b'), 'odd');
  mkdirSync(join(folder, 'bootbank/below'));
  symlinkSync('../secret', join(folder, 'bootbank/link'));
  writeFileSync(join(folder, 'altbootbank/boot.cfg'), cfg('new', 2));
});
afterAll(remove);
whileListening(server);
beforeEach(() => {
  device = folderDevice(folder);
  accesses.length = 0;
});

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const asking = request({ port, host: '127.0.0.1', path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status = 0, headers: said } = response;
        resolve({ status, headers: said, body: Buffer.concat(chunks) });
      });
    });
    asking.on('error', reject);
    asking.end();
  });
}

/** The words of an answer that has no file. */
async function words(path: string, headers = {}, method = 'GET'): Promise<string> {
  const { status, body } = await get(path, headers, method);
  return `${status} ${body}`;
}

describe('a file', () => {
  test('is sent with its length, tag and sum, and HEAD says the same without it', async () => {
    const got = await get('/bootbank/b.b00');
    expect(got.status).toBe(200);
    expect(got.body.equals(MODULE)).toBe(true);
    const said = {
      'content-length': '700000',
      'accept-ranges': 'bytes',
      etag: ETAG,
      'repr-digest': `sha-256=:${SUM.toString('base64')}:`,
    };
    expect(got.headers).toMatchObject(said);
    const head = await get('/bootbank/b.b00', { range: 'bytes=0-9' }, 'HEAD');
    expect(head).toMatchObject({ status: 200, headers: said });
    expect(head.body).toHaveLength(0);
    expect(await get('/bootbank/empty')).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  test.each([
    ['bytes=0-99', 0, 99],
    ['bytes=699990-', 699_990, 699_999],
    ['bytes=-10', 699_990, 699_999],
    ['bytes=699990-900000', 699_990, 699_999],
    ['bytes=-900000', 0, 699_999],
  ])('is sent in part for %s', async (range, first, last) => {
    const { status, headers, body } = await get('/bootbank/b.b00', { range });
    expect(status).toBe(206);
    expect(headers['content-range']).toBe(`bytes ${first}-${last}/700000`);
    expect(headers['content-length']).toBe(String(last - first + 1));
    expect(headers['repr-digest']).toContain(SUM.toString('base64'));
    expect(body.equals(MODULE.subarray(first, last + 1))).toBe(true);
  });

  test.each(['bytes=0-1,5-6', 'bytes=9-3', 'bytes=-', 'bytes=a-b', 'lines=1-2', 'bytes 1-2'])(
    'is sent whole for %s, which is no range',
    async (range) => {
      expect((await get('/bootbank/b.b00', { range })).status).toBe(200);
    },
  );

  test('has no bytes behind its end', async () => {
    for (const range of ['bytes=700000-', 'bytes=-0', 'bytes=99999999999999999999-']) {
      const { status, headers } = await get('/bootbank/b.b00', { range });
      expect([range, status, headers['content-range']]).toEqual([range, 416, 'bytes */700000']);
    }
    expect(rangeOf('bytes=0-', 0)).toBe('unsatisfiable');
  });

  test('is gone on with only while it is the same', async () => {
    const range = 'bytes=10-';
    expect((await get('/bootbank/b.b00', { range, 'if-range': ETAG })).status).toBe(206);
    for (const other of ['"other"', `W/${ETAG}`, 'Sat, 28 Nov 2026 00:00:00 GMT']) {
      expect((await get('/bootbank/b.b00', { range, 'if-range': other })).status).toBe(200);
    }
    const none = await get('/bootbank/b.b00', { 'if-none-match': `"x", ${ETAG}` });
    expect([none.status, none.body.length, none.headers.etag]).toEqual([304, 0, ETAG]);
    expect(isMatched('*', ETAG)).toBe(true);
  });

  test('that is replaced while it is sent is sent as it was', async () => {
    const { port } = server.address() as AddressInfo;
    const long = Buffer.alloc(24 << 20, 1);
    writeFileSync(join(folder, 'bootbank/long'), long);
    const path = '/bootbank/long';
    const got = await new Promise<Buffer>((resolve) => {
      request({ port, host: '127.0.0.1', path }, async (response) => {
        const [bank] = (await folderDevice(folder).banks()).filter(
          (one) => one.name === 'bootbank',
        );
        await bank!.write('long', Buffer.alloc(24 << 20, 2));
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      }).end();
    });
    expect(got.equals(long)).toBe(true);
    rmSync(join(folder, 'bootbank/long'));
  });
});

describe('a path', () => {
  test('at the root is of the bank that would be booted now', async () => {
    expect((await get('/boot.cfg')).body.toString()).toContain('build=new');
    expect((await get('/bootbank/boot.cfg')).body.toString()).toContain('build=old');
    expect((await get('/bootbank/boot.cfg?x=/../y')).status).toBe(200);
    device = memoryDevice(new Map([['boot.cfg', cfg('memory', 1)]]), 'one');
    expect((await get('/boot.cfg')).body.toString()).toContain('build=memory');
    device = memoryDevice(new Map());
    expect(await words('/boot.cfg')).toContain('404 ');
  });

  test('names a file as it is, whatever is in its name', async () => {
    expect((await get('/bootbank/%C3%A4%20b')).body.toString()).toBe('odd');
  });

  test.each([
    '/',
    '//',
    '/secret',
    '/../secret',
    '/bootbank/../../secret',
    '/bootbank/..%2f..%2fsecret',
    '/bootbank/..%5c..%5csecret',
    '/..',
    '/bootbank/..',
    '/bootbank/',
    '/bootbank',
    '/bootbank/below',
    '/bootbank/below/x',
    '/bootbank/link',
    '/bootbank/.b.b00.new',
    '/bootbank/b.b00%00',
    '/bootbank/%ff',
    '/bootbank/%',
    '/nowhere/boot.cfg',
    '/bootbank/B.B00',
    'http://elsewhere/bootbank/boot.cfg',
  ])('%s leads to nothing, and is told so', async (path) => {
    expect(await words(path)).toMatch(/^404 there is no file '.*'; ask for \/boot\.cfg\n$/);
  });
});

test('other methods are refused with words, and a bank that cannot be read too', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const said = await words('/boot.cfg', {}, method);
    expect(said).toBe(`405 ${method} is not for a bank: it is read by GET and HEAD\n`);
  }
  device = folderDevice(join(folder, 'nowhere'));
  expect(await words('/boot.cfg')).toMatch(/^500 the bank cannot be read: ENOENT/);
});

test('each request is told of when it is over, and that who asked has gone', async () => {
  const done = (): Promise<void> => new Promise((resolve) => (heard = resolve));
  let told = done();
  await get('/bootbank/b.b00', { range: 'bytes=10-19' });
  await told;
  expect(accesses).toEqual([
    {
      remote: '127.0.0.1',
      method: 'GET',
      url: '/bootbank/b.b00',
      status: 206,
      range: '10-19',
      sentBytes: 10,
      isWhole: true,
    },
  ]);
  const long = Buffer.alloc(24 << 20);
  writeFileSync(join(folder, 'bootbank/long'), long);
  const { port } = server.address() as AddressInfo;
  told = done();
  request({ port, host: '127.0.0.1', path: '/bootbank/long' }, (response) => {
    response.destroy();
  }).end();
  await told;
  const { isWhole, sentBytes } = accesses[1]!;
  expect(isWhole).toBe(false);
  expect(sentBytes).toBeLessThan(long.length);
  rmSync(join(folder, 'bootbank/long'));
});
