/**
 * The banks of a boot device over HTTP, for hosts that boot from them.
 *
 *   /boot.cfg                the bank that would be booted now, or the first there is
 *   /bootbank/boot.cfg       each bank by its name
 *
 * GET and HEAD; one range at a time, with If-Range; If-None-Match. Each answer has the length, a
 * strong ETag and a Repr-Digest (RFC 9530), which are the SHA-256 of the very bytes that are sent:
 * a file that is replaced meanwhile is sent as it was.
 *
 * Only files are served that a bank lists, under the names that it lists, and none that starts with
 * a dot: such are on their way to become one. So there is no path to be led out of it by. Nothing
 * is written, whatever is asked.
 */

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SERVED_PIECE_BYTES } from '../base/limits.ts';
import type { Source } from '../base/source.ts';
import { BOOT_CFG } from '../host/bank.ts';
import type { Bank, BootDevice } from '../host/device.ts';
import { scanBanks } from '../host/loader.ts';
import { reprDigest } from '../net/repr-digest.ts';
import { type ByteRange, isMatched, rangeOf } from './byte-range.ts';

/** One request, when it is over. */
export interface BankAccess {
  readonly remote: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** The bytes of the file that were asked for, `65536-1351360`; null where it was all of it. */
  readonly range: string | null;
  /** Bytes of content that were handed to the connection. */
  readonly sentBytes: number;
  /** Whether all of it was; the other side has gone where not. */
  readonly isWhole: boolean;
}

/** How to serve banks. */
export interface BankHandlerOptions {
  /** Told of each request when it is over; it must not throw. */
  readonly onAccess?: (access: BankAccess) => void;
}

/** What is answered. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string | { readonly source: Source; readonly range: ByteRange } | null;
  readonly range?: string;
}

/**
 * A handler of requests, for a server of node:http of your own, that serves the banks of `device`.
 *
 * @example
 * import { once } from 'node:events';
 * import { createServer } from 'node:http';
 * const server = createServer(bankHandler(folderDevice('host'))).listen(0, '127.0.0.1');
 * await once(server, 'listening');
 * const answer = await fetch(`http://127.0.0.1:${server.address().port}/boot.cfg`);
 * console.log(answer.status, (await answer.text()).split('\n')[0]); // 200 bootstate=0
 */
export function bankHandler(
  device: BootDevice,
  { onAccess }: BankHandlerOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { method = '', url = '' } = request;
    const remote = request.socket.remoteAddress ?? '';
    // What a body says is not heard; the connection must not wait for it.
    request.resume();
    void serve(device, request, response).then(({ answer, sentBytes }) => {
      const { status, range = null } = answer;
      const isWhole = response.writableFinished;
      onAccess?.({ remote, method, url, status, range, sentBytes, isWhole });
    });
  };
}

async function serve(
  device: BootDevice,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<{ answer: Answer; sentBytes: number }> {
  const { method } = request;
  let answer: Answer;
  try {
    answer = await answerTo(device, request);
  } catch (error) {
    answer = said(500, `the bank cannot be read: ${(error as Error).message}`);
  }
  const { body } = answer;
  let sentBytes = 0;
  try {
    response.writeHead(answer.status, answer.headers);
    if (typeof body === 'string') {
      if (method !== 'HEAD') response.write(body);
    } else if (body !== null) {
      for (const piece of pieces(body.source, body.range)) {
        if (response.destroyed) break;
        sentBytes += piece.length;
        if (!response.write(piece)) await drained(response);
      }
    }
    await ended(response);
  } catch {
    // A file that shrank under us: who reads sees a connection that breaks, and asks again.
    response.destroy();
  } finally {
    if (body !== null && typeof body !== 'string') body.source.close();
  }
  return { answer, sentBytes };
}

/** Settles when `response` takes more, or nobody takes it any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
    if (response.destroyed) done();
  });
}

function ended(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.end(() => resolve());
  });
}

async function answerTo(device: BootDevice, request: IncomingMessage): Promise<Answer> {
  const { method = '', url = '/', headers } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    const why = `${method} is not for a bank: it is read by GET and HEAD`;
    return said(405, why, { allow: 'GET, HEAD' });
  }
  const [pathname = ''] = url.split('?');
  const source = await fileAt(device, pathname);
  if (source === null) {
    return said(404, `there is no file '${pathname.slice(0, 200)}'; ask for /${BOOT_CFG}`);
  }
  let isKept = false;
  try {
    const { size } = source;
    const sum = await sumOf(source);
    const etag = `"${sum.toString('hex')}"`;
    const common = {
      'accept-ranges': 'bytes',
      'cache-control': 'no-cache',
      'content-type': 'application/octet-stream',
      'repr-digest': reprDigest(sum),
      etag,
      'x-content-type-options': 'nosniff',
    };
    if (isMatched(headers['if-none-match'], etag))
      return { status: 304, headers: common, body: null };
    const isSame = headers['if-range'] === undefined || headers['if-range'] === etag;
    const asked = method === 'GET' && isSame ? headers.range : undefined;
    const range = rangeOf(asked, size);
    if (range === 'unsatisfiable') {
      const why = `the file has ${size} bytes, and none of those that were asked for`;
      return said(416, why, { ...common, 'content-range': `bytes */${size}` });
    }
    const isWhole = range === 'whole';
    const sent = isWhole ? { first: 0, last: size - 1 } : range;
    const answer = { ...common, 'content-length': sent.last - sent.first + 1 };
    const said206 = `${sent.first}-${sent.last}`;
    isKept = method === 'GET';
    const body = isKept ? { source, range: sent } : null;
    if (isWhole) return { status: 200, headers: answer, body };
    const partial = { ...answer, 'content-range': `bytes ${said206}/${size}` };
    return { status: 206, headers: partial, body, range: said206 };
  } finally {
    if (!isKept) source.close();
  }
}

function said(status: number, why: string, headers: Answer['headers'] = {}): Answer {
  const body = `${why}\n`;
  const length = Buffer.byteLength(body);
  const own = { 'content-type': 'text/plain; charset=utf-8', 'content-length': length };
  return { status, headers: { ...headers, ...own }, body };
}

/** The file that `pathname` names; null where that is none. */
async function fileAt(device: BootDevice, pathname: string): Promise<Source | null> {
  const names = namesIn(pathname);
  const file = names?.at(-1);
  if (names === null || file === undefined || names.length > 2 || file.startsWith('.')) return null;
  const bank = names.length === 1 ? await defaultBank(device) : await bankOf(device, names[0]!);
  if (bank === undefined || !(await bank.list()).includes(file)) return null;
  return bank.open(file);
}

/** The parts of `pathname` behind its first slash; null where one is no text, or no name. */
function namesIn(pathname: string): string[] | null {
  try {
    const names = pathname.split('/').slice(1).map(decodeURIComponent);
    return names.some((name) => /[/\\\0]/.test(name)) ? null : names;
  } catch {
    // A % that starts no character of UTF-8 names nothing.
    return null;
  }
}

async function bankOf(device: BootDevice, name: string): Promise<Bank | undefined> {
  return (await device.banks()).find((bank) => bank.name === name);
}

/**
 * The bank that would be booted now; where none would be, the first that has a boot.cfg, as over
 * the network nobody asks for more.
 */
async function defaultBank(device: BootDevice): Promise<Bank | undefined> {
  const { bootable } = await scanBanks(device, () => {}, { dryRun: true });
  if (bootable[0] !== undefined) return bootable[0].bank;
  const banks = await device.banks();
  const held = await Promise.all(banks.map((bank) => bank.list()));
  return banks.find((_bank, index) => held[index]!.includes(BOOT_CFG));
}

async function sumOf(source: Source): Promise<Buffer> {
  const hash = createHash('sha256');
  for (const piece of pieces(source, { first: 0, last: source.size - 1 })) {
    hash.update(piece);
    // Others are served meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return hash.digest();
}

function* pieces(source: Source, { first, last }: ByteRange): Generator<Uint8Array> {
  for (let offset = first; offset <= last; offset += SERVED_PIECE_BYTES) {
    const piece = new Uint8Array(Math.min(SERVED_PIECE_BYTES, last + 1 - offset));
    source.readInto(piece, offset);
    yield piece;
  }
}
