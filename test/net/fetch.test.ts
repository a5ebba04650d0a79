// One file over a connection that breaks, from servers that are told how to misbehave: what comes
// is whole and what the server has, or an error within the limits of bytes, retries and time.

import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CorruptError } from '../../src/base/errors.ts';
import { readBytes } from '../../src/base/source.ts';
import { type Fetch, fetched, type RetryOptions } from '../../src/net/fetch.ts';
import { FetchError } from '../../src/net/fetch-error.ts';
import { reprDigest, reprSha256 } from '../../src/net/repr-digest.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { type Answering, testServer } from '../support/http.ts';

const { answers, asked, url } = testServer();
const { sha256 } = nativeCodec;

const MIB = 1 << 20;
/** Bytes of which no piece is like another. */
const CONTENT = Uint8Array.from({ length: 300_000 }, (_, index) => (index * index + index) >> 5);
const SIZE = CONTENT.length;

/** Fetches /file with so many retries, and without waiting. */
async function fetch8(options: RetryOptions = {}): Promise<Uint8Array> {
  const source = await fetched(url('/file'), { retries: 8, sleep: async () => {}, ...options });
  return readBytes(source!, 0, source!.size);
}

async function failure(options: RetryOptions = {}): Promise<FetchError> {
  const error = await fetch8(options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FetchError);
  return error as FetchError;
}

const head = (etag: string, size = SIZE) => ({ etag, 'content-length': size });

/** Breaks after `bytes` of the answer are on their way. */
function breaking(response: ServerResponse, bytes: Uint8Array): void {
  response.write(bytes, () => setTimeout(() => response.destroy(), 5));
}

/** Gives the file up to `end`, and breaks there. */
const upTo = (end: number, etag = '"one"', content = CONTENT): Answering => {
  return (_request, response) => {
    response.writeHead(200, head(etag, content.length));
    breaking(response, content.subarray(0, end));
  };
};

/** Gives the whole file, or what a range asks for. */
const honest = (etag = '"one"', content = CONTENT): Answering => {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
    if (request.headers['if-range'] !== etag || Number.isNaN(start)) {
      response.writeHead(200, head(etag, content.length)).end(content);
      return;
    }
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { etag, 'content-range': range }).end(content.subarray(start));
  };
};

describe('a file whose connection breaks', () => {
  test('is gone on with from the byte that is missing: none comes twice', async () => {
    answers.set('/file', [upTo(100_000), honest()]);
    const steps: number[] = [];
    const bytes = await fetch8({ onFetch: ({ done }) => steps.push(done) });
    expect(Buffer.compare(bytes, CONTENT)).toBe(0);
    const start = Number(asked[1]!.range!.slice('bytes='.length, -1));
    expect(asked).toEqual([
      { path: '/file', range: undefined },
      { path: '/file', range: `bytes=${start}-` },
    ]);
    expect(start).toBeGreaterThan(0);
    expect(start).toBeLessThanOrEqual(100_000);
    // What was there before the break is where the second answer starts.
    expect(steps).toContain(start);
    expect(steps).toEqual([...steps].sort((one, other) => one - other));
  });

  test('starts anew where another file is there since, and is all of that', async () => {
    const other = CONTENT.slice().reverse();
    answers.set('/file', [upTo(100_000), honest('"two"', other)]);
    expect(Buffer.compare(await fetch8(), other)).toBe(0);
    // The same of a server that gives the range and says that it is of another file.
    const confused: Answering = (request, response) => {
      const start = Number(request.headers.range!.slice(6, -1));
      const range = `bytes ${start}-${SIZE - 1}/${SIZE}`;
      response.writeHead(206, { etag: '"two"', 'content-range': range });
      response.end(other.subarray(start));
    };
    asked.length = 0;
    answers.set('/file', [upTo(100_000), confused, honest('"two"', other)]);
    expect(Buffer.compare(await fetch8(), other)).toBe(0);
    asked.length = 0;
    const shorter: Answering = (_request, response) => response.writeHead(416).end();
    answers.set('/file', [upTo(100_000), shorter, honest('"two"', other)]);
    expect(Buffer.compare(await fetch8(), other)).toBe(0);
  });

  test.each([
    ['a weak tag', 'W/"one"'],
    ['none', ''],
  ])('starts anew where it has %s, as it may be another', async (_name, etag) => {
    answers.set('/file', [upTo(100_000, etag), honest(etag)]);
    expect(Buffer.compare(await fetch8(), CONTENT)).toBe(0);
    expect(asked.map(({ range }) => range)).toEqual([undefined, undefined]);
  });

  test('is waited for longer each time, and no more than it may', async () => {
    answers.set('/file', [(_request, response) => response.writeHead(503).end()]);
    const pauses: number[] = [];
    const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
    const error = await failure({ sleep });
    expect(error.message).toBe(`${url('/file')}: the server answers 503, after 8 retries`);
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(asked).toHaveLength(9);
  });

  test('has its retries back with each good piece, so they are bounded by its size', async () => {
    const content = new Uint8Array(5 * MIB);
    let breaks = 0;
    const piecewise: Answering = (request, response) => {
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = `bytes ${start}-${content.length - 1}/${content.length}`;
      const headers = { ...head('"one"', content.length - start), 'content-range': range };
      response.writeHead(start === 0 ? 200 : 206, headers);
      const end = start + 1.5 * MIB;
      if (end >= content.length) response.end(content.subarray(start));
      else breaking(response, content.subarray(start, end));
      breaks += 1;
    };
    answers.set('/file', [piecewise]);
    expect((await fetch8({ retries: 1 })).length).toBe(content.length);
    expect(breaks).toBeGreaterThan(2);
  });

  test('that never gets further is given up, however much of it comes again', async () => {
    answers.set('/file', [upTo(200_000, '')]);
    const error = await failure({ retries: 3 });
    expect(error.message).toContain('after 3 retries');
    expect(asked).toHaveLength(4);
  });

  test('that is gone meanwhile is an error, and none from the start is none', async () => {
    answers.set('/file', [upTo(100_000), (_request, response) => response.writeHead(404).end()]);
    expect((await failure()).message).toContain('the server answers 404');
    expect(await fetched(url('/nowhere'), { retries: 8 })).toBe(null);
  });
});

describe('a server', () => {
  test('without end is cut off at the limit', async () => {
    const piece = new Uint8Array(64 << 10);
    answers.set('/file', [
      (_request, response) => {
        const more = (): void => {
          if (!response.destroyed) response.write(piece, () => setImmediate(more));
        };
        more();
      },
    ]);
    const error = await failure({ maxBytes: MIB });
    expect(error.message).toContain(`has more than ${MIB} bytes, which is the limit`);
    expect(asked).toHaveLength(1);
  });

  test('that claims a gigantic size is refused before anything is kept', async () => {
    answers.set('/file', [
      (_request, response) => {
        response.writeHead(200, { 'content-length': 9e15 });
        response.write('x');
      },
    ]);
    expect((await failure()).message).toContain('has more than 1073741824 bytes');
    expect(asked).toHaveLength(1);
  });

  test('that says another length than it gives is believed in neither', async () => {
    const lying: Fetch = async () =>
      new Response(CONTENT, { headers: { 'content-length': String(SIZE + 1) } });
    const short = await failure({ fetch: lying, retries: 2 });
    expect(short.message).toContain(`ends after ${SIZE} of ${SIZE + 1} bytes, after 2 retries`);
    const mean: Fetch = async () =>
      new Response(CONTENT, { headers: { 'content-length': String(SIZE - 1) } });
    const long = await failure({ fetch: mean });
    expect(long.message).toContain(`has more than the ${SIZE - 1} bytes that were said`);
  });

  test('that ignores ranges is listened to from the start again', async () => {
    const whole: Answering = (_request, response) => {
      response.writeHead(200, head('"one"')).end(CONTENT);
    };
    answers.set('/file', [upTo(100_000), whole]);
    expect(Buffer.compare(await fetch8(), CONTENT)).toBe(0);
  });

  test.each([
    ['starts elsewhere', 'bytes 0-299999/300000'],
    ['is of another size', 'bytes START-299999/300001'],
    ['is none', 'pages 1-2/3'],
    ['is missing', ''],
  ])('that gives a range which %s is refused', async (_name, range) => {
    const wrong: Answering = (request, response) => {
      const start = request.headers.range!.slice(6, -1);
      const headers = { etag: '"one"', 'content-range': range.replace('START', start) };
      response.writeHead(206, headers).end(CONTENT);
    };
    answers.set('/file', [upTo(100_000), wrong]);
    const error = await failure();
    expect(error.message).toMatch(/the server was asked for the bytes from \d+ on and gives '/);
    expect(asked).toHaveLength(2);
  });

  test('that gives more than the range that was asked for is refused', async () => {
    const generous: Answering = (request, response) => {
      const start = Number(request.headers.range!.slice(6, -1));
      const range = `bytes ${start}-${SIZE - 1}/${SIZE}`;
      response.writeHead(206, { etag: '"one"', 'content-range': range }).end(CONTENT);
    };
    answers.set('/file', [upTo(100_000), generous]);
    expect((await failure()).message).toContain('more than the 300000 bytes that were said');
  });

  test('that redirects in a circle is asked six times and not once more', async () => {
    answers.set('/file', [
      (_request, response) => response.writeHead(302, { location: '/file' }).end(),
    ]);
    expect((await failure()).message).toContain('more than 5 redirections');
    expect(asked).toHaveLength(6);
  });

  test('that hangs, or drips, is given up as often as it may break', async () => {
    answers.set('/file', [() => undefined]);
    const error = await failure({ timeoutMs: 20, retries: 2 });
    expect(error.message).toBe(`${url('/file')}: nothing came for 20 ms, after 2 retries`);
    expect(asked).toHaveLength(3);
    answers.set('/file', [
      (_request, response) => {
        const drip = setInterval(() => response.write('x'), 5);
        response.on('close', () => clearInterval(drip));
      },
    ]);
    const dripping = await failure({ timeoutMs: 100, retries: 1 });
    expect(dripping.message).toMatch(/no more than \d+ bytes came for 100 ms, after 1 retries$/);
  });

  test('whose headers have no end is an error', async () => {
    answers.set('/file', [
      (request) => {
        request.socket.end(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(1 << 20)}\r\n\r\n`);
      },
    ]);
    expect((await failure({ retries: 1 })).message).toContain('after 1 retries');
  });
});

describe('the sum that a server says', () => {
  const summed = (digest: string, content = CONTENT, more = {}): Answering => {
    return (_request, response) => {
      response.writeHead(200, { 'repr-digest': digest, ...more }).end(content);
    };
  };

  test('holds, or what came is refused by its name', async () => {
    const digest = reprDigest(await sha256(CONTENT));
    answers.set('/file', [summed(digest)]);
    expect((await fetch8({ sha256 })).length).toBe(SIZE);
    const flipped = CONTENT.slice();
    flipped[SIZE - 1]! ^= 1;
    answers.set('/file', [summed(digest, flipped)]);
    asked.length = 0;
    const error = await fetch8({ sha256 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CorruptError);
    expect((error as CorruptError).archive).toBe(url('/file'));
    expect(asked).toHaveLength(1);
  });

  test('is that of the whole, whichever range came last', async () => {
    const digest = reprDigest(await sha256(CONTENT));
    const first: Answering = (_request, response) => {
      response.writeHead(200, { ...head('"one"'), 'repr-digest': digest });
      breaking(response, CONTENT.subarray(0, 1000));
    };
    const other = CONTENT.slice();
    other[SIZE - 1]! ^= 1;
    answers.set('/file', [first, honest('"one"', other)]);
    await expect(fetch8({ sha256 })).rejects.toThrow(CorruptError);
    asked.length = 0;
    answers.set('/file', [first, honest()]);
    expect((await fetch8({ sha256 })).length).toBe(SIZE);
  });

  test('of what was encoded on its way is that of other bytes', async () => {
    const digest = reprDigest(await sha256(gzipSync(CONTENT)));
    const more = { 'content-encoding': 'gzip' };
    answers.set('/file', [summed(digest, gzipSync(CONTENT), more)]);
    expect(Buffer.compare(await fetch8({ sha256 }), CONTENT)).toBe(0);
  });

  test('is read as the structured field that it is', () => {
    const sum = `${'A'.repeat(43)}=`;
    expect(reprSha256(`sha-256=:${sum}:`)).toBe(sum);
    expect(reprSha256(`sha-512=:AAAA:, sha-256=:${sum}:;x=1`)).toBe(sum);
    for (const none of [null, '', 'sha-256=:AAAA:', `sha-256=${sum}`, `xsha-256=:${sum}:`]) {
      expect(reprSha256(none), String(none)).toBe(null);
    }
  });
});
