/**
 * The frame that fetches from one server, for the worker, which may connect nowhere.
 *
 *   page ── frame fetch.html#origin ──► policy: connect to that server only
 *    └───── a port ─────────────────► asked for an address ──► its head, its bytes piece by piece
 *
 * What is not wanted any more ends with the frame, which the page takes away. A redirect to another
 * server is refused by the browser, by that same policy.
 */

import type { FromFrame, ToFrame } from './protocol.ts';

const { origin } = new URL(decodeURIComponent(location.hash.slice(1)));
const policy = document.createElement('meta');
policy.httpEquiv = 'Content-Security-Policy';
policy.content = `default-src 'none'; connect-src ${origin}`;
document.head.append(policy);

async function answer(port: MessagePort, id: number, address: string): Promise<void> {
  const tell = (message: FromFrame): void => port.postMessage(message);
  try {
    const { status, headers, body } = await fetch(address, {
      ...{ credentials: 'omit', referrerPolicy: 'no-referrer' },
    });
    tell({ kind: 'head', id, status, headers: [...headers] });
    const reader = body?.getReader();
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
      tell({ kind: 'piece', id, bytes: read.value });
    }
    tell({ kind: 'end', id });
  } catch (error) {
    tell({ kind: 'failed', id, message: (error as Error).message });
  }
}

addEventListener('message', ({ source, ports: [port] }) => {
  if (source !== parent || port === undefined) return;
  port.onmessage = ({ data: { id, address } }: MessageEvent<ToFrame>): void => {
    void answer(port, id, address);
  };
});
