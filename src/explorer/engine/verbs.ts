/**
 * Every verb of the protocol over one stack.
 *
 * What opens and closes layers is done one after the other; whatever only looks goes on meanwhile.
 */

import { type LayerInput, Refusal, type Verbs } from '../protocol.ts';
import { deviceOf } from './banks.ts';
import { fetchedInput } from './fetching.ts';
import { found } from './found.ts';
import { compared, kept, linted, listed, pathOf, pieceOf, placeOf } from './looks.ts';
import { Stack } from './stack.ts';
import type { Task } from './task.ts';
import { usageOf } from './usage.ts';

/** Each verb, with the call that it is done for. */
export type Acts = {
  readonly [V in keyof Verbs]: (
    task: Task,
    ...given: Parameters<Verbs[V]>
  ) => ReturnType<Verbs[V]> | Promise<ReturnType<Verbs[V]>>;
};

const GZIP = 'application/gzip';
const BYTES = 'application/octet-stream';

/** The verbs over `stack`. */
export function actsOn(stack: Stack): Acts {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => T | Promise<T>): Promise<T> => {
    const turn = last.then(act);
    // Whoever asked for it hears of its failure.
    last = turn.catch(() => {});
    return turn;
  };
  return {
    fetch: (task, address, port) => fetchedInput(address, port, task),
    open: (task, input, key) => inTurn(() => stack.add(input, key, task)),
    close: (_task, id) => inTurn(() => stack.remove(id)),
    reset: () => inTurn(() => stack.clear()),
    layers: () => stack.rows(),
    list: (_task, path, from, count) => listed(stack.vfs, path, from, count),
    place: (_task, path) => placeOf(stack.vfs, path),
    search: (task, text, where) => found(stack.vfs, text, where, task),
    why: (_task, path) => stack.vfs.why(pathOf(stack.vfs, path)),
    piece: (_task, path, offset, length) => pieceOf(stack.vfs, path, offset, length),
    write: (_task, path, text) => stack.vfs.fs.writeFileSync(pathOf(stack.vfs, path), text),
    space: () => stack.vfs.vdf(),
    resize: (_task, name, bytes) => resize(stack, name, bytes),
    usage: (_task, path) => usageOf(stack.vfs, path),
    lint: (task) => linted(stack, task),
    kept: () => kept(stack),
    compare: (task, older, key) => comparedWith(stack, older, key, task),
    fileOf: (_task, path) => blobOf(stack.vfs.fs.readFileSync(pathOf(stack.vfs, path)), BYTES),
    stateOf: async () => blobOf(await (stack.host ?? stack.vfs).backup(), GZIP),
    deviceOf: async (task) => blobOf(await deviceOf(stack.host!, task), BYTES),
  };
}

/** Sets a limit; of one that cannot be, says why in the words of whoever typed it. */
function resize({ vfs }: Stack, name: string, bytes: number): void {
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new Refusal(`The limit of ${name} stays: it takes a number of MiB.`);
  }
  const { usedBytes } = vfs.vdf().ramdisks.find((ramdisk) => ramdisk.name === name)!;
  if (bytes < usedBytes) {
    const held = `${name} holds ${usedBytes} bytes`;
    throw new Refusal(`The limit of ${name} stays: ${held}, and a limit is no less than that.`);
  }
  vfs.ramdisks.resize(name, { size: bytes });
}

async function comparedWith(stack: Stack, older: LayerInput, key: string | null, task: Task) {
  const other = new Stack();
  try {
    await other.add(older, key, task);
    return await compared(other.vfs, stack.vfs, older.name, task);
  } finally {
    other.clear();
  }
}

function blobOf(bytes: Uint8Array, type: string): Blob {
  // The engine's own bytes are over no shared memory.
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
}
