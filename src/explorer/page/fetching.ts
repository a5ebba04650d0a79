/**
 * What is behind an address, by a frame that may connect there and nowhere else (fetch.ts).
 */

import type { LayerInput } from '../protocol.ts';
import type { CallOptions } from './client.ts';

/** What the frame says. */
export type Fetched =
  | { readonly kind: 'progress'; readonly done: number; readonly count: number }
  | { readonly kind: 'done'; readonly file: Blob }
  | { readonly kind: 'failed'; readonly message: string };

/** The address in `text`. Throws where it is none of http or https. */
export function addressOf(text: string): URL {
  const address = URL.parse(text.trim());
  if (address === null || !/^https?:$/.test(address.protocol)) {
    throw new Error(`'${text}' is no address: it starts with https:// or http://`);
  }
  return address;
}

/** Fetches `address`. Rejects with the reason, or that of the signal. */
export function fetched(
  address: URL,
  { signal, onProgress }: CallOptions = {},
): Promise<LayerInput> {
  const name = decodeURIComponent(address.pathname.split('/').at(-1) ?? '') || address.host;
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'fetching';
  frame.src = `fetch.html#${encodeURIComponent(address.href)}`;
  return new Promise<LayerInput>((done, fail) => {
    const hear = ({ source, data }: MessageEvent<Fetched>): void => {
      if (source !== frame.contentWindow) return;
      if (data.kind === 'progress') {
        onProgress?.({ done: data.done, count: data.count, what: `fetching ${name}` });
        return;
      }
      end();
      if (data.kind === 'done') done({ kind: 'file', name, file: data.file });
      else fail(new Error(refused(address, data.message)));
    };
    const stop = (): void => {
      end();
      fail(signal?.reason);
    };
    const end = (): void => {
      removeEventListener('message', hear);
      signal?.removeEventListener('abort', stop);
      // A frame that is gone fetches no more.
      frame.remove();
    };
    addEventListener('message', hear);
    signal?.addEventListener('abort', stop);
    document.body.append(frame);
  });
}

/** A page is never told why a fetch failed, only that it did. */
function refused(address: URL, message: string): string {
  const isSilent = message === 'Failed to fetch' || message.startsWith('NetworkError');
  const why = isSilent
    ? 'it cannot be reached, leads to another host, or does not let pages read it (CORS)'
    : message;
  return `${address.href} could not be fetched: ${why}. Download it, and drop the file here.`;
}
