/**
 * What a thread of workers.ts does; not a module of its own.
 */

import { parentPort } from 'node:worker_threads';
import { mountShared } from './shared.ts';
import type { Payload } from './workers.ts';

parentPort!.on('message', async (payload: Payload) => {
  parentPort!.postMessage(await mountShared(payload));
});
parentPort!.postMessage('loaded');
