/**
 * The frame that fetches what is behind one address, for the page, which may connect nowhere.
 *
 *   page ── frame fetch.html#address ──► policy: connect to that host only ──► fetch ──► page
 *
 * A redirect to another host is refused by the browser, by that same policy.
 */

import type { Fetched } from './page/fetching.ts';

/** No archive can be larger. */
const MAX_BYTES = 2 ** 31;

const address = new URL(decodeURIComponent(location.hash.slice(1)));
const policy = document.createElement('meta');
policy.httpEquiv = 'Content-Security-Policy';
policy.content = `default-src 'none'; connect-src ${address.origin}`;
document.head.append(policy);

const tell = (message: Fetched): void => parent.postMessage(message, location.origin);

try {
  const answer = await fetch(address, { credentials: 'omit', referrerPolicy: 'no-referrer' });
  if (!answer.ok) throw new Error(`${address.host} answered ${answer.status}`);
  const count = Number(answer.headers.get('content-length') ?? 0);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  const reader = answer.body!.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(read.value);
    done += read.value.length;
    if (done > MAX_BYTES) throw new Error(`${address.host} sends more than ${MAX_BYTES} bytes`);
    tell({ kind: 'progress', done, count });
  }
  tell({ kind: 'done', file: new Blob(chunks) });
} catch (error) {
  tell({ kind: 'failed', message: (error as Error).message });
}
