/**
 * Attacks the turns that answers take: whoever asks again as soon as he is answered must not keep
 * the event loop from everybody else, and nobody is answered before those who asked before him.
 *
 * Other people's business is one setImmediate, which no loop of answers may keep waiting.
 */

import type node from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { portableRuntime, type Runtime } from '../../src/nodefs/runtime.ts';
import { turns } from '../../src/nodefs/turns.ts';
import { Tree } from '../../src/vfs/tree.ts';

type AnyFs = typeof node;

/** More than anybody would ask before others get their turn. */
const PATIENCE = 20_000;

function faceOn(runtime: Runtime): AnyFs {
  const face = nodeFs(new Tree(), runtime) as unknown as AnyFs;
  face.writeFileSync('/f', new Uint8Array(PATIENCE));
  return face;
}

/** Whether others get their turn while `ask` is done over and over. */
async function givesWay(ask: () => Promise<unknown>): Promise<boolean> {
  let hasHad = false;
  setImmediate(() => {
    hasHad = true;
  });
  for (let count = 0; count < PATIENCE && !hasHad; count++) await ask();
  return hasHad;
}

type Loop = readonly [string, (on: AnyFs) => () => Promise<unknown>];

const LOOPS: readonly Loop[] = [
  ['promises', (on) => () => on.promises.stat('/f')],
  ['refused promises', (on) => () => on.promises.access('/no').catch(() => {})],
  ['callbacks', (on) => () => new Promise((resolve) => on.stat('/f', resolve))],
  ['refused callbacks', (on) => () => new Promise((resolve) => on.access('/no', resolve))],
  ['copies', (on) => () => new Promise((resolve) => on.cp('/f', '/g', resolve))],
];

describe.each([
  ['node', nodeRuntime as unknown as Runtime],
  ['any platform', portableRuntime],
])('on the runtime of %s', (_name, runtime) => {
  test.each(LOOPS)('a loop of %s gives way to others', async (_loop, looping) => {
    expect(await givesWay(looping(faceOn(runtime)))).toBe(true);
  });

  test('a loop over an open file gives way to others', async () => {
    const handle = await faceOn(runtime).promises.open('/f', 'r');
    expect(await givesWay(() => handle.read(new Uint8Array(1), 0, 1, 0))).toBe(true);
    await handle.close();
  });

  test('answers come in the order in which they were asked for', async () => {
    const face = faceOn(runtime);
    const called: number[] = [];
    const promised: number[] = [];
    const order = Array.from({ length: 1000 }, (_, index) => index);
    await Promise.all(
      order.map(async (index) => {
        const isCalled = new Promise<void>((resolve) => {
          face.stat('/f', () => {
            called.push(index);
            resolve();
          });
        });
        await face.promises.stat('/f');
        promised.push(index);
        await isCalled;
      }),
    );
    expect(called).toEqual(order);
    expect(promised).toEqual(order);
  });
});

test('a loop over a directory gives way to others', async () => {
  const face = faceOn(nodeRuntime as unknown as Runtime);
  const ask = async () => {
    for await (const _entry of await face.promises.opendir('/')) break;
  };
  expect(await givesWay(ask)).toBe(true);
});

test('a loop over a stream gives way to others', async () => {
  const face = faceOn(nodeRuntime as unknown as Runtime);
  const chunks = face.createReadStream('/f', { highWaterMark: 1 })[Symbol.asyncIterator]();
  expect(await givesWay(() => chunks.next())).toBe(true);
});

test('what waits is let go when the event loop went round, and what follows is not kept', () => {
  const soon: (() => void)[] = [];
  const later: (() => void)[] = [];
  const { defer, isWaiting } = turns(
    (task) => soon.push(task),
    (task) => later.push(task),
  );
  for (let count = 0; count < 1000; count++) defer(() => {});
  expect(later.length, 'one round for all who wait').toBe(1);
  expect(soon.length).toBeLessThan(1000);
  expect(isWaiting()).toBe(true);
  later[0]!();
  expect(soon.length).toBe(1000);
  expect(isWaiting()).toBe(false);
});
