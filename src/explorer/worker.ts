/**
 * The worker: the engine, and whoever answers for it.
 */

import { Stack } from './engine/stack.ts';
import { Task } from './engine/task.ts';
import { actsOn } from './engine/verbs.ts';
import type { Asked, Told, Verb, WireError } from './protocol.ts';

/** What a worker is to this file; the types of workers and of pages do not go together. */
interface Port {
  postMessage(message: Told): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Asked>) => void): void;
}

const port = globalThis as unknown as Port;
const acts = actsOn(new Stack());
const running = new Map<number, AbortController>();

port.addEventListener('message', ({ data }) => {
  if (data.kind === 'cancel') running.get(data.id)?.abort();
  else void answer(data);
});

async function answer({ id, verb, given }: Extract<Asked, { kind: 'call' }>): Promise<void> {
  const aborting = new AbortController();
  running.set(id, aborting);
  const task = new Task(aborting.signal, (progress) => {
    port.postMessage({ kind: 'progress', id, progress });
  });
  try {
    const act = acts[verb] as (task: Task, ...given: unknown[]) => unknown;
    port.postMessage({ kind: 'done', id, result: await act(task, ...given) });
  } catch (error) {
    port.postMessage({ kind: 'failed', id, error: wired(error, verb) });
  } finally {
    running.delete(id);
  }
}

function wired(error: unknown, verb: Verb): WireError {
  const { name = 'Error', code, message } = error as Partial<WireError>;
  return { name, code: code ?? '', message: message ?? `${verb} failed: ${String(error)}` };
}
