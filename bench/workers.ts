/**
 * Threads that mount one image each, all at once.
 *
 * Each first loads what it needs and says so; then it is given the image, and says how long it took
 * to mount it, to read a file and to write one. A crew of none is this thread itself, for where the
 * source runs unbuilt and no thread could load it.
 */

import { Worker } from 'node:worker_threads';
import type { Peer } from './peers.ts';

/** What a worker is given. */
export interface Payload {
  readonly peer: Extract<Peer, 'visorfs' | 'memfs' | 'floor'>;
  /** What it mounts, as the peer has it; nothing in it is copied on the way. */
  readonly image: unknown;
  /** The file it reads, and how many bytes that must give. */
  readonly first: string;
  readonly size: number;
}

/** Workers that have loaded their code and wait. */
export interface Crew {
  /** Nanoseconds of each. */
  mount(payload: Payload): Promise<number[]>;
  dismiss(): Promise<void>;
}

/** `count` workers, ready. */
export async function crewOf(count: number): Promise<Crew> {
  if (count === 0) {
    const { mountShared } = await import('./shared.ts');
    return { mount: async (payload) => [await mountShared(payload)], dismiss: async () => {} };
  }
  const url = new URL('worker.js', import.meta.url);
  const workers = Array.from({ length: count }, () => new Worker(url));
  await Promise.all(workers.map(heard));
  return {
    mount(payload) {
      for (const worker of workers) worker.postMessage(payload);
      return Promise.all(workers.map(heard)) as Promise<number[]>;
    },
    async dismiss() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** The next message of `worker`. */
function heard(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
