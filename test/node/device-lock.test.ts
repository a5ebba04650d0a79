// The lock of a device: one change at a time, and nobody waits for a process that is dead.

import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { deviceLock, whileLocked } from '../../src/node.ts';

const root = mkdtempSync(join(tmpdir(), 'visorfs-lock-'));
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;
let device = '';
beforeEach(() => {
  device = join(root, String(++count));
  mkdirSync(device);
});

test('changes are made one after the other, each with what the one before left', async () => {
  const steps: string[] = [];
  const change = (name: string) => async (): Promise<void> => {
    steps.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    steps.push(`${name} ends`);
  };
  await Promise.all([whileLocked(device, change('one')), whileLocked(device, change('other'))]);
  const [first, second] = steps[0] === 'one begins' ? ['one', 'other'] : ['other', 'one'];
  expect(steps).toEqual(
    [first, first, second, second].map((name, index) => {
      return `${name} ${index % 2 === 0 ? 'begins' : 'ends'}`;
    }),
  );
  expect(existsSync(deviceLock(device))).toBe(false);
});

test('whoever waited for too long is told so, and whoever holds it goes on', async () => {
  await whileLocked(device, async () => {
    const waits: number[] = [];
    const options = { patienceMs: 0, onWait: (ms: number) => waits.push(ms) };
    const act = async (): Promise<void> => expect.unreachable();
    await expect(whileLocked(device, act, options)).rejects.toMatchObject({
      code: 'EBUSY',
      syscall: 'lock',
      path: device,
    });
    expect(waits).toEqual([]);
  });
});

test('a lock that a killed process left is taken over', async () => {
  const lock = deviceLock(device);
  mkdirSync(lock);
  const longAgo = Date.now() / 1000 - 60;
  utimesSync(lock, longAgo, longAgo);
  expect(await whileLocked(device, async () => 'changed', { patienceMs: 0 })).toBe('changed');
  expect(existsSync(lock)).toBe(false);
});

test('a change that fails gives the lock back; what is not there has none', async () => {
  const failing = async (): Promise<void> => {
    throw new Error('no luck');
  };
  await expect(whileLocked(device, failing)).rejects.toThrow('no luck');
  expect(existsSync(deviceLock(device))).toBe(false);
  await expect(whileLocked(join(root, 'none'), failing)).rejects.toMatchObject({ code: 'ENOENT' });
});
