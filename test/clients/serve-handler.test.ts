// serve-handler over http on the loopback: whole files, ranges, listings, what is not there.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import handler from 'serve-handler';
import { test } from 'vitest';
import { onBoth } from './both.ts';

const LAYOUT = {
  'public/index.html': '<h1>hello</h1>',
  'public/text.txt': 'abcdefghijklmnopqrstuvwxyz',
  'public/dir/one.txt': '1',
  'public/dir/two.txt': '2',
  'public/link.txt': '-> text.txt',
};

test('serve-handler answers the same', () =>
  onBoth(LAYOUT, async ({ fs, at, step, tell }) => {
    const methods = {
      lstat: (file: string) => fs.promises.lstat(file),
      realpath: (file: string) => fs.promises.realpath(file),
      readdir: (file: string) => fs.promises.readdir(file),
      createReadStream: (file: string, options: object) => fs.createReadStream(file, options),
    };
    const options = { public: `${at}/public`, symlinks: true, cleanUrls: false, etag: true };
    const server = http.createServer((request, response) => {
      handler(request, response, options, methods);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = async (path: string, headers: Record<string, string> = {}): Promise<void> => {
      step(`${path} ${JSON.stringify(headers)}`);
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
      const { status } = answer;
      const shown = ['content-type', 'content-length', 'content-range', 'etag', 'accept-ranges'];
      tell(path, status, ...shown.map((name) => answer.headers.get(name)));
      tell((await answer.text()).slice(0, 3000));
    };
    try {
      await ask('/index.html');
      await ask('/text.txt');
      await ask('/text.txt', { Range: 'bytes=2-5' });
      await ask('/text.txt', { Range: 'bytes=20-' });
      await ask('/text.txt', { Range: 'bytes=-3' });
      await ask('/text.txt', { Range: 'bytes=100-200' });
      await ask('/link.txt');
      await ask('/dir');
      await ask('/gone');
      await ask('/..%2f..%2fetc/passwd');
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }));
