/**
 * What is behind an address: the page makes a frame that may connect there and nowhere else
 * (fetch.ts), and the worker asks it.
 */

import type { LayerInput } from '../protocol.ts';
import type { CallOptions, Client } from './client.ts';

/** The address in `text`; null where it is none of http or https. */
export function addressIn(text: string): URL | null {
  const address = URL.parse(text.trim());
  return address !== null && /^https?:$/.test(address.protocol) ? address : null;
}

/** Fetches what `text` is the address of. Rejects with the reason, or that of the signal. */
export async function fetched(
  text: string,
  client: Client,
  options: CallOptions,
): Promise<LayerInput> {
  const address = addressIn(text);
  if (address === null) {
    throw new Error(`'${text}' is no address: it starts with https:// or http://`);
  }
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'fetching';
  frame.src = `fetch.html#${encodeURIComponent(address.origin)}`;
  const { port1, port2 } = new MessageChannel();
  const isLoaded = new Promise((done) => frame.addEventListener('load', done));
  document.body.append(frame);
  try {
    await isLoaded;
    frame.contentWindow!.postMessage('port', location.origin, [port2]);
    return await client.call('fetch', [address.href, port1], options);
  } finally {
    // A frame that is gone fetches no more.
    frame.remove();
  }
}
