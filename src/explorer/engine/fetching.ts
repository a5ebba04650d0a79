/**
 * What is at an address, by a frame that may connect to that one server (fetch.ts): a file, or a
 * bank, of which the engine says what belongs to it. It is fetched whole, and lies here from then
 * on: nothing of it is asked for again.
 */

import { type Bank, type Fetch, httpDevice } from '../../index.ts';
import { type FromFrame, type LayerInput, Refusal, type ToFrame } from '../protocol.ts';
import type { Task } from './task.ts';

/** No archive can be larger. */
const MAX_BYTES = 2 ** 31;

/**
 * The file at `address`, or the bank where that ends as a folder or a boot.cfg does. Throws
 * Refusal, what the engine says of a bank, and where `task` is cancelled.
 */
export async function fetchedInput(
  address: string,
  port: MessagePort,
  task: Task,
): Promise<LayerInput> {
  const url = new URL(address);
  const frame = new Frame(port);
  try {
    const isBank = /(\/|\.cfg)$/i.test(url.pathname);
    return isBank ? await bankAt(url, frame, task) : await fileAt(url, frame, task);
  } catch (error) {
    task.signal.throwIfAborted();
    throw error;
  } finally {
    port.close();
  }
}

async function fileAt(url: URL, frame: Frame, task: Task): Promise<LayerInput> {
  const name = nameIn(url);
  const refused = (why: string): Refusal =>
    new Refusal(`${url.href} could not be fetched: ${why}. Download it, and drop the file here.`);
  const { signal } = task;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  try {
    const { status, headers, body } = await frame.fetch(url.href, { signal });
    if (status !== 200) throw new Error(`${url.host} answered ${status}`);
    const count = Number(headers.get('content-length') ?? 0);
    const reader = body.getReader();
    let done = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      chunks.push(read.value);
      done += read.value.length;
      if (done > MAX_BYTES) throw new Error(`${url.host} sends more than ${MAX_BYTES} bytes`);
      task.step(done, count, `fetching ${name}`);
    }
  } catch (error) {
    throw refused((error as Error).message);
  }
  return { kind: 'file', name, file: new Blob(chunks) };
}

/** The last name of the path of `url`; as it is written where a % in it means nothing. */
function nameIn({ pathname }: URL): string {
  const written = pathname.split('/').at(-1)!;
  try {
    return decodeURIComponent(written);
  } catch {
    // Only a name to show: the address is asked for as it is.
    return written;
  }
}

async function bankAt(url: URL, frame: Frame, task: Task): Promise<LayerInput> {
  const { signal } = task;
  const { fetch } = frame;
  const onFetch = (progress: { url: string; done: number; size: number | null }): void =>
    task.step(progress.done, progress.size ?? 0, `fetching ${progress.url}`);
  const device = await httpDevice(url, { fetch, signal, onFetch });
  const [bank] = await device.banks();
  return { kind: 'folder', name: device.name, files: await filesOf(bank!) };
}

async function filesOf(bank: Bank): Promise<Map<string, Blob>> {
  const files = new Map<string, Blob>();
  for (const name of await bank.list()) {
    const source = await bank.open(name);
    const bytes = new Uint8Array(source.size);
    source.readInto(bytes, 0);
    source.close();
    files.set(name, new Blob([bytes]));
  }
  return files;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

interface Asked {
  readonly done: (answer: Answer) => void;
  readonly fail: (error: Error) => void;
  body?: ReadableStreamDefaultController<Uint8Array>;
}

/** The frame at the other end of a port. */
class Frame {
  readonly #port: MessagePort;
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FromFrame>): void => this.#hear(data);
  }

  /** As `fetch`; redirections are followed by the browser. */
  readonly fetch = (
    address: string,
    { signal }: Pick<Parameters<Fetch>[1], 'signal'>,
  ): Promise<Answer> =>
    new Promise((done, fail) => {
      this.#lastId += 1;
      const id = this.#lastId;
      const asked: Asked = { done, fail };
      this.#asked.set(id, asked);
      const stop = (): void => {
        if (!this.#asked.delete(id)) return;
        fail(signal.reason);
        asked.body?.error(signal.reason);
      };
      signal.addEventListener('abort', stop);
      const message: ToFrame = { id, address };
      this.#port.postMessage(message);
    });

  #hear(told: FromFrame): void {
    const asked = this.#asked.get(told.id);
    if (asked === undefined) return;
    if (told.kind === 'head') {
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => {
          asked.body = controller as ReadableStreamDefaultController<Uint8Array>;
        },
      });
      asked.done({
        status: told.status,
        headers: new Headers(Object.fromEntries(told.headers)),
        body,
      });
      return;
    }
    if (told.kind === 'piece') {
      asked.body?.enqueue(told.bytes);
      return;
    }
    this.#asked.delete(told.id);
    if (told.kind === 'end') asked.body?.close();
    else {
      const error = new Error(reasonOf(told.message));
      asked.fail(error);
      asked.body?.error(error);
    }
  }
}

/** Nobody is told why a fetch failed, only that it did. */
function reasonOf(message: string): string {
  const isSilent = message === 'Failed to fetch' || message.startsWith('NetworkError');
  return isSilent
    ? 'it cannot be reached, leads to another host, or does not let pages read it (CORS)'
    : message;
}
