/**
 * A server on this machine that does what a test tells it to.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** What a server does with one request. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** A server, while the tests of one file run. */
export interface TestServer {
  /** What it does at some paths: the first answers the first request, the last all others. */
  readonly answers: Map<string, readonly Answering[]>;
  /** What was asked for since the test began: path, and the range where there is one. */
  readonly asked: { readonly path: string; readonly range: string | undefined }[];
  /** The address of `path`. */
  url(path: string): string;
}

/** `server` listens while the tests of one file run; gives its address, without a slash. */
export function whileListening(server: Server): () => string {
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server for the tests of one file: elsewhere than in `answers` there is nothing. */
export function testServer(): TestServer {
  const answers: TestServer['answers'] = new Map();
  const asked: { path: string; range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const path = request.url!;
    const before = asked.filter((one) => one.path === path).length;
    asked.push({ path, range: request.headers.range });
    const all = answers.get(path) ?? [];
    const answer = all[Math.min(before, all.length - 1)];
    if (answer !== undefined) answer(request, response);
    else response.writeHead(404).end('no such file');
  });
  const base = whileListening(server);
  beforeEach(() => {
    answers.clear();
    asked.length = 0;
  });
  return { answers, asked, url: (path) => base() + path };
}
