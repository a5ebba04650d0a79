// A bank over HTTP as a boot device: where its files are looked for, what is believed of them, and
// that the library of any runtime does it by the fetch that it is given.

import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import * as portable from '../../src/index.ts';
import type { Fetch } from '../../src/net/fetch.ts';
import { FetchError } from '../../src/net/fetch-error.ts';
import { reprDigest } from '../../src/net/repr-digest.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { Host, httpDevice } from '../../src/node.ts';
import { networkBank } from '../support/network-bank.ts';

const bank = networkBank();

const cfg = (lines: string): void => {
  bank.files.set('boot.cfg', utf8(`kernel=b.b00\nmodules=base.v00\nbuild=1\n${lines}`));
};

/** A fetch from `files` by their whole address, and what it was asked for. */
function fetchOf(files: Map<string, Uint8Array>): { fetch: Fetch; asked: string[] } {
  const asked: string[] = [];
  const fetch: Fetch = async (url) => {
    asked.push(url);
    const bytes = files.get(url);
    return bytes === undefined
      ? new Response(null, { status: 404 })
      : new Response(bytes as Uint8Array<ArrayBuffer>);
  };
  return { fetch, asked };
}

/** The bank at `https://a/b/`, with modules below `base`. */
function filesAt(base: string, prefix: string): Map<string, Uint8Array> {
  cfg(`prefix=${prefix}\n`);
  return new Map([
    ['https://a/b/boot.cfg', bank.files.get('boot.cfg')!],
    [`${base}b.b00`, bank.files.get('b.b00')!],
    [`${base}base.v00`, bank.files.get('base.v00')!],
  ]);
}

test('a bank over HTTP is booted, with its state, and says which it is', async () => {
  const seen: string[] = [];
  const device = await httpDevice(bank.url(), { onFetch: ({ url }) => seen.push(url) });
  const host = await Host.boot(device);
  expect(host.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8')).toContain('"bank"');
  expect(`${host.bank}/`).toBe(bank.url());
  expect(seen).toContain(`${bank.url()}base.v00`);
  await host.reboot();
  await expect(host.rebuild()).rejects.toThrow(/^EROFS: .*, write 'http.*\/state\.tgz'$/);
});

test('a bank without a state has none, as on a device', async () => {
  bank.files.delete('state.tgz');
  const host = await Host.boot(await httpDevice(`${bank.url()}boot.cfg`));
  expect(host.modules.map(({ kind }) => kind)).toEqual(['opaque', 'tardisk', 'absent']);
});

test('what says which of several banks is booted is not looked at over the network', async () => {
  cfg('bootstate=3\nupdated=0\nquickboot=1\n');
  expect((await Host.boot(await httpDevice(bank.url()))).build).toBe('1');
});

describe('modules are looked for', () => {
  test.each([
    ['https://a/b/', ''],
    ['https://a/b/c/d/', 'c/d'],
    ['https://a/', '..'],
    ['https://a/esxi/', '/esxi/'],
    ['https://other:8443/x/', 'https://other:8443/x'],
  ])('in %s where prefix is %s', async (base, prefix) => {
    const { fetch } = fetchOf(filesAt(base, prefix));
    const host = await portable.Host.boot(await portable.httpDevice('https://a/b', { fetch }));
    expect(host.modules).toHaveLength(2);
  });

  test('nowhere that is less safe, or no address', async () => {
    for (const prefix of ['http://a/b', 'file:///etc', 'https://']) {
      const { fetch, asked } = fetchOf(filesAt('https://a/b/', prefix));
      const device = await portable.httpDevice('https://a/b/', { fetch });
      const error = await portable.Host.boot(device).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CorruptError);
      expect((error as Error).message).toContain(`prefix is '${prefix}', which is no place`);
      expect(asked).toEqual(['https://a/b/boot.cfg']);
    }
  });

  test('in the folder, whatever their names are made of', async () => {
    bank.files.set('boot.cfg', utf8('kernel=b%2f..?x#y\nmodules=/base.v00\nbuild=1\n'));
    const files = new Map([['https://a/b/boot.cfg', bank.files.get('boot.cfg')!]]);
    const odd = fetchOf(files);
    const device = await httpDevice('https://a/b/', { fetch: odd.fetch });
    await expect(Host.boot(device)).rejects.toThrow('which is not in the bank');
    expect(odd.asked).toContain('https://a/b/b%252f..%3Fx%23y');
  });
});

test.each(['ftp://127.0.0.1/', 'bank', '/bank', ''])(
  "'%s' is no address of a bank",
  async (address) => {
    await expect(httpDevice(address)).rejects.toThrow(TypeError);
  },
);

test('an address with a password is refused, and the password not said', async () => {
  const error = await httpDevice('http://me:secret@127.0.0.1/').catch((reason: Error) => reason);
  expect(error).toBeInstanceOf(TypeError);
  expect((error as Error).message).toContain('127.0.0.1');
  expect((error as Error).message).not.toContain('secret');
});

describe('what a bank gives is refused', () => {
  test('where one byte is another than its list of sums says, by name', async () => {
    const sum = Buffer.from(await nativeCodec.sha256(bank.files.get('base.v00')!)).toString('hex');
    bank.files.set('sha256.sum', utf8(`${sum}  base.v00\n`));
    expect((await Host.boot(await httpDevice(bank.url()))).modules).toHaveLength(3);
    const flipped = bank.files.get('base.v00')!.slice();
    // The system in the head of the gzip: no decoder minds it.
    flipped[9]! ^= 1;
    bank.files.set('base.v00', flipped);
    const error = await Host.boot(await httpDevice(bank.url())).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CorruptError);
    expect((error as Error).message).toContain(`${bank.url()}base.v00`);
  });

  test('where one byte was flipped on its way, by name', async () => {
    const fetch: Fetch = async (url, options) => {
      const answer = await globalThis.fetch(url, options);
      if (!url.endsWith('/base.v00')) return answer;
      const bytes = new Uint8Array(await answer.arrayBuffer());
      bytes[9]! ^= 1;
      return new Response(bytes, answer);
    };
    for (const door of [portable, { Host, httpDevice }]) {
      const device = await door.httpDevice(bank.url(), { fetch });
      const error = await door.Host.boot(device).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CorruptError);
      expect((error as Error).message).toContain(`${bank.url()}base.v00`);
      expect((error as Error).message).toContain('and the server says');
    }
  });

  test('where all of it together is more than it may be', async () => {
    const size = [...bank.files.values()].reduce((sum, { length }) => sum + length, 0);
    const maxBankBytes = size - bank.files.get('boot.cfg')!.length;
    const device = await httpDevice(bank.url(), { maxBankBytes });
    // As often as it likes: what is fetched again takes the place of what was.
    await (await Host.boot(device)).reboot();
    const less = await httpDevice(bank.url(), { maxBankBytes: maxBankBytes - 1 });
    const error = await Host.boot(less).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FetchError);
    expect((error as Error).message).toContain(`more than ${maxBankBytes - 1} bytes`);
  });

  test('where it lists more modules than any has', async () => {
    bank.files.set('boot.cfg', utf8(`kernel=b\nbuild=1\nmodules=${'a --- '.repeat(4097)}\n`));
    await expect(Host.boot(await httpDevice(bank.url()))).rejects.toThrow('4096 are the most');
  });

  test('where it has no boot.cfg, or one without end', async () => {
    bank.files.delete('boot.cfg');
    const error = await Host.boot(await httpDevice(bank.url())).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FetchError);
    expect((error as Error).message).toContain('there is no boot.cfg; the address of a bank is');
    bank.files.set('boot.cfg', new Uint8Array((1 << 20) + 1));
    await expect(Host.boot(await httpDevice(bank.url()))).rejects.toThrow('more than 1048576');
  });
});

test('nobody who does not answer is waited for, and the way out is said', async () => {
  bank.isUp = false;
  const pauses: number[] = [];
  const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
  const device = await httpDevice(bank.url(), { sleep });
  const error = await Host.boot(device).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FetchError);
  expect((error as Error).message).toMatch(/boot\.cfg: .*; see that the server runs/);
  expect(pauses).toEqual([]);
});

test('no more than four modules are on their way at once', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `m${index}`);
  bank.files.set('boot.cfg', utf8(`kernel=b.b00\nbuild=1\nmodules=${names.join('---')}\n`));
  for (const name of names) bank.files.set(name, utf8(name));
  let running = 0;
  let most = 0;
  const fetch: Fetch = async (url, options) => {
    running += 1;
    most = Math.max(most, running);
    const answer = await globalThis.fetch(url, options);
    const bytes = await answer.arrayBuffer();
    running -= 1;
    return new Response(bytes, answer);
  };
  const host = await Host.boot(await httpDevice(bank.url(), { fetch }));
  expect([host.modules.length, most]).toEqual([13, 4]);
});

test('the sum of a file over the network is what a server is made to say', async () => {
  const digest = reprDigest(await nativeCodec.sha256(utf8('a kernel')));
  const answer = await fetch(`${bank.url()}b.b00`);
  expect(answer.headers.get('repr-digest')).toBe(digest);
  await answer.body?.cancel();
});
