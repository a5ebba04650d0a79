/**
 * Depots and bundles over http, from a server on this machine that is told how to misbehave.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { CorruptError, ForeignError } from '../../src/base/errors.ts';
import { openBundle as openInPage } from '../../src/index.ts';
import { type Fetch, type FetchOptions, fetched } from '../../src/net/fetch.ts';
import { FetchError } from '../../src/net/fetch-error.ts';
import { openBundle, verifyBundle } from '../../src/node.ts';
import { httpDepot } from '../../src/software/http-depot.ts';
import { bundleOf, vibOf } from '../support/bundles.ts';
import { whileListening } from '../support/http.ts';
import { unzipped } from '../support/zips.ts';

const BUNDLE = await bundleOf([await vibOf('one'), await vibOf('two')], {
  bulletins: [{ id: 'b' }],
});
const FILES = unzipped(BUNDLE);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What the server does at some paths; elsewhere it gives the files of the bundle. */
const answers = new Map<string, Answer>();
const asked: string[] = [];
let base = '';

const server = createServer((request, response) => {
  const path = request.url!;
  asked.push(path);
  const answer = answers.get(path);
  const file = FILES.get(path.slice('/depot/'.length));
  if (answer !== undefined) answer(request, response);
  else if (path === '/bundle.zip') response.end(BUNDLE);
  else if (file !== undefined) response.end(file);
  else response.writeHead(404).end('no such file');
});

const address = whileListening(server);
beforeAll(() => {
  base = address();
});
beforeEach(() => {
  answers.clear();
  asked.length = 0;
});

/** A file that the server answers so. */
function file(answer: Answer): string {
  answers.set('/file', answer);
  return `${base}/file`;
}

async function failure(url: string, options: FetchOptions = {}): Promise<FetchError> {
  const error = await fetched(url, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FetchError);
  return error as FetchError;
}

describe('a depot', () => {
  test.each(['/depot/', '/depot/index.xml'])('is read from %s, file by file', async (path) => {
    const bundle = await openBundle(base + path);
    expect(bundle.vibs.map(({ descriptor }) => descriptor.name)).toEqual(['one', 'two']);
    expect(asked).toEqual(['/depot/index.xml', '/depot/vendor-index.xml', '/depot/metadata.zip']);
    const vib = await bundle.openVib(bundle.vibs[0]!);
    expect(vib.descriptor.name).toBe('one');
    expect(asked[3]).toBe('/depot/vib20/one/us_bootbank_one_1.0.0-1.vib');
    const { vibs, findings } = await verifyBundle(bundle);
    expect([...vibs, { findings }].flatMap((one) => one.findings)).toEqual([]);
  });

  test('is read alike by the door for any runtime', async () => {
    expect((await openInPage(new URL(`${base}/depot/`))).vibs).toHaveLength(2);
    expect((await openInPage(`${base}/bundle.zip`)).vibs).toHaveLength(2);
  });

  test('that is not there is none, and one whose chain breaks is refused', async () => {
    await expect(openBundle(`${base}/nowhere/`)).rejects.toThrow(ForeignError);
    answers.set('/depot/metadata.zip', (_request, response) => response.writeHead(410).end());
    await expect(openBundle(`${base}/depot/`)).rejects.toThrow("has no 'metadata.zip'");
    answers.set('/depot/metadata.zip', (_request, response) => response.end('<html>'));
    await expect(openBundle(`${base}/depot/`)).rejects.toThrow(CorruptError);
  });

  test('is not let give more than an index or the VIB that it speaks of can have', async () => {
    const endless = (size: number): Answer => {
      // The rest never comes: it is refused for what was said.
      return (_request, response) => {
        response.writeHead(200, { 'content-length': size }).write('x');
      };
    };
    const bundle = await openBundle(`${base}/depot/`);
    const [one] = bundle.vibs;
    answers.set(`/depot/${one!.path}`, endless(one!.packedSize + 1));
    const most = `more than ${one!.packedSize} bytes`;
    await expect(bundle.openVib(one!)).rejects.toThrow(most);
    answers.set('/depot/metadata.zip', endless(2 ** 29));
    await expect(openBundle(`${base}/depot/`)).rejects.toThrow('more than 268435456 bytes');
    answers.set('/depot/index.xml', endless(5 << 20));
    await expect(openBundle(`${base}/depot/`)).rejects.toThrow('more than 4194304 bytes');
    await expect(openBundle(`${base}/depot/`, { maxBytes: 9 })).rejects.toThrow('than 9 bytes');
  });

  test('has no file above it, and names are names whatever is in them', async () => {
    const bundle = await openBundle(`${base}/depot/`);
    await expect(bundle.openFile('../bundle.zip')).rejects.toThrow('.. part');
    expect(await bundle.openFile('a?b#c%2e%2e/x y')).toBe(null);
    expect(asked.at(-1)).toBe('/depot/a%3Fb%23c%252e%252e/x%20y');
    await bundle.openFile('ab:c');
    expect(asked.at(-1)).toBe('/depot/ab%3Ac');
  });

  test('is of http or https, whatever else an address may be', () => {
    expect(() => httpDepot('ftp://127.0.0.1/')).toThrow(TypeError);
    expect(httpDepot('http://127.0.0.1/a/index.xml?b#c').name).toBe('http://127.0.0.1/a/');
    expect(httpDepot('http://127.0.0.1/a').name).toBe('http://127.0.0.1/a/');
  });
});

describe('a bundle', () => {
  test('is fetched whole, with progress', async () => {
    const steps: number[] = [];
    const bundle = await openBundle(`${base}/bundle.zip`, {
      onFetch: ({ done, size }) => {
        expect(size).toBe(BUNDLE.length);
        steps.push(done);
      },
    });
    expect(bundle.vibs).toHaveLength(2);
    expect(asked).toEqual(['/bundle.zip']);
    expect(steps.at(-1)).toBe(BUNDLE.length);
  });

  test('that is not there, or no zip, is an error that says so', async () => {
    await expect(openBundle(`${base}/lost.zip`)).rejects.toThrow('there is no such file');
    const url = file((_request, response) => response.end('<html>'));
    await expect(openBundle(url)).rejects.toThrow('is no zip; the address of a depot ends in /');
  });
});

describe('a file', () => {
  const plain: Answer = (_request, response) => {
    response.writeHead(200, { 'content-length': 5 }).end('hello');
  };
  const redirect = (to: string, status = 302): Answer => {
    return (_request, response) => response.writeHead(status, { location: to }).end('elsewhere');
  };

  test('has the size that the server says, in progress too', async () => {
    const seen: unknown[] = [];
    const url = file(plain);
    const source = await fetched(url, { onFetch: (progress) => seen.push(progress) });
    expect([source!.size, source!.name]).toEqual([5, 'file']);
    expect(seen).toEqual([{ url, done: 5, size: 5 }]);
  });

  test('follows redirections, five at the most', async () => {
    answers.set('/a/file', plain);
    for (const status of [301, 302, 303, 307, 308]) {
      expect((await fetched(file(redirect('/a/file', status))))!.size).toBe(5);
    }
    const loop = await failure(file(redirect('/file')));
    expect(loop.message).toContain('more than 5 redirections');
    expect(asked.filter((path) => path === '/file')).toHaveLength(5 + 6);
  });

  test('follows none to nowhere, to another kind of address, or out of https', async () => {
    const nowhere = file((_request, response) => response.writeHead(302).end());
    expect((await failure(nowhere)).message).toContain('a redirection to nowhere');
    const local = file(redirect('file:///etc/passwd'));
    expect((await failure(local)).message).toContain("to 'file:///etc/passwd', which is not");
    const fetchRedirected: Fetch = async () =>
      new Response(null, { status: 302, headers: { location: 'http://127.0.0.1/' } });
    const left = await failure('https://127.0.0.1/file', { fetch: fetchRedirected });
    expect(left.message).toContain("to 'http://127.0.0.1/', which is not followed");
  });

  test('leaves redirections to a runtime that hides them', async () => {
    const modes: string[] = [];
    const browser: Fetch = async (_url, { redirect: mode }) => {
      modes.push(mode);
      const hidden = { status: 0, type: 'opaqueredirect', headers: new Headers(), body: null };
      return mode === 'manual' ? hidden : new Response('hello');
    };
    expect((await fetched('https://127.0.0.1/file', { fetch: browser }))!.size).toBe(5);
    expect(modes).toEqual(['manual', 'follow']);
  });

  test.each([
    ['500', 500],
    ['403', 403],
    ['206, which nobody asked for', 206],
  ])('that is answered with %s is an error', async (_name, status) => {
    const url = file((_request, response) => response.writeHead(status).end('no'));
    const error = await failure(url);
    expect([error.status, error.url, error.code]).toEqual([status, url, 'ERR_VISORFS_FETCH']);
    expect(error.message).toBe(`${url}: the server answers ${status}`);
  });

  test('has no more bytes than the limit, whether the server says so or not', async () => {
    const options = { maxBytes: 4 };
    expect((await failure(file(plain), options)).message).toContain('more than 4 bytes');
    const boasting = file((_request, response) => {
      // The rest never comes: it is refused for what was said.
      response.writeHead(200, { 'content-length': 5 }).write('h');
    });
    expect((await failure(boasting, options)).message).toContain('more than 4 bytes');
    const silent = file((_request, response) => {
      response.write('hel');
      response.end('lo');
    });
    expect((await failure(silent, options)).message).toContain('more than 4 bytes');
    expect((await fetched(silent, { maxBytes: 5 }))!.size).toBe(5);
  });

  test('that ends early is an error', async () => {
    const url = file((_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('hello', () => response.destroy());
    });
    await failure(url);
    const lying: Fetch = async () => new Response('hello', { headers: { 'content-length': '10' } });
    expect((await failure(url, { fetch: lying })).message).toContain('ends after 5 of 10 bytes');
  });

  test('of a length that its encoding had on the way is taken as it is', async () => {
    const encoded: Fetch = async () =>
      new Response('hello', { headers: { 'content-length': '3', 'content-encoding': 'gzip' } });
    expect((await fetched(`${base}/file`, { fetch: encoded }))!.size).toBe(5);
  });

  test('is given up when the server says nothing, before an answer and within it', async () => {
    const options = { timeoutMs: 20 };
    const dumb = file(() => undefined);
    expect((await failure(dumb, options)).message).toBe(`${dumb}: nothing came for 20 ms`);
    const stuck = file((_request, response) => {
      response.writeHead(200);
      response.write('hel');
    });
    expect((await failure(stuck, options)).message).toContain(
      'no more than 3 bytes came for 20 ms',
    );
    const deaf: Fetch = () => new Promise(() => undefined);
    const error = await failure(dumb, { ...options, fetch: deaf });
    expect(error.message).toContain('nothing came for 20 ms');
  });

  test('may take as long as it likes, as long as something comes', async () => {
    vi.useFakeTimers();
    try {
      let pieces = 0;
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            await vi.advanceTimersByTimeAsync(20_000);
            if (pieces++ < 5) controller.enqueue(new Uint8Array(4096));
            else controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      const slow: Fetch = async () => new Response(body);
      const source = await fetched(`${base}/file`, { fetch: slow, timeoutMs: 30_000 });
      expect(source!.size).toBe(5 * 4096);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is given up when the signal says so, with its reason', async () => {
    const controller = new AbortController();
    const url = file(() => controller.abort(new Error('enough')));
    const { signal } = controller;
    await expect(fetched(url, { signal })).rejects.toThrow('enough');
    await expect(fetched(url, { signal })).rejects.toThrow('enough');
    expect(asked).toEqual(['/file']);
  });

  test('hands on what a listener throws, and hangs up', async () => {
    const closed = new Promise<void>((resolve) => {
      answers.set('/file', (_request, response) => {
        response.on('close', resolve);
        response.write('the first of many');
      });
    });
    const onFetch = (): never => {
      throw new RangeError('mine');
    };
    await expect(fetched(`${base}/file`, { onFetch })).rejects.toThrow(RangeError);
    await closed;
  });

  test('of a server that is not there is an error that says why', async () => {
    const error = await failure('http://127.0.0.1:1/file');
    expect(error.status).toBe(null);
    expect(error.message).toMatch(/^http:\/\/127\.0\.0\.1:1\/file: .*(ECONNREFUSED|bad port)/);
  });
});

test('whatever a server gives is bytes and no more', async () => {
  answers.set('/depot/index.xml', (_request, response) => {
    response.end(utf8('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><vendorList/>'));
  });
  await expect(openBundle(`${base}/depot/`)).rejects.toThrow('a document type');
});
